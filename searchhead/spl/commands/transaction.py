"""``transaction [<field> …] [<option>=<value> …]``: events that belong together as one row.

Options are maxspan, maxpause, maxevents, startswith, endswith, connected, unifyends, keeporphans, keepevicted,
maxopentxn, maxopenevents, mvlist, mvraw, delim, nullstr and fields.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from searchhead.spl.aggregates import whole
from searchhead.spl.arguments import at_option, boolean, end, field_list, integer, string, value
from searchhead.spl.commands.mvcombine import Delimited
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.expressions import compile_condition
from searchhead.spl.lexer import Cursor, Token
from searchhead.spl.operators import Collecting, Environment
from searchhead.spl.terms import compile_terms
from searchhead.spl.transactions import Definition, Pool, Test, Transaction, time_of
from searchhead.spl.values import Row, Value, multivalue, put, texts

_BOUND = re.compile(r"(-?\d+)([smhd]?)", re.ASCII)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}


def _bound(cursor: Cursor, token: Token) -> float:
    match = _BOUND.fullmatch(token.text)
    if match is None:
        cursor.fail("expected a length of time: 30s, 5m, 1h, 1d; -1 is no bound", token)
    return float(int(match[1]) * _SECONDS[match[2]])


def _events(cursor: Cursor, token: Token) -> int:
    return -1 if token.text.startswith("-") and token.text[1:].isdigit() else integer(cursor, token)


def _names(_cursor: Cursor, token: Token) -> tuple[str, ...]:
    return tuple(token.text.replace(",", " ").split())


_Read = Callable[[Cursor, Token], Any]
_DEFINITION: dict[str, _Read] = {
    "connected": boolean,
    "fields": _names,
    "maxevents": _events,
    "maxopenevents": integer,
    "maxopentxn": integer,
    "maxpause": _bound,
    "maxspan": _bound,
    "unifyends": boolean,
}
_OUTPUT: dict[str, _Read] = {
    "delim": string,
    "keepevicted": boolean,
    "keeporphans": boolean,
    "mvlist": _names,
    "mvraw": boolean,
    "nullstr": string,
}
_FILTERS = ("startswith", "endswith")


@dataclass(frozen=True)
class _Output:
    """What is put out and how; the defaults are the documented ones. ``mvlist`` None is all fields."""

    keepevicted: bool = False
    keeporphans: bool = False
    mvlist: tuple[str, ...] | None = ()
    mvraw: bool = False
    delim: str = " "
    nullstr: str = "NULL"


def compile_transaction(cursor: Cursor, compilation: Compilation) -> Plan:
    """A row has the fields of its events, ``duration`` in seconds, ``eventcount`` and ``closed_txn``.

    A transaction that lacks its start or its end is
    evicted: put out, with closed_txn=0, only with keepevicted. unifyends is by default what connected is.

    Unlike Splunk, which wants events that are sorted by time, newest first, it sorts them itself.
    """
    environment = compilation.environment
    given: dict[str, Any] = {}
    fields: list[str] = []
    while cursor.peek().kind in ("word", "string"):
        fields += field_list(cursor)
        while at_option(cursor):
            given |= _option(cursor, environment)
    end(cursor)
    output = _Output(**{name: given.pop(name) for name in _OUTPUT if name in given})
    given["fields"] = (*fields, *given.get("fields", ()))
    given.setdefault("unifyends", given.get("connected", True))
    definition = Definition(**given)
    return Plan(lambda: _Transaction(definition, output, environment.warn))


def _option(cursor: Cursor, environment: Environment) -> dict[str, Any]:
    token = cursor.next()
    name = token.text.lower()
    read = (_DEFINITION | _OUTPUT).get(name)
    if read is None and name not in _FILTERS:
        supported = ", ".join(sorted([*_DEFINITION, *_OUTPUT, *_FILTERS]))
        cursor.unsupported(f'transaction has no option "{token.text}"; supported: {supported}', token)
    cursor.next()
    if read is None:
        return {name: _filter(cursor, environment)}
    if name == "mvlist":
        return {name: _mvlist(cursor)}
    return {name: read(cursor, value(cursor))}


def _mvlist(cursor: Cursor) -> tuple[str, ...] | None:
    token = value(cursor)
    if token.text.lower() in ("true", "t", "1"):
        return None
    if token.text.lower() in ("false", "f", "0"):
        return ()
    names = _names(cursor, token)
    while cursor.take_symbol(","):
        names += _names(cursor, value(cursor))
    return names


def _filter(cursor: Cursor, environment: Environment) -> Test:
    """``"<terms>"``, ``(<terms>)`` or ``eval(<condition>)``."""
    token = cursor.next()
    if token.kind == "string":
        return compile_terms(Cursor(cursor.spl, token.start + 1, token.end - 1)).matches
    if token.is_symbol("("):
        return compile_terms(Cursor(cursor.spl, token.end, _closing(cursor, token))).matches
    if token.is_keyword("EVAL") and cursor.peek().is_symbol("("):
        evaluate = compile_condition(cursor, environment).evaluate
        cursor.switch(expression=False)
        return lambda row: evaluate(row) is True
    if token.kind != "word":
        cursor.fail('expected "<terms>", (<terms>) or eval(<condition>)', token)
    return compile_terms(Cursor(cursor.spl, token.start, token.end)).matches


def _closing(cursor: Cursor, opening: Token) -> int:
    """Where the parenthesis closes; the cursor goes behind it."""
    depth = 1
    while depth:
        token = cursor.next()
        if token.kind == "end":
            cursor.fail("a parenthesis that is not closed", opening)
        depth += token.is_symbol("(") - token.is_symbol(")")
    return token.start


class _Transaction(Collecting):
    def __init__(self, definition: Definition, output: _Output, warn: Callable[[str], None]) -> None:
        self._definition = definition
        self._output = output
        self._warn = warn
        super().__init__()

    def finish(self) -> Iterable[Row]:
        pool = Pool(self._definition)
        found: list[Row] = []
        for event in sorted(self._rows, key=time_of, reverse=True):
            found += self._shown(pool.add(event))
        found += self._shown(pool.rest())
        if pool.evicted:
            self._warn(
                f"transaction had too many open at once: {pool.evicted} were evicted (maxopentxn, maxopenevents)"
            )
        # Assumed: newest first, by their first event.
        return sorted(found, key=time_of, reverse=True)

    def _shown(self, left: Iterable[Transaction | Row]) -> Iterator[Row]:
        for one in left:
            if isinstance(one, Transaction):
                if one.complete or self._output.keepevicted:
                    yield self._row(one)
            elif self._output.keeporphans:
                yield {**one, "_txn_orphan": 1}

    def _row(self, found: Transaction) -> Row:
        events = found.events[::-1]
        # The time and the date_… fields are the first event's; so are, assumed, other internal fields but _raw.
        row: Row = {name: held for name, held in events[0].items() if name.startswith(("_", "date_"))}
        for name in dict.fromkeys(name for event in events for name in event):
            if name == "_raw":
                row[name] = self._raw(events)
            elif not name.startswith(("_", "date_")):
                put(row, name, self._merged(name, events))
        row["duration"] = whole(round(found.latest - found.earliest, 6))
        row["eventcount"] = len(events)
        row["closed_txn"] = int(found.closed)
        return row

    def _raw(self, events: list[Row]) -> Value:
        raws = [one for event in events for one in texts(event.get("_raw"))]
        if self._output.mvraw and len(raws) > 1:
            return Delimited(raws, self._output.delim)
        return "\n".join(raws)  # assumed: one below the other

    def _merged(self, name: str, events: list[Row]) -> Value | None:
        """A list has a value for each event, oldest first (assumed); else each value once, in text order."""
        output = self._output
        if output.mvlist is None or name in output.mvlist:
            values = [one for event in events for one in texts(event.get(name)) or [output.nullstr]]
        else:
            values = sorted({one for event in events for one in texts(event.get(name))})
        return Delimited(values, output.delim) if len(values) > 1 else multivalue(values)
