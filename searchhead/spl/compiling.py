"""What a command sees while it is compiled, and what it gives back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from searchhead.spl.lexer import Cursor, Token, closing_bracket, closing_quote
from searchhead.spl.operators import Environment, Operator, Streaming
from searchhead.spl.timeranges import TimeRange
from searchhead.spl.values import Row

if TYPE_CHECKING:
    from searchhead.spl.evaluation import Expression
    from searchhead.spl.pipeline import Search


@dataclass(frozen=True)
class Plan:
    """A compiled command.

    ``start`` gives a fresh operator for a run. ``generating`` commands make rows of their own instead of taking some.
    ``could_match`` tells of an event of which only default fields are known, all or some of them, whether it may pass
    the command; None: it may. ``text_needs`` gives the texts, in lower case, of which an event with these default
    fields must hold at least one to pass; None: nothing is needed. ``fields`` are those that decide if a row passes.
    ``reads`` and ``writes`` are the names of lookups. A command that ``reads_events`` is offered events by itself
    (``Operator.read``), wherever it stands; ``could_match`` and ``text_needs`` then tell which it wants. One that
    ``streams`` lets rows go as they come. ``time_range`` is the one that a command sets for the events that it takes;
    None: that of the run.
    """

    start: Callable[[], Operator]
    generating: bool = False
    could_match: Callable[[Row], bool] | None = None
    text_needs: Callable[[Row], frozenset[str] | None] | None = None
    fields: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    reads_events: bool = False
    streams: bool = False
    time_range: TimeRange | None = None


@dataclass(frozen=True)
class Inner:
    """A compiled subsearch: a call runs it and gives its rows.

    They are ``constant`` where it makes them of nothing, no events and no lookup: then it can run at any time.
    """

    run: Callable[[], list[Row]]
    constant: bool = False

    def __call__(self) -> list[Row]:
        """Its rows."""
        return self.run()


class Subsearch(Protocol):
    """What compiles a subsearch."""

    def __call__(self, cursor: Cursor, token: Token, *, early: bool = False) -> Inner:
        """Give what runs the text between the brackets of the token."""


@dataclass
class Compilation:
    """What the commands of one pipeline share while they are compiled.

    ``leading`` is true for the first command. ``formats`` collects what ``fieldformat`` says. ``subsearch`` compiles
    the text between the brackets of a token and gives a function that runs it and gives its rows; ``early`` says that
    it runs when the command starts. ``subpipeline`` does the same for commands that are given rows. ``beside`` compiles
    a subsearch over events that is fed while the search is; None if it can run by itself.
    """

    environment: Environment
    subsearch: Subsearch
    subpipeline: Callable[[Cursor, Token], Callable[[Iterable[Row]], list[Row]]]
    beside: Callable[[Cursor, Token], Search | None]
    leading: bool = False
    formats: dict[str, Expression] = field(default_factory=dict)


Command = Callable[[Cursor, Compilation], Plan]
"""Compiles what follows the name of a command; the cursor ends where the command ends."""


def streaming(
    function: Callable[[Iterable[Row]], Iterable[Row]],
    *,
    fields: Iterable[str] = (),
    reads: Iterable[str] = (),
) -> Plan:
    """The plan of a command that turns each row into rows without looking at others."""
    return Plan(lambda: Streaming(function), fields=frozenset(fields), reads=frozenset(reads), streams=True)


_MARK = re.compile(r'["\[|]')


def split_at_pipes(spl: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """The spans between pipes; a pipe in quotes or brackets does not count."""
    stop = len(spl) if end is None else end
    spans, at = [], start
    while (mark := _MARK.search(spl, at, stop)) is not None:
        at = mark.start()
        if mark[0] == '"':
            at = closing_quote(spl, at, stop)
        elif mark[0] == "[":
            at = closing_bracket(spl, at, stop)
        else:
            spans.append((start, at))
            start = at + 1
        at += 1
    return [*spans, (start, stop)]


@dataclass(frozen=True)
class Text:
    """A part of the text of a search, from ``start`` to before ``stop``, or to its end."""

    spl: str
    start: int = 0
    stop: int | None = None

    @property
    def end(self) -> int:
        """Where the part ends."""
        return len(self.spl) if self.stop is None else self.stop

    def commands(self) -> list[Text]:
        """The parts between pipes."""
        return [Text(self.spl, *span) for span in split_at_pipes(self.spl, self.start, self.end)]

    def __str__(self) -> str:
        return self.spl[self.start : self.end].strip()
