"""The macro package_deployments: one row a deployment and package, whatever of its events there is."""

from __future__ import annotations

import atexit
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from searchhead.head import SearchHead, TimeRange
from searchhead.inputs import Reader
from searchhead.savedsearches import SavedSearch
from searchhead.spl.errors import Place
from searchhead.spl.pipeline import Search
from searchhead.spl.values import Row
from tests.apps import NOW, addons, package_abuse
from tests.windows_events import ACTIVITY, WindowsEvent, render

ADDONS = {"without_addons": (), "with_addons": ("windows", "sysmon", "cim")}
ANY_TIME = TimeRange()
START = 1_772_442_000.0  # 2026-03-02T09:00:00Z

PAYLOAD = "Northwind.Viewer_1.4.0.0_x64__c2yjt6za8ar62"
FRAMEWORK = "Microsoft.VCLibs.140.00.UWPDesktop_14.0.33728.0_x64__8wekyb3d8bbwe"
MICROSOFT = "CN=Microsoft Corporation, O=Microsoft Corporation, L=Redmond, S=Washington, C=US"
NORTHWIND = "CN=Northwind Traders, O=Northwind Traders, C=GB"
SOURCE = "file:///C:/Users/ann/Downloads/my%20viewer.msix"


def at(seconds: float) -> str:
    return datetime.fromtimestamp(START + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# A whole deployment, in the order in which Windows writes it: two packages, each signed by its own publisher.
WHOLE = [
    WindowsEvent(157, at(0), {"subjectName": MICROSOFT}, "packaging", record=10),
    WindowsEvent(170, at(1), {"packageFullName": FRAMEWORK}, "packaging", record=11),
    WindowsEvent(157, at(2), {"subjectName": NORTHWIND}, "packaging", record=12),
    WindowsEvent(170, at(3), {"packageFullName": PAYLOAD}, "packaging", record=13),
    WindowsEvent(
        603,
        at(4),
        {"DeploymentOperation": "1", "Path": "my viewer.msix", "Flags": "8388609", "FlagsHigh": "262144",
         "CallingProcess": "powershell.exe", "ExternalLocation": ""},
        record=100,
    ),
    WindowsEvent(
        607,
        at(5),
        {"DeploymentOperation": "1", "PackageFullName": PAYLOAD, "UserSid": "S-1-5-21-7-8-9-1001"},
        user="S-1-5-18",
        record=101,
    ),
    WindowsEvent(854, at(6), {"Path": f" {SOURCE}"}, record=102),
    WindowsEvent(855, at(7), {"PackageMoniker": f" addPackageList: {FRAMEWORK} {PAYLOAD}"}, record=103),
    WindowsEvent(
        400,
        at(8),
        {"DeploymentOperation": "1", "PackageFullName": PAYLOAD, "Path": " (my viewer.msix) ",
         "DeploymentOptions": "0x4000000800001", "CallingProcess": "powershell.exe", "HasFullTrust": "true",
         "PackageSourceUri": SOURCE, "PackageDisplayName": "Viewer | <Pro>"},
        record=104,
    ),
]  # fmt: skip


@pytest.fixture(scope="module", params=ADDONS)
def addon(request: pytest.FixtureRequest) -> tuple[str, ...]:
    return ADDONS[request.param]


@cache
def ready(addon_names: tuple[str, ...], time_range: TimeRange) -> tuple[SearchHead, Search]:
    """A head and the search on it: nothing that one run leaves behind reaches the next."""
    head = SearchHead(package_abuse(), addons(*addon_names), now=NOW, time_range=time_range)
    saved = SavedSearch("test", "`package_deployments`", "test", "test", (), Place("test", 1, "test"))
    compiled = head.compile(saved)
    atexit.register(compiled.start().close)  # until then its commands' processes stay, which take long to start
    return head, compiled


def deployments(
    events: Sequence[WindowsEvent],
    folder: Path,
    addon_names: Sequence[str] = (),
    time_range: TimeRange = ANY_TIME,
) -> list[Row]:
    return search(list(map(render, events)), folder, addon_names, time_range)


def search(
    lines: Sequence[str], folder: Path, addon_names: Sequence[str] = (), time_range: TimeRange = ANY_TIME
) -> list[Row]:
    """The rows of the macro over these events, by the name of the package."""
    log = folder / "log.xml"
    log.write_text("\n".join(lines), encoding="utf-8")
    head, compiled = ready(tuple(addon_names), time_range)
    [rows] = head.run([compiled], Reader().read([log]))
    return sorted(rows, key=lambda row: str(row["package_full_name"]))


def told(row: Row, *names: str) -> dict[str, object]:
    return {name: row.get(name) for name in names}


def test_a_whole_deployment_is_one_row_a_package(tmp_path: Path, addon: tuple[str, ...]) -> None:
    framework, payload = deployments(WHOLE, tmp_path, addon)
    shared = {
        "dest": "ws-0142.corp.example",
        "user": "S-1-5-21-7-8-9-1001",
        "count": 9,
        "package_deployment_id": ACTIVITY.strip("{}"),
        "package_event_codes": "157, 170, 400, 603, 607, 854, 855",
        "package_missing_events": None,
        "package_operation": "Add",
        "package_operation_kind": "install",
        "package_caller": "powershell.exe",
        "package_requested_path": "my viewer.msix",
        "package_source_uri": SOURCE,
        "package_source_host": "-",
        "package_source_kind": "user_writable",
        # Bit 0 and bit 23 of the low half, bit 18 of the high one: 8388609 and 262144, or 0x4000000800001.
        "package_options": "ForceApplicationShutdown, AllowUnsigned, SkipDeploymentOperationRpcCallerIsAdminCheck",
        "package_external_location": None,
        "package_action": "add",
        "package_outcome": "installed",
        "package_error_code": None,
        "publisher_verified": "true",
    }  # fmt: skip
    assert told(framework, *shared) == shared
    assert told(payload, *shared) == {**shared, "publisher_verified": "false"}
    assert told(payload, "package_full_name", "publisher_class", "package_role", "package_signer") == {
        "package_full_name": PAYLOAD,
        "publisher_class": "unknown",
        "package_role": "main",
        "package_signer": NORTHWIND,
    }
    assert told(payload, "package_full_trust", "package_display_name") == {
        "package_full_trust": "true",
        "package_display_name": "Viewer | <Pro>",
    }
    assert told(framework, "package_role", "package_signer", "package_full_trust", "package_display_name") == {
        "package_role": "dependency",
        "package_signer": MICROSOFT,
        "package_full_trust": "-",
        "package_display_name": None,
    }
    assert [float(str(payload["first_time"])), float(str(payload["last_time"]))] == [START, START + 8]


@pytest.mark.parametrize("written", [ACTIVITY, ACTIVITY.strip("{}"), ACTIVITY.upper()])
def test_an_activity_id_is_the_same_with_and_without_braces_and_in_either_case(
    written: str, tmp_path: Path, addon: tuple[str, ...]
) -> None:
    whole, last = (render(event) for event in WHOLE if event.code in (400, 855))
    rows = search([whole, last.replace(ACTIVITY, written)], tmp_path, addon)
    assert [row["count"] for row in rows] == [2, 2]


def pieces() -> Iterator[tuple[list[int], dict[str, object]]]:
    """Some of the events, by code, and what the payload's row says then."""
    yield (
        [855],
        {
            "package_outcome": "unknown",
            "package_missing_events": "603, 854, 400, 157",
            "package_operation": None,
            "package_options": None,
            "package_source_kind": "unknown",
            "package_source_uri": "-",
            "package_full_trust": "-",
            "publisher_verified": None,
        },
    )
    yield (
        [400],
        {
            "package_outcome": "installed",
            "package_missing_events": "603, 854, 855, 157",
            "package_operation": "Add",
            "package_source_uri": SOURCE,
            "package_full_trust": "true",
            "package_action": None,
        },
    )
    yield (
        [603, 854, 855],
        {
            "package_outcome": "unknown",
            "package_missing_events": "400, 157",
            "package_source_uri": SOURCE,
            "package_full_trust": "-",
        },
    )
    yield [603, 607, 854, 855, 400], {"package_missing_events": "157", "package_signer": None}


@pytest.mark.parametrize(("codes", "expected"), list(pieces()))
def test_part_of_the_events_says_less_and_what_is_missing(
    codes: list[int], expected: dict[str, object], tmp_path: Path, addon: tuple[str, ...]
) -> None:
    rows = deployments([event for event in WHOLE if event.code in codes], tmp_path, addon)
    [payload] = [row for row in rows if row["package_full_name"] == PAYLOAD]
    assert {name: payload.get(name) or None for name in expected} == expected


def test_without_activity_id_events_meet_by_host_package_and_five_minutes(
    tmp_path: Path, addon: tuple[str, ...]
) -> None:
    events = [replace(event, activity="") for event in WHOLE if event.code in (400, 855)]
    later = replace(events[1], time=at(600), record=200)
    elsewhere = replace(events[1], host="ws-0143.corp.example", record=201)
    rows = deployments([*events, later, elsewhere], tmp_path, addon)
    found = [(row["package_full_name"], row["dest"], row["count"], row["package_event_codes"]) for row in rows]
    assert sorted(found) == [
        (FRAMEWORK, "ws-0142.corp.example", 1, "855"),
        (PAYLOAD, "ws-0142.corp.example", 1, "400"),
        (PAYLOAD, "ws-0142.corp.example", 2, "400, 855"),
        (PAYLOAD, "ws-0143.corp.example", 1, "400"),
    ]


def test_a_signer_belongs_to_the_package_that_was_opened_next(tmp_path: Path) -> None:
    """A framework's good signature is not the payload's, which nobody signed and which claims the same publisher."""
    claimed = "Contoso.Tool_1.0.0.0_x64__8wekyb3d8bbwe"
    events = [
        WHOLE[0],
        WHOLE[1],
        WindowsEvent(170, at(3), {"packageFullName": claimed}, "packaging", record=13),
        WindowsEvent(855, at(7), {"PackageMoniker": f" addPackageList: {FRAMEWORK} {claimed}"}),
    ]
    rows = {row["package_full_name"]: row for row in deployments(events, tmp_path)}
    assert rows[FRAMEWORK]["publisher_verified"] == "true"
    assert told(rows[claimed], "publisher_verified", "package_signer") == {
        "publisher_verified": None, "package_signer": None,
    }  # fmt: skip


def test_a_warning_of_the_packaging_channel_between_signature_and_package_changes_nothing(tmp_path: Path) -> None:
    reader = replace(WHOLE[1], record=14)
    plan = WindowsEvent(855, at(7), {"PackageMoniker": f" addPackageList: {FRAMEWORK}"})
    [row] = deployments([WHOLE[0], reader, plan], tmp_path)
    assert row["publisher_verified"] == "true"


def test_a_signature_is_no_other_packages_where_nothing_says_whose_it_is(tmp_path: Path) -> None:
    """Only the signature was collected, not which package was opened: with two packages nobody knows whose it is."""
    events = [WHOLE[2], *(event for event in WHOLE if event.code in (607, 855))]
    assert {row.get("publisher_verified") for row in deployments(events, tmp_path)} == {None}
    alone = WindowsEvent(855, at(7), {"PackageMoniker": f" addPackageList: {PAYLOAD}"})
    [row] = deployments([WHOLE[2], alone], tmp_path)
    assert row["package_signer"] == NORTHWIND


def test_another_version_of_the_family_does_not_lend_its_signature(tmp_path: Path) -> None:
    planned = "Microsoft.WindowsTerminal_9.0.0.0_x64__8wekyb3d8bbwe"
    opened = {"packageFullName": "Microsoft.WindowsTerminal_1.0.0.0_x64__8wekyb3d8bbwe"}
    events = [
        WHOLE[0],
        WindowsEvent(170, at(1), opened, "packaging", record=11),
        WindowsEvent(855, at(7), {"PackageMoniker": f" addPackageList: {planned}"}),
    ]
    rows = {row["package_full_name"]: row for row in deployments(events, tmp_path)}
    assert rows[planned].get("publisher_verified") is None


def test_the_signer_of_a_bundle_is_that_of_the_package_inside(tmp_path: Path) -> None:
    inner = "Microsoft.Sample_1.0.0.0_x64__8wekyb3d8bbwe"
    bundle = "Microsoft.Sample_2026.302.1.0_neutral_~_8wekyb3d8bbwe"  # its version may be another one
    events = [
        WindowsEvent(164, at(0), {"subjectName": MICROSOFT}, "packaging", record=10),
        WindowsEvent(391, at(1), {"packageFullName": bundle}, "packaging", record=11),
        WindowsEvent(400, at(2), {"DeploymentOperation": "1", "PackageFullName": bundle, "HasFullTrust": "false"}),
        WindowsEvent(478, at(3), {"DeploymentOperation": "1", "PackageFullName": inner, "HasFullTrust": "true"}),
    ]
    rows = {row["package_full_name"]: row for row in deployments(events, tmp_path)}
    assert told(rows[inner], "publisher_verified", "package_full_trust") == {
        "publisher_verified": "true", "package_full_trust": "true",
    }  # fmt: skip
    assert told(rows[bundle], "publisher_verified", "package_full_trust") == {
        "publisher_verified": "true", "package_full_trust": "false",
    }  # fmt: skip


# As Windows printed them for these numbers (lezzi/msix-ondemandregisterpackage-bug).
UPDATE_OPTIONS = (
    "ForceTargetApplicationShutdown, SkipReregisterIfPackageStatusOk, NormalPriorityRequest, "
    "SkipDeploymentOperationRpcCallerIsAdminCheck"
)


@pytest.mark.parametrize(
    ("data", "options"),
    [
        ({"Flags": "2", "FlagsHigh": "0"}, "DevelopmentMode"),
        ({"Flags": "33555008", "FlagsHigh": "262144"}, UPDATE_OPTIONS),
        ({"DeploymentOptions": "0x40004000000002"},
         "DevelopmentMode, DeferRegistrationWhenPackagesAreInUse, unnamed (high bit 22)"),
        ({"DeploymentOptions": "0x40040040"},
         "ForceTargetApplicationShutdown, ForceUpdateFromAnyVersion, RepairAppRegistration"),
        ({"DeploymentOptions": "0X800000"}, "AllowUnsigned"),
        ({"Flags": "2147483648", "FlagsHigh": "0"}, "FirstLogonInstall"),
        ({"Flags": "0", "FlagsHigh": "0"}, None),
        ({"DeploymentOptions": "nonsense"}, None),
    ],
)  # fmt: skip
def test_options_are_bits_of_two_halves(data: dict[str, str], options: str | None, tmp_path: Path) -> None:
    code = 400 if "DeploymentOptions" in data else 603
    [row] = deployments([WindowsEvent(code, at(0), {"DeploymentOperation": "1", **data})], tmp_path)
    assert (row.get("package_options") or None) == options


@pytest.mark.parametrize(
    ("uri", "kind", "host"),
    [
        ("x-windowsupdate://0f6e5d5c/1/2", "windows_update", "-"),
        ("https://Downloads.Example.COM:8443/a.msix?x=https://github.com/", "web", "downloads.example.com"),
        ("https://github.com@evil.example/a.msix", "web", "evil.example"),
        ("https://a@b@evil.example/a.msix", "web", "evil.example"),
        ("https://evil%2eexample/a.msix", "web", "evil.example"),
        ("http://[2001:db8::1]:80/a.msix", "web", "[2001:db8::1]"),
        ("https://github.com./a.msix", "web", "github.com"),
        (r"\\files.example\share\a.msix", "file_share", "files.example"),
        ("file://files.example/share/a.msix", "file_share", "files.example"),
        ("file:////files.example/share/a.msix", "file_share", "files.example"),
        (r"\\203.0.113.7@SSL\DavWWWRoot\a.msix", "file_share", "203.0.113.7"),
        (SOURCE, "user_writable", "-"),
        (r"C:\Users\Ann Smith\Downloads\a.msix", "user_writable", "-"),
        (r"\\?\C:\Users\ann\Downloads\a.msix", "user_writable", "-"),
        ("file:///C:/Program%20Files/WindowsApps/../../Users/ann/a.msix", "user_writable", "-"),
        (r"C:\Program Files\WindowsApps\a\AppxManifest.xml", "installed", "-"),
        (r"E:\a.msix", "removable", "-"),
        (r"C:\Windows\System32\a.msix", "local", "-"),
        (r"C:\Vendor\a.msix", "user_writable", "-"),  # anybody may create a folder in the root
        (r"\\?\UNC\evil.example\share\a.msix", "file_share", "evil.example"),
        ("file:///%5C%5Cevil.example/share/a.msix", "file_share", "evil.example"),
        ("file:///C%3A/Users/ann/a.msix", "user_writable", "-"),
        ("file://localhost/C:/Users/ann/a.msix", "user_writable", "-"),
        (r"\??\C:\Users\ann\a.msix", "user_writable", "-"),
        ("sftp://evil.example/a.msix", "web", "evil.example"),
        ("NULL", "unknown", "-"),
        ("", "unknown", "-"),
        ("a.msix", "unknown", "-"),
    ],
)
def test_where_a_package_came_from(uri: str, kind: str, host: str, tmp_path: Path) -> None:
    event = WindowsEvent(400, at(0), {"DeploymentOperation": "1", "PackageFullName": PAYLOAD, "PackageSourceUri": uri})
    [row] = deployments([event], tmp_path)
    assert (row["package_source_kind"], row["package_source_host"]) == (kind, host)


@pytest.mark.parametrize(
    ("events", "outcome", "code", "refusal"),
    [
        ([(401, {"PackageFullName": PAYLOAD, "ErrorCode": "0x80073cff"})], "failed", "0x80073cff", "signature"),
        ([(404, {"PackageFullName": "", "ErrorCode": "0x80073D01", "SummaryError": "error 0x800704EC: blocked"})],
         "blocked", "0x800704ec, 0x80073d01", "policy"),
        ([(412, {"PackageFullName": PAYLOAD, "ErrorCode": "0x800704ec"})], "blocked", "0x800704ec", "policy"),
        ([(441, {})], "blocked", "event 441", "policy"),
        ([(401, {"PackageFullName": PAYLOAD, "ErrorCode": "0x80073d02"})], "failed", "0x80073d02", None),
        ([(401, {"PackageFullName": PAYLOAD, "ErrorCode": "0xdeadbeef"})], "failed", "0xdeadbeef", None),
        ([(400, {"PackageFullName": PAYLOAD})], "installed", None, None),
        ([(855, {"PackageMoniker": f" addPackageList: {PAYLOAD}"})], "unknown", None, None),
    ],
)  # fmt: skip
def test_the_outcome_of_a_deployment(
    events: list[tuple[int, dict[str, str]]], outcome: str, code: str | None, refusal: str | None, tmp_path: Path
) -> None:
    [row] = deployments([WindowsEvent(number, at(0), data) for number, data in events], tmp_path)
    names = ("package_outcome", "package_error_code", "package_refusal")
    assert [row.get(name) for name in names] == [outcome, code, refusal]


def test_a_package_may_fail_where_another_of_the_same_deployment_is_done(tmp_path: Path) -> None:
    events = [
        WindowsEvent(855, at(0), {"PackageMoniker": f" addPackageList: {FRAMEWORK} {PAYLOAD}"}),
        WindowsEvent(400, at(1), {"PackageFullName": FRAMEWORK}),
        WindowsEvent(401, at(2), {"PackageFullName": PAYLOAD, "ErrorCode": "0x800b0109"}),
    ]
    outcomes = {row["package_full_name"]: row["package_outcome"] for row in deployments(events, tmp_path)}
    assert outcomes == {FRAMEWORK: "installed", PAYLOAD: "failed"}


@pytest.mark.parametrize("cut", range(len(WHOLE) + 1))
@pytest.mark.parametrize("edge", [0, 600, 4200, 5400])
def test_a_deployment_that_the_window_cuts_is_reported_once_and_whole(cut: int, edge: int, tmp_path: Path) -> None:
    """Three hourly runs, of which one begins, ends, or hands over to the next before this event of the deployment."""
    moment = START + cut - 0.5
    first = moment - edge
    found = []
    for hour in (-1, 0, 1):
        begin = first + hour * 3600
        found += deployments(WHOLE, tmp_path, time_range=TimeRange(begin, begin + 5400))
    assert [(row["package_full_name"], row["count"], row["package_outcome"]) for row in found] == [
        (FRAMEWORK, 9, "installed"),
        (PAYLOAD, 9, "installed"),
    ]


def test_a_slow_deployment_is_told_again_with_its_end(tmp_path: Path) -> None:
    """The installation ends 22 minutes after it began in the last minute that a run owns: the next run tells of it."""
    begun = [event for event in WHOLE if event.code in (603, 607, 854, 855)]
    done = [replace(event, time=at(22 * 60)) for event in WHOLE if event.code == 400]
    first = START - 4190
    found = []
    for hour in (-1, 0, 1):
        window = TimeRange(first + hour * 3600, first + hour * 3600 + 5400)
        rows = deployments([*begun, *done], tmp_path, time_range=window)
        found += [row["package_outcome"] for row in rows if row["package_full_name"] == PAYLOAD]
    assert found == ["unknown", "installed"]


def test_the_same_event_from_two_forwarders_counts_once(tmp_path: Path) -> None:
    rows = deployments([*WHOLE, *WHOLE], tmp_path)
    assert [row["count"] for row in rows] == [9, 9]


def test_the_layouts_of_the_first_windows_10(tmp_path: Path, addon: tuple[str, ...]) -> None:
    """1507: no FlagsHigh and no caller in 603, a name instead of the SID in 607, Path in 613, a short 400, no 855."""
    events = [
        WindowsEvent(603, at(0), {"DeploymentOperation": "1", "Path": "viewer.appx", "Flags": "2"}),
        WindowsEvent(
            607,
            at(1),
            {"DeploymentOperation": "1", "PackageFullName": PAYLOAD, "UserDomain": "CORP", "UserName": "ann"},
        ),
        WindowsEvent(613, at(2), {"Path": " " + SOURCE}),
        WindowsEvent(400, at(3), {"DeploymentOperation": "1", "PackageFullName": PAYLOAD, "StorageId": "x"}),
    ]
    [row] = deployments(events, tmp_path, addon)
    expected = {
        "user": "S-1-5-21-1111111111-2222222222-3333333333-1104",
        "package_options": "DevelopmentMode",
        "package_source_kind": "user_writable",
        "package_outcome": "installed",
        "package_full_trust": "-",
        "package_missing_events": "855, 157",
    }
    assert told(row, *expected) == expected


def test_the_summary_of_phases_is_no_deployment(tmp_path: Path) -> None:
    event = WindowsEvent(613, at(0), {"DeploymentOperation": "1", "PackageFullName": PAYLOAD, "Summary": "1 ms"})
    assert deployments([event], tmp_path) == []


def test_what_windows_writes_for_nothing_is_nothing(tmp_path: Path) -> None:
    """NULL is how it writes an empty value, and an activity of zeros is none."""
    none = "{00000000-0000-0000-0000-000000000000}"
    nothing = {"ExternalLocation": "NULL", "CallingProcess": "NULL"}
    done = {"DeploymentOperation": "1", "PackageFullName": PAYLOAD, **nothing}
    events = [
        WindowsEvent(400, at(0), {**done, "PackageSourceUri": "NULL"}),
        WindowsEvent(854, at(0), {"Path": f" x-windowsupdate://a/b/c {SOURCE}"}),
        WindowsEvent(400, at(60), {**done, "PackageFullName": FRAMEWORK}, activity=none),
        WindowsEvent(603, at(0), {"DeploymentOperation": "6", "Path": "x", "Flags": "2"}, activity=none),
    ]
    rows = {row["package_full_name"]: row for row in deployments(events, tmp_path)}
    assert told(rows[PAYLOAD], "package_external_location", "package_caller", "package_source_uri") == {
        "package_external_location": None,
        "package_caller": None,
        "package_source_uri": SOURCE,
    }
    assert rows[FRAMEWORK].get("package_options") is None


def test_opening_a_package_is_no_deployment(tmp_path: Path) -> None:
    assert deployments(WHOLE[:4], tmp_path) == []


def test_a_package_that_is_done_is_one_whatever_list_named_it(tmp_path: Path) -> None:
    plan = WindowsEvent(855, at(0), {"PackageMoniker": f" destagePackageList: {PAYLOAD}"})
    assert deployments([plan], tmp_path) == []
    [row] = deployments([plan, WHOLE[-1]], tmp_path)
    assert row["package_outcome"] == "installed"


def test_a_failure_without_a_name_is_the_payloads(tmp_path: Path) -> None:
    events = [
        WindowsEvent(607, at(0), {"DeploymentOperation": "1", "PackageFullName": PAYLOAD}),
        WindowsEvent(855, at(1), {"PackageMoniker": f" addPackageList: {FRAMEWORK} {PAYLOAD}"}),
        WindowsEvent(400, at(2), {"PackageFullName": FRAMEWORK}),
        WindowsEvent(404, at(3), {"PackageFullName": "", "ErrorCode": "0x80073cff"}),
    ]
    outcomes = {row["package_full_name"]: row["package_outcome"] for row in deployments(events, tmp_path)}
    assert outcomes == {FRAMEWORK: "installed", PAYLOAD: "failed"}


def test_hostile_events_lose_nothing_and_cost_little(tmp_path: Path) -> None:
    long = " ".join(f"Northwind.Part{number}_1.0.0.0_x64__c2yjt6za8ar62" for number in range(300))
    events = [
        WindowsEvent(854, at(0), {"Path": " C:\\" + "a " * 5000 + " " * 50_000 + "b"}),
        WindowsEvent(404, at(1), {"SummaryError": "0x" * 5000, "ErrorCode": "x"}),
        WindowsEvent(855, at(2), {"PackageMoniker": f" addPackageList: not_a_package {long}"}),
    ]
    rows = deployments(events, tmp_path)
    assert len(rows) == 301
    [undecoded] = [row for row in rows if row["package_full_name"] == "-"]
    assert "not_a_package" in str(undecoded["msixdecode_error"])
