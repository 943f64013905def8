"""``addinfo``: the search's time range, id and start on every row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from searchhead.spl.arguments import end
from searchhead.spl.compiling import Compilation, Plan, streaming
from searchhead.spl.lexer import Cursor
from searchhead.spl.values import Row


def compile_addinfo(cursor: Cursor, compilation: Compilation) -> Plan:
    """An open start is 0, an open end the text +Infinity, as in Splunk for all time."""
    end(cursor)
    environment = compilation.environment
    info: Row = {
        "info_min_time": 0.0 if environment.earliest is None else environment.earliest,
        "info_max_time": "+Infinity" if environment.latest is None else environment.latest,
        "info_sid": environment.sid,
        "info_search_time": environment.now,
    }

    def process(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            row.update(info)
            yield row

    return streaming(process)
