"""Functions over time. The clock is the search's own ``now``, so that a search gives the same tomorrow."""

from __future__ import annotations

from searchhead.spl.evaluation import Expression, Result, single_text
from searchhead.spl.functions.calls import Call
from searchhead.spl.times import TimeFormat, TimeModifier, TimePattern
from searchhead.spl.values import Row, number


def now(call: Call) -> Expression:
    """``now``: when the search started, in whole seconds."""
    seconds = int(call.environment.now)
    return call.expression(lambda _row: seconds)


def time(call: Call) -> Expression:
    """``time``: the search's own time with its fraction.

    Unlike Splunk, where it is the wall clock, ``time`` is the same for all rows, so that a search can be repeated.
    """
    moment = call.environment.now
    return call.expression(lambda _row: moment)


def relative_time(call: Call) -> Expression:
    """``relative_time(time, modifier)``: a time moved and snapped, as ``-1d@d``."""
    value = call.value(0)
    modifier = call.made(1, TimeModifier, "the time modifier")
    zone = call.environment.timezone

    def evaluate(row: Row) -> Result:
        moment, moved = number(value(row)), modifier(row)
        return None if moment is None or moved is None else moved.apply(moment, zone)

    return call.expression(evaluate)


def strftime(call: Call) -> Expression:
    """``strftime(time, format)``: epoch seconds as text."""
    value = call.value(0)
    time_format = call.made(1, TimeFormat, "the time format")
    zone = call.environment.timezone

    def evaluate(row: Row) -> Result:
        moment, shown = number(value(row)), time_format(row)
        return None if moment is None or shown is None else shown.write(moment, zone)

    return call.expression(evaluate)


def strptime(call: Call) -> Expression:
    """``strptime(text, format)``: epoch seconds; null for text of another form."""
    value = call.value(0)
    pattern = call.made(1, TimePattern, "the time format")
    zone, today = call.environment.timezone, call.environment.now

    def evaluate(row: Row) -> Result:
        shown, expected = single_text(value(row)), pattern(row)
        return None if shown is None or expected is None else expected.read(shown, zone, today)

    return call.expression(evaluate)
