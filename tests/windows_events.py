"""Constructed events, rendered to XML as Windows or Sysmon for Linux renders them and as Splunk indexes them.

Shapes are those of real records: single quotes, GUIDs and fractions of seven digits as Windows writes them, nothing
between elements, values escaped with ``&lt;``, ``&gt;`` and ``&amp;`` alone. Sysmon for Linux writes double quotes, no
namespace and fractions of nine digits (FormatSyslogString in microsoft/SysmonForLinux). Levels, tasks and opcodes stand
for the events of which they are known; any other event is informational, with task and opcode 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import count
from typing import Any

from searchhead.inputs import windowsxml

HOST = "ws-0142.corp.example"
LINUX_HOST = "lx-0007.corp.example"
USER = "S-1-5-21-1111111111-2222222222-3333333333-1104"
SYSTEM = "S-1-5-18"
ACTIVITY = "{5f0a7c31-12de-0003-9a11-0b6fde12dc01}"
FIRST_RECORD = 1000

Shape = tuple[int, int, int, int]  # version, level, task, opcode


@dataclass(frozen=True)
class Channel:
    """A channel and its provider: what stands in ``System`` of all its events.

    ``user`` and ``activity`` are what an event has that names none; empty is an element without the attribute.
    ``linux`` is for what Sysmon for Linux writes.
    """

    name: str
    provider: str
    guid: str
    keywords: str
    shapes: Mapping[int, Shape] = field(default_factory=dict)
    shape: Shape = (0, 4, 0, 0)
    user: str = USER
    activity: str = ACTIVITY
    qualifiers: str = ""
    linux: bool = False


def _shapes(*groups: tuple[Iterable[int], Shape]) -> dict[int, Shape]:
    return {code: shape for codes, shape in groups for code in codes}


CHANNELS = {
    "deployment": Channel(
        "Microsoft-Windows-AppXDeploymentServer/Operational",
        "Microsoft-Windows-AppXDeployment-Server",
        "{3f471139-acb7-4a01-b7a7-ff5da4ba2d43}",
        "0x4000000000000001",
        _shapes(
            ([403, 404, 405, 412, 413, 440, 441, 442, 452, 454, 457, 458, 460, 465, 474, 481], (0, 2, 0, 0)),
            ([618, 628, 698, 707, 708, 711, 712, *range(790, 800), 859, 936, 938], (0, 2, 0, 0)),
            ([453, 806, 934, 935], (0, 3, 0, 0)),
            ([472, 614, 615, 617, 624, 625, 626, 627, 643, 809, 813, 818, 819, 821, 856, 857], (0, 5, 0, 0)),
            ([300], (0, 2, 1, 0)),
            ([400], (0, 4, 3, 2)),
            ([401], (0, 2, 3, 2)),
            ([478], (0, 5, 3, 2)),
            ([603, 604], (0, 4, 3, 0)),
            ([855], (0, 4, 4, 0)),
        ),
    ),
    "packaging": Channel(
        "Microsoft-Windows-AppxPackaging/Operational",
        "Microsoft-Windows-AppxPackagingOM",
        "{ba723d81-0d0c-4f1e-80c8-54740f508ddf}",
        "0x4000000000000000",
        _shapes(
            ([150, 152, 153, 154, 155, 156, 160, 163], (0, 2, 7, 12)),
            ([157, 164], (0, 4, 7, 12)),
            ([170], (0, 4, 3, 0)),
            ([171], (0, 4, 2, 0)),
            ([216], (0, 3, 4, 11)),
            ([391], (0, 4, 40, 0)),
        ),
    ),
    "sysmon": Channel(
        "Microsoft-Windows-Sysmon/Operational",
        "Microsoft-Windows-Sysmon",
        "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}",
        "0x8000000000000000",
        # A Sysmon event's task is its ID.
        {
            code: (version, 4, code, 0)
            for code, version in ((1, 5), (3, 5), (5, 3), (7, 3), (11, 2), (12, 2), (13, 2), (14, 2), (22, 5), (23, 5))
        },
        user=SYSTEM,
        activity="",
    ),
    "linux_sysmon": Channel(
        "Linux-Sysmon/Operational",
        "Linux-Sysmon",
        "{ff032593-a8d3-4f13-b0d6-01fc615a0f97}",
        "0x8000000000000000",
        {code: (version, 4, code, 0) for code, version in ((1, 5), (3, 5), (5, 3), (9, 2), (11, 2), (23, 5))},
        user="0",
        activity="",
        linux=True,
    ),
    "security": Channel(
        "Security",
        "Microsoft-Windows-Security-Auditing",
        "{54849625-5478-4994-a5ba-3e3b0328c30d}",
        "0x8020000000000000",
        {4657: (0, 0, 12801, 0), 4688: (2, 0, 13312, 0)},
        user="",
        activity="",
    ),
    "powershell": Channel(
        "Microsoft-Windows-PowerShell/Operational",
        "Microsoft-Windows-PowerShell",
        "{a0c1853b-5c40-4b15-8766-3cf1c58f985a}",
        "0x0",
        {4104: (1, 5, 2, 15)},
    ),
    "application": Channel("Application", "MsiInstaller", "", "0x80000000000000", activity="", qualifiers="0"),
}

# The hosts of a case's events that name none.
_HOSTS = {"auditd": LINUX_HOST, "linux_sysmon": LINUX_HOST}

_NAME = re.compile(r"\w+", re.ASCII)
_GUID = re.compile(r"\{[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}")
_FRACTION = re.compile(r"(?:\.(\d{1,7}))?Z$")


@dataclass(frozen=True)
class WindowsEvent:
    """One event.

    Those of the channels ``defender`` and ``auditd`` are no XML: see ``defender_events`` and ``auditd_events``; there
    ``code`` is a text. ``data`` maps the names of its data to their values, in the order in which Windows writes them;
    a list is data without names. ``time`` is UTC, ``2026-03-02T09:00:00.123Z``. ``user`` and ``activity`` are the
    channel's own if None, and left out if empty.
    """

    code: int | str
    time: str
    data: Mapping[str, object] | Sequence[object] = field(default_factory=dict)
    channel: str = "deployment"
    host: str = HOST
    user: str | None = None
    activity: str | None = None
    record: int = FIRST_RECORD


def from_case(tables: Iterable[Mapping[str, Any]]) -> list[WindowsEvent]:
    """The events of a case's ``[[events]]``; those without ``record`` count up. Raises ValueError for a wrong table."""
    known = {one.name for one in fields(WindowsEvent)}
    numbers = count(FIRST_RECORD)
    events = []
    for table in tables:
        if not {"code", "time"} <= table.keys() <= known:
            raise ValueError(f"an event has code and time, and may have {', '.join(sorted(known))}: {dict(table)}")
        host = _HOSTS.get(table.get("channel", ""), HOST)
        events.append(WindowsEvent(**{"record": next(numbers), "host": host, **table}))
    return events


