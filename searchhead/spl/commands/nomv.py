"""``nomv <field>``: a multivalue as one text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from searchhead.spl.arguments import end, field_name
from searchhead.spl.commands.mvcombine import Delimited
from searchhead.spl.compiling import Compilation, Plan, streaming
from searchhead.spl.lexer import Cursor
from searchhead.spl.values import Row


def compile_nomv(cursor: Cursor, _compilation: Compilation) -> Plan:
    """A line break stands between the values, or what ``mvcombine`` was told to put there."""
    name = field_name(cursor)
    end(cursor)

    def process(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            value = row.get(name)
            if isinstance(value, list):
                row[name] = (value.delimiter if isinstance(value, Delimited) else "\n").join(value)
            yield row

    return streaming(process)
