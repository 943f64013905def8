"""``uniq``: without the rows that are the same as the one before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from searchhead.spl.arguments import end
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Operator
from searchhead.spl.values import Row, texts


def compile_uniq(cursor: Cursor, _compilation: Compilation) -> Plan:
    """It takes no arguments. All fields count, internal ones as well (assumed: what the reference calls exact)."""
    end(cursor)
    return Plan(_Uniq)


class _Uniq(Operator):
    def __init__(self) -> None:
        self._last: dict[str, list[str]] | None = None

    def process(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            shown = {name: list(texts(value)) for name, value in row.items()}
            if shown != self._last:
                self._last = shown
                yield row
