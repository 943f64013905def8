"""``head [<n>] [limit=<n>] [(<condition>)] [null=<bool>] [keeplast=<bool>]``: the first rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from searchhead.spl.arguments import boolean, end, integer, options
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.evaluation import Evaluate
from searchhead.spl.expressions import compile_condition
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Operator
from searchhead.spl.values import Row

_OPTIONS: dict[str, Callable[..., object]] = {"limit": integer, "null": boolean, "keeplast": boolean}


def compile_head(cursor: Cursor, compilation: Compilation) -> Plan:
    """Ten rows by default; with a condition all rows up to the first for which it does not hold."""
    given = options(cursor, "head", _OPTIONS)
    condition: Evaluate | None = None
    if cursor.peek().is_symbol("("):
        condition = compile_condition(cursor, compilation.environment).evaluate
        cursor.switch(expression=False)
    elif cursor.peek().kind == "word":
        given["limit"] = integer(cursor, cursor.next())
    given |= options(cursor, "head", _OPTIONS)
    end(cursor)
    limit = given.get("limit", None if condition else 10)
    null, keeplast = given.get("null", False), given.get("keeplast", False)
    return Plan(lambda: _Head(limit, condition, null=null, keeplast=keeplast))


class _Head(Operator):
    def __init__(self, limit: int | None, condition: Evaluate | None, *, null: bool, keeplast: bool) -> None:
        self._left = limit
        self._condition = condition
        self._null = null
        self._keeplast = keeplast
        self._done = limit == 0

    def process(self, rows: Iterable[Row]) -> Iterator[Row]:
        if self._done:
            return
        for row in rows:
            if not self._holds(row):
                self._done = True
                if self._keeplast:
                    yield row
                return
            if self._left is not None:
                self._left -= 1
                self._done = self._left == 0
            yield row
            if self._done:
                return

    def _holds(self, row: Row) -> bool:
        if self._condition is None:
            return True
        result = self._condition(row)
        return self._null if result is None else result is True
