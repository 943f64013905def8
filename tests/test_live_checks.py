"""The points of live_checks.toml: their shape, and the script that runs them, on the stand-in of tests/splunkd.py."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from searchhead.addons import stand_ins
from searchhead.head import SearchHead
from searchhead.inputs import Reader
from searchhead.live import Splunk
from searchhead.macros import macros_of
from searchhead.savedsearches import detections, others
from tests import live_checks
from tests.apps import ROOT, package_abuse
from tests.case_logs import CASES, logs_of
from tests.live_checks import MalformedPoints, Outcome, Point, by_hand, main, read
from tests.splunkd import TOKEN, Certificates, Splunkd, make_certificates

FOUND = read()
NUMBERED = {one.number: one for one in FOUND.points}
RUN = [one for one in FOUND.points if not one.by_hand]
NOW = 1_772_668_800.0  # 2026-03-05T00:00:00Z, after the logs of the demo
SAVED = [one.name for one in [*detections(package_abuse()), *others(package_abuse())]]

# A record of the site, and what the stand-in cannot have.
KEPT = {"_key": "of the site", "state_kind": "deployment", "state_host": "h", "state_time": "1"}
NEVER_THERE = {
    "peers": {2},
    "no_windows_addon": {8},
}

SCHEDULED = (
    'savedsearch_name="{name}", app="package_abuse", status=success, scheduled_time=1772626560, '
    'dispatch_time=1772626562, run_time=3.214, sid="scheduler__nobody__package_abuse__RMD5abc_at_1772626560_77"'
)
AUDITED = (
    "action=search, info=completed, search_id='scheduler__nobody__package_abuse__RMD5abc_at_1772626560_77', "
    'search_et=1772619600.000, search_lt=1772625000.000, savedsearch_name="{name}"'
)
SUMMARY = "Package Abuse - Package Deployments - Summary"
RISK = (
    'search_name="{name}", risk_object="ws-0142.corp.example", risk_score=25, risk_message="x", '
    'dest="ws-0142.corp.example", why="x"'
)


def event(raw: str, index: str, sourcetype: str, source: str = "x", time: float = NOW - 3600) -> dict[str, object]:
    return {"_time": time, "_raw": raw, "index": index, "sourcetype": sourcetype, "source": source, "host": "sh-01"}


def events(folder: Path) -> list[dict[str, object]]:
    """The demo, what Splunk and Enterprise Security write themselves, and telemetry that the demo does not have."""
    for slug, name in (
        ("windows_installation_without_msiexec_client", "security_log_alone"),
        ("installer_connected_to_public_address", "defender_on_macos"),
        ("installer_package_spawned_suspicious_process", "defender"),
    ):
        path = CASES / slug / f"{name}.toml"
        case = tomllib.loads(path.read_text(encoding="utf-8"))
        for file, text in logs_of(path, case).items():
            (folder / f"{slug}_{name}_{file}").write_text(text, encoding="utf-8")
    written = f'search_name="{SUMMARY}", first_time={NOW - 3600:.1f}, dest="ws-0142.corp.example"'
    return [
        *Reader().read([ROOT / "tests" / "demo", folder]),
        *(event(SCHEDULED.format(name=name), "_internal", "scheduler") for name in SAVED),
        *(event(AUDITED.format(name=one.name), "_audit", "audittrail") for one in detections(package_abuse())),
        event(RISK.format(name=SAVED[0]), "risk", "stash", SAVED[0]),
        event(written, "summary", "stash", SUMMARY),
    ]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def splunkd(certificates: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Splunkd]:
    """A Splunk with the app and nothing else, which the environment names; its collections stay."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (scratch / "package_state.json").write_text(json.dumps([KEPT]), encoding="utf-8")
    with Splunkd(package_abuse(), certificates.server, now=NOW, scratch=scratch, addons=[]).running() as running:
        monkeypatch.setenv("SPLUNK_URL", running.url)
        monkeypatch.setenv("SPLUNK_TOKEN", TOKEN)
        yield running


def run(certificates: Certificates, *arguments: str) -> tuple[int, str]:
    said: list[str] = []
    status = main(["--splunk-ca", str(certificates.authority), *arguments], said.append)
    return status, "".join(said)


def state(splunkd: Splunkd) -> list[dict[str, str]]:
    assert splunkd.scratch
    found: list[dict[str, str]] = json.loads((splunkd.scratch / "package_state.json").read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True)
