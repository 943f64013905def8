"""``makemv [delim=<text>|tokenizer=<regex>] [allowempty=<bool>] [setsv=<bool>] <field>``: one value into several."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from searchhead.spl.arguments import boolean, end, field_name, options
from searchhead.spl.compiling import Compilation, Plan, streaming
from searchhead.spl.lexer import Cursor, Token
from searchhead.spl.regex import compile_regex
from searchhead.spl.values import Row, multivalue, put, texts


def _tokenizer(cursor: Cursor, token: Token) -> Callable[[str], list[str]]:
    """Every match of the first group; the Search Reference asks for a group."""
    try:
        pattern = compile_regex(token.text)
    except ValueError as error:
        cursor.unsupported(str(error), token)
    if not pattern.groups:
        cursor.fail("the tokenizer needs a group: ([^,]+),?", token)
    return lambda value: [match[1] or "" for match in pattern.finditer(value)]


def _delim(cursor: Cursor, token: Token) -> str:
    if not token.text:
        cursor.fail("the delimiter is not empty", token)
    return token.text


_OPTIONS: dict[str, Callable[[Cursor, Token], Any]] = {
    "allowempty": boolean,
    "delim": _delim,
    "setsv": boolean,
    "tokenizer": _tokenizer,
}


def compile_makemv(cursor: Cursor, _compilation: Compilation) -> Plan:
    """A blank divides by default; empty pieces are dropped unless allowempty.

    Unlike Splunk, which keeps a single value beside the multivalue as ``setsv`` says, it knows one value of a field, so
    that ``setsv`` changes nothing.
    """
    token = cursor.peek()
    given = options(cursor, "makemv", _OPTIONS)
    if "delim" in given and "tokenizer" in given:
        cursor.fail("makemv takes delim or tokenizer, not both", token)
    name = field_name(cursor)
    end(cursor)
    delim, allowempty = given.get("delim", " "), given.get("allowempty", False)
    split: Callable[[str], list[str]] = given.get("tokenizer", lambda value: value.split(delim))

    def process(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            # Assumed: of a multivalue each value is split; without a piece left the field becomes null.
            pieces = [piece for value in texts(row.get(name)) for piece in split(value) if piece or allowempty]
            put(row, name, multivalue(pieces))
            yield row

    return streaming(process)
