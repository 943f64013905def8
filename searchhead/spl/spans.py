"""Spans: the widths of bins, in time (``5m``, ``1w@w1``), by number (``10``) and by logarithm (``2log5``)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import ROUND_FLOOR, Decimal, InvalidOperation

from searchhead.spl.times import UNITS, TimeModifier, moment

# Search Reference, bin: sub-second time scales.
_SUBSECONDS = {"us": 1_000_000, "ms": 1_000, "cs": 100, "ds": 10}
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_TIME = re.compile(r"(?P<count>\d+)?(?P<unit>[A-Za-z]+)(?P<snap>@\S+)?", re.ASCII)
_LOGARITHM = re.compile(r"(?P<coefficient>\d+(?:\.\d+)?)?log(?P<base>\d+(?:\.\d+)?)?", re.ASCII)
_EPOCH_DAY = date(1970, 1, 1)


class InvalidSpan(ValueError):
    """Text that is no span, or one that Splunk does not take."""


@dataclass(frozen=True)
class TimeSpan:
    """A width in time.

    Seconds, minutes and hours are counted from epoch 0 in UTC, or from ``align``. Days, weeks and months follow the
    calendar of the zone: a day begins at midnight, a week on the weekday of epoch 0, a Thursday, unless it is snapped
    to another one (``1w@w1``: Monday).
    """

    count: int
    unit: str
    snap: str | None = None
    align: float = 0.0

    @property
    def seconds(self) -> float:
        """About how long it is: a month counts as 30 days."""
        if self.unit in _SUBSECONDS:
            return self.count / _SUBSECONDS[self.unit]
        days = _DAYS.get(self.unit, 30 * _MONTHS.get(self.unit, 0))
        return self.count * (_SECONDS.get(self.unit) or days * 86_400)

    def aligned(self, epoch: float) -> TimeSpan:
        """The same width, counted from a time; days and longer ignore it (Search Reference, aligntime)."""
        return replace(self, align=epoch)

    def floor(self, epoch: float, zone: tzinfo) -> float:
        """The beginning of the bin that a time lies in."""
        return self._begin(epoch, zone, 0)

    def next(self, begin: float, zone: tzinfo) -> float:
        """The beginning of the bin after the one that begins there."""
        return self._begin(begin, zone, 1)

    def _begin(self, epoch: float, zone: tzinfo, further: int) -> float:
        if self.unit in _SUBSECONDS:
            per_second = _SUBSECONDS[self.unit]
            # In whole units, so that 0.3 / 0.1 does not become 2.
            whole = math.floor(round((epoch - self.align) * per_second, 3)) // self.count + further
            return round(self.align + whole * self.count / per_second, 6)
        if self.unit in _SECONDS:
            width = self.count * _SECONDS[self.unit]
            return ((epoch - self.align) // width + further) * width + self.align
        local = moment(epoch, zone)
        if local is None:
            return epoch
        try:
            return self._calendar(local, zone, further).timestamp()
        except (OverflowError, ValueError):
            return epoch

    def _calendar(self, local: datetime, zone: tzinfo, further: int) -> datetime:
        if self.unit in _MONTHS:
            width = self.count * _MONTHS[self.unit]
            months = ((local.year - 1970) * 12 + local.month - 1) // width * width + further * width
            return datetime(1970 + months // 12, months % 12 + 1, 1, tzinfo=zone)
        width = self.count * _DAYS[self.unit]
        anchor = _EPOCH_DAY
        if self.snap:
            snapped = datetime.fromtimestamp(TimeModifier(self.snap).apply(0, UTC) or 0, UTC)
            anchor = snapped.date()
        days = ((local.date() - anchor).days // width + further) * width
        begin = anchor + timedelta(days=days)
        return datetime(begin.year, begin.month, begin.day, tzinfo=zone)


# Search Reference, timechart: the spans that Splunk chooses from. They give the documented default spans.
_STEPS = tuple(
    TimeSpan(count, unit)
    for count, unit in (
        *((1, "second"), (5, "second"), (10, "second"), (30, "second"), (1, "minute"), (5, "minute")),
        *((10, "minute"), (30, "minute"), (1, "hour"), (1, "day"), (1, "month")),
    )
)


def fitting(seconds: float, bins: int, least: TimeSpan | None = None) -> TimeSpan:
    """The shortest of Splunk's steps, none below ``least``, with which a range of time needs at most so many bins."""
    wanted = max(seconds / bins, least.seconds if least else 0)
    return next((step for step in _STEPS if step.seconds >= wanted), least or _STEPS[-1])


