"""The public rules about packages and installers, as facts, and what they find in a log.

They stand in ``published_rules.toml`` and ``published_installer_rules.toml``. The rules read the fields that add-ons
extract, without this app: so they run where their projects test them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from xml.sax.saxutils import unescape

from searchhead.head import SearchHead
from searchhead.inputs import Reader
from searchhead.savedsearches import SavedSearch
from searchhead.spl.errors import Place
from searchhead.spl.values import Row, Value, texts
from tests.apps import NOW, STAND_INS, addons

MSIX_RULES = Path(__file__).with_name("published_rules.toml")
INSTALLER_RULES = Path(__file__).with_name("published_installer_rules.toml")
RULES = (MSIX_RULES, INSTALLER_RULES)

# Which channels and event IDs each kind of events is; an ID of None is any that the rule names itself. Of the
# Application log the provider counts, of Microsoft Defender the table, of auditd the system call, as LAUREL tells it.
_SYSMON = "Microsoft-Windows-Sysmon/Operational"
_LINUX_SYSMON = "Linux-Sysmon/Operational"
_DEFENDER = "AdvancedHunting"
_AUDITD = "laurel"
_READS: dict[str, tuple[tuple[str, str | None], ...]] = {
    "deployment": (("Microsoft-Windows-AppXDeploymentServer/Operational", None),),
    "packaging": (("Microsoft-Windows-AppxPackaging/Operational", None),),
    "runtime": (("Microsoft-Windows-AppModel-Runtime/Admin", None),),
    "process": (
        *((_SYSMON, "1"), ("Security", "4688")),
        *((_LINUX_SYSMON, "1"), (_AUDITD, "execve"), (_DEFENDER, "DeviceProcessEvents")),
    ),
    "network": ((_SYSMON, "3"), (_LINUX_SYSMON, "3"), (_DEFENDER, "DeviceNetworkEvents")),
    "file": ((_SYSMON, "11"), (_LINUX_SYSMON, "11"), (_DEFENDER, "DeviceFileEvents")),
    "registry": ((_SYSMON, "13"), (_DEFENDER, "DeviceRegistryEvents")),
    "script": (("Microsoft-Windows-PowerShell/Operational", "4104"),),
    "dns": ((_SYSMON, "22"),),
    "msiinstaller": (("MsiInstaller", None),),
    "sysmon_process": ((_SYSMON, "1"),),
    "sysmon_network": ((_SYSMON, "3"),),
    "security_process": (("Security", "4688"),),
}

# Sigma's names, which are Sysmon's, for what others call otherwise: Windows itself in 4688 (SigmaHQ/sigma, taxonomy of
# process creation), Microsoft Defender in its tables (SigmaHQ/pySigma-backend-kusto, pipeline microsoft_xdr). Of auditd
# what the CIM makes of it, in favour of the rules.
_DEFENDER_PROCESS = {
    "Image": "FolderPath",
    "CommandLine": "ProcessCommandLine",
    "OriginalFileName": "ProcessVersionInfoOriginalFileName",
    "IntegrityLevel": "ProcessIntegrityLevel",
    "User": "AccountName",
    "ParentImage": "InitiatingProcessFolderPath",
    "ParentCommandLine": "InitiatingProcessCommandLine",
}
_DEFENDER_OTHER = {"Image": "InitiatingProcessFolderPath", "CommandLine": "InitiatingProcessCommandLine"}
_NAMES: dict[str, Mapping[str, str]] = {
    "Security": {"Image": "NewProcessName", "ParentImage": "ParentProcessName"},
    _AUDITD: {
        "Image": "process_path",
        "CommandLine": "process",
        "ParentImage": "parent_process_path",
        "ParentCommandLine": "parent_process",
        "User": "user",
    },
    "DeviceProcessEvents": _DEFENDER_PROCESS,
    "DeviceNetworkEvents": {**_DEFENDER_OTHER, "DestinationIp": "RemoteIP", "DestinationPort": "RemotePort"},
    "DeviceFileEvents": {**_DEFENDER_OTHER, "TargetFilename": "FolderPath"},
    "DeviceRegistryEvents": {**_DEFENDER_OTHER, "TargetObject": "RegistryKey", "Details": "RegistryValueData"},
}

# Sigma's name for the data of an event that has none with a name; what the add-ons make of it is the XML.
_UNNAMED = "Data"
_UNNAMED_DATA = re.compile(r"<Data>([^<]*+)</Data>")

_DASHES = "-/\u2013\u2014\u2015"  # Sigma's modifier windash


def _place(event: Row, *, by_source: bool) -> tuple[str, str]:
    """Where an event is from, and of which kind: as ``_READS`` says."""
    category = str(event.get("category") or "")
    if category.startswith(f"{_DEFENDER}-"):
        return _DEFENDER, category.removeprefix(f"{_DEFENDER}-")
    if event.get("sourcetype") == _AUDITD:
        return _AUDITD, str(event.get("SYSCALL.SYSCALL") or "")
    source = str(event.get("source") or "").removeprefix("XmlWinEventLog:").removeprefix("Syslog:")
    channel = source if by_source else str(event.get("Channel") or source)
    if channel == "Application":
        channel = str(event.get("Name") or "").strip("'\"")
    return channel, str(event.get("EventCode") or "")


def _value(event: Row, field: str) -> Value | None:
    """A field by the name that a rule has for it."""
    if field == _UNNAMED:
        return [unescape(one) for one in _UNNAMED_DATA.findall(str(event.get("_raw") or ""))]
    channel, code = _place(event, by_source=False)
    names = _NAMES.get(code if channel == _DEFENDER else channel, {})
    own = names.get(field, field)
    return event.get(own, event.get(f"properties.{own}"))


def _in_order(value: str, parts: Sequence[str]) -> bool:
    at = 0
    for part in parts:
        found = value.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _is_public(value: str) -> bool:
    try:
        address = ip_address(value)
    except ValueError:
        return False
    return address.is_global and not address.is_multicast


def _with_switch(value: str, switches: Sequence[str]) -> bool:
    return any(one.replace("-", dash, 1) in value for one in switches for dash in _DASHES)


_OPERATORS: dict[str, Callable[[str, Sequence[str]], bool]] = {
    "equals": lambda value, wanted: value in wanted,
    "contains": lambda value, wanted: any(one in value for one in wanted),
    "startswith": lambda value, wanted: value.startswith(tuple(wanted)),
    "endswith": lambda value, wanted: value.endswith(tuple(wanted)),
    "contains_in_order": _in_order,
    "contains_switch": _with_switch,
    "word": lambda value, wanted: any(one in wanted for one in re.split(r"[\s\"',<>|;()]+", value)),
    "named": lambda value, wanted: re.split(r"[\\/]", value)[-1] in wanted,
    "address": lambda value, wanted: _is_public(value) and "public" in wanted,
}


@dataclass(frozen=True)
class FieldTest:
    """One test of one field; of several values of the field one is enough."""

    field: str
    operator: str
    wanted: tuple[str, ...]

    def holds(self, event: Row) -> bool:
        """Whether the event passes."""
        operator = _OPERATORS[self.operator]
        return any(operator(one.lower(), self.wanted) for one in texts(_value(event, self.field)))


Group = tuple[FieldTest, ...]


@dataclass(frozen=True)
class Rule:
    """One public rule; what its parts mean stands at the head of ``published_rules.toml``."""

    id: str
    project: str
    name: str
    file: str
    ours: tuple[str, ...]
    outside: str
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
        channel, code = _place(event, by_source=self.project == "ESCU")
        return (not self.codes or code in self.codes) and any(
            channel == wanted and code_of in {None, code} for wanted, code_of in _READS[self.reads]
        )


def rules(*paths: Path) -> list[Rule]:
    """The rules of these files, or all, in their order. Raises ValueError for one not written as the head says."""
    texts_of = [path.read_text(encoding="utf-8") for path in paths or RULES]
    return [_rule(table) for text in texts_of for table in tomllib.loads(text)["rules"]]


def _rule(table: Mapping[str, Any]) -> Rule:
    parts = {"outside": "", "codes": (), "all": (), "any": (), "none": (), "needs": (), **table}
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
    """Reads logs as a Splunk with the add-ons of their sources shows them, and without this app."""

    def __init__(self) -> None:
        *before, last = addons(*STAND_INS)
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
