"""Functions over multivalues."""

from __future__ import annotations

import re
from collections.abc import Callable

from searchhead.spl.compiling import split_at_pipes
from searchhead.spl.errors import SplError
from searchhead.spl.evaluation import Expression, Result
from searchhead.spl.functions.calls import Call
from searchhead.spl.regex import compile_regex, compile_regex_from_data
from searchhead.spl.times import InvalidTime, TimeModifier
from searchhead.spl.values import Row, Value, multivalue, number, text, texts, whole

# Assumed: Splunk's own limit is not public. A range that an event's own numbers ask for must not eat the memory.
_RANGE_LIMIT = 100_000


def mvappend(call: Call) -> Expression:
    """``mvappend(value, …)``: all values in order; nulls do not count."""
    operands = call.values()

    def evaluate(row: Row) -> Result:
        return multivalue([one for operand in operands for one in texts(_value(operand(row)))])

    return call.expression(evaluate)


def _value(result: Result) -> Value | None:
    # Truth values are refused while compiling; this tells the type checker.
    return None if isinstance(result, bool) else result


def mvcount(value: Value) -> int:
    """``mvcount``: 1 for a single value; null for null."""
    return len(value) if isinstance(value, list) else 1


def mvdedup(value: Value) -> Value | None:
    """``mvdedup``: each value once, where it came first."""
    return multivalue(dict.fromkeys(value)) if isinstance(value, list) else value


def mvsort(value: Value) -> Value | None:
    """``mvsort``: in the order of code points."""
    return multivalue(sorted(value)) if isinstance(value, list) else value


def mvreverse(value: Value) -> Value:
    """``mvreverse``: the values from the last to the first."""
    return value[::-1] if isinstance(value, list) else value


def commands(value: Value) -> Value | None:
    """``commands``: the names of the commands in a search text, in order; null for text that is no search."""
    found: list[str] = []
    for spl in texts(value):
        try:
            spans = split_at_pipes(spl)
        except SplError:
            return None
        words = [re.match(r"\s*([\w:]*)", spl[start:end]) for start, end in spans]
        found += [word[1] for word in words if word and word[1]]
    return multivalue(found)


def mvjoin(value: Value, delimiter: Value) -> str:
    """``mvjoin``: one text with the delimiter between the values."""
    return "".join(texts(delimiter)).join(texts(value))


def mvindex(value: Value, start: Value, end: Value | None = None) -> Value | None:
    """``mvindex``: the values from position to position, counted from 0 or from the end; null where there are none."""
    values = texts(value)
    first = whole(start)
    if end is None:
        return values[first] if first is not None and -len(values) <= first < len(values) else None
    last = whole(end)
    if first is None or last is None:
        return None
    first, last = (at + len(values) if at < 0 else at for at in (first, last))
    # Assumed: a range that reaches beyond the values gives those that are there.
    return multivalue(values[max(first, 0) : max(last + 1, 0)])


def mvzip(value: Value, other: Value, delimiter: Value = ",") -> Value | None:
    """``mvzip``: first with first, second with second, as long as both last."""
    between = text(delimiter) if not isinstance(delimiter, list) else ","
    return multivalue([one + between + another for one, another in zip(texts(value), texts(other), strict=False)])


def mvfind(call: Call) -> Expression:
    """``mvfind(multivalue, regex)``: the position, counted from 0, of the first value that matches; null for none."""
    value = call.value(0)
    regex = call.made(1, compile_regex, "the regular expression", from_data=compile_regex_from_data)

    def evaluate(row: Row) -> Result:
        values, found = texts(_value(value(row))), regex(row)
        return None if found is None else next((at for at, one in enumerate(values) if found.search(one)), None)

    return call.expression(evaluate)


def mvfilter(call: Call) -> Expression:
    """``mvfilter(condition)``: the values of the one field in the condition for which it holds."""
    condition = call.condition(0)
    fields = call.arguments[0].fields
    if len(fields) != 1:
        call.fail(f"mvfilter: the condition must read exactly one field, not {len(fields)}", 0)
    field = next(iter(fields))

    def evaluate(row: Row) -> Result:
        return multivalue([one for one in texts(row.get(field)) if condition({field: one}) is True])

    return call.expression(evaluate)


def mvmap(call: Call) -> Expression:
    """``mvmap(multivalue, expression)``: the results, one after the other, of the expression for each value.

    In the expression the one field that the first argument reads is the value.
    """
    values, fields = call.value(0), call.arguments[0].fields
    if len(fields) != 1:
        call.fail(f"mvmap: the first argument must read exactly one field, not {len(fields)}", 0)
    field = next(iter(fields))
    result = call.value(1)

    def evaluate(row: Row) -> Result:
        found: list[str] = []
        inner = dict(row)
        for one in texts(_value(values(row))):
            inner[field] = one
            found.extend(texts(_value(result(inner))))
        return multivalue(found)

    return call.expression(evaluate)


def mvrange(call: Call) -> Expression:
    """``mvrange(start, end, step)``: numbers from the start to before the end; a step may be a time span, ``7d``."""
    start, end = call.value(0), call.value(1)
    step = _step(call) if len(call.arguments) == 3 else lambda _row, at: at + 1

    def evaluate(row: Row) -> Result:
        at, stop = number(start(row)), number(end(row))
        found: list[str] = []
        while at is not None and stop is not None and at < stop:
            if len(found) == _RANGE_LIMIT:
                call.environment.warn(f"mvrange gave up after {_RANGE_LIMIT} values")
                return None
            found.append(text(at))
            following = step(row, at)
            if following is None or following <= at:
                return None
            at = following
        return multivalue(found)

    return call.expression(evaluate)


def _step(call: Call) -> Callable[[Row, float], float | None]:
    argument, width = call.arguments[2], call.value(2)
    if argument.quoted:
        try:
            span = TimeModifier(f"+{call.constant_text(2, 'the step')}")
        except InvalidTime as error:
            call.fail(f"mvrange: {error}", 2)
        return lambda _row, at: span.apply(at, call.environment.timezone)

    def by_number(row: Row, at: float) -> float | None:
        amount = number(width(row))
        return None if amount is None else at + amount

    return by_number
