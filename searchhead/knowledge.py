"""Search-time knowledge: from an event with its default fields to the row that a search sees.

Splunk's order (Knowledge Manager Manual, "The sequence of search-time operations"): inline extractions, extractions
through transforms, automatic key-value extraction, field aliases, calculated fields, automatic lookups, event types,
tags; within each the class names in ASCII order. Before all of them sourcetypes are renamed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from searchhead.conf import App, Conf, InvalidConf, Stanza, layered
from searchhead.eventtypes import EventTypes, Tags
from searchhead.extractions import Step, inline_extraction, report, transforms_of
from searchhead.keyvalues import MODES, automatic
from searchhead.lookups import InvalidLookup, UnknownLookup
from searchhead.spl.errors import SplError
from searchhead.spl.expressions import compile_text
from searchhead.spl.matching import Terms
from searchhead.spl.operators import Environment
from searchhead.spl.values import Row, Value, put

# Settings of props.conf that Splunk uses before an event is indexed, or to describe a sourcetype to people. They mean
# nothing for an event that is there already. SEDCMD-<class> and TRANSFORMS-<class> belong to them.
INDEX_TIME_PROPS = frozenset({
    "ADD_EXTRA_TIME_FIELDS", "ANNOTATE_PUNCT", "BREAK_ONLY_BEFORE", "CHARSET", "DATETIME_CONFIG", "EVENT_BREAKER",
    "EVENT_BREAKER_ENABLE", "LINE_BREAKER", "MAX_DAYS_AGO", "MAX_DAYS_HENCE", "MAX_EVENTS", "MAX_TIMESTAMP_LOOKAHEAD",
    "NO_BINARY_CHECK", "SHOULD_LINEMERGE", "TIME_FORMAT", "TIME_PREFIX", "TRUNCATE", "TZ", "category", "description",
    "pulldown_type",
})  # fmt: skip
_INDEX_TIME_CLASSES = ("SEDCMD", "TRANSFORMS")

_CLASSES = ("EXTRACT", "REPORT", "FIELDALIAS", "EVAL", "LOOKUP")
_OTHERS = ("AUTO_KV_JSON", "KV_MODE", "priority", "rename")
_MOST_CHAINS = 1000


class Knowledge:
    """All that several apps know about events at search time; a later app wins.

    Everything is compiled here, once. Raises InvalidConf or SplError, with the place, for anything in props.conf,
    transforms.conf, eventtypes.conf or tags.conf that is wrong or not supported.
    """

    def __init__(self, apps: Sequence[App], environment: Environment) -> None:
        props = _without_default(layered(apps, "props"))
        transforms = transforms_of(_without_default(layered(apps, "transforms")))
        stanzas = [_PropsStanza(stanza, transforms, environment) for _, stanza in sorted(props.stanzas.items())]
        self._stanzas = sorted(stanzas, key=lambda stanza: stanza.precedence, reverse=True)
        self._renamed = {one.name: one.renamed for one in stanzas if one.renamed is not None}
        self._chains: dict[tuple[str, str, str], list[Step]] = {}
        self._eventtypes = EventTypes(apps, environment)
        self._tags = Tags(apps, self._eventtypes)

    def identify(self, event: Row) -> Row:
        """The event under the sourcetype that it has at search time, with the one of index time as _sourcetype.

        Searches see only the new one (props.conf.spec, rename). Not renamed, the event comes back itself.
        """
        sourcetype = event.get("sourcetype")
        renamed = self._renamed.get(sourcetype) if isinstance(sourcetype, str) else None
        return event if renamed is None else {**event, "sourcetype": renamed, "_sourcetype": sourcetype or ""}

    def extract(self, event: Row) -> Row:
        """The event (with _raw, _time, host, source, sourcetype, index) and every field known of it, as a new row.

        The event comes from ``identify``.
        """
        row = dict(event)
        for step in self._chain(*(str(row.get(name, "")) for name in ("sourcetype", "source", "host"))):
            step(row)
        self._eventtypes.add_to(row)
        self._tags.add_to(row)
        return row

    def terms(self, field: str, accepts: Callable[[str], bool]) -> Terms | None:
        """What is known of an event having an accepted value of ``eventtype``, ``tag`` or ``tag::<field>``."""
        return self._tags.terms(field, accepts)

    def _chain(self, sourcetype: str, source: str, host: str) -> list[Step]:
        key = (sourcetype, source, host)
        found = self._chains.get(key)
        if found is None:
            if len(self._chains) >= _MOST_CHAINS:  # hosts and channels of hostile logs are without number
                self._chains.clear()
            found = self._chains[key] = self._compose(sourcetype, source, host)
        return found

    def _compose(self, sourcetype: str, source: str, host: str) -> list[Step]:
        """The steps for such events: the settings of all stanzas that match, the one that comes first winning."""
        settings: dict[tuple[str, str], Step | _Calculation] = {}
        modes: Mapping[str, str | bool] = {"mode": "auto", "try_json": True}
        matching = [stanza for stanza in self._stanzas if stanza.matches(sourcetype, source, host)]
        for stanza in reversed(matching):
            settings = {**settings, **stanza.settings}
            modes = {**modes, **stanza.modes}
        steps: list[Step] = []
        for phase in _CLASSES:
            of_phase = [settings[key] for key in sorted(settings) if key[0] == phase]
            calculations = [step for step in of_phase if isinstance(step, _Calculation)]
            steps += [step for step in of_phase if not isinstance(step, _Calculation)]
            if calculations:
                steps.append(partial(_calculate, calculations))
            if phase == "REPORT":
                found = automatic(str(modes["mode"]), try_json=bool(modes["try_json"]))
                steps += [found] if found else []
        return steps


def _without_default(conf: Conf) -> Conf:
    if conf.default:
        name = next(iter(conf.default))
        raise conf.default.error(name, f"sets {name} for every app's events; name a sourcetype, source or host instead")
    return conf


class _PropsStanza:
    """One stanza of props.conf, compiled: which events it is for, a step for each class, and its other settings."""

    def __init__(self, stanza: Stanza, transforms: dict[str, Step | InvalidConf], environment: Environment) -> None:
        self.name = stanza.name
        self._kind, pattern, literal = _kind(stanza)
        plain = literal and self._kind == "sourcetype"  # whose names may have any character
        self._pattern = re.compile(re.escape(pattern)) if plain else _pattern(stanza, self._kind, pattern)
        # props.conf.spec: source over host over sourcetype, then the priority: 100 for a literal name, 0 for a pattern
        # unless it is set. Of equals the one that is earlier in ASCII order wins: the order in which they are made.
        priority = stanza.integer("priority", 100 if literal else 0, 0, 999_999)
        self.precedence = (("sourcetype", "host", "source").index(self._kind), priority)
        self.settings: dict[tuple[str, str], Step | _Calculation] = {}
        self.modes: dict[str, str | bool] = {}
        self.renamed: str | None = None
        for name in stanza:
            phase, dash, class_name = name.partition("-")
            if dash and class_name and phase in _CLASSES:
                self.settings[phase, class_name] = _step(stanza, name, transforms, environment)
            elif name in _OTHERS:
                self._set(stanza, name)
            elif name not in INDEX_TIME_PROPS and not (dash and phase in _INDEX_TIME_CLASSES):
                raise stanza.error(name, f'has setting "{name}", which is not supported')

    def _set(self, stanza: Stanza, name: str) -> None:
        if name == "KV_MODE":
            mode = stanza[name].lower()
            if mode not in MODES:
                why = ": tables are not read" if mode.partition(":")[0] == "multi" else ""
                raise stanza.error(name, f"has KV_MODE = {stanza[name]}; supported are {', '.join(MODES)}{why}")
            self.modes["mode"] = mode
        elif name == "AUTO_KV_JSON":
            self.modes["try_json"] = stanza.boolean(name, default=True)
        elif name == "rename":
            if self._kind != "sourcetype" or not stanza[name]:
                raise stanza.error(name, "has rename, which gives a sourcetype another name")
            self.renamed = stanza[name]

    def matches(self, sourcetype: str, source: str, host: str) -> bool:
        value = {"sourcetype": sourcetype, "source": source, "host": host}[self._kind]
        return self._pattern.fullmatch(value) is not None


# props.conf.spec knows no pattern for sourcetypes; add-ons write one as a regular expression that begins so.
_SOURCETYPE_PATTERN = "(?::){0}"


def _kind(stanza: Stanza) -> tuple[str, str, bool]:
    """What the stanza is for (source, host or sourcetype), its name or pattern, and whether that is to be literal."""
    if stanza.name.startswith(_SOURCETYPE_PATTERN):
        return "sourcetype", stanza.name.removeprefix(_SOURCETYPE_PATTERN), False
    kind, separator, pattern = stanza.name.partition("::")
    if not separator or stanza.name.startswith("(?"):
        kind, pattern = "sourcetype", stanza.name
    if kind not in ("source", "host", "sourcetype") or pattern.startswith("(?"):
        raise stanza.error("", "is of no supported kind: [<sourcetype>], [source::<pattern>], [host::<pattern>]")
    return kind, pattern, kind == "sourcetype" or not re.search(r"\.\.\.|[*|()\\]", pattern)


def _pattern(stanza: Stanza, kind: str, pattern: str) -> re.Pattern[str]:
    """A pattern: ``...`` is any text, ``*`` any but path separators, ``|`` or, ``( )`` groups, two backslashes are one.

    Of the separators Splunk excludes the one of the system it runs on; here both are, so that what matches here does
    so on either. Hosts are compared without regard to case (props.conf.spec).
    """
    if found := re.search(r"[\[\]{}^$+?]|(?<!\\)(?:\\\\)*\\(?!\\)", pattern):
        raise stanza.error("", f"has {found[0]!r} in its pattern; only ... * | ( ) \\\\ are supported")
    pieces = {"...": ".*", "*": r"[^/\\]*", "|": "|", "(": "(?:", ")": ")", r"\\": r"\\"}
    parts = re.split(r"(\.\.\.|[*|()]|\\\\)", pattern)
    try:
        return re.compile(
            "".join(pieces.get(part, re.escape(part)) for part in parts),
            re.DOTALL | (re.IGNORECASE if kind == "host" else re.NOFLAG),
        )
    except re.error as error:
        raise stanza.error("", f"is no pattern: {error}") from error


def _step(
    stanza: Stanza, name: str, transforms: dict[str, Step | InvalidConf], environment: Environment
) -> Step | _Calculation:
    phase, _, class_name = name.partition("-")
    if phase == "EXTRACT":
        return inline_extraction(stanza, name)
    if phase == "REPORT":
        return report(stanza, name, transforms)
    if phase == "FIELDALIAS":
        return _aliases(stanza, name)
    if phase == "EVAL":
        return _Calculation(class_name, stanza, name, environment)
    return _automatic_lookup(stanza, name, environment)


# Aliases, calculated fields, lookups


_WORD = re.compile(r'[\s,]*(?:"([^"]+)"|([^\s,"]+))')


def _words(stanza: Stanza, name: str) -> list[str]:
    """The words of a setting; field names with blanks stand in quotes."""
    words, at, text = [], 0, stanza[name].rstrip(" ,\t\n")
    while at < len(text):
        found = _WORD.match(text, at)
        if found is None:
            raise stanza.error(name, f"has {name} = {text!r}, with a quote that is not closed or encloses nothing")
        words.append(found[1] or found[2])
        at = found.end()
    return words


def _aliases(stanza: Stanza, name: str) -> Step:
    """FIELDALIAS-<class> = <field> AS <alias> …: with AS a missing field removes the alias, ASNEW never overwrites."""
    words = _words(stanza, name)
    pairs: list[tuple[str, str, bool]] = []
    for index in range(0, len(words), 3):
        field, keyword, alias = [*words[index : index + 3], "", ""][:3]
        if keyword.upper() not in ("AS", "ASNEW") or not alias:
            raise stanza.error(name, f"has {name} = {stanza[name]!r}: write <field> AS <alias> or ASNEW")
        pairs.append((field, alias, keyword.upper() == "AS"))

    def alias_fields(row: Row) -> None:
        for field, alias, overwrites in pairs:
            if overwrites or alias not in row:
                put(row, alias, row.get(field))

    return alias_fields


class _Calculation:
    """EVAL-<field> = <expression>."""

    def __init__(self, field: str, stanza: Stanza, name: str, environment: Environment) -> None:
        self.field = field
        try:
            self._evaluate = compile_text(stanza[name], environment).evaluate
        except SplError as error:
            error.place = f"{stanza.settings[name].place}: stanza [{stanza.name}] {name}"
            raise

    def value(self, row: Row) -> Value | None:
        result = self._evaluate(row)
        return None if isinstance(result, bool) else result  # compile_text lets no truth value through


def _calculate(calculations: Iterable[_Calculation], row: Row) -> None:
    """All calculated fields at once: none sees another's result. One that is null removes the field."""
    for field, value in [(calculation.field, calculation.value(row)) for calculation in calculations]:
        put(row, field, value)


