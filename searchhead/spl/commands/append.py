"""``append [<option>=<value> …] [<subsearch>]``: the rows of a subsearch after those of the search.

Options are maxout, maxtime, timeout and extendtimerange.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from searchhead.spl.arguments import boolean, end, integer, options
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.lexer import Cursor, Token
from searchhead.spl.operators import Operator
from searchhead.spl.values import Row

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

    def rows() -> list[Row]:
        found = run()
        if len(found) > maxout:
            warn(f"the subsearch of {command} gave {len(found)} rows, only the first {maxout} count")
        return found[:maxout]

    return rows


def compile_append(cursor: Cursor, compilation: Compilation) -> Plan:
    """At most 50,000 rows by default, as in Splunk.

    Unlike Splunk it sets no bound to time and no range of its own, so that maxtime, timeout and extendtimerange change
    nothing.
    """
    given = options(cursor, "append", SUBSEARCH_OPTIONS)
    rows = subsearch_rows(cursor, compilation, "append", given.get("maxout", _MAXOUT))
    return Plan(lambda: _Append(rows))


class _Append(Operator):
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def process(self, rows: Iterable[Row]) -> Iterable[Row]:
        return rows

    def finish(self) -> Iterable[Row]:
        return self._rows()
