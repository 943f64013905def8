"""The options of chart and timechart: how series are chosen and named, how values are put into bins."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from searchhead.spl.aggregates import Accumulator
from searchhead.spl.arguments import Reader, at_option, boolean, end, field_name, options, string
from searchhead.spl.binoptions import MOST_BINS, bin_options
from searchhead.spl.charting import Choice, Key, Style
from searchhead.spl.errors import UnsupportedSpl
from searchhead.spl.expressions import compile_value
from searchhead.spl.grouping import Aggregation, check_names, compile_aggregation
from searchhead.spl.lexer import Cursor, Token
from searchhead.spl.operators import Environment
from searchhead.spl.spans import LogSpan, NumberSpan, TimeSpan, fitting, labeller, power_of_ten
from searchhead.spl.values import Row, Value, number, put

_DEFAULT_BINS = 300  # Search Reference, chart
_RANGE = re.compile(r"-?\d+(?:\.\d+)?(?=-)")
_CALL = re.compile(r'"(?:[^"\\]|\\.)*"|(?P<name>[A-Za-z_]\w*)\([^(),"]*\)')


@dataclass(frozen=True)
class Binning:
    """The options of bins as they were given for one field."""

    span: TimeSpan | NumberSpan | LogSpan | None = None
    bins: int | None = None
    minspan: TimeSpan | None = None
    start: float | None = None
    end: float | None = None
    aligntime: float | None = None

    def time_span(self, seconds: float, default_bins: int) -> TimeSpan:
        """The width in time for a range of so many seconds."""
        width = self.span
        if isinstance(width, NumberSpan):
            # Search Reference, timechart: a span without a unit is in seconds.
            width = TimeSpan(max(int(width.width), 1), "second")
        if not isinstance(width, TimeSpan):
            width = fitting(seconds, self.bins or default_bins, self.minspan)
        return width if self.aligntime is None else width.aligned(self.aligntime)

    def bins_of(self, field: str, numbers: list[float], environment: Environment) -> Bins:
        """The bins for these numbers, the values of the field."""
        extent = max(numbers) - min(numbers) if numbers else 0.0
        width = self.span
        if isinstance(width, TimeSpan) or field == "_time":
            width = self.time_span(extent, _DEFAULT_BINS)
        elif width is None:
            width = power_of_ten(extent, self.bins or _DEFAULT_BINS)
        return Bins(width, self.start, self.end, environment)


class Bins:
    """Names of bins for the values of a field. A value that is no number keeps its own name (assumed)."""

    def __init__(
        self, width: TimeSpan | NumberSpan | LogSpan, start: float | None, end: float | None, environment: Environment
    ) -> None:
        self._width = width
        self._zone = environment.timezone
        self._label = labeller(width, environment.timezone)
        self._start = start
        self._end = end
        self._warn = environment.warn

    def label(self, value: str) -> Key:
        """The name of the bin: where it begins, if it is one of time, else its range."""
        amount = number(value)
        found = None if amount is None else self._label(amount)
        return value if found is None else found

    def holds(self, value: str) -> bool:
        """Whether the value lies within start and end; what lies outside is discarded (Search Reference)."""
        amount = number(value)
        if amount is None:
            return True
        return (self._start is None or amount >= self._start) and (self._end is None or amount <= self._end)

    def fill(self, keys: list[Key]) -> list[Key]:
        """The names in order with those of the empty bins between them; assumed: logarithmic ones are not filled."""
        if isinstance(self._width, LogSpan):
            return keys
        if isinstance(self._width, TimeSpan):
            times = [key for key in keys if isinstance(key, float)]
            return self._filled(keys, times[0], times[-1]) if times else keys
        begins = [float(match[0]) for key in keys if (match := _RANGE.match(str(key)))]
        return self._filled(keys, begins[0], begins[-1]) if begins else keys

    def _filled(self, keys: list[Key], first: float, last: float) -> list[Key]:
        found: dict[Key, None] = {}
        at = first
        while at <= last:
            if len(found) == MOST_BINS:
                self._warn(f"more than {MOST_BINS} bins are needed to fill the gaps; they stay")
                return keys
            name = self._label(at)
            if name is None:
                return keys
            found[name] = None
            width = self._width
            if isinstance(width, TimeSpan):
                at = width.next(at, self._zone)
            else:
                at = float(Decimal(repr(at)) + width.width) if isinstance(width, NumberSpan) else last + 1
        return [*found, *(key for key in keys if key not in found)]


@dataclass(frozen=True)
class Split:
    """A field whose values name rows or columns."""

    field: str
    binning: Binning


class _Calculated:
    """An expression over the results of functions, ``eval(avg(a) * avg(b))``."""

    def __init__(self, parts: dict[str, tuple[Aggregation, Accumulator]], evaluate: Callable[[Row], Any]) -> None:
        self._parts = parts
        self._evaluate = evaluate

    def add(self, _value: Value, row: Row) -> None:
        for aggregation, accumulator in self._parts.values():
            value = aggregation.read(row)
            if value is not None:
                accumulator.add(value, row)

    def result(self) -> Value | None:
        row: Row = {}
        for name, (_aggregation, accumulator) in self._parts.items():
            put(row, name, accumulator.result())
        return self._evaluate(row)  # type: ignore[no-any-return]  # compile_value admits values only


class ChartReader:
    """Reads what chart and timechart have in common."""

    def __init__(self, cursor: Cursor, command: str, environment: Environment) -> None:
        self._cursor = cursor
        self._command = command
        self._environment = environment
        self._over_time = command == "timechart"
        self._bin_readers = bin_options(environment)
        self._bins: dict[str, Any] = {}
        self.given: dict[str, Any] = {}
        readers: dict[str, Reader] = {
            "limit": _limit,
            "agg": self._aggregation_option,
            **dict.fromkeys(("useother", "usenull", "cont", "dedup_splitvals"), boolean),
            **dict.fromkeys(("otherstr", "nullstr", "sep", "format"), string),
        }
        if self._over_time:
            readers |= {"partial": boolean, "fixedrange": boolean}
        self._readers = readers | self._bin_readers

    @property
    def binning(self) -> Binning:
        """The options of bins that stand before any field."""
        return Binning(**self._bins)

    def read_options(self) -> dict[str, Any]:
        """Read the options that stand here; those of bins are given back as well."""
        found = options(self._cursor, self._command, self._readers)
        bins = {name: value for name, value in found.items() if name in self._bin_readers}
        self.given |= {name: value for name, value in found.items() if name not in bins}
        return bins

    def aggregations(self, stops: tuple[str, ...]) -> list[Aggregation]:
        """The functions, options between them included, up to one of these words."""
        cursor, found = self._cursor, []
        self._bins |= self.read_options()
        while cursor.peek().kind != "end" and not cursor.peek().is_keyword(*stops):
            found.append(self._aggregation())
            self._bins |= self.read_options()
        if not found:
            cursor.fail(f"{self._command} needs a function, for example count")
        check_names(cursor, found, [])
        return found

    def split(self) -> Split:
        """A field with the options after it."""
        name = field_name(self._cursor)
        return Split(name, Binning(**self.read_options()))

    def finish(self, has_series: bool, aggregations: list[Aggregation], fields: list[str]) -> Style:
        """The where clause and the end, and what all options say about series."""
        cursor = self._cursor
        choice = self.given.get("limit", Choice())
        if "agg" in self.given:
            choice = replace(choice, function=self.given["agg"])
        if has_series and cursor.take_keyword("WHERE"):
            choice = self._where()
        self.read_options()
        end(cursor)
        for one in aggregations:
            if one.field in fields:
                # Search Reference, timechart: a field in a function cannot be the one to split by.
                cursor.fail(f"{one.field} stands in a function and is split by; copy it with eval")
            if one.pattern is not None:
                cursor.unsupported(f"{self._command} takes no wildcards in the field of a function")
        names = {key: self.given[key] for key in ("useother", "otherstr", "usenull", "nullstr") if key in self.given}
        separator = self.given.get("sep")
        shape = self.given.get("format", Style().format if separator is None else f"$AGG${separator}$VAL$")
        return Style(choice, format=shape, **names)

    def _aggregation(self) -> Aggregation:
        cursor = self._cursor
        token = cursor.peek()
        if token.is_keyword("EVAL") and cursor.spl[token.end :].lstrip().startswith("("):
            return self._calculation()
        return compile_aggregation(cursor, self._environment, over_time=self._over_time)

    def _calculation(self) -> Aggregation:
        """An expression over functions: each of them is computed, then the expression from their results."""
        cursor = self._cursor
        start = cursor.next().start
        inside, close = _inside(cursor)
        parts: dict[str, Aggregation] = {}

        def computed(match: re.Match[str]) -> str:
            if match["name"] is None:
                return match[0]
            at = inside + match.start()
            name = f"function {len(parts)}"
            inner = Cursor(cursor.spl, at, at + len(match[0]))
            try:
                parts[name] = compile_aggregation(inner, self._environment, over_time=self._over_time)
            except UnsupportedSpl:
                return match[0]
            return f"'{name}'"

        expression = Cursor(_CALL.sub(computed, cursor.spl[inside:close]), expression=True)
        evaluate = compile_value(expression, self._environment).evaluate
        end(expression)
        if not parts:
            cursor.fail("the expression needs a statistical function, for example eval(avg(a) / max(b))")
        name = field_name(cursor) if cursor.take_keyword("AS") else cursor.spl[start : close + 1]
        cursor.take_symbol(",")
        return Aggregation(
            name,
            lambda warn: _Calculated({key: (one, one.make(warn)) for key, one in parts.items()}, evaluate),
            lambda _row: 1,
        )

    def _aggregation_option(self, cursor: Cursor, token: Token) -> Aggregation:
        stop = token.end
        if cursor.peek().is_symbol("("):
            stop = _inside(cursor)[1] + 1
        return compile_aggregation(Cursor(cursor.spl, token.start, stop), self._environment)

    def _where(self) -> Choice:
        """``<function> in top5``, ``<function> notin bottom3``, ``<function> > 10``.

        Assumed: a function without a field, other than count, is one of the cells, as the documented sum in top10 is;
        count and a function with a field are of the rows of the series.
        """
        cursor = self._cursor
        token = cursor.peek()
        if cursor.spl[token.end :].lstrip().startswith("(") or token.is_keyword("COUNT", "C"):
            function, cells = compile_aggregation(cursor, self._environment), False
        else:
            shown = f"{cursor.next().text}(cells)"
            function, cells = compile_aggregation(Cursor(shown), self._environment), True
        if sign := cursor.take_symbol("<", ">"):
            value = cursor.next()
            limit = number(value.text)
            if limit is None:
                cursor.fail("expected a number", value)
            if sign.text == ">":
                return Choice(None, above=limit, function=function, cells=cells)
            return Choice(None, below=limit, function=function, cells=cells)
        how = cursor.take_keyword("IN", "NOTIN") or cursor.fail("expected in, notin, < or >")
        choice = _limit(cursor, cursor.next())
        return replace(choice, excluded=how.is_keyword("NOTIN"), function=function, cells=cells)


def _limit(cursor: Cursor, token: Token) -> Choice:
    match = re.fullmatch(r"(top|bottom)?\s*(\d*)", token.text.lower(), re.ASCII)
    digits = match[2] if match else ""
    if match and match[1] and not digits and not at_option(cursor):
        digits = cursor.next().text
    if match is None or not (digits.isascii() and digits.isdigit()):
        cursor.fail("expected a number, top<number> or bottom<number>", token)
    return Choice(int(digits), bottom=match[1] == "bottom")


def _inside(cursor: Cursor) -> tuple[int, int]:
    """Where what stands in the brackets that open here begins and ends; the brackets are consumed."""
    opening = cursor.expect_symbol("(")
    depth = 1
    while True:
        token = cursor.next()
        if token.kind == "end":
            cursor.fail("a bracket that is not closed", opening)
        depth += token.is_symbol("(") - token.is_symbol(")")
        if not depth:
            return opening.end, token.start
