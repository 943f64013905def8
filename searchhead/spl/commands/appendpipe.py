"""``appendpipe [run_in_preview=<bool>] [<subpipeline>]``: after the rows what some commands make of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from searchhead.spl.arguments import boolean, end, options
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Collecting
from searchhead.spl.values import Row


def compile_appendpipe(cursor: Cursor, compilation: Compilation) -> Plan:
    """The commands see all rows of the search up to here.

    Unlike Splunk it has no preview, so that run_in_preview changes nothing.
    """
    options(cursor, "appendpipe", {"run_in_preview": boolean})
    token = cursor.next()
    if token.kind != "subsearch":
        cursor.fail("appendpipe needs commands in square brackets", token)
    pipeline = compilation.subpipeline(cursor, token)
    end(cursor)
    return Plan(lambda: _Appendpipe(pipeline))


class _Appendpipe(Collecting):
    def __init__(self, pipeline: Callable[[Iterable[Row]], list[Row]]) -> None:
        self._pipeline = pipeline
        super().__init__()

    def finish(self) -> Iterator[Row]:
        # Copies, for commands may change rows in place.
        found = self._pipeline([dict(row) for row in self._rows])
        yield from self._rows
        yield from found
