"""``top [<n>] [<option>=<value> …] <field> … [BY <field> …]``: the most common values; ``rare``: the least common.

Options are limit, countfield, percentfield, showcount, showperc, useother and otherstr.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from searchhead.spl.aggregates import aggregate
from searchhead.spl.arguments import at_option, boolean, end, field_list, integer, options, string
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.grouping import Aggregation, Grouping, Groups
from searchhead.spl.lexer import Cursor, Token
from searchhead.spl.operators import Environment, Operator
from searchhead.spl.values import Row

_OPTIONS: dict[str, Callable[[Cursor, Token], Any]] = {
    "countfield": string,
    "limit": integer,
    "otherstr": string,
    "percentfield": string,
    "showcount": boolean,
    "showperc": boolean,
    "useother": boolean,
}
_COUNT = "_count"  # cannot be a column of the result


@dataclass(frozen=True)
class _Style:
    """What top and rare are told by their options; the defaults are the documented ones."""

    limit: int = 10
    countfield: str = "count"
    percentfield: str = "percent"
    showcount: bool = True
    showperc: bool = True
    useother: bool = False
    otherstr: str = "OTHER"


def compile_top(cursor: Cursor, compilation: Compilation) -> Plan:
    """A row a combination of values, most frequent first, for each combination of the fields of BY."""
    return _compile(cursor, compilation, "top", most=True)


def compile_rare(cursor: Cursor, compilation: Compilation) -> Plan:
    """A row a combination of values, least frequent first, for each combination of the fields of BY."""
    return _compile(cursor, compilation, "rare", most=False)


def _compile(cursor: Cursor, compilation: Compilation, command: str, *, most: bool) -> Plan:
    given = options(cursor, command, _OPTIONS)
    number = cursor.peek()
    if most and number.kind == "word" and number.text.isdigit():
        given["limit"] = integer(cursor, cursor.next())
    given |= options(cursor, command, _OPTIONS)
    first = cursor.peek()
    fields = field_list(cursor, stop=_at_option_or_by)
    given |= options(cursor, command, _OPTIONS)
    by: list[str] = []
    if token := cursor.take_keyword("BY"):
        by = field_list(cursor)
        if not by:
            cursor.fail("BY needs a field", token)
    given |= options(cursor, command, _OPTIONS)
    end(cursor)
    if not fields:
        cursor.fail("expected a field name", first)
    style = _Style(**given)
    shown = [style.countfield] * style.showcount + [style.percentfield] * style.showperc
    names = [*by, *fields, *shown]
    if len(set(names)) < len(names):
        cursor.fail("two columns of the result would have the same name; see countfield and percentfield", first)
    return Plan(lambda: _Top(fields, by, style, compilation.environment, most=most))


def _at_option_or_by(cursor: Cursor) -> bool:
    return at_option(cursor) or cursor.peek().is_keyword("BY")


class _Top(Operator):
    def __init__(
        self, fields: list[str], by: list[str], style: _Style, environment: Environment, *, most: bool
    ) -> None:
        make = aggregate("count")
        assert make is not None  # noqa: S101 - for the type checker: count is a function
        self._groups = Groups(Grouping([Aggregation(_COUNT, make, lambda _row: 1)], [*by, *fields], environment))
        self._fields = fields
        self._by = by
        self._style = style
        self._most = most

    def process(self, rows: Iterable[Row]) -> Iterable[Row]:
        self._groups.add(rows)
        return ()

    def finish(self) -> Iterator[Row]:
        for _, rows in groupby(self._groups.results(), lambda row: [row[name] for name in self._by]):
            yield from self._ranked(list(rows))

    def _ranked(self, rows: list[Row]) -> Iterator[Row]:
        """The rows of one group of BY; of equally frequent ones the one first in text order goes first (assumed)."""
        counts = [_counted(row) for row in rows]
        total = sum(counts)
        order = sorted(range(len(rows)), key=lambda at: -counts[at] if self._most else counts[at])
        limit = self._style.limit or len(order)
        for at in order[:limit]:
            yield self._row(rows[at], counts[at], total)
        left = sum(counts[at] for at in order[limit:])
        if self._style.useother and left:
            other: Row = {name: rows[0][name] for name in self._by} | dict.fromkeys(self._fields, self._style.otherstr)
            yield self._row(other, left, total)

    def _row(self, row: Row, count: int, total: int) -> Row:
        found: Row = {name: value for name, value in row.items() if name != _COUNT}
        if self._style.showcount:
            found[self._style.countfield] = count
        if self._style.showperc:
            # Splunk writes six decimals.
            found[self._style.percentfield] = round(100 * count / total, 6)
        return found


def _counted(row: Row) -> int:
    return int(row[_COUNT])  # type: ignore[arg-type]  # a count is a number
