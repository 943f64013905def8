"""``fieldformat <field>=<expression>``: how a field is shown; its value stays."""

from __future__ import annotations

from searchhead.spl.arguments import end
from searchhead.spl.commands.eval import assigned_field
from searchhead.spl.compiling import Compilation, Plan, streaming
from searchhead.spl.expressions import compile_value
from searchhead.spl.lexer import Cursor


def compile_fieldformat(cursor: Cursor, compilation: Compilation) -> Plan:
    """The expression is kept with the search, for whoever shows its rows."""
    name = assigned_field(cursor)
    compilation.formats[name] = compile_value(cursor, compilation.environment)
    end(cursor)
    return streaming(lambda rows: rows)
