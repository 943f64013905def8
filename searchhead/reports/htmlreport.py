"""The report as one page: a file that loads nothing, to be read in a browser, printed and sent.

Everything shown comes from logs that an attacker may have written. Two things happen to every value, whether or not the
template thinks of it: characters that act on a screen or on the reading direction become visible escapes, and markup
becomes text. A Content Security Policy lets the page load nothing and run our own script only, by its hash. Values
stand in elements of their own, so that right-to-left text orders nothing but itself.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Any, TextIO

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from searchhead.harmless import printable
from searchhead.hunted import Hunted
from searchhead.reports.reportpage import context

_TEMPLATES = Path(__file__).resolve().parent / "templates"

# How much of a value is shown.
_MOST_OF_VALUE = 4_000

_LINES = re.compile(r"[^\n\t]+")


def write_html(hunted: Hunted, output: TextIO) -> None:
    """Write the page; the same hunt gives the same page."""
    style, script = _part("report.css"), _part("report.js")
    own = {"style": Markup(style), "script": Markup(script)}  # noqa: S704 - files of ours, in which no value stands
    stream = _environment().get_template("report.html").stream(context(hunted), policy=_policy(style, script), **own)
    stream.enable_buffering(1_000)
    for part in stream:
        output.write(part)


def visible(text: str) -> str:
    """The text with every character that is not seen, or acts on what is, shown as an escape; lines and tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    return _LINES.sub(lambda line: printable(line[0]), text)


def _policy(style: str, script: str) -> str:
    """The Content Security Policy: nothing is allowed but this style and this script."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _part(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        finalize=_finalized,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(clipped=_clipped, counted=_counted)
    return environment


def _finalized(value: Any) -> Any:
    """What becomes of each value before it is escaped; markup of our own stays."""
    return value if isinstance(value, Markup) else visible(str(value))


def _clipped(text: str, most: int = _MOST_OF_VALUE) -> str:
    """The text, and how much of it is left out if it is too long to be shown."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text) - most:,} more characters)"


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
