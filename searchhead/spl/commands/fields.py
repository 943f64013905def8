"""``fields [+|-] <field> …``: keep or remove fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from searchhead.spl.arguments import required_fields
from searchhead.spl.compiling import Compilation, Plan, streaming
from searchhead.spl.lexer import Cursor
from searchhead.spl.values import Row, wildcard


def matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Whether a field is named by one of the patterns; ``*`` alone does not reach internal fields (``_raw`` …)."""
    wanted = list(patterns)
    known: dict[str, bool] = {name: True for name in wanted if "*" not in name}
    wild = [(wildcard(name, ignore_case=False).fullmatch, name.startswith("_")) for name in wanted if "*" in name]

    def matches(field: str) -> bool:
        found = known.get(field)
        if found is None:
            found = known[field] = any(
                fullmatch(field) is not None and (internal or not field.startswith("_")) for fullmatch, internal in wild
            )
        return found

    return matches


def compile_fields(cursor: Cursor, _compilation: Compilation) -> Plan:
    """Internal fields stay unless they are removed by name or by ``_*``."""
    sign = cursor.peek()
    remove = sign.kind == "word" and sign.text.startswith("-")
    if sign.kind == "word" and sign.text[0] in "+-":
        cursor = _after_sign(cursor)
    matches = matcher(required_fields(cursor, wildcards=True))

    def keep(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            for name in [name for name in row if name[:1] != "_" and not matches(name)]:
                del row[name]
            yield row

    def drop(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            for name in [name for name in row if matches(name)]:
                del row[name]
            yield row

    return streaming(drop if remove else keep)


def _after_sign(cursor: Cursor) -> Cursor:
    """The cursor behind the sign, which may or may not be followed by a blank."""
    start = cursor.peek().start + 1
    length = len(cursor.rest())
    return Cursor(cursor.spl, start, start - 1 + length)
