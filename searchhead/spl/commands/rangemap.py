"""``rangemap field=<field> [<name>=<from>-<to> …] [default=<text>]``: the field ``range`` names where a number lies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from searchhead.spl.arguments import at_option, end, value
from searchhead.spl.compiling import Compilation, Plan, streaming
from searchhead.spl.lexer import Cursor
from searchhead.spl.values import Row, multivalue, number, put

_NUMBER = r"-?(?:\d+(?:\.\d*)?|\.\d+)"
_RANGE = re.compile(rf"({_NUMBER})-({_NUMBER})", re.ASCII)


def compile_rangemap(cursor: Cursor, _compilation: Compilation) -> Plan:
    """Both ends belong to a range; of several ranges that hold the number all are named, in their order.

    What lies in none gets the default, the text None if it is not given; so does what is no number (assumed).
    """
    field, default = "", "None"
    ranges: list[tuple[str, float, float]] = []
    start = cursor.peek()
    while at_option(cursor):
        name = cursor.next().text
        cursor.next()
        token = value(cursor)
        if name.lower() == "field":
            field = token.text
        elif name.lower() == "default":
            default = token.text
        else:
            match = _RANGE.fullmatch(token.text)
            if match is None or float(match[1]) > float(match[2]):
                cursor.fail("expected a range from a lower to a higher number: 1-30 or -5--1", token)
            ranges.append((name, float(match[1]), float(match[2])))
    end(cursor)
    if not field:
        cursor.fail("rangemap needs field=<field>", start)

    def process(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            found = number(row.get(field))
            names = [name for name, low, high in ranges if found is not None and low <= found <= high]
            put(row, "range", multivalue(names) or default)
            yield row

    return streaming(process)
