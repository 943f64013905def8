"""``lookup <name> <field> [AS <event field>] … [OUTPUT|OUTPUTNEW <field> [AS <event field>] …]``: fields from a lookup.

Options are local and update; they stand before the name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from searchhead.spl.arguments import boolean, field_name, options, value
from searchhead.spl.compiling import Compilation, Plan, streaming
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Environment
from searchhead.spl.values import Row

if TYPE_CHECKING:
    from searchhead.lookups import Lookup

Pairs = list[tuple[str, str]]


def named_lookup(cursor: Cursor, environment: Environment, *, create: bool = False) -> Lookup:
    """Read the name of a lookup and get it; refuse one that there is not."""
    token = cursor.peek()
    name = value(cursor).text
    try:
        return environment.lookups.get(name, create=create)
    except (LookupError, ValueError) as error:
        cursor.unsupported(str(error.args[0]), token)


def compile_lookup(cursor: Cursor, compilation: Compilation) -> Plan:
    """Without OUTPUT all fields that are no keys are put out. How rows match is the definition's business.

    Unlike Splunk, which runs a lookup on several machines, it takes ``local`` and ``update`` and they change nothing.
    """
    options(cursor, "lookup", {"local": boolean, "update": boolean})
    lookup = named_lookup(cursor, compilation.environment)
    keys = _pairs(cursor, lookup)
    if not keys:
        cursor.fail("expected a field of the lookup to match")
    outputs: list[tuple[Pairs, bool]] = []
    while token := cursor.take_keyword("OUTPUT", "OUTPUTNEW"):
        pairs = _pairs(cursor, lookup)
        if not pairs:
            cursor.fail("expected a field of the lookup to put out")
        outputs.append((pairs, token.text.upper() == "OUTPUT"))
    if cursor.peek().kind != "end":
        cursor.fail("expected a field of the lookup")
    if not outputs:
        used = {name for name, _ in keys}
        outputs.append(([(name, name) for name in lookup.fields if name not in used], True))

    warn = compilation.environment.warn

    def process(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            for pairs, overwrite in outputs:
                lookup.enrich(row, keys, pairs, overwrite=overwrite, warn=warn)
            yield row

    return streaming(process, reads=[lookup.name])


def _pairs(cursor: Cursor, lookup: Lookup) -> Pairs:
    """Fields of the lookup, each with the field of the event it goes with."""
    pairs: Pairs = []
    while cursor.peek().kind in ("word", "string") and not cursor.peek().is_keyword("OUTPUT", "OUTPUTNEW"):
        token = cursor.peek()
        name = field_name(cursor)
        try:
            # A lookup without rows has no fields yet: nothing to check, and nothing will match.
            lookup.require([name] if lookup.fields else [])
        except ValueError as error:
            cursor.unsupported(str(error), token)
        pairs.append((name, field_name(cursor) if cursor.take_keyword("AS") else name))
        cursor.take_symbol(",")
    return pairs
