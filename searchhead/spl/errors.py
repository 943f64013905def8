"""Errors about search language text: each shows the text and points at the place."""

from __future__ import annotations

_WIDTH = 100


class SplError(Exception):
    """The search text is wrong or cannot be run.

    ``message`` says what is wrong and what to do, ``spl`` is the text (macros expanded), ``start`` and ``end`` the
    span of the offending part. ``place`` names where the text stands (conf file, line, stanza) once that is known.
    """

    def __init__(self, message: str, spl: str, start: int, end: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.spl = spl
        self.start = min(start, len(spl))
        self.end = max(self.start + 1, end if end is not None else start + 1)
        self.place: str | None = None

    def __str__(self) -> str:
        """Message, the line of the text, and a caret below the offending part."""
        line_start = self.spl.rfind("\n", 0, self.start) + 1
        line_end = self.spl.find("\n", self.start)
        line = self.spl[line_start : len(self.spl) if line_end < 0 else line_end]
        column = self.start - line_start
        cut = max(0, column - _WIDTH // 2)
        shown = line[cut : cut + _WIDTH].replace("\t", " ")
        carets = "^" * max(1, min(self.end - self.start, len(shown) - (column - cut)))
        where = f"{self.place}: " if self.place else ""
        return f"{where}{self.message}\n    {shown}\n    {' ' * (column - cut)}{carets}"


class UnsupportedSpl(SplError):
    """A command, option, function or form that the embedded search head does not know: refused, never skipped."""
