"""``inputlookup [append=<bool>] [strict=<bool>] [start=<n>] [max=<n>] <name> [WHERE <terms>]``: rows of a lookup."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from searchhead.spl.arguments import boolean, end, integer, options
from searchhead.spl.commands.lookup import named_lookup
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Operator
from searchhead.spl.rawterms import Test
from searchhead.spl.terms import compile_terms
from searchhead.spl.values import Row

if TYPE_CHECKING:
    from searchhead.lookups import Lookup

# strict decides whether a lookup that cannot be read stops the search: here it always does.
_OPTIONS: dict[str, Callable[..., object]] = {"append": boolean, "strict": boolean, "start": integer, "max": integer}
_MAX = 1_000_000_000  # the documented default of max


def compile_inputlookup(cursor: Cursor, compilation: Compilation) -> Plan:
    """The first command, or, with append=true, rows that follow those of the search. An empty cell is null."""
    given = options(cursor, "inputlookup", _OPTIONS)
    lookup = named_lookup(cursor, compilation.environment)
    given |= options(cursor, "inputlookup", _OPTIONS)
    matches: Test = lambda _row: True  # noqa: E731 - the default of a variable
    if cursor.take_keyword("WHERE"):
        matches = compile_terms(cursor).matches
    end(cursor)
    append = given.get("append", False)
    # Assumed: start and max count rows that the condition has let through.
    start, most = given.get("start", 0), given.get("max", _MAX)
    return Plan(
        lambda: _Inputlookup(lookup, matches, start, start + most),
        generating=compilation.leading or not append,
        reads=frozenset((lookup.name,)),
    )


class _Inputlookup(Operator):
    def __init__(self, lookup: Lookup, matches: Test, start: int, stop: int) -> None:
        self._lookup = lookup
        self._matches = matches
        self._start = start
        self._stop = stop

    def process(self, rows: Iterable[Row]) -> Iterable[Row]:
        return rows

    def finish(self) -> Iterator[Row]:
        return islice(filter(self._matches, self._lookup.rows()), self._start, self._stop)
