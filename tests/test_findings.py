from __future__ import annotations

import pytest

from searchhead.findings import COLUMNS, Finding, by_severity, iso_time, moment
from searchhead.spl.values import Row, Value


def of(row: Row) -> Finding:
    return Finding("a_detection", "A Detection", ("T1204.002",), row)


@pytest.mark.parametrize(
    ("score", "severity"),
    [
        (None, "informational"),
        (0, "informational"),
        ("20", "informational"),
        (20.5, "low"),
        (40, "low"),
        (41, "medium"),
        (60, "medium"),
        (80, "high"),
        (81, "critical"),
        (100, "critical"),
        (250, "critical"),  # a score that nobody capped
    ],
)
def test_the_score_gives_the_severity(score: Value | None, severity: str) -> None:
    assert of({} if score is None else {"risk_score": score}).severity == severity


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "1970-01-01T00:00:00Z"),
        ("1772442840.1234567", "2026-03-02T09:14:00.123Z"),
        (1772442840.0, "2026-03-02T09:14:00Z"),
        ("yesterday", None),  # no number
        (["1", "2"], None),  # a multivalue
        (1e300, None),  # no year holds it
        (None, None),
    ],
)
def test_epoch_seconds_become_iso_8601_in_utc(value: Value | None, shown: str | None) -> None:
    assert iso_time(value) == shown


def test_a_time_is_known_to_the_microsecond() -> None:
    found = moment("1772442840.123457")
    assert found is not None
    assert found.isoformat() == "2026-03-02T09:14:00.123457+00:00"
    assert [moment(value) for value in (None, "-", ["1", "2"], -1e300)] == [None] * 4


def test_a_finding_tells_all_columns_and_the_whole_row() -> None:
    row: Row = {
        "dest": "ws-1",
        "first_time": "1772442840",
        "last_time": "soon",
        "count": 2.0,
        "risk_score": 25.0,
        "evidence": ["a", "b"],
        "why": "because",
    }
    shown = of(row).as_json()
    assert tuple(shown) == (*COLUMNS, "row")
    assert shown == {
        "detection": "a_detection",
        "title": "A Detection",
        "severity": "low",
        "risk_score": 25,
        "dest": "ws-1",
        "user": "-",
        "first_time": "2026-03-02T09:14:00Z",
        "last_time": "soon",
        "count": 2,
        "why": "because",
        "mitre_attack": ["T1204.002"],
        "row": {**row, "count": 2, "risk_score": 25},
    }


def test_findings_are_ordered_by_score_then_time_then_host() -> None:
    rows: list[Row] = [
        {"risk_score": 5, "first_time": 1, "dest": "a"},
        {"risk_score": 80, "first_time": 9, "dest": "b"},
        {"risk_score": 80, "first_time": 3, "dest": "z"},
        {"risk_score": 80, "first_time": 3, "dest": "c"},
        {"dest": "unscored"},
    ]
    assert [one.single("dest") for one in by_severity([of(row) for row in rows])] == ["c", "z", "b", "a", "unscored"]
