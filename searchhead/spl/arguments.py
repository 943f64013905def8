"""Reading the arguments that many commands have in common: options, field names, numbers, truth values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from searchhead.spl.lexer import Cursor, Token, unescape

Reader = Callable[[Cursor, Token], Any]
"""Turns the value of an option into what the command wants, or fails at its token."""

_ARGUMENT = re.compile(r'(?:[^\s"]|"(?:[^"\\]|\\.)*")+', re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_EQUALS = re.compile(r"\s*=(?!=)")
# What Splunk takes for a truth value in the option of a command.
_TRUTH = {"true": True, "t": True, "1": True, "yes": True, "false": False, "f": False, "0": False, "no": False}


def boolean(cursor: Cursor, token: Token) -> bool:
    """The truth value of an option."""
    if token.text.lower() not in _TRUTH:
        cursor.fail("expected true or false", token)
    return _TRUTH[token.text.lower()]


def integer(cursor: Cursor, token: Token) -> int:
    """A whole number that is not negative."""
    if not (token.text.isascii() and token.text.isdigit()):
        cursor.fail("expected a whole number", token)
    return int(token.text)


def string(_cursor: Cursor, token: Token) -> str:
    """The text as it is."""
    return token.text


def at_option(cursor: Cursor) -> bool:
    """Whether ``name=`` comes next."""
    token = cursor.peek()
    return token.kind == "word" and _followed_by_equals(cursor, token)


def options(cursor: Cursor, command: str, known: Mapping[str, Reader]) -> dict[str, Any]:
    """The options that come next, as ``name=value``; refuses one that the command does not have."""
    found: dict[str, Any] = {}
    while at_option(cursor):
        name = cursor.next()
        if name.text.lower() not in known:
            supported = ", ".join(sorted(known)) or "none"
            cursor.unsupported(f'{command} has no option "{name.text}"; supported: {supported}', name)
        cursor.next()
        found[name.text.lower()] = known[name.text.lower()](cursor, value(cursor))
    return found


def value(cursor: Cursor) -> Token:
    """A word or quoted text."""
    token = cursor.peek()
    if token.kind not in ("word", "string"):
        cursor.fail("expected a value")
    return cursor.next()


def field_name(cursor: Cursor, *, wildcards: bool = False, results: bool = False) -> str:
    """A field name, bare or in double quotes; with ``*`` in it only if wildcards are allowed.

    With ``results`` also the bare name of a result as stats makes it, ``sum(bytes)``.
    """
    token = cursor.peek()
    if token.kind not in ("word", "string"):
        cursor.fail("expected a field name")
    if token.kind == "word" and token.text.startswith("'"):
        cursor.fail("outside of eval a field name stands in double quotes, not in single ones")
    if not token.text:
        cursor.fail("a field name is not empty")
    if "*" in token.text and not wildcards:
        cursor.unsupported("here a field name has no wildcard")
    name = cursor.next().text
    if results and token.kind == "word" and cursor.peek().is_symbol("(") and cursor.peek().start == token.end:
        name += _argument(cursor)
    return name


def _argument(cursor: Cursor) -> str:
    """What stands in brackets after the name of a function, brackets and all, as it stands."""
    start, depth = cursor.peek().start, 0
    while True:
        token = cursor.next()
        if token.kind == "end":
            cursor.fail("a bracket in a field name is not closed", token)
        depth += token.is_symbol("(") - token.is_symbol(")")
        if depth == 0:
            return cursor.spl[start : token.end]


def field_list(
    cursor: Cursor, *, wildcards: bool = False, results: bool = False, stop: Callable[[Cursor], bool] = at_option
) -> list[str]:
    """Field names separated by blanks or commas, up to the end or to where ``stop`` says so; may be empty."""
    names: list[str] = []
    while cursor.peek().kind in ("word", "string") and not stop(cursor):
        names.append(field_name(cursor, wildcards=wildcards, results=results))
        if cursor.take_symbol(",") and cursor.peek().kind not in ("word", "string"):
            cursor.fail("expected a field name after the comma")
    return names


def required_fields(cursor: Cursor, *, wildcards: bool = False) -> list[str]:
    """Field names up to the end; at least one."""
    names = field_list(cursor, wildcards=wildcards, results=True)
    if not names:
        cursor.fail("expected a field name")
    end(cursor)
    return names


def custom_arguments(cursor: Cursor) -> list[str]:
    """What follows the name of a custom search command, cut at blanks; quotes are taken off as in Splunk's ``args``."""
    return [_QUOTED.sub(lambda quoted: unescape(quoted[1]), word) for word in _ARGUMENT.findall(cursor.rest())]


def end(cursor: Cursor) -> None:
    """Fail if anything is left: nothing is skipped."""
    if cursor.peek().kind != "end":
        cursor.unsupported("the command is not understood from here")


def _followed_by_equals(cursor: Cursor, token: Token) -> bool:
    return _EQUALS.match(cursor.spl, token.end) is not None
