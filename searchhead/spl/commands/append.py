"""``append [<option>=<value> …] [<subsearch>]``: the rows of a subsearch after those of the search.

Options are maxout, maxtime, timeout and extendtimerange.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from searchhead.spl.arguments import boolean, end, integer, options
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.lexer import Cursor, Token
from searchhead.spl.operators import Operator
from searchhead.spl.values import Row

if TYPE_CHECKING:
    from searchhead.spl.pipeline import Search

# maxtime and timeout bound what Splunk's servers do, extendtimerange the range that its events are read from; here the
# events and their range are given.
SUBSEARCH_OPTIONS: dict[str, Callable[[Cursor, Token], Any]] = {
    "extendtimerange": boolean,
    "maxout": integer,
    "maxtime": integer,
    "timeout": integer,
}
_MAXOUT = 50_000  # Search Reference, append

Rows = Callable[[], list[Row]]


def subsearch_rows(cursor: Cursor, compilation: Compilation, command: str, maxout: int = _MAXOUT) -> Rows:
    """Read the subsearch in brackets that ends a command; what it gives runs it and gives its rows, at most maxout."""
    token = cursor.next()
    if token.kind != "subsearch":
        cursor.fail(f"{command} needs a subsearch in square brackets", token)
    run = compilation.subsearch(cursor, token)
    end(cursor)
    warn = compilation.environment.warn

    return lambda: _bounded(run(), maxout, command, warn)


def compile_append(cursor: Cursor, compilation: Compilation) -> Plan:
    """At most 50,000 rows by default, as in Splunk.

    Unlike Splunk it sets no bound to time and no range of its own, so that maxtime, timeout and extendtimerange change
    nothing. A subsearch over events gets them while the search gets its own.
    """
    given = options(cursor, "append", SUBSEARCH_OPTIONS)
    maxout = given.get("maxout", _MAXOUT)
    token = cursor.peek()
    beside = compilation.beside(cursor, token) if token.kind == "subsearch" else None
    if beside is None:
        rows = subsearch_rows(cursor, compilation, "append", maxout)
        return Plan(lambda: _Append(rows))
    cursor.next()
    end(cursor)
    return _beside(beside, maxout, compilation.environment.warn)


def _beside(search: Search, maxout: int, warn: Callable[[str], None]) -> Plan:
    return Plan(
        lambda: _AppendEvents(search, maxout, warn),
        could_match=search.could_match,
        text_needs=search.text_needs,
        reads_events=True,
        time_range=search.time_range,
    )


def _bounded(rows: list[Row], maxout: int, command: str, warn: Callable[[str], None]) -> list[Row]:
    if len(rows) > maxout:
        warn(f"the subsearch of {command} gave {len(rows)} rows, only the first {maxout} count")
    return rows[:maxout]


class _Append(Operator):
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def process(self, rows: Iterable[Row]) -> Iterable[Row]:
        return rows

    def finish(self) -> Iterable[Row]:
        return self._rows()


class _AppendEvents(Operator):
    """Appends what a search finds in the events that it is offered while they come."""

    def __init__(self, search: Search, maxout: int, warn: Callable[[str], None]) -> None:
        self._search = search
        self._run = search.start()
        self._maxout = maxout
        self._warn = warn
        self._found: list[Row] = []

    def process(self, rows: Iterable[Row]) -> Iterable[Row]:
        return rows

    def read(self, events: Iterable[Row]) -> Iterable[Row]:
        own = [dict(event) for event in events if self._search.could_match(event)]
        self._found.extend(self._run.feed(own))
        return ()

    def finish(self) -> Iterable[Row]:
        self._found.extend(self._run.finish())
        return _bounded(self._found, self._maxout, "append", self._warn)

    def close(self) -> None:
        self._run.close()
