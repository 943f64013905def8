"""What a finding shows: its evidence, the fields of its row under headings, its events, its host's timeline."""

from __future__ import annotations

from pathlib import Path

import pytest

from searchhead.hunted import Fields
from searchhead.rawevents import MOST_EVENTS, MOST_FINDINGS, Behind, RawEvent
from searchhead.reports.reportfindings import Findings, Shown, exact_time, shown_time
from searchhead.spl.values import Value
from tests.apps import written_app
from tests.hostile import hunted

RAW = (
    "<Event><EventID Qualifiers='0'>4688</EventID><Data Name='Image'>a &amp; b</Data><Data Name='None'>-</Data></Event>"
)


def shown(row: dict[str, object], **more: object) -> Shown:
    [one] = Findings(hunted({"dest": "ws-1", "first_time": 100, "last_time": 200.5, **row}, **more)).findings
    return one


@pytest.mark.parametrize(
    ("value", "exact", "short"),
    [
        ("1772442840.1234567", "2026-03-02 09:14:00.123", "2026-03-02 09:14:00"),
        (1772442840, "2026-03-02 09:14:00", "2026-03-02 09:14:00"),
        ("soon", "soon", "soon"),
        ("1e999", "1e999", "1e999"),
        (None, "-", "-"),
    ],
)
def test_times_are_shown_as_people_read_them(value: Value | None, exact: str, short: str) -> None:
    assert (exact_time(value), shown_time(value)) == (exact, short)


def test_evidence_has_its_points_and_what_it_says_the_most_points_first(
    tmp_path: Path,
) -> None:
    app = written_app(
        tmp_path,
        {
            "default/transforms.conf": "[says]\nfilename = says.csv\n",
            "lookups/says.csv": 'name,statement,points\nweak,"it is, a bit, odd",1\n',
        },
    )
    fields = Fields(statements="says")
    one = shown({"evidence": ["seen", "weak"], "risk_points": ["weak 5", "strong 40"]}, app=app, fields=fields)
    assert [(piece.name, piece.points, piece.statement) for piece in one.evidence] == [
        ("strong", "40", ""),
        ("weak", "5", "it is, a bit, odd"),
        ("seen", "", ""),
    ]


def test_fields_that_hold_something_stand_under_headings_in_the_order_of_the_row() -> None:
    one = shown(
        {
            "other": ["a", "-", "b"],
            "process_name": "x.exe",
            "process": "x.exe /c",
            "why": "because",
            "_raw": "hidden",
            "nothing": "-",
            "empty": "",
            "seen_time": 1772442840,
            "odd_time": "never",
            "many": [str(at) for at in range(60)],
        }
    )
    process, others = one.groups
    assert process == ("Process", [("process_name", ["x.exe"]), ("process", ["x.exe /c"])])
    assert others[0] == "Other fields"
    fields = dict(others[1])
    assert list(fields) == ["other", "seen_time", "odd_time", "many"]
    assert fields["other"] == ["a", "b"]
    assert fields["seen_time"] == ["2026-03-02 09:14:00 (1772442840)"]
    assert fields["odd_time"] == ["never"]
    assert (len(fields["many"]), fields["many"][-1]) == (51, "10 more values")


def test_an_event_of_several_findings_has_its_text_once() -> None:
    event = RawEvent(150.0, "XmlWinEventLog:Security", RAW, cut=7)
    findings = Findings(
        hunted(
            *({"dest": "ws-1", "first_time": at, "risk_score": 90 - at, "process": "x"} for at in (100, 200)),
            behind=[Behind([event]), Behind([event], more=3)],
        )
    )
    first, second = findings.findings
    [told], [again] = first.events, second.events
    assert (told.id, told.text, told.cut, told.code, told.time) == ("f1e1", RAW, 7, "4688", "1970-01-01 00:02:30")
    assert (again.id, again.text, again.at, again.finding) == ("", "", "f1e1", 1)
    assert (first.events_note, second.events_note) == ("", "3 more events of this finding are left out.")
    [host] = findings.hosts
    assert [(step.at, step.title, step.about) for step in host.steps] == [
        ("f1", "A Detection", "x"),
        ("f1e1", "event 4688", "Image=a & b"),
        ("f2", "A Detection", "x"),
    ]


def test_a_finding_says_why_it_has_no_events() -> None:
    assert shown({}).events_note == "No event on this host and in this time names what the finding is about."
    assert "can be read only once" in shown({}, inputs=["log.xml", "-"]).events_note
    rows = [{"dest": "ws-1", "first_time": 1}] * (MOST_FINDINGS + 1)
    last = Findings(hunted(*rows, behind=[Behind()] * MOST_FINDINGS)).findings[-1]
    assert last.events_note == "It is not among the first 1,000, whose events are shown."
    assert MOST_EVENTS < MOST_FINDINGS


def test_of_a_splunk_there_is_the_search_that_opens_the_events() -> None:
    one = shown({"process": ['say "x" \\', "-"]}, splunk="https://splunk.example:8089")
    assert one.events_note.startswith("The events stay in the Splunk that was searched, https://splunk.example:8089.")
    assert one.search == 'index=* earliest=100 latest=201 "ws-1" ("say \\"x\\" \\\\")'
    assert shown({}, splunk="https://splunk.example:8089").search == 'index=* earliest=100 latest=201 "ws-1"'
    assert shown({"first_time": "soon"}, splunk="https://splunk.example:8089").search == ""
    assert shown({"process": "x"}).search == ""


def test_hosts_stand_in_the_order_of_their_worst_finding() -> None:
    rows = [
        {"dest": "b", "risk_score": 90, "first_time": 10, "last_time": 20, "user": "u2"},
        {"dest": "a", "risk_score": 50, "first_time": 5, "last_time": 6, "user": "-"},
        {"dest": "b", "risk_score": 10, "first_time": 1, "last_time": 2, "user": "u1"},
    ]
    b, a = Findings(hunted(*rows)).hosts
    assert (b.name, b.number, b.worst.severity, b.users) == ("b", 1, "critical", ["u1", "u2"])
    assert (b.first, b.last) == ("1970-01-01 00:00:01", "1970-01-01 00:00:20")
    assert (a.name, a.number, a.users) == ("a", 2, [])


def test_a_finding_without_a_time_is_none_of_1970() -> None:
    timed = {"dest": "ws-1", "first_time": 100, "last_time": 200, "risk_score": 1}
    [host] = Findings(hunted({"dest": "ws-1", "first_time": "soon"}, timed)).hosts
    assert (host.first, host.last) == ("1970-01-01 00:01:40", "1970-01-01 00:03:20")
    [host] = Findings(hunted({"dest": "ws-1"})).hosts
    assert (host.first, host.last) == ("-", "-")


@pytest.mark.parametrize(
    ("name", "told"),
    [("ws-1 ", "ws-1\\u0020"), (" ws-1", "\\u0020ws-1"), ("my  ws", "my \\u0020ws"), ("ws\xa01", "ws\\u00a01"),
     ("my ws", "my ws"), ("ws\n1", "ws\\u000a1")],
)  # fmt: skip
def test_hosts_that_differ_in_blanks_look_different(name: str, told: str) -> None:
    [host] = Findings(hunted({"dest": name})).hosts
    assert host.name == told
