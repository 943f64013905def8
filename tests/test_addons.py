"""The stand-in for the Windows add-on does what the add-on was observed to do, and our app copes with it."""

import pytest

from searchhead.addons import stand_ins
from searchhead.conf import App
from searchhead.head import SearchHead
from searchhead.knowledge import Knowledge
from searchhead.lookups import Lookups
from searchhead.savedsearches import SavedSearch
from searchhead.spl.errors import Place
from searchhead.spl.operators import Environment
from searchhead.spl.pipeline import Search
from searchhead.spl.values import Row
from tests.apps import ADDONS, NOW, addons, package_abuse

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
    # what is left are the pairs that Splunk finds by itself in any event
    assert fields_of(other).keys() == {
        "xmlns",
        "Name",
        "Guid",
        "SystemTime",
        "ActivityID",
        "ProcessID",
        "ThreadID",
        "UserID",
    }


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


def test_a_stand_in_is_chosen_by_its_name() -> None:
    names = ["auditd", "cim", "defender", "defender_connections", "sysmon", "windows"]
    assert [app.path.name for app in stand_ins()] == names
    assert [app.path.name for app in stand_ins("windows", "cim")] == ["windows", "cim"]


# Process telemetry and the data models that it feeds

SYSMON = "Microsoft-Windows-Sysmon/Operational"
MODELS = SearchHead(App(ADDONS / "windows"), addons("sysmon", "cim"), now=NOW)


def compiled(spl: str) -> Search:
    return MODELS.compile(SavedSearch("x", spl, "x", "x", (), Place("savedsearches.conf", 1, "x")))


def data_event(code: int, channel: str, **data: str) -> Row:
    body = "".join(f"<Data Name='{name}'>{value}</Data>" for name, value in data.items())
    return event(f"<EventData>{body}</EventData>", code=code, channel=channel)


def linux_event(code: int, **data: str) -> Row:
    found = data_event(code, "Linux-Sysmon/Operational", **data)
    raw = str(found["_raw"]).replace("'", '"')
    return {**found, "_raw": raw, "source": "Syslog:Linux-Sysmon/Operational", "sourcetype": "sysmon:linux"}


def rows_of(dataset: str, *events: Row) -> list[Row]:
    """The rows of a dataset, without default fields, tags and what is unknown."""
    search = compiled(f"| datamodel {dataset.replace('.', ' ')} flat")
    [rows] = MODELS.run([search], events)
    left = {*event(), "_indextime", "tag"}
    return [{name: value for name, value in row.items() if name not in left and value != "unknown"} for row in rows]


START = data_event(
    1,
    SYSMON,
    UtcTime="2026-02-03 16:20:58.581",
    ProcessGuid="{a}",
    ProcessId="4242",
    Image="C:\\Windows\\System32\\msiexec.exe",
    OriginalFileName="msiexec.exe",
    CommandLine='"C:\\Windows\\System32\\msiexec.exe" /i x.msi',
    CurrentDirectory="C:\\Temp\\",
    User="CORP\\ann",
    IntegrityLevel="High",
    Hashes="SHA256=00",
    ParentProcessGuid="{b}",
    ParentProcessId="17",
    ParentImage="C:\\Windows\\explorer.exe",
    ParentCommandLine="explorer.exe /x",
)


def test_a_process_of_sysmon_has_the_fields_of_the_data_model() -> None:
    assert rows_of("Endpoint.Processes", START) == [
        {
            "action": "allowed",
            "dest": "ws7.corp.example",
            "original_file_name": "msiexec.exe",
            "os": "Microsoft Windows",
            "parent_process": "explorer.exe /x",
            "parent_process_exec": "explorer.exe",
            "parent_process_guid": "{b}",
            "parent_process_id": "17",
            "parent_process_name": "explorer.exe",
            "parent_process_path": "C:\\Windows\\explorer.exe",
            "process": '"C:\\Windows\\System32\\msiexec.exe" /i x.msi',
            "process_current_directory": "C:\\Temp\\",
            "process_exec": "msiexec.exe",
            "process_guid": "{a}",
            "process_hash": "SHA256=00",
            "process_id": "4242",
            "process_integrity_level": "high",
            "process_name": "msiexec.exe",
            "process_path": "C:\\Windows\\System32\\msiexec.exe",
            "user": "ann",
            "user_id": "'S-1-5-21-1111111111-2222222222-3333333333-1001'",
            "vendor_product": "Microsoft Sysmon",
        }
    ]


