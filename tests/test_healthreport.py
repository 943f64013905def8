"""``./hunt --health`` and what it writes: over an app of the test's own, whose searches look at two things."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from searchhead.cli import Hunt, main
from searchhead.conf import App, InvalidConf
from searchhead.head import SearchHead
from searchhead.healthreport import FORMATS, HealthRow, HealthSearches, counts, health_rows, last_event, run_searches
from searchhead.savedsearches import named
from tests.apps import written_app
from tests.splunkd import TOKEN, Splunkd, make_certificates
from tests.windows_events import WindowsEvent, render

NOW = 1_772_496_000.0  # 2026-03-03T00:00:00Z
SEARCHES = HealthSearches(
    checks=("Small - Health - Silence", "Small - Health - Old Rows"),
    reports=("Small - Health - Report", "Small - Health - Hosts"),
    prefix="h_",
)
FIELDS = "h_topic,h_subject,h_host,h_status,h_time,h_count,h_detail,h_action"
APP = {
    "default/app.conf": "[ui]\nlabel = Small\n",
    "default/collections.conf": "[health]\n",
    "default/transforms.conf": f"[health]\nexternal_type = kvstore\ncollection = health\nfields_list = {FIELDS}\n",
    # The second check reads what the first one has written; of the reports one reads that, the other one events.
    "default/savedsearches.conf": r"""
[Small - A Thing]
action.correlationsearch.enabled = 1
search = nosuchthing | table _time

[Small - Health - Hosts]
search = 855 | stats count AS h_count by host | rename host AS h_host | table h_host, h_count

[Small - Health - Old Rows]
search = | inputlookup health \
| eval h_topic="rows", h_subject="all", h_status="ok", h_time=null(), h_detail="one row was there", h_action=null() \
| table h_topic, h_subject, h_status, h_detail | outputlookup append=true health

[Small - Health - Report]
search = | inputlookup health | sort h_topic \
| table h_topic, h_subject, h_host, h_status, h_time, h_count, h_detail, h_action, _key

[Small - Health - Silence]
search = 855 | stats max(_time) AS h_time, count AS h_count by host \
| eval h_topic="sources", h_subject="deployment", h_host=host, h_status=if(h_time<now()-3600, "problem", "ok"), \
 h_detail="silent for ".(now()-floor(h_time))." seconds" \
