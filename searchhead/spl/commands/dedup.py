"""``dedup [<n>] <field> … [<option>=<bool>] [SORTBY <order>]``: the first rows of each combination of values.

Options are keepevents, keepempty and consecutive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from searchhead.spl.arguments import at_option, boolean, end, field_list, integer, options
from searchhead.spl.commands.sort import Order, compile_orders, sorted_rows
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Operator
from searchhead.spl.values import Row, texts

_OPTIONS: dict[str, Callable[..., object]] = {"keepevents": boolean, "keepempty": boolean, "consecutive": boolean}
_Key = tuple[tuple[str, ...], ...]


def compile_dedup(cursor: Cursor, _compilation: Compilation) -> Plan:
    """A row that lacks one of the fields is dropped, unless keepempty. keepevents keeps the row without the fields.

    SORTBY decides which row is the first, so it sorts before.
    """
    count = 1
    if cursor.peek().kind == "word" and cursor.peek().text.isdigit():
        token = cursor.peek()
        count = integer(cursor, cursor.next())
        if not count:
            cursor.fail("the number of rows to keep must be at least 1", token)
    given = options(cursor, "dedup", _OPTIONS)
    fields: list[str] = []
    while part := field_list(cursor, stop=_at_option_or_sortby):
        fields += part
        given |= options(cursor, "dedup", _OPTIONS)
    if not fields:
        cursor.fail("expected a field name")
    orders = compile_orders(cursor) if cursor.take_keyword("SORTBY") else []
    end(cursor)
    return Plan(
        lambda: _Dedup(
            fields,
            count,
            orders,
            keepevents=bool(given.get("keepevents")),
            keepempty=bool(given.get("keepempty")),
            consecutive=bool(given.get("consecutive")),
        ),
        fields=frozenset(() if given.get("keepempty") else fields),
    )


def _at_option_or_sortby(cursor: Cursor) -> bool:
    return at_option(cursor) or cursor.peek().is_keyword("SORTBY")


class _Dedup(Operator):
    def __init__(
        self,
        fields: list[str],
        count: int,
        orders: list[Order],
        *,
        keepevents: bool,
        keepempty: bool,
        consecutive: bool,
    ) -> None:
        self._fields = fields
        self._count = count
        self._orders = orders
        self._keepevents = keepevents
        self._keepempty = keepempty
        self._consecutive = consecutive
        self._seen: dict[_Key, int] = {}
        self._waiting: list[Row] = []

    def process(self, rows: Iterable[Row]) -> Iterable[Row]:
        if not self._orders:
            return self._kept(rows)
        self._waiting.extend(rows)
        return ()

    def finish(self) -> Iterable[Row]:
        return self._kept(sorted_rows(self._waiting, self._orders))

    def _kept(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            values = [row.get(name) for name in self._fields]
            if None in values:
                if self._keepempty:
                    yield row
                continue
            # Assumed: multivalues are the same when all their values are, in order.
            key = tuple(tuple(texts(value)) for value in values)
            seen = self._seen.get(key, 0)
            if self._consecutive and not seen:
                self._seen.clear()
            self._seen[key] = seen + 1
            if seen < self._count:
                yield row
            elif self._keepevents:
                for name in self._fields:
                    del row[name]
                yield row
