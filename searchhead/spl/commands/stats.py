"""``stats [<option>=<value> …] <function>(<field>) [AS <name>] … [BY <field> …]``: one row a group.

Options are allnum, delim, partitions and dedup_splitvals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from searchhead.spl.arguments import Reader, boolean, integer, options, string
from searchhead.spl.commands.mvcombine import Delimited
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.grouping import Grouping, Groups, all_numbers, compile_grouping
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Operator
from searchhead.spl.values import Row

_OPTIONS: dict[str, Reader] = {
    "allnum": boolean,
    "delim": string,
    # How many threads Splunk takes, which changes nothing here.
    "partitions": integer,
    "dedup_splitvals": boolean,
}


def compile_stats(cursor: Cursor, compilation: Compilation) -> Plan:
    """Without BY there is one row, also for no rows at all; null results are left out of it.

    Unlike Splunk it runs in one thread, so that partitions changes nothing.

    ``delim`` shows where a multivalue that list() or values() gave becomes one text, as in nomv.
    """
    given: dict[str, Any] = {}
    grouping = compile_grouping(
        cursor, compilation.environment, lambda: given.update(options(cursor, "stats", _OPTIONS))
    )
    if given.get("allnum"):
        grouping = all_numbers(grouping)
    grouping = replace(grouping, dedup_splitvals=given.get("dedup_splitvals", False))
    return Plan(lambda: _Stats(grouping, given.get("delim")))


class _Stats(Operator):
    def __init__(self, grouping: Grouping, delimiter: str | None) -> None:
        self._groups = Groups(grouping)
        self._by = frozenset(grouping.by)
        self._delimiter = delimiter

    def process(self, rows: Iterable[Row]) -> Iterable[Row]:
        self._groups.add(rows)
        return ()

    def finish(self) -> Iterable[Row]:
        results = self._groups.results()
        return results if self._delimiter is None else self._delimited(results, self._delimiter)

    def _delimited(self, rows: Iterable[Row], delimiter: str) -> Iterator[Row]:
        for row in rows:
            for name, value in row.items():
                if isinstance(value, list) and name not in self._by:
                    row[name] = Delimited(value, delimiter)
            yield row
