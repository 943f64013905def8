"""``outputlookup [<option>=<value>] … <name>``: rows into a lookup, a CSV file or a collection of the KV store.

Options are append, create_empty, override_if_empty, max, key_field, allow_updates, createinapp, create_context and
output_format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from searchhead.spl.arguments import at_option, boolean, end, integer, options, string
from searchhead.spl.commands.lookup import named_lookup
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.lexer import Cursor, Token
from searchhead.spl.operators import Collecting
from searchhead.spl.values import Row, text

if TYPE_CHECKING:
    from searchhead.lookups import Lookup


def _context(cursor: Cursor, token: Token) -> str:
    if token.text not in ("app", "user", "system"):
        cursor.fail("create_context is app, user or system", token)
    return token.text


def _output_format(cursor: Cursor, token: Token) -> str:
    if token.text != "splunk_sv_csv":
        cursor.unsupported("only output_format=splunk_sv_csv is supported: a multivalue as one cell of lines", token)
    return token.text


# create_context and createinapp say in which folder Splunk makes a file that is not there yet, and change nothing here;
# create_empty is about such a file, too: here it is there as soon as it is named.
_OPTIONS: dict[str, Callable[..., object]] = {
    "allow_updates": boolean,
    "append": boolean,
    "create_context": _context,
    "create_empty": boolean,
    "createinapp": boolean,
    "key_field": string,
    "max": integer,
    "output_format": _output_format,
    "override_if_empty": boolean,
}


def compile_outputlookup(cursor: Cursor, compilation: Compilation) -> Plan:
    """Replaces the rows of the lookup; all rows pass on as well.

    With append=true it adds to them, in a collection a record with a ``_key`` that is there replaces that one, unless
    allow_updates=false. key_field=<field> takes the key from a field, and implies append=true.
    """
    token = cursor.peek()
    given = options(cursor, "outputlookup", _OPTIONS)
    lookup = named_lookup(cursor, compilation.environment, create=True)
    if at_option(cursor):
        given |= options(cursor, "outputlookup", _OPTIONS)
    end(cursor)
    for name in ("key_field", "allow_updates"):
        if name in given and not lookup.is_collection:
            cursor.fail(f"{name} is for collections of the KV store; {lookup.name} is a CSV file", token)
    if not given.get("allow_updates", True) and not (given.get("append") or "key_field" in given):
        cursor.fail("allow_updates=false needs append=true or key_field", token)
    return Plan(lambda: _Outputlookup(lookup, given, compilation.environment.warn), writes=frozenset((lookup.name,)))


class _Outputlookup(Collecting):
    def __init__(self, lookup: Lookup, given: dict[str, Any], warn: Callable[[str], None]) -> None:
        self._lookup = lookup
        self._key_field: str | None = given.get("key_field")
        self._append: bool = given.get("append", self._key_field is not None)
        self._updates: bool = given.get("allow_updates", True)
        self._override_if_empty: bool = given.get("override_if_empty", True)
        self._most: int | None = given.get("max") or None  # 0 is the documented default, and no limit
        self._warn = warn
        super().__init__()

    def finish(self) -> Iterable[Row]:
        if self._rows or (self._override_if_empty and not self._append):
            written = [self._written(row) for row in self._rows[: self._most]]
            for problem in self._lookup.write(written, append=self._append, updates=self._updates):
                self._warn(f"outputlookup: {problem}")
        return self._rows

    def _written(self, row: Row) -> Row:
        """The row without internal fields, but with its time, as Splunk writes it (assumed)."""
        written = {name: value for name, value in row.items() if not name.startswith("_") or name in ("_time", "_key")}
        if self._key_field is not None and self._key_field in row:
            key = row[self._key_field]
            # Assumed: of a multivalue the first value is the key.
            written["_key"] = key[0] if isinstance(key, list) else text(key)
        return written
