"""The statistical functions of ``stats`` and its kin: one accumulator a group and function.

An accumulator is given each value that is not null, with its row, and tells the result at the end. A multivalue counts
as each of its values. Functions of numbers leave out what is no number; with nothing left they give null.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Protocol

from searchhead.spl.evaluation import INEXACT
from searchhead.spl.values import Row, Value, multivalue, number, text, texts

_LIST_LIMIT = 100  # limits.conf, [stats] list_maxsize


class Accumulator(Protocol):
    """Takes the values of one function in one group."""

    def add(self, value: Value, row: Row) -> None:
        """Take a value of a row."""

    def result(self) -> Value | None:
        """What the function gives for the values so far."""


Make = Callable[[Callable[[str], None]], Accumulator]
"""Makes an accumulator; what it is given takes a sentence about a limit that was met."""


def whole(value: float) -> int | float:
    """A whole number as an int, so that it is written without a decimal point."""
    return int(value) if math.isfinite(value) and value == int(value) and abs(value) < 1e15 else value


def numbers(value: Value) -> Iterator[float]:
    """The numbers among the values of a value."""
    for one in value if isinstance(value, list) else [value]:
        found = number(one)
        if found is not None:
            yield found


class _Count:
    def __init__(self) -> None:
        self._count = 0

    def add(self, value: Value, _row: Row) -> None:
        # Assumed: a multivalue counts once for each of its values.
        self._count += len(value) if isinstance(value, list) else 1

    def result(self) -> Value | None:
        return self._count


class _Distinct:
    def __init__(self) -> None:
        self._values: set[str] = set()

    def add(self, value: Value, _row: Row) -> None:
        if isinstance(value, str):
            self._values.add(value)
        else:
            self._values.update(texts(value))

    def result(self) -> Value | None:
        return len(self._values)


class _Exact(_Distinct):
    """``estdc_error``: what ``estdc`` is wrong by.

    Unlike Splunk, which may estimate, ``estdc`` counts exactly, so that this is 0.
    """

    def result(self) -> Value | None:
        return 0


class _Values(_Distinct):
    def result(self) -> Value | None:
        return multivalue(sorted(self._values))


class _List:
    def __init__(self, warn: Callable[[str], None]) -> None:
        self._values: list[str] = []
        self._warn = warn

    def add(self, value: Value, _row: Row) -> None:
        self._values.extend(texts(value))

    def result(self) -> Value | None:
        if len(self._values) > _LIST_LIMIT:
            self._warn(f"list() met {len(self._values)} values in a group, only the first {_LIST_LIMIT} are kept")
        return multivalue(self._values[:_LIST_LIMIT])


class _Extreme:
    """``min`` (sign 1) or ``max`` (sign -1): numbers as numbers and before text, text by code points."""

    def __init__(self, greatest: bool) -> None:
        self._greatest = greatest
        self._key: tuple[int, float | str] | None = None
        self._value: Value | None = None

    def add(self, value: Value, _row: Row) -> None:
        for one in value if isinstance(value, list) else [value]:
            found = number(one)
            key: tuple[int, float | str] = (1, text(one)) if found is None else (0, found)
            if self._key is None or (key > self._key if self._greatest else key < self._key):
                self._key, self._value = key, one

    def result(self) -> Value | None:
        return self._value


class _Moments:
    """Count, sum, sum of squares, mean and spread of the numbers, by Welford's method."""

    def __init__(self, finish: Callable[[_Moments], float | None]) -> None:
        self._finish = finish
        self.count = 0
        self.sum = 0.0
        self.squares = 0.0
        self.mean = 0.0
        self.spread = 0.0

    def add(self, value: Value, _row: Row) -> None:
        for found in numbers(value):
            self.count += 1
            self.sum += found
            self.squares += found * found
            distance = found - self.mean
            self.mean += distance / self.count
            self.spread += distance * (found - self.mean)

    def result(self) -> Value | None:
        found = self._finish(self) if self.count else None
        return None if found is None else whole(found)


