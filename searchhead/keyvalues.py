"""KV_MODE: the fields that Splunk finds in an event's text without being told of them.

It comes after the explicit extractions, whose fields stay as they are. What counts as a pair is documented by examples
only; the choices made here are marked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from searchhead.spl.commands.spath import json_fields, xml_fields
from searchhead.spl.lexer import unescape
from searchhead.spl.values import Row, multivalue, put, texts

Step = Callable[[Row], None]
Find = Callable[[str], Iterator[tuple[str, str]]]

MODES = ("none", "auto", "auto_escaped", "json", "xml")

# limits.conf, [kv]: the length of text that is looked at, and how many fields are made of it.
_MAXCHARS = 10_240
_LIMIT = 100

# Assumed: a name is made of ASCII letters, digits and _ . : - and begins with a letter; a value that is not in double
# quotes ends at a blank or at one of " , ; | & < > ( ) [ ].
_PAIR = r"(?<![\w.:-])([A-Za-z][A-Za-z0-9_.:-]*+)=(?:%s|([^\s\",;|&<>()\[\]=][^\s\",;|&<>()\[\]]*+))"
_PLAIN = re.compile(_PAIR % r'"([^"]*+)"')
_ESCAPED = re.compile(_PAIR % r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)


def automatic(mode: str, *, try_json: bool) -> Step | None:
    """The step of a KV_MODE (one of MODES); None if there is nothing to do.

    ``try_json`` is AUTO_KV_JSON: with the modes of pairs, text that is JSON is read as JSON as well.
    """
    if mode == "none":
        return None
    if mode in ("json", "xml"):
        find = json_fields if mode == "json" else xml_fields
        return lambda row: _add(row, find)
    pairs = _plain_pairs if mode == "auto" else _escaped_pairs
    if not try_json:
        return lambda row: _add(row, pairs, once=True)

    def either(row: Row) -> None:
        raw = row.get("_raw")
        if isinstance(raw, str) and raw.lstrip()[:1] in ("{", "["):
            _add(row, json_fields)
        _add(row, pairs, once=True)

    return either


def _add(row: Row, find: Find, *, once: bool = False) -> None:
    """Put fields into the row that are not there yet, with all their values, or with ``once`` the first."""
    found: dict[str, list[str]] = {}
    for raw in texts(row.get("_raw"))[:1]:
        for name, value in find(raw):
            if name in row or (name not in found and len(found) >= _LIMIT):
                continue
            values = found.setdefault(name, [])
            if not (once and values):
                values.append(value)
    for name, values in found.items():
        put(row, name, multivalue(values))


def _plain_pairs(raw: str) -> Iterator[tuple[str, str]]:
    for match in _PLAIN.finditer(raw, 0, _MAXCHARS):
        name, quoted, plain = match.groups()
        yield name, plain if quoted is None else quoted


def _escaped_pairs(raw: str) -> Iterator[tuple[str, str]]:
    for match in _ESCAPED.finditer(raw, 0, _MAXCHARS):
        name, quoted, plain = match.groups()
        yield name, plain if quoted is None else unescape(quoted)
