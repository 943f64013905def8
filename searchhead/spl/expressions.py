"""Eval expressions: the language of ``eval``, ``where``, calculated fields and ``count(eval(…))``.

The grammar, loosest first (``NOT`` binds tighter than ``AND``, ``AND`` tighter than ``OR``, as the Search Manual says
of eval and where; in the search command it is the other way round)::

    expression = any (XOR any)*                 comparison = sum [comparison sign sum | [NOT] LIKE sum | IN list]
    any        = all (OR all)*                  sum        = product ((+ | - | .) product)*
    all        = not (AND not)*                 product    = unary ((* | / | %) unary)*
    not        = NOT not | comparison           unary      = (- | +) unary | primary
    primary    = number | "text" | field | 'field' | function ( expression, … ) | ( expression ) | [subsearch]

Everything is checked while compiling: names and numbers of arguments of functions, regular expressions, formats, and
that truth values stand only where Splunk's type check lets them stand. A subsearch runs before the first row; the text
that it ends with (``return``, ``format``) stands in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from searchhead.spl.evaluation import (
    COMPARISONS,
    Evaluate,
    Expression,
    Kind,
    Result,
    arithmetic,
    both,
    comparison,
    either,
    exclusive,
    inexact,
    joined,
    membership,
    negation,
    opposite,
    settled,
    truth,
)
from searchhead.spl.functions import FUNCTIONS, REFUSED
from searchhead.spl.functions.calls import Call
from searchhead.spl.lexer import Cursor, Token
from searchhead.spl.operators import Environment
from searchhead.spl.values import Row

__all__ = ["Expression", "compile_condition", "compile_expression", "compile_text", "compile_value", "truth"]

# Assumed: no expression that a person wrote comes near; a hostile one must not exhaust the stack.
_MOST_OPERATORS = 250
_OPERATOR_WORDS = ("AND", "OR", "XOR", "NOT", "IN", "LIKE")


def compile_expression(cursor: Cursor, environment: Environment) -> Expression:
    """Compile the expression at the cursor and stop at the first token that cannot continue it.

    The cursor is switched to expression tokens and stays so; switch it back to read words.

    Raises:
        SplError: the text is no expression, with its place.
        UnsupportedSpl: a function or form that is not supported.
    """
    cursor.switch(expression=True)
    return _Parser(cursor, environment).expression()


def compile_value(cursor: Cursor, environment: Environment) -> Expression:
    """Compile an expression whose result goes into a field: as in Splunk it must not be a truth value."""
    expression = compile_expression(cursor, environment)
    if expression.kind == "truth":
        cursor.fail(
            "a field cannot take a truth value; write if(…, 1, 0) or tostring(…) around it", _span(cursor, expression)
        )
    return settled(expression, "value", cursor.spl)


def compile_condition(cursor: Cursor, environment: Environment) -> Expression:
    """Compile an expression that must be a condition: a comparison, a function that tells true from false, or both."""
    expression = compile_expression(cursor, environment)
    if expression.kind == "value":
        cursor.fail("expected a condition, for example a comparison, not a value", _span(cursor, expression))
    return settled(expression, "truth", cursor.spl)


def compile_text(spl: str, environment: Environment) -> Expression:
    """Compile a whole text whose result goes into a field, a calculated field for example."""
    cursor = Cursor(spl, expression=True)
    expression = compile_value(cursor, environment)
    if cursor.peek().kind != "end":
        cursor.fail("expected an operator or the end of the expression")
    return expression


def _span(cursor: Cursor, expression: Expression) -> Token:
    return Token("word", cursor.spl[expression.start : expression.end], expression.start, expression.end)


class _Parser:
    """Recursive descent over the tokens of a cursor; each method compiles one line of the grammar."""

    def __init__(self, cursor: Cursor, environment: Environment) -> None:
        self._cursor = cursor
        self._environment = environment
        self._end = cursor.position
        self._operators = 0

    def expression(self) -> Expression:
        """Conditions joined by XOR, which binds loosest."""
        left = self._any()
        while self._keyword("XOR"):
            operands = [self._condition(left), self._condition(self._any())]
            left = self._made(exclusive(operands[0].evaluate, operands[1].evaluate), "truth", operands)
        return left

    def _any(self) -> Expression:
        return self._chain(self._all, "OR", either)

    def _all(self) -> Expression:
        return self._chain(self._not, "AND", both)

    def _chain(
        self, operand: Callable[[], Expression], word: str, combine: Callable[[list[Evaluate]], Evaluate]
    ) -> Expression:
        operands = [operand()]
        while self._keyword(word):
            operands.append(operand())
        if len(operands) == 1:
            return operands[0]
        conditions = [self._condition(one) for one in operands]
        return self._made(combine([one.evaluate for one in conditions]), "truth", conditions)

    def _not(self) -> Expression:
        token = self._keyword("NOT")
        if token is None:
            return self._comparison()
        with self._cursor.nested():
            operand = self._condition(self._not())
        return self._made(negation(operand.evaluate), "truth", [operand], start=token.start)

    def _comparison(self) -> Expression:
        left = self._sum()
        token = self._symbol(*COMPARISONS)
        if token:
            right = self._sum()
            if "truth" not in (left.kind, right.kind):
                left, right = self._value(left), self._value(right)
            kinds = {left.kind, right.kind}
            if "truth" in kinds and ("value" in kinds or token.text not in ("=", "==", "!=")):
                self._cursor.fail("a truth value can be compared with another for equality only", token)
            made = self._made(comparison(token.text, left, right), "truth", [left, right])
            if self._cursor.peek().is_symbol(*COMPARISONS):
                self._cursor.fail("comparisons cannot be chained; join them with AND")
            return made
        if self._keyword("LIKE"):
            operands = [self._value(left), self._value(self._sum())]
            return self._call("like", FUNCTIONS["like"].build, operands, left.start)
        if self._keyword("IN"):
            self._expect("(")
            members = [self._value(one) for one in self._arguments()]
            return self._made(membership(self._value(left), members), "truth", [left, *members])
        if self._cursor.peek().is_keyword("NOT"):
            self._cursor.unsupported("NOT cannot stand here; write NOT before the whole comparison")
        return left

    def _sum(self) -> Expression:
        left, is_product = self._product()
        before: str | None = None
        pieces: list[Expression] = [left]
        while token := self._symbol("+", "-", "."):
            self._count(token)
            right, right_is_product = self._product()
            text = "." in (token.text, before)
            if text and (token.text != (before or token.text) or is_product or right_is_product):
                # No public source settles how tightly "." binds beside + - * / %.
                self._cursor.unsupported('"." beside a calculation needs brackets that show what is joined', token)
            is_product, before = is_product or right_is_product, token.text
            if token.text == ".":
                pieces.append(self._value(right))
                left = self._made(joined([self._value(one).evaluate for one in pieces]), "value", pieces)
            else:
                operands = [self._value(left), self._value(right)]
                evaluate = self._arithmetic(token.text, *operands)
                left = self._made(evaluate, "value", operands)
        return left

    def _product(self) -> tuple[Expression, bool]:
        """The product, and whether it is one indeed rather than a single operand."""
        left = self._unary()
        is_product = False
        while token := self._symbol("*", "/", "%"):
            self._count(token)
            operands = [self._value(left), self._value(self._unary())]
            evaluate = self._arithmetic(token.text, *operands)
            left, is_product = self._made(evaluate, "value", operands), True
        return left, is_product

    def _count(self, token: Token) -> None:
        # Each one is a call within another when the expression is evaluated.
        self._operators += 1
        if self._operators > _MOST_OPERATORS:
            self._cursor.fail(f"an expression has at most {_MOST_OPERATORS} operators; use several evals", token)

    def _arithmetic(self, symbol: str, left: Expression, right: Expression) -> Evaluate:
        message = inexact(self._cursor.spl, left.start, right.end)
        return arithmetic(symbol, left.evaluate, right.evaluate, partial(self._environment.warn, message))

    def _unary(self) -> Expression:
        token = self._symbol("-", "+")
        if token is None:
            return self._primary()
        with self._cursor.nested():
            operand = self._value(self._unary())
        if token.text == "+":
            return operand
        return self._made(opposite(operand.evaluate), "value", [operand], start=token.start)

    def _primary(self) -> Expression:
        token = self._next()
        if token.kind == "number":
            amount = float(token.text)
            number = int(amount) if token.text.isdigit() and amount < 2**53 else amount
            return Expression(lambda _row: number, "value", token.start, token.end, constant=True)
        if token.kind == "string":
            text = token.text
            return Expression(lambda _row: text, "value", token.start, token.end, constant=True, quoted=True)
        if token.kind == "field":
            return self._field(token)
        if token.is_symbol("("):
            with self._cursor.nested():
                inner = self.expression()
            self._expect(")")
            return inner
        if token.kind == "subsearch":
            return self._subsearch(token)
        if token.kind == "word" and not token.is_keyword(*_OPERATOR_WORDS):
            return self._function(token) if self._symbol("(") else self._bare_field(token)
        if token.is_keyword("IN", "LIKE") and self._symbol("("):
            return self._function(token)
        return self._cursor.fail("expected a value, a field or a function", token)

    def _subsearch(self, token: Token) -> Expression:
        compile_subsearch = self._environment.subsearch
        if compile_subsearch is None:
            self._cursor.unsupported("a subsearch cannot stand here", token)
        text_of = compile_subsearch(self._cursor, token)
        found: list[Evaluate] = []

        def evaluate(row: Row) -> Result:
            if not found:
                cursor = Cursor(text_of(), expression=True)
                inner = compile_expression(cursor, self._environment)
                if cursor.peek().kind != "end":
                    cursor.fail("the subsearch gave something that is no expression")
                found.append(inner.evaluate)
            return found[0](row)

        return Expression(evaluate, "open", token.start, token.end)

    def _field(self, token: Token) -> Expression:
        name = token.text
        if not name:
            self._cursor.fail("a field needs a name", token)
        return Expression(
            lambda row: row.get(name), "value", token.start, token.end, fields=frozenset((name,)), field=name
        )

    def _bare_field(self, token: Token) -> Expression:
        if token.text.lower() in ("true", "false", "null"):
            # Splunk's pages differ on whether the bare word is the constant or a field of that name.
            self._cursor.unsupported(
                f"write {token.text.lower()}() for the constant, '{token.text}' for a field of that name", token
            )
        return self._field(token)

    def _function(self, token: Token) -> Expression:
        name = token.text
        if name in REFUSED:
            self._cursor.unsupported(f"the function {name} is not supported: {REFUSED[name]}", token)
        function = FUNCTIONS.get(name)
        if function is None:
            known = " ".join(sorted(FUNCTIONS))
            self._cursor.unsupported(f'"{name}" is no supported function; supported are {known}', token)
        arguments = self._arguments()
        if not function.least <= len(arguments) <= function.most:
            self._cursor.fail(f"{name} takes {function.arity()}, not {len(arguments)}", token)
        return self._call(name, function.build, arguments, token.start)

    def _arguments(self) -> list[Expression]:
        """What stands in a bracket that is open already, its end included."""
        found: list[Expression] = []
        if self._symbol(")"):
            return found
        with self._cursor.nested():
            while True:
                found.append(self.expression())
                if self._symbol(")"):
                    return found
                self._expect(",")

    def _call(
        self, name: str, build: Callable[[Call], Expression], arguments: list[Expression], start: int
    ) -> Expression:
        return _folded(build(Call(name, arguments, self._cursor, self._environment, start, self._end)))

    def _made(
        self, evaluate: Evaluate, kind: Kind, operands: list[Expression], *, start: int | None = None
    ) -> Expression:
        return _folded(
            Expression(
                evaluate,
                kind,
                operands[0].start if start is None else start,
                self._end,
                fields=frozenset().union(*(one.fields for one in operands)),
                constant=all(one.constant for one in operands),
            )
        )

    def _condition(self, expression: Expression) -> Expression:
        if expression.kind == "value":
            self._cursor.fail("expected a condition, not a value", _span(self._cursor, expression))
        return settled(expression, "truth", self._cursor.spl)

    def _value(self, expression: Expression) -> Expression:
        if expression.kind == "truth":
            self._cursor.fail("expected a value, not a condition", _span(self._cursor, expression))
        return settled(expression, "value", self._cursor.spl)

    def _next(self) -> Token:
        token = self._cursor.next()
        self._end = token.end
        return token

    def _symbol(self, *symbols: str) -> Token | None:
        token = self._cursor.peek()
        return self._next() if token.kind == "symbol" and token.text in symbols else None

    def _keyword(self, word: str) -> Token | None:
        token = self._cursor.peek()
        return self._next() if token.kind == "word" and token.text.upper() == word else None

    def _expect(self, symbol: str) -> None:
        self._end = self._cursor.expect_symbol(symbol).end


def _folded(expression: Expression) -> Expression:
    """The expression computed once if it is constant."""
    if not expression.constant:
        return expression
    result = expression.evaluate({})
    return Expression(lambda _row: result, expression.kind, expression.start, expression.end, constant=True)