def created(**data: str) -> Row:
    subject = {"SubjectUserName": "ann", "TargetUserName": "-", "NewProcessId": "0x10", "ProcessId": "0x8"}
    image = {"NewProcessName": "C:\\Windows\\System32\\msiexec.exe", "ParentProcessName": "C:\\Windows\\explorer.exe"}
    return data_event(4688, "Security", **{**subject, **image, **data})


def test_a_process_of_the_security_log_has_the_fields_of_the_data_model() -> None:
    assert rows_of("Endpoint.Processes", created(CommandLine="C:\\Windows\\System32\\msiexec.exe /i x.msi")) == [
        {
            "action": "allowed",
            "dest": "ws7.corp.example",
            "parent_process": "C:\\Windows\\explorer.exe",
            "parent_process_exec": "explorer.exe",
            "parent_process_id": "0x8",
            "parent_process_name": "explorer.exe",
            "parent_process_path": "C:\\Windows\\explorer.exe",
            "process": "C:\\Windows\\System32\\msiexec.exe /i x.msi",
            "process_exec": "msiexec.exe",
            "process_id": "0x10",
            "process_name": "msiexec.exe",
            "process_path": "C:\\Windows\\System32\\msiexec.exe",
            "user": "ann",
            "user_id": "'S-1-5-21-1111111111-2222222222-3333333333-1001'",
            "vendor_product": "Microsoft Windows",
        }
    ]


IMAGE = "C:\\Windows\\System32\\msiexec.exe"
COMMAND_LINES = [
    # not recorded
    ({}, IMAGE),
    # a path, bare and in quotes
    ({"CommandLine": f"{IMAGE} /i x"}, f"{IMAGE} /i x"),
    ({"CommandLine": f'"{IMAGE}" /i x'}, f'"{IMAGE}" /i x'),
    # no path: that of the image takes its place
    ({"CommandLine": "msiexec /i C:\\x.msi"}, f"{IMAGE} /i C:\\x.msi"),
    ({"CommandLine": '"msiexec" /i x'}, f"{IMAGE} /i x"),
]


@pytest.mark.parametrize(("data", "process"), COMMAND_LINES)
def test_the_command_line_of_the_security_log_begins_with_a_path(data: dict[str, str], process: str) -> None:
    [row] = rows_of("Endpoint.Processes", created(**data))
    assert row["process"] == process


def test_the_user_of_a_new_process_is_its_target_where_there_is_one() -> None:
    [row] = rows_of("Endpoint.Processes", created(TargetUserName="eve"))
    assert row["user"] == "eve"