def _automatic_lookup(stanza: Stanza, name: str, environment: Environment) -> Step:
    """LOOKUP-<class> = <lookup> <field> [AS <event field>] … [OUTPUT|OUTPUTNEW <field> [AS <event field>] …].

    Without OUTPUT all fields that are no keys are put out.
    """
    words = _words(stanza, name)
    split = next((index for index, word in enumerate(words) if word.upper() in ("OUTPUT", "OUTPUTNEW")), None)
    keys = _field_pairs(words[1:split])
    outputs = [] if split is None else _field_pairs(words[split + 1 :])
    if not keys or (split is not None and not outputs):
        raise stanza.error(
            name, f"has {name} = {stanza[name]!r}: write <lookup> <field> AS <event field> OUTPUT <field>"
        )
    try:
        lookup = environment.lookups.get(words[0])
        lookup.require(field for field, _ in (*keys, *outputs))
    except (UnknownLookup, InvalidLookup) as error:
        raise stanza.error(name, f"has {name}: {error}") from error
    if split is None:
        used = {field for field, _ in keys}
        outputs = [(field, field) for field in lookup.fields if field not in used]
    overwrite = split is None or words[split].upper() == "OUTPUT"

    def look_up(row: Row) -> None:
        lookup.enrich(row, keys, outputs, overwrite=overwrite, warn=environment.warn)

    return look_up


def _field_pairs(words: list[str]) -> list[tuple[str, str]]:
    """Pairs of a lookup field and an event field from ``a AS b c``; none if the words are of another form."""
    pairs: list[tuple[str, str]] = []
    index = 0
    while index < len(words):
        renamed = len(words) > index + 1 and words[index + 1].upper() == "AS"
        if words[index].upper() == "AS" or (renamed and len(words) <= index + 2):
            return []
        pairs.append((words[index], words[index + 2 if renamed else index]))
        index += 3 if renamed else 1
    return pairs