| table h_* | outputlookup append=true health
""",
}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    return written_app(tmp_path / "app", APP).path


@pytest.fixture
def head(app: Path) -> SearchHead:
    return SearchHead(App(app), now=NOW, scratch=app.parent / "scratch")


def log(folder: Path, *times: str) -> Path:
    path = folder / "log.xml"
    events = [WindowsEvent(855, at, {"PackageMoniker": "x"}) for at in times]
    path.write_text("".join(map(render, events)), encoding="utf-8")
    return path


def without_time(path: Path) -> Path:
    path.write_text(path.read_text(encoding="utf-8").replace("SystemTime", "NoTime"), encoding="utf-8")
    return path


def test_checks_run_before_reports_whatever_their_order_in_the_file(head: SearchHead, tmp_path: Path) -> None:
    path = log(tmp_path, "2026-03-02T21:00:00Z", "2026-03-02T22:00:00.5Z")
    rows, stats = run_searches(head, SEARCHES, [path])
    assert [(one.report, one.single("topic"), one.single("status"), one.single("detail")) for one in rows] == [
        ("Health - Report", "rows", "ok", "one row was there"),
        ("Health - Report", "sources", "problem", "silent for 7200 seconds"),
        ("Health - Hosts", "-", "-", "-"),
    ]
    assert (rows[1].single("time"), rows[2].single("count"), stats.events) == ("2026-03-02T22:00:00.500Z", "2", 2)
    assert [one.is_problem for one in rows] == [False, True, False]
    assert counts(rows) == "1 problem, 1 ok, 1 -"


def test_a_search_that_the_app_lacks_is_named(head: SearchHead) -> None:
    with pytest.raises(InvalidConf, match=r"^savedsearches.conf: the app app has no search of the name 'Other'$"):
        run_searches(head, HealthSearches(("Other",), (), "h_"), [])


@pytest.mark.parametrize(
    ("times", "now"),
    [
        # One second after the last event, whatever the order, so that an event of that very second counts.
        (["2026-03-02T22:00:00.5Z", "2026-03-01T22:00:00Z"], NOW - 7200 + 1),
        (["2026-03-02T22:00:00Z"], NOW - 7200 + 1),
        # A clock that is ahead is no reason to call all others silent for years.
        (["2026-03-02T22:00:00Z", "2031-01-01T00:00:00Z"], NOW),
        ([], NOW),
    ],
)
def test_silence_is_counted_to_the_last_event(tmp_path: Path, times: list[str], now: float) -> None:
    assert last_event([log(tmp_path, *times)], NOW) == now


def test_a_clock_that_goes_ahead_is_seen_by_the_time_of_indexing(tmp_path: Path) -> None:
    event = {"_raw": "x", "_time": f"{NOW - 100}", "_indextime": f"{NOW - 3600}"}
    path = tmp_path / "export.jsonl"
    path.write_text(json.dumps({"preview": False, "result": event}), encoding="utf-8")
    assert last_event([path], NOW) == NOW - 3599


def test_events_without_a_time_have_no_last_one(tmp_path: Path) -> None:
    assert last_event([without_time(log(tmp_path, "2026-03-02T22:00:00Z"))], NOW) == NOW


def of(**row: str | float | list[str]) -> HealthRow:
    [found] = health_rows("Report", [{f"h_{name}": value for name, value in row.items()}], "h_")
    return found


def written(form: str, *rows: HealthRow) -> str:
    output = io.StringIO()
    FORMATS[form](rows, output)
    return output.getvalue()


FULL = of(
    topic="sources",
    subject="deployment",
    host="ws-1",
    status="problem",
    time=NOW,
    count="12",
    detail="It is silent.",
    action="Copy this:\n[WinEventLog://Some]\ndisabled = 0",
    checked="1772496000",
)


def test_the_table_tells_once_what_is_to_be_done_in_lines_that_can_be_copied() -> None:
    other = of(status="warning", subject="packaging", action="Ask somebody.", arrives="no", late_seconds=5)
    rows = (
        FULL,
        other,
        of(status="problem", subject="late", action=FULL.single("action")),
        of(status="ok", action="-"),
    )
    assert [line.rstrip() for line in written("table", *rows).splitlines() if line.strip(" ─")] == [
        "Report",
        "  Status    What",
        "  problem   sources  deployment  ws-1",
        "            It is silent.",
        "            last event 2026-03-03T00:00:00Z; count 12",
        "            next: (1)",
        "  warning   packaging",
        "            arrives no; late seconds 5",
        "            next: (2)",
        "  problem   late",
        "            next: (1)",
        "  ok        -",
        "(1) Copy this:",
        "[WinEventLog://Some]",
        "disabled = 0",
        "(2) Ask somebody.",
    ]
    assert written("table") == "No rows.\n"


def test_what_is_all_right_asks_for_nothing() -> None:
    assert "Nothing" not in written("table", of(status="ok", action="Nothing."))


def test_of_very_many_rows_that_are_all_right_the_table_tells_the_number() -> None:
    wrong = [of(topic="files", subject="f0", status="problem")]
    right = [of(topic="files", subject=f"f{at}", status="ok") for at in range(1, 22)]
    hosts = [of(topic="hosts", subject="x", host=f"h{at}", status="ok") for at in range(100)]
    shown = written("table", *wrong, *right, *hosts)
    assert "f0" in shown
    assert "f1" not in shown
    assert shown.count("21 rows that are all right; --format jsonl or csv shows them.") == 1
    assert shown.count("hosts  x  h") == 100
    assert "f21" in written("table", *wrong, *right[1:])
    assert "101 rows that are all right" in written("table", *hosts, hosts[0])
    assert len(written("jsonl", *right).splitlines()) == 21


def test_a_line_to_copy_is_never_broken_and_a_sentence_is_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    action = f"Add these lines to a local/inputs.conf and restart:\n{'x' * 300}\n"
    told = written("table", of(status="problem", action=action), of(status="warning", action="\n"))
    assert "\n(1) Add these lines to a\nlocal/inputs.conf and restart:\n" in told.replace(" \n", "\n")
    assert f"\n{'x' * 300}\n" in told


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_table_is_as_wide_as_the_terminal_at_most(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    wide, turned = of(detail="部署了" * 100, host="工" * 90, status="problem"), of(detail="חבלה 12", status="warning")
    lines = written("table", wide, turned).splitlines()
    assert max(map(cell_len, lines)) <= width
    assert "部署了" * 100 in "".join(line.strip() for line in lines)
    assert any("\u2066חבלה\u2069 12" in line for line in lines)


def test_csv_and_json_lines_hold_every_field_without_its_prefix() -> None:
    header, first, second = csv.reader(io.StringIO(written("csv", FULL, of(extra=["a", "b"]))))
    assert header == [
        *("report", "topic", "subject", "host", "status", "time", "count", "detail", "action", "checked", "extra"),
    ]
    assert first[4:8] == ["problem", "2026-03-03T00:00:00Z", "12", "It is silent."]
    assert (second[0], second[-1]) == ("Report", "a\nb")
    one = json.loads(written("jsonl", FULL))
    assert list(one) == header[:-1]
    assert (one["time"], one["checked"], one["count"]) == ("2026-03-03T00:00:00Z", "2026-03-03T00:00:00Z", 12)
    assert json.loads(written("jsonl", of(extra=["a", "b"], count="many", time="never"))) == {
        "report": "Report",
        "extra": ["a", "b"],
        "count": "many",
        "time": "never",
    }


def test_nothing_written_acts_on_a_terminal_or_is_a_formula() -> None:
    hostile = of(subject="\x1b]0;owned\x07", host="=1+1", detail="[red]\u202ex\r\x9b2J", action="-1+1\n@x")
    table = written("table", hostile)
    assert not set(table) & set("\x1b\x07\x9b\u202e\r")
    assert "[red]\\u202ex" in table
    _, row = csv.reader(io.StringIO(written("csv", hostile), newline=""))
    assert row[1:] == ["\x1b]0;owned\x07", "'=1+1", "[red]\u202ex\r\x9b2J", "'-1+1\n@x"]


# ---------------------------------------------------------------- the command line


class Hunter:
    """The command line over the small app, in this process."""

    def __init__(self, app: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.hunt = Hunt(app, "allowed", "known", demo=app.parent / "demo", health=SEARCHES)
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: str | Path) -> tuple[int, str, str]:
        """Exit status, standard output and standard error."""
        self._monkeypatch.setattr(sys, "argv", ["hunt", *map(str, arguments)])
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(self.hunt)
        shown = self._capsys.readouterr()
        return int(ended.value.code or 0), shown.out, shown.err


@pytest.fixture
def hunter(app: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Hunter:
    return Hunter(app, monkeypatch, capsys)


def rows_of(output: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.splitlines()]


def test_logs_of_last_winter_are_not_silent_because_it_is_summer(hunter: Hunter, tmp_path: Path) -> None:
    path = log(tmp_path, "2020-01-02T21:00:00Z", "2020-01-02T22:00:00Z")
    status, output, told = hunter("--health", "--format", "jsonl", path)
    assert (status, rows_of(output)[1]["status"], rows_of(output)[1]["detail"]) == (0, "ok", "silent for 1 seconds")
    assert told.splitlines()[0] == "files read: 1, events: 2, damages: 0"
    assert told.splitlines()[-1].startswith("health: 2 ok, 1 -, ")


def test_until_when_there_should_be_events_can_be_said(hunter: Hunter, tmp_path: Path) -> None:
    path = log(tmp_path, "2020-01-02T21:00:00Z", "2020-01-02T22:00:00Z")
    status, output, told = hunter("--health", "--format", "jsonl", "--latest", "2020-01-02T23:00:01Z", path)
    assert (status, rows_of(output)[1]["status"], rows_of(output)[1]["detail"]) == (
        *(0, "problem", "silent for 3601 seconds"),
    )
    assert "health: 1 problem, 1 ok, 1 -, " in told
    # Events from then on do not count.
    status, output, _ = hunter("--health", "--format", "jsonl", "--latest", "2020-01-02T22:00:00Z", path)
    assert (rows_of(output)[1]["status"], rows_of(output)[1]["time"]) == ("ok", "2020-01-02T21:00:00Z")


def test_a_problem_sets_the_status_if_that_is_asked_for(hunter: Hunter, tmp_path: Path) -> None:
    path = log(tmp_path, "2020-01-02T22:00:00Z")
    assert hunter("--health", "--fail-on-findings", path)[0] == 0
    late = ("--latest", "2020-01-03")
    assert hunter("--health", *late, path)[0] == 0
    assert hunter("--health", *late, "--fail-on-findings", path)[0] == 1


def test_what_cannot_be_read_sets_the_status_after_all_else_was_used(hunter: Hunter, tmp_path: Path) -> None:
    status, output, told = hunter("--health", log(tmp_path, "2020-01-02T22:00:00Z"), tmp_path / "missing.evtx")
    assert status == 2
    assert "silent for 1 seconds" in output
    assert told.count("damaged: ") == 1
    assert "missing.evtx: cannot be read" in told


def test_without_any_event_nothing_fails(hunter: Hunter, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    status, output, told = hunter("--health", tmp_path / "empty")
    assert (status, output) == (0, "No rows.\n")
    assert "channels: none" in told
    assert "health: nothing was looked at, " in told


def test_a_report_of_health_goes_to_its_file_too(hunter: Hunter, tmp_path: Path) -> None:
    path = log(tmp_path, "2020-01-02T22:00:00Z")
    assert hunter("--health", "-o", tmp_path / "report", path)[:2] == (0, "")
    assert "silent for 1 seconds" in (tmp_path / "report").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Name the files or folders to read, or give --demo or --splunk"),
        (("x.xml", "--detection", "x"), "--detection: this is for findings; --health looks for none."),
        (("x.xml", "--min-risk", "1"), "--min-risk: this is for findings"),
        (("x.xml", "--explain"), "--explain: this is for findings"),
        (("-",), "--health: standard input can be read only once."),
        (
            ("x.xml", "--format", "navigator"),
            "--format navigator: this is for findings; --health has table, csv, jsonl.",
        ),
        (("x.xml", "--latest", "soon"), "--latest: "),
        (("--splunk", "https://localhost:8089", "--exceptions", "x"), "--exceptions: with --splunk, that Splunk's own"),
    ],
)
def test_options_that_do_not_go_with_health_are_refused(
    hunter: Hunter, arguments: tuple[str, ...], message: str
) -> None:
    status, output, told = hunter("--health", *arguments)
    assert (status, output) == (2, "")
    assert message in " ".join(told.split())


def test_an_app_may_have_no_searches_of_its_health(hunter: Hunter) -> None:
    hunter.hunt = Hunt(hunter.hunt.app, "allowed", "known", demo=Path("none"))
    assert "--health: this app has no searches that look at its health." in hunter("--health", "x.xml")[2]


def test_on_a_splunk_the_reports_are_run_as_they_are_installed(
    hunter: Hunter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The checks run there on their own schedule; a report reads what they have written down."""
    certificates = make_certificates(tmp_path)
    app, scratch = App(hunter.hunt.app), tmp_path / "kvstore"
    scratch.mkdir()
    record = {"_key": "1", "h_topic": "sources", "h_subject": "deployment", "h_status": "problem", "h_time": str(NOW)}
    (scratch / "health.json").write_text(json.dumps([record]), encoding="utf-8")
    monkeypatch.setenv("SPLUNK_TOKEN", TOKEN)
    splunkd = Splunkd(app, certificates.server, now=NOW, scratch=scratch)
    splunkd.installed |= {one.name: one.search for one in named(app, SEARCHES.reports)}
    options = ("--health", "--format", "jsonl", "--splunk-ca", certificates.authority)
    with splunkd.running():
        status, output, told = hunter(*options, "--fail-on-findings", "--splunk", splunkd.url)
    assert rows_of(output) == [
        {
            "report": "Health - Report",
            "topic": "sources",
            "subject": "deployment",
            "status": "problem",
            "time": "2026-03-03T00:00:00Z",
        }
    ]
    assert (status, told.splitlines()[0]) == (1, f"searched: {splunkd.url}")
    assert [path for method, path, _ in splunkd.requests if path.endswith("/dispatch")] == [
        f"saved/searches/{name}/dispatch" for name in SEARCHES.reports
    ]
