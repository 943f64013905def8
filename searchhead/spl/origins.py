"""Text that was put together from several places, and the way back from a position in it to where it was written."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from searchhead.spl.errors import Place, SplError


@dataclass(frozen=True, slots=True)
class Origin:
    """A text as somebody wrote it: a whole search, or the definition of a search macro.

    ``place`` is where it begins, None where nobody knows. ``macro`` is the key of the macro, None for a search. A
    macro was called in the text ``caller``, at the span ``start`` to ``end``.
    """

    text: str
    place: Place | None
    macro: str | None = None
    caller: Origin | None = None
    start: int = 0
    end: int = 0

    @property
    def macros(self) -> tuple[str, ...]:
        """The macros that this text is in, the outermost first."""
        if self.caller is None:
            return ()
        return (*self.caller.macros, self.macro or "")

    def at(self, position: int) -> Place | None:
        """The place of a position in the text."""
        return self.place.below(self.text, position) if self.place else None


Part = tuple[str, Origin, int]
"""A piece of text, its origin, and the position there."""


class Traced:
    """A text, and for each of its parts the origin and the position there."""

    __slots__ = ("_parts", "_starts", "text")

    def __init__(self, parts: Iterable[Part]) -> None:
        kept = [part for part in parts if part[0]]
        self.text = "".join(text for text, _, _ in kept)
        self._parts = kept
        self._starts: list[int] = []
        start = 0
        for text, _, _ in kept:
            self._starts.append(start)
            start += len(text)

    @classmethod
    def whole(cls, origin: Origin) -> Traced:
        """All of an origin's text."""
        return cls([(origin.text, origin, 0)])

    def parts(self, start: int, end: int) -> Iterable[Part]:
        """The parts between two positions."""
        for index in range(max(0, bisect_right(self._starts, start) - 1), bisect_left(self._starts, end)):
            text, origin, at = self._parts[index]
            skipped = max(0, start - self._starts[index])
            yield text[skipped : end - self._starts[index]], origin, at + skipped

    def find(self, position: int) -> tuple[Origin, int] | None:
        """The origin of a position, and the position there; at the end that of the end. None for no text at all."""
        if not self._parts:
            return None
        index = bisect_right(self._starts, position) - 1
        _, origin, at = self._parts[index]
        return origin, at + position - self._starts[index]

    def macros(self, position: int) -> tuple[str, ...]:
        """The macros that a position is in, the outermost first."""
        found = self.find(position)
        return found[0].macros if found else ()

    def locate(self, error: SplError) -> None:
        """Let an error in this text show, and name, the text in which the wrong part was written."""
        found = self.find(error.start)
        if error.calls is not None or error.spl != self.text or found is None:
            return
        origin, start = found
        error.end = min(start + error.end - error.start, max(len(origin.text), start + 1))
        error.spl, error.start = origin.text, start
        error.place = origin.at(start)
        calls = []
        while origin.caller is not None:
            calls.append((origin.caller.text[origin.start : origin.end], origin.caller.at(origin.start)))
            origin = origin.caller
        error.calls = tuple(calls)