def _sample_variance(moments: _Moments) -> float:
    # The example of var() in the Search Reference shows 0 for a group of one.
    return moments.spread / (moments.count - 1) if moments.count > 1 else 0.0


class _Sum:
    def __init__(self, warn: Callable[[str], None]) -> None:
        self._sum: float | None = None
        self._warn = warn

    def add(self, value: Value, _row: Row) -> None:
        for found in numbers(value):
            self._sum = found if self._sum is None else self._sum + found

    def result(self) -> Value | None:
        if self._sum is not None and abs(self._sum) >= INEXACT:
            self._warn("sum() gave a number of 2^53 or more: not all its digits count, for numbers are doubles")
        return None if self._sum is None else whole(self._sum)


class _Ranked:
    """The numbers in order, and what a function takes from them."""

    def __init__(self, take: Callable[[list[float]], float]) -> None:
        self._take = take
        self._numbers: list[float] = []

    def add(self, value: Value, _row: Row) -> None:
        self._numbers.extend(numbers(value))

    def result(self) -> Value | None:
        return whole(self._take(sorted(self._numbers))) if self._numbers else None


class _Range:
    def __init__(self) -> None:
        self._least = math.inf
        self._greatest = -math.inf

    def add(self, value: Value, _row: Row) -> None:
        for found in numbers(value):
            self._least = min(self._least, found)
            self._greatest = max(self._greatest, found)

    def result(self) -> Value | None:
        return None if self._least > self._greatest else whole(self._greatest - self._least)


class _Mode:
    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, value: Value, _row: Row) -> None:
        self._counts.update(texts(value))

    def result(self) -> Value | None:
        # Assumed: of several equally frequent values the first seen.
        return self._counts.most_common(1)[0][0] if self._counts else None


class _First:
    def __init__(self) -> None:
        self._value: Value | None = None

    def add(self, value: Value, _row: Row) -> None:
        if self._value is None:
            self._value = value

    def result(self) -> Value | None:
        return self._value


class _Last(_First):
    def add(self, value: Value, _row: Row) -> None:
        self._value = value


class _Chronicle:
    """The first and the last value in time. A row without a time is left out.

    Events come newest first; of rows with the same time the later one counts as the earlier event (assumed).
    """

    def __init__(self, finish: Callable[[_Chronicle], Value | None]) -> None:
        self._finish = finish
        self.earliest_time = math.inf
        self.latest_time = -math.inf
        self.earliest: Value | None = None
        self.latest: Value | None = None

    def add(self, value: Value, row: Row) -> None:
        time = number(row.get("_time"))
        if time is None:
            return
        if time <= self.earliest_time:
            self.earliest_time, self.earliest = time, value
        if time > self.latest_time:
            self.latest_time, self.latest = time, value

    def result(self) -> Value | None:
        return None if self.earliest is None else self._finish(self)


class _Rate(_Chronicle):
    """How fast a counter grows.

    One that ends lower than it begins was reset; the Search Reference says that the greatest value accounts for that.
    Assumed: it is added once.
    """

    def __init__(self) -> None:
        super().__init__(lambda _chronicle: None)
        self._greatest = -math.inf

    def add(self, value: Value, row: Row) -> None:
        super().add(value, row)
        self._greatest = max(self._greatest, *numbers(value), -math.inf)

    def result(self) -> Value | None:
        first, last = number(self.earliest), number(self.latest)
        elapsed = self.latest_time - self.earliest_time
        if first is None or last is None or not elapsed:
            return None
        return whole((last - first + (self._greatest if last < first else 0)) / elapsed)


def _chronicle(finish: Callable[[_Chronicle], Value | None]) -> Make:
    return lambda _warn: _Chronicle(finish)


def _moments(finish: Callable[[_Moments], float | None]) -> Make:
    return lambda _warn: _Moments(finish)


