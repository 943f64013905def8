"""``eval <field>=<expression> [, …]``: fields from expressions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from searchhead.spl.compiling import Compilation, Plan, streaming
from searchhead.spl.evaluation import Evaluate
from searchhead.spl.expressions import compile_value
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Environment
from searchhead.spl.values import Row

_NAME = re.compile(r"[A-Za-z_][\w.:@{}-]*", re.ASCII)
_DYNAMIC = re.compile(r"\{[^{}]")


def compile_eval(cursor: Cursor, compilation: Compilation) -> Plan:
    """Assignments take effect from left to right; null removes the field."""
    assign = compile_assignments(cursor, compilation.environment)

    def process(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            assign(row)
            yield row

    return streaming(process)


def compile_assignments(cursor: Cursor, environment: Environment) -> Callable[[Row], None]:
    """What changes a row in place."""
    assignments: list[tuple[str, Evaluate]] = []
    while True:
        name = assigned_field(cursor)
        assignments.append((name, compile_value(cursor, environment).evaluate))
        cursor.switch(expression=False)
        if not cursor.take_symbol(","):
            break
    if cursor.peek().kind != "end":
        cursor.fail("expected a comma, an operator or the end of the command")

    def assign(row: Row) -> None:
        for name, evaluate in assignments:
            value = evaluate(row)
            if value is None:
                row.pop(name, None)
            else:
                row[name] = value

    return assign


def assigned_field(cursor: Cursor) -> str:
    """Read ``<field> =``; the name is bare, in single or in double quotes."""
    token = cursor.peek()
    if token.text.startswith("'") and token.kind == "word":
        cursor.switch(expression=True)
        token = cursor.peek()
    elif token.kind == "word" and not _NAME.fullmatch(token.text):
        cursor.fail("expected a field name; one with other characters stands in single quotes")
    if token.kind not in ("word", "string", "field") or not token.text:
        cursor.fail("expected a field name")
    if _DYNAMIC.search(token.text):
        cursor.unsupported("a field name that comes from a value ({field}) is not supported")
    cursor.next()
    cursor.switch(expression=False)
    cursor.expect_symbol("=")
    return token.text
