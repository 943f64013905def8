"""The stand-in for the Windows add-on does what the add-on was observed to do, and our app copes with it."""

import pytest

from searchhead.conf import App
from searchhead.knowledge import Knowledge
from searchhead.lookups import Lookups
from searchhead.spl.operators import Environment
from searchhead.spl.values import Row
from tests.apps import addons, package_abuse

CHANNEL = "Microsoft-Windows-AppXDeploymentServer/Operational"
SYSTEM = (
    "<System><Provider Name='Microsoft-Windows-AppXDeployment-Server' Guid='{3f471139-acb7-4a01-b7a7-ff5da4ba2d43}'/>"
    "<EventID>{code}</EventID><Version>0</Version><Level>{level}</Level><Task>{task}</Task><Opcode>0</Opcode>"
    "<Keywords>0x4000000000000001</Keywords><TimeCreated SystemTime='2026-02-03T16:20:58.5814488Z'/>"
    "<EventRecordID>16417</EventRecordID><Correlation ActivityID='{df6fb197-9b7b-0002-d0dd-a29ded06dc01}'/>"
    "<Execution ProcessID='5820' ThreadID='5960'/><Channel>{channel}</Channel><Computer>ws7.corp.example</Computer>"
    "<Security UserID='S-1-5-21-1111111111-2222222222-3333333333-1001'/></System>"
)
PACKAGES = " addPackageList: Contoso.Notes_1.2.3.0_x64__8wekyb3d8bbwe updateList: "
PACKAGE_DATA = f"<EventData><Data Name='PackageMoniker'>{PACKAGES}</Data></EventData>"


def knowledge_of(*apps: App) -> Knowledge:
    return Knowledge(apps, Environment(lookups=Lookups(apps)))


ADDON = knowledge_of(*addons("windows"))
BOTH = knowledge_of(*addons("windows"), package_abuse())


def event(
    body: str = "", *, code: int = 855, level: int = 4, task: int = 4, channel: str = CHANNEL, system: str = SYSTEM
) -> Row:
    for name, value in {"code": code, "level": level, "task": task, "channel": channel}.items():
        system = system.replace(f"{{{name}}}", str(value))
    raw = f"<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>{system}{body}</Event>"
    return {
        "_raw": raw,
        "_time": 1_770_135_658.58,
        "host": "WS7",
        "source": f"XmlWinEventLog:{channel}",
        "sourcetype": "XmlWinEventLog",
        "index": "main",
    }


def fields_of(event: Row, knowledge: Knowledge = ADDON) -> Row:
    row = knowledge.extract(event)
    return {name: value for name, value in row.items() if name not in event}


def test_an_event_of_the_deployment_channel_gets_the_add_ons_fields_and_no_others() -> None:
    row = fields_of(event(PACKAGE_DATA))
    assert row.pop("System_Props_Xml", "").startswith("<Provider Name=")  # type: ignore[union-attr]  # it is one text
    assert row == {
        "EventData_Xml": f"<Data Name='PackageMoniker'>{PACKAGES}</Data>",
        "EventID": "855",
        "Version": "0",
        "Level": "4",
        "Task": "4",
        "Opcode": "0",
        "Keywords": "0x4000000000000001",
        "EventRecordID": "16417",
        "Channel": CHANNEL,
        "Computer": "ws7.corp.example",
        # attributes keep their quotes
        "Name": "'Microsoft-Windows-AppXDeployment-Server'",
        "Guid": "'{3f471139-acb7-4a01-b7a7-ff5da4ba2d43}'",
        "SystemTime": "'2026-02-03T16:20:58.5814488Z'",
        "ActivityID": "'{df6fb197-9b7b-0002-d0dd-a29ded06dc01}'",
        "ProcessID": "'5820'",
        "ThreadID": "'5960'",
        "UserID": "'S-1-5-21-1111111111-2222222222-3333333333-1001'",
        # leading blanks stay
        "PackageMoniker": PACKAGES,
        "EventCode": "855",
        "RecordNumber": "16417",
        "dvc": "ws7.corp.example",
        "dvc_nt_host": "WS7",
        "user_id": "'S-1-5-21-1111111111-2222222222-3333333333-1001'",
        "event_id": "16417",
        "id": "16417",
        "severity_id": "4",
        "signature_id": "855",
        "vendor_product": "Microsoft Windows",
        "severity": "informational",
        # by the numbers alone, whatever the channel: wrong
        "TaskCategory": "Services",
        "signature": "Windows Firewall settings were changed",
        "CategoryString": "Firewall",
        "action": "modified",
    }


