"""Tokens of search language text, shared by all commands.

Two ways of cutting the same text: ``words`` for command arguments and search terms (a word runs to the next blank,
comma, comparison, bracket or quote), ``expression`` for eval (names, numbers, operators). A token keeps its span in
the whole text so that an error can point at it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple, NoReturn

from searchhead.spl.errors import SplError, UnsupportedSpl

Kind = Literal["word", "string", "field", "number", "symbol", "subsearch", "end"]


class Token(NamedTuple):
    """One token. ``text`` is what it means (quotes taken off, escapes undone), ``start`` and ``end`` its span."""

    kind: Kind
    text: str
    start: int
    end: int

    def is_symbol(self, *symbols: str) -> bool:
        """Whether this is one of these symbols."""
        return self.kind == "symbol" and self.text in symbols

    def is_keyword(self, *keywords: str) -> bool:
        """Whether this is one of these bare words, in any case."""
        return self.kind == "word" and self.text.upper() in keywords


_STRING = r'"(?P<string>(?:[^"\\]|\\.)*)"'
_WORDS = re.compile(
    rf"""\s*(?:{_STRING}|(?P<symbol>!=|<=|>=|==|[=<>,()])|(?P<word>[^\s"=<>,()\[\]!]+(?:![^\s"=<>,()\[\]!]+)*|!))""",
    re.DOTALL,
)
_EXPRESSION = re.compile(
    rf"""\s*(?:{_STRING}|'(?P<field>(?:[^'\\]|\\.)*)'
    |(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![A-Za-z0-9_]))
    |(?P<word>[A-Za-z0-9_][A-Za-z0-9_:{{}}@]*)
    |(?P<symbol>!=|<=|>=|==|[=<>,()+\-*/%.]))""",
    re.DOTALL | re.VERBOSE,
)
_BRACKETS = re.compile(r'["\[\]]')
_QUOTED = re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
# Assumed: no search that a person wrote comes near; a hostile one must not exhaust the stack.
_DEEPEST = 50
_ESCAPE = re.compile(r'\\(["\\])')
_ESCAPE_IN_EVAL = re.compile(r'\\(["\\t])')


def unescape(quoted: str) -> str:
    r"""The text of a quoted string: ``\"`` is a quote, ``\\`` one backslash, any other backslash stays as it is."""
    return _ESCAPE.sub(r"\1", quoted)


def unescape_in_eval(quoted: str) -> str:
    r"""The text of a string of eval, in which ``\t`` is a tab as well (Search Manual, "Types of expressions").

    No other letter is documented; assumed: a backslash before one stays, as regular expressions need it.
    """
    return _ESCAPE_IN_EVAL.sub(lambda escape: "\t" if escape[1] == "t" else escape[1], quoted)


class Cursor:
    """Tokens of ``spl[start:end]``, read one after the other; the errors it raises point into ``spl``."""

    def __init__(self, spl: str, start: int = 0, end: int | None = None, *, expression: bool = False) -> None:
        self.spl = spl
        self._expression = expression
        self._end = len(spl) if end is None else end
        self._position = start
        self._ahead: Token | None = None
        self._depth = 0

    @property
    def position(self) -> int:
        """Where the next token starts, blanks before it included."""
        return self._ahead.start if self._ahead else self._position

    def peek(self) -> Token:
        """The next token, which stays the next one; kind ``end`` after the last."""
        if self._ahead is None:
            self._ahead = self._scan()
        return self._ahead

    def next(self) -> Token:
        """The next token, consumed."""
        token = self.peek()
        self._ahead = None
        self._position = token.end
        return token

    def take_symbol(self, *symbols: str) -> Token | None:
        """Consume the next token if it is one of these symbols."""
        return self.next() if self.peek().is_symbol(*symbols) else None

    def take_keyword(self, *keywords: str) -> Token | None:
        """Consume the next token if it is one of these bare words (given in upper case, matched in any case)."""
        return self.next() if self.peek().is_keyword(*keywords) else None

    def expect_symbol(self, symbol: str) -> Token:
        """Consume this symbol or fail."""
        return self.take_symbol(symbol) or self.fail(f'expected "{symbol}"')

    @contextmanager
    def nested(self) -> Iterator[None]:
        """While what stands inside something is read; fail where that goes too deep for any reader to follow."""
        self._depth += 1
        if self._depth > _DEEPEST:
            self.fail(f"this is nested more than {_DEEPEST} deep")
        yield
        self._depth -= 1

    def switch(self, *, expression: bool) -> None:
        """Read the rest in the other way of cutting."""
        self._position = self.position
        self._ahead = None
        self._expression = expression

    def rest(self) -> str:
        """The text not consumed yet, consumed as it stands."""
        start = self.position
        self._ahead = None
        self._position = self._end
        return self.spl[start : self._end]

    def fail(self, message: str, token: Token | None = None) -> NoReturn:
        """Raise an error that points at the token, by default the next one."""
        at = token or self.peek()
        raise SplError(message, self.spl, at.start, at.end)

    def unsupported(self, message: str, token: Token | None = None) -> NoReturn:
        """Refuse the token, by default the next one."""
        at = token or self.peek()
        raise UnsupportedSpl(message, self.spl, at.start, at.end)

    def _scan(self) -> Token:
        pattern = _EXPRESSION if self._expression else _WORDS
        match = pattern.match(self.spl, self._position, self._end)
        if match is None:
            return self._scan_other()
        kind = match.lastgroup or ""
        value = match[kind]
        start = match.end() - len(value) - (2 if kind in ("string", "field") else 0)
        if kind == "string" and self._expression:
            value = unescape_in_eval(value)
        elif kind in ("string", "field"):
            value = unescape(value)
        return Token(kind, value, start, match.end())  # type: ignore[arg-type]  # group names are the kinds

    def _scan_other(self) -> Token:
        start = self._position
        while start < self._end and self.spl[start].isspace():
            start += 1
        if start >= self._end:
            return Token("end", "", self._end, self._end)
        character = self.spl[start]
        if character == "[":
            close = closing_bracket(self.spl, start, self._end)
            return Token("subsearch", self.spl[start + 1 : close], start, close + 1)
        what = "a quote that is not closed" if character in "\"'" else f"an unexpected {character!r}"
        raise SplError(what, self.spl, start)


def closing_bracket(spl: str, start: int, end: int) -> int:
    """Where the bracket that opens at ``start`` closes; quoted text does not count."""
    depth, at = 0, start
    while (mark := _BRACKETS.search(spl, at, end)) is not None:
        at = mark.start()
        if mark[0] == '"':
            at = closing_quote(spl, at, end)
        else:
            depth += 1 if mark[0] == "[" else -1
            if depth == 0:
                return at
        at += 1
    raise SplError("a bracket that is not closed", spl, start)


def closing_quote(spl: str, start: int, end: int) -> int:
    """Where the double quote that opens at ``start`` closes."""
    quoted = _QUOTED.match(spl, start + 1, end)
    if quoted is None:
        raise SplError("a quote that is not closed", spl, start)
    return quoted.end() - 1