# the dataset, the event, some fields of its row
DATASETS: list[tuple[str, Row, Row]] = [
    (
        "Endpoint.Filesystem",
        data_event(11, SYSMON, Image="C:\\a.exe", TargetFilename="C:\\x\\y.msi", User="CORP\\ann"),
        {
            "action": "created", "file_name": "y.msi", "file_path": "C:\\x\\y.msi", "process_name": "a.exe",
            "user": "ann",
        },
    ),
    ("Endpoint.Filesystem", data_event(23, SYSMON, TargetFilename="C:\\y"), {"action": "deleted", "file_name": "y"}),
    (
        "Endpoint.Registry",
        data_event(13, SYSMON, EventType="SetValue", TargetObject="HKLM\\Software\\A\\v", Details="1"),
        {
            "action": "modified", "registry_hive": "HKEY_LOCAL_MACHINE", "registry_key_name": "HKLM\\Software\\A",
            "registry_path": "HKLM\\Software\\A\\v", "registry_value_name": "v", "registry_value_data": "1",
        },
    ),
    ("Endpoint.Registry", data_event(12, SYSMON, EventType="DeleteKey", TargetObject="HKU\\A"), {"action": "deleted"}),
    (
        "Network_Traffic.All_Traffic",
        data_event(
            3, SYSMON, Image="C:\\a.exe", Initiated="true", Protocol="tcp", SourceIp="10.0.0.1", SourcePort="5000",
            DestinationIp="192.0.2.1", DestinationPort="443", DestinationHostname="c2.example",
        ),
        {
            "action": "allowed", "app": "C:\\a.exe", "dest": "c2.example", "dest_ip": "192.0.2.1", "dest_port": 443,
            "direction": "outbound", "src": "10.0.0.1", "src_port": 5000, "transport": "tcp",
        },
    ),
    (
        "Network_Resolution.DNS",
        data_event(22, SYSMON, QueryName="c2.example", QueryStatus="0", QueryResults="::ffff:192.0.2.1;"),
        {"query": "c2.example", "answer": "::ffff:192.0.2.1;", "reply_code_id": "0", "src": "ws7.corp.example"},
    ),
    (
        "Endpoint.Processes",
        linux_event(
            1, Image="/usr/bin/dpkg", CommandLine="dpkg -i x.deb", ParentImage="-", ParentCommandLine="-", User="root"
        ),
        {
            "process_name": "dpkg", "process": "dpkg -i x.deb", "user": "root", "os": "Linux",
            "process_path": "/usr/bin/dpkg",
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize(("dataset", "event", "fields"), DATASETS)
def test_an_event_belongs_to_its_dataset(dataset: str, event: Row, fields: Row) -> None:
    [row] = rows_of(dataset, event)
    assert {name: row.get(name) for name in fields} == fields


def test_an_event_belongs_to_no_other_dataset() -> None:
    names = ["Endpoint.Processes", "Endpoint.Filesystem", "Endpoint.Registry", "Network_Traffic.All_Traffic"]
    events = [START, *(one for _, one, _ in DATASETS), event()]
    assert [len(rows_of(name, *events)) for name in names] == [2, 2, 2, 1]


def test_what_is_missing_is_unknown() -> None:
    search = compiled(
        "| tstats count from datamodel=Endpoint.Processes"
        " by Processes.process_name Processes.parent_process Processes.original_file_name Processes.user"
    )
    [rows] = MODELS.run([search], [linux_event(1, ParentImage="-", ParentCommandLine="-")])
    assert rows == [
        {
            "Processes.process_name": "unknown",
            "Processes.parent_process": "unknown",
            "Processes.original_file_name": "unknown",
            "Processes.user": "unknown",
            "count": 1,
        }
    ]


NAMES = [
    ('"C:\\Program Files\\a b.exe" /x', "a b.exe"),
    ("C:\\Windows\\cmd.exe /c dir", "cmd.exe"),
    ("msiexec /i x", "msiexec"),
    ("", "unknown"),
]


@pytest.mark.parametrize(("process", "name"), NAMES)
def test_the_name_of_a_process_comes_from_its_command_line_where_it_is_missing(process: str, name: str) -> None:
    [row] = rows_of("Endpoint.Processes", linux_event(1, CommandLine=process)) if process else [{"process_name": name}]
    assert row.get("process_name", "unknown") == name


def test_events_that_no_data_model_wants_are_not_wanted() -> None:
    search = compiled("| tstats count from datamodel=Endpoint.Processes")
    assert [search.could_match(one) for one in (START, created(), event())] == [True, True, False]


def test_risk_events_are_those_of_their_index() -> None:
    risk: Row = {
        "_raw": 'risk_object="WS7", risk_object_type="system", risk_score="40"',
        "_time": 1.0, "index": "risk", "source": "s", "sourcetype": "stash", "host": "h",
    }  # fmt: skip
    assert rows_of("Risk.All_Risk", risk, {**risk, "index": "main"}) == [
        {
            "risk_object": "WS7", "risk_object_type": "system", "risk_score": "40",
            "normalized_risk_object": "ws7", "calculated_risk_score": 40,
        }
    ]  # fmt: skip
