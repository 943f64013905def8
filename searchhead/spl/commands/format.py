"""``format [mvsep=<text>] [maxresults=<n>] ["(" "(" "AND" ")" "OR" ")"] [emptystr=<text>]``: rows as one search text.

Subsearches end with it without saying so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from searchhead.spl.arguments import end, integer, options, string
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Collecting
from searchhead.spl.values import Row, Value, texts

# Fields whose values are search text themselves (Search Manual, "About subsearches").
_LITERAL = ("search", "query")


@dataclass(frozen=True)
class _Style:
    row_prefix: str = "("
    column_prefix: str = "("
    column_separator: str = "AND"
    column_end: str = ")"
    row_separator: str = "OR"
    row_end: str = ")"
    mvsep: str = "OR"
    emptystr: str = "NOT ()"


_OPTIONS = {"mvsep": string, "maxresults": integer, "emptystr": string}


def compile_format(cursor: Cursor, _compilation: Compilation) -> Plan:
    """Parentheses and operators are given all six or not at all."""
    given = options(cursor, "format", _OPTIONS)
    marks: list[str] = []
    while cursor.peek().kind == "string":
        marks.append(cursor.next().text)
    given |= options(cursor, "format", _OPTIONS)
    end(cursor)
    if len(marks) not in (0, 6):
        cursor.fail("format takes six quoted texts, or none of them")
    limit = given.pop("maxresults", 0)
    style = _Style(*marks, **given)
    return Plan(lambda: _Format(style, limit))


class _Format(Collecting):
    def __init__(self, style: _Style, limit: int) -> None:
        self._style = style
        self._limit = limit
        super().__init__()

    def finish(self) -> Iterable[Row]:
        rows = self._rows[: self._limit] if self._limit else self._rows
        return [{"search": search_text(rows, self._style)}]


def subsearch_terms(rows: list[Row]) -> str:
    """The terms that a subsearch stands for: what ``format`` or ``return`` made, else what ``format`` would make.

    No rows are ``NOT ()``, which holds for none. Whether NOT before it then holds for all is not settled by a public
    source; assumed: it does, so that an empty list of exceptions excepts nothing.
    """
    if len(rows) == 1:
        fields = [name for name in rows[0] if not name.startswith("_")]
        if fields == ["search"]:
            return " ".join(texts(rows[0]["search"]))
    return search_text(rows, _Style())


def search_text(rows: Iterable[Row], style: _Style) -> str:
    """Rows joined by OR, the fields of a row by AND, the values of a multivalue by OR; internal fields left out.

    Fields stand in alphabetical order, as in the examples of the Search Reference.
    """
    columns = ([_column(name, row[name], style) for name in sorted(row) if not name.startswith("_")] for row in rows)
    joined = [f" {style.column_separator} ".join(found) for found in columns if found]
    if not joined:
        return style.emptystr
    groups = [f"{style.column_prefix} {group} {style.column_end}" for group in joined]
    return f"{style.row_prefix} {f' {style.row_separator} '.join(groups)} {style.row_end}"


def _column(name: str, value: Value, style: _Style) -> str:
    values = texts(value)
    if name in _LITERAL:
        return " ".join(values)
    found = [_comparison(name, one) for one in values]
    return found[0] if len(found) == 1 else f"( {f' {style.mvsep} '.join(found)} )"


def _comparison(name: str, value: str) -> str:
    """``name="value"`` with the value escaped as the search command reads it."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    shown = name if name.replace("_", "").replace(".", "").isalnum() else f'"{name}"'
    return f'{shown}="{escaped}"'
