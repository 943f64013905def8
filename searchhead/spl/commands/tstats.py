"""``tstats <function>[(<field>)] … [FROM datamodel=<name>] [WHERE <terms>] [BY <field> …]``: fast statistics.

Over a dataset of a data model (``FROM datamodel=<model>.<dataset>``), else over the fields that events have when they
are indexed. ``AS <name>`` may follow a function, ``span=<time>`` the fields of BY, for _time.

Options are prestats, append, summariesonly, allow_old_summaries, include_reduced_buckets, local, chunk_size and
fillnull_value; they stand before the functions.

Unlike Splunk it has one set of events and no summaries, so that summariesonly, allow_old_summaries,
include_reduced_buckets, local and chunk_size change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from searchhead.spl.arguments import at_option, boolean, end, field_name, integer, options, string, value
from searchhead.spl.commands.search import Condition, compile_condition
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.grouping import Aggregation, Grouping, Groups, check_names, compile_aggregation
from searchhead.spl.lexer import Cursor, Token
from searchhead.spl.matching import DEFAULT_FIELDS
from searchhead.spl.operators import Environment, Operator
from searchhead.spl.spans import InvalidSpan, TimeSpan, time_span
from searchhead.spl.timeranges import TimeRange
from searchhead.spl.values import Row, number

if TYPE_CHECKING:
    from searchhead.datamodels import Dataset, View

# summariesonly, allow_old_summaries, include_reduced_buckets, local and chunk_size say from where and how the indexers
# read; here there is one set of events, and no summary can be old or incomplete.
_OPTIONS: dict[str, Callable[..., Any]] = {
    "allow_old_summaries": boolean,
    "append": boolean,
    "chunk_size": integer,
    "fillnull_value": string,
    "include_reduced_buckets": boolean,
    "local": boolean,
    "prestats": boolean,
    "summariesonly": boolean,
}
# Search Reference, tstats: the functions that it has not.
_REFUSED = ("list", "sparkline")
_CLAUSES = ("FROM", "WHERE", "BY", "GROUPBY")
# The time that rows are grouped by, beside the time that functions see.
_BIN = "_time of the bin"


@dataclass(frozen=True)
class _Tstats:
    """What is counted: rows of the datasets, or of events if there are none, that the condition lets through."""

    datasets: list[Dataset]
    condition: Condition | None
    grouping: Grouping
    by: list[str]
    span: TimeSpan | None
    fill: str | None
    prestats: bool

    @property
    def reads_events(self) -> bool:
        return not self.datasets or any(dataset.rows is None for dataset in self.datasets)

    def could_match(self, event: Row) -> bool:
        """Whether the event may belong to one of the datasets and pass the condition."""
        if self.datasets and not any(dataset.possible(event) for dataset in self.datasets):
            return False
        return self.condition is None or self.condition.terms.possible(event) is not False

    def text_needs(self, event: Row) -> frozenset[str] | None:
        """What an event must hold that may belong to one of the datasets."""
        constraints = [dataset.constraint for dataset in self.datasets if dataset.constraint]
        needs = [one.needs(event) for one in constraints if one.possible(event) is not False]
        if not self.datasets:
            return self.condition.terms.needs(event) if self.condition else None
        if None in needs:
            return None
        return frozenset().union(*(one for one in needs if one is not None))


def compile_tstats(cursor: Cursor, compilation: Compilation) -> Plan:
    """A field of a dataset has the name of the dataset before it: ``Processes.dest``.

    With prestats=true the rows are for stats, chart or timechart, and append=true puts them after those of the search.
    """
    environment = compilation.environment
    start = cursor.peek()
    given = options(cursor, "tstats", _OPTIONS)
    if given.get("append") and not given.get("prestats"):
        cursor.fail("append=true needs prestats=true", start)
    aggregations = _aggregations(cursor, environment, prestats=given.get("prestats", False))
    datasets = _from(cursor, environment)
    condition = _where(cursor, compilation)
    by, span = _by(cursor)
    check_names(cursor, aggregations, by)
    tstats = _Tstats(
        datasets,
        condition,
        Grouping(aggregations, [_BIN if name == "_time" else name for name in by], environment),
        by,
        span if "_time" in by else None,
        given.get("fillnull_value"),
        given.get("prestats", False),
    )
    _check_fields(cursor, start, tstats)
    append = given.get("append", False)
    own = condition.time_range if condition else None
    return Plan(
        lambda: _Operator(tstats, environment),
        generating=compilation.leading or not append,
        could_match=tstats.could_match,
        text_needs=tstats.text_needs,
        reads_events=tstats.reads_events,
        time_range=own or (None if compilation.leading else TimeRange(environment.earliest, environment.latest)),
    )


def _aggregations(cursor: Cursor, environment: Environment, *, prestats: bool) -> list[Aggregation]:
    found: list[Aggregation] = []
    while not found or not (cursor.peek().kind == "end" or cursor.peek().is_keyword(*_CLAUSES)):
        function = cursor.peek()
        if function.text.lower() in _REFUSED:
            cursor.unsupported(f"tstats has no {function.text}()", function)
        one = compile_aggregation(cursor, environment)
        if one.pattern is not None:
            cursor.unsupported("tstats takes no wildcard in a field", function)
        counts = function.text.lower() in ("count", "c")
        if one.field is None and not (counts and "(" not in cursor.spl[function.end : cursor.position]):
            cursor.unsupported("tstats takes fields, no eval expressions", function)
        if prestats and one.name != (one.source or function.text):
            cursor.fail("with prestats=true a result cannot be renamed", function)
        found.append(one)
    return found


def _from(cursor: Cursor, environment: Environment) -> list[Dataset]:
    if not cursor.take_keyword("FROM"):
        return []
    token = cursor.peek()
    if not (token.is_keyword("DATAMODEL") and at_option(cursor)):
        cursor.unsupported("FROM takes datamodel=<model>.<dataset>")
    cursor.next()
    cursor.next()
    name = value(cursor)
    written = name.text
    # The model and the dataset may each stand in quotes: "Endpoint"."Processes".
    while cursor.peek().kind in ("word", "string") and cursor.peek().start == name.end:
        name = cursor.next()
        written += name.text
    return named_datasets(cursor, name, environment, written)


def named_datasets(cursor: Cursor, token: Token, environment: Environment, name: str) -> list[Dataset]:
    """The datasets of ``<model>`` or ``<model>.<dataset>``; refuses a name that there is not."""
    if environment.datamodels is None:
        cursor.unsupported("there are no data models here", token)
    model, _, dataset = name.partition(".")
    try:
        return environment.datamodels.datasets(model, dataset)
    except LookupError as error:
        cursor.unsupported(str(error.args[0]), token)


def _where(cursor: Cursor, compilation: Compilation) -> Condition | None:
    if not cursor.take_keyword("WHERE"):
        return None
    start = cursor.position
    while cursor.peek().kind != "end" and not cursor.peek().is_keyword("BY", "GROUPBY"):
        cursor.next()
    return compile_condition(Cursor(cursor.spl, start, cursor.position), compilation, leading=True)


def _by(cursor: Cursor) -> tuple[list[str], TimeSpan]:
    # Search Reference, tstats: without a span the bins are of automatic length, which begins with seconds. Assumed:
    # they stay so.
    by, span = [], time_span("1s")
    if token := cursor.take_keyword("BY", "GROUPBY"):
        while cursor.peek().kind != "end":
            if at_option(cursor):
                span = options(cursor, "tstats … BY", {"span": _span})["span"]
                continue
            if cursor.peek().is_keyword("PREFIX"):
                cursor.unsupported("PREFIX() is not supported: events are not kept as segments here")
            by.append(field_name(cursor))
            cursor.take_symbol(",")
        if not by:
            cursor.fail("BY needs a field", token)
    end(cursor)
    return by, span


def _span(cursor: Cursor, token: Token) -> TimeSpan:
    try:
        return time_span(token.text)
    except InvalidSpan as error:
        cursor.fail(str(error), token)


def _check_fields(cursor: Cursor, token: Token, tstats: _Tstats) -> None:
    """Refuse fields that are never there: Splunk would find nothing, and say nothing."""
    used = {one.field for one in tstats.grouping.aggregations if one.field is not None} | set(tstats.by)
    used |= tstats.condition.terms.fields if tstats.condition else frozenset()
    for field in sorted(used):
        at = max(cursor.spl.find(field, token.start), token.start)
        place = Token("word", field, at, at + len(field))
        if not tstats.datasets and field not in DEFAULT_FIELDS:
            known = ", ".join(sorted(DEFAULT_FIELDS))
            cursor.unsupported(f"{field} is no field of index time; without a data model there are {known}", place)
        if tstats.datasets and not any(dataset.has(field) for dataset in tstats.datasets):
            known = ", ".join(f"{one.prefix}.{name}" for one in tstats.datasets for name in one.fields)
            cursor.unsupported(f"{field} is no field of {tstats.datasets[0].name}; its fields are {known}", place)


class _Operator(Operator):
    def __init__(self, tstats: _Tstats, environment: Environment) -> None:
        self._tstats = tstats
        self._zone = environment.timezone
        condition = tstats.condition.start() if tstats.condition else None
        self._matches = condition.matches if condition else None
        self._groups = Groups(tstats.grouping)
        self._fields = {one.field for one in tstats.grouping.aggregations if one.field} | {*tstats.by, "_time"}
        self._prepared: list[Row] = []
        tested = condition.fields if condition else frozenset()
        # Few rows pass, so that first there is nothing but what the condition looks at.
        self._views = [
            (one.view(tested), one.view(tested | self._fields)) for one in tstats.datasets if one.rows is None
        ]
        for dataset in tstats.datasets:
            self._add(self._passing(dataset.own_rows()))

    def process(self, rows: Iterable[Row]) -> Iterable[Row]:
        return rows

    def read(self, events: Iterable[Row]) -> Iterable[Row]:
        if not self._tstats.datasets:
            of_index = ({name: event[name] for name in DEFAULT_FIELDS if name in event} for event in events)
            self._add(self._passing(of_index))
        else:
            portion = list(events)
            for tested, whole in self._views:
                self._add(self._seen(portion, tested, whole))
        return ()

    def finish(self) -> Iterator[Row]:
        if self._tstats.prestats:
            yield from self._prepared
            return
        for row in self._groups.results():
            if _BIN in row:
                row["_time"] = row.pop(_BIN)
            yield {name: row[name] for name in (*self._tstats.by, *row) if name in row}

    def _passing(self, rows: Iterable[Row]) -> Iterable[Row]:
        return rows if self._matches is None else filter(self._matches, rows)

    def _seen(self, events: Iterable[Row], tested: View, whole: View) -> Iterator[Row]:
        """The rows of events, one's own, for which the condition holds."""
        matches = self._matches
        for event in events:
            row = tested.row(event)
            if row is not None and (matches is None or matches(row)) and (found := whole.row(event)) is not None:
                yield dict(found)

    def _add(self, rows: Iterable[Row]) -> None:
        chosen = self._completed(rows)
        if self._tstats.prestats:
            # Assumed: Splunk hands partial results on, here it is the rows that they would be made of. What stats,
            # chart and timechart make of either is the same.
            self._prepared.extend(self._shown(row) for row in chosen)
        else:
            self._groups.add(chosen)

    def _completed(self, rows: Iterable[Row]) -> Iterator[Row]:
        tstats = self._tstats
        for row in rows:
            if tstats.span is not None:
                time = number(row.get("_time"))
                if time is not None:
                    row[_BIN] = tstats.span.floor(time, self._zone)
            if tstats.fill is not None:
                for name in tstats.grouping.by:
                    if name not in row:
                        row[name] = tstats.fill
            if not tstats.prestats or all(name in row for name in tstats.by):
                yield row

    def _shown(self, row: Row) -> Row:
        shown = {name: row[name] for name in self._fields if name in row}
        return shown | {"_time": row[_BIN]} if _BIN in row else shown
