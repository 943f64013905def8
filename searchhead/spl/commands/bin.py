"""``bin [<option>=<value> …] <field> [AS <field>]``: numbers and times into bins.

Options are span, bins, minspan, start, end and aligntime. ``bucket`` is another name for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from searchhead.spl.arguments import end, field_name, options
from searchhead.spl.binoptions import bin_options
from searchhead.spl.compiling import Compilation, Plan, streaming
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Collecting, Environment
from searchhead.spl.spans import (
    Label,
    NumberSpan,
    TimeSpan,
    Width,
    fitting,
    labeller,
    power_of_ten,
)
from searchhead.spl.values import Row, Value, multivalue, number, put, text, texts

_DEFAULT_BINS = 100  # limits.conf, [discretize] default_time_bins, and the Search Reference


def compile_bin(cursor: Cursor, compilation: Compilation) -> Plan:
    """With a span each row is binned as it comes; without one the span depends on all rows.

    A bin of a span of time is named by where it begins, another by its range, ``10-20``. What is no number stays.
    """
    readers = bin_options(compilation.environment)
    given = options(cursor, "bin", readers)
    name = field_name(cursor)
    given |= options(cursor, "bin", readers)
    new = field_name(cursor) if cursor.take_keyword("AS") else name
    given |= options(cursor, "bin", readers)
    end(cursor)
    zone = compilation.environment.timezone
    width: Width | None = given.get("span")
    if width is None:
        return Plan(lambda: _Bin(name, new, given, compilation.environment))
    if isinstance(width, NumberSpan) and name == "_time" and width.width == int(width.width):
        width = TimeSpan(int(width.width), "second")
    label = labeller(_aligned(width, given), zone)

    def process(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            put(row, new, _binned(row.get(name), label))
            yield row

    return streaming(process)


def _aligned(width: Width, given: dict[str, Any]) -> Width:
    # aligntime is for spans of time only (Search Reference).
    return width.aligned(given["aligntime"]) if isinstance(width, TimeSpan) and "aligntime" in given else width


def _binned(value: Value | None, label: Label) -> Value | None:
    # Assumed: of a multivalue each value is binned.
    if isinstance(value, list):
        return multivalue(text(_single(one, label)) for one in value)
    return None if value is None else _single(value, label)


def _single(value: str | int | float, label: Label) -> str | int | float:
    found = number(value)
    if found is None or not math.isfinite(found):
        return value
    name = label(found)
    # Assumed: what a logarithmic span has no bin for stays as it is.
    return value if name is None else name


class _Bin(Collecting):
    """Bins whose width depends on the least and the greatest value."""

    def __init__(self, name: str, new: str, given: dict[str, Any], environment: Environment) -> None:
        self._name = name
        self._new = new
        self._given = given
        self._zone = environment.timezone
        super().__init__()

    def finish(self) -> Iterator[Row]:
        found = [number(one) for row in self._rows for one in texts(row.get(self._name))]
        numbers = [one for one in found if one is not None and math.isfinite(one)]
        if numbers:
            label = labeller(self._width(min(numbers), max(numbers)), self._zone)
            for row in self._rows:
                put(row, self._new, _binned(row.get(self._name), label))
        yield from self._rows

    def _width(self, least: float, greatest: float) -> Width:
        bins = self._given.get("bins", _DEFAULT_BINS)
        if self._name == "_time" or "minspan" in self._given:
            return _aligned(fitting(greatest - least, bins, self._given.get("minspan")), self._given)
        # The Search Reference: start and end can only widen the range.
        least, greatest = min(least, self._given.get("start", least)), max(greatest, self._given.get("end", greatest))
        return power_of_ten(greatest - least, bins)
