"""The summary of deployments: what a search reads back from the summary index is what the summary search wrote.

Between the two stands Splunk's own text of a result, which is written here as Splunk writes it and read by the embedded
search head as it reads any event.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from searchhead.conf import App
from searchhead.head import SearchHead, TimeRange
from searchhead.inputs import Reader
from searchhead.savedsearches import SavedSearch, detections, others
from searchhead.spl.errors import Place
from searchhead.spl.values import Row, number, texts
from tests.apps import NOW, STAND_INS, addons, copy_with_lookups, package_abuse
from tests.case_logs import cases, moved, moved_logs_of
from tests.splunk_events import stash
from tests.windows_events import from_case, render

SUMMARY = "Package Abuse - Package Deployments - Summary"

# What a log may hold that could be taken for the text around it: a requested path is whatever somebody typed.
HOSTILE = (
    r'C:\Temp\a", publisher_class="microsoft", dest="elsewhere',
    "C:\\Temp\\ends with a backslash\\",
    'https://files.example/%22/%5C/%25/a.msix?x=1&y="2", count=99',
    r"\\files.example\share\100%\Über\a.msix",
    "C:\\Temp\\" + "long/" * 1000 + "a.msix",
    "C:\\Temp\\%" + '"' * 5000,
)


def saved(search: str) -> SavedSearch:
    return SavedSearch("test", search, "test", "test", (), Place("test_summary.py", 1, "test"))


def hostile(number: int, path: str) -> str:
    """The log of a deployment on a host of its own, its package named once with such a path beside it."""
    events = [
        {
            "code": 603,
            "time": "2026-03-02T09:00:00.100Z",
            "host": f"hostile-{number}.corp.example",
            "data": {"DeploymentOperation": "1", "Path": path, "Flags": "0", "FlagsHigh": "0"},
        },
        {
            "code": 855,
            "time": "2026-03-02T09:00:00.300Z",
            "host": f"hostile-{number}.corp.example",
            "data": {"PackageMoniker": " addPackageList: Northwind.Viewer_1.4.0.0_x64__c2yjt6za8ar62"},
        },
        {
            "code": 157,
            "channel": "packaging",
            "time": "2026-03-02T09:00:00.200Z",
            "host": f"hostile-{number}.corp.example",
            "data": {"subjectName": 'CN="Northwind, \\"Inc.\\"", O="Northwind, Inc.", C=US'},
        },
    ]
    return "\n".join(map(render, from_case(events)))


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The logs of all cases, each on a host of its own, and those that nobody would write but an attacker."""
    folder = tmp_path_factory.mktemp("logs")
    wanted = [(path, case) for path, case in cases() if "events" in case or case["log"].endswith(".xml")]
    for at, (path, case) in enumerate(wanted):
        if not case.get("damages"):
            for name, text in moved_logs_of(path, case, f"ws-{at:04d}.corp.example").items():
                (folder / f"{at:04d}-{name}").write_text(text, encoding="utf-8")
    for at, path_text in enumerate(HOSTILE):
        (folder / f"hostile-{at}.xml").write_text(hostile(at, path_text), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def switched(tmp_path_factory: pytest.TempPathFactory) -> App:
    """The app at a site that has written the other macro's name into package_deployments."""
    app = copy_with_lookups(tmp_path_factory.mktemp("switched") / "app", {})
    (app.path / "local").mkdir()
    (app.path / "local" / "macros.conf").write_text(
        "[package_deployments]\ndefinition = `package_deployments_from_summary`\n", encoding="utf-8"
    )
    return App(app.path)


def summary_events(rows: Iterable[Row]) -> Iterator[Row]:
    """Results of the summary search as events of the summary index; none of its values is a list."""
    for row in rows:
        assert all(len(texts(value)) == 1 for name, value in row.items() if name[0] != "_")
        yield from stash(SUMMARY, [row])


def plain(row: Row) -> dict[str, object]:
    """A row to compare: numbers by their value, for all that comes from the summary is text."""
    found = {name: number(value) for name, value in row.items()}
    return {name: texts(value) if found[name] is None else found[name] for name, value in row.items() if value != ""}


def in_order(rows: Iterable[Row]) -> list[list[tuple[str, object]]]:
    return sorted((sorted(plain(row).items()) for row in rows), key=str)


@pytest.fixture(scope="module")
def summarised(logs: Path) -> list[Row]:
    """What the summary index holds."""
    head = SearchHead(package_abuse(), addons(*STAND_INS), now=NOW)
    [summary] = [one for one in others(package_abuse()) if one.name == SUMMARY]
    [rows] = head.run([head.compile(summary)], Reader().read([logs]))
    assert len(rows) > len(HOSTILE)
    return list(summary_events(rows))


def test_rows_come_back_as_they_were(logs: Path, summarised: list[Row]) -> None:
    head = SearchHead(package_abuse(), addons(*STAND_INS), now=NOW)
    [written] = head.run([head.compile(saved("`package_deployments_from_events`"))], Reader().read([logs]))
    [read] = head.run([head.compile(saved("`package_deployments_from_summary`"))], summarised)
    assert in_order(read) == in_order(map(shortened, written))


def shortened(row: Row) -> Row:
    """A row as the summary holds it: of the text of a value, written as in a URI, the first 800 characters."""
    return {name: _cut(value) if isinstance(value, str) else value for name, value in row.items() if name[0] != "_"}


def _cut(value: str) -> str:
    return unquote("".join(f"%{ord(one):02X}" if one in '%"\\+=,' else one for one in value)[:800])


def test_no_event_of_the_summary_is_longer_than_fields_are_read_from(summarised: list[Row]) -> None:
    assert max(len(str(event["_raw"])) for event in summarised) <= 10_240


def test_detections_find_the_same_in_the_summary(logs: Path, summarised: list[Row], switched: App) -> None:
    findings = []
    for app, more in ((package_abuse(), []), (switched, summarised)):
        head = SearchHead(app, addons(*STAND_INS), now=NOW)
        chain = [*head.state_searches(), *detections(app)]
        rows = head.run([head.compile(one) for one in chain], [*Reader().read([logs]), *more])
        shown = [in_order(map(shortened, found)) for found in rows]
        findings.append(dict(zip([one.slug for one in chain], shown, strict=True)))
    events, summary = findings
    assert summary == events
    assert [slug for slug, rows in events.items() if rows]


@pytest.mark.parametrize("minute", [0, 9, 10, 40, 69, 70, 89])
def test_a_scheduled_run_over_the_summary_keeps_the_hour_it_owns(minute: int, tmp_path: Path) -> None:
    start = 1_772_442_000.0  # when the deployment begins, which is moved
    (tmp_path / "log.xml").write_text(moved(hostile(0, "a.msix"), "ws.corp.example", 60 * minute), encoding="utf-8")
    head = SearchHead(package_abuse(), addons(*STAND_INS), now=NOW)
    [summary] = [one for one in others(package_abuse()) if one.name == SUMMARY]
    [written] = head.run([head.compile(summary)], Reader().read([tmp_path]))
    for length, kept in ((5400, 10 <= minute < 70), (5401, True)):
        owned = TimeRange(start, start + length)
        scheduled = SearchHead(package_abuse(), addons(*STAND_INS), now=NOW, time_range=owned)
        search = scheduled.compile(saved("`package_deployments_from_summary`"))
        [rows] = scheduled.run([search], summary_events(written))
        assert len(rows) == kept


def test_the_switched_app_reads_no_deployment_from_events(switched: App) -> None:
    head = SearchHead(switched, addons(*STAND_INS), now=NOW)
    using = [one for one in detections(switched) if one.search.startswith("`package_deployments`")]
    assert using
    for one in using:
        search = head.compile(one)
        assert search.could_match({"source": SUMMARY, "index": "summary"})
        assert not search.could_match({"source": "XmlWinEventLog:Microsoft-Windows-AppXDeploymentServer/Operational"})
