"""``chart [<option>=<value> …] <function>(<field>) … [OVER <field>] [BY <field> [<field>]] [where …]``: a table.

A row for each value of the first field, a column for each value of the second.

Options are limit, agg, useother, otherstr, usenull, nullstr, sep, format, cont, dedup_splitvals, span, bins, minspan,
start, end and aligntime.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from searchhead.spl.aggregates import whole
from searchhead.spl.charting import Key, Record, Style, Table
from searchhead.spl.chartoptions import Binning, ChartReader, Split
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.grouping import Aggregation
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Collecting, Environment
from searchhead.spl.values import Row, number, texts

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class _Chart:
    aggregations: list[Aggregation]
    rows: Split | None
    columns: Split | None
    style: Style
    cont: bool
    dedup: bool
    environment: Environment


def compile_chart(cursor: Cursor, compilation: Compilation) -> Plan:
    """An event without the first field counts nowhere, one without the second in the series NULL.

    Assumed: numbers are put into bins only where an option of bins says so, and rows come in the order of their
    values, numbers as numbers.
    """
    reader = ChartReader(cursor, "chart", compilation.environment)
    aggregations = reader.aggregations(("OVER", "BY"))
    rows = columns = None
    if cursor.take_keyword("OVER"):
        rows = reader.split()
        if cursor.take_keyword("BY"):
            columns = reader.split()
    elif cursor.take_keyword("BY"):
        rows = reader.split()
        cursor.take_symbol(",")
        if cursor.peek().kind in ("word", "string") and not cursor.peek().is_keyword("WHERE"):
            columns = reader.split()
    style = reader.finish(columns is not None, aggregations, [one.field for one in (rows, columns) if one])
    given = reader.given
    if rows and rows.binning == Binning() and reader.binning != Binning():
        rows = Split(rows.field, reader.binning)
    chart = _Chart(
        aggregations,
        rows,
        columns,
        style,
        given.get("cont", True),
        given.get("dedup_splitvals", False),
        compilation.environment,
    )
    return Plan(lambda: _Operator(chart))


class _Operator(Collecting):
    def __init__(self, chart: _Chart) -> None:
        self._chart = chart
        super().__init__()

    def finish(self) -> Iterator[Row]:
        chart = self._chart
        row_labels, fill = labels_of(chart.rows, self._rows, chart.environment)
        column_labels, _ = labels_of(chart.columns, self._rows, chart.environment)
        records = list(_records(self._rows, row_labels, column_labels, chart))
        keys: list[Key] = _in_order({key for key, _series, _row in records}) if chart.rows else [""]
        if chart.cont and keys:
            keys = fill(keys)
        style = chart.style if chart.columns else None
        for key, row in Table(chart.aggregations, style, chart.environment.warn).rows(records, keys):
            first: Row = {chart.rows.field: whole(key) if isinstance(key, float) else key} if chart.rows else {}
            yield first | row


Labels = Callable[[Row], list[Key]]


def labels_of(
    split: Split | None, rows: list[Row], environment: Environment
) -> tuple[Labels, Callable[[list[Key]], list[Key]]]:
    """What names the rows or columns that a row counts in, and what fills the gaps between such names."""
    if split is None:
        return (lambda _row: [""]), list
    name, binning = split.field, split.binning
    if binning == Binning():
        return (lambda row: list(texts(row.get(name)))), list
    numbers = [found for row in rows for one in texts(row.get(name)) if (found := number(one)) is not None]
    bins = binning.bins_of(name, numbers, environment)

    def labels(row: Row) -> list[Key]:
        return [bins.label(one) for one in texts(row.get(name)) if bins.holds(one)]

    return labels, bins.fill


def _records(rows: Iterable[Row], row_labels: Labels, column_labels: Labels, chart: _Chart) -> Iterator[Record]:
    for row in rows:
        keys, series = row_labels(row), column_labels(row)
        if chart.dedup:
            keys, series = list(dict.fromkeys(keys)), list(dict.fromkeys(series))
        if chart.columns is None:
            yield from ((key, None, row) for key in keys)
        elif chart.columns.field not in row:
            yield from ((key, None, row) for key in keys if chart.style.usenull)
        else:
            yield from ((key, str(one), row) for key in keys for one in series)


def _in_order(keys: set[Key]) -> list[Key]:
    found = [(key, key if isinstance(key, float) else _beginning(key)) for key in keys]
    if all(amount is not None for _key, amount in found):
        return [key for key, _amount in sorted(found, key=lambda pair: (pair[1] or 0.0, str(pair[0])))]
    return sorted(keys, key=str)


def _beginning(key: str) -> float | None:
    """The number that a value is, or that its bin begins with."""
    amount = number(key)
    match = _NUMBER.match(key) if amount is None else None
    return float(match[0]) if match and key[match.end() :][:1] == "-" else amount
