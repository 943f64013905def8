"""``return [<count>] [<alias>=<field>] [<field>] [$<field>] …``: values of a subsearch for the search around it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from searchhead.spl.arguments import at_option, end, field_name, integer
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Operator
from searchhead.spl.values import Row, texts


def compile_return(cursor: Cursor, _compilation: Compilation) -> Plan:
    """``$field`` gives the bare value; by default only the first row counts."""
    count = 1
    if cursor.peek().kind == "word" and cursor.peek().text.isdigit():
        count = integer(cursor, cursor.next())
    wanted: list[tuple[str | None, str]] = []
    while cursor.peek().kind in ("word", "string"):
        if at_option(cursor):
            alias = cursor.next().text
            cursor.next()
            wanted.append((alias, field_name(cursor)))
        elif cursor.peek().text.startswith("$"):
            wanted.append((None, field_name(cursor).removeprefix("$")))
        else:
            name = field_name(cursor)
            wanted.append((name, name))
        cursor.take_symbol(",")
    end(cursor)
    if not wanted:
        cursor.unsupported("return needs a field")
    return Plan(lambda: _Return(count, wanted))


class _Return(Operator):
    def __init__(self, count: int, wanted: list[tuple[str | None, str]]) -> None:
        self._count = count
        self._wanted = wanted
        self._rows: list[Row] = []

    def process(self, rows: Iterable[Row]) -> Iterable[Row]:
        self._rows.extend(islice(rows, self._count - len(self._rows)))
        return ()

    def finish(self) -> Iterable[Row]:
        # Rows that give the same are one. Without any the search text is empty, which holds for all (Search Reference).
        groups = list(dict.fromkeys(group for row in self._rows if (group := " ".join(self._parts(row)))))
        # Assumed: a single row stands without parentheses, so that its bare value can follow a comparison sign.
        text = groups[0] if len(groups) == 1 else " OR ".join(f"({group})" for group in groups)
        return [{"search": text}]

    def _parts(self, row: Row) -> Iterable[str]:
        for alias, name in self._wanted:
            found = texts(row.get(name))
            if alias is not None:
                # The Search Reference: return does not escape quotation marks in values.
                found = [f'{alias}="{value}"' for value in found]
            if len(found) > 1:
                yield f"({' OR '.join(found)})"
            else:
                yield from found
