"""What a command sees while it is compiled, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from searchhead.spl.lexer import Cursor, Token, closing_bracket, closing_quote
from searchhead.spl.operators import Environment, Operator, Streaming
from searchhead.spl.values import Row

if TYPE_CHECKING:
    from searchhead.spl.evaluation import Expression


@dataclass(frozen=True)
class Plan:
    """A compiled command.

    ``start`` gives a fresh operator for a run. ``generating`` commands make rows of their own instead of taking some.
    ``could_match`` tells of an event that has its default fields only whether it may pass the command; None: it may.
    """

    start: Callable[[], Operator]
    generating: bool = False
    could_match: Callable[[Row], bool] | None = None


@dataclass
class Compilation:
    """What the commands of one pipeline share while they are compiled.

    ``leading`` is true for the first command. ``formats`` collects what ``fieldformat`` says. ``subsearch`` compiles
    the text between the brackets of a token and gives a function that runs it and gives its rows.
    """

    environment: Environment
    subsearch: Callable[[Cursor, Token], Callable[[], list[Row]]]
    leading: bool = False
    formats: dict[str, Expression] = field(default_factory=dict)


Command = Callable[[Cursor, Compilation], Plan]
"""Compiles what follows the name of a command; the cursor ends where the command ends."""


def streaming(function: Callable[[Iterable[Row]], Iterable[Row]]) -> Plan:
    """The plan of a command that turns each row into rows without looking at others."""
    return Plan(lambda: Streaming(function))


def split_at_pipes(spl: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """The spans between pipes; a pipe in quotes or brackets does not count."""
    stop = len(spl) if end is None else end
    spans, at = [], start
    while at < stop:
        if spl[at] == '"':
            at = closing_quote(spl, at, stop)
        elif spl[at] == "[":
            at = closing_bracket(spl, at, stop)
        elif spl[at] == "|":
            spans.append((start, at))
            start = at + 1
        at += 1
    return [*spans, (start, stop)]
