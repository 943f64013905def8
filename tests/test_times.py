from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest

from searchhead.spl.times import (
    InvalidTime,
    InvalidTimeFormat,
    TimeFormat,
    TimeModifier,
    TimePattern,
    moment,
    parse_time,
)

BERLIN = ZoneInfo("Europe/Berlin")
NOW = 1_700_000_000.0  # Tuesday 2023-11-14 22:13:20 UTC


def epoch(year: int, month: int, day: int, *clock: int, zone: tzinfo = UTC) -> float:
    hour, minute, second = (*clock, 0, 0, 0)[:3]
    return datetime(year, month, day, hour, minute, second, tzinfo=zone).timestamp()


@pytest.mark.parametrize(
    ("modifier", "expected"),
    [
        ("now", (2023, 11, 14, 22, 13, 20)),
        ("-1d", (2023, 11, 13, 22, 13, 20)),
        ("-d", (2023, 11, 13, 22, 13, 20)),
        ("+90min", (2023, 11, 14, 23, 43, 20)),
        ("-1h@h", (2023, 11, 14, 21)),
        ("@m", (2023, 11, 14, 22, 13)),
        ("@s", (2023, 11, 14, 22, 13, 20)),
        ("@d", (2023, 11, 14)),
        ("@d+3h", (2023, 11, 14, 3)),
        ("-100m@m", (2023, 11, 14, 20, 33)),
        ("@w", (2023, 11, 12)),
        ("@w0", (2023, 11, 12)),
        ("@w1", (2023, 11, 13)),
        ("@w2", (2023, 11, 14)),
        ("@w3", (2023, 11, 8)),
        ("@w7", (2023, 11, 12)),
        ("-2w", (2023, 10, 31, 22, 13, 20)),
        ("@mon", (2023, 11, 1)),
        ("-1mon@mon", (2023, 10, 1)),
        ("-11mon", (2022, 12, 14, 22, 13, 20)),
        ("@q", (2023, 10, 1)),
        ("-1q", (2023, 8, 14, 22, 13, 20)),
        ("-1year@year", (2022, 1, 1)),
    ],
)
def test_modifiers_move_and_snap(modifier: str, expected: tuple[int, ...]) -> None:
    assert TimeModifier(modifier).apply(NOW, UTC) == epoch(*expected)


def test_a_month_that_lacks_the_day_ends_earlier() -> None:
    assert TimeModifier("+1mon").apply(epoch(2024, 1, 31), UTC) == epoch(2024, 2, 29)


def test_days_keep_the_local_time_of_day_and_hours_do_not() -> None:
    # Berlin put its clocks forward on 2024-03-31.
    noon = epoch(2024, 4, 1, 12, zone=BERLIN)
    assert TimeModifier("-1d").apply(noon, BERLIN) == noon - 86400
    assert TimeModifier("-2d").apply(noon, BERLIN) == noon - 2 * 86400 + 3600
    assert TimeModifier("-48h").apply(noon, BERLIN) == noon - 2 * 86400
    assert TimeModifier("-1d@d").apply(noon, BERLIN) == epoch(2024, 3, 31, zone=BERLIN)


@pytest.mark.parametrize(
    "modifier",
    [
        "",  # nothing
        "1d",  # no sign
        "-1fortnight",  # no such unit
        "-1d@w8",  # no such weekday
        "@",  # nothing to snap to
        "-1d ",  # a blank at the end
        "-1d@d;",  # something at the end
    ],
)
def test_what_is_no_modifier_is_refused(modifier: str) -> None:
    with pytest.raises(InvalidTime, match="is no time modifier"):
        TimeModifier(modifier)


@pytest.mark.parametrize(
    ("modifier", "start"), [("-9999y", NOW), ("+9999999d", NOW), ("-1d", 1e18), ("-99999999999d", NOW)]
)
def test_times_beyond_the_calendar_are_null(modifier: str, start: float) -> None:
    assert TimeModifier(modifier).apply(start, UTC) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1700000000.5", NOW + 0.5),
        ("now", NOW),
        ("-1d@d", epoch(2023, 11, 13)),
        ("2023-11-14T22:13:20Z", NOW),
        ("2023-11-14T23:13:20+01:00", NOW),
        ("2023-11-14 22:13:20", NOW),
        ("2023-11-14", epoch(2023, 11, 14)),
    ],
)
def test_people_write_times_in_three_ways(text: str, expected: float) -> None:
    assert parse_time(text, NOW, UTC) == expected


def test_a_time_without_an_offset_is_meant_in_the_zone() -> None:
    assert parse_time("2023-11-14 23:13:20", NOW, BERLIN) == NOW


