from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from searchhead.inputs import Reader, windowsxml
from tests.windows_events import ACTIVITY, CHANNELS, HOST, SYSTEM, USER, WindowsEvent, from_case, render

NAMES = {"e": windowsxml.NAMESPACE}
TIME = "2026-03-02T09:00:00.123Z"

# What an attacker may write into a path or a command line.
HOSTILE = [
    "<Data Name='Path'>x</Data>",
    "</EventData></Event><Event xmlns='x'>",
    "a & b &amp; c &lt; d",
    "\"double\" and 'single'",
    "]]><!-- <![CDATA[",
    "<!DOCTYPE a [<!ENTITY b 'c'>]>",
    " leading, trailing ",
    "two\nlines\tand a tab",
    "\u202efdp.exe \u0430\u0440\u0440 \U0001f4a9",
    "",
]


def read_back(tmp_path: Path, *lines: str) -> list[dict[str, Any]]:
    """Time, host, source and data of each event, as the reader and then an XML parser see them."""
    log = tmp_path / "log.xml"
    log.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    reader = Reader()
    events = list(reader.read([log]))
    assert reader.stats.damages == []
    assert len(events) == len(lines)
    return [dict(one) for one in events]


def data(raw: object) -> dict[str, str]:
    elements = ET.fromstring(str(raw)).iterfind("e:EventData/e:Data", NAMES)  # noqa: S314 - our own text
    return {str(one.get("Name")): one.text or "" for one in elements}


def test_an_event_is_written_as_windows_writes_it() -> None:
    event = WindowsEvent(603, TIME, {"DeploymentOperation": 1, "Path": "a.msix", "ExternalLocation": ""}, record=16417)
    # Element for element the shape of the 855 of security_content that shared/samples holds, with the facts of 603.
    assert render(event) == (
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
        "<Provider Name='Microsoft-Windows-AppXDeployment-Server' Guid='{3f471139-acb7-4a01-b7a7-ff5da4ba2d43}'/>"
        "<EventID>603</EventID><Version>0</Version><Level>4</Level><Task>3</Task><Opcode>0</Opcode>"
        "<Keywords>0x4000000000000001</Keywords><TimeCreated SystemTime='2026-03-02T09:00:00.1230000Z'/>"
        "<EventRecordID>16417</EventRecordID><Correlation ActivityID='{5f0a7c31-12de-0003-9a11-0b6fde12dc01}'/>"
        "<Execution ProcessID='5820' ThreadID='5960'/>"
        "<Channel>Microsoft-Windows-AppXDeploymentServer/Operational</Channel><Computer>ws-0142.corp.example</Computer>"
        "<Security UserID='S-1-5-21-1111111111-2222222222-3333333333-1104'/></System><EventData>"
        "<Data Name='DeploymentOperation'>1</Data><Data Name='Path'>a.msix</Data><Data Name='ExternalLocation'></Data>"
        "</EventData></Event>"
    )


def test_either_kind_of_quotes_leaves_the_values_alone() -> None:
    event = WindowsEvent(1, TIME, {"CommandLine": "\"a\" 'b'"}, "sysmon")
    double = render(event, '"')
    assert double.count("'") == 2
    assert '<Data Name="CommandLine">"a" \'b\'</Data>' in double
    assert data(double) == data(render(event)) == {"CommandLine": "\"a\" 'b'"}


@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("value", HOSTILE)
def test_whatever_a_value_holds_is_read_back(value: str, quote: str, tmp_path: Path) -> None:
    event = WindowsEvent(4104, TIME, {"MessageNumber": "1", "ScriptBlockText": value, "Path": value}, "powershell")
    if "DOCTYPE" in value:
        assert "<!DOCTYPE" not in render(event, quote)
    [one] = read_back(tmp_path, render(event, quote))
    assert data(one["_raw"]) == {"MessageNumber": "1", "ScriptBlockText": value, "Path": value}
    assert one["host"] == HOST
    assert one["_time"] == pytest.approx(1772442000.123)


@pytest.mark.parametrize("name", CHANNELS)
def test_an_event_of_each_channel_is_read_as_of_its_channel(name: str, tmp_path: Path) -> None:
    [one] = read_back(tmp_path, render(WindowsEvent(1, TIME, {"a": "b"}, name, "WS-2")))
    linux = name == "linux_sysmon"
    assert one["source"] == f"{'Syslog' if linux else 'XmlWinEventLog'}:{CHANNELS[name].name}"
    assert one["sourcetype"] == ("sysmon:linux" if linux else "XmlWinEventLog")
    assert one["host"] == "WS-2"


