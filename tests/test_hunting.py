"""One run of a hunt over an app of the test's own: what is read again for a report, and what is handed to it."""

from __future__ import annotations

import io
import re
import runpy
import sys
from collections.abc import Iterable
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from searchhead.console import Warnings
from searchhead.head import TimeRange
from searchhead.hunted import Fields
from searchhead.hunting import Asked, Hunt, Outcome, Run, findings
from searchhead.inputs import Event
from searchhead.rawevents import Behind, Trail
from searchhead.savedsearches import detections
from tests.apps import ROOT, package_abuse, written_app
from tests.windows_events import WindowsEvent, render

NOW = 1_772_496_000.0  # 2026-03-03T00:00:00Z
APP = {
    "default/app.conf": "[ui]\nlabel = Small\n[launcher]\nversion = 1.2.3\n",
    "default/savedsearches.conf": r"""
[Small - Thing Seen]
action.correlationsearch.enabled = 1
action.correlationsearch.label = Small - Thing Seen
search = 855 Data "thing" | eval thing="evil.exe" \
| stats min(_time) AS first_time, max(_time) AS last_time, count by host, thing \
| rename host AS dest | eval risk_score=30

[Small - Nothing Seen]
action.correlationsearch.enabled = 1
action.correlationsearch.label = Small - Nothing Seen
search = nosuchthing | table _time
""",
    "default/transforms.conf": "[excepted]\nfilename = excepted.csv\n",
    "lookups/excepted.csv": "host\n",
}
EVENTS = (
    WindowsEvent(855, "2026-03-02T09:14:00Z", {"Data": "thing evil.exe"}),
    WindowsEvent(855, "2026-03-02T09:14:01Z", {"Data": "thing good.exe"}),
    WindowsEvent(854, "2026-03-02T09:14:01Z", {"Data": "evil.exe"}),
    WindowsEvent(855, "2026-03-02T09:14:02Z", {"Data": "thing evil.exe again"}),
)
ASKED = Asked(
    *((), False, False, "html", None, None, None, (), 0, None, None, False, None, None, False),
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.xml"
    path.write_text("".join(map(render, EVENTS)), encoding="utf-8")
    return path


def run(folder: Path, asked: Asked) -> str:
    return outcome_of(folder, asked)[1]


def outcome_of(folder: Path, asked: Asked) -> tuple[Outcome, str]:
    app = written_app(folder / "app", APP)
    hunt = Hunt(app.path, "excepted", "none", folder / "demo", fields=Fields(events=("thing",)))
    outcome = findings(Run(hunt, asked, app, NOW, TimeRange(), Warnings()))
    output = io.StringIO()
    outcome.write(output)
    return outcome, output.getvalue()


def test_the_events_behind_a_finding_are_those_that_its_search_could_take_and_that_name_it(
    tmp_path: Path, log: Path
) -> None:
    page = run(tmp_path, replace(ASKED, paths=(str(log),)))
    assert "1 finding on 1 host" in page
    assert page.count("<pre>") == 2
    assert "thing evil.exe again" in page
    assert "good.exe" not in page
    assert "Small 1.2.3" in page
    assert str(log) in page
    assert "Nothing Seen" in page


def test_other_formats_read_the_logs_once(tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_arguments: object) -> None:
        raise AssertionError("the events behind findings were looked for")

    monkeypatch.setattr("searchhead.hunting.Trail", never)
    assert '"dest"' in run(tmp_path, replace(ASKED, paths=(str(log),), form="jsonl"))


def test_standard_input_cannot_be_read_again(tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(log.read_bytes())))
    page = run(tmp_path, replace(ASKED, paths=("-",)))
    assert "1 finding on 1 host" in page
    assert "<pre>" not in page
    assert "Standard input can be read only once" in page
    assert "<div>standard input</div>" in page


def test_what_is_below_the_asked_risk_is_counted(tmp_path: Path, log: Path) -> None:
    page = run(tmp_path, replace(ASKED, paths=(str(log),), min_risk=31))
    assert "No findings" in page
    assert "1 more finding with a risk score below 31" in page


def test_what_could_not_be_read_is_told_once_although_the_logs_are_read_twice(tmp_path: Path, log: Path) -> None:
    missing = tmp_path / "missing.evtx"
    page = run(tmp_path, replace(ASKED, paths=(str(log), str(missing))))
    assert page.count("<pre>") == 2
    assert page.count("missing.evtx") == 2  # as what was asked for, and as what is missing


def test_a_log_that_is_gone_when_it_is_read_again_is_trouble(
    tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Gone(Trail):
        def follow(self, events: Iterable[Event]) -> list[Behind]:
            log.unlink()
            return super().follow(events)

    monkeypatch.setattr("searchhead.hunting.Trail", Gone)
    outcome, page = outcome_of(tmp_path, replace(ASKED, paths=(str(log),)))
    [trouble] = outcome.trouble
    assert trouble.startswith(f"events behind findings: {log}: cannot be read")
    assert outcome.trouble[0] in unescape(page)
    assert "Not everything could be read." in page


def test_the_report_says_which_options_make_a_difference(tmp_path: Path, log: Path) -> None:
    exceptions = tmp_path / "exceptions.csv"
    exceptions.write_text("host\n", encoding="utf-8")
    asked = replace(ASKED, paths=(str(log),), patterns=("thing_seen",), exceptions=str(exceptions))
    page = run(tmp_path, asked)
    assert f"<dt>Exceptions<dd>{exceptions}" in page
    assert f"What <code>{exceptions}</code> allows is left out as asked" in page
    assert "<dt>Detections<dd>1 of 2, as asked" in page
    plain = run(tmp_path, replace(ASKED, paths=(str(log),)))
    assert "<dt>Exceptions" not in plain
    assert "allows is left out" not in plain
    assert "<dt>Detections<dd>2" in plain


def test_every_detection_has_a_field_by_which_its_events_are_found() -> None:
    script = runpy.run_path(str(ROOT / "hunt"))
    told = set(script["EVENT_FIELDS"])
    columns = {
        one.slug: set(re.findall(r"\w+", one.search.rpartition("| table ")[2])) for one in detections(package_abuse())
    }
    assert [slug for slug, names in columns.items() if not names & told] == []
    assert told - set().union(*columns.values()) == set()
    beginnings = tuple(beginning for _, group in script["GROUPS"] for beginning in group)
    everything = set().union(*columns.values())
    assert [one for one in beginnings if not any(name.startswith(one) for name in everything)] == []
