"""``regex [<field>=|<field>!=]"<regular expression>"``: rows that match a regular expression."""

from __future__ import annotations

import re
from collections.abc import Iterable

from searchhead.spl.arguments import end, field_name
from searchhead.spl.compiling import Compilation, Plan, streaming
from searchhead.spl.lexer import Cursor
from searchhead.spl.regex import compile_regex
from searchhead.spl.values import Row, texts


def quoted_regex(cursor: Cursor) -> re.Pattern[str]:
    """Read a regular expression in quotes."""
    token = cursor.peek()
    if token.kind != "string":
        cursor.fail("expected a regular expression in double quotes")
    try:
        pattern = compile_regex(token.text)
    except ValueError as error:
        cursor.unsupported(str(error))
    cursor.next()
    return pattern


def compile_regex_command(cursor: Cursor, _compilation: Compilation) -> Plan:
    """Case-sensitive, anywhere in the value; ``_raw`` by default. ``!=`` keeps rows without the field."""
    name, wanted = "_raw", True
    if cursor.peek().kind != "string" or cursor.spl[cursor.peek().end :].lstrip().startswith(("=", "!=")):
        name = field_name(cursor)
        wanted = not cursor.take_symbol("!=")
        if wanted:
            cursor.expect_symbol("=")
    search = quoted_regex(cursor).search
    end(cursor)

    def process(rows: Iterable[Row]) -> Iterable[Row]:
        # Assumed: a multivalue matches when any of its values does.
        return (row for row in rows if any(search(one) for one in texts(row.get(name))) is wanted)

    return streaming(process, fields=[name] if wanted else [])
