"""A whole search: from its text to commands, and rows through them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from searchhead.spl.arguments import at_option, custom_arguments
from searchhead.spl.commands import COMMANDS
from searchhead.spl.commands.format import subsearch_terms
from searchhead.spl.commands.search import compile_search_command, first_rows
from searchhead.spl.compiling import Compilation, Inner, Plan, Text
from searchhead.spl.errors import Place, SplError
from searchhead.spl.evaluation import Expression
from searchhead.spl.expansion import expand
from searchhead.spl.lexer import Cursor, Token
from searchhead.spl.operators import Environment, Operator
from searchhead.spl.origins import Traced
from searchhead.spl.timeranges import TimeRange
from searchhead.spl.traces import Trace
from searchhead.spl.values import Row, number


@dataclass(frozen=True)
class Search:
    """A compiled search, to be started as often as wanted.

    ``commands`` are the texts of the commands, macros expanded, and ``macros`` tells for each of them which macros it
    comes from, the outermost first. ``formats`` holds the display expressions that ``fieldformat`` gives to fields.
    ``plans`` are the compiled commands, ``readers`` the numbers of those that read events by themselves.
    """

    commands: tuple[str, ...]
    macros: tuple[tuple[str, ...], ...]
    formats: Mapping[str, Expression]
    environment: Environment
    plans: tuple[Plan, ...]
    _takers: tuple[Plan, ...] = field(init=False)
    readers: tuple[int, ...] = field(init=False)
    _ranges: frozenset[TimeRange] = field(init=False)

    def __post_init__(self) -> None:
        readers = tuple(index for index, plan in enumerate(self.plans) if plan.reads_events)
        first = () if self.plans[0].generating else self.plans[:1]
        object.__setattr__(self, "readers", readers)
        object.__setattr__(self, "_takers", (*first, *(self.plans[index] for index in readers)))
        object.__setattr__(self, "_ranges", frozenset(map(self._range, self._takers)))

    @property
    def generating(self) -> bool:
        """Whether it takes no events: it begins with a command that makes rows, and no command reads events itself."""
        return not self._takers

    @property
    def takes_rows(self) -> bool:
        """Whether events are rows for the first command."""
        return not self.plans[0].generating

    def could_match(self, event: Row) -> bool:
        """Whether an event, of which only default fields are known, all or some, may pass a command that takes events.

        False means that it never can, so that its other fields need not be extracted.
        """
        for plan in self._takers:  # noqa: SIM110 - twice as fast as any() with a generator, and run for every event
            if plan.could_match is None or plan.could_match(event):
                return True
        return False

    def text_needs(self, event: Row) -> frozenset[str] | None:
        """Texts, in lower case, of which an event with these default fields must hold one to pass such a command.

        None if it needs none; no text if such an event never passes.
        """
        found: frozenset[str] = frozenset()
        for plan in self._takers:
            if plan.could_match is None or plan.could_match(event):
                needs = plan.text_needs(event) if plan.text_needs else None
                if needs is None:
                    return None
                found |= needs
        return found

    @property
    def time_range(self) -> TimeRange:
        """The time range of the events that it takes; where its commands set different ones, that over them all."""
        return TimeRange.over(self._ranges)

    def in_time(self, index: int, rows: Iterable[Row]) -> Iterable[Row]:
        """Those of its events that lie in the time range of one of its commands."""
        if len(self._ranges) == 1:
            return rows
        holds = self._range(self.plans[index]).holds
        return [row for row in rows if (time := number(row.get("_time"))) is None or holds(time)]

    def _range(self, plan: Plan) -> TimeRange:
        return plan.time_range or TimeRange(self.environment.earliest, self.environment.latest)

    @property
    def fields(self) -> tuple[frozenset[str], ...]:
        """The fields that decide in each command whether a row passes."""
        return tuple(plan.fields for plan in self.plans)

    @property
    def reads(self) -> tuple[frozenset[str], ...]:
        """The names of the lookups that each command reads."""
        return tuple(plan.reads for plan in self.plans)

    @property
    def of_the_language(self) -> bool:
        """Whether it has no custom command."""
        return all(Cursor(command).peek().text.lower() in COMMANDS for command in self.commands)

    @property
    def early_reads(self) -> frozenset[str]:
        """The names of the lookups that the search reads while events still come, before a command waits for all."""
        found: frozenset[str] = frozenset()
        for plan in self.plans:
            found |= plan.reads
            if not plan.streams:
                break
        return found

    @property
    def writes(self) -> frozenset[str]:
        """The names of the lookups that the search writes."""
        return frozenset().union(*(plan.writes for plan in self.plans))

    def start(self, *, traced: bool = False) -> Run:
        """A fresh run; close it when done. ``traced`` keeps account of what passes, which costs a fifth more."""
        return Run(self, Trace.of(len(self.commands)) if traced else None)

    def operators(self) -> list[Operator]:
        """A fresh operator for each command."""
        started: list[Operator] = []
        try:
            for plan in self.plans:
                started.append(plan.start())  # noqa: PERF401 - those already started must be closed on an error
        except BaseException:
            _close(started)
            raise
        return started


@dataclass
class Run:
    """Rows on their way through a search: ``feed`` as often as wanted, then ``finish``, in any case ``close``.

    With a trace, which shows where rows disappear, ``passed`` counts the rows that have left each command so far.
    """

    search: Search
    trace: Trace | None = None
    passed: list[int] = field(init=False)
    _operators: list[Operator] = field(init=False)

    def __post_init__(self) -> None:
        self._operators = self.search.operators()
        self.passed = [0] * len(self._operators)

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def feed(self, rows: Iterable[Row]) -> Iterator[Row]:
        """What leaves the search for these rows. Read it to the end; rows may be changed in place."""
        if self.search.generating:
            raise ValueError("a generating search takes no rows")
        return self._read(list(rows)) if self.search.readers else self._flow(rows, 0)

    def _read(self, rows: list[Row]) -> Iterator[Row]:
        """Offer the rows to the commands that read events themselves, then let them flow if the first takes them."""
        for index in self.search.readers:
            found = self._operators[index].read(self._noted(self.search.in_time(index, rows), index))
            yield from self._flow(self._counted(found, index), index + 1)
        if self.search.takes_rows:
            yield from self._flow(self.search.in_time(0, rows), 0)

    def finish(self) -> Iterator[Row]:
        """What leaves the search after the last row."""
        for index, operator in enumerate(self._operators):
            yield from self._flow(self._counted(operator.finish(), index), index + 1)

    def close(self) -> None:
        """Give back what the commands hold."""
        operators, self._operators = self._operators, []
        _close(operators)

    def _flow(self, rows: Iterable[Row], first: int) -> Iterator[Row]:
        for index in range(first, len(self._operators)):
            rows = self._counted(self._operators[index].process(self._noted(rows, index)), index)
        return iter(rows)

    def _noted(self, rows: Iterable[Row], index: int) -> Iterable[Row]:
        return rows if self.trace is None else self.trace.noted(index, rows)

    def _counted(self, rows: Iterable[Row], index: int) -> Iterable[Row]:
        return rows if self.trace is None else self._counting(rows, index)

    def _counting(self, rows: Iterable[Row], index: int) -> Iterator[Row]:
        passed = self.passed
        for row in rows:
            passed[index] += 1
            yield row


def _close(operators: list[Operator]) -> None:
    """Close all, also when closing one fails."""
    if operators:
        try:
            operators[0].close()
        finally:
            _close(operators[1:])


def run(search: Search, rows: Iterable[Row] = ()) -> list[Row]:
    """All rows that a search gives for these rows."""
    with search.start() as started:
        found = [] if search.generating else list(started.feed(rows))
        return [*found, *started.finish()]


_Level = Literal["search", "subsearch", "pipeline"]
"""What a command stands in: the search itself, one between brackets, or a pipeline that takes another one's rows."""

