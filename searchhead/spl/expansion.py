"""Comments and search macros: from the text of a search as it is written to the text that is compiled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from searchhead.spl.errors import Place, SplError, UnsupportedSpl
from searchhead.spl.lexer import closing_quote
from searchhead.spl.origins import Origin, Part, Traced

if TYPE_CHECKING:
    from searchhead.macros import Macro

_COMMENT = "```"
_DEPTH = 100  # limits.conf, [search] max_macro_depth
_MARK = re.compile('["`]')
_CALL = re.compile(r"\s*(?P<name>[^\s`()\"]+)\s*(?:\((?P<arguments>.*)\))?\s*", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_PLACEHOLDER = re.compile(r"\$([A-Za-z0-9_-]+)\$")


def expand(spl: str, macros: Mapping[str, Macro], place: Place | None = None) -> Traced:
    """The text with each macro between backticks replaced by its definition, and each comment by a blank.

    A macro inside quoted text is not expanded (Knowledge Manager Manual, "Use search macros in searches"). An argument
    may be given by name (``name=value``), and quotes around one are taken off. ``place`` is where the text begins.

    Raises:
        UnsupportedSpl: there is no such macro with so many arguments; tells which there are.
        SplError: a backtick, quote or bracket is not closed, or macros call each other in a circle.
    """
    return _expand(Traced.whole(Origin(spl, place)), macros, ())


def _expand(traced: Traced, macros: Mapping[str, Macro], inside: tuple[str, ...]) -> Traced:
    try:
        return _replaced(traced, macros, inside)
    except SplError as error:
        traced.locate(error)
        raise


def _replaced(traced: Traced, macros: Mapping[str, Macro], inside: tuple[str, ...]) -> Traced:
    spl = traced.text
    parts: list[Part] = []
    kept = at = 0
    while (found := _MARK.search(spl, at)) is not None:
        at = found.start()
        if spl[at] == '"':
            at = closing_quote(spl, at, len(spl)) + 1
            continue
        mark = _COMMENT if spl.startswith(_COMMENT, at) else "`"
        close = spl.find(mark, at + len(mark))
        if close < 0:
            what = "a comment" if mark == _COMMENT else "a macro's backtick"
            raise SplError(f"{what} that is not closed", spl, at, at + len(mark))
        end = close + len(mark)
        parts += traced.parts(kept, at)
        parts += [(" ", *_origin(traced, at))] if mark == _COMMENT else _definition(traced, at, end, macros, inside)
        at = kept = end
    return Traced([*parts, *traced.parts(kept, len(spl))]) if parts else traced


def _origin(traced: Traced, position: int) -> tuple[Origin, int]:
    found = traced.find(position)
    assert found is not None  # noqa: S101 - there is a character at the position
    return found


def _definition(
    traced: Traced, start: int, end: int, macros: Mapping[str, Macro], inside: tuple[str, ...]
) -> Iterable[Part]:
    """What the macro between the backticks at start and end stands for."""
    spl = traced.text
    match = _CALL.fullmatch(spl, start + 1, end - 1)
    if match is None:
        raise SplError("between backticks there must be name or name(argument, …)", spl, start, end)
    arguments = [] if match["arguments"] is None else _arguments(spl, *match.span("arguments"))
    key = f"{match['name']}({len(arguments)})" if arguments else match["name"]
    macro = macros.get(key)
    if macro is None:
        known = ", ".join(sorted(macros)) or "none"
        raise UnsupportedSpl(f"there is no macro {key}; there are: {known}", spl, start, end)
    if key in inside or len(inside) >= _DEPTH:
        raise SplError(f"the macro {key} comes to itself again: {' → '.join((*inside, key))}", spl, start, end)
    caller, at = _origin(traced, start)
    origin = Origin(macro.definition, macro.place, key, caller, at, at + end - start)
    values = _bind(macro, traced, arguments)
    parts: list[Part] = []
    kept = 0
    for placeholder in _PLACEHOLDER.finditer(macro.definition):
        if placeholder[1] in values:
            parts += [(macro.definition[kept : placeholder.start()], origin, kept), *values[placeholder[1]]]
            kept = placeholder.end()
    filled = Traced([*parts, (macro.definition[kept:], origin, kept)])
    expanded = _expand(filled, macros, (*inside, key))
    return expanded.parts(0, len(expanded.text))


def _bind(macro: Macro, traced: Traced, arguments: list[tuple[int, int]]) -> dict[str, list[Part]]:
    values = dict(zip(macro.arguments, arguments, strict=True))
    for start, end in arguments:
        name, equals, _ = traced.text[start:end].partition("=")
        if equals and name.strip() in macro.arguments:
            values[name.strip()] = (start + len(name) + 1, end)
    return {name: _unquoted(traced, *span) for name, span in values.items()}


def _unquoted(traced: Traced, start: int, end: int) -> list[Part]:
    text = traced.text[start:end]
    start += len(text) - len(text.lstrip())
    end -= len(text) - len(text.rstrip())
    if start >= end:
        return []
    whole = _QUOTED.fullmatch(traced.text, start, end)
    if whole is None:
        return list(traced.parts(start, end))
    if '\\"' in whole[1]:
        return [(whole[1].replace('\\"', '"'), *_origin(traced, start))]
    return list(traced.parts(*whole.span(1)))


def _arguments(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The spans between commas outside quotes and parentheses."""
    spans, depth, at = [], 0, start
    while at < end:
        character = text[at]
        if character == '"':
            at = closing_quote(text, at, end)
        elif character in "()":
            depth += 1 if character == "(" else -1
        elif character == "," and depth == 0:
            spans.append((start, at))
            start = at + 1
        at += 1
    return [*spans, (start, end)]