@dataclass(frozen=True)
class NumberSpan:
    """A width in numbers; bins are counted from 0."""

    width: Decimal

    def label(self, value: float) -> str:
        """The bin of a number, as Splunk writes it: ``10-20`` holds 10 and not 20."""
        below = (_decimal(value) / self.width).to_integral_value(ROUND_FLOOR) * self.width
        return f"{_written(below)}-{_written(below + self.width)}"


@dataclass(frozen=True)
class LogSpan:
    """Widths that grow: the bins begin at ``coefficient * base ** n``."""

    coefficient: float
    base: float

    def label(self, value: float) -> str | None:
        """The bin of a number; None for what is not above 0, which has no logarithm, and for what is beyond doubles."""
        if value <= 0:
            return None
        power = math.floor((math.log(value) - math.log(self.coefficient)) / math.log(self.base) + 1e-9)
        try:
            # Twelve digits, so that 0.4 is not written as 0.4000000000000001.
            begin, end = (Decimal(f"{self.coefficient * self.base**at:.12g}") for at in (power, power + 1))
        except OverflowError:
            return None
        return f"{_written(begin)}-{_written(end)}"


Width = TimeSpan | NumberSpan | LogSpan
Label = Callable[[float], float | str | None]


def _decimal(value: float) -> Decimal:
    return Decimal(repr(value))


def _written(value: Decimal) -> str:
    return f"{value.normalize() + 0:f}"


def time_span(text: str) -> TimeSpan:
    """A span of time: a number, 1 if it is missing, a unit, and for weeks a weekday to begin with.

    Raises:
        InvalidSpan: the text is none.
    """
    match = _TIME.fullmatch(text)
    unit = match and (match["unit"] if match["unit"] in _SUBSECONDS else UNITS.get(match["unit"].lower()))
    if match is None or unit is None:
        raise InvalidSpan(f"{text!r} is no span of time; write for example 30s, 5m, 1h, 1d, 1w@w1 or 1mon")
    count, snap = int(match["count"] or 1), match["snap"]
    if not count:
        raise InvalidSpan("a span is not zero")
    if unit in _SUBSECONDS and (count >= _SUBSECONDS[unit] or _SUBSECONDS[unit] % count):
        raise InvalidSpan("a span below a second must divide a second evenly")
    if snap:
        _check_snap(unit, snap)
    return TimeSpan(count, unit, snap)


def _check_snap(unit: str, snap: str) -> None:
    if unit == "week" and re.fullmatch(r"@(?:w[0-7]?|week)", snap):
        return
    if snap[1:] in UNITS and UNITS[snap[1:]] == unit and unit in ("day", "month", "quarter", "year"):
        return  # where such a bin begins anyway
    raise InvalidSpan(f"a span is snapped to a weekday, in weeks: 1w@w1; not {snap!r}")


def span(text: str) -> Width:
    """A span of any kind.

    Raises:
        InvalidSpan: the text is none.
    """
    if logarithm := _LOGARITHM.fullmatch(text):
        coefficient, base = float(logarithm["coefficient"] or 1), float(logarithm["base"] or 10)
        if not (base > 1 and 1 <= coefficient < base):
            raise InvalidSpan(
                "of a logarithmic span the base is above 1, the coefficient at least 1 and below the base"
            )
        return LogSpan(coefficient, base)
    if text[:1].isdigit() or text[:1] == ".":
        try:
            width = Decimal(text)
        except InvalidOperation:
            return time_span(text)
        if not width:
            raise InvalidSpan("a span is not zero")
        return NumberSpan(width)
    return time_span(text)


def power_of_ten(extent: float, bins: int) -> NumberSpan:
    """The width for at most so many bins over an extent of numbers.

    Search Manual, "Search using time bins and spans": the least power of ten that is not below extent / bins.
    """
    if extent <= 0:
        return NumberSpan(Decimal(1))
    return NumberSpan(Decimal(10) ** math.ceil(math.log10(extent / bins) - 1e-9))


def labeller(width: Width, zone: tzinfo) -> Label:
    """What turns a number into the name of its bin: where it begins, for a span of time, else a range."""
    return (lambda value: width.floor(value, zone)) if isinstance(width, TimeSpan) else width.label
