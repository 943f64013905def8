"""Values and rows: every rule about null, numbers, text, case, wildcards and multivalues.

A row maps field names to values. A value is text, a number, or a multivalue: a list of at least two texts. An absent
key is null; the empty text is a value. Truth values exist inside expressions only, never in a row.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import lru_cache

Value = str | int | float | list[str]
Row = dict[str, Value]

_NUMBER = re.compile(r"\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*\Z", re.ASCII)


def number(value: Value | bool | None) -> float | None:
    """The value as a number, or None: numeric text counts as a number, a multivalue, null and other text do not."""
    if isinstance(value, str):  # by far the most
        return float(value) if _NUMBER.match(value) else None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    return None


def text(value: str | int | float) -> str:
    """A single value as text: whole numbers without a decimal point, others with the digits that tell them apart."""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        if math.isfinite(value) and value == int(value) and abs(value) < 1e18:
            return str(int(value))
        return repr(value)
    return str(value)


def texts(value: Value | None) -> list[str]:
    """Every single value of a value as text: none for null, one for a single value, all of a multivalue."""
    if value is None:
        return []
    return value if isinstance(value, list) else [text(value)]


def multivalue(values: Iterable[str]) -> Value | None:
    """The value that holds these texts: null for none, plain text for one, else a list."""
    found = list(values)
    if not found:
        return None
    return found[0] if len(found) == 1 else found


def put(row: Row, field: str, value: Value | None) -> None:
    """Give a field a value in place; null removes the field."""
    if value is None:
        row.pop(field, None)
    else:
        row[field] = value


def whole(value: Value | bool | None) -> int | None:
    """The value as a whole number, cut towards zero, or None; also None for an infinite one, as the text 1e999 is."""
    amount = number(value)
    return int(amount) if amount is not None and math.isfinite(amount) else None


@lru_cache(maxsize=4096)
def wildcard(pattern: str, *, ignore_case: bool = True) -> re.Pattern[str]:
    """The regular expression of a pattern in which ``*`` stands for any run of characters; use its ``fullmatch``."""
    flags = re.DOTALL | (re.IGNORECASE if ignore_case else re.NOFLAG)
    return re.compile(with_gaps([re.escape(part) for part in re.split(r"\*+", pattern)]), flags)


def with_gaps(parts: list[str]) -> str:
    """A regular expression for the parts in this order with anything between them.

    Each part but the last is taken where it comes first, which never loses a match of the whole; so hostile text
    cannot make the expression try all combinations.
    """
    if len(parts) == 1:
        return parts[0]
    first, *middle, last = parts
    return first + "".join(f"(?>.*?{part})" for part in middle) + ".*" + last


def compare(one: str | int | float, other: str | int | float) -> int:
    """The order of two single values: -1, 0 or 1. As numbers when both are, else as text by code points."""
    left, right = number(one), number(other)
    if left is not None and right is not None:
        return (left > right) - (left < right)
    first, second = text(one), text(other)
    return (first > second) - (first < second)
