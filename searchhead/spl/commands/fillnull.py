"""``fillnull [value=<text>] [<field> …]``: a value for nulls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from searchhead.spl.arguments import end, field_list, options, string
from searchhead.spl.compiling import Compilation, Plan, streaming
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Collecting
from searchhead.spl.values import Row


def compile_fillnull(cursor: Cursor, _compilation: Compilation) -> Plan:
    """The value is 0 by default. Without fields all fields that any row has are filled, which needs all rows."""
    given = options(cursor, "fillnull", {"value": string})
    fields = field_list(cursor)
    given |= options(cursor, "fillnull", {"value": string})
    end(cursor)
    value = given.get("value", "0")
    if not fields:
        return Plan(lambda: _Fillnull(value))

    def process(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            for name in fields:
                row.setdefault(name, value)
            yield row

    return streaming(process)


class _Fillnull(Collecting):
    def __init__(self, value: str) -> None:
        self._value = value
        super().__init__()

    def finish(self) -> Iterable[Row]:
        # Assumed: internal fields are left alone.
        names = dict.fromkeys(name for row in self._rows for name in row if not name.startswith("_"))
        for row in self._rows:
            for name in names:
                row.setdefault(name, self._value)
        return self._rows
