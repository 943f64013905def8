"""``rename <field> AS <name> [, …]``: give fields other names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from searchhead.spl.arguments import end, field_name
from searchhead.spl.compiling import Compilation, Plan, streaming
from searchhead.spl.lexer import Cursor
from searchhead.spl.values import Row


def compile_rename(cursor: Cursor, _compilation: Compilation) -> Plan:
    """Renames take effect from left to right (assumed). A missing field empties the one it would have become."""
    renames: list[Callable[[Row], None]] = []
    olds: set[str] = set()
    while True:
        old_token = cursor.peek()
        old = field_name(cursor, wildcards=True, results=True)
        if old in olds:
            cursor.fail(f"{old} cannot get several names; copy it with eval", old_token)
        olds.add(old)
        if not cursor.take_keyword("AS"):
            cursor.fail("expected AS and the new name")
        new_token = cursor.peek()
        new = field_name(cursor, wildcards=True)
        if old.count("*") != new.count("*"):
            cursor.fail("the old and the new name need the same number of wildcards", new_token)
        renames.append(_wild(old, new) if "*" in old else _plain(old, new))
        cursor.take_symbol(",")
        if cursor.peek().kind == "end":
            break
    end(cursor)

    def process(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            for rename in renames:
                rename(row)
            yield row

    return streaming(process)


def _plain(old: str, new: str) -> Callable[[Row], None]:
    def rename(row: Row) -> None:
        value = row.pop(old, None)
        if value is None:
            row.pop(new, None)
        else:
            row[new] = value

    return rename


def _wild(old: str, new: str) -> Callable[[Row], None]:
    pattern = re.compile("(.*)".join(re.escape(part) for part in old.split("*")), re.DOTALL)
    template = new.split("*")

    def rename(row: Row) -> None:
        for name in list(row):
            # Assumed: as in fields and table, a wildcard at the beginning does not reach internal fields.
            match = pattern.fullmatch(name) if name[:1] != "_" or old[0] == "_" else None
            if match:
                pieces = zip(template, (*match.groups(), ""), strict=True)
                row["".join(part for piece in pieces for part in piece)] = row.pop(name)

    return rename
