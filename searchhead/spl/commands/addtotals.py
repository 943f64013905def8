"""``addtotals [<option>=<value> …] [<field> …]``: the sum of each row, and a row with the sum of each column.

Options are row, col, fieldname, labelfield and label.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from searchhead.spl.aggregates import whole
from searchhead.spl.arguments import Reader, boolean, end, field_list, options, string
from searchhead.spl.commands.fields import matcher
from searchhead.spl.compiling import Compilation, Plan, streaming
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Operator
from searchhead.spl.values import Row, number

_OPTIONS: dict[str, Reader] = {
    "row": boolean,
    "col": boolean,
    "fieldname": string,
    "labelfield": string,
    "label": string,
}
Matches = Callable[[str], bool]


def compile_addtotals(cursor: Cursor, _compilation: Compilation) -> Plan:
    """Without fields all that hold numbers are summed; internal ones are left out (assumed).

    Assumed: a row without a number has the sum 0; a multivalue is no number.
    """
    given, matches = read_totals(cursor, "addtotals", _OPTIONS)
    if not given.get("col", False):
        return streaming(_rows(given["fieldname"], matches) if given["row"] else lambda rows: rows)
    total = given["fieldname"] if given["row"] else None
    return Plan(lambda: Totals(total, matches, given.get("labelfield"), given["label"]))


def read_totals(cursor: Cursor, command: str, known: dict[str, Reader]) -> tuple[dict[str, Any], Matches]:
    """The options, which may stand on both sides of the fields, and which fields are summed."""
    given: dict[str, Any] = {"row": True, "fieldname": "Total", "label": "Total"} | options(cursor, command, known)
    names = field_list(cursor, wildcards=True, results=True)
    given |= options(cursor, command, known)
    end(cursor)
    return given, matcher(names or ["*"])


def _rows(total: str, matches: Matches) -> Callable[[Iterable[Row]], Iterator[Row]]:
    def process(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            found = [number(value) for name, value in row.items() if matches(name)]
            row[total] = whole(sum(one for one in found if one is not None))
            yield row

    return process


class Totals(Operator):
    """Rows with their sums, if ``total`` names the field for them, and at the end a row of the sums of the columns."""

    def __init__(self, total: str | None, matches: Matches, label_field: str | None, label: str) -> None:
        self._add = _rows(total, matches) if total else iter
        self._total = total
        self._matches = matches
        self._label_field = label_field
        self._label = label
        self._sums: dict[str, float] = {}

    def process(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows, with their sums."""
        for row in self._add(rows):
            for name, value in row.items():
                amount = number(value) if name == self._total or self._matches(name) else None
                if amount is not None:
                    self._sums[name] = self._sums.get(name, 0.0) + amount
            yield row

    def finish(self) -> Iterator[Row]:
        """The row of the sums of the columns."""
        row: Row = {name: whole(amount) for name, amount in self._sums.items()}
        if self._label_field:
            row[self._label_field] = self._label
        yield row
