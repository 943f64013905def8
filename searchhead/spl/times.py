"""Splunk's time language: modifiers that move and snap a time (``-1d@d``), and the variables of time formats.

Times are epoch seconds, with a fraction. Whatever depends on a place on earth takes the time zone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import partial

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Spellings of the units as the Search Manual lists them ("Specify time modifiers in your search").
UNITS = {
    spelling: unit
    for unit, spellings in {
        "second": "s sec secs second seconds",
        "minute": "m min minute minutes",
        "hour": "h hr hrs hour hours",
        "day": "d day days",
        "week": "w week weeks",
        "month": "mon month months",
        "quarter": "q qtr qtrs quarter quarters",
        "year": "y yr yrs year years",
    }.items()
    for spelling in spellings.split()
}
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_STEP = re.compile(r"(?P<sign>[+-])(?P<count>\d*)(?P<unit>[A-Za-z]+)|@(?P<snap>w[0-7]|[A-Za-z]+)", re.ASCII)


class InvalidTime(ValueError):
    """Text that is no time modifier, or no time."""


class InvalidTimeFormat(ValueError):
    """A time format with a variable that is not supported, or one that leaves the time open."""


def moment(epoch: float, zone: tzinfo) -> datetime | None:
    """Epoch seconds as a time in a zone; None outside the years 1 to 9999."""
    try:
        return (_EPOCH + timedelta(seconds=epoch)).astimezone(zone)
    except (OverflowError, ValueError):
        return None


class TimeModifier:
    """A time modifier such as ``-1d@d``, ``+3h``, ``@w1`` or ``-1mon@mon+6h``; ``now`` changes nothing.

    Raises:
        InvalidTime: the text is none.
    """

    def __init__(self, modifier: str) -> None:
        self._steps: list[Callable[[datetime], datetime]] = []
        at = len(modifier) if modifier == "now" else 0
        while at < len(modifier) or not modifier:
            match = _STEP.match(modifier, at)
            step = self._step(match) if match else None
            if match is None or step is None:
                raise InvalidTime(f"{modifier!r} is no time modifier; write for example -1d@d, +3h or @w1")
            self._steps.append(step)
            at = match.end()

    def apply(self, epoch: float, zone: tzinfo) -> float | None:
        """The moved time, in epoch seconds. Days and longer keep the local time of day."""
        local = moment(epoch, zone)
        if local is None:
            return None
        try:
            for step in self._steps:
                local = step(local)
            return epoch if not self._steps else _epoch_of(local)
        except (OverflowError, ValueError):
            return None

    @staticmethod
    def _step(match: re.Match[str]) -> Callable[[datetime], datetime] | None:
        snap = match["snap"]
        if snap is None:
            unit = UNITS.get(match["unit"])
            count = int(match["sign"] + (match["count"] or "1"))
            return None if unit is None else partial(_moved, count=count, unit=unit)
        if snap[0] == "w" and snap[1:].isdigit():
            weekday = int(snap[1:]) % 7
            return partial(_snapped_to_weekday, weekday=weekday)
        unit = UNITS.get(snap)
        return None if unit is None else partial(_snapped, unit=unit)


def parse_time(text: str, now: float, zone: tzinfo) -> float:
    """A time that a person wrote, in epoch seconds: epoch seconds, ISO 8601, or a modifier such as ``-7d@d``.

    Modifiers start from ``now``. ISO 8601 without an offset is meant in the zone.

    Raises:
        InvalidTime: the text is none of these.
    """
    if re.fullmatch(r"\d+(?:\.\d+)?", text, re.ASCII):
        return float(text)
    if text == "now" or text[:1] in ("+", "-", "@"):
        moved = TimeModifier(text).apply(now, zone)
        if moved is None:
            raise InvalidTime(f"{text!r} leads out of the years 1 to 9999")
        return moved
    try:
        written = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidTime(f"{text!r} is no time; write ISO 8601, epoch seconds, or a modifier as -7d@d") from error
    return _epoch_of(written if written.tzinfo else written.replace(tzinfo=zone))


def _epoch_of(local: datetime) -> float:
    return (local - _EPOCH) / timedelta(seconds=1)


def _moved(local: datetime, count: int, unit: str) -> datetime:
    if unit in _SECONDS:
        return (local.astimezone(UTC) + timedelta(seconds=count * _SECONDS[unit])).astimezone(local.tzinfo)
    if unit in _DAYS:
        return local + timedelta(days=count * _DAYS[unit])
    months = local.year * 12 + local.month - 1 + count * _MONTHS[unit]
    first = local.replace(year=months // 12, month=months % 12 + 1, day=1)
    # Assumed: a day that the month does not have becomes its last one.
    last_day = (_first_of_next_month(first) - timedelta(days=1)).day
    return first.replace(day=min(local.day, last_day))


def _first_of_next_month(first: datetime) -> datetime:
    return (first + timedelta(days=31)).replace(day=1)


def _snapped_to_weekday(local: datetime, weekday: int) -> datetime:
    """The last midnight that began the weekday (0 is Sunday)."""
    midnight = _snapped(local, "day")
    return midnight - timedelta(days=(midnight.isoweekday() - weekday) % 7)


def _snapped(local: datetime, unit: str) -> datetime:
    if unit == "week":
        return _snapped_to_weekday(local, 0)
    whole = local.replace(microsecond=0)
    if unit == "second":
        return whole
    whole = whole.replace(second=0)
    if unit == "minute":
        return whole
    whole = whole.replace(minute=0)
    if unit == "hour":
        return whole
    whole = whole.replace(hour=0, fold=0)
    if unit == "day":
        return whole
    width = _MONTHS[unit]
    return whole.replace(day=1, month=(whole.month - 1) // width * width + 1)


_VARIABLE = re.compile(
    r"%(?:(?P<digits>[369])?(?P<fraction>[NQ])|(?P<colons>:{0,3})z|(?P<letter>[A-Za-z+%]))", re.ASCII
)
_MONTH_NAMES = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]
_DAY_NAMES = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
# Variables that stand for others, in the spelling of US English.
_COMPOUND = {
    "F": "%Y-%m-%d",
    "T": "%H:%M:%S",
    "X": "%H:%M:%S",
    "x": "%m/%d/%Y",
    "c": "%a %b %e %H:%M:%S %Y",
    "+": "%a %b %e %H:%M:%S %Z %Y",
}


def _pieces(time_format: str) -> list[tuple[str, str]]:
    """The format as pairs of a variable ("" for text) and its text or, for a fraction, its number of digits."""
    for letter, meaning in _COMPOUND.items():
        time_format = re.sub(rf"((?<!%)(?:%%)*)%{re.escape(letter)}", rf"\1{meaning}", time_format)
    pieces: list[tuple[str, str]] = []
    at = 0
    while at < len(time_format):
        found = _VARIABLE.match(time_format, at)
        if found is None and time_format[at] == "%":
            raise InvalidTimeFormat(f"{time_format[at : at + 3]!r} in {time_format!r} is no time variable")
        if found is None:
            pieces.append(("", time_format[at]))
        elif found["fraction"]:
            # Documented defaults: %N nanoseconds, %Q milliseconds.
            pieces.append(("fraction", found["digits"] or ("9" if found["fraction"] == "N" else "3")))
        elif found["letter"] == "f":
            pieces.append(("fraction", "6"))
        elif found["letter"] == "%":
            pieces.append(("", "%"))
        else:
            pieces.append((found["letter"] or "z", found["colons"] or ""))
        at = found.end() if found else at + 1
    return pieces


def _offset(local: datetime, colons: str) -> str:
    seconds = int((local.utcoffset() or timedelta()) / timedelta(seconds=1))
    sign, seconds = "-" if seconds < 0 else "+", abs(seconds)
    parts = [f"{seconds // 3600:02}", f"{seconds // 60 % 60:02}", f"{seconds % 60:02}"]
    if not colons:
        return sign + parts[0] + parts[1]
    return sign + ":".join(parts[: {":": 2, "::": 3, ":::": 1}[colons]])


_WRITTEN: dict[str, Callable[[datetime, str], str]] = {
    "": lambda _local, text: text,
    "A": lambda local, _: _DAY_NAMES[local.weekday()],
    "a": lambda local, _: _DAY_NAMES[local.weekday()][:3],
    "B": lambda local, _: _MONTH_NAMES[local.month - 1],
    "b": lambda local, _: _MONTH_NAMES[local.month - 1][:3],
    "d": lambda local, _: f"{local.day:02}",
    "e": lambda local, _: f"{local.day:2}",
    "G": lambda local, _: f"{local.isocalendar().year:04}",
    "g": lambda local, _: f"{local.isocalendar().year % 100:02}",
    "H": lambda local, _: f"{local.hour:02}",
    "I": lambda local, _: f"{local.hour % 12 or 12:02}",
    "j": lambda local, _: f"{local.timetuple().tm_yday:03}",
    "k": lambda local, _: f"{local.hour:2}",
    "M": lambda local, _: f"{local.minute:02}",
    "m": lambda local, _: f"{local.month:02}",
    "p": lambda local, _: "AM" if local.hour < 12 else "PM",
    "S": lambda local, _: f"{local.second:02}",
    "s": lambda local, _: str(int(_epoch_of(local) // 1)),
    "u": lambda local, _: str(local.isoweekday()),
    "V": lambda local, _: f"{local.isocalendar().week:02}",
    "w": lambda local, _: str(local.isoweekday() % 7),
    "Y": lambda local, _: f"{local.year:04}",
    "y": lambda local, _: f"{local.year % 100:02}",
    "Z": lambda local, _: local.tzname() or "",
    "fraction": lambda local, digits: f"{local.microsecond:06}000"[: int(digits)],
    "z": _offset,
}


class TimeFormat:
    """A format for writing times, in Splunk's variables (Search Reference, "Date and time format variables").

    Raises:
        InvalidTimeFormat: a variable that is unknown or not supported.
    """

    def __init__(self, time_format: str) -> None:
        self._writers: list[tuple[Callable[[datetime, str], str], str]] = []
        for variable, detail in _pieces(time_format):
            if variable not in _WRITTEN:
                raise InvalidTimeFormat(f"%{variable} in {time_format!r} is not supported")
            self._writers.append((_WRITTEN[variable], detail))

    def write(self, epoch: float, zone: tzinfo) -> str | None:
        """Epoch seconds as text; None outside the years 1 to 9999."""
        local = moment(epoch, zone)
        return None if local is None else "".join(write(local, detail) for write, detail in self._writers)


_TWO_DIGITS = r"\s*(\d{1,2})"
_READ = {
    **dict.fromkeys("demHkIMSy", _TWO_DIGITS),
    **dict.fromkeys("Aa", "({})".format("|".join(f"{name}|{name[:3]}" for name in _DAY_NAMES))),
    **dict.fromkeys("Bb", "({})".format("|".join(f"{name}|{name[:3]}" for name in _MONTH_NAMES))),
    "j": r"(\d{1,3})",
    "p": "([AP]M)",
    "s": r"([+-]?\d{1,11}(?:\.\d{1,9})?)",
    "Y": r"(\d{4})",
    "Z": "(UTC|GMT|Z)",
    "z": r"(Z|[+-]\d{2}(?::?\d{2}){0,2})",
    "fraction": r"(\d{1,9})",
}
# Two spellings of one thing.
_SAME = {"e": "d", "k": "H", "a": "A", "b": "B", "Z": "z"}


class TimePattern:
    """A format for reading times.

    A format without any date means today's (assumed), one with a part of a date is refused: Splunk gives null for it.

    Raises:
        InvalidTimeFormat: a variable that is not supported or occurs twice, or a date that lacks a part.
    """

    def __init__(self, time_format: str) -> None:
        self._variables: list[str] = []
        pattern = ""
        for variable, detail in _pieces(time_format):
            if not variable:
                pattern += r"\s*" if detail.isspace() else re.escape(detail)
                continue
            name = _SAME.get(variable, variable)
            if variable not in _READ or name in self._variables:
                raise InvalidTimeFormat(f"%{variable} in {time_format!r} cannot be read, or stands there twice")
            self._variables.append(name)
            pattern += _READ[variable]
        # Assumed: as in C, what follows after the format's end does not matter.
        self._pattern = re.compile(pattern, re.IGNORECASE | re.ASCII)
        self._check_date(time_format)

    def _check_date(self, time_format: str) -> None:
        known = set(self._variables)
        complete = "s" in known or (known & {"Y", "y"} and ("j" in known or ("d" in known and known & {"m", "B"})))
        if not complete and known & {"Y", "y", "m", "B", "d", "j"}:
            raise InvalidTimeFormat(f"{time_format!r} needs year, month and day, or no date at all")

    def read(self, text: str, zone: tzinfo, now: float) -> float | None:
        """The epoch seconds that the text means; None for text of another form. ``now`` gives a missing date."""
        match = self._pattern.match(text)
        if match is None:
            return None
        parts = dict(zip(self._variables, match.groups(), strict=True))
        fraction = float(f"0.{parts.get('fraction', '0')}")
        if "s" in parts:
            return float(parts["s"]) + fraction
        today = moment(now, zone)
        try:
            day = _date(parts, today) if today else None
            if day is None:
                return None
            local = day.replace(hour=_hour(parts), minute=int(parts.get("M", 0)), second=int(parts.get("S", 0)))
            if "z" in parts:
                local = local.replace(tzinfo=_zone(parts["z"]))
            return _epoch_of(local) + fraction
        except (OverflowError, ValueError):
            return None


def _date(parts: dict[str, str], today: datetime) -> datetime:
    midnight = today.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if "Y" not in parts and "y" not in parts:
        return midnight
    # POSIX: two digits from 69 on are of the last century.
    year = int(parts["Y"]) if "Y" in parts else int(parts["y"]) + (1900 if int(parts["y"]) >= 69 else 2000)
    if "j" in parts:
        first = midnight.replace(year=year, month=1, day=1)
        return first + timedelta(days=int(parts["j"]) - 1)
    return midnight.replace(year=year, month=_month(parts), day=int(parts["d"]))


def _month(parts: dict[str, str]) -> int:
    if "m" in parts:
        return int(parts["m"])
    return [name[:3].lower() for name in _MONTH_NAMES].index(parts["B"][:3].lower()) + 1


def _hour(parts: dict[str, str]) -> int:
    if "I" not in parts:
        return int(parts.get("H", 0))
    hour = int(parts["I"])
    if not 1 <= hour <= 12:
        raise ValueError(hour)
    return hour % 12 + (12 if parts.get("p", "AM").upper() == "PM" else 0)


def _zone(written: str) -> tzinfo:
    if written[0] not in "+-":
        return UTC
    digits = written[1:].replace(":", "").ljust(6, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]), seconds=int(digits[4:6]))
    return timezone(-offset if written[0] == "-" else offset)
