"""Compiled expressions, and how the operators of eval compute: comparison, logic, arithmetic, joining text.

Each operator has one function that takes compiled operands and gives a closure over a row, so that nothing is looked
up while rows flow. Null comes out of a comparison or a calculation with null, and logic has three values: an ``AND``
is false as soon as one side is, an ``OR`` true as soon as one side is, anything else with null is null.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Literal, NamedTuple

from searchhead.spl.errors import SplError
from searchhead.spl.values import Row, Value, compare, number, text

Result = Value | bool | None
Evaluate = Callable[[Row], Result]
Kind = Literal["value", "truth", "null", "open"]


class Expression(NamedTuple):
    """A compiled expression.

    ``evaluate`` gives its result for a row: a value, a truth value, or None for null. ``kind`` tells which of them can
    come ("null": always null, which goes with both others; "open": known only when a subsearch has run). ``fields``
    are the names of the fields it reads, ``field`` is the name when the expression is nothing but a field,
    ``constant`` says that the result depends on nothing, ``quoted`` that it is a quoted text. ``start`` and ``end`` are
    its span in the search text.
    """

    evaluate: Evaluate
    kind: Kind
    start: int
    end: int
    fields: frozenset[str] = frozenset()
    field: str | None = None
    constant: bool = False
    quoted: bool = False


def truth(expression: Expression, row: Row) -> bool:
    """Whether a condition holds for a row: null does not hold."""
    return expression.evaluate(row) is True


def settled(expression: Expression, kind: Literal["value", "truth"], spl: str) -> Expression:
    """The expression where a value or a condition must stand: one that is open is checked when it is evaluated."""
    if expression.kind != "open":
        return expression
    evaluate, start, end = expression.evaluate, expression.start, expression.end

    def checked(row: Row) -> Result:
        result = evaluate(row)
        if result is not None and isinstance(result, bool) is not (kind == "truth"):
            what = "a condition" if kind == "truth" else "a value"
            raise SplError(f"the subsearch must give {what} here; end it with return or format", spl, start, end)
        return result

    return expression._replace(evaluate=checked, kind=kind)


def single_text(result: Result) -> str | None:
    """A result as one text; null for null, a multivalue and a truth value."""
    return text(result) if isinstance(result, (str, int, float)) and not isinstance(result, bool) else None


def matches_any(value: Result, accepts: Callable[[str], bool]) -> bool | None:
    """Whether the value, or any value of a multivalue, is accepted; null for null."""
    if isinstance(value, str):
        return accepts(value)
    if isinstance(value, list):
        return any(map(accepts, value))
    return None if value is None else accepts(text(value))


_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
COMPARISONS = tuple(_COMPARISONS)


def comparison(symbol: str, left: Expression, right: Expression) -> Evaluate:
    """Compare two values: as numbers when both are, else as text by code points, case-sensitively.

    A multivalue compares when any of its values does. For ``!=`` no public source settles that; assumed: the same,
    so that ``!=`` holds when any value differs.
    """
    if left.kind == "truth":
        return _truth_comparison(symbol, left.evaluate, right.evaluate)
    holds = _COMPARISONS[symbol]
    left_value, right_value = left.evaluate, right.evaluate
    if right.constant:
        wanted = right.evaluate({})
        amount = number(wanted)
        if isinstance(wanted, (str, int, float)) and amount is not None:
            return _comparison_with_number(left_value, holds, amount, text(wanted))
        if isinstance(wanted, str) and symbol in ("=", "==", "!="):
            return _equality_with_text(left_value, wanted, negated=symbol == "!=")

    def evaluate(row: Row) -> Result:
        one, other = left_value(row), right_value(row)
        if one is None or other is None:
            return None
        if isinstance(one, list) or isinstance(other, list):
            ones = one if isinstance(one, list) else [one]
            others = other if isinstance(other, list) else [other]
            return any(holds(compare(a, b), 0) for a in ones for b in others)
        return holds(compare(one, other), 0)

    return evaluate


def _comparison_with_number(
    value: Evaluate, holds: Callable[[int, int], bool], wanted: float, written: str
) -> Evaluate:
    def compared(one: str | int | float) -> bool:
        found = number(one)
        if found is None:
            return holds(compare(one, written), 0)
        return holds((found > wanted) - (found < wanted), 0)

    def evaluate(row: Row) -> Result:
        found = value(row)
        if found is None:
            return None
        return any(map(compared, found)) if isinstance(found, list) else compared(found)

    return evaluate


def _equality_with_text(value: Evaluate, wanted: str, *, negated: bool) -> Evaluate:
    def evaluate(row: Row) -> Result:
        found = value(row)
        if found is None:
            return None
        if isinstance(found, list):
            return any((one == wanted) is not negated for one in found)
        return (found == wanted) is not negated

    return evaluate


def _truth_comparison(symbol: str, left: Evaluate, right: Evaluate) -> Evaluate:
    negated = symbol == "!="

    def evaluate(row: Row) -> Result:
        one, other = left(row), right(row)
        return None if one is None or other is None else (one is other) is not negated

    return evaluate


def membership(value: Expression, members: list[Expression]) -> Evaluate:
    """Whether a value equals any of the members, as ``=`` does; null for a null value."""
    wanted = [single_text(member.evaluate({})) if member.constant else None for member in members]
    if None not in wanted:
        among = frozenset(wanted)
        amounts = frozenset(map(number, among)) - {None}
        accepts = (lambda one: one in among or number(one) in amounts) if amounts else among.__contains__
        find = value.evaluate
        return lambda row: matches_any(find(row), accepts)
    return either([comparison("=", value, member) for member in members])


def both(operands: list[Evaluate]) -> Evaluate:
    """``AND`` over the operands."""

    def evaluate(row: Row) -> Result:
        unknown = False
        for operand in operands:
            result = operand(row)
            if result is False:
                return False
            unknown = unknown or result is None
        return None if unknown else True

    return evaluate


def either(operands: list[Evaluate]) -> Evaluate:
    """``OR`` over the operands."""

    def evaluate(row: Row) -> Result:
        unknown = False
        for operand in operands:
            result = operand(row)
            if result is True:
                return True
            unknown = unknown or result is None
        return None if unknown else False

    return evaluate


def exclusive(left: Evaluate, right: Evaluate) -> Evaluate:
    """``XOR`` of two operands."""

    def evaluate(row: Row) -> Result:
        one, other = left(row), right(row)
        return None if one is None or other is None else one is not other

    return evaluate


def negation(operand: Evaluate) -> Evaluate:
    """``NOT``; assumed: of null it is null, so that ``where NOT a=1`` drops a row without the field ``a``."""

    def evaluate(row: Row) -> Result:
        result = operand(row)
        return None if result is None else not result

    return evaluate


def _divide(dividend: float, divisor: float) -> float | None:
    return dividend / divisor if divisor else None


def _remainder(dividend: float, divisor: float) -> float | None:
    # Assumed: the sign of the dividend, as in C.
    return math.fmod(dividend, divisor) if divisor and math.isfinite(dividend) else None


_ARITHMETIC: dict[str, Callable[[float, float], float | None]] = {
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
    "%": _remainder,
}


# A double holds every whole number below; from here on it skips some.
INEXACT = 2.0**53


def inexact(spl: str, start: int, end: int) -> str:
    """What to say when a calculation meets a number of which a double does not hold every digit."""
    shown = " ".join(spl[start:end].split())
    return f"a number of 2^53 or more in {shown[:80]}: not all its digits count, for numbers are doubles"


def arithmetic(symbol: str, left: Evaluate, right: Evaluate, lossy: Callable[[], None] = lambda: None) -> Evaluate:
    """Calculate in doubles; null for an operand that is no number, and for a division by zero.

    ``lossy`` is called for numbers of which doubles do not hold every digit.
    """
    if symbol == "+":
        return _addition(left, right, lossy)
    calculate = _ARITHMETIC[symbol]

    def evaluate(row: Row) -> Result:
        one, other = number(left(row)), number(right(row))
        if one is None or other is None:
            return None
        result = calculate(one, other)
        if abs(one) >= INEXACT or abs(other) >= INEXACT or abs(result or 0) >= INEXACT:
            lossy()
        return result

    return evaluate


def _addition(left: Evaluate, right: Evaluate, lossy: Callable[[], None]) -> Evaluate:
    def evaluate(row: Row) -> Result:
        one, other = left(row), right(row)
        first, second = number(one), number(other)
        if first is not None and second is not None:
            if abs(first) >= INEXACT or abs(second) >= INEXACT or abs(first + second) >= INEXACT:
                lossy()
            return first + second
        # Two texts are joined; a number and other text have no sum.
        if isinstance(one, str) and isinstance(other, str) and first is None and second is None:
            return one + other
        return None

    return evaluate


def opposite(operand: Evaluate) -> Evaluate:
    """Unary minus."""

    def evaluate(row: Row) -> Result:
        value = number(operand(row))
        return None if value is None else -value

    return evaluate


def joined(operands: list[Evaluate]) -> Evaluate:
    """``.``: the texts of the operands one after the other; assumed: null when one is null or a multivalue."""

    def evaluate(row: Row) -> Result:
        parts = []
        for operand in operands:
            part = operand(row)
            if not isinstance(part, str):
                part = single_text(part)
                if part is None:
                    return None
            parts.append(part)
        return "".join(parts)

    return evaluate
