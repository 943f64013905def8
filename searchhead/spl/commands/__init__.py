"""The search commands: one module a command, and the table of them all."""

from __future__ import annotations

from searchhead.spl.commands.addinfo import compile_addinfo
from searchhead.spl.commands.convert import compile_convert
from searchhead.spl.commands.dedup import compile_dedup
from searchhead.spl.commands.eval import compile_eval
from searchhead.spl.commands.eventstats import compile_eventstats
from searchhead.spl.commands.fieldformat import compile_fieldformat
from searchhead.spl.commands.fields import compile_fields
from searchhead.spl.commands.fillnull import compile_fillnull
from searchhead.spl.commands.foreach import compile_foreach
from searchhead.spl.commands.format import compile_format
from searchhead.spl.commands.head import compile_head
from searchhead.spl.commands.inputlookup import compile_inputlookup
from searchhead.spl.commands.lookup import compile_lookup
from searchhead.spl.commands.makeresults import compile_makeresults
from searchhead.spl.commands.mvexpand import compile_mvexpand
from searchhead.spl.commands.outputlookup import compile_outputlookup
from searchhead.spl.commands.regex import compile_regex_command
from searchhead.spl.commands.rename import compile_rename
from searchhead.spl.commands.return_ import compile_return
from searchhead.spl.commands.rex import compile_rex
from searchhead.spl.commands.search import compile_search_command
from searchhead.spl.commands.sort import compile_sort
from searchhead.spl.commands.stats import compile_stats
from searchhead.spl.commands.table import compile_table
from searchhead.spl.commands.tail import compile_tail
from searchhead.spl.commands.where import compile_where
from searchhead.spl.compiling import Command

COMMANDS: dict[str, Command] = {
    "addinfo": compile_addinfo,
    "convert": compile_convert,
    "dedup": compile_dedup,
    "eval": compile_eval,
    "eventstats": compile_eventstats,
    "fieldformat": compile_fieldformat,
    "fields": compile_fields,
    "fillnull": compile_fillnull,
    "foreach": compile_foreach,
    "format": compile_format,
    "head": compile_head,
    "inputlookup": compile_inputlookup,
    "lookup": compile_lookup,
    "makeresults": compile_makeresults,
    "mvexpand": compile_mvexpand,
    "outputlookup": compile_outputlookup,
    "regex": compile_regex_command,
    "rename": compile_rename,
    "return": compile_return,
    "rex": compile_rex,
    "search": compile_search_command,
    "sort": compile_sort,
    "stats": compile_stats,
    "table": compile_table,
    "tail": compile_tail,
    "where": compile_where,
}
