"""``rex [field=<field>] [max_match=<n>] "<regular expression>"``: fields out of a value.

Or ``rex [field=<field>] mode=sed "s/<regular expression>/<text>/<flags>"``: the value edited.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from searchhead.spl.arguments import end, integer, options, string
from searchhead.spl.commands.regex import quoted_regex
from searchhead.spl.compiling import Compilation, Plan, streaming
from searchhead.spl.lexer import Cursor, Token
from searchhead.spl.regex import compile_regex
from searchhead.spl.values import Row, multivalue, put, texts

_OPTIONS: dict[str, Callable[..., object]] = {"field": string, "max_match": integer, "mode": string}
_REFERENCE = re.compile(r"\\(\d)")


def compile_rex(cursor: Cursor, _compilation: Compilation) -> Plan:
    """By default the first match in ``_raw``; max_match=0 is all. Without a match the fields stay as they are."""
    given = options(cursor, "rex", _OPTIONS)
    name = given.get("field", "_raw")
    if "mode" in given:
        if given["mode"] != "sed":
            cursor.unsupported('rex has no mode but "sed"')
        token = cursor.next()
        if token.kind != "string":
            cursor.fail("expected a sed expression in double quotes", token)
        edit = _edit(cursor, token)
        end(cursor)
        return streaming(_editing(name, edit))
    pattern_token = cursor.peek()
    pattern = quoted_regex(cursor)
    given |= options(cursor, "rex", _OPTIONS)
    end(cursor)
    if not pattern.groupindex:
        cursor.fail("the regular expression needs a named group: (?<field>…)", pattern_token)
    return streaming(_extracting(given.get("field", name), pattern, given.get("max_match", 1)))


def _extracting(name: str, pattern: re.Pattern[str], limit: int) -> Callable[[Iterable[Row]], Iterator[Row]]:
    groups = list(pattern.groupindex)

    def process(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            value = row.get(name)
            if value is None:  # as for most rows of a macro that reads what nobody has extracted
                yield row
                continue
            found: dict[str, list[str]] = {group: [] for group in groups}
            left = limit
            # Assumed: the values of a multivalue are searched one after the other.
            for match in (match for one in texts(value) for match in pattern.finditer(one)):
                for group in groups:
                    # Assumed: a group that matched nothing, or the empty text, gives no value.
                    if match[group]:
                        found[group].append(match[group])
                left -= 1
                if left == 0:
                    break
            for group, values in found.items():
                if values:
                    put(row, group, multivalue(values))
            yield row

    return process


def _editing(name: str, edit: Callable[[str], str]) -> Callable[[Iterable[Row]], Iterator[Row]]:
    def process(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            put(row, name, multivalue(edit(one) for one in texts(row.get(name))))
            yield row

    return process


def _edit(cursor: Cursor, token: Token) -> Callable[[str], str]:
    """A sed expression: ``s/from/to/`` with the flags ``g`` (all) or a number (that one), or ``y/abc/xyz/``."""
    expression = token.text
    parts = re.split(rf"(?<!\\){re.escape(expression[1])}", expression) if len(expression) > 1 else []
    if len(parts) != 4 or parts[0] not in ("s", "y") or not parts[1]:
        cursor.unsupported('expected "s/from/to/flags" or "y/from/to/"', token)
    command, old, new, flags = parts
    new = new.replace(f"\\{expression[1]}", expression[1])
    if command == "y":
        if flags or len(old) != len(new):
            cursor.fail("y/from/to/ needs as many characters on both sides, and no flags", token)
        mapping = str.maketrans(old, new)
        return lambda value: value.translate(mapping)
    if flags != "g" and not (flags == "" or flags.isdigit()):
        cursor.unsupported(f'unknown sed flags "{flags}"; supported: g, or a number', token)
    try:
        pattern = compile_regex(old)
    except ValueError as error:
        cursor.unsupported(str(error), token)
    if any(int(number) > pattern.groups for number in _REFERENCE.findall(new)):
        cursor.fail("the replacement refers to a group that is not there", token)
    wanted = 0 if flags == "g" else int(flags or 1)

    def edit(value: str) -> str:
        count = 0

        def replacement(match: re.Match[str]) -> str:
            nonlocal count
            count += 1
            if wanted and count != wanted:
                return match[0]
            return _REFERENCE.sub(lambda number: match[int(number[1])] or "", new)

        return pattern.sub(replacement, value)

    return edit
