"""Comments and search macros: from the text of a search as it is written to the text that is compiled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from searchhead.spl.errors import SplError, UnsupportedSpl
from searchhead.spl.lexer import closing_quote

if TYPE_CHECKING:
    from searchhead.macros import Macro

_COMMENT = "```"
_DEPTH = 100  # limits.conf, [search] max_macro_depth
_CALL = re.compile(r"\s*(?P<name>[^\s`()\"]+)\s*(?:\((?P<arguments>.*)\))?\s*", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_PLACEHOLDER = re.compile(r"\$([A-Za-z0-9_-]+)\$")


def expand(spl: str, macros: Mapping[str, Macro]) -> str:
    """The text with each macro between backticks replaced by its definition, and each comment by a blank.

    A macro inside quoted text is not expanded (Knowledge Manager Manual, "Use search macros in searches"). An argument
    may be given by name (``name=value``), and quotes around one are taken off.

    Raises:
        UnsupportedSpl: there is no such macro with so many arguments; tells which there are.
        SplError: a backtick, quote or bracket is not closed, or macros call each other in a circle.
    """
    return _expand(spl, macros, ())


def _expand(spl: str, macros: Mapping[str, Macro], inside: tuple[str, ...]) -> str:
    parts, kept, at = [], 0, 0
    while at < len(spl):
        if spl[at] == '"':
            at = closing_quote(spl, at, len(spl)) + 1
        elif spl[at] != "`":
            at += 1
        else:
            mark = _COMMENT if spl.startswith(_COMMENT, at) else "`"
            close = spl.find(mark, at + len(mark))
            if close < 0:
                what = "a comment" if mark == _COMMENT else "a macro's backtick"
                raise SplError(f"{what} that is not closed", spl, at, at + len(mark))
            end = close + len(mark)
            parts += [spl[kept:at], " " if mark == _COMMENT else _definition(spl, at, end, macros, inside)]
            at = kept = end
    return "".join([*parts, spl[kept:]])


def _definition(spl: str, start: int, end: int, macros: Mapping[str, Macro], inside: tuple[str, ...]) -> str:
    """What the macro between the backticks at start and end stands for."""
    match = _CALL.fullmatch(spl, start + 1, end - 1)
    if match is None:
        raise SplError("between backticks there must be name or name(argument, …)", spl, start, end)
    arguments = [] if match["arguments"] is None else _arguments(match["arguments"])
    key = f"{match['name']}({len(arguments)})" if arguments else match["name"]
    macro = macros.get(key)
    if macro is None:
        known = ", ".join(sorted(macros)) or "none"
        raise UnsupportedSpl(f"there is no macro {key}; there are: {known}", spl, start, end)
    if key in inside or len(inside) >= _DEPTH:
        raise SplError(f"the macro {key} comes to itself again: {' → '.join((*inside, key))}", spl, start, end)
    values = _bind(macro, arguments)
    filled = _PLACEHOLDER.sub(lambda place: values.get(place[1], place[0]), macro.definition)
    return _expand(filled, macros, (*inside, key))


def _bind(macro: Macro, arguments: list[str]) -> dict[str, str]:
    values = dict(zip(macro.arguments, arguments, strict=True))
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if equals and name.strip() in macro.arguments:
            values[name.strip()] = _unquoted(value)
    return {name: _unquoted(value) for name, value in values.items()}


def _unquoted(argument: str) -> str:
    stripped = argument.strip()
    whole = _QUOTED.fullmatch(stripped)
    return whole[1].replace('\\"', '"') if whole else stripped


def _arguments(text: str) -> list[str]:
    """Cut at commas outside quotes and parentheses."""
    parts, depth, start, at = [], 0, 0, 0
    while at < len(text):
        character = text[at]
        if character == '"':
            at = closing_quote(text, at, len(text))
        elif character in "()":
            depth += 1 if character == "(" else -1
        elif character == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
        at += 1
    return [*parts, text[start:]]