@pytest.mark.parametrize("code", [854, 855, 856])
def test_the_add_on_shows_deployments_as_changes_of_the_firewall(code: int) -> None:
    assert "Windows Firewall" in str(fields_of(event(code=code))["signature"])


def test_the_app_says_what_it_is_where_the_add_on_is_wrong() -> None:
    row = fields_of(event(PACKAGE_DATA), BOTH)
    assert row["signature"] == "AppX deployment event 855"
    assert row["TaskCategory"] == "AppX deployment"


def test_the_app_adds_no_second_value_to_what_the_add_on_has_extracted() -> None:
    alone, both = fields_of(event(PACKAGE_DATA)), fields_of(event(PACKAGE_DATA), BOTH)
    assert {name for name, value in both.items() if isinstance(value, list)} == set()
    assert {name: both[name] for name in ("Computer", "UserID", "PackageMoniker", "EventCode")} == {
        name: alone[name] for name in ("Computer", "UserID", "PackageMoniker", "EventCode")
    }


@pytest.mark.parametrize(
    ("level", "severity"), [(0, "informational"), (2, "high"), (3, "medium"), (5, "informational")]
)
def test_the_severity_comes_from_the_level(level: int, severity: str) -> None:
    row = fields_of(event(level=level, task=3))
    assert (row["severity"], row["TaskCategory"]) == (severity, "Printers")


def test_qualifiers_hide_the_event_id_but_not_the_event_code() -> None:
    system = SYSTEM.replace("<EventID>", "<EventID Qualifiers='0'>")
    row = fields_of(event(code=1033, channel="Application", system=system))
    assert "EventID" not in row
    assert (row["EventCode"], row["signature_id"], row["Qualifiers"]) == ("1033", "1033", "'0'")


# the body of an event, and the fields that come of it beside those of System
BODIES: list[tuple[str, Row]] = [
    # double quotes
    ('<EventData><Data Name="Path">C:\\x</Data></EventData>', {"EventData_Xml": '<Data Name="Path">C:\\x</Data>'}),
    # no name, as MsiInstaller writes
    ("<EventData><Data>a.msi</Data><Data></Data></EventData>", {"EventData_Xml": "<Data>a.msi</Data><Data></Data>"}),
    # UserData is captured and not read
    (
        "<UserData><RuleAndFileData xmlns='x'><FilePath>p</FilePath></RuleAndFileData></UserData>",
        {"UserData_Xml": "<RuleAndFileData xmlns='x'><FilePath>p</FilePath></RuleAndFileData>"},
    ),
    # empty values are dropped, blank ones stay, any element may have a name
    (
        "<EventData><Data Name='A'></Data><Data Name='B'> </Data><Data Name='C'/><Other Name='D'>d</Other></EventData>",
        {
            "EventData_Xml": "<Data Name='A'></Data><Data Name='B'> </Data><Data Name='C'/><Other Name='D'>d</Other>",
            "B": " ",
            "D": "d",
        },
    ),
    # entities and line breaks stay as they are
    (
        "<EventData><Data Name='A'>a&amp;b\r\n&lt;c&gt;</Data></EventData>",
        {"EventData_Xml": "<Data Name='A'>a&amp;b\r\n&lt;c&gt;</Data>", "A": "a&amp;b\r\n&lt;c&gt;"},
    ),
    # a repeated name, and one that the provider has too, become multivalues
    (
        "<EventData><Data Name='A'>1</Data><Data Name='A'>2</Data><Data Name='Name'>n</Data></EventData>",
        {
            "EventData_Xml": "<Data Name='A'>1</Data><Data Name='A'>2</Data><Data Name='Name'>n</Data>",
            "A": ["1", "2"],
            "Name": ["'Microsoft-Windows-AppXDeployment-Server'", "n"],
        },
    ),
    # an event that was cut short
    ("<EventData><Data Name='A'>1</Data><Data Name='B'>2", {}),
    # attributes on the opening tag
    ("<EventData Name='X'><Data Name='A'>1</Data></EventData>", {"EventData_Xml": "<Data Name='A'>1</Data>", "A": "1"}),
    # rendered text: System's own values win
    (
        "<RenderingInfo Culture='en-US'><Message>Hello\nyou</Message><Level>Information</Level></RenderingInfo>",
        {
            "RenderingInfo_Xml": "<Message>Hello\nyou</Message><Level>Information</Level>",
            "Message": "Hello\nyou",
        },
    ),
    ("<DebugData><X>1</X></DebugData>", {"DebugData_Xml": "<X>1</X>"}),
]


