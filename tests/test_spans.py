from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchhead.spl.spans import InvalidSpan, LogSpan, NumberSpan, fitting, power_of_ten, span, time_span

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("5m", 300), ("m", 60), ("2h", 7200), ("1day", 86_400), ("1w@w1", 604_800), ("100ms", 0.1)],
)
def test_a_span_of_time_is_a_number_and_a_unit(text: str, seconds: float) -> None:
    assert time_span(text).seconds == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",  # nothing
        "5",  # a number alone is no span of time
        "0s",  # no width
        "5x",  # no unit
        "-5m",  # spans do not go back
        "300ms",  # does not divide a second
        "1000ms",  # a second
        "5m@w1",  # only weeks begin on weekdays
        "1w@w8",  # no weekday
        "5m 1",
    ],
)
def test_what_is_no_span_of_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidSpan):
        time_span(text)


def test_a_span_is_of_three_kinds() -> None:
    assert span("10") == NumberSpan(10)  # type: ignore[arg-type]  # equal to the Decimal that it holds
    assert span("2log5") == LogSpan(2, 5)
    assert span("log") == LogSpan(1, 10)
    assert span("10s") == time_span("10s")


@pytest.mark.parametrize("text", ["0", "0.0", "1.2.3", "log1", "5log5", "0.5log2"])
def test_numbers_and_logarithms_have_bounds(text: str) -> None:
    with pytest.raises(InvalidSpan):
        span(text)


def test_days_follow_the_local_clock_over_a_change_of_it() -> None:
    day = time_span("1d")
    begin = day.floor(at("2024-03-31T12:00:00+02:00"), BERLIN)
    assert begin == at("2024-03-31T00:00:00+01:00")
    assert day.next(begin, BERLIN) == at("2024-04-01T00:00:00+02:00")


def test_months_and_quarters_begin_on_their_first_day() -> None:
    moment = at("2024-02-29T10:00:00+00:00")
    assert time_span("1mon").floor(moment, UTC) == at("2024-02-01T00:00:00+00:00")
    assert time_span("1q").next(moment, UTC) == at("2024-04-01T00:00:00+00:00")
    assert time_span("1y").floor(moment, UTC) == at("2024-01-01T00:00:00+00:00")


@given(
    st.floats(-1e10, 1e10),
    st.sampled_from(["1s", "7s", "5m", "1h", "12h", "1d", "3d", "1w", "1w@w1", "1mon", "1q", "1y"]),
)
def test_a_time_lies_between_the_beginnings_of_its_bin_and_the_next(epoch: float, text: str) -> None:
    width = time_span(text)
    begin = width.floor(epoch, BERLIN)
    end = width.next(begin, BERLIN)
    assert begin <= epoch < end
    assert width.floor(begin, BERLIN) == begin


# Search Reference, timechart: the default spans for the predefined time ranges, in minutes.
@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(15, "10s"), (60, "1m"), (240, "5m"), (1440, "30m"), (7 * 1440, "1d"), (30 * 1440, "1d"), (365 * 1440, "1mon")],
)
def test_the_fitting_span_is_the_documented_default(minutes: int, expected: str) -> None:
    assert fitting(minutes * 60, 100) == time_span(expected)


def test_no_span_is_shorter_than_the_least_wanted() -> None:
    assert fitting(60, 100, time_span("15m")) == time_span("30m")
    assert fitting(60, 100, time_span("2y")) == time_span("2y")


def test_the_width_of_numbers_is_a_power_of_ten() -> None:
    assert [power_of_ten(extent, 10).label(0) for extent in (0, 0.5, 10, 10.5, 1000)] == [
        "0-1",
        "0-0.1",
        "0-1",
        "0-10",
        "0-100",
    ]


def test_decimals_are_exact() -> None:
    found = span("0.1")
    assert isinstance(found, NumberSpan)
    assert found.label(0.3) == "0.3-0.4"


@given(st.floats(-1e300, 1e300), st.sampled_from(["0.001", "7", "1000", "log", "2log5"]))
def test_every_number_has_a_bin_but_for_a_logarithm_it_must_be_above_zero(value: float, text: str) -> None:
    found = span(text)
    assert isinstance(found, (NumberSpan, LogSpan))
    assert (found.label(value) is None) == (isinstance(found, LogSpan) and value <= 0)


def test_a_bin_that_ends_beyond_doubles_has_no_name() -> None:
    assert LogSpan(1, 10).label(1.7e308) is None
