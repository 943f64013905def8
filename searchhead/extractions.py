"""Search-time extractions: regular expressions over an event's text or another field, as fields.

Names, defaults and behaviour of the settings are those of props.conf.spec and transforms.conf.spec.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from searchhead.conf import Conf, InvalidConf, Stanza
from searchhead.lookupdefinitions import is_lookup
from searchhead.spl.regex import InvalidRegex, compile_regex
from searchhead.spl.values import Row, multivalue, put, texts

# Settings of transforms.conf that make a transform one of index time, which no REPORT may use.
INDEX_TIME_TRANSFORMS = frozenset({
    "CLONE_SOURCETYPE", "DEFAULT_VALUE", "DEST_KEY", "INGEST_EVAL", "LOOKAHEAD", "REPEAT_MATCH", "STOP_PROCESSING_IF",
    "WRITE_META",
})  # fmt: skip

# MATCH_LIMIT and DEPTH_LIMIT bound PCRE's work; Python's re has no such bounds.
_TRANSFORM = frozenset({
    "CLEAN_KEYS", "DEPTH_LIMIT", "FORMAT", "KEEP_EMPTY_VALS", "MATCH_LIMIT", "MV_ADD", "REGEX", "SOURCE_KEY",
})  # fmt: skip

# Assumed of Splunk: what was set when the event was indexed is not changed by an extraction, whatever the event says.
_DEFAULT_FIELDS = frozenset({"_raw", "_time", "host", "source", "sourcetype", "index"})

Step = Callable[[Row], None]
"""Adds what it finds to a row, in place."""


def _compiled(stanza: Stanza, name: str, pattern: str) -> re.Pattern[str]:
    try:
        return compile_regex(pattern)
    except InvalidRegex as error:
        raise stanza.error(name, f"has {name}: {error}") from error


def inline_extraction(stanza: Stanza, name: str) -> Step:
    """EXTRACT-<class> = <regex with named groups> [in <field>]: the first match, as fields that are not there yet."""
    source = "_raw"
    pattern = stanza[name]
    # props.conf.spec: a regular expression that itself ends so must be written as [i]n.
    if found := re.fullmatch(r"(.*\S)\s+in\s+(\w+)", pattern, re.DOTALL | re.ASCII):
        pattern, source = found.groups()
    regex = _compiled(stanza, name, pattern)
    names = tuple(regex.groupindex)
    if not names:
        raise stanza.error(name, f"has {name} without a named group (?<field>…)")

    def extract(row: Row) -> None:
        for value in texts(row.get(source)):
            if match := regex.search(value):
                for field in names:
                    if match[field] and field not in row:
                        row[field] = match[field]
                return

    return extract


def report(stanza: Stanza, name: str, transforms: dict[str, Step | InvalidConf]) -> Step:
    """REPORT-<class> = <transform>, …: the transforms in the order in which they are named."""
    steps: list[Step] = []
    for transform in re.split(r"\s*,\s*", stanza[name]):
        step = transforms.get(transform)
        if step is None:
            raise stanza.error(name, f"has {name}: transforms.conf has no extraction {transform!r}")
        if isinstance(step, InvalidConf):
            raise step
        steps.append(step)

    def run(row: Row) -> None:
        for step in steps:
            step(row)

    return run


def transforms_of(conf: Conf) -> dict[str, Step | InvalidConf]:
    """The extractions of transforms.conf by name, and for a transform of index time the error of using it."""
    found: dict[str, Step | InvalidConf] = {}
    for name, stanza in conf.stanzas.items():
        if is_lookup(stanza):
            continue
        for setting in stanza:
            if setting not in _TRANSFORM and setting not in INDEX_TIME_TRANSFORMS:
                raise stanza.error(setting, f'has setting "{setting}", which is not supported')
        index_time = next((setting for setting in stanza if setting in INDEX_TIME_TRANSFORMS), None)
        if index_time is None:
            found[name] = _Transform(stanza)
        else:
            found[name] = stanza.error(index_time, f"has {index_time}: a REPORT cannot use a transform of index time")
    return found


@lru_cache(maxsize=10_000)
def _clean(name: str) -> str:
    """A field name as CLEAN_KEYS makes it (transforms.conf.spec)."""
    return re.sub(r"[^A-Za-z0-9]", "_", name).lstrip("_0123456789")


class _Transform:
    """One extraction of transforms.conf: a step.

    The regular expression is applied again and again where MV_ADD adds values or FORMAT takes a field's name from the
    event, once otherwise. Without MV_ADD a field that is there already keeps its value (transforms.conf.spec).
    """

    def __init__(self, stanza: Stanza) -> None:
        if "REGEX" not in stanza:
            raise stanza.error("", "has neither REGEX nor filename: it is no extraction and no lookup")
        regex = _compiled(stanza, "REGEX", stanza["REGEX"])
        self._finditer = regex.finditer
        self._source = stanza.get("SOURCE_KEY", "_raw")
        self._adds = stanza.boolean("MV_ADD", default=False)
        self._keeps_empty = stanza.boolean("KEEP_EMPTY_VALS", default=False)
        self._cleans = stanza.boolean("CLEAN_KEYS", default=True)
        pairs = _format(stanza, regex)
        self._pairs = [(_clean(key) if isinstance(key, str) and self._cleans else key, value) for key, value in pairs]
        self._names = [key for key, _ in self._pairs if isinstance(key, str)]
        self._repeats = self._adds or len(self._names) < len(self._pairs)

    def __call__(self, row: Row) -> None:
        if not self._repeats and all(name in row for name in self._names):
            return
        # New values are gathered first: to lengthen a list again for each would be quadratic.
        found: dict[str, list[str]] = {}
        for text in texts(row.get(self._source)):
            for match in self._finditer(text):
                for key, part in self._pairs:
                    self._gather(match, key, part, found)
                if not self._repeats:
                    break
        for name, values in found.items():
            if name not in row:
                put(row, name, multivalue(values if self._adds else values[:1]))
            elif self._adds and name not in _DEFAULT_FIELDS:
                put(row, name, multivalue([*texts(row[name]), *values]))

    def _gather(self, match: re.Match[str], key: str | int, part: str | int, found: dict[str, list[str]]) -> None:
        value = match[part] if isinstance(part, int) else part
        name: str | None = key if isinstance(key, str) else match[key]
        if name and isinstance(key, int) and self._cleans:
            name = _clean(name)
        if name and value is not None and (value or self._keeps_empty):
            found.setdefault(name, []).append(value)


_FORMAT = re.compile(r"""(?P<key>[^\s:"$]+|\$\d+)::(?:"(?P<quoted>[^"$]*)"|(?P<value>[^\s"$]+|\$\d+))(?:\s+|\Z)""")


def _format(stanza: Stanza, regex: re.Pattern[str]) -> list[tuple[str | int, str | int]]:
    """Pairs of field and value, each a text or the number of a group: what FORMAT says, else the named groups.

    At search time each is one text or one group; texts are joined from several at index time only.
    """
    if "FORMAT" not in stanza:
        if not regex.groupindex:
            raise stanza.error("REGEX", "has neither FORMAT nor a named group in its REGEX")
        return list(regex.groupindex.items())
    pairs: list[tuple[str | int, str | int]] = []
    text, at = stanza["FORMAT"], 0
    while found := _FORMAT.match(text, at):
        value = found["quoted"] if found["value"] is None else found["value"]
        pairs.append((_part(found["key"]), _part(value)))
        at = found.end()
    if at < len(text) or not pairs:
        raise stanza.error("FORMAT", f"has FORMAT {text[at:]!r}: write name::$1 or $1::$2, with blanks between them")
    for part in (part for pair in pairs for part in pair):
        if isinstance(part, int) and part > regex.groups:
            raise stanza.error("FORMAT", f"has ${part} in FORMAT, but its REGEX has {regex.groups} groups")
    return pairs


def _part(text: str) -> str | int:
    return int(text[1:]) if text.startswith("$") else text