class Ran:
    """One run of all points: what it said, by the number of the point, and the records of state after it."""

    status: int
    said: dict[int, str]
    last: str
    kept: list[str]


@pytest.fixture(scope="module")
def ran(certificates: Certificates, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder, scratch = tmp_path_factory.mktemp("logs"), tmp_path_factory.mktemp("scratch")
    (scratch / "package_state.json").write_text(json.dumps([KEPT]), encoding="utf-8")
    stand_in = Splunkd(package_abuse(), certificates.server, events(folder), now=NOW, scratch=scratch)
    with stand_in.running() as running, pytest.MonkeyPatch.context() as environment:
        environment.setenv("SPLUNK_URL", running.url)
        environment.setenv("SPLUNK_TOKEN", TOKEN)
        numbers = [str(one.number) for one in FOUND.points if not one.embedded]
        status, text = run(certificates, "--index", "scratch", "--hours", "168", "--only", *numbers)
    *lines, last = text.splitlines()
    said = {int(line[:3]): line[4:] for line in lines}
    kept = json.loads((scratch / "package_state.json").read_text(encoding="utf-8"))
    return Ran(status, said, last, [one["_key"] for one in kept])


@pytest.mark.parametrize("number", [one.number for one in RUN if not one.embedded])
def test_a_check_holds_on_the_embedded_search_head(ran: Ran, number: int) -> None:
    missing = [name for name, numbers in NEVER_THERE.items() if number in numbers]
    if missing:
        assert ran.said[number] == f"skipped: needs {FOUND.needs[missing[0]].what}"
    else:
        assert ran.said[number] == "passed"


def test_a_run_of_all_counts_and_leaves_nothing_behind(ran: Ran) -> None:
    hand = sum(one.by_hand and not one.embedded for one in FOUND.points)
    skipped = len({number for numbers in NEVER_THERE.values() for number in numbers if not NUMBERED[number].embedded})
    passed = sum(not one.embedded for one in RUN) - skipped
    assert (ran.status, ran.last) == (0, f"{passed} passed, 0 failed, {skipped} skipped, {hand} by hand")
    assert "of the site" in ran.kept
    assert [key for key in ran.kept if key.startswith("live check")] == []


def test_most_points_are_for_the_machine_and_few_cannot_be_run_here() -> None:
    assert len(RUN) >= 75
    assert all(one.embedded.startswith("no: ") for one in FOUND.points if one.embedded)
    assert len([one for one in FOUND.points if one.embedded]) <= 4


@pytest.mark.parametrize("point", FOUND.points, ids=lambda point: str(point.number))
def test_a_point_says_what_it_is_about(point: Point) -> None:
    for text in (point.area, point.point, point.where, point.expect, *point.steps):
        assert text == text.strip() != ""
    assert not point.expect.endswith(".")
    assert not point.point.endswith(".")
    assert all(step.endswith(".") for step in point.steps)


def test_every_need_is_one_of_some_point() -> None:
    assert set(FOUND.needs) == {name for one in FOUND.points for name in one.needs}


def names_in(search: str) -> tuple[set[str], set[str], set[str]]:
    """The macros (with the number of their arguments left out), lookups and saved searches that a search names."""
    macros = set(re.findall(r"`\s*(\w+)", re.sub(r"`[^`]*`", lambda found: f" {found[0][:-1]} ", search)))
    options = r"(?:\s+\w+=\S+)*\s+(?:\w+=\S+\s+)*"
    lookups = set(re.findall(rf"\b(?:inputlookup|outputlookup|lookup)\b{options}(\w+)", search))
    return macros, lookups, set(re.findall(r'"(Package Abuse - [^"]*)"', search))


@pytest.mark.parametrize("point", FOUND.points, ids=lambda point: str(point.number))
def test_what_a_point_names_is_in_the_app(point: Point) -> None:
    app = package_abuse()
    searches = [*point.searches, *steps_of(point), *(FOUND.needs[name].search for name in point.needs)]
    for search in searches:
        macros, lookups, saved = names_in(search)
        assert macros <= {name.partition("(")[0] for name in macros_of(app)}
        assert {name for name in lookups if name.startswith("package_")} <= set(app.conf("transforms").stanzas)
        assert [name for name in saved if not any(fnmatchcase(one, name) for one in SAVED)] == []
    words = " ".join([point.where, *point.steps])
    everything = " ".join(path.read_text(encoding="utf-8") for path in (ROOT / "default").glob("*.conf"))
    files = {path.stem for folder in ("bin", "lookups") for path in (ROOT / folder).glob("*")}
    unknown = [one for one in re.findall(r"\bpackage_\w+", words) if one not in everything and one not in files]
    assert [one for one in unknown if not any(file.startswith(one) for file in files)] == []
    for name in re.findall(r"\*([A-Z][^*]+)\*", words):
        assert [one for one in SAVED if name in one] != [], name


def steps_of(point: Point) -> list[str]:
    """The searches in the steps for a person."""
    spans = [found[1] or found[2] for step in point.steps for found in re.finditer(r"`` (.+?) ``|`([^`]+)`", step)]
    return [span for span in spans if span.startswith(("| ", "index=", "`package_")) and len(span.split()) > 2]


@pytest.fixture(scope="module")
def head() -> SearchHead:
    return SearchHead(package_abuse(), stand_ins(), now=NOW)


@pytest.mark.parametrize("point", [one for one in FOUND.points if not one.embedded], ids=lambda one: str(one.number))
def test_every_search_can_be_read(head: SearchHead, point: Point) -> None:
    [detection, *_] = detections(package_abuse())
    for search in [*point.searches, *steps_of(point), *(FOUND.needs[name].search for name in point.needs)]:
        head.compile(replace(detection, search=search.replace("$index$", "x").replace("$host$", "x")))


@pytest.mark.parametrize("point", [one for one in FOUND.points if one.writes], ids=lambda one: str(one.number))
def test_what_is_written_are_records_under_keys_of_its_own(point: Point) -> None:
    name = f"live check {point.number}"
    for collection, keys in point.writes.items():
        assert collection == "package_state"
        assert all(key.startswith(name) for key in keys)
    assert set(re.findall(r'_key="([^"]*)"', " ".join(point.searches))) == {
        key for keys in point.writes.values() for key in keys
    }
    assert set(re.findall(r'state_kind="([^"]*)"', " ".join(point.searches))) <= {name}


def test_nothing_is_written_without_being_removed() -> None:
    for point in RUN:
        writing = [
            one for one in point.searches if re.search(r"\b(?:outputlookup|outputcsv|collect|delete|sendalert)\b", one)
        ]
        assert bool(writing) == bool(point.writes), point.number
        for one in writing:
            assert re.findall(r"outputlookup append=true (?:override_if_empty=false )?key_field=_key (\w+)", one) == [
                "package_state"
            ]


POINT = """
[[point]]
number = 1
area = "a"
point = "p"
where = "w"
expect = "two"
"""
CHECK = POINT + """search = '| makeresults | eval n=1 | table n'\npasses = '| where n=%s'\n"""


def points(folder: Path, text: str) -> str:
    path = folder / "points.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_wrong_expectation_fails_with_what_came_instead(
    splunkd: Splunkd, certificates: Certificates, tmp_path: Path
) -> None:
    right = run(certificates, "--points", points(tmp_path, CHECK % 1))
    assert right == (0, "  1 passed\n1 passed, 0 failed, 0 skipped, 0 by hand\n")
    wrong = run(certificates, "--points", points(tmp_path, CHECK % 2))
    assert wrong == (1, "  1 failed: expected two, got n=1\n0 passed, 1 failed, 0 skipped, 0 by hand\n")
    assert splunkd.jobs == {}


