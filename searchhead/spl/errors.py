"""Errors about search language text: each shows the text and points at the place."""

from __future__ import annotations

from dataclasses import dataclass

_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text stands in a conf file: the file, the line (from 1) and the stanza."""

    file: str
    line: int
    stanza: str

    def below(self, text: str, position: int) -> Place:
        """The place of a position in the text that begins here. In a value every line of the file is a line."""
        return Place(self.file, self.line + text.count("\n", 0, position), self.stanza)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: stanza [{self.stanza}]"


class SplError(Exception):
    """The search text is wrong or cannot be run.

    ``message`` says what is wrong and what to do, ``spl`` is the text, ``start`` and ``end`` the span of the offending
    part. ``place`` names where that part stands, once that is known. ``calls`` are the calls of macros that brought it
    into the search, the innermost first, each with its place; None until the text was traced back.
    """

    def __init__(self, message: str, spl: str, start: int, end: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.spl = spl
        self.start = min(start, len(spl))
        self.end = max(self.start + 1, end if end is not None else start + 1)
        self.place: Place | str | None = None
        self.calls: tuple[tuple[str, Place | None], ...] | None = None

    def __str__(self) -> str:
        """Message, the line of the text, a caret below the offending part, and the macros around it."""
        line_start = self.spl.rfind("\n", 0, self.start) + 1
        line_end = self.spl.find("\n", self.start)
        line = self.spl[line_start : len(self.spl) if line_end < 0 else line_end]
        column = self.start - line_start
        cut = max(0, column - _WIDTH // 2)
        shown = line[cut : cut + _WIDTH].replace("\t", " ")
        carets = "^" * max(1, min(self.end - self.start, len(shown) - (column - cut)))
        where = f"{self.place}: " if self.place else ""
        lines = [f"{where}{self.message}", f"    {shown}", f"    {' ' * (column - cut)}{carets}"]
        for call, place in self.calls or ():
            lines.append(f"    from {_one_line(call)}" + (f" at {place}" if place else ""))
        return "\n".join(lines)


def _one_line(call: str) -> str:
    text = " ".join(call.split())
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]}…"


class UnsupportedSpl(SplError):
    """A command, option, function or form that the embedded search head does not know: refused, never skipped."""
