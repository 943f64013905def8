"""A whole search: from its text to commands, and rows through them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from searchhead.spl.arguments import at_option
from searchhead.spl.commands import COMMANDS
from searchhead.spl.commands.search import compile_search_command
from searchhead.spl.compiling import Compilation, Plan, split_at_pipes
from searchhead.spl.errors import SplError
from searchhead.spl.evaluation import Expression
from searchhead.spl.expansion import expand
from searchhead.spl.lexer import Cursor, Token, unescape
from searchhead.spl.operators import CustomCommands, Environment, Operator
from searchhead.spl.values import Row


@dataclass(frozen=True)
class Search:
    """A compiled search, to be started as often as wanted.

    ``generating`` searches take no rows and make their own. ``commands`` are the texts of the commands, macros
    expanded. ``formats`` holds the display expressions that ``fieldformat`` gives to fields.
    """

    commands: tuple[str, ...]
    generating: bool
    formats: Mapping[str, Expression]
    environment: Environment
    _plans: tuple[Plan, ...]

    def could_match(self, event: Row) -> bool:
        """Whether an event, of which only the default fields are known, may pass the first command.

        False means that it never can, so that its other fields need not be extracted.
        """
        possible = self._plans[0].could_match
        return not self.generating and (possible is None or possible(event))

    def start(self) -> Run:
        """A fresh run; close it when done."""
        return Run(self)

    def operators(self) -> list[Operator]:
        """A fresh operator for each command."""
        started: list[Operator] = []
        try:
            for plan in self._plans:
                started.append(plan.start())  # noqa: PERF401 - those already started must be closed on an error
        except BaseException:
            _close(started)
            raise
        return started


@dataclass
class Run:
    """Rows on their way through a search: ``feed`` as often as wanted, then ``finish``, in any case ``close``.

    ``passed`` counts the rows that have left each command so far, for a trace that shows where rows disappear.
    """

    search: Search
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
        return self._flow(rows, 0)

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
            rows = self._counted(self._operators[index].process(rows), index)
        return iter(rows)

    def _counted(self, rows: Iterable[Row], index: int) -> Iterator[Row]:
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


def compile_search(spl: str, environment: Environment) -> Search:
    """Compile the text of a search. At its beginning ``search`` is implied, unless it begins with a pipe.

    Raises:
        SplError: the text is wrong.
        UnsupportedSpl: a command, option, function, macro or form that is not known here. Nothing has run then.
    """
    return _compile(_Text(expand(spl, environment.macros)), environment, implied=True)


def compile_pipeline(spl: str, environment: Environment) -> Search:
    """Compile a text that begins with the name of a command, as a subsearch does, with or without a pipe before it.

    Raises what ``compile_search`` raises.
    """
    return _compile(_Text(expand(spl, environment.macros)), environment, implied=False)


@dataclass(frozen=True)
class _Text:
    """A part of the text of a search."""

    spl: str
    start: int = 0
    stop: int | None = None

    @property
    def end(self) -> int:
        return len(self.spl) if self.stop is None else self.stop

    def commands(self) -> list[_Text]:
        """The parts between pipes."""
        return [_Text(self.spl, *span) for span in split_at_pipes(self.spl, self.start, self.end)]

    def __str__(self) -> str:
        return self.spl[self.start : self.end].strip()


def _compile(text: _Text, environment: Environment, *, implied: bool) -> Search:
    commands = text.commands()
    piped = len(commands) > 1 and not str(commands[0])
    if piped:
        commands = commands[1:]

    def subsearch(cursor: Cursor, token: Token) -> Callable[[], list[Row]]:
        inner = _compile(_Text(cursor.spl, token.start + 1, token.end - 1), environment, implied=False)
        events = environment.events
        if not inner.generating and events is None:
            cursor.unsupported("a subsearch over events cannot run here, for the events come only once", token)
        return lambda: run(inner, events() if events and not inner.generating else ())

    compilation = Compilation(environment, subsearch, leading=True)
    plans: list[Plan] = []
    for command in commands:
        plans.append(_compile_command(command, compilation, implied=implied and not piped and not plans))
        compilation = replace(compilation, leading=False)
    first = commands[0]
    if piped and implied and not plans[0].generating and _name(first) != "search":
        raise SplError(
            f"{_name(first)} makes no rows of its own, so it cannot follow the pipe at the beginning",
            first.spl,
            _word(first).start,
            first.end,
        )
    return Search(tuple(map(str, commands)), plans[0].generating, compilation.formats, environment, tuple(plans))


def _word(command: _Text) -> Token:
    return Cursor(command.spl, command.start, command.end).peek()


def _name(command: _Text) -> str:
    return _word(command).text.lower()


def _compile_command(command: _Text, compilation: Compilation, *, implied: bool) -> Plan:
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
        plan = _custom(cursor, custom)
    else:
        cursor.unsupported(f'unknown command "{name.text}"; supported: {", ".join(sorted(COMMANDS))}')
    if plan.generating and not compilation.leading:
        cursor.fail(f"{name.text} makes rows of its own, so it must be the first command, after a pipe", name)
    return plan


_ARGUMENT = re.compile(r'(?:[^\s"]|"(?:[^"\\]|\\.)*")+', re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)


def _custom(cursor: Cursor, commands: CustomCommands) -> Plan:
    """A custom search command; its arguments are cut at blanks, and quotes are taken off as in Splunk's ``args``."""
    name = cursor.next().text
    arguments = [_QUOTED.sub(lambda quoted: unescape(quoted[1]), word) for word in _ARGUMENT.findall(cursor.rest())]
    return Plan(lambda: commands.start(name, arguments))