_Key = tuple[str, _Level, bool, bool, TimeRange | None]
Plans = dict[_Key, Plan]
"""Commands that were compiled in one environment, by their text, their place and the time range that their search sets:
many searches share those of macros.

Two commands with the same plan do the same, so that one run of them may do for both.
"""


def compile_search(
    spl: str, environment: Environment, place: Place | None = None, plans: Plans | None = None
) -> Search:
    """Compile the text of a search. At its beginning ``search`` is implied, unless it begins with a pipe.

    ``place`` is where the text begins, for errors, which name the macro that the wrong part stands in. ``plans`` keeps
    commands from one search to the next; it belongs to this environment.

    Raises:
        SplError: the text is wrong.
        UnsupportedSpl: a command, option, function, macro or form that is not known here. Nothing has run then.
    """
    return compile_expanded(expand(spl, environment.macros, place), environment, plans)


def compile_expanded(text: Traced, environment: Environment, plans: Plans | None = None) -> Search:
    """Compile the text of a search in which all macros are expanded already; else as ``compile_search`` does."""
    return _compile_traced(text, environment, "search", {} if plans is None else plans)


def compile_pipeline(spl: str, environment: Environment) -> Search:
    """Compile a text that begins with the name of a command, as a subsearch does, with or without a pipe before it.

    Raises what ``compile_search`` raises.
    """
    return _compile_traced(expand(spl, environment.macros), environment, "subsearch", {})


def _compile_traced(traced: Traced, environment: Environment, level: _Level, known: Plans) -> Search:
    try:
        return _compile(Text(traced.text), environment, level, known, traced.macros)
    except SplError as error:
        traced.locate(error)
        raise
    except RecursionError:
        raise SplError("subsearches are nested too deep", traced.text, 0) from None


