"""``makeresults [count=<n>]``: rows that have nothing but the present time."""

from __future__ import annotations

from collections.abc import Iterable

from searchhead.spl.arguments import end, integer, options
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Operator
from searchhead.spl.values import Row


def compile_makeresults(cursor: Cursor, compilation: Compilation) -> Plan:
    """One row by default."""
    count = options(cursor, "makeresults", {"count": integer}).get("count", 1)
    end(cursor)
    now = compilation.environment.now
    return Plan(lambda: _Makeresults(count, now), generating=True)


class _Makeresults(Operator):
    def __init__(self, count: int, now: float) -> None:
        self._count = count
        self._now = now

    def process(self, rows: Iterable[Row]) -> Iterable[Row]:
        return rows

    def finish(self) -> Iterable[Row]:
        return ({"_time": self._now} for _ in range(self._count))
