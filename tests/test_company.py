"""The day of a company: the same for a seed, true to the public base rates, in Windows' own grammar, and measured.

What is installed by other installers than those of MSIX packages: ``test_company_installers``.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import replace
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from msix.identity import parse_full_name
from msix.publisher import publisher_id

from searchhead.inputs import Reader
from searchhead.spl.values import Row
from tests.apps import ROOT
from tests.case_logs import texts_of
from tests.company.attacks import Hostile
from tests.company.catalogue import Package, packages
from tests.company.day import Day, day
from tests.company.deployments import action_lists
from tests.company.hostile import SCENARIOS
from tests.company.measure import EVALUATION, TUNING, measure, names_of
from tests.company.page import Finding, Result, details, page
from tests.company.rates import per_company, share, table
from tests.company.upkeep import Benign
from tests.company.verdicts import Verdicts, family
from tests.published import rules
from tests.windows_events import WindowsEvent, render

SEED = 77  # neither for tuning nor for the published figures

# The grammar of events 855 and 854, windows-events.md section 3.
FULL_NAME = r"[A-Za-z0-9.-]{3,50}_\d+(?:\.\d+){3}_(?:x86|x64|arm|arm64|x86a64|neutral)_[^_\s]*_[0-9a-hjkmnp-tv-z]{13}"
LIST = rf" [A-Za-z]+List:(?: {FULL_NAME}(?: is updating to {FULL_NAME})?)+"
URI = r"(?:[A-Za-z]:\\|[A-Za-z][A-Za-z0-9+.-]*://)"


@cache
def small() -> Day:
    """A small day in which every scenario is there once."""
    return day(SEED, hosts=30, hostile=len(SCENARIOS))


def by_packages(one: Day) -> list[Hostile]:
    """The attacks by MSIX packages."""
    return [attack for attack in one.truth if not attack.marks]


@cache
def large() -> Day:
    return day(SEED, hosts=200, hostile=24)


def data(event: WindowsEvent) -> dict[str, object]:
    assert isinstance(event.data, dict)
    return event.data


def of_channel(one: Day, *channels: str) -> dict[str, list[WindowsEvent]]:
    """The events of these channels by their ActivityID."""
    found: dict[str, list[WindowsEvent]] = defaultdict(list)
    for event in one.events:
        if event.channel in channels:
            found[str(event.activity)].append(event)
    return found


def digest(seed: int) -> str:
    made = day(seed, hosts=12, hostile=6)
    truth = [(replace(one, marks=frozenset()), sorted(one.marks)) for one in made.truth]
    lines = "".join(texts_of(made.events).values()) + repr((truth, made.deployments, made.errands))
    return hashlib.sha256(lines.encode()).hexdigest()


# ---------------------------------------------------------------- the same for a seed


def test_the_same_seed_gives_the_same_bytes_in_any_process() -> None:
    code = f"from tests.test_company import digest; print(digest({SEED}))"
    path = os.pathsep.join([str(ROOT), str(ROOT / "bin")])
    told = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": number, "PYTHONPATH": path},
        ).stdout.strip()
        for number in ("1", "2")
    ]
    assert told == [digest(SEED)] * 2
    assert digest(SEED + 1) != digest(SEED)


def test_attacks_change_nothing_of_what_is_benign() -> None:
    quiet, noisy = day(SEED, hosts=12, hostile=0, invasions=0), day(SEED, hosts=12, hostile=6)
    assert quiet.deployments == noisy.deployments
    assert quiet.errands == noisy.errands
    assert quiet.truth == []
    known = Counter((event.time, event.host, event.code, str(event.data)) for event in noisy.events)
    assert not Counter((event.time, event.host, event.code, str(event.data)) for event in quiet.events) - known


def test_seeds_for_tuning_and_for_figures_are_not_those_of_these_tests() -> None:
    assert not set(TUNING) & set(EVALUATION)
    assert SEED not in {*TUNING, *EVALUATION}


# ---------------------------------------------------------------- base rates


def test_a_total_is_shared_out_without_loss() -> None:
    assert share(10, {"a": 1, "b": 1, "c": 1}) == {"a": 4, "b": 3, "c": 3}
    assert share(7, {"a": 6, "b": 1}) == {"a": 6, "b": 1}
    assert sum(share(4001, table("operation")).values()) == 4001
    with pytest.raises(LookupError, match="no table 'frob'"):
        table("frob")


def test_a_small_company_has_its_part_of_what_happens_in_one() -> None:
    from random import Random  # noqa: PLC0415 - only here

    counts = per_company("process_company", 20, Random(1))  # noqa: S311 - made-up data
    assert counts["slack"] == 2
    assert counts["installer_link"] in {0, 1}


def test_operations_have_the_shares_of_the_public_counts() -> None:
    # [DL], written here by hand from windows-events.md section 1.
    public = {6: 713, 4: 704, 20: 211, 12: 196, 11: 177, 2: 131, 5: 122, 1: 45, 27: 24, 10: 19, 29: 16}
    made = Counter(one.operation for one in large().deployments)
    for operation, rows in public.items():
        assert made[operation] / large().benign == pytest.approx(rows / sum(public.values()), rel=0.15, abs=0.003)
    assert set(made) - set(public) == {30, 31}


def test_failures_and_warnings_are_as_often_as_in_public_logs() -> None:
    codes = Counter((event.channel, event.code) for event in large().events)
    assert codes["deployment", 401] / codes["deployment", 400] == pytest.approx(19 / 795, rel=0.35)
    assert codes["deployment", 404] / codes["deployment", 400] == pytest.approx(29 / 795, rel=0.35)
    packaging = {code: count for (channel, code), count in codes.items() if channel == "packaging"}
    assert packaging[216] / (packaging[170] + packaging[391]) == pytest.approx(339 / 90, rel=0.1)
    assert packaging[171] < packaging[170] / 10


def test_a_day_has_the_size_that_is_asked_for() -> None:
    assert large().benign == pytest.approx(200 * 20, rel=0.02)
    assert 50_000 < len(large().events) < 100_000
    assert len({event.host for event in large().events}) == 200 + len(large().company.machines)
    assert {event.time[:10] for event in large().events} == {"2026-03-02"}
    assert [event.time for event in large().events] == sorted(event.time for event in large().events)


# ---------------------------------------------------------------- what Windows could have written


def test_every_event_is_read(tmp_path: Path) -> None:
    small().write(tmp_path)
    reader = Reader()
    assert sum(1 for _ in reader.read([tmp_path])) == len(small().events)
    assert reader.stats.damages == []
    for event in small().events:
        if event.channel == "defender":
            continue
        ET.fromstring(render(event))  # noqa: S314 - our own text


def test_records_count_up_in_each_channel_of_a_host() -> None:
    last: dict[tuple[str, str], int] = {}
    for event in small().events:
        place = (event.host, event.channel)
        assert event.record == last.get(place, event.record - 1) + 1
        last[place] = event.record


def test_a_deployment_is_one_activity_in_the_order_of_real_logs() -> None:
    groups = of_channel(small(), "deployment", "packaging")
    activities = [one.activity for one in small().deployments]
    activities += [activity for attack in small().truth for activity in attack.activities]
    assert len(set(activities)) == len(activities)
    order = [170, 603, 10002, 607, 614, 854, 855, 10000, 10001, 400, 478, 613]
    for activity in activities:
        events = groups.pop(activity)
        assert len({event.host for event in events}) == 1
        codes = [{391: 170, 604: 603}.get(int(event.code), int(event.code)) for event in events]
        assert codes.count(603) == 1
        assert codes.count(400) + codes.count(404) == 1
        assert (404 in codes) or 401 not in codes
        places = [codes.index(code) for code in order if code in codes]
        assert places == sorted(places)
    assert {event.code for events in groups.values() for event in events} <= {857, 171}


def test_854_and_855_follow_their_grammar() -> None:
    plans = [str(data(event)["PackageMoniker"]) for event in small().events if event.code == 855]
    assert plans
    assert [plan for plan in plans if not re.fullmatch(f"(?:{LIST})+", plan, re.ASCII)] == []
    queued = [str(data(event)["Path"]) for event in small().events if event.code == 854]
    assert queued
    for value in queued:
        assert value.startswith(" ")
        assert all(re.match(URI, uri) for uri in re.split(rf"\s+(?={URI})", value.strip()))


def test_the_lists_of_a_plan_stand_in_their_order() -> None:
    assert action_lists((), (), ()) == ""
    assert action_lists(("A",), (("B", "C"),), ("D",)) == (
        " addPackageList: A updateList: B is updating to C destagePackageList: D"
    )


def test_every_name_and_every_option_can_be_read() -> None:
    fields = ("PackageFullName", "packageFullName", "MainPackageMoniker")
    for event in small().events:
        if event.channel not in {"deployment", "packaging"}:
            continue
        for field in fields:
            name = data(event).get(field)
            if name:
                assert str(parse_full_name(str(name))) == name
        if event.code in {400, 401, 478}:
            assert re.fullmatch("0x[0-9a-f]+", str(data(event)["DeploymentOptions"]))
        if event.code in {603, 604}:
            assert 0 <= int(str(data(event)["Flags"])) < 1 << 32


def test_a_signer_is_the_publisher_of_the_package_that_is_opened() -> None:
    opened = 0
    for events in of_channel(small(), "packaging").values():
        signers = [str(data(event)["subjectName"]) for event in events if event.code in {157, 164}]
        names = [str(data(event)["packageFullName"]) for event in events if event.code in {170, 391}]
        for signer, name in zip(signers, names, strict=False):
            assert name.endswith(f"_{publisher_id(signer)}")
            opened += 1
    assert opened > 50


@pytest.mark.parametrize("one", [one for one in packages() if one.publisher], ids=lambda one: one.name)
def test_the_publishers_of_the_catalogue_are_those_of_their_ids(one: Package) -> None:
    assert publisher_id(one.publisher) == one.publisher_id


def test_hosts_without_sysmon_write_4688_instead() -> None:
    sysmon = {host.name for host in small().company.hosts if host.sysmon}
    channels = {(event.host in sysmon, event.channel) for event in small().events}
    assert (True, "security") not in channels
    assert (False, "sysmon") not in channels


# ---------------------------------------------------------------- the truth


def test_every_attack_is_told_and_stands_in_the_events() -> None:
    attacks = by_packages(small())
    assert len(attacks) == len(SCENARIOS)
    assert {attack.scenario for attack in attacks} == {scenario.name for scenario in SCENARIOS}
    assert len({attack.id for attack in small().truth}) == len(small().truth)
    assert len({attack.host for attack in attacks}) == len(SCENARIOS)
    groups = of_channel(small(), "deployment")
    for attack in attacks:
        text = str([event.data for activity in attack.activities for event in groups[activity]])
        assert all(name in text for name in attack.packages)
        assert attack.shows
        assert attack.first < attack.last


def test_attacks_and_ordinary_packages_have_no_name_in_common_but_frameworks() -> None:
    benign = {name for one in small().deployments for name in one.packages}
    for attack in small().truth:
        assert not benign & set(attack.packages)


def test_the_company_signs_with_an_id_that_no_list_knows() -> None:
    known = (ROOT / "lookups").glob("package_publishers_2*.csv")
    texts = "".join(path.read_text(encoding="utf-8") for path in known)
    assert texts
    assert small().company.publisher_id not in texts
    assert any(one.packages[0].endswith(small().company.publisher_id) for one in small().deployments)


# ---------------------------------------------------------------- verdicts

ATTACK = Hostile(
    id="attack-01",
    scenario="fake",
    techniques=("T1204.002",),
    host="ws-0105.corp.example",
    user="S-1-5-21-1-2-3-1105",
    packages=("Fake.App_1.0.0.0_x64__c2yjt6za8ar62",),
    companions=("Microsoft.VCLibs.140.00_14.0.33728.0_x64__8wekyb3d8bbwe",),
    activities=("{5f0a7c31-12de-0003-9a11-0b6fde12dc01}",),
    first=1000.0,
    last=2000.0,
    shows=("all of it",),
)
BENIGN = Benign(
    "ws-0105.corp.example", "{5f0a7c31-12de-0003-9a11-0b6fde12dc02}", "store", 4, ("A.B_1.0.0.0_x64__8wekyb3d8bbwe",)
)


def verdicts() -> Verdicts:
    made = small()
    return Verdicts(Day(0, made.company, [], [ATTACK], [BENIGN]))


@pytest.mark.parametrize(
    ("row", "true"),
    [
        ({"package_full_name": "Fake.App_1.0.0.0_x64__c2yjt6za8ar62", "first_time": 1500.0}, True),
        ({"package_full_name": "Fake.App_1.0.0.0_x64__c2yjt6za8ar62", "first_time": 9000.0}, True),
        ({"package_family_name": "Fake.App_c2yjt6za8ar62", "package_full_name": "-", "first_time": 1500.0}, True),
        ({"package_full_name": "Microsoft.VCLibs.140.00_14.0.33728.0_x64__8wekyb3d8bbwe", "first_time": 1500.0}, True),
        ({"package_full_name": "Microsoft.VCLibs.140.00_14.0.33728.0_x64__8wekyb3d8bbwe", "first_time": 9000.0}, False),
        ({"package_full_name": "A.B_1.0.0.0_x64__8wekyb3d8bbwe", "first_time": 1500.0}, False),
        ({"package_full_name": "-", "first_time": 500.0, "last_time": 1200.0}, True),
        ({"first_time": 2500.0, "last_time": 2600.0}, False),
    ],
)
def test_a_finding_counts_by_its_package_else_by_its_time(row: dict[str, str | float], true: bool) -> None:
    assert (verdicts().attack({"dest": "WS-0105", **row}) is not None) == true
    assert verdicts().attack({"dest": "ws-0106.corp.example", **row}) is None


def test_a_false_finding_has_a_story() -> None:
    row: Row = {"dest": "ws-0105.corp.example", "package_full_name": "A.B_1.0.0.0_x64__8wekyb3d8bbwe"}
    assert verdicts().story(row) == "store"
    by_id: Row = {"dest": "ws-0105", "package_deployment_id": "5F0A7C31-12DE-0003-9A11-0B6FDE12DC02"}
    assert verdicts().story(by_id) == "store"
    assert verdicts().story({"dest": "ws-0105", "process_name": "cmd.exe"}) == "cmd.exe"
    assert verdicts().story({"dest": "ws-0105"}) == "no deployment"


def test_an_event_counts_by_its_activity_else_by_its_time() -> None:
    deployment: Row = {
        "host": "ws-0105.corp.example",
        "source": "XmlWinEventLog:Microsoft-Windows-AppXDeploymentServer/x",
    }
    mine: Row = {**deployment, "ActivityID": "{5F0A7C31-12DE-0003-9A11-0B6FDE12DC01}", "_time": 1500.0}
    assert verdicts().attack_of_event(mine) == ATTACK
    assert verdicts().attack_of_event({**mine, "ActivityID": BENIGN.activity}) is None
    process: Row = {"host": "ws-0105.corp.example", "source": "XmlWinEventLog:Microsoft-Windows-Sysmon/Operational"}
    assert verdicts().attack_of_event({**process, "_time": 1500.0}) == ATTACK
    assert verdicts().attack_of_event({**process, "_time": 9000.0}) is None
    assert family("A.B_1.0.0.0_x64_~_8wekyb3d8bbwe") == "A.B_8wekyb3d8bbwe"


# ---------------------------------------------------------------- the page, and the measurement of a small day


def test_the_page_tells_counts_and_ratios() -> None:
    made = Day(5, small().company, [], [ATTACK], [BENIGN] * 500)
    ours = [
        Finding("one", False, "attack-01", ""),
        Finding("one", False, None, "store", 60.0, "because", "k"),
        Finding("one", False, None, "store", 20.0, "because", "k"),
        Finding("two", True, None, "store"),
    ]
    public = [Finding("E1", False, None, "", events=3)] * 200 + [Finding("E1", False, "attack-01", "", events=1)]
    text = page([Result(made, ("one", "two"), ours, public, 12.0)], {"E1": "ESCU: Some Rule"})
    for line in (
        "| benign deployments | 500 |",
        "| **attacks found by our detections** | 1 of 1 |",
        "| **false findings of our detections** | 2 |",
        "| of which alert, throttled as they ship | 1 |",
        "| of which have a risk score of 50 or more | 1 |",
        "| false findings of public rules | 200 |",
        "| benign events that they match | 601 |",
        "| **ours in per cent of theirs** | 1.00 % |",
        "| ours per 1,000 benign deployments and installations | 4.0 |",
        "| with hunts: false findings of ours | 3 |",
        "| `one` | 1 | 1 | 2 |",
        "| `two` (hunt) | 0 | 0 | 1 |",
        "| ESCU: Some Rule | 1 | 1 | 200 |",
        "| store | `one` | 2 |",
        "| fake |  | 1 | 1 | 1 | 1 |",
    ):
        assert line in text
    assert "false  one  store  60  because" in details(Result(made, ("one", "two"), ours, public, 12.0))


@cache
def measured() -> Result:
    return measure(small())


def test_our_detections_find_every_attack_of_a_small_day() -> None:
    found = {one.attack for one in measured().ours if not one.hunting}
    assert [attack.scenario for attack in small().truth if attack.id not in found] == []


def test_our_detections_cry_far_less_often_than_public_rules() -> None:
    """The goal was one per cent of their false findings; docs/company-day.md says how far we are. This holds it."""
    ours = sum(one.attack is None and not one.hunting for one in measured().ours)
    public = sum(one.attack is None and not one.hunting for one in measured().public)
    assert ours < public / 12


def test_every_public_rule_has_a_name_on_the_page() -> None:
    assert {one.rule for one in measured().public} <= set(names_of(rules()))
