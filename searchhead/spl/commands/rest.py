"""``rest <endpoint> [<option>=<value> …]``: what the REST API tells of the search head and its apps.

Options are count, strict, timeout, splunk_server, search and add_orphan_field; they may also stand before the endpoint.
search, an argument of the endpoint, lets objects pass for which its comparisons hold.

Unlike Splunk it asks no server, so that strict and timeout change nothing; ``splunk_server`` must be local, and no
search is an orphan (add_orphan_field).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from searchhead.spl.arguments import at_option, boolean, end, integer, options, value
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.errors import SplError
from searchhead.spl.lexer import Cursor, Token
from searchhead.spl.matching import Terms
from searchhead.spl.operators import Operator
from searchhead.spl.terms import compile_terms
from searchhead.spl.values import Row


def _server(cursor: Cursor, token: Token) -> str:
    if token.text.lower() != "local":
        cursor.unsupported("only splunk_server=local is supported: there is one server", token)
    return token.text


def _search(cursor: Cursor, token: Token) -> Terms:
    inner = Cursor(token.text)
    while (one := inner.next()).kind != "end":
        compared = inner.peek().is_symbol("=", "!=", "<", "<=", ">", ">=") or inner.peek().is_keyword("IN")
        if one.kind in ("word", "string") and one.text not in ("AND", "OR", "NOT"):
            if not compared:
                cursor.unsupported("in the argument search only comparisons are supported: <field>=<value>", token)
            inner.next()
            inner.next()
    try:
        return compile_terms(Cursor(token.text))
    except SplError as error:
        cursor.fail(f"search={token.text!r}: {error.message}", token)


_OPTIONS: dict[str, Callable[[Cursor, Token], Any]] = {
    "add_orphan_field": boolean,
    "count": integer,
    "search": _search,
    "splunk_server": _server,
    "strict": boolean,
    "timeout": integer,
}


def compile_rest(cursor: Cursor, compilation: Compilation) -> Plan:
    """An endpoint that is not answered here is refused. count=0, the default, gives all objects."""
    given = options(cursor, "rest", _OPTIONS)
    if cursor.peek().kind not in ("word", "string"):
        cursor.fail("rest needs an endpoint, /services/…")
    endpoint = value(cursor)
    while at_option(cursor):
        given |= options(cursor, "rest", _OPTIONS)
    end(cursor)
    rest = compilation.environment.rest
    if rest is None:
        cursor.unsupported("there is no REST API here", endpoint)
    try:
        rows = rest.find(endpoint.text)
    except LookupError as error:
        cursor.unsupported(str(error.args[0]), endpoint)
    more: Row = {"orphan": "0"} if given.get("add_orphan_field") else {}
    return Plan(lambda: _Rest(rows, given.get("search"), given.get("count", 0), more), generating=True)


class _Rest(Operator):
    def __init__(self, rows: Callable[[], list[Row]], terms: Terms | None, count: int, more: Row) -> None:
        self._rows = rows
        self._terms = terms
        self._count = count or None
        self._more = more

    def process(self, rows: Iterable[Row]) -> Iterable[Row]:
        return rows

    def finish(self) -> Iterator[Row]:
        found = self._rows() if self._terms is None else filter(self._terms.matches, self._rows())
        return islice(({**row, **self._more} for row in found), self._count)
