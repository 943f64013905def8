"""``where <condition>``: rows for which the condition holds; null does not hold."""

from __future__ import annotations

from collections.abc import Iterable

from searchhead.spl.arguments import end
from searchhead.spl.compiling import Compilation, Plan, streaming
from searchhead.spl.expressions import compile_condition
from searchhead.spl.lexer import Cursor
from searchhead.spl.values import Row


def compile_where(cursor: Cursor, compilation: Compilation) -> Plan:
    """The condition is an eval expression."""
    condition = compile_condition(cursor, compilation.environment)
    evaluate = condition.evaluate
    end(cursor)

    def process(rows: Iterable[Row]) -> Iterable[Row]:
        return (row for row in rows if evaluate(row) is True)

    return streaming(process, fields=condition.fields)