def render(event: WindowsEvent, quote: str = "'") -> str:
    """The event in XML, in these quotes where there is a choice, without a line break at its end.

    Raises ValueError for what Windows could not have written.
    """
    channel = CHANNELS[event.channel]
    quote = '"' if channel.linux else quote
    version, level, task, opcode = channel.shapes.get(int(event.code), channel.shape)
    user = channel.user if event.user is None else event.user
    activity = channel.activity if event.activity is None else event.activity
    if activity and not _GUID.fullmatch(activity):
        raise ValueError(f"event {event.code}: activity is a GUID in braces, not {activity!r}")
    qualifiers = f" Qualifiers='{channel.qualifiers}'" if channel.qualifiers else ""
    system = "".join(
        (
            f"<Provider Name='{channel.provider}'{_attribute('Guid', channel.guid)}/>",
            f"<EventID{qualifiers}>{event.code}</EventID><Version>{version}</Version><Level>{level}</Level>",
            f"<Task>{task}</Task><Opcode>{opcode}</Opcode><Keywords>{channel.keywords}</Keywords>",
            f"<TimeCreated SystemTime='{_system_time(event.time, 9 if channel.linux else 7)}'/>",
            f"<EventRecordID>{event.record}</EventRecordID>",
            f"<Correlation{_attribute('ActivityID', activity)}/><Execution ProcessID='5820' ThreadID='5960'/>",
            f"<Channel>{channel.name}</Channel><Computer>{_text(event.host)}</Computer>",
            f"<Security{_attribute('UserId' if channel.linux else 'UserID', user)}/>",
        )
    )
    namespace = "" if channel.linux else f" xmlns='{windowsxml.NAMESPACE}'"
    # Nothing in System holds a quote but its attributes do; in EventData the values may hold either kind.
    return (
        f"<Event{namespace}><System>{system}</System>".replace("'", quote)
        + f"<EventData>{_data(event, quote)}</EventData></Event>"
    )


def _data(event: WindowsEvent, quote: str) -> str:
    if not isinstance(event.data, Mapping):
        return "".join(f"<Data>{_text(value)}</Data>" for value in event.data) + "<Binary></Binary>"
    for name in event.data:
        if not _NAME.fullmatch(name):
            raise ValueError(f"event {event.code}: no data of Windows has the name {name!r}")
    return "".join(f"<Data Name={quote}{name}{quote}>{_text(value)}</Data>" for name, value in event.data.items())


def _attribute(name: str, value: str) -> str:
    return windowsxml.attribute(name, value) if value else ""


def _system_time(time: str, digits: int) -> str:
    found = _FRACTION.search(time)
    if found is None or windowsxml.epoch(time) is None:
        raise ValueError(f"a time is written as 2026-03-02T09:00:00.123Z, not {time!r}")
    return f"{time[: found.start()]}.{found[1] or '':0<{digits}}Z"


def _text(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if windowsxml.clean(text) != text:
        raise ValueError(f"XML cannot hold {text!r}")
    return windowsxml.text(text)