@pytest.mark.parametrize(
    ("check", "told"),
    [
        ("search = '| nosuchcommand'\npasses = '| head 1'\n", "failed: expected two, got the search: "),
        ("search = '| nosuchcommand'\nrefused = 'nosuchcommand'\n", "passed"),
        (
            "search = '| makeresults | eval a=1 | table a'\nrefused = 'x'\n",
            "failed: expected two, got it was not refused: a=1",
        ),
        ("search = '| makeresults | where 1=0'\nshows = { a = '1' }\n", "failed: expected two, got no rows"),
        ("search = '| makeresults | eval a=12'\nshows = { a = '^12$' }\n", "passed"),
        (
            "search = '| makeresults count=5 | eval a=split(\"1 2\", \" \") | table a'\npasses = '| where false()'\n",
            "failed: expected two, got a=1 | 2; a=1 | 2; a=1 | 2 and 2 rows more",
        ),
    ],
)
@pytest.mark.usefixtures("splunkd")
def test_what_decides(certificates: Certificates, tmp_path: Path, check: str, told: str) -> None:
    _, text = run(certificates, "--points", points(tmp_path, POINT + check))
    assert text.startswith(f"  1 {told}")


@pytest.mark.parametrize(
    ("kind", "silent", "told"),
    [
        ("warn", "slow", "failed: expected two, got the search: too slow"),
        ("warn", "limit", "passed"),
        ("error", "x", "failed: expected two, got the search: perhaps incomplete: too slow"),
    ],
)
def test_what_splunk_says_can_fail_a_check(
    splunkd: Splunkd, certificates: Certificates, tmp_path: Path, kind: str, silent: str, told: str
) -> None:
    splunkd.messages = [(kind, "too slow")]
    _, text = run(certificates, "--points", points(tmp_path, f"{CHECK % 1}silent = '{silent}'\n"))
    assert text.splitlines()[0] == f"  1 {told}"


