import pytest

from searchhead.lookups import Lookups
from searchhead.spl.operators import Environment
from searchhead.spl.pipeline import compile_pipeline, run
from searchhead.spl.values import Row

EVENTS: list[Row] = [{"_time": 3700.0}, {"_time": 7300.0}]


def charted(spl: str, earliest: float | None, latest: float | None, events: list[Row] = EVENTS) -> list[Row]:
    environment = Environment(lookups=Lookups([]), earliest=earliest, latest=latest)
    return run(compile_pipeline(spl, environment), [dict(event) for event in events])


def bins(spl: str, earliest: float | None, latest: float | None) -> list[tuple[object, object]]:
    return [(row["_time"], row["count"]) for row in charted(spl, earliest, latest)]


def test_bins_reach_over_the_whole_time_range() -> None:
    assert bins("timechart span=1h count", 1800.0, 14400.0) == [(0, 0), (3600, 1), (7200, 1), (10800, 0)]


def test_without_fixedrange_bins_reach_as_far_as_the_events() -> None:
    assert bins("timechart span=1h fixedrange=false count", 0.0, 14400.0) == [(3600, 1), (7200, 1)]


def test_bins_that_the_time_range_cuts_can_be_left_out() -> None:
    assert bins("timechart span=1h partial=false count", 1800.0, 9000.0) == [(3600, 1)]
    assert bins("timechart span=1h partial=true count", 1800.0, 9000.0) == [(0, 0), (3600, 1), (7200, 1)]


def test_no_gap_is_filled_with_cont_false() -> None:
    assert bins("timechart span=10m cont=false count", 0.0, 86400.0) == [(3600, 1), (7200, 1)]


@pytest.mark.parametrize(
    ("seconds", "width"),
    # Search Reference, timechart, default time spans; the last is beyond its table.
    [(900, 10), (3600, 60), (14400, 300), (86400, 1800), (7 * 86400, 86400), (30 * 86400, 86400)],
)
def test_without_a_span_the_time_range_decides(seconds: float, width: int) -> None:
    times = [row["_time"] for row in charted("timechart count", 0.0, float(seconds), [{"_time": 1.0}])]
    assert times == [at * width for at in range(round(seconds / width))]


def test_a_range_of_too_many_bins_is_not_filled() -> None:
    warnings: list[str] = []
    environment = Environment(lookups=Lookups([]), warn=warnings.append)
    rows = run(compile_pipeline("timechart span=1s count", environment), [{"_time": 0.0}, {"_time": 1e9}])
    assert [row["_time"] for row in rows] == [0, 1_000_000_000]
    assert warnings == ["timechart needs more than 50000 bins to fill the gaps; they stay"]
