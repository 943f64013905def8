"""``<function>(<field>) [AS <name>] … [BY <field> …]``: reading it, and the groups of rows it makes.

Used by every command that computes statistics over groups.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product

from searchhead.spl.aggregates import SUPPORTED, Accumulator, Make, aggregate, is_numeric, only_numbers
from searchhead.spl.arguments import end, field_list, field_name
from searchhead.spl.expressions import compile_expression
from searchhead.spl.lexer import Cursor, Token
from searchhead.spl.operators import Environment
from searchhead.spl.values import Row, Value, put, text, texts

Read = Callable[[Row], Value | None]


@dataclass(frozen=True)
class Aggregation:
    """One function over a field or an expression, and the name of its result.

    With a wildcard in the field, ``pattern`` stands for the fields, and each ``*`` in ``name`` takes what its
    counterpart matched. ``source`` is the function with its field, ``field`` the field alone, if there is one.
    ``numeric`` functions leave out what is no number. ``per`` is the number of seconds that a result is meant for.
    """

    name: str
    make: Make
    read: Read
    pattern: re.Pattern[str] | None = None
    source: str | None = None
    field: str | None = None
    numeric: bool = False
    per: float | None = None

    def name_for(self, field: str) -> str | None:
        """The name of the result for a field that the pattern matches; None if it does not match."""
        match = self.pattern.fullmatch(field) if self.pattern else None
        if match is None:
            return None
        groups = iter(match.groups())
        return re.sub(r"\*", lambda _star: next(groups, ""), self.name)


@dataclass(frozen=True)
class Grouping:
    """Aggregations and the fields to group by.

    With ``dedup_splitvals`` a value that stands twice in a multivalue of BY counts once.
    """

    aggregations: list[Aggregation]
    by: list[str]
    environment: Environment
    dedup_splitvals: bool = False


def compile_grouping(
    cursor: Cursor, environment: Environment, read_options: Callable[[], None] = lambda: None
) -> Grouping:
    """Read aggregations and the BY clause to the end of the cursor.

    ``read_options`` is called wherever options of the command may stand; it reads those that stand there.
    """
    read_options()
    aggregations = [compile_aggregation(cursor, environment)]
    read_options()
    while cursor.peek().kind != "end" and not cursor.peek().is_keyword("BY"):
        aggregations.append(compile_aggregation(cursor, environment))
        read_options()
    by: list[str] = []
    if token := cursor.take_keyword("BY"):
        by = field_list(cursor)
        if not by:
            cursor.fail("BY needs a field", token)
        read_options()
    end(cursor)
    check_names(cursor, aggregations, by)
    return Grouping(aggregations, by, environment)


def all_numbers(grouping: Grouping) -> Grouping:
    """What the option allnum makes of it: functions of numbers give null if a value is none."""
    aggregations = [replace(one, make=only_numbers(one.make)) if one.numeric else one for one in grouping.aggregations]
    return replace(grouping, aggregations=aggregations)


def check_names(cursor: Cursor, aggregations: list[Aggregation], by: list[str]) -> None:
    """Fail where two columns of the result would have one name, or one function over one field would stand twice."""
    names = [one.name for one in aggregations if one.pattern is None]
    for name in names:
        if name in by or names.count(name) > 1:
            cursor.fail(f'two columns of the result would be called "{name}"; give one another name with AS')
    sources = [one.source for one in aggregations if one.source is not None]
    for source in sources:
        if sources.count(source) > 1:
            # The Search Reference, rename: one field cannot be given several names, in stats neither.
            cursor.fail(f"{source} occurs twice; copy the column with eval")


# Functions that timechart has beside the others: sums for a length of time, in seconds.
PER = {"per_second": 1.0, "per_minute": 60.0, "per_hour": 3600.0, "per_day": 86_400.0}


def compile_aggregation(cursor: Cursor, environment: Environment, *, over_time: bool = False) -> Aggregation:
    """Read one function with its field and name, and a comma after it. ``over_time`` allows the ``per_…`` ones."""
    function = cursor.peek()
    known = function.text.lower() if function.kind == "word" else ""
    per = PER.get(known) if over_time else None
    make = aggregate("sum" if per else known)
    if known == "sparkline":
        cursor.unsupported("sparkline draws a picture, which nobody here can see")
    if known in PER and per is None:
        cursor.unsupported(f"{known} is a function of timechart only")
    if make is None:
        cursor.unsupported(f'"{function.text}" is no statistical function; supported: {", ".join(sorted(SUPPORTED))}')
    cursor.next()
    read, field = _argument(cursor, environment, function)
    name = cursor.spl[function.start : cursor.position].strip().rstrip(",").strip()
    source = None
    if field is not None:
        name = source = f"{function.text}({field})"
    if cursor.take_keyword("AS"):
        name = _field(cursor)
    cursor.take_symbol(",")
    wild = field is not None and "*" in field
    if "*" in name and (not wild or name.count("*") > (field or "").count("*")):
        cursor.fail("a wildcard in the new name needs one in the field")
    if wild and "*" not in name:
        cursor.fail("the results of several fields need a wildcard in the new name")
    pattern = _wild(field or "") if wild else None
    return Aggregation(name, make, read, pattern, source, field, numeric=is_numeric(known), per=per)


def _field(cursor: Cursor) -> str:
    """A field name, here also in single quotes, with which the Search Reference writes perc50('visitors total')."""
    if not cursor.peek().text.startswith("'"):
        return field_name(cursor, wildcards=True)
    cursor.switch(expression=True)
    token = cursor.next()
    if token.kind != "field" or not token.text:
        cursor.fail("expected a field name", token)
    cursor.switch(expression=False)
    return token.text


def _argument(cursor: Cursor, environment: Environment, function: Token) -> tuple[Read, str | None]:
    """How to read the values, and the name of the field if it is one."""
    counts = function.text.lower() in ("count", "c", *PER)
    if not cursor.peek().is_symbol("("):
        if not counts or function.text.lower() in PER:
            cursor.fail(f"{function.text} needs a field: {function.text}(field)", function)
        return (lambda _row: 1), None
    cursor.next()
    argument = cursor.peek()
    if argument.is_keyword("EVAL") and cursor.spl[argument.end :].lstrip().startswith("("):
        cursor.next()
        cursor.expect_symbol("(")
        read = _expression(cursor, environment, counts=counts)
        cursor.expect_symbol(")")
        cursor.expect_symbol(")")
        return read, None
    field = _field(cursor)
    cursor.expect_symbol(")")
    return (lambda row: row.get(field)), field


def _expression(cursor: Cursor, environment: Environment, *, counts: bool) -> Read:
    expression = compile_expression(cursor, environment)
    cursor.switch(expression=False)
    evaluate = expression.evaluate
    if expression.kind != "value" and not counts:
        cursor.fail("only count takes a condition; write if(…) for a value")

    def read(row: Row) -> Value | None:
        found = evaluate(row)
        # A condition counts where it holds.
        return (1 if found else None) if isinstance(found, bool) else found

    return read


def _wild(pattern: str) -> re.Pattern[str]:
    """The pattern with a group for each wildcard; internal fields only if the pattern begins with an underscore."""
    inner = "(.*)".join(re.escape(part) for part in pattern.split("*"))
    return re.compile(inner if pattern.startswith("_") else f"(?!_){inner}", re.DOTALL)


class _Group:
    """The accumulators of one group."""

    __slots__ = ("accumulators", "key", "spread")

    def __init__(self, key: tuple[Value, ...], accumulators: list[Accumulator]) -> None:
        self.key = key
        self.accumulators = accumulators
        self.spread: dict[tuple[int, str], Accumulator] = {}


class Groups:
    """The groups that rows fall into.

    A row that lacks a field of BY falls into none, one with a multivalue into the group of each value.
    """

    def __init__(self, grouping: Grouping) -> None:
        self._by = grouping.by
        self._warn = grouping.environment.warn
        self._dedup = grouping.dedup_splitvals
        self._plain = [one for one in grouping.aggregations if one.pattern is None]
        self._spread = [one for one in grouping.aggregations if one.pattern is not None]
        self._reads = [one.read for one in self._plain]
        self._groups: dict[tuple[str, ...], _Group] = {}
        self._names: dict[tuple[int, str], str | None] = {}
        if not self._by:
            self._group((), ())

    def add(self, rows: Iterable[Row]) -> None:
        """Count these rows."""
        groups, reads, keys, spread = self._groups, self._reads, self.keys, self._spread
        for row in rows:
            for key in keys(row):
                group = groups.get(key)
                if group is None:
                    group = self._group(key, self._values(row, key))
                for read, accumulator in zip(reads, group.accumulators, strict=True):
                    value = read(row)
                    if value is not None:
                        accumulator.add(value, row)
                if spread:
                    self._add_spread(group, row)

    def keys(self, row: Row) -> Iterable[tuple[str, ...]]:
        """The keys of the groups that a row falls into."""
        values = [row.get(name) for name in self._by]
        if None in values:
            return ()
        if any(isinstance(value, list) for value in values):
            if self._dedup:
                return product(*(dict.fromkeys(texts(value)) for value in values))
            return product(*map(texts, values))
        return (tuple(value if isinstance(value, str) else text(value) for value in values),)  # type: ignore[arg-type]  # neither null nor a multivalue, see above

    def results(self) -> Iterator[Row]:
        """A row for each group, ordered by the text of the fields of BY (assumed: what Splunk is seen to do)."""
        for key in sorted(self._groups):
            group = self._groups[key]
            yield dict(zip(self._by, group.key, strict=True)) | self._result(group)

    def result(self, key: tuple[str, ...]) -> dict[str, Value | None]:
        """The results of one group by name, null ones as well."""
        group = self._groups[key]
        found = {one.name: made.result() for one, made in zip(self._plain, group.accumulators, strict=True)}
        for (index, field), made in sorted(group.spread.items()):
            found[self._name(index, field) or ""] = made.result()
        return found

    def _result(self, group: _Group) -> Row:
        row: Row = {}
        for aggregation, made in zip(self._plain, group.accumulators, strict=True):
            put(row, aggregation.name, made.result())
        for (index, field), made in sorted(group.spread.items()):
            put(row, self._name(index, field) or "", made.result())
        return row

    def _group(self, key: tuple[str, ...], values: tuple[Value, ...]) -> _Group:
        group = self._groups[key] = _Group(values, [one.make(self._warn) for one in self._plain])
        return group

    def _values(self, row: Row, key: tuple[str, ...]) -> tuple[Value, ...]:
        values = (row[name] for name in self._by)
        return tuple(one if isinstance(value, list) else value for value, one in zip(values, key, strict=True))

    def _name(self, index: int, field: str) -> str | None:
        place = (index, field)
        if place not in self._names:
            self._names[place] = None if field in self._by else self._spread[index].name_for(field)
        return self._names[place]

    def _add_spread(self, group: _Group, row: Row) -> None:
        for index, aggregation in enumerate(self._spread):
            for field, value in row.items():
                if self._name(index, field) is not None:
                    made = group.spread.get((index, field))
                    if made is None:
                        made = group.spread[index, field] = aggregation.make(self._warn)
                    made.add(value, row)
