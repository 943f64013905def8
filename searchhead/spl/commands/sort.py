"""``sort [<n>|limit=<n>] [+|-]<field>, … [desc]``: rows in order."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

from searchhead.spl.arguments import at_option, end, field_name, integer, options
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Collecting
from searchhead.spl.values import Row, Value, number, texts

_DEFAULT_LIMIT = 10_000  # limits.conf, [sort] and the Search Reference


@dataclass(frozen=True)
class Order:
    """One field to sort by. ``kind`` is how values compare: auto, num, str or ip."""

    field: str
    kind: str
    descending: bool


_REVERSE = (Order("d", "auto", descending=False), Order("desc", "auto", descending=False))


def compile_sort(cursor: Cursor, compilation: Compilation) -> Plan:
    """Rows that lack a field come last in both directions. 10,000 rows by default, 0 is all."""
    limit: int | None = None
    if at_option(cursor):
        limit = options(cursor, "sort", {"limit": integer})["limit"]
    elif cursor.peek().kind == "word" and cursor.peek().text.isdigit():
        limit = integer(cursor, cursor.next())
    orders = compile_orders(cursor)
    end(cursor)
    warn = compilation.environment.warn
    return Plan(lambda: _Sort(orders, limit, warn))


def compile_orders(cursor: Cursor) -> list[Order]:
    """Fields with their signs, up to the end; a last word ``d`` or ``desc`` turns every direction round.

    A sign goes with the field that follows it, with or without a blank between (assumed for several fields).
    """
    orders: list[Order] = []
    while cursor.peek().kind in ("word", "string"):
        orders.append(_order(cursor))
        cursor.take_symbol(",")
    if not orders:
        cursor.fail("expected a field to sort by")
    if len(orders) > 1 and orders[-1] in _REVERSE:
        return [Order(one.field, one.kind, not one.descending) for one in orders[:-1]]
    return orders


def _order(cursor: Cursor) -> Order:
    descending, kind = False, "auto"
    token = cursor.peek()
    name = ""
    if token.kind == "word" and token.text[0] in "+-":
        descending = token.text[0] == "-"
        name = cursor.next().text[1:]
    name = name or field_name(cursor)
    if cursor.take_symbol("("):
        if name not in ("auto", "num", "str", "ip"):
            cursor.unsupported(f'"{name}" is no way to sort; supported: auto, ip, num, str', token)
        kind, name = name, field_name(cursor)
        cursor.expect_symbol(")")
    if "*" in name:
        cursor.unsupported("a field to sort by has no wildcard", token)
    return Order(name, kind, descending)


def sorted_rows(rows: list[Row], orders: list[Order]) -> list[Row]:
    """The rows in order; rows that compare equal stay as they were."""
    for order in reversed(orders):
        pairs = [(_VALUES[order.kind](row.get(order.field)), row) for row in rows]
        present = [pair for pair in pairs if pair[0] is not None]
        present.sort(key=_key(order.kind, [value for value, _row in present]), reverse=order.descending)
        rows = [row for _value, row in present] + [row for value, row in pairs if value is None]
    return rows


def _single(value: Value | None) -> str | None:
    # Assumed: a multivalue sorts as its values in one text.
    return None if value is None else "\n".join(texts(value))


def _address(value: Value | None) -> tuple[int, int] | None:
    try:
        address = ipaddress.ip_address(_single(value) or "")
    except ValueError:
        return None
    return (address.version, int(address))


_VALUES: dict[str, Callable[[Value | None], Any]] = {
    "auto": _single,
    "ip": _address,
    "num": number,
    "str": _single,
}


def _key(kind: str, values: list[Any]) -> Callable[[tuple[Any, Row]], Any]:
    """The key of a pair of value and row.

    By default each pair of values decides how it compares: as numbers or as addresses when both are, else as text by
    code points.
    """
    if kind != "auto":
        return lambda pair: pair[0]
    known = {value: (number(value), None) for value in values}
    if all(found is not None for found, _ in known.values()):
        return lambda pair: known[pair[0]][0]
    parsed: dict[str, tuple[Any, Any]] = {
        value: (found, None if found is not None else _address(value)) for value, (found, _) in known.items()
    }
    if all(found is None and address is None for found, address in parsed.values()):
        return lambda pair: pair[0]

    def compared(one: str, other: str) -> int:
        for left, right in zip(parsed[one], parsed[other], strict=True):
            if left is not None and right is not None:
                return 1 if left > right else -1 if left < right else 0
        return (one > other) - (one < other)

    key = cmp_to_key(compared)
    return lambda pair: key(pair[0])


class _Sort(Collecting):
    def __init__(self, orders: list[Order], limit: int | None, warn: Callable[[str], None]) -> None:
        self._orders = orders
        self._limit = limit
        self._warn = warn
        super().__init__()

    def finish(self) -> Iterable[Row]:
        rows = sorted_rows(self._rows, self._orders)
        if self._limit is None and len(rows) > _DEFAULT_LIMIT:
            self._warn(f"sort met {len(rows)} rows and keeps {_DEFAULT_LIMIT}; write sort 0 to keep all")
            return rows[:_DEFAULT_LIMIT]
        return rows[: self._limit] if self._limit else rows
