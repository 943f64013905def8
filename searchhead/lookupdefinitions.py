"""Lookup definitions: what a stanza of transforms.conf says about how a lookup is matched.

Settings and their defaults are those of transforms.conf.spec.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC

from searchhead.conf import Stanza
from searchhead.spl.errors import SplError
from searchhead.spl.lexer import Cursor
from searchhead.spl.terms import compile_terms
from searchhead.spl.times import InvalidTimeFormat, TimePattern
from searchhead.spl.values import Row, number
from searchhead.tables import Cells

_SETTINGS = (
    "filename", "external_type", "collection", "fields_list", "filter", "match_type", "case_sensitive_match",
    "min_matches", "max_matches", "default_match", "time_field", "time_format", "min_offset_secs", "max_offset_secs",
)  # fmt: skip
# These make a lookup faster or say who may use it, and change no result.
_WITHOUT_EFFECT = ("allow_caching", "batch_index_query", "index_fields_list", "replicate")
_KINDS = ("filename", "collection", "external_cmd", "external_type")
_MOST_MATCHES = 1000  # transforms.conf.spec: the default, and no more are allowed
_MOST_SECONDS = 2_000_000_000  # transforms.conf.spec: the default of max_offset_secs
_MATCH_TYPE = re.compile(r"(WILDCARD|CIDR|EXACT)\(\s*([^()\s,]+)\s*\)[\s,]*")


@dataclass(frozen=True)
class Definition:
    """How a lookup is matched: what a stanza of transforms.conf says.

    ``fields`` are those of a collection, none for a CSV file, which names its own. ``time_of`` reads the time of a row,
    in epoch seconds; None for a lookup that is not bounded by time.
    """

    match_types: Mapping[str, str]  # field -> WILDCARD or CIDR; every other field is EXACT
    case_sensitive: bool
    min_matches: int
    max_matches: int
    default_match: str
    fields: tuple[str, ...] = ()
    accepts: Callable[[Row], bool] | None = None
    time_of: Callable[[Cells], float | None] | None = None
    min_offset: int = 0
    max_offset: int = _MOST_SECONDS


PLAIN = Definition({}, case_sensitive=True, min_matches=0, max_matches=_MOST_MATCHES, default_match="")
"""How a CSV file is matched that is named directly."""


def is_lookup(stanza: Stanza) -> bool:
    """Whether a stanza of transforms.conf defines a lookup, not an extraction."""
    return any(name in stanza for name in _KINDS)


def definition_of(stanza: Stanza) -> Definition:
    """What a stanza says; raises InvalidConf for a setting or value that is not supported."""
    for name in stanza:
        if name not in _SETTINGS and name not in _WITHOUT_EFFECT:
            raise stanza.error(
                name, f'has setting "{name}", which is not supported; a lookup may have {", ".join(_SETTINGS)}'
            )
    if stanza.get("external_type", "kvstore") != "kvstore":
        raise stanza.error("external_type", f"has external_type = {stanza['external_type']}; only kvstore is supported")
    fields = tuple(name for name in re.split(r"[\s,]+", stanza.get("fields_list", "")) if name)
    if is_kvstore(stanza) and not fields:
        raise stanza.error("fields_list", "needs fields_list = the fields of its collection")
    # transforms.conf.spec: of a lookup bounded by time only the nearest row counts unless it says otherwise.
    most = 1 if "time_field" in stanza else _MOST_MATCHES
    highest = stanza.integer("max_matches", most, 1, _MOST_MATCHES)
    return Definition(
        _match_types(stanza),
        stanza.boolean("case_sensitive_match", default=True),
        stanza.integer("min_matches", 0, 0, highest),
        highest,
        stanza.get("default_match", ""),
        fields,
        _filter(stanza),
        _time_of(stanza),
        stanza.integer("min_offset_secs", 0, 0, _MOST_SECONDS),
        _most_seconds(stanza),
    )


def is_kvstore(stanza: Stanza) -> bool:
    """Whether the lookup is over a collection of the KV store."""
    return "external_type" in stanza or "collection" in stanza


def _match_types(stanza: Stanza) -> dict[str, str]:
    text, at = stanza.get("match_type", ""), 0
    match_types: dict[str, str] = {}
    while at < len(text):
        found = _MATCH_TYPE.match(text, at)
        if found is None:
            raise stanza.error("match_type", f"has match_type {text[at:]!r}: write WILDCARD(field) or CIDR(field)")
        match_types[found[2]] = found[1]
        at = found.end()
    return {name: kind for name, kind in match_types.items() if kind != "EXACT"}


def _most_seconds(stanza: Stanza) -> int:
    if stanza.get("max_offset_secs") == str(_MOST_SECONDS):  # the one documented value of so many digits
        return _MOST_SECONDS
    return stanza.integer("max_offset_secs", _MOST_SECONDS, 0, _MOST_SECONDS)


def _filter(stanza: Stanza) -> Callable[[Row], bool] | None:
    """The condition of ``filter``: only rows that it lets through are there."""
    if "filter" not in stanza:
        return None
    try:
        return compile_terms(Cursor(stanza["filter"])).matches
    except SplError as error:
        raise stanza.error("filter", f"has a filter that is not understood: {error}") from error


def _time_of(stanza: Stanza) -> Callable[[Cells], float | None] | None:
    name = stanza.get("time_field")
    if not name:
        for setting in ("time_format", "min_offset_secs", "max_offset_secs"):
            if setting in stanza:
                raise stanza.error(setting, f"has {setting} without time_field")
        return None
    if "time_format" not in stanza:  # transforms.conf.spec: %s.%Q, epoch seconds with or without a fraction
        return lambda row: number(row.get(name))
    try:
        reader = TimePattern(stanza["time_format"])
    except InvalidTimeFormat as error:
        raise stanza.error("time_format", f"has time_format = {stanza['time_format']!r}: {error}") from error

    def time_of(row: Cells) -> float | None:
        shown = row.get(name)
        return reader.read(shown, UTC, 0) if isinstance(shown, str) else None

    return time_of