def _percentile(percent: float) -> Make:
    """Between two numbers it lies where the distance from them says.

    The Search Reference speaks of the nearest rank, but its examples (5.5 for perc50 of 1 to 10, 9.55 for perc95) are
    interpolated, and those are what Splunk gave.

    Unlike Splunk, which approximates percentiles beyond 1,000 distinct values, it stays exact.
    """

    def take(ordered: list[float]) -> float:
        place = percent / 100 * (len(ordered) - 1)
        below = math.floor(place)
        above = min(below + 1, len(ordered) - 1)
        return ordered[below] + (ordered[above] - ordered[below]) * (place - below)

    return lambda _warn: _Ranked(take)


class _OnlyNumbers:
    """An accumulator that gives null as soon as it has met what is no number."""

    def __init__(self, accumulator: Accumulator) -> None:
        self._accumulator = accumulator
        self._numbers_only = True

    def add(self, value: Value, row: Row) -> None:
        if any(number(one) is None for one in (value if isinstance(value, list) else [value])):
            self._numbers_only = False
        self._accumulator.add(value, row)

    def result(self) -> Value | None:
        return self._accumulator.result() if self._numbers_only else None


def only_numbers(make: Make) -> Make:
    """The same function, but null if not all values are numbers, as the option allnum wants it."""
    return lambda warn: _OnlyNumbers(make(warn))


AGGREGATES: dict[str, Make] = {
    "avg": _moments(lambda moments: moments.sum / moments.count),
    "c": lambda _warn: _Count(),
    "count": lambda _warn: _Count(),
    "dc": lambda _warn: _Distinct(),
    "distinct_count": lambda _warn: _Distinct(),
    "earliest": _chronicle(lambda chronicle: chronicle.earliest),
    "earliest_time": _chronicle(lambda chronicle: whole(chronicle.earliest_time)),
    "estdc": lambda _warn: _Distinct(),
    "estdc_error": lambda _warn: _Exact(),
    "first": lambda _warn: _First(),
    "last": lambda _warn: _Last(),
    "latest": _chronicle(lambda chronicle: chronicle.latest),
    "latest_time": _chronicle(lambda chronicle: whole(chronicle.latest_time)),
    "list": _List,
    "max": lambda _warn: _Extreme(greatest=True),
    "mean": _moments(lambda moments: moments.sum / moments.count),
    # The Search Reference: of an even number of values the higher of the two in the middle.
    "median": lambda _warn: _Ranked(lambda ordered: ordered[len(ordered) // 2]),
    "min": lambda _warn: _Extreme(greatest=False),
    "mode": lambda _warn: _Mode(),
    "range": lambda _warn: _Range(),
    "rate": lambda _warn: _Rate(),
    "stdev": _moments(lambda moments: math.sqrt(_sample_variance(moments))),
    "stdevp": _moments(lambda moments: math.sqrt(moments.spread / moments.count)),
    "sum": _Sum,
    "sumsq": _moments(lambda moments: moments.squares),
    "values": lambda _warn: _Values(),
    "var": _moments(_sample_variance),
    "varp": _moments(lambda moments: moments.spread / moments.count),
}
_NUMERIC = frozenset({
    "avg", "mean", "median", "range", "rate", "stdev", "stdevp", "sum", "sumsq", "var", "varp",
})  # fmt: skip
_PERCENTILE = re.compile(r"(?:perc|p|exactperc|upperperc)(?P<percent>\d{1,2}(?:\.\d+)?|100)")
SUPPORTED = (*AGGREGATES, "perc<n>", "p<n>", "exactperc<n>", "upperperc<n>")


def aggregate(name: str) -> Make | None:
    """What makes the accumulators of a function; None if there is no such function."""
    percentile = _PERCENTILE.fullmatch(name)
    return _percentile(float(percentile["percent"])) if percentile else AGGREGATES.get(name)


def is_numeric(name: str) -> bool:
    """Whether a function leaves out what is no number."""
    return name in _NUMERIC or _PERCENTILE.fullmatch(name) is not None
