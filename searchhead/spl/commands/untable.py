"""``untable <x> <y name> <y data>``: one row for each column; the opposite of ``xyseries``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from searchhead.spl.arguments import required_fields
from searchhead.spl.compiling import Compilation, Plan, streaming
from searchhead.spl.lexer import Cursor
from searchhead.spl.values import Row


def compile_untable(cursor: Cursor, _compilation: Compilation) -> Plan:
    """Each row gives one for each of its fields but x and internal ones; nulls give none (assumed)."""
    token = cursor.peek()
    fields = required_fields(cursor)
    if len(fields) != 3:
        cursor.fail("untable needs three fields: x, the name of the column, its data", token)
    x, label, data = fields

    def process(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            for name, value in row.items():
                # Assumed: a row without x gives none either.
                if name != x and not name.startswith("_") and x in row:
                    yield {x: row[x], label: name, data: value}

    return streaming(process)
