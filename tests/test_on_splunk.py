"""The language cases and the detections' cases on a real Splunk, and what makes searches of the former.

SPLUNK_URL and SPLUNK_TOKEN name a Splunk for tests that has the app, SPLUNK_CA the authority of its certificate.
SPLUNK_INDEX is an index of it for tests: the logs of the detections' cases are sent there and stay. The Splunk needs
the add-on for the logs' sourcetypes, and the token's user edit_tcp (for receivers/simple) and the right to search.
"""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from searchhead.cases import Case, check, compare, read_cases
from searchhead.inputs import Reader
from searchhead.live import Splunk
from searchhead.savedsearches import detections
from searchhead.spl.values import Row, number
from tests.apps import package_abuse
from tests.on_splunk import as_search, portable
from tests.splunkd import TOKEN, Splunkd, make_certificates
from tests.test_detections import ALL, load, log_of

CASES = [
    case
    for path in sorted((Path(__file__).parent / "language").glob("*.jsonl"))
    for case in read_cases(path)
    if portable(case)
]

# Those whose exceptions and damages are not of a Splunk, and whose search begins with events.
TEXTS = {one.slug: one.search for one in detections(package_abuse()) if not one.search.lstrip().startswith("|")}
LOGS = [path for path in ALL if path.parent.name in TEXTS and not {"lookups", "damages"} & load(path).keys()]

MISSING = [name for name in ("SPLUNK_URL", "SPLUNK_TOKEN") if not os.environ.get(name)]
REASON = f"skipped: {' and '.join(MISSING)} not set, which name a Splunk for tests"
WHAT = ["skipped"] if MISSING else [*CASES, *LOGS]

# How long indexing may take, in seconds.
PATIENCE = 60.0


def name(what: Case | Path | str) -> str:
    return what.id if isinstance(what, Case) else Path(what).stem


@pytest.mark.live
@pytest.mark.skipif(bool(MISSING), reason=REASON)
@pytest.mark.parametrize("what", WHAT, ids=name)
def test_a_real_splunk_agrees_with_a_case(what: Case | Path, tmp_path: Path) -> None:
    authority = os.environ.get("SPLUNK_CA")
    splunk = Splunk(
        os.environ["SPLUNK_URL"],
        os.environ["SPLUNK_TOKEN"],
        package_abuse().id,
        authority=Path(authority) if authority else None,
    )
    if isinstance(what, Case):
        difference = compare(splunk.search(as_search(what)), what.expected, ordered=what.ordered)
        assert difference is None, f"{what.place}: {what.spl}\n  {difference}"
    elif "SPLUNK_INDEX" in os.environ:
        agrees_with_detection(splunk, what, os.environ["SPLUNK_INDEX"], tmp_path)
    else:
        pytest.skip("skipped: SPLUNK_INDEX not set, which names an index for tests")


def agrees_with_detection(splunk: Splunk, path: Path, index: str, folder: Path) -> None:
    case = load(path)
    where = sent(splunk, log_of(path, requoted=False, folder=folder), index)
    found = splunk.search(f"{where} {undisplayed(TEXTS[path.parent.name])}")
    expected = case.get("rows", [])
    # As in the tests of the cases: a hit names every field, any other case those that it is about.
    names = {name for row in [*expected, *(found if case["kind"] == "hit" else [])] for name in row}
    assert comparable([{name: row[name] for name in names & row.keys()} for row in found]) == comparable(expected)


def sent(splunk: Splunk, log: Path, index: str) -> str:
    """Index a log's events; returns the search terms that find these alone, by when they were indexed."""
    [clock] = splunk.search("| makeresults | eval started=now() + 1 | fields started")
    time.sleep(2.0)  # index time is counted in whole seconds: what was sent before this log must have an earlier one
    where = f'index="{index}" _index_earliest={clock["started"]}'
    events = list(Reader().read([log]))
    for event in events:
        place = {key: event[key] for key in ("host", "source", "sourcetype")}
        splunk.service.post("receivers/simple", body=event["_raw"].encode(), index=index, **place)
    deadline = time.monotonic() + PATIENCE
    while int(str(splunk.search(f"{where} | stats count")[0]["count"])) < len(events):
        assert time.monotonic() < deadline, f"{log.name} was not indexed within {PATIENCE:g} seconds"
        time.sleep(1.0)
    return where


def undisplayed(search: str) -> str:
    """The search without the commands that only change how a time is shown."""
    return re.sub(r"\|\s*`package_ctime\(\w+\)`", "", search)


def comparable(rows: list[Row]) -> list[str]:
    """The rows in one order, numbers by value, and without times, which are those of indexing."""
    times = {"first_time", "last_time", "_time"}
    return sorted(
        str(sorted((key, number(value) or value) for key, value in row.items() if key not in times)) for row in rows
    )


@pytest.mark.parametrize("case", CASES, ids=name)
def test_a_case_written_as_one_search_still_gives_its_rows(case: Case) -> None:
    rewritten = Case(case.place, case.id, as_search(case), [], case.expected, case.source, case.basis, case.ordered)
    assert check(rewritten) is None, rewritten.spl


def test_a_detection_sees_only_the_events_of_its_case(tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path)
    hits = [path for path in LOGS if len(load(path).get("rows", [])) == 1][:2]
    with Splunkd(package_abuse(), certificates.server).running() as splunkd:
        splunk = Splunk(splunkd.url, TOKEN, package_abuse().id, authority=certificates.authority)
        for path in hits:
            folder = tmp_path / path.stem
            folder.mkdir()
            agrees_with_detection(splunk, path, "scratch", folder)
    assert len(hits) == 2
    assert {event["index"] for event in splunkd.events} == {"scratch"}


def test_most_cases_that_are_no_refusals_can_be_run_on_a_splunk() -> None:
    assert len(CASES) >= 200


def test_a_written_search_keeps_quotes_backslashes_and_line_breaks() -> None:
    value = 'a"b\\c\nd|e`f$g[h]%41+ü'
    case = Case("here", "x", "table a, b", [{"a": value}, {"b": ["x y", value]}], [], "", "")
    rewritten = Case("here", "x", as_search(case), [], case.input, "", "", ordered=True)
    assert check(rewritten) is None


def test_only_the_display_is_taken_from_a_search() -> None:
    assert undisplayed("a | `package_ctime(first_time)` \n| table x | `f`") == "a  \n| table x | `f`"
