"""``reverse``: the rows in the opposite order."""

from __future__ import annotations

from collections.abc import Iterable

from searchhead.spl.arguments import end
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Collecting
from searchhead.spl.values import Row


def compile_reverse(cursor: Cursor, _compilation: Compilation) -> Plan:
    """It takes no arguments."""
    end(cursor)
    return Plan(_Reverse)


class _Reverse(Collecting):
    def __init__(self) -> None:
        super().__init__()

    def finish(self) -> Iterable[Row]:
        return reversed(self._rows)