def _compile(
    text: Text,
    environment: Environment,
    level: _Level,
    known: Plans,
    macros: Callable[[int], tuple[str, ...]] = lambda _position: (),
) -> Search:
    commands = text.commands()
    piped = len(commands) > 1 and not str(commands[0])
    if piped:
        commands = commands[1:]

    def within(cursor: Cursor, token: Token, *, leading: bool, early: bool = False) -> Search:
        text_within = Text(cursor.spl, token.start + 1, token.end - 1)
        # The time range that a search sets holds in a pipeline within it, not in a subsearch.
        inner = _compile(
            text_within,
            environment if leading else ranged,
            "subsearch" if leading else "pipeline",
            known if leading or own is None else {},
        )
        # In the search itself, unlike in a pipeline within it, early is before the first event: nobody has written yet.
        early = early and level == "search"
        environment.inner_lookups.extend(inner.writes if early else inner.writes.union(*inner.reads))
        return inner

    def subsearch(cursor: Cursor, token: Token, *, early: bool = False) -> Inner:
        used = len(environment.inner_lookups)
        inner, events = within(cursor, token, leading=True, early=early), environment.events
        if not inner.generating and events is None:
            cursor.unsupported("a subsearch over events cannot run here, for the events come only once", token)
        plain = len(environment.inner_lookups) == used and not any(inner.reads) and inner.of_the_language
        return Inner(
            lambda: run(inner, events() if events and not inner.generating else ()), inner.generating and plain
        )

    def beside(cursor: Cursor, token: Token) -> Search | None:
        # Only the search itself is fed with events, so that a pipeline within it has none to hand on.
        if level == "pipeline" or environment.events is not None:
            return None
        inner = within(cursor, token, leading=True)
        return None if inner.generating else inner

    def subpipeline(cursor: Cursor, token: Token) -> Callable[[Iterable[Row]], list[Row]]:
        inner = within(cursor, token, leading=False)
        return lambda rows: run(inner, rows)

    def subsearch_text(cursor: Cursor, token: Token) -> Callable[[], str]:
        rows_of = subsearch(cursor, token)
        return lambda: subsearch_terms(first_rows(rows_of(), environment))

    ranged, own = environment, None
    compilation = Compilation(
        replace(environment, subsearch=subsearch_text), subsearch, subpipeline, beside, leading=level != "pipeline"
    )
    plans: list[Plan] = []
    for command in commands:
        key = (str(command), level, compilation.leading, level == "search" and not piped and not plans, own)
        plans.append(_plan(command, compilation, known, key))
        compilation = replace(compilation, leading=False)
        if len(plans) == 1 and (own := plans[0].time_range):
            ranged = replace(environment, earliest=own.earliest, latest=own.latest)
            compilation.environment = replace(ranged, subsearch=subsearch_text)
    first = commands[0]
    if piped and level == "search" and not plans[0].generating and _name(first) != "search":
        raise SplError(
            f"{_name(first)} makes no rows of its own, so it cannot follow the pipe at the beginning",
            first.spl,
            _word(first).start,
            first.end,
        )
    return Search(
        commands=tuple(map(str, commands)),
        macros=tuple(macros(_word(command).start) for command in commands),
        formats=compilation.formats,
        environment=environment,
        plans=tuple(plans),
    )


def _word(command: Text) -> Token:
    return Cursor(command.spl, command.start, command.end).peek()


def _name(command: Text) -> str:
    return _word(command).text.lower()


def _plan(command: Text, compilation: Compilation, known: Plans, key: _Key) -> Plan:
    plan = known.get(key)
    if plan is None:
        formats, lookups = compilation.formats, compilation.environment.inner_lookups
        said = len(formats), len(lookups)
        plan = _compile_command(command, compilation, implied=key[3])
        # What a command says beside its plan, it must say to every search; and nobody can tell when it reads such a
        # lookup, or whether it writes one.
        if (len(formats), len(lookups)) == said:
            known[key] = plan
    return plan


def _compile_command(command: Text, compilation: Compilation, *, implied: bool) -> Plan:
    cursor = Cursor(command.spl, command.start, command.end)
    name = cursor.peek()
    if name.kind == "end":
        cursor.fail("expected a command" if not implied else "expected a search")
    if implied and (at_option(cursor) or not name.is_keyword("SEARCH")):
        return compile_search_command(cursor, compilation)
    if name.kind != "word":
        cursor.fail("expected the name of a command")
    compile_command = COMMANDS.get(name.text.lower())
    custom = compilation.environment.commands
    if compile_command is not None:
        cursor.next()
        plan = compile_command(cursor, compilation)
    elif custom is not None and name.text in custom:
        start, called, words = custom.start, cursor.next().text, custom_arguments(cursor)
        plan = Plan(lambda: start(called, words), streams=True)
    else:
        cursor.unsupported(f'unknown command "{name.text}"; supported: {", ".join(sorted(COMMANDS))}')
    if plan.generating and not compilation.leading:
        cursor.fail(f"{name.text} makes rows of its own, so it must be the first command, after a pipe", name)
    return plan
