"""Pieces of Markdown that several generated pages are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown; a bar in a cell is text."""
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def anchor(heading: str) -> str:
    """What a heading is called in a link: lower case, without punctuation, ``-`` for a blank, as GitHub does it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def plain(text: str) -> str:
    """A text of several lines as one."""
    return " ".join(text.split())


def prose(text: str) -> str:
    """A text that is not Markdown, as one line of it: stars and angle brackets are text."""
    return re.sub(r"([<*])", r"\\\1", plain(text))
