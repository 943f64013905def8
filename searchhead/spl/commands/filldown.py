"""``filldown [<field> …]``: the last value that a field had, for nulls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from searchhead.spl.arguments import end, field_list
from searchhead.spl.commands.fields import matcher
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Operator
from searchhead.spl.values import Row, Value


def compile_filldown(cursor: Cursor, _compilation: Compilation) -> Plan:
    """Fields may have wildcards; without any all are filled, but for internal ones (assumed)."""
    patterns = field_list(cursor, wildcards=True) or ["*"]
    end(cursor)
    return Plan(lambda: _Filldown(patterns))


class _Filldown(Operator):
    def __init__(self, patterns: list[str]) -> None:
        self._matches = matcher(patterns)
        self._last: Row = {}

    def process(self, rows: Iterable[Row]) -> Iterator[Row]:
        last, matches = self._last, self._matches
        for row in rows:
            found: dict[str, Value] = {name: value for name, value in row.items() if matches(name)}
            last.update(found)
            for name, value in last.items():
                row.setdefault(name, value)
            yield row
