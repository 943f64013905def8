"""``appendcols [override=<bool>] [<option>=<value> …] [<subsearch>]``: the fields of a subsearch, row by row.

Options are maxout, maxtime, timeout and extendtimerange.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from searchhead.spl.arguments import boolean, options
from searchhead.spl.commands.append import SUBSEARCH_OPTIONS, Rows, subsearch_rows
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Collecting
from searchhead.spl.values import Row


def compile_appendcols(cursor: Cursor, compilation: Compilation) -> Plan:
    """The first row gets the fields of the subsearch's first row, and so on; internal fields are left out.

    A field that is there already stays, unless ``override``.
    """
    given = options(cursor, "appendcols", SUBSEARCH_OPTIONS | {"override": boolean})
    rows = subsearch_rows(cursor, compilation, "appendcols", given.get("maxout", 50_000))
    return Plan(lambda: _Appendcols(rows, override=given.get("override", False)))


class _Appendcols(Collecting):
    def __init__(self, rows: Rows, *, override: bool) -> None:
        self._subsearch = rows
        self._override = override
        super().__init__()

    def finish(self) -> Iterator[Row]:
        # Assumed: if the subsearch gives more rows than the search, the others follow as rows of their own.
        for row, other in zip_longest(self._rows, self._subsearch()):
            added = {name: value for name, value in (other or {}).items() if not name.startswith("_")}
            yield {**(row or {}), **added} if self._override else {**added, **(row or {})}
