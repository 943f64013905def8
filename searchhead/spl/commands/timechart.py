"""``timechart [<option>=<value> …] <function>(<field>) … [BY <field> [where …]]``: a table to draw, over time.

A row for each bin of time, a column for each value of the field.

Options are limit, agg, useother, otherstr, usenull, nullstr, sep, format, cont, partial, fixedrange, dedup_splitvals,
span, bins, minspan, start, end and aligntime. Those of bins are for time before BY, for the field after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from searchhead.spl.aggregates import whole
from searchhead.spl.binoptions import MOST_BINS
from searchhead.spl.charting import Key, Record, Style, Table
from searchhead.spl.chartoptions import Binning, ChartReader, Split
from searchhead.spl.commands.chart import labels_of
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.grouping import Aggregation
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Environment, Operator
from searchhead.spl.spans import LogSpan, TimeSpan
from searchhead.spl.values import Row, number

_DEFAULT_BINS = 100  # Search Reference, timechart


@dataclass(frozen=True)
class _Timechart:
    aggregations: list[Aggregation]
    binning: Binning
    columns: Split | None
    style: Style
    cont: bool
    partial: bool
    fixedrange: bool
    dedup: bool
    environment: Environment


def compile_timechart(cursor: Cursor, compilation: Compilation) -> Plan:
    """An event without a time counts nowhere, and with no event at all there is no row (assumed).

    Without a span the shortest of Splunk's is taken that needs at most 100 bins for the time range, or for the events
    where the range is open. With fixedrange=true the bins reach over the whole time range.
    """
    start = cursor.peek()
    reader = ChartReader(cursor, "timechart", compilation.environment)
    aggregations = reader.aggregations(("BY",))
    columns = reader.split() if cursor.take_keyword("BY") else None
    style = reader.finish(columns is not None, aggregations, [columns.field] if columns else [])
    binning, given = reader.binning, reader.given
    if isinstance(binning.span, LogSpan) or binning.start is not None or binning.end is not None:
        cursor.fail("a logarithmic span, start and end are for numbers: write them after the field of BY", start)
    if columns is None and any(one.name.lower().startswith("eval(") and one.source is None for one in aggregations):
        cursor.fail("an expression over functions needs a BY clause", start)
    chart = _Timechart(
        aggregations,
        binning,
        columns,
        style,
        given.get("cont", True),
        given.get("partial", True),
        given.get("fixedrange", True),
        given.get("dedup_splitvals", False),
        compilation.environment,
    )
    return Plan(lambda: _Operator(chart))


class _Operator(Operator):
    def __init__(self, chart: _Timechart) -> None:
        self._chart = chart
        self._rows: list[Row] = []

    def process(self, rows: Iterable[Row]) -> Iterable[Row]:
        self._rows.extend(row for row in rows if number(row.get("_time")) is not None)
        return ()

    def finish(self) -> Iterator[Row]:
        if not self._rows:
            return
        chart = self._chart
        times = [number(row["_time"]) or 0.0 for row in self._rows]
        begin_of_range, end_of_range = self._range(min(times), max(times))
        width = chart.binning.time_span(end_of_range - begin_of_range, _DEFAULT_BINS)
        zone = chart.environment.timezone
        records = list(self._records(width, times))
        begins = self._begins(width, {begin for begin, _series, _row in records if isinstance(begin, float)})
        style = chart.style if chart.columns else None

        def seconds(begin: Key) -> float:
            return width.next(begin, zone) - begin if isinstance(begin, float) else 1.0

        for begin, row in Table(chart.aggregations, style, chart.environment.warn).rows(records, begins, seconds):
            first: Row = {"_time": whole(begin) if isinstance(begin, float) else begin}
            yield first | row

    def _range(self, first: float, last: float) -> tuple[float, float]:
        """The time range of the chart: that of the search as far as it is known and wanted, else that of the events."""
        environment = self._chart.environment
        if not self._chart.fixedrange:
            return first, last
        return (
            first if environment.earliest is None else environment.earliest,
            last if environment.latest is None else environment.latest,
        )

    def _records(self, width: TimeSpan, times: list[float]) -> Iterator[Record]:
        chart = self._chart
        zone = chart.environment.timezone
        series_of, _fill = labels_of(chart.columns, self._rows, chart.environment)
        for row, time in zip(self._rows, times, strict=True):
            begin = width.floor(time, zone)
            if chart.columns is None:
                yield begin, None, row
            elif chart.columns.field not in row:
                # Kept although it may have no series, for its bin of time is there.
                yield begin, None, row
            else:
                series = [str(one) for one in series_of(row)]
                yield from ((begin, one, row) for one in (dict.fromkeys(series) if chart.dedup else series))

    def _begins(self, width: TimeSpan, used: set[float]) -> list[Key]:
        chart = self._chart
        zone = chart.environment.timezone
        earliest, latest = (chart.environment.earliest, chart.environment.latest) if chart.fixedrange else (None, None)
        found = sorted(used)
        if chart.cont:
            found = self._continuous(width, found, earliest, latest)
        if not chart.partial:
            found = [
                begin
                for begin in found
                if (earliest is None or begin >= earliest) and (latest is None or width.next(begin, zone) <= latest)
            ]
        return list(found)

    def _continuous(
        self, width: TimeSpan, used: list[float], earliest: float | None, latest: float | None
    ) -> list[float]:
        zone = self._chart.environment.timezone
        at = used[0] if earliest is None else min(used[0], width.floor(earliest, zone))
        found: list[float] = []
        while at <= used[-1] or (latest is not None and at < latest):
            if len(found) == MOST_BINS:
                self._chart.environment.warn(f"timechart needs more than {MOST_BINS} bins to fill the gaps; they stay")
                return used
            found.append(at)
            at = width.next(at, zone)
        return found
