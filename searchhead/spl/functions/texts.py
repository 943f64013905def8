"""Functions over text: pieces, replacement, conversion from and to numbers, digests."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import unquote

from searchhead.spl.evaluation import Evaluate, Expression, Result, single_text
from searchhead.spl.functions.calls import Build, Call, on_text
from searchhead.spl.functions.mathematics import rounded
from searchhead.spl.regex import compile_regex, compile_regex_from_data
from searchhead.spl.values import Row, Value, multivalue, number, text, texts, whole

_BLANKS = " \t"


def substr(value: str, start: Value, length: Value | None = None) -> str | None:
    """``substr``: from a position counted from 1, or from the end if negative; assumed: 0 is the first position."""
    at, count = whole(start), None if length is None else whole(length)
    if at is None or (length is not None and count is None):
        return None
    first = max(len(value) + at, 0) if at < 0 else max(at - 1, 0)
    return value[first:] if count is None else value[first : first + max(count, 0)]


def trim(strip: Callable[[str, str], str]) -> Build:
    """``trim``, ``ltrim``, ``rtrim``: without the characters given, blanks and tabs if none are."""
    return on_text(lambda value, characters=_BLANKS: strip(value, text(characters)))


def split(value: Value, delimiter: Value) -> Value | None:
    """``split``: a multivalue of the pieces between delimiters; assumed: an empty delimiter cuts every character."""
    between = text(delimiter) if not isinstance(delimiter, list) else ""
    return multivalue([piece for one in texts(value) for piece in (one.split(between) if between else one)])


_REFERENCE = re.compile(r"\\(\\|\d{1,2})", re.ASCII)


def replace(call: Call) -> Expression:
    r"""``replace(text, regex, replacement)``: every match replaced; ``\1`` is the first group, ``\\`` a backslash."""
    regex = call.made(1, compile_regex, "the regular expression", from_data=compile_regex_from_data)
    value, template = call.value(0), call.value(2)
    ready: Callable[[re.Match[str]], str] | None = None
    if call.arguments[1].constant and call.arguments[2].constant:
        try:
            ready = _replacement(call.checked(1, compile_regex, ""), call.constant_text(2, "the replacement"))
        except ValueError as error:
            call.fail(f"replace: {error}", 2)

    def replacement(pattern: re.Pattern[str], row: Row) -> Callable[[re.Match[str]], str] | None:
        written = single_text(template(row))
        try:
            return None if written is None else _replacement(pattern, written)
        except ValueError as error:
            call.environment.warn(f"replace gives null: {error}")
            return None

    def evaluate(row: Row) -> Result:
        source, pattern = value(row), regex(row)
        if source is None or pattern is None:
            return None
        made = ready or replacement(pattern, row)
        # A multivalue is replaced value by value (assumed), as the other functions of text do it.
        return None if made is None else multivalue([pattern.sub(made, one) for one in texts(_plain(source))])

    return call.expression(evaluate)


@lru_cache(maxsize=256)
def _replacement(regex: re.Pattern[str], template: str) -> Callable[[re.Match[str]], str]:
    """What gives the text for a match. Raises ValueError for a group that the expression does not have."""
    pieces: list[str | int] = []
    at = 0
    for found in _REFERENCE.finditer(template):
        pieces += [template[at : found.start()], "\\" if found[1] == "\\" else int(found[1])]
        at = found.end()
    pieces.append(template[at:])
    missing = max((one for one in pieces if isinstance(one, int)), default=0)
    if missing > regex.groups:
        raise ValueError(f"the regular expression has no group {missing}")
    return lambda found: "".join(one if isinstance(one, str) else found[one] or "" for one in pieces)


def urldecode(value: str) -> str:
    """``urldecode``: ``%xx`` undone; assumed: a plus sign stays one."""
    return unquote(value)


def digest(algorithm: str) -> Build:
    """``md5``, ``sha1``, ``sha256``, ``sha512``: hexadecimal digits in lower case of the text's UTF-8."""
    return on_text(
        lambda value: hashlib.new(algorithm, value.encode(errors="replace"), usedforsecurity=False).hexdigest()
    )


def tonumber(value: Value, base: Value = 10) -> float | int | None:
    """``tonumber``: text as a number to a base from 2 to 36; null for text that is none."""
    radix = number(base)
    if radix is None or not 2 <= radix <= 36 or isinstance(value, list):
        return None
    if radix == 10:
        return number(value)
    digits = text(value).strip()
    # int() would also take underscores, which separate digits in Python only.
    if not re.fullmatch(r"[+-]?[0-9A-Za-z]+", digits):
        return None
    try:
        return float(int(digits, int(radix)))
    except (ValueError, OverflowError):
        return None


