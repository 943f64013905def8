"""The public rules about MSIX packages, as facts (``published_rules.toml``), and what they find in a log.

The rules read the fields that the add-ons extract, without this app: so they run where their projects test them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from searchhead.head import SearchHead
from searchhead.inputs import Reader
from searchhead.savedsearches import SavedSearch
from searchhead.spl.errors import Place
from searchhead.spl.values import Row, texts
from tests.apps import NOW, addons

RULES = Path(__file__).with_name("published_rules.toml")

# Which channels and event IDs each kind of events is; an ID of None is any that the rule names itself.
_SYSMON = "Microsoft-Windows-Sysmon/Operational"
_READS: dict[str, tuple[tuple[str, str | None], ...]] = {
    "deployment": (("Microsoft-Windows-AppXDeploymentServer/Operational", None),),
    "packaging": (("Microsoft-Windows-AppxPackaging/Operational", None),),
    "runtime": (("Microsoft-Windows-AppModel-Runtime/Admin", None),),
    "process": ((_SYSMON, "1"), ("Security", "4688")),
    "script": (("Microsoft-Windows-PowerShell/Operational", "4104"),),
    "registry": ((_SYSMON, "13"),),
    "dns": ((_SYSMON, "22"),),
}

# Sigma's names for what Windows itself calls otherwise in 4688 (SigmaHQ/sigma, taxonomy of process creation).
_IN_SECURITY = {"Image": "NewProcessName", "ParentImage": "ParentProcessName"}


def _in_order(value: str, parts: Sequence[str]) -> bool:
    at = 0
    for part in parts:
        found = value.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True


_OPERATORS: dict[str, Callable[[str, Sequence[str]], bool]] = {
    "equals": lambda value, wanted: value in wanted,
    "contains": lambda value, wanted: any(one in value for one in wanted),
    "startswith": lambda value, wanted: value.startswith(tuple(wanted)),
    "endswith": lambda value, wanted: value.endswith(tuple(wanted)),
    "contains_in_order": _in_order,
}


@dataclass(frozen=True)
class FieldTest:
    """One test of one field; of several values of the field one is enough."""

    field: str
    operator: str
    wanted: tuple[str, ...]

    def holds(self, event: Row) -> bool:
        """Whether the event passes."""
        value = event.get(self.field, event.get(_IN_SECURITY.get(self.field, "")))
        operator = _OPERATORS[self.operator]
        return any(operator(one.lower(), self.wanted) for one in texts(value))


Group = tuple[FieldTest, ...]


@dataclass(frozen=True)
class Rule:
    """One public rule; what its parts mean stands at the head of ``published_rules.toml``."""

    id: str
    project: str
    name: str
    file: str
    ours: tuple[str, ...]
    reads: str
    codes: tuple[str, ...]
    all: Group
    any: tuple[Group, ...]
    none: tuple[Group, ...]
    needs: tuple[str, ...]

    def matches(self, event: Row) -> bool:
        """Whether the rule matches the event."""
        return (
            self._reads(event)
            and all(test.holds(event) for test in self.all)
            and (not self.any or any(all(test.holds(event) for test in group) for group in self.any))
            and not any(all(test.holds(event) for test in group) for group in self.none)
            and all(texts(event.get(name)) for name in self.needs)
        )

    def _reads(self, event: Row) -> bool:
        # A search of ESCU names the source, one made of a Sigma rule the channel.
        field, prefix = ("source", "XmlWinEventLog:") if self.project == "ESCU" else ("Channel", "")
        source, code = event.get(field), str(event.get("EventCode", ""))
        return (not self.codes or code in self.codes) and any(
            source == prefix + channel and code_of in {None, code} for channel, code_of in _READS[self.reads]
        )


def rules(path: Path = RULES) -> list[Rule]:
    """All rules, in the order of the file. Raises ValueError for one that is not written as the file's head says."""
    return [_rule(table) for table in tomllib.loads(path.read_text(encoding="utf-8"))["rules"]]


def _rule(table: Mapping[str, Any]) -> Rule:
    parts = {"codes": (), "all": (), "any": (), "none": (), "needs": (), **table}
    if parts.keys() != Rule.__annotations__.keys() or parts["reads"] not in _READS:
        raise ValueError(f"this is no rule: {dict(table)}")
    return Rule(
        **{
            **parts,
            "ours": tuple(parts["ours"]),
            "codes": tuple(map(str, parts["codes"])),
            "all": _group(parts["all"]),
            "any": tuple(map(_group, parts["any"])),
            "none": tuple(map(_group, parts["none"])),
            "needs": tuple(parts["needs"]),
        }
    )


def _group(tests: Iterable[Sequence[Any]]) -> Group:
    group = []
    for field, operator, given in tests:
        if operator not in _OPERATORS:
            raise ValueError(f"there is no operator {operator!r}; there are {', '.join(_OPERATORS)}")
        group.append(
            FieldTest(field, operator, tuple(one.lower() for one in ([given] if isinstance(given, str) else given)))
        )
    return tuple(group)


class Telemetry:
    """Reads logs as a Splunk with the Windows and the Sysmon add-on shows them, and without this app."""

    def __init__(self) -> None:
        *before, last = addons("windows", "sysmon", "cim")
        self._head = SearchHead(last, before, now=NOW)
        self._search = self._head.compile(
            SavedSearch("All events", "*", "All events", "all_events", (), Place("", 1, ""))
        )

    def events(self, logs: Sequence[Path]) -> list[Row]:
        """The events of these files and folders, with the fields that the add-ons extract."""
        [events] = self._head.run([self._search], Reader().read(logs))
        return events


def found(all_rules: Iterable[Rule], events: Sequence[Row]) -> dict[str, int]:
    """How many of the events each rule matches, by its id; only rules that match any."""
    counts = {rule.id: sum(map(rule.matches, events)) for rule in all_rules}
    return {name: count for name, count in counts.items() if count}
