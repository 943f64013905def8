"""Functions over numbers: calculation, rounding, the least and greatest, chance, bits."""

from __future__ import annotations

import math
import operator
import random
from collections.abc import Callable
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from functools import reduce

from searchhead.spl.evaluation import Expression, Result
from searchhead.spl.functions.calls import Build, Call, on_numbers
from searchhead.spl.values import Row, number, text

# The bitwise functions work on whole numbers from 0 to 2**53-1, which a double holds exactly (Search Reference).
_MASK = 2**53 - 1


def rounded(value: float, digits: float = 0) -> float:
    """``round``: an exact half of the decimal digits goes up, also below zero.

    Documented: round(2.555, 2) is 2.56. Measured on Splunk 8.2.2 by others (qiita.com, frozencatpisces,
    3e0eaa1efcca9e242df8): round(4.5) is 5, round(-4.5) is -4, round(-4.51) is -5.
    """
    if abs(value) >= _MASK or digits > 15:
        return value
    half = ROUND_HALF_UP if value > 0 else ROUND_HALF_DOWN
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-int(digits)), half))


def logarithm(value: float, base: float = 10) -> float:
    """``log``: to the base 10 unless another is given."""
    return math.log10(value) if base == 10 else math.log(value) / math.log(base)


def extreme(*, greatest: bool) -> Build:
    """``max`` and ``min`` over values and values of multivalues: text is greater than numbers, null does not count."""
    pick = max if greatest else min

    def build(call: Call) -> Expression:
        operands = call.values()

        def evaluate(row: Row) -> Result:
            values: list[str | int | float] = []
            for operand in operands:
                value = operand(row)
                if isinstance(value, list):
                    values.extend(value)
                elif value is not None:
                    values.append(value)
            return pick(values, key=_numbers_first) if values else None

        return call.expression(evaluate)

    return build


def _numbers_first(value: str | int | float) -> tuple[bool, float, str]:
    amount = number(value)
    return (True, 0.0, text(value)) if amount is None else (False, amount, "")


def of_all(finish: Callable[[list[float]], float]) -> Build:
    """``sum`` and ``avg`` over numbers and those of multivalues; null for none. A text written out is an error."""

    def build(call: Call) -> Expression:
        operands = call.values()
        for at, argument in enumerate(call.arguments):
            if argument.quoted:
                call.fail(f"{call.name} takes numbers, not a text; write tonumber(…) around it", at)

        def evaluate(row: Row) -> Result:
            found = [amount for operand in operands for amount in _numbers(operand(row))]
            return finish(found) if found else None

        return call.expression(evaluate)

    return build


def _numbers(result: Result) -> list[float]:
    values = result if isinstance(result, list) else [result]
    return [amount for one in values if (amount := number(one)) is not None]


def average(numbers: list[float]) -> float:
    """``avg``."""
    return math.fsum(numbers) / len(numbers)


def chance(call: Call) -> Expression:
    """``random``: 0 to 2**31-1. Seeded by the search's own time: the same search over the same rows gives the same."""
    draw = random.Random(call.environment.now).randrange  # noqa: S311 - must be repeatable, not secret
    return call.expression(lambda _row: draw(2**31), constant=False)


def _bits(value: float) -> int:
    if not value.is_integer() or not 0 <= value <= _MASK:
        raise ValueError(value)
    return int(value)


def combined(operation: Callable[[int, int], int]) -> Build:
    """``bit_and``, ``bit_or`` and ``bit_xor``; null for what is not a whole number from 0 to 2**53-1."""
    return on_numbers(lambda *values: reduce(operation, map(_bits, values)))


def inverted(value: float, mask: float = float(_MASK)) -> int:
    """``bit_not(value, mask)``: the bits of the mask that the value does not have."""
    return ~_bits(value) & _bits(mask)


def shifted_left(value: float, offset: float) -> int:
    """``bit_shift_left``; assumed: bits shifted out of the 53 are lost."""
    return _bits(value) << min(_bits(offset), 53) & _MASK


def shifted_right(value: float, offset: float) -> int:
    """``bit_shift_right``."""
    return _bits(value) >> min(_bits(offset), 53)


bit_and, bit_or, bit_xor = combined(operator.and_), combined(operator.or_), combined(operator.xor)