def toint(value: Value, base: Value = 10) -> float | None:
    """``toint``: as ``todouble``, rounded down to a whole number."""
    found = number(value) if isinstance(value, (int, float)) else tonumber(value, base)
    return None if found is None or not math.isfinite(found) else math.floor(found)


def todouble(value: Value, base: Value = 10) -> float | None:
    """``todouble``: a number as it is, text as ``tonumber`` reads it."""
    return float(value) if isinstance(value, (int, float)) else tonumber(value, base)


def tobool(call: Call) -> Expression:
    """``tobool``: of the texts true, True, false and False, of numbers (0 is false); null for all else."""
    value = call.arguments[0].evaluate

    def evaluate(row: Row) -> Result:
        found = value(row)
        if isinstance(found, bool):
            return found
        amount = number(found)
        if amount is not None:
            return amount != 0
        return _TRUTH.get(found) if isinstance(found, str) else None

    return call.expression(evaluate, "truth")


_TRUTH = {"true": True, "True": True, "false": False, "False": False}


def tostring(call: Call) -> Expression:
    """``tostring(value, format)``: also of a truth value (True, False); formats hex, binary, commas, duration."""
    value = call.arguments[0].evaluate
    if len(call.arguments) == 1:
        return call.expression(lambda row: _plain(value(row)))
    name = call.constant_text(1, "the format")
    if name not in _FORMATS:
        call.fail(f'tostring: "{name}" is no format; supported are {" ".join(_FORMATS)}', 1)
    written = _FORMATS[name]

    def evaluate(row: Row) -> Result:
        found = value(row)
        amount = number(found)
        return _plain(found) if amount is None or not math.isfinite(amount) else written(amount)

    return call.expression(evaluate)


def _plain(result: Result) -> Value | None:
    if isinstance(result, bool):
        return str(result)
    return result if isinstance(result, list) else single_text(result)


def _commas(amount: float) -> str:
    # Documented: rounded to two decimals; whole numbers are shown without any.
    return f"{int(amount):,}" if amount.is_integer() else f"{rounded(amount, 2):,.2f}"


def _duration(amount: float) -> str:
    sign, whole, fraction = "-" if amount < 0 else "", int(abs(amount)), abs(amount) % 1
    days, rest = divmod(whole, 86400)
    shown = f"{sign}{f'{days}+' if days else ''}{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    # Assumed: a part of a second is shown in microseconds.
    return f"{shown}.{int(fraction * 1_000_000):06}" if fraction else shown


_FORMATS: dict[str, Callable[[float], str]] = {
    "binary": lambda amount: f"{int(amount):b}",
    "commas": _commas,
    "duration": _duration,
    "hex": lambda amount: f"0x{int(amount):X}",
}

_SPECIFIER = re.compile(r"%(?:%|[-+ 0#]*\d*(?:\.\d+)?([diuoxXcsfFeEgG]))", re.ASCII)


# Python's conversions where they are named or behave otherwise: no unsigned one, and "c" fails for the empty text.
_OURS = {"i": "d", "u": "d", "c": "s"}


def printf(call: Call) -> Expression:
    """``printf(format, value, …)``: conversions d i u o x X c s f F e E g G with flags, width and precision.

    Null for a null value; assumed: text that is no number counts as 0 where a number is wanted.
    """
    template = call.constant_text(0, "the format")
    wanted: list[str] = []
    at = 0
    while (at := template.find("%", at)) >= 0:
        found = _SPECIFIER.match(template, at)
        if found is None:
            call.fail(f"printf: the conversion at {template[at : at + 8]!r} is not supported", 0)
        wanted += [found[1]] if found[1] else []
        at = found.end()
    if len(wanted) != len(call.arguments) - 1:
        call.fail(f"printf: the format takes {len(wanted)} values, not {len(call.arguments) - 1}", 0)
    operands: list[tuple[str, Evaluate]] = list(zip(wanted, call.values()[1:], strict=True))
    ready = _SPECIFIER.sub(lambda found: found[0][:-1] + _OURS.get(found[1], found[1] or "%"), template)

    def evaluate(row: Row) -> Result:
        values: list[str | float | int] = []
        for conversion, operand in operands:
            value = operand(row)
            shown = single_text(value)
            if shown is None:
                return None
            values.append(shown if conversion == "s" else _for_conversion(conversion, shown))
        return ready % tuple(values)

    return call.expression(evaluate)


def _for_conversion(conversion: str, shown: str) -> str | float | int:
    if conversion == "c":
        return shown[:1]
    return (whole(shown) if conversion in "diuoxX" else number(shown)) or 0
