"""``streamstats [<option>=<value> …] <function>(<field>) [AS <name>] … [BY <field> …]``: statistics of the rows so far.

Options are current, window, time_window, global, allnum, reset_on_change, reset_before and reset_after.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from searchhead.spl.arguments import at_option, boolean, end, integer, value
from searchhead.spl.binoptions import checked
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.evaluation import Evaluate
from searchhead.spl.expressions import compile_condition
from searchhead.spl.grouping import Grouping, Groups, all_numbers, compile_grouping
from searchhead.spl.lexer import Cursor, Token
from searchhead.spl.operators import Environment, Operator
from searchhead.spl.spans import TimeSpan, time_span
from searchhead.spl.values import Row, Value, number, put

_Key = tuple[str, ...]
_WINDOW = 10_000  # limits.conf, [stats] max_stream_window


def _window(cursor: Cursor, token: Token) -> int:
    found = integer(cursor, token)
    if found > _WINDOW:
        cursor.fail(f"a window holds at most {_WINDOW} rows", token)
    return found


_OPTIONS: dict[str, Callable[[Cursor, Token], Any]] = {
    "allnum": boolean,
    "current": boolean,
    "global": boolean,
    "reset_on_change": boolean,
    "time_window": checked(time_span),
    "window": _window,
}
_RESETS = ("reset_before", "reset_after")


@dataclass(frozen=True)
class _Style:
    """What the options say; the defaults are the documented ones. ``unordered`` raises an error."""

    unordered: Callable[[], NoReturn]
    current: bool = True
    window: int = 0
    time_window: float = 0.0
    shared_window: bool = True
    reset_on_change: bool = False
    reset_before: Evaluate | None = None
    reset_after: Evaluate | None = None


def compile_streamstats(cursor: Cursor, compilation: Compilation) -> Plan:
    """Each row gets the statistics of its group as of now; one that lacks a field of BY passes without (assumed).

    ``window`` counts rows of all groups together, with global=false of each group; ``time_window`` needs rows that are
    in order of time. reset_after may refer to the statistics, reset_before may not.
    """
    start = cursor.peek()
    given: dict[str, Any] = {}
    environment = compilation.environment
    grouping = compile_grouping(cursor, environment, lambda: given.update(_options(cursor, environment)))

    def unordered() -> NoReturn:
        cursor.fail("streamstats with time_window needs rows in order of time: sort them before", start)

    width: TimeSpan | None = given.pop("time_window", None)
    if width:
        given.setdefault("window", _WINDOW)  # a window in time is bounded by default as well
    given["shared_window"] = given.pop("global", True)
    if given.pop("allnum", False):
        grouping = all_numbers(grouping)
    style = _Style(unordered, time_window=width.seconds if width else 0.0, **given)
    return Plan(lambda: _Streamstats(grouping, style))


def _options(cursor: Cursor, environment: Environment) -> dict[str, Any]:
    given: dict[str, Any] = {}
    while at_option(cursor):
        token = cursor.next()
        name = token.text.lower()
        if name not in (*_OPTIONS, *_RESETS):
            supported = ", ".join(sorted([*_OPTIONS, *_RESETS]))
            cursor.unsupported(f'streamstats has no option "{token.text}"; supported: {supported}', token)
        cursor.next()
        given[name] = _condition(cursor, environment) if name in _RESETS else _OPTIONS[name](cursor, value(cursor))
    return given


def _condition(cursor: Cursor, environment: Environment) -> Evaluate:
    """``(<condition>)``, or in the two ways of the Search Reference ``"(<condition>)"`` and ``"("<condition>")"``."""
    opening = cursor.peek()
    if opening.kind == "string":
        cursor.next()
        text = opening.text
        if text == "(":
            start = cursor.position
            while cursor.peek().kind not in ("string", "end"):
                cursor.next()
            text = f"({cursor.spl[start : cursor.position]}{cursor.next().text}"
        inner = Cursor(text, expression=True)
        if not (text.startswith("(") and text.endswith(")")):
            cursor.fail("expected a condition in parentheses", opening)
        evaluate = compile_condition(inner, environment).evaluate
        end(inner)
        return evaluate
    if not opening.is_symbol("("):
        cursor.fail("expected a condition in parentheses")
    evaluate = compile_condition(cursor, environment).evaluate
    cursor.switch(expression=False)
    return evaluate


class _Streamstats(Operator):
    def __init__(self, grouping: Grouping, style: _Style) -> None:
        self._grouping = grouping
        self._style = style
        self._keys = Groups(grouping).keys
        self._memory: _Memory = _Window(grouping, style) if style.window or style.time_window else _All(grouping)
        self._last_key: _Key | None = None

    def process(self, rows: Iterable[Row]) -> Iterator[Row]:
        style = self._style
        for row in rows:
            # Assumed: a row with a multivalue in BY goes with the first of its values.
            key = next(iter(self._keys(row)), None)
            if key is None:
                yield row
                continue
            changed = style.reset_on_change and self._last_key not in (None, key)
            if changed or (style.reset_before is not None and style.reset_before(row) is True):
                self._memory.clear()
            self._last_key = key
            seen = dict(row)
            if style.current:
                self._memory.add(key, seen)
            # Assumed: where no row came before, count is 0 and the other functions give null.
            for name, found in self._memory.result(key, seen).items():
                put(row, name, found)
            if not style.current:
                self._memory.add(key, seen)
            if style.reset_after is not None and style.reset_after(row) is True:
                self._memory.clear()
            yield row


class _Memory:
    """What is known of the rows so far."""

    def clear(self) -> None:
        """Forget all."""
        raise NotImplementedError(type(self).__name__)

    def add(self, key: _Key, row: Row) -> None:
        """Take a row of a group."""
        raise NotImplementedError(type(self).__name__)

    def result(self, key: _Key, row: Row) -> dict[str, Value | None]:
        """The statistics of a group as this row sees them."""
        raise NotImplementedError(type(self).__name__)


class _All(_Memory):
    """All rows count."""

    def __init__(self, grouping: Grouping) -> None:
        self._grouping = grouping
        self._groups: dict[_Key, Groups] = {}

    def clear(self) -> None:
        self._groups = {}

    def add(self, key: _Key, row: Row) -> None:
        self._of(key).add((row,))

    def result(self, key: _Key, _row: Row) -> dict[str, Value | None]:
        return self._of(key).result(())

    def _of(self, key: _Key) -> Groups:
        found = self._groups.get(key)
        if found is None:
            found = self._groups[key] = _ungrouped(self._grouping)
        return found


class _Window(_Memory):
    """The last rows, or those of the last seconds, count; the statistics are computed anew for each row."""

    def __init__(self, grouping: Grouping, style: _Style) -> None:
        self._grouping = grouping
        self._style = style
        self._rows: dict[_Key, deque[tuple[_Key, Row]]] = {}
        self._last_time: float | None = None
        self._rising: bool | None = None

    def clear(self) -> None:
        self._rows = {}

    def add(self, key: _Key, row: Row) -> None:
        rows = self._of(key)
        rows.append((key, row))
        if self._style.window and len(rows) > self._style.window:
            rows.popleft()

    def result(self, key: _Key, row: Row) -> dict[str, Value | None]:
        rows = self._of(key)
        if self._style.time_window:
            time = self._time(row)
            # Assumed: a row that is exactly the window's length away is out of it.
            while rows and abs(self._time(rows[0][1]) - time) >= self._style.time_window:
                rows.popleft()
            self._check_order(time)
        groups = _ungrouped(self._grouping)
        groups.add(one for its, one in rows if its == key)
        return groups.result(())

    def _of(self, key: _Key) -> deque[tuple[_Key, Row]]:
        # Assumed: global is about time_window as well, where it changes nothing.
        return self._rows.setdefault(() if self._style.shared_window else key, deque())

    def _time(self, row: Row) -> float:
        time = number(row.get("_time"))
        return self._style.unordered() if time is None else time

    def _check_order(self, time: float) -> None:
        last, self._last_time = self._last_time, time
        if last is None or last == time:
            return
        if self._rising not in (None, time > last):
            self._style.unordered()
        self._rising = time > last


def _ungrouped(grouping: Grouping) -> Groups:
    """Empty groups for the rows of one combination of the fields of BY."""
    return Groups(Grouping(grouping.aggregations, [], grouping.environment))
