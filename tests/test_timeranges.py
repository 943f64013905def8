from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from searchhead.spl.timeranges import TimeModifiers, TimeRange
from searchhead.spl.times import InvalidTime
from searchhead.spl.values import Row

NOW = 1_700_000_000.0  # 2023-11-14 22:13:20 UTC


def modifiers(**given: str) -> TimeModifiers:
    times = TimeModifiers(NOW, UTC)
    for name, written in given.items():
        times.add(name, written)
    return times


@pytest.mark.parametrize(
    ("time_range", "held"),
    [
        (TimeRange(), [1, 2, 3]),
        (TimeRange(2), [2, 3]),
        (TimeRange(latest=3), [1, 2]),
        (TimeRange(2, 3), [2]),
        (TimeRange(2, 2), []),
    ],
)
def test_the_earliest_time_counts_in_and_the_latest_does_not(time_range: TimeRange, held: list[int]) -> None:
    assert [time for time in (1, 2, 3) if time_range.holds(time)] == held


def test_a_range_over_others_is_open_where_one_of_them_is() -> None:
    assert TimeRange.over([TimeRange(2, 5), TimeRange(1, 3)]) == TimeRange(1, 5)
    assert TimeRange.over([TimeRange(2, 5), TimeRange(None, 7)]) == TimeRange(None, 7)
    assert TimeRange.over([TimeRange(2), TimeRange(3, 5)]) == TimeRange(2)
    assert TimeRange.over([]) == TimeRange()


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("now", NOW),
        ("-1h@h", 1_699_995_600),  # 21:00
        ("@w1", 1_699_833_600),  # Monday the 13th
        ("1699833600.5", 1_699_833_600.5),
        ("11/13/2023:00:00:00", 1_699_833_600),
    ],
)
def test_a_time_is_a_modifier_seconds_or_a_date(written: str, time: float) -> None:
    assert modifiers(earliest=written).time_range == TimeRange(time, NOW)


def test_a_date_is_meant_in_the_time_zone_of_the_search() -> None:
    times = TimeModifiers(NOW, ZoneInfo("Europe/Berlin"))
    times.add("latest", "11/13/2023:00:00:00")
    assert times.time_range == TimeRange(None, 1_699_830_000)


def test_times_of_indexing_leave_the_time_range_as_it_is() -> None:
    times = modifiers(_index_earliest="-1h", _index_latest="now")
    assert (times.time_range, len(times)) == (None, 2)
    [earliest, latest] = times.terms()
    row: Row = {"_time": 0, "_indextime": NOW}
    assert (earliest.matches(row), latest.matches(row)) == (True, False)


@pytest.mark.parametrize("written", ["", "tomorrow", "rt", "2023-11-13", "13/11/2023:00:00:00", "-1fortnight"])
def test_what_is_no_time_is_refused(written: str) -> None:
    with pytest.raises(InvalidTime):
        modifiers(earliest=written)


def test_a_modifier_stands_once() -> None:
    times = modifiers(earliest="-1h")
    with pytest.raises(InvalidTime, match="there already"):
        times.add("earliest", "-2h")
