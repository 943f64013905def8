"""``table <field> …``: only these fields, in this order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from searchhead.spl.arguments import required_fields
from searchhead.spl.commands.fields import matcher
from searchhead.spl.compiling import Compilation, Plan, streaming
from searchhead.spl.lexer import Cursor
from searchhead.spl.values import Row


def compile_table(cursor: Cursor, _compilation: Compilation) -> Plan:
    """A wildcard stands for the fields it matches, in the order of the row."""
    columns = [(name, matcher([name]) if "*" in name else None) for name in required_fields(cursor, wildcards=True)]

    def process(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            shown: Row = {}
            for name, matches in columns:
                if matches is not None:
                    shown.update((field, value) for field, value in row.items() if matches(field))
                elif name in row:
                    shown[name] = row[name]
            yield shown

    return streaming(process)
