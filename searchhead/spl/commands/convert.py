"""``convert [timeformat=<format>] <function>(<field>) [AS <name>] …``: values to numbers or times."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from searchhead.spl.aggregates import whole
from searchhead.spl.arguments import end, field_name
from searchhead.spl.commands.fields import matcher
from searchhead.spl.compiling import Compilation, Plan, streaming
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Environment
from searchhead.spl.times import InvalidTimeFormat, TimeFormat, TimePattern
from searchhead.spl.values import Row, Value, multivalue, number, put, texts

Convert = Callable[[str], str | int | float | None]

_TIMEFORMAT = "%m/%d/%Y %H:%M:%S"  # the documented default
_KEEP = "none"
_DURATION = re.compile(r"(?:(?:(\d+)\+)?(\d+):)?(\d+):(\d+(?:\.\d+)?)", re.ASCII)
_MEMORY = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*([kmg]?)", re.ASCII | re.IGNORECASE)
_UNIT = re.compile(r"\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)", re.ASCII)
_MINUTES = re.compile(r"(?:(\d+):)?(\d+)\.(\d+)", re.ASCII)
_KILOBYTES = {"": 1, "k": 1, "m": 1024, "g": 1024 * 1024}


def _num(value: str) -> float | None:
    found = number(value)
    return None if found is None else whole(found)


def _rmcomma(value: str) -> str:
    return value.replace(",", "")


def _rmunit(value: str) -> float | None:
    found = _UNIT.match(value)
    return _num(found[1]) if found else None


def _memk(value: str) -> float | None:
    found = _MEMORY.fullmatch(value)
    return whole(float(found[1]) * _KILOBYTES[found[2].lower()]) if found else None


def _dur2sec(value: str) -> float | None:
    found = _DURATION.fullmatch(value)
    if found is None:
        return None
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return whole(((days * 24 + hours) * 60 + minutes) * 60 + seconds)


def _mstime(value: str) -> float | None:
    found = _MINUTES.fullmatch(value)
    return whole(float(f"{int(found[1] or 0) * 60 + int(found[2])}.{found[3]}")) if found else None


def _number(value: str) -> float | None:
    """Assumed: the best conversion is the first of these that can be done. Units are not cut off unasked."""
    for attempt in (_num, _dur2sec, _memk):
        found = attempt(_rmcomma(value))
        if found is not None:
            return found
    return None


def _auto(value: str) -> str | float:
    found = _number(value)
    return value if found is None else found


_FUNCTIONS: dict[str, Convert] = {
    "auto": _auto,
    "dur2sec": _dur2sec,
    "memk": _memk,
    "mstime": _mstime,
    "num": _number,
    "rmcomma": _rmcomma,
    "rmunit": _rmunit,
}
_SUPPORTED = ", ".join(sorted((*_FUNCTIONS, "ctime", "mktime", _KEEP)))


def compile_convert(cursor: Cursor, compilation: Compilation) -> Plan:
    """What cannot be converted becomes null, except by auto and ctime, which leave the value as it is."""
    timeformat = _TIMEFORMAT
    if cursor.peek().is_keyword("TIMEFORMAT"):
        cursor.next()
        cursor.expect_symbol("=")
        token = cursor.next()
        if token.kind != "string":
            cursor.fail("timeformat needs a quoted text", token)
        timeformat = token.text
    conversions: list[tuple[Convert | None, str, str | None]] = []
    while cursor.peek().kind != "end":
        conversions.append(_conversion(cursor, timeformat, compilation.environment))
        cursor.take_symbol(",")
    if not conversions:
        cursor.fail(f"expected a function; supported: {_SUPPORTED}")
    end(cursor)
    kept = matcher(field for convert, field, _ in conversions if convert is None)
    steps = [
        (convert, matcher([field]) if "*" in field else None, field, name)
        for convert, field, name in conversions
        if convert is not None
    ]

    def process(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            for convert, matches, field, name in steps:
                for found in [field] if matches is None else [one for one in row if matches(one)]:
                    if found in row and not kept(found):
                        put(row, name or found, _converted(row[found], convert))
            yield row

    return streaming(process)


def _converted(value: Value, convert: Convert) -> Value | None:
    if not isinstance(value, list):
        return convert(texts(value)[0])
    converted = (convert(one) for one in value)
    return multivalue(texts(one)[0] for one in converted if one is not None)


def _conversion(cursor: Cursor, timeformat: str, environment: Environment) -> tuple[Convert | None, str, str | None]:
    function = cursor.next()
    kind = function.text.lower()
    convert = _FUNCTIONS.get(kind)
    if function.kind == "word" and kind in ("ctime", "mktime"):
        try:
            convert = _ctime(timeformat, environment) if kind == "ctime" else _mktime(timeformat, environment)
        except InvalidTimeFormat as error:
            cursor.unsupported(str(error), function)
    elif function.kind != "word" or (convert is None and kind != _KEEP):
        cursor.unsupported(f'"{function.text}" is no conversion; supported: {_SUPPORTED}', function)
    cursor.expect_symbol("(")
    field = field_name(cursor, wildcards=True)
    cursor.expect_symbol(")")
    name = None
    if cursor.take_keyword("AS"):
        if "*" in field or convert is None:
            cursor.fail("AS needs one field and a conversion")
        name = field_name(cursor)
    return convert, field, name


def _ctime(timeformat: str, environment: Environment) -> Convert:
    time_format, timezone = TimeFormat(timeformat), environment.timezone

    def convert(value: str) -> str:
        found = number(value)
        # Assumed: what is no time stays as it is.
        return value if found is None else time_format.write(found, timezone) or value

    return convert


def _mktime(timeformat: str, environment: Environment) -> Convert:
    pattern, timezone, now = TimePattern(timeformat), environment.timezone, environment.now

    def convert(value: str) -> float | None:
        found = pattern.read(value, timezone, now)
        return None if found is None else whole(found)

    return convert
