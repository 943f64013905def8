from __future__ import annotations

import codecs
import io
import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from searchhead.conf import App
from searchhead.findings import Finding
from searchhead.hunted import Hunted
from searchhead.reports.timesketch import write_timesketch
from searchhead.spl.values import Row
from tests.apps import ROOT

EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def imported(written: bytes) -> list[dict[str, Any]]:
    """The events that Timesketch gets from a file; fails for one that it would refuse, change or take apart.

    Written from Timesketch's guide "Create timeline from JSONL or CSV file", its importer (timesketch/lib/utils.py,
    ``read_and_validate_jsonl``; timesketch/lib/tasks.py, ``run_csv_jsonl``: older ones broke lines as codecs do)
    and what OpenSearch says to values of several types (issues 1752 and 1869).
    """
    events: list[dict[str, Any]] = []
    types: dict[str, type] = {}
    for line in codecs.getreader("utf-8")(io.BytesIO(written)):
        event = json.loads(line, parse_constant=pytest.fail)
        assert isinstance(event, dict)
        assert {"message", "datetime", "timestamp_desc"} <= event.keys()
        assert event["message"]
        assert event["timestamp_desc"]
        moment = datetime.fromisoformat(event["datetime"])
        assert moment.utcoffset() == timedelta(0)
        assert event["timestamp"] == (moment - EPOCH) // timedelta(microseconds=1)
        assert all(isinstance(tag, str) and tag for tag in event["tag"])
        for name, value in event.items():
            assert name.isidentifier()
            assert not name.startswith("_")
            assert types.setdefault(name, type(value)) is type(value)
            assert isinstance(value, (str, int, float)) or name == "tag"
            json.dumps(value, ensure_ascii=False).encode()  # as its client of the database does
        events.append(event)
    return events


def timeline(*rows: Row, now: float = 0.0) -> list[dict[str, Any]]:
    output = io.StringIO()
    findings = [Finding("a_detection", "A Detection", ("T1204.002", "T1553.005"), row) for row in rows]
    write_timesketch(Hunted(App(Path("some_app")), findings=findings, now=now), output)
    return imported(output.getvalue().encode())


@pytest.mark.parametrize(
    "wrong",
    [
        {"message": ""},
        {"timestamp_desc": ""},
        {"datetime": "yesterday"},
        {"datetime": "1970-01-01T00:00:00"},  # nobody knows where
        {"timestamp": 1},  # another time
        {"tag": [""]},
        {"inner": {"a": 1}},
        {"a.b": "c"},
        {"_id": "a"},
        {"inner": ["a"]},
        {"inner": None},
        {"number": float("nan")},
        {"half": "\ud800"},
    ],
)
def test_the_check_refuses_what_timesketch_cannot_take(wrong: dict[str, object]) -> None:
    event = {"message": "a", "datetime": "1970-01-01T00:00:00+00:00", "timestamp_desc": "b", "timestamp": 0, "tag": []}
    assert imported(json.dumps(event).encode()) == [event]
    with pytest.raises((AssertionError, ValueError, pytest.fail.Exception)):
        imported(json.dumps({**event, **wrong}).encode())
    with pytest.raises(ValueError, match="Unterminated string"):
        imported(json.dumps({**event, "line": "\u2028"}, ensure_ascii=False).encode())
    with pytest.raises(AssertionError):
        imported("\n".join(json.dumps({**event, "count": count}) for count in (1, "1")).encode())


def test_a_finding_is_an_event_where_it_begins_and_one_where_it_ends() -> None:
    row: Row = {
        "first_time": "1772442840.5",
        "last_time": 1772442900.0,
        "dest": "ws-1",
        "user": "u1",
        "count": "2",
        "risk_score": "62",
        "why": "it is known",
        "evidence": ["a", "b"],
        "process_id": 17.0,
    }
    first, last = timeline(row)
    assert first == {
        "datetime": "2026-03-02T09:14:00.500000+00:00",
        "timestamp": 1772442840500000,
        "timestamp_desc": "First event of the finding",
        "data_type": "some_app:finding",
        "message": "A Detection: it is known",
        "tag": ["high", "T1204.002", "T1553.005"],
        "detection": "a_detection",
        "title": "A Detection",
        "severity": "high",
        "risk_score": 62.0,
        "dest": "ws-1",
        "user": "u1",
        "first_time": "2026-03-02T09:14:00.500Z",
        "last_time": "2026-03-02T09:15:00Z",
        "count": 2,
        "why": "it is known",
        "mitre_attack": "T1204.002, T1553.005",
        "evidence": "a, b",
        "process_id": "17",
    }
    when = {
        "datetime": "2026-03-02T09:15:00.000000+00:00",
        "timestamp": 1772442900000000,
        "timestamp_desc": "Last event of the finding",
    }
    assert last == {**first, **when}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"first_time": 5, "last_time": "5.0"}, [(5_000_000, "First event of the finding")]),
        ({"first_time": 5}, [(5_000_000, "First event of the finding")]),
        ({"first_time": "-", "last_time": 7}, [(7_000_000, "Last event of the finding")]),
        ({"first_time": "soon"}, [(9_000_000, "Time of the hunt, the finding has none")]),
        ({"first_time": 1e300}, [(9_000_000, "Time of the hunt, the finding has none")]),  # no year holds it
        ({"first_time": "1772619240.3852721"}, [(1772619240385272, "First event of the finding")]),
    ],
)
def test_no_finding_is_lost_and_none_is_told_twice(row: Row, told: list[tuple[int, str]]) -> None:
    assert [(event["timestamp"], event["timestamp_desc"]) for event in timeline(row, now=9.0)] == told


def test_events_stand_in_the_order_of_time() -> None:
    events = timeline({"first_time": 10, "last_time": 30}, {"first_time": 20, "last_time": 25})
    assert [event["timestamp"] // 1_000_000 for event in events] == [10, 20, 25, 30]


def test_a_field_has_the_same_type_on_all_lines_whatever_a_row_holds() -> None:
    lines = timeline(
        {
            "first_time": 1,
            "risk_score": 5,
            "count": 2.0,
            "x": ["a", "b"],
            "message": "m",
            "tag": "t",
            "a.b": 1,
            "_id": "i",
        },
        {"first_time": 2, "x": 7, "message": 1.5, "a b": "c", "_": "d", "nothing": []},
    )
    assert [(one["x"], one["row_message"], one["a_b"]) for one in lines] == [("a, b", "m", "1"), ("7", "1.5", "c")]
    assert (lines[0]["row_tag"], lines[0]["id"], lines[1]["row_"]) == ("t", "i", "d")
    assert "nothing" not in lines[1]
    assert [(one["risk_score"], one["count"]) for one in lines] == [(5.0, 2), (0.0, 0)]


def test_hostile_text_neither_breaks_a_line_nor_the_import() -> None:
    hostile = '"},\n{\u2028\u0085\x1c\r<script>\u202e \ud800'
    [event] = timeline({"first_time": 1, "why": hostile, "dest": hostile, "path": [hostile]})
    assert event["dest"] == event["path"] == event["why"] == hostile.replace("\ud800", "\\ud800")


def test_the_demo_can_be_imported() -> None:
    command = [sys.executable, str(ROOT / "hunt"), "--demo", "--format", "timesketch"]
    events = imported(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
    first = [event for event in events if event["timestamp_desc"] == "First event of the finding"]
    assert len(first) == 32  # the findings of the demo
    assert {event["data_type"] for event in events} == {"package_abuse:finding"}
    assert events == sorted(events, key=lambda event: event["datetime"])