@pytest.mark.parametrize("text", ["", "yesterday", "14.11.2023", "-1x", "2023-13-01", "+9999y"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidTime):
        parse_time(text, NOW, UTC)


@pytest.mark.parametrize(
    ("time_format", "expected"),
    [
        ("%Y-%m-%dT%H:%M:%S%z", "2023-11-14T22:13:20+0000"),
        ("%F %T", "2023-11-14 22:13:20"),
        ("%c", "Tue Nov 14 22:13:20 2023"),
        ("%+", "Tue Nov 14 22:13:20 UTC 2023"),
        ("%x %X", "11/14/2023 22:13:20"),
        ("%A %a %B %b", "Tuesday Tue November Nov"),
        ("%I:%M %p", "10:13 PM"),
        ("%y %j %e %k", "23 318 14 22"),
        ("%u %w %V %G %g", "2 2 46 2023 23"),
        ("%3N %6N %9N %N %Q %3Q %f", "123 123456 123456000 123456000 123 123 123456"),
        ("%s", "1700000000"),
        ("%:z %::z %:::z %Z", "+00:00 +00:00:00 +00 UTC"),
        ("100%% %%F", "100% %F"),
    ],
)
def test_times_are_written_in_splunks_variables(time_format: str, expected: str) -> None:
    assert TimeFormat(time_format).write(NOW + 0.123456, UTC) == expected


def test_times_are_written_in_the_zone() -> None:
    assert TimeFormat("%F %T %z").write(NOW, ZoneInfo("America/St_Johns")) == "2023-11-14 18:43:20 -0330"


def test_a_time_before_1970_and_one_beyond_the_calendar() -> None:
    assert TimeFormat("%F %T.%3N %s").write(-0.5, UTC) == "1969-12-31 23:59:59.500 -1"
    assert TimeFormat("%F").write(1e20, UTC) is None
    assert moment(float("inf"), UTC) is None


@pytest.mark.parametrize("time_format", ["%", "%!", "%Ez", "%4N", "%L", "%::::z"])
def test_a_variable_that_is_not_supported_is_refused(time_format: str) -> None:
    with pytest.raises(InvalidTimeFormat):
        TimeFormat(time_format)


@pytest.mark.parametrize(
    ("time_format", "text", "expected"),
    [
        ("%Y-%m-%d %H:%M:%S", "2023-11-14 22:13:20", NOW),
        ("%F %T", "2023-11-14   22:13:20", NOW),
        ("%Y-%m-%dT%H:%M:%S.%QZ", "2023-11-14T22:13:20.250Z", NOW + 0.25),
        ("%Y-%m-%dT%H:%M:%S.%6N%z", "2023-11-14T23:13:20.250000+01:00", NOW + 0.25),
        ("%d/%b/%Y:%H:%M:%S %z", "14/Nov/2023:17:13:20 -0500", NOW),
        ("%A, %B %e, %Y %I:%M:%S %p", "tuesday, november 14, 2023 10:13:20 pm", NOW),
        ("%m/%d/%y", "11/14/23", epoch(2023, 11, 14)),
        ("%m/%d/%y", "1/2/69", epoch(1969, 1, 2)),
        ("%Y %j", "2024 366", epoch(2024, 12, 31)),
        ("%s", "1700000000.5", NOW + 0.5),
        ("%H:%M", "10:30", epoch(2023, 11, 14, 10, 30)),
        ("%Y-%m-%d", "2023-11-14T00:00:00Z and more", epoch(2023, 11, 14)),
        ("%I %p", "12 AM", epoch(2023, 11, 14)),
        ("%Y-%m-%d %Z", "2023-11-14 GMT", epoch(2023, 11, 14)),
        ("%Y-%m-%d", "14.11.2023", None),  # another form
        ("%Y-%m-%d", "2023-02-30", None),  # no such day
        ("%H:%M", "25:00", None),  # no such hour
        ("%I %p", "13 PM", None),  # no such hour of twelve
        ("%Y-%m-%d %Z", "2023-11-14 XYZ", None),  # an unknown zone
        ("%Y-%m-%d", "", None),  # nothing
    ],
)
def test_times_are_read_in_splunks_variables(time_format: str, text: str, expected: float | None) -> None:
    assert TimePattern(time_format).read(text, UTC, NOW) == expected


def test_a_time_without_an_offset_is_read_in_the_zone() -> None:
    assert TimePattern("%F %T").read("2023-11-14 23:13:20", BERLIN, NOW) == NOW


@pytest.mark.parametrize(
    "time_format",
    [
        "%Y-%m",  # no day
        "%d %H:%M",  # no month and year
        "%j",  # no year
        "%H %k",  # the hour twice
        "%U %F",  # weeks cannot be read
    ],
)
def test_a_format_that_leaves_the_date_open_is_refused(time_format: str) -> None:
    with pytest.raises(InvalidTimeFormat):
        TimePattern(time_format)
