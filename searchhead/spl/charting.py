"""Tables with a column for each value of a field, as chart and timechart make them: series and cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from searchhead.spl.aggregates import Accumulator, numbers, whole
from searchhead.spl.grouping import Aggregation
from searchhead.spl.values import Row, Value, number, put

Key = str | float
"""What names a row of the table: the value of a field, or where a bin of time begins."""

Record = tuple[Key, str | None, Row]
"""A row that counts in the row of the table that the key names, in the series of that name; None: it has none."""

Warn = Callable[[str], None]


@dataclass(frozen=True)
class Choice:
    """Which series stay: those whose score is among the greatest or the least, or beyond a threshold.

    ``function`` computes the score; if ``cells`` from the cells of the series, else from its rows; None is the
    documented default: the sum of the cells, or with several aggregations the number of rows.
    """

    count: int | None = 10
    bottom: bool = False
    excluded: bool = False
    above: float | None = None
    below: float | None = None
    function: Aggregation | None = None
    cells: bool = False


@dataclass(frozen=True)
class Style:
    """The options of chart and timechart that say how series are chosen and named."""

    choice: Choice = field(default_factory=Choice)
    useother: bool = True
    otherstr: str = "OTHER"
    usenull: bool = True
    nullstr: str = "NULL"
    # Assumed, as it is seen in Splunk: the pages give no default.
    format: str = "$AGG$: $VAL$"


class Table:
    """The cells of the table: the results of the aggregations for each row of it and each series."""

    def __init__(self, aggregations: list[Aggregation], style: Style | None, warn: Warn) -> None:
        self._aggregations = aggregations
        self._style = style
        self._warn = warn

    def rows(
        self, records: list[Record], keys: Iterable[Key], width: Callable[[Key], float] = lambda _key: 1.0
    ) -> list[tuple[Key, Row]]:
        """A row for each key, with its cells; without a style there are no series, only the aggregations.

        ``width`` gives the seconds that a row of the table covers.
        """
        series = self._series(records)
        cells = self._cells((key, series.get(name), row) for key, name, row in records if name in series)
        names = sorted(set(series.values()) - self._special()) + [
            name for name in self._special_in_order() if name in series.values()
        ]
        empty = [one.make(self._warn).result() for one in self._aggregations]
        table = []
        for key in keys:
            shown: Row = {}
            for at, aggregation in enumerate(self._aggregations):
                for name in names if self._style else [""]:
                    cell = cells.get((key, name))
                    value = cell[at].result() if cell else empty[at]
                    put(shown, self._name(aggregation, name), _rated(value, aggregation, width(key)))
            table.append((key, shown))
        return table

    def _special_in_order(self) -> list[str]:
        return [self._style.otherstr, self._style.nullstr] if self._style else []

    def _special(self) -> set[str]:
        return set(self._special_in_order())

    def _name(self, aggregation: Aggregation, series: str) -> str:
        if self._style is None:
            return aggregation.name
        # Search Reference, timechart: so that the column is not hidden as an internal field.
        shown = f"VALUE{series}" if series.startswith("_") else series
        if len(self._aggregations) == 1:
            return shown
        return re.sub(
            r"\$(AGG|VAL)\$", lambda part: aggregation.name if part[1] == "AGG" else shown, self._style.format
        )

    def _cells(self, records: Iterable[tuple[Key, str | None, Row]]) -> dict[tuple[Key, str], list[Accumulator]]:
        cells: dict[tuple[Key, str], list[Accumulator]] = {}
        for key, name, row in records:
            place = (key, name or "")
            if place not in cells:
                cells[place] = [one.make(self._warn) for one in self._aggregations]
            for aggregation, accumulator in zip(self._aggregations, cells[place], strict=True):
                value = aggregation.read(row)
                if value is not None:
                    accumulator.add(value, row)
        return cells

    def _series(self, records: list[Record]) -> dict[str | None, str]:
        """The column that each value of the field goes to; one that is missing goes to none."""
        style = self._style
        if style is None:
            return {None: ""}
        values = {name for _key, name, _row in records if name is not None}
        kept = self._kept(records, values, style.choice)
        found: dict[str | None, str] = {name: name for name in kept}
        if style.useother:
            found |= dict.fromkeys(values - kept, style.otherstr)
        if style.usenull and any(name is None for _key, name, _row in records):
            found[None] = style.nullstr
        return found

    def _kept(self, records: list[Record], values: set[str], choice: Choice) -> set[str]:
        if choice.count == 0:
            return values
        scores = self._scores([record for record in records if record[1] is not None], choice)
        if choice.above is not None or choice.below is not None:
            least, greatest = choice.above, choice.below
            return {
                name
                for name in values
                if (least is None or scores[name] > least) and (greatest is None or scores[name] < greatest)
            }
        sign = 1 if choice.bottom else -1
        ranked = sorted(values, key=lambda name: (sign * scores[name], name))[: choice.count]
        return values - set(ranked) if choice.excluded else set(ranked)

    def _scores(self, records: list[Record], choice: Choice) -> dict[str, float]:
        scores: dict[str, float] = {}
        function = choice.function
        if function is None and len(self._aggregations) > 1:
            return dict(Counter(name for _key, name, _row in records if name is not None))
        if function is not None and not choice.cells:
            over_rows = Table([function], None, self._warn)._cells(("", name, row) for _key, name, row in records)
            for (_key, name), cell in over_rows.items():
                scores[name] = _amount(cell[0].result())
            return scores
        values: dict[str, list[Value]] = {}
        for (_key, name), cell in self._cells(records).items():
            results = [made.result() for made in cell]
            values.setdefault(name, []).extend(result for result in results if result is not None)
        for name, results_of in values.items():
            if function is None:
                scores[name] = sum(amount for value in results_of for amount in numbers(value))
                continue
            made = function.make(self._warn)
            for value in results_of:
                made.add(value, {})
            scores[name] = _amount(made.result())
        return scores


def _amount(value: Value | None) -> float:
    return number(value) or 0.0


def _rated(value: Value | None, aggregation: Aggregation, seconds: float) -> Value | None:
    """The value for the time that a ``per_…`` function names."""
    if aggregation.per is None:
        return value
    amount = number(value)
    return None if amount is None else whole(amount * aggregation.per / seconds)
