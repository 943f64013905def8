"""What the docstrings of the search head say, as Markdown.

The docstring of a command's module begins in one form: its grammar, or several joined by "or", in double backticks, a
colon, and what the command is for. A further grammar may stand in a paragraph of the same form that begins with "Or".
Options that the grammar writes as ``<option>=<value>`` are named in a sentence "Options are a, b and c". A paragraph
that begins with "Unlike Splunk" tells of a difference.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from inspect import cleandoc
from pathlib import Path
from textwrap import dedent

_HEAD = re.compile(r"(?P<grammar>``[^`]+``(?: or ``[^`]+``)*): (?P<purpose>.+)", re.DOTALL)
_CODE = re.compile(r"``(.+?)``", re.DOTALL)
_OPTION_IN_GRAMMAR = re.compile(r"(?<![\w>.])([a-z_]+)=")
_OPTIONS = re.compile(r"Options are ((?:\w+, )*\w+(?: and \w+)?)")
_NAMED = re.compile(r"``(\w+)(?:\([^`]*\))?``")
_DIFFERENCE = "Unlike Splunk"


class NotInForm(ValueError):
    """A docstring of a command's module does not begin with its grammar."""


@dataclass(frozen=True)
class Usage:
    """What the docstring of a command's module says: its grammars, what it is for, its options, and all the rest."""

    grammars: tuple[str, ...]
    purpose: str
    options: tuple[str, ...]
    notes: str


def usage(docstring: str) -> Usage:
    """Read the docstring of a command's module; raises NotInForm."""
    first, *others = paragraphs(docstring)
    heads = [_HEAD.fullmatch(first), *(_HEAD.fullmatch(one.removeprefix("Or ")) for one in others if one[:3] == "Or ")]
    grammars: list[str] = []
    for head in heads:
        if head is None:
            raise NotInForm(f"expected ``<grammar>``: <purpose>, found {first!r}")
        grammars += map(_joined, _CODE.findall(head["grammar"]))
    options = [name for grammar in grammars for name in _OPTION_IN_GRAMMAR.findall(grammar)]
    for named in _OPTIONS.findall(_joined(" ".join(others))):
        options += re.split(r" and |, ", named)
    purposes = [_joined(head["purpose"]) for head in heads if head]
    notes = [one for one in others if not one.startswith((_DIFFERENCE, "Or "))]
    return Usage(tuple(grammars), " Or: ".join(purposes), tuple(dict.fromkeys(options)), "\n\n".join(notes))


def paragraphs(docstring: str) -> list[str]:
    """The paragraphs of a docstring; a block that is indented keeps its lines."""
    return [part for part in re.split(r"\n\s*\n", cleandoc(docstring)) if part.strip()]


def functions_by_name(folder: Path) -> dict[str, str]:
    """What docstrings of functions say of the things named at their beginning: ``name``, or ``name(arguments)``."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.py")):
        for _node, docstring in _docstrings(path):
            head, colon, _text = docstring.partition("``: ")
            if colon and docstring.startswith("``"):
                found |= dict.fromkeys(_NAMED.findall(f"{head}``"), docstring)
    return found


def differences(folder: Path) -> list[tuple[str, str]]:
    """The names of modules with the paragraphs, in Markdown, that tell of a difference to Splunk."""
    found = []
    for path in sorted(folder.rglob("*.py")):
        name = (path.parent.name if path.stem == "__init__" else path.stem).rstrip("_")
        for _node, docstring in _docstrings(path):
            found += [(name, markdown(one)) for one in paragraphs(docstring) if one.startswith(_DIFFERENCE)]
    return found


def _docstrings(path: Path) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            docstring = ast.get_docstring(node)
            if docstring:
                yield node, docstring


def markdown(docstring: str) -> str:
    """A docstring as Markdown: double backticks as single ones, indented blocks fenced, every paragraph one line."""
    return "\n\n".join(_block(part) for part in paragraphs(docstring))


def _block(paragraph: str) -> str:
    if paragraph.startswith("    "):
        return f"```\n{dedent(paragraph)}\n```"
    text = _joined(paragraph)
    parts = _CODE.split(text[:-1] if text.endswith("::") else text)
    # Text and code take turns. Only in text does Markdown see marks where none are meant.
    return "".join(f"`{part}`" if at % 2 else re.sub(r"([<*])", r"\\\1", part) for at, part in enumerate(parts))


def _joined(text: str) -> str:
    return " ".join(text.split())
