"""Search-time knowledge: from an event with its default fields to the row that a search sees.

Splunk's order (Knowledge Manager Manual, "The sequence of search-time operations"): inline extractions, extractions
through transforms, field aliases, calculated fields, automatic lookups; within each the class names in ASCII order.
Automatic key-value extraction is not done: only KV_MODE = none is supported, and is what holds without a setting.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial

from searchhead.conf import App, Conf, InvalidConf, Stanza, layered
from searchhead.extractions import Step, inline_extraction, report, transforms_of
from searchhead.lookups import InvalidLookup, Lookups, UnknownLookup
from searchhead.spl.errors import SplError
from searchhead.spl.expressions import compile_text
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

_PHASES = ("EXTRACT", "REPORT", "FIELDALIAS", "EVAL", "LOOKUP")
_MOST_CHAINS = 1000


class Knowledge:
    """The extractions, aliases, calculated fields and automatic lookups of several apps; a later app wins.

    Everything is compiled here, once. Raises InvalidConf or SplError, with the place, for anything in props.conf or
    transforms.conf that is wrong or not supported.
    """

    def __init__(self, apps: Sequence[App], environment: Environment) -> None:
        props = _without_default(layered(apps, "props"))
        transforms = transforms_of(_without_default(layered(apps, "transforms")))
        stanzas = [_PropsStanza(stanza, transforms, environment) for _, stanza in sorted(props.stanzas.items())]
        self._stanzas = sorted(stanzas, key=lambda stanza: stanza.precedence, reverse=True)
        self._chains: dict[tuple[str, str, str], list[Step]] = {}

    def extract(self, event: Row) -> Row:
        """The event (with _raw, _time, host, source, sourcetype, index) and every field known of it, as a new row."""
        row = dict(event)
        for step in self._chain(*(str(row.get(name, "")) for name in ("sourcetype", "source", "host"))):
            step(row)
        return row

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
        for stanza in self._stanzas:
            if stanza.matches(sourcetype, source, host):
                settings = {**stanza.settings, **settings}
        steps: list[Step] = []
        for phase in _PHASES:
            of_phase = [settings[key] for key in sorted(settings) if key[0] == phase]
            calculations = [step for step in of_phase if isinstance(step, _Calculation)]
            steps += [step for step in of_phase if not isinstance(step, _Calculation)]
            if calculations:
                steps.append(partial(_calculate, calculations))
        return steps


def _without_default(conf: Conf) -> Conf:
    if conf.default:
        name = next(iter(conf.default))
        raise conf.default.error(name, f"sets {name} for every app's events; name a sourcetype, source or host instead")
    return conf


class _PropsStanza:
    """One stanza of props.conf, compiled: which events it is for, and a step for each setting."""

    def __init__(self, stanza: Stanza, transforms: dict[str, Step | InvalidConf], environment: Environment) -> None:
        kind, separator, pattern = stanza.name.partition("::")
        if not separator or stanza.name.startswith("(?"):
            kind, pattern = "sourcetype", stanza.name
        if kind not in ("source", "host", "sourcetype") or pattern.startswith("(?"):
            raise stanza.error("", "is of no supported kind: [<sourcetype>], [source::<pattern>], [host::<pattern>]")
        self._kind = kind
        self._pattern = re.compile(re.escape(pattern)) if kind == "sourcetype" else _pattern(stanza, kind, pattern)
        literal = not re.search(r"\.\.\.|[*|()]", pattern)
        # props.conf.spec: source over host over sourcetype, then a literal name (priority 100) over a pattern (priority
        # 0). Of equals the one that is earlier in ASCII order wins: the order in which they are made.
        self.precedence = (("sourcetype", "host", "source").index(kind), literal)
        self.settings: dict[tuple[str, str], Step | _Calculation] = {}
        for name in stanza:
            phase, dash, class_name = name.partition("-")
            if dash and class_name and phase in _PHASES:
                self.settings[phase, class_name] = _step(stanza, name, transforms, environment)
            elif name == "KV_MODE":
                if stanza[name] != "none":
                    raise stanza.error(name, f"has KV_MODE = {stanza[name]}; only none is supported")
            elif name not in INDEX_TIME_PROPS and not (dash and phase in _INDEX_TIME_CLASSES):
                raise stanza.error(name, f'has setting "{name}", which is not supported')

    def matches(self, sourcetype: str, source: str, host: str) -> bool:
        value = {"sourcetype": sourcetype, "source": source, "host": host}[self._kind]
        return self._pattern.fullmatch(value) is not None


def _pattern(stanza: Stanza, kind: str, pattern: str) -> re.Pattern[str]:
    """A pattern for sources or hosts: ``...`` is any text, ``*`` any but path separators, ``|`` or, ``( )`` groups.

    Of the separators Splunk excludes the one of the system it runs on; here both are, so that what matches here does
    so on either. Hosts are compared without regard to case (props.conf.spec).
    """
    if found := re.search(r"[\[\]{}^$+?\\]", pattern):
        raise stanza.error("", f"has {found[0]!r} in its pattern; only ... * | ( ) are supported")
    pieces = {"...": ".*", "*": r"[^/\\]*", "|": "|", "(": "(?:", ")": ")"}
    parts = re.split(r"(\.\.\.|[*|()])", pattern)
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
    return _automatic_lookup(stanza, name, environment.lookups)


# Aliases, calculated fields, lookups


def _aliases(stanza: Stanza, name: str) -> Step:
    """FIELDALIAS-<class> = <field> AS <alias> …: with AS a missing field removes the alias, ASNEW never overwrites."""
    words = stanza[name].replace(",", " ").split()
    pairs: list[tuple[str, str, bool]] = []
    for index in range(0, len(words), 3):
        field, keyword, alias = [*words[index : index + 3], "", ""][:3]
        if keyword.upper() not in ("AS", "ASNEW") or not alias or '"' in field + alias:
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


def _automatic_lookup(stanza: Stanza, name: str, lookups: Lookups) -> Step:
    """LOOKUP-<class> = <lookup> <field> [AS <event field>] … OUTPUT|OUTPUTNEW <field> [AS <event field>] …."""
    words = stanza[name].replace(",", " ").split()
    split = next((index for index, word in enumerate(words) if word.upper() in ("OUTPUT", "OUTPUTNEW")), len(words))
    keys, outputs = _field_pairs(words[1:split]), _field_pairs(words[split + 1 :])
    if not keys or not outputs:
        raise stanza.error(
            name, f"has {name} = {stanza[name]!r}: write <lookup> <field> AS <event field> OUTPUT <field>"
        )
    try:
        lookup = lookups.get(words[0])
        lookup.require(field for field, _ in (*keys, *outputs))
    except (UnknownLookup, InvalidLookup) as error:
        raise stanza.error(name, f"has {name}: {error}") from error
    overwrite = words[split].upper() == "OUTPUT"
    return lambda row: lookup.enrich(row, keys, outputs, overwrite=overwrite)


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