WRITE = "| table _key, state_kind | outputlookup append=true key_field=_key package_state"
WRITES = f"""{POINT}
prepares = ['| makeresults | eval _key="a/b c", state_kind="k" {WRITE}']
writes = {{ package_state = ["a/b c", "never written"] }}
search = '| inputlookup package_state | stats count'
"""


@pytest.mark.parametrize(("check", "status"), [("passes = '| where count=2'", 0), ("passes = '| where count=3'", 1)])
def test_what_is_written_is_removed_also_after_a_failure(
    splunkd: Splunkd, certificates: Certificates, tmp_path: Path, check: str, status: int
) -> None:
    assert run(certificates, "--points", points(tmp_path, WRITES + check))[0] == status
    assert state(splunkd) == [KEPT]
    assert [path for method, path, _ in splunkd.requests if method == "DELETE"] == [
        "storage/collections/data/package_state/a/b c",
        "storage/collections/data/package_state/never written",
    ]


def test_what_is_written_is_removed_when_the_run_is_interrupted(
    splunkd: Splunkd, certificates: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = Splunk.search

    def interrupted(self: Splunk, spl: str, *rest: object, **more: object) -> object:
        if "stats count" in spl:
            raise KeyboardInterrupt
        return search(self, spl, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Splunk, "search", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(certificates, "--points", points(tmp_path, f"{WRITES}passes = '| where count=2'"))
    assert state(splunkd) == [KEPT]


def test_a_record_that_cannot_be_removed_fails_the_check(
    splunkd: Splunkd, certificates: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = Splunk.search

    def then_refused(self: Splunk, spl: str, *rest: object, **more: object) -> object:
        rows = search(self, spl, *rest, **more)  # type: ignore[arg-type]
        if "count=2" in spl:
            splunkd.answer = 403, "text/xml", b"<response><messages><msg>not allowed</msg></messages></response>"
        return rows

    monkeypatch.setattr(Splunk, "search", then_refused)
    status, text = run(certificates, "--points", points(tmp_path, f"{WRITES}passes = '| where count=2'"))
    assert status == 1
    assert text.startswith("  1 failed: it left records behind: the record a/b c of package_state: ")
    assert "HTTP 403: not allowed" in text


def test_needs_that_are_missing_skip_a_check(splunkd: Splunkd, certificates: Certificates, tmp_path: Path) -> None:
    needs = """
[needs.a]
what = "an a"
search = '| makeresults | where 1=0'
[needs.b]
what = "a b"
search = '| nosuchcommand'
[needs.c]
what = "a c"
search = '| makeresults'
[needs.d]
what = "a d, as a person knows"
"""
    text = f"{needs}{CHECK % 1}needs = ['a', 'b', 'c', 'd']\n"
    assert run(certificates, "--points", points(tmp_path, text))[1].startswith("  1 skipped: needs an a; a b\n")
    # Each need is looked for once.
    assert len(splunkd.asked("POST", "search/v2/jobs/")) == 3


SENDS = f"""
[texts]
one = "a=1"
{POINT}
events = [{{ text = "one", source = "s", sourcetype = "t" }}]
search = 'index=$index$ host=$host$ | stats count by a, source, sourcetype'
passes = '| where count=1 AND a=1'
"""


def test_events_for_tests_go_into_the_index_that_is_named(
    splunkd: Splunkd, certificates: Certificates, tmp_path: Path
) -> None:
    path = points(tmp_path, SENDS)
    assert "skipped: needs an index for events of tests (--index)" in run(certificates, "--points", path)[1]
    assert list(splunkd.events) == []
    assert run(certificates, "--points", path, "--index", "scratch")[0] == 0
    [sent] = splunkd.events
    assert (sent["index"], sent["source"], sent["sourcetype"], sent["_raw"]) == ("scratch", "s", "t", "a=1")
    assert sent["host"].startswith("live-check-1-")
    status, text = run(certificates, "--points", path, "--index", 'x" OR index=*')
    assert (status, text.partition(":")[0]) == (2, "live_checks")


@pytest.mark.usefixtures("splunkd")
def test_events_that_do_not_arrive_are_not_waited_for_for_ever(
    certificates: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_checks, "PATIENCE", 0.0)
    monkeypatch.setattr(Splunk, "send", lambda *_arguments, **_place: None)
    status, text = run(certificates, "--points", points(tmp_path, SENDS), "--index", "scratch")
    assert status == 1
    assert "got the events were not indexed within 0 seconds" in text


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("SPLUNK_URL", "", "SPLUNK_URL is not set"),
        ("SPLUNK_URL", "localhost", "'localhost' is no address of a Splunk"),
        ("SPLUNK_TOKEN", "", "there is no token"),
        ("SPLUNK_TOKEN", "wrong", "refuses the token (HTTP 401)"),
        ("SPLUNK_URL", "https://localhost:1", "cannot be reached: "),
    ],
)
@pytest.mark.usefixtures("splunkd")
def test_a_splunk_that_cannot_be_used_ends_the_run(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)
    status, text = run(certificates, "--only", "4")
    assert status == 2
    assert text.startswith("live_checks: ")
    assert told in text


@pytest.mark.parametrize("answer", [(200, "text/html", b"<!doctype html>"), (200, "application/json", b"{}")])
def test_an_answer_that_is_none_of_splunks_ends_the_run(
    splunkd: Splunkd, certificates: Certificates, answer: tuple[int, str, bytes]
) -> None:
    splunkd.answer = answer
    status, text = run(certificates, "--only", "4")
    assert (status, "does not answer as Splunk's REST API does" in text) == (2, True)


def test_the_steps_for_a_person_are_listed_without_a_splunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPLUNK_URL", raising=False)
    said: list[str] = []
    assert main(["--by-hand", "--only", "1", "4", "27"], said.append) == 0
    assert "".join(said) == by_hand([NUMBERED[1], NUMBERED[27]]) + "\n"
    assert "1. the package installs" in "".join(said)
    assert "   expect: one row, its key as before" in "".join(said)
    assert main(["--only", "4711"], said.append) == 2
    assert said[-1] == "live_checks: there is no point 4711\n"


def test_a_point_for_a_person_is_told_in_its_place(splunkd: Splunkd, certificates: Certificates) -> None:
    assert run(certificates, "--only", "1") == (
        0,
        f"  1 by hand: {NUMBERED[1].point}\n0 passed, 0 failed, 0 skipped, 1 by hand\n",
    )
    assert splunkd.requests == []
    assert str(Outcome("passed")) == "passed"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (POINT, "point 1: either steps"),
        (f"{CHECK % 1}steps = ['s']\n", "point 1: either steps"),
        (f"{POINT}passes = 'x'\n", "point 1: nothing to run"),
        (f"{POINT}frob = 1\n", "point 1: unknown: frob"),
        ((CHECK % 1).replace('area = "a"', ""), "point 1: .*area"),
        ((CHECK % 1).replace("number = 1", "number = 2"), "point 2: the number must be 1"),
        (f"{CHECK % 1}needs = ['x']\n", "point 1: unknown needs: x"),
        (SENDS.replace("$host$", "h"), r"point 1: events and \$host\$ belong together"),
        (SENDS.replace("[texts]\none", "[texts]\ntwo"), "point 1: unknown text: one"),
        ("[needs.x]\nfrob = 1\n", "need x: unknown: frob"),
    ],
)
def test_a_file_that_is_not_in_form_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(MalformedPoints, match=told):
        read(Path(points(tmp_path, text)))
