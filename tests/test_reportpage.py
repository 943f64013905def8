"""The values that the page is made of: what was found by severity, technique, detection and time, and what was read."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from searchhead.head import TimeRange
from searchhead.inputs import Stats
from searchhead.reports.reportpage import context
from tests.hostile import hunted

ROWS: list[dict[str, object]] = [
    {"dest": "a", "risk_score": 90, "first_time": 1_000, "last_time": 1_100},
    {"dest": "b", "risk_score": 90, "first_time": 1_720, "last_time": 1_750},
    {"dest": "a", "risk_score": 50, "first_time": 1_000, "last_time": 2_000},
]


def page(*rows: dict[str, object], **more: object) -> dict[str, Any]:
    return context(hunted(*rows, **more))


def test_findings_are_counted_by_severity_and_cover_a_time() -> None:
    told = page(*ROWS)
    assert [(band["severity"], len(band["findings"])) for band in told["bands"]] == [
        ("critical", 2),
        ("high", 0),
        ("medium", 1),
        ("low", 0),
        ("informational", 0),
    ]
    assert told["covered"] == ("1970-01-01 00:16:40", "1970-01-01 00:33:20")
    assert page({"first_time": "soon"})["covered"] == ()


def test_the_chart_has_a_column_for_each_part_of_the_time_the_worst_at_the_bottom() -> None:
    bars = page(*ROWS)["chart"]["bars"]
    # Two findings of 720 seconds ago in 72 columns of ten: in the first one on the other, in the last one alone.
    assert [(bar["severity"], bar["x"], bar["y"], bar["height"]) for bar in bars] == [
        ("critical", 1.0, "52.00", "48.00"),
        ("medium", 1.0, "4.00", "48.00"),
        ("critical", 711.0, "52.00", "48.00"),
    ]
    assert bars[2]["told"] == "from 1970-01-01 00:28:30: 1 critical"


@pytest.mark.parametrize("times", [[], [5], [5, 5], ["soon", 5], [5, "1e999"]])
def test_there_is_no_chart_of_less_than_two_times(times: list[object]) -> None:
    assert page(*({"first_time": time} for time in times))["chart"] is None


def test_detections_and_techniques_tell_how_often_they_found_something() -> None:
    told = page(*ROWS)
    [detection] = told["detections"]
    assert (detection["title"], detection["findings"], detection["highest"]) == ("A Detection", 3, "90")
    [nothing] = page()["detections"]
    assert (nothing["findings"], nothing["highest"]) == (0, "-")
    real, unreal = told["techniques"]
    assert (real["id"], real["findings"], real["address"]) == (
        *("T1553.005", 3),
        "https://attack.mitre.org/techniques/T1553/005/",
    )
    assert (unreal["id"], unreal["address"]) == ("T9<b>", "")


@pytest.mark.parametrize(
    ("more", "asked"),
    [
        ({}, "all"),
        ({"splunk": "https://x:8089"}, "of each saved search itself"),
        ({"time_range": TimeRange(0.0, None)}, "1970-01-01 00:00:00 to the last event"),
        ({"time_range": TimeRange(None, 1_772_442_840.0)}, "the first event to 2026-03-02 09:14:00"),
    ],
)
def test_the_time_that_was_asked_for_is_told(more: dict[str, object], asked: str) -> None:
    assert page(**more)["asked"] == asked


def test_channels_are_named_to_a_number_and_the_others_counted() -> None:
    told = page(stats=Stats(channels=Counter({f"c{at}": 100 - at for at in range(60)})))
    assert (len(told["channels"]), told["channels"][0], told["more_channels"]) == (50, ("c0", 100), 10)
    assert page()["more_channels"] == 0
