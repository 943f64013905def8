"""What a function of eval is made of, and the ways to make one from a plain Python function."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NoReturn, TypeVar

from searchhead.spl.evaluation import INEXACT, Evaluate, Expression, Kind, Result, inexact, settled, single_text
from searchhead.spl.lexer import Cursor, Token
from searchhead.spl.operators import Environment
from searchhead.spl.values import Row, multivalue, number

MANY = sys.maxsize
# Different texts of an argument that are kept ready, so that hostile events cannot fill the memory with them.
_READY = 256
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a function in a search text, while it is compiled."""

    name: str
    arguments: list[Expression]
    cursor: Cursor
    environment: Environment
    start: int
    end: int

    def expression(self, evaluate: Evaluate, kind: Kind = "value", *, constant: bool = True) -> Expression:
        """The compiled call. It reads what its arguments read; ``constant`` is False if equal calls may differ."""
        fields: frozenset[str] = frozenset().union(*(one.fields for one in self.arguments))
        constant = constant and all(one.constant for one in self.arguments)
        return Expression(evaluate, kind, self.start, self.end, fields=fields, constant=constant)

    def value(self, index: int) -> Evaluate:
        """An argument that must not be a truth value."""
        if self.arguments[index].kind == "truth":
            self.fail(f"{self.name} takes a value here, not a condition", index)
        return settled(self.arguments[index], "value", self.cursor.spl).evaluate

    def values(self) -> list[Evaluate]:
        """All arguments, none of which may be a truth value."""
        return [self.value(index) for index in range(len(self.arguments))]

    def condition(self, index: int) -> Evaluate:
        """An argument that must be a condition."""
        if self.arguments[index].kind == "value":
            self.fail(f"{self.name} takes a condition here, not a value", index)
        return settled(self.arguments[index], "truth", self.cursor.spl).evaluate

    def constant_text(self, index: int, what: str) -> str:
        """An argument that must be known before the first row: ``what`` names it."""
        argument = self.arguments[index]
        found = single_text(argument.evaluate({})) if argument.constant else None
        if found is None:
            token = Token("word", "", argument.start, argument.end)
            self.cursor.unsupported(f"{self.name}: {what} must be a text that does not depend on fields", token)
        return found

    def checked(self, index: int, make: Callable[[str], T], what: str) -> T:
        """What ``make`` makes of a constant argument; its ``ValueError`` becomes an error at the argument."""
        found = self.constant_text(index, what)
        try:
            return make(found)
        except ValueError as error:
            self.fail(f"{self.name}: {error}", index)

    def made(
        self, index: int, make: Callable[[str], T], what: str, *, from_data: Callable[[str], T] | None = None
    ) -> Callable[[Row], T | None]:
        """What ``make`` makes of an argument: while compiling if it is constant, else of each text that it takes.

        Assumed: a text that a row brings and that ``make`` refuses (``ValueError``) gives null, with a warning.
        ``from_data`` is a stricter ``make`` for what rows bring.
        """
        if self.arguments[index].constant:
            ready = self.checked(index, make, what)
            return lambda _row: ready
        value, make = self.value(index), from_data or make
        refused: set[str] = set()

        @lru_cache(maxsize=_READY)
        def kept(written: str) -> T | None:
            try:
                return make(written)
            except ValueError as error:
                message = f"{self.name} gives null: {error}"
                if message not in refused and len(refused) < _READY:
                    refused.add(message)
                    self.environment.warn(message)
                return None

        def find(row: Row) -> T | None:
            written = single_text(value(row))
            return None if written is None else kept(written)

        return find

    def fail(self, message: str, index: int) -> NoReturn:
        """Raise an error that points at an argument."""
        argument = self.arguments[index]
        self.cursor.fail(message, Token("word", "", argument.start, argument.end))


Build = Callable[[Call], Expression]


@dataclass(frozen=True, slots=True)
class Function:
    """A function of eval: how a call of it is compiled, and how many arguments it takes."""

    build: Build
    least: int
    most: int

    def arity(self) -> str:
        """The number of arguments in words."""
        if self.most == MANY:
            return f"at least {_counted(self.least)}"
        return _counted(self.most) if self.least == self.most else f"{self.least} to {_counted(self.most)}"


def _counted(number_of_arguments: int) -> str:
    return f"{number_of_arguments} argument{'' if number_of_arguments == 1 else 's'}"


def on_values(function: Callable[..., Result], kind: Kind = "value") -> Build:
    """A call that passes the values as they are, multivalues included; null for a null argument."""

    def build(call: Call) -> Expression:
        operands = call.values()
        if len(operands) == 1:
            only = operands[0]

            def evaluate_one(row: Row) -> Result:
                value = only(row)
                return None if value is None else function(value)

            return call.expression(evaluate_one, kind)

        def evaluate(row: Row) -> Result:
            values = [operand(row) for operand in operands]
            return None if None in values else function(*values)

        return call.expression(evaluate, kind)

    return build


def on_numbers(function: Callable[..., float | None]) -> Build:
    """A call that passes numbers; null when an argument is none, or the function is not defined for it."""

    def build(call: Call) -> Expression:
        operands = call.values()
        warn, message = call.environment.warn, inexact(call.cursor.spl, call.start, call.end)

        def evaluate(row: Row) -> Result:
            numbers = [number(operand(row)) for operand in operands]
            if None in numbers:
                return None
            if any(abs(one) >= INEXACT for one in numbers if one is not None):
                warn(message)
            try:
                return function(*numbers)
            except (ValueError, ArithmeticError):
                return None

        return call.expression(evaluate)

    return build


def exactly(build: Build) -> Build:
    """A call that gives a number; warns when a double does not hold every digit of it."""

    def checked(call: Call) -> Expression:
        made = build(call)
        find = made.evaluate
        warn, message = call.environment.warn, inexact(call.cursor.spl, call.start, call.end)

        def evaluate(row: Row) -> Result:
            found = find(row)
            if isinstance(found, (int, float)) and abs(found) >= INEXACT:
                warn(message)
            return found

        return made._replace(evaluate=evaluate)

    return checked


def on_text(function: Callable[..., Result]) -> Build:
    """A call that passes the first argument as text, the others as values; null for a null argument.

    Assumed: a multivalue is computed value by value; the result is the multivalue of the results that are not null.
    """

    def apply(first: Result, *others: Result) -> Result:
        if isinstance(first, list):
            results = [function(one, *others) for one in first]
            return multivalue([found for one in results if (found := single_text(one)) is not None])
        return function(single_text(first), *others)

    return on_values(apply)
