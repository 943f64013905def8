"""``replace <text> WITH <text> [, …] [IN <field> …]``: whole values by others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from searchhead.spl.arguments import end, field_list, value
from searchhead.spl.compiling import Compilation, Plan, streaming
from searchhead.spl.lexer import Cursor
from searchhead.spl.values import Row, multivalue, put, texts

_Replacement = Callable[[str], str | None]


def compile_replace(cursor: Cursor, _compilation: Compilation) -> Plan:
    """Values are compared as a whole and with their case (assumed); without IN in all fields but internal ones.

    A later replacement without wildcards goes before an earlier one; of those with wildcards the fuller one goes
    first, which is taken to be the one with more characters that are no wildcard (assumed).
    """
    replaced = _replaced(_pairs(cursor))
    fields: list[str] = []
    if token := cursor.take_keyword("IN"):
        fields = field_list(cursor)
        if not fields:
            cursor.fail("IN needs a field", token)
    end(cursor)

    def process(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            for name in fields or [name for name in row if not name.startswith("_")]:
                if name in row:
                    put(row, name, multivalue(map(replaced, texts(row[name]))))
            yield row

    return streaming(process)


def _pairs(cursor: Cursor) -> list[tuple[str, str]]:
    """Old and new values."""
    pairs: list[tuple[str, str]] = []
    while not pairs or (cursor.peek().kind != "end" and not cursor.peek().is_keyword("IN")):
        token = cursor.peek()
        old = value(cursor).text
        if not old:
            cursor.fail("an empty value cannot be replaced; fillnull fills missing ones", token)
        if not cursor.take_keyword("WITH"):
            cursor.fail("expected WITH and the new value")
        new_token = cursor.peek()
        new = value(cursor).text
        if new.count("*") not in (0, old.count("*")):
            cursor.fail("the new value needs as many wildcards as the old one, or none", new_token)
        pairs.append((old, new))
        cursor.take_symbol(",")
    return pairs


def _replaced(pairs: list[tuple[str, str]]) -> Callable[[str], str]:
    plain = {old: new for old, new in pairs if "*" not in old}
    wild = sorted((pair for pair in pairs if "*" in pair[0]), key=lambda pair: len(pair[0].replace("*", "")))
    replacements = [_wild(*pair) for pair in reversed(wild)]

    def replaced(found: str) -> str:
        if found in plain:
            return plain[found]
        return next((new for replacement in replacements if (new := replacement(found)) is not None), found)

    return replaced


def _wild(old: str, new: str) -> _Replacement:
    first, *others = [re.escape(part) for part in old.split("*")]
    *middle, last = others
    # Each part in the middle is taken where it comes first, so that hostile text cannot make it try everything.
    pattern = first + "".join(f"(?>(.*?){part})" for part in middle) + f"(.*){last}"
    fullmatch = re.compile(pattern, re.DOTALL).fullmatch
    head, *tails = new.split("*")

    def replacement(found: str) -> str | None:
        match = fullmatch(found)
        if match is None:
            return None
        groups = match.groups() if tails else ()
        return head + "".join(group + tail for group, tail in zip(groups, tails, strict=True))

    return replacement
