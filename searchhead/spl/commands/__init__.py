"""The search commands: one module a command, and the table of them all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import cast

from searchhead.spl.compiling import Command

_TABLE = {
    "addcoltotals": "addcoltotals.compile_addcoltotals",
    "addinfo": "addinfo.compile_addinfo",
    "addtotals": "addtotals.compile_addtotals",
    "append": "append.compile_append",
    "appendcols": "appendcols.compile_appendcols",
    "appendpipe": "appendpipe.compile_appendpipe",
    "bin": "bin.compile_bin",
    "bucket": "bin.compile_bin",
    "chart": "chart.compile_chart",
    "convert": "convert.compile_convert",
    "datamodel": "datamodel.compile_datamodel",
    "dedup": "dedup.compile_dedup",
    "eval": "eval.compile_eval",
    "eventstats": "eventstats.compile_eventstats",
    "fieldformat": "fieldformat.compile_fieldformat",
    "fields": "fields.compile_fields",
    "filldown": "filldown.compile_filldown",
    "fillnull": "fillnull.compile_fillnull",
    "foreach": "foreach.compile_foreach",
    "format": "format.compile_format",
    "from": "from_.compile_from",
    "head": "head.compile_head",
    "inputlookup": "inputlookup.compile_inputlookup",
    "join": "join.compile_join",
    "lookup": "lookup.compile_lookup",
    "makemv": "makemv.compile_makemv",
    "makeresults": "makeresults.compile_makeresults",
    "mvcombine": "mvcombine.compile_mvcombine",
    "mvexpand": "mvexpand.compile_mvexpand",
    "nomv": "nomv.compile_nomv",
    "outputlookup": "outputlookup.compile_outputlookup",
    "rangemap": "rangemap.compile_rangemap",
    "rare": "top.compile_rare",
    "regex": "regex.compile_regex_command",
    "rename": "rename.compile_rename",
    "replace": "replace.compile_replace",
    "rest": "rest.compile_rest",
    "return": "return_.compile_return",
    "reverse": "reverse.compile_reverse",
    "rex": "rex.compile_rex",
    "search": "search.compile_search_command",
    "sort": "sort.compile_sort",
    "spath": "spath.compile_spath",
    "stats": "stats.compile_stats",
    "streamstats": "streamstats.compile_streamstats",
    "table": "table.compile_table",
    "tail": "tail.compile_tail",
    "timechart": "timechart.compile_timechart",
    "top": "top.compile_top",
    "transaction": "transaction.compile_transaction",
    "tstats": "tstats.compile_tstats",
    "uniq": "uniq.compile_uniq",
    "untable": "untable.compile_untable",
    "where": "where.compile_where",
    "xyseries": "xyseries.compile_xyseries",
}
"""What a search calls a command, and where it is compiled."""


class _Commands(Mapping[str, Command]):
    """The commands by name. A module is loaded when its command is first asked for: searches use a few of them."""

    def __getitem__(self, name: str) -> Command:
        return _loaded(_TABLE[name])

    def __contains__(self, name: object) -> bool:
        return name in _TABLE

    def __iter__(self) -> Iterator[str]:
        return iter(_TABLE)

    def __len__(self) -> int:
        return len(_TABLE)


@cache
def _loaded(place: str) -> Command:
    module, function = place.split(".")
    return cast("Command", getattr(import_module(f"{__name__}.{module}"), function))


COMMANDS: Mapping[str, Command] = _Commands()