@pytest.mark.parametrize(("body", "expected"), BODIES)
def test_the_body_of_an_event_gives_these_fields(body: str, expected: Row) -> None:
    system = fields_of(event())
    row = fields_of(event(body))
    assert {name: value for name, value in row.items() if system.get(name) != value} == expected


@pytest.mark.parametrize("body", ["", "<EventData><Data Name='A'>1</Data>"])
def test_an_event_that_was_cut_before_its_end_keeps_the_fields_of_system(body: str) -> None:
    cut = event(body)
    cut["_raw"] = str(cut["_raw"]).removesuffix("</Event>")
    assert fields_of(cut)["EventCode"] == "855"


DESTINATIONS = [
    ("Security", "", "ws7.corp.example"),
    ("Security", "<EventData><Data Name='TargetServerName'>dc1</Data></EventData>", "dc1"),
    ("Security", "<EventData><Data Name='TargetServerName'>localhost</Data></EventData>", "ws7.corp.example"),
    ("System", "", "ws7.corp.example"),
    ("Application", "", "ws7.corp.example"),
    ("Microsoft-Windows-PowerShell/Operational", "", "ws7.corp.example"),
    ("Microsoft-Windows-Windows Defender/Operational", "", "ws7.corp.example"),
    (CHANNEL, "", None),
    ("ForwardedEvents", "", None),
]


@pytest.mark.parametrize(("channel", "body", "dest"), DESTINATIONS)
def test_dest_is_set_for_some_channels_and_not_for_the_deployment_channel(
    channel: str, body: str, dest: str | None
) -> None:
    row = fields_of(event(body, channel=channel))
    assert row.get("dest") == dest
    assert row["dvc"] == "ws7.corp.example"


def test_the_process_name_comes_from_the_new_process_only() -> None:
    data = "<EventData><Data Name='{name}'>C:\\Windows\\System32\\msiexec.exe</Data></EventData>"
    names = {
        name: fields_of(event(data.replace("{name}", name), code=4688, channel="Security")).get("process_name")
        for name in ("NewProcessName", "ProcessName", "Image")
    }
    assert names == {"NewProcessName": "msiexec.exe", "ProcessName": "msiexec.exe", "Image": None}


def test_events_of_another_sourcetype_get_nothing_from_the_add_on() -> None:
    other = event(PACKAGE_DATA)
    other["sourcetype"] = "WinEventLog"
    assert fields_of(other) == {}


HOSTILE = [
    "<EventData>" * 200_000,
    "<System>" * 200_000,
    "<System>" + " a='" * 200_000 + "</System>",
    "<System>" + "<a>" * 200_000 + "</System>",
    "<EventData>" + "<Data Name='" * 200_000 + "</EventData>",
    "<EventData>" + "<Data Name='k'>v</Data>" * 50_000 + "</EventData>",
    "<a" * 500_000,
]


@pytest.mark.parametrize("raw", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_events_are_read_to_their_end(raw: str) -> None:
    hostile = event()
    hostile["_raw"] = raw
    values = fields_of(hostile, BOTH).get("k", [])
    assert len(values) == (50_000 if "'k'" in raw else 0)  # type: ignore[arg-type]  # a multivalue, or none
