"""``stats <function>(<field>) [AS <name>] … [BY <field> …]``: one row a group."""

from __future__ import annotations

from collections.abc import Iterable

from searchhead.spl.arguments import options
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.grouping import Grouping, Groups, compile_grouping
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Operator
from searchhead.spl.values import Row


def compile_stats(cursor: Cursor, compilation: Compilation) -> Plan:
    """Without BY there is one row, also for no rows at all; null results are left out of it."""
    options(cursor, "stats", {})
    grouping = compile_grouping(cursor, compilation.environment)
    return Plan(lambda: _Stats(grouping))


class _Stats(Operator):
    def __init__(self, grouping: Grouping) -> None:
        self._groups = Groups(grouping)

    def process(self, rows: Iterable[Row]) -> Iterable[Row]:
        self._groups.add(rows)
        return ()

    def finish(self) -> Iterable[Row]:
        return self._groups.results()
