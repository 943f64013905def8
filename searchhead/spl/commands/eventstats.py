"""``eventstats [allnum=<bool>] <function>(<field>) [AS <name>] … [BY <field> …]``: statistics beside each row."""

from __future__ import annotations

from collections.abc import Iterable

from searchhead.spl.arguments import boolean, options
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.grouping import Grouping, Groups, all_numbers, compile_grouping
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Operator
from searchhead.spl.values import Row, Value, put


def compile_eventstats(cursor: Cursor, compilation: Compilation) -> Plan:
    """All rows pass, in order; one that lacks a field of BY passes without statistics."""
    given: dict[str, bool] = {}

    def read_options() -> None:
        given.update(options(cursor, "eventstats", {"allnum": boolean}))

    grouping = compile_grouping(cursor, compilation.environment, read_options)
    if given.get("allnum"):
        grouping = all_numbers(grouping)
    return Plan(lambda: _Eventstats(grouping))


class _Eventstats(Operator):
    def __init__(self, grouping: Grouping) -> None:
        self._groups = Groups(grouping)
        self._rows: list[Row] = []

    def process(self, rows: Iterable[Row]) -> Iterable[Row]:
        kept = list(rows)
        self._rows.extend(kept)
        self._groups.add(kept)
        return ()

    def finish(self) -> Iterable[Row]:
        results: dict[tuple[str, ...], dict[str, Value | None]] = {}
        for row in self._rows:
            # Assumed: a row with a multivalue in BY gets the statistics of the group of its first values.
            for key in list(self._groups.keys(row))[:1]:
                if key not in results:
                    results[key] = self._groups.result(key)
                for name, value in results[key].items():
                    put(row, name, value)
            yield row
