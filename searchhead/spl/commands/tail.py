"""``tail [<n>]``: the last rows, the very last first."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from searchhead.spl.arguments import end, integer
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Operator
from searchhead.spl.values import Row


def compile_tail(cursor: Cursor, _compilation: Compilation) -> Plan:
    """Ten rows by default."""
    count = integer(cursor, cursor.next()) if cursor.peek().kind == "word" else 10
    end(cursor)
    return Plan(lambda: _Tail(count))


class _Tail(Operator):
    def __init__(self, count: int) -> None:
        self._rows: deque[Row] = deque(maxlen=count)

    def process(self, rows: Iterable[Row]) -> Iterable[Row]:
        self._rows.extend(rows)
        return ()

    def finish(self) -> Iterable[Row]:
        return reversed(self._rows)
