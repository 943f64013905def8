"""``mvexpand <field> [limit=<n>]``: one row for each value of a multivalue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from searchhead.spl.arguments import end, field_name, integer, options
from searchhead.spl.compiling import Compilation, Plan, streaming
from searchhead.spl.lexer import Cursor
from searchhead.spl.values import Row


def compile_mvexpand(cursor: Cursor, _compilation: Compilation) -> Plan:
    """A row without the field passes as it is (assumed). limit=0, the default, is no limit."""
    given = options(cursor, "mvexpand", {"limit": integer})
    token = cursor.peek()
    name = field_name(cursor)
    if name.startswith("_"):
        cursor.fail("mvexpand does not expand internal fields", token)
    given |= options(cursor, "mvexpand", {"limit": integer})
    end(cursor)
    limit = given.get("limit", 0)

    def process(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            value = row.get(name)
            if isinstance(value, list):
                for one in value[:limit] if limit else value:
                    yield {**row, name: one}
            else:
                yield row

    return streaming(process)
