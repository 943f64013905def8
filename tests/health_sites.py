"""Sites for tests of the health searches: the events that arrive from hosts, and what the searches say of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from searchhead.conf import App
from searchhead.head import SearchHead
from searchhead.rest import Rest
from searchhead.savedsearches import SavedSearch, others
from searchhead.spl.values import Row, Value, text
from tests.apps import NOW, addons, package_abuse
from tests.windows_events import CHANNELS, WindowsEvent, render

HOUR = 3600.0
WITH_ADDONS = ("windows", "sysmon", "cim")
WINDOWS = ("deployment", "packaging", "application", "sysmon", "security", "powershell")
HOSTS = ("ws-0001.corp.example", "ws-0002.corp.example")
PAYLOAD = "Northwind.Viewer_1.4.0.0_x64__c2yjt6za8ar62"

# An event of each channel that its searches read, and for a deployment one of each step.
STEPS: dict[int, dict[str, str]] = {
    157: {"subjectName": "CN=Northwind Traders, O=Northwind Traders, C=GB"},
    603: {"DeploymentOperation": "1", "Path": "viewer.msix", "Flags": "1", "FlagsHigh": "0", "CallingProcess": "x.exe"},
    854: {"Path": "file:///C:/Users/ann/viewer.msix"},
    855: {"PackageMoniker": f" addPackageList: {PAYLOAD}"},
    400: {"DeploymentOperation": "1", "PackageFullName": PAYLOAD, "HasFullTrust": "true"},
}
SAMPLES: dict[str, tuple[int, dict[str, str] | list[str]]] = {
    "application": (1033, ["Viewer", "1.4", "1033", "0", "Northwind Traders", "(NULL)", ""]),
    "sysmon": (1, {"ProcessGuid": "{5f0a7c31-0073-69a5-0000-001000000073}", "ProcessId": "4", "Image": "C:\\a.exe"}),
    "security": (4688, {"NewProcessId": "0x4", "NewProcessName": "C:\\a.exe"}),
    "powershell": (4104, {"MessageNumber": "1", "MessageTotal": "1", "ScriptBlockText": "dir", "ScriptBlockId": "1"}),
    "linux_sysmon": (1, {"ProcessGuid": "{5f0a7c31-0073-69a5-0000-001000000073}", "ProcessId": "4", "Image": "/a"}),
}


def indexed(event: WindowsEvent, *, hours: float = 1, form: str = "Xml", source: str = "") -> Row:
    """The event as it lies in an index, that many hours before now: rendered as XML, unless another form is said."""
    channel = CHANNELS[event.channel]
    time = NOW - hours * HOUR
    raw = render(replace(event, time=datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")))
    if channel.linux:
        source, sourcetype = source or "Syslog:Linux-Sysmon/Operational", "sysmon:linux"
    else:
        source, sourcetype = source or f"{form}WinEventLog:{channel.name}", f"{form}WinEventLog"
    if not form:
        raw = f"03/02/2026 11:00:00 PM\nLogName={channel.name}\nEventCode={event.code}\nComputerName={event.host}\n"
    return {
        "_raw": raw,
        "_time": time,
        "host": event.host,
        "source": source,
        "sourcetype": sourcetype,
        "index": "wineventlog",
    }


def deployment(host: str, codes: Iterable[int] = STEPS) -> list[WindowsEvent]:
    return [
        WindowsEvent(code, "", STEPS[code], "packaging" if code == 157 else "deployment", host, record=code)
        for code in codes
    ]


def sample(channel: str, host: str) -> WindowsEvent:
    code, data = SAMPLES[channel]
    return WindowsEvent(code, "", data, channel, host)


def site(hosts: Sequence[str] = HOSTS, hours: float = 1) -> list[Row]:
    """All that these Windows hosts and one of Linux should send, sent that many hours ago."""
    windows = [one for host in hosts for one in (*deployment(host), *(sample(name, host) for name in WINDOWS[2:]))]
    return [indexed(one, hours=hours) for one in (*windows, sample("linux_sysmon", "lx-0001.corp.example"))]


def head(names: Sequence[str] = WITH_ADDONS, *, app: App | None = None, now: float = NOW) -> SearchHead:
    return SearchHead(app or package_abuse(), addons(*names), now=now)


def health_search(name: str) -> SavedSearch:
    [found] = [one for one in others(package_abuse()) if one.name == f"Package Abuse - Package Health - {name}"]
    return found


def found(name: str, events: Iterable[Row] = (), at: SearchHead | None = None) -> list[Row]:
    """The rows of a health search over these events."""
    at = at or head()
    [rows] = at.run([at.compile(health_search(name))], map(dict, events))
    return rows


def _text(value: Value | None) -> str:
    return "" if value is None or isinstance(value, list) else text(value)


def told(rows: Iterable[Row], *names: str) -> dict[str, list[str]]:
    """What the rows say in these columns, by their subject."""
    return {str(row["health_subject"]): [_text(row.get(name)) for name in names] for row in rows}


def statuses(rows: Iterable[Row]) -> dict[str, str]:
    return {subject: status for subject, [status] in told(rows, "health_status").items()}


SOURCES = ("application", "deployment", "linux_sysmon", "packaging", "powershell", "security", "sysmon")
WELL = dict.fromkeys(SOURCES, "ok")


def disabled(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let Splunk tell that these saved searches are disabled."""
    saved: Any = Rest._saved_searches

    def rows(self: Rest) -> Iterator[Row]:
        for row in saved(self):
            yield {**row, "disabled": "1" if row["title"] in names else "0"}

    monkeypatch.setattr(Rest, "_saved_searches", rows)
