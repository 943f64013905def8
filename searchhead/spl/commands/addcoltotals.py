"""``addcoltotals [labelfield=<field>] [label=<text>] [<field> …]``: a last row with the sum of each column."""

from __future__ import annotations

from searchhead.spl.arguments import string
from searchhead.spl.commands.addtotals import Totals, read_totals
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.lexer import Cursor


def compile_addcoltotals(cursor: Cursor, _compilation: Compilation) -> Plan:
    """Without fields all that hold numbers are summed. A label needs a field to stand in."""
    given, matches = read_totals(cursor, "addcoltotals", {"labelfield": string, "label": string})
    return Plan(lambda: Totals(None, matches, given.get("labelfield"), given["label"]))