def test_an_event_of_sysmon_for_linux_is_written_as_it_writes_one(tmp_path: Path) -> None:
    [event] = from_case([{"code": 1, "time": TIME, "channel": "linux_sysmon", "data": {"Image": "/usr/bin/id"}}])
    raw = render(event)
    # What the unit test of FormatSyslogString in microsoft/SysmonForLinux expects, but for the numbers of processes.
    assert raw == (
        '<Event><System><Provider Name="Linux-Sysmon" Guid="{ff032593-a8d3-4f13-b0d6-01fc615a0f97}"/>'
        "<EventID>1</EventID><Version>5</Version><Level>4</Level><Task>1</Task><Opcode>0</Opcode>"
        '<Keywords>0x8000000000000000</Keywords><TimeCreated SystemTime="2026-03-02T09:00:00.123000000Z"/>'
        '<EventRecordID>1000</EventRecordID><Correlation/><Execution ProcessID="5820" ThreadID="5960"/>'
        "<Channel>Linux-Sysmon/Operational</Channel><Computer>lx-0007.corp.example</Computer>"
        '<Security UserId="0"/></System><EventData><Data Name="Image">/usr/bin/id</Data></EventData></Event>'
    )
    # In the log of a system it stands behind the time, the host and the name of the program.
    first, second = read_back(
        tmp_path, f"Mar  2 09:00:00 lx-0007 sysmon: {raw}", f"Mar  2 09:00:01 lx sysmon[812]: {raw}"
    )
    assert first["_raw"] == second["_raw"] == raw
    assert first["_time"] == pytest.approx(1772442000.123)


def test_data_without_names_are_a_list() -> None:
    raw = render(WindowsEvent(1040, TIME, [r"C:\a.msi", 3472, "(NULL)"], "application"))
    assert "<Provider Name='MsiInstaller'/><EventID Qualifiers='0'>1040</EventID>" in raw
    assert r"<EventData><Data>C:\a.msi</Data><Data>3472</Data><Data>(NULL)</Data><Binary></Binary></EventData>" in raw


def test_user_and_activity_are_the_channels_unless_the_event_has_its_own() -> None:
    def parts(channel: str, **given: str) -> tuple[bool, bool, bool, bool]:
        raw = render(WindowsEvent(1, TIME, {}, channel, **given))  # type: ignore[arg-type]  # only texts are given
        shown = (f"<Security UserID='{USER}'/>", f"<Security UserID='{SYSTEM}'/>", "<Security/>", "<Correlation/>")
        return tuple(one in raw for one in shown)  # type: ignore[return-value]  # as many as there are texts above

    assert parts("deployment") == (True, False, False, False)
    assert parts("deployment", user=SYSTEM, activity="") == (False, True, False, True)
    assert parts("sysmon") == (False, True, False, True)
    assert parts("sysmon", user=USER, activity=ACTIVITY) == (True, False, False, False)
    assert parts("security") == (False, False, True, True)


def test_a_case_gives_what_is_not_the_default() -> None:
    first, second, third = from_case(
        [
            {"code": 603, "time": TIME},
            {"code": 400, "time": TIME, "record": 7, "activity": "", "data": {"HasFullTrust": True}},
            {"code": 1, "time": TIME, "channel": "sysmon", "host": "h", "user": "u"},
        ]
    )
    assert first == WindowsEvent(603, TIME, {}, "deployment", HOST, None, None, 1000)
    assert second == WindowsEvent(400, TIME, {"HasFullTrust": True}, "deployment", HOST, None, "", 7)
    assert third == WindowsEvent(1, TIME, {}, "sysmon", "h", "u", None, 1002)
    assert "<Data Name='HasFullTrust'>true</Data>" in render(second)


@pytest.mark.parametrize("table", [{"code": 1}, {"time": TIME}, {"code": 1, "time": TIME, "chanel": "sysmon"}])
def test_a_case_with_a_wrong_key_is_refused(table: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="an event has code and time"):
        from_case([table])


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (WindowsEvent(1, "2026-03-02 09:00"), "a time is written as"),
        (WindowsEvent(1, "2026-13-02T09:00:00Z"), "a time is written as"),
        (WindowsEvent(1, TIME, {"a": "\x00"}), "XML cannot hold"),
        (WindowsEvent(1, TIME, {"a b": ""}), "no data of Windows has the name"),
        (WindowsEvent(1, TIME, activity="5f0a7c31"), "activity is a GUID in braces"),
    ],
)
def test_what_windows_could_not_have_written_is_refused(event: WindowsEvent, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        render(event)
