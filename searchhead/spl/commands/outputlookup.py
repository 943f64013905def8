"""``outputlookup [append=<bool>] [override_if_empty=<bool>] [max=<n>] <name>``: rows into a lookup."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from searchhead.spl.arguments import boolean, end, integer, options
from searchhead.spl.commands.lookup import named_lookup
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Operator
from searchhead.spl.values import Row

if TYPE_CHECKING:
    from searchhead.lookups import Lookup

_OPTIONS: dict[str, Callable[..., object]] = {"append": boolean, "override_if_empty": boolean, "max": integer}


def compile_outputlookup(cursor: Cursor, compilation: Compilation) -> Plan:
    """Replaces the rows of the lookup, or with append=true adds to them. All rows pass on as well."""
    given = options(cursor, "outputlookup", _OPTIONS)
    lookup = named_lookup(cursor, compilation.environment, create=True)
    given |= options(cursor, "outputlookup", _OPTIONS)
    end(cursor)
    return Plan(lambda: _Outputlookup(lookup, given))


class _Outputlookup(Operator):
    def __init__(self, lookup: Lookup, given: dict[str, Any]) -> None:
        self._lookup = lookup
        self._append: bool = given.get("append", False)
        self._override_if_empty: bool = given.get("override_if_empty", True)
        self._most: int | None = given.get("max")
        self._rows: list[Row] = []

    def process(self, rows: Iterable[Row]) -> Iterable[Row]:
        self._rows.extend(rows)
        return ()

    def finish(self) -> Iterable[Row]:
        if self._rows or (self._override_if_empty and not self._append):
            self._lookup.write([_written(row) for row in self._rows[: self._most]], append=self._append)
        return self._rows


def _written(row: Row) -> Row:
    """The row without internal fields, but with its time, as Splunk writes it (assumed)."""
    return {name: value for name, value in row.items() if not name.startswith("_") or name in ("_time", "_key")}
