"""``makeresults [count=<n>] [annotate=<bool>]`` or ``makeresults format=csv|json data=<text>``: rows out of nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from searchhead.spl.arguments import boolean, end, integer, options, string
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.functions.json_documents import dumped, native, parsed
from searchhead.spl.lexer import Cursor, Token
from searchhead.spl.operators import Operator
from searchhead.spl.values import Row, multivalue, put, text

_SERVER = "local"  # how the Search Reference calls the search head itself

Make = Callable[[str], list[Row]]


def _rows_of_csv(data: str) -> list[Row]:
    rows = list(csv.reader(io.StringIO(data.strip()), skipinitialspace=True, strict=True))
    names = rows[0] if rows else []
    if not names or not all(names) or len(set(names)) < len(names):
        raise ValueError("the first line must name the columns, each with a name of its own")
    if any(len(row) > len(names) for row in rows):
        raise ValueError("a line has more values than there are columns")
    # Assumed: an empty cell is null, as it is in a lookup.
    return [{name: cell for name, cell in zip(names, row, strict=False) if cell} for row in rows[1:]]


def _rows_of_json(data: str) -> list[Row]:
    items = parsed(data)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ValueError("expected an array of objects")
    rows = []
    for item in items:
        row: Row = {"_raw": dumped(item)}
        for name, one in item.items():
            # Assumed: an array becomes a multivalue, null no field.
            values = [native(each) for each in one] if isinstance(one, list) else [native(one)]
            put(row, name, multivalue(text(each) for each in values if each is not None and not isinstance(each, list)))
        rows.append(row)
    return rows


_FORMATS: dict[str, Make] = {"csv": _rows_of_csv, "json": _rows_of_json}


def _format(cursor: Cursor, token: Token) -> Make:
    if token.text.lower() not in _FORMATS:
        cursor.unsupported(f'makeresults has no format "{token.text}"; supported: csv, json', token)
    return _FORMATS[token.text.lower()]


def compile_makeresults(cursor: Cursor, compilation: Compilation) -> Plan:
    """One row by default, with the present time; annotate adds the name of the server."""
    start = cursor.peek()
    known = {"annotate": boolean, "count": integer, "data": string, "format": _format}
    given: dict[str, Any] = options(cursor, "makeresults", known)
    end(cursor)
    rows: list[Row] = [{}]
    if "data" in given or "format" in given:
        if given.keys() != {"data", "format"}:
            cursor.fail("format and data go together, without count and annotate", start)
        try:
            rows = given["format"](given["data"])
        except (ValueError, csv.Error) as error:
            cursor.fail(f"the data are not in this format: {error}", start)
    common: Row = {"_time": compilation.environment.now}
    if given.get("annotate"):
        common["splunk_server"] = _SERVER
    return Plan(lambda: _Makeresults(rows, common, given.get("count", 1)), generating=True)


class _Makeresults(Operator):
    def __init__(self, rows: list[Row], common: Row, count: int) -> None:
        self._rows = rows
        self._common = common
        self._count = count

    def process(self, rows: Iterable[Row]) -> Iterable[Row]:
        return rows

    def finish(self) -> Iterator[Row]:
        for _ in range(self._count):
            for row in self._rows:
                yield {**self._common, **row}
