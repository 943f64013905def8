"""``join [<option>=<value> …] [<field> …] [<subsearch>]``: the fields of matching rows of a subsearch.

Or ``join [<option>=<value> …] left=<alias> right=<alias> WHERE <alias>.<field>=<alias>.<field> … [<subsearch>]``: the
fields under the names of two aliases.

Options are type, max, overwrite, usetime and earlier.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from searchhead.spl.arguments import at_option, boolean, field_list, integer, options, string
from searchhead.spl.commands.append import Rows, subsearch_rows
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.lexer import Cursor, Token
from searchhead.spl.operators import Collecting
from searchhead.spl.values import Row, number, texts

_Key = tuple[tuple[str, ...], ...]
_TYPES = {"inner": True, "left": False, "outer": False}


def _type(cursor: Cursor, token: Token) -> bool:
    """Whether rows without a match are dropped."""
    if token.text.lower() not in _TYPES:
        cursor.fail("the type of a join is inner, left or outer", token)
    return _TYPES[token.text.lower()]


_OPTIONS: dict[str, Callable[[Cursor, Token], Any]] = {
    "earlier": boolean,
    "left": string,
    "max": integer,
    "overwrite": boolean,
    "right": string,
    "type": _type,
    "usetime": boolean,
}


@dataclass(frozen=True)
class _Style:
    """How rows are joined. ``pairs`` are the fields to compare, on both sides; none: all that both sides have."""

    pairs: list[tuple[str, str]]
    left: str
    right: str
    inner: bool
    most: int
    overwrite: bool
    usetime: bool
    earlier: bool


def compile_join(cursor: Cursor, compilation: Compilation) -> Plan:
    """Values match as text with their case; one row of the subsearch joins by default, max=0 is all.

    With ``usetime`` it must be earlier than the row of the search, or with earlier=false later; the same second is
    always fine. A subsearch gives at most 50,000 rows (limits.conf, [join] subsearch_maxout).
    """
    given = options(cursor, "join", _OPTIONS)
    if "left" in given or "right" in given:
        pairs = _equalities(cursor, given.get("left", ""), given.get("right", ""))
    else:
        fields = field_list(cursor)
        given |= options(cursor, "join", _OPTIONS)
        pairs = [(name, name) for name in fields]
    style = _Style(
        pairs,
        left=f"{given['left']}." if "left" in given else "",
        right=f"{given['right']}." if "right" in given else "",
        inner=given.get("type", True),
        most=given.get("max", 1),
        overwrite=given.get("overwrite", True),
        usetime=given.get("usetime", False),
        earlier=given.get("earlier", True),
    )
    rows = subsearch_rows(cursor, compilation, "join")
    return Plan(lambda: _Join(style, rows))


def _equalities(cursor: Cursor, left: str, right: str) -> list[tuple[str, str]]:
    """Read ``WHERE L.a=R.b L.c=R.d``."""
    if not left or not right or left == right:
        cursor.fail("left and right are two different aliases, both given")
    if not cursor.take_keyword("WHERE"):
        cursor.fail("after left and right expected WHERE")
    pairs: list[tuple[str, str]] = []
    while at_option(cursor):
        one = cursor.next()
        cursor.next()
        other = cursor.next()
        sides = dict(side.text.partition(".")[::2] for side in (one, other))
        if sides.keys() != {left, right} or not all(sides.values()):
            cursor.fail(f"expected {left}.<field>={right}.<field>", one)
        pairs.append((sides[left], sides[right]))
        cursor.take_keyword("AND")
    if not pairs:
        cursor.fail(f"expected {left}.<field>={right}.<field>")
    return pairs


def _key(row: Row, fields: list[str]) -> _Key | None:
    """The values to compare; None if one is missing. Assumed: multivalues match when all their values do, in order."""
    if any(name not in row for name in fields):
        return None
    return tuple(tuple(texts(row[name])) for name in fields)


class _Join(Collecting):
    def __init__(self, style: _Style, rows: Rows) -> None:
        self._style = style
        self._subsearch = rows
        super().__init__()

    def finish(self) -> Iterator[Row]:
        style, others = self._style, self._subsearch()
        pairs = style.pairs or [(name, name) for name in _common(self._rows, others)]
        left, right = [one for one, _ in pairs], [other for _, other in pairs]
        by_key: dict[_Key, list[Row]] = {}
        for other in others:
            key = _key(other, right)
            if key:
                by_key.setdefault(key, []).append(other)
        for row in self._rows:
            key = _key(row, left)
            matching = by_key.get(key, []) if key else []
            if style.usetime:
                matching = [other for other in matching if self._in_time(row, other)]
            for other in matching[: style.most or None]:
                yield self._joined(row, other)
            if not matching and not style.inner:
                yield self._joined(row, {})

    def _in_time(self, row: Row, other: Row) -> bool:
        mine, its = number(row.get("_time")), number(other.get("_time"))
        if mine is None or its is None:
            return False
        return int(its) <= int(mine) if self._style.earlier else int(its) >= int(mine)

    def _joined(self, row: Row, other: Row) -> Row:
        if self._style.left:
            row = _named(row, self._style.left)
            other = _named(other, self._style.right)
        return {**row, **other} if self._style.overwrite else {**other, **row}


def _named(row: Row, prefix: str) -> Row:
    """Fields under their alias; internal ones keep their names (assumed)."""
    return {name if name.startswith("_") else prefix + name: value for name, value in row.items()}


def _common(rows: list[Row], others: list[Row]) -> list[str]:
    """The fields that occur on both sides; internal ones do not count (assumed)."""
    names = {name for row in rows for name in row} & {name for row in others for name in row}
    return sorted(name for name in names if not name.startswith("_"))
