"""A warning wherever a limit of Splunk's cuts results, or a double cannot hold a number."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from searchhead.lookups import Lookup, Lookups
from searchhead.spl.operators import Environment
from searchhead.spl.pipeline import compile_pipeline, run
from searchhead.spl.values import Row


def _warnings(spl: str, rows: Sequence[Row], lookups: Sequence[Lookup] = ()) -> list[str]:
    warnings: dict[str, None] = {}
    known = Lookups()
    for lookup in lookups:
        known.add(lookup)
    environment = Environment(
        lookups=known,
        events=lambda: (dict(row) for row in rows),
        warn=lambda message: warnings.update({message: None}),
    )
    run(compile_pipeline(spl, environment), [dict(row) for row in rows])
    return list(warnings)


def _rows(count: int) -> list[Row]:
    return [{"n": str(number)} for number in range(count)]


def _table(count: int, **definition: str | int) -> Lookup:
    return Lookup.from_rows("l", [{"k": "a", "v": str(number)} for number in range(count)], definition)


@pytest.mark.parametrize(
    ("spl", "most", "warning"),
    [
        ("sort n", 10_000, "sort met 10001 rows and keeps 10000; write sort 0 to keep all"),
        ("search [search n=* | fields n]", 10_000, "a subsearch gave 10001 rows, only the first 10000 count"),
        ("stats list(n)", 100, "list() met 101 values in a group, only the first 100 are kept"),
    ],
)
def test_one_row_more_than_the_limit_warns(spl: str, most: int, warning: str) -> None:
    assert _warnings(spl, _rows(most)) == []
    assert _warnings(spl, _rows(most + 1)) == [warning]


def test_a_limit_that_the_search_lifts_does_not_warn() -> None:
    assert _warnings("sort 0 n", _rows(10_001)) == []


def test_a_join_takes_fifty_thousand_rows() -> None:
    [warning] = _warnings("head 1 | join n [search n=*]", _rows(50_001))
    assert "50001" in warning
    assert "50000" in warning
    assert _warnings("head 1 | join n [search n=*]", _rows(50_000)) == []


def test_more_matches_than_max_matches_warn() -> None:
    event: list[Row] = [{"k": "a"}]
    assert _warnings("lookup l k OUTPUT v", event, [_table(2, max_matches=2)]) == []
    assert _warnings("lookup l k OUTPUT v", event, [_table(3, max_matches=2)]) == [
        "lookup l: more rows match than its max_matches, 2, lets through; the others are lost"
    ]
    assert _warnings("lookup l k OUTPUT v", event, [_table(1001)]) == [
        "lookup l: more rows match than its max_matches, 1000, lets through; the others are lost"
    ]


def test_the_first_match_alone_is_what_max_matches_1_asks_for() -> None:
    assert _warnings("lookup l k OUTPUT v", [{"k": "a"}], [_table(3, max_matches=1)]) == []


# 2**53 is 9007199254740992: the last number before which a double holds every whole number.
@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("big%2", "big%2"),  # an operand that is too large, with a small result
        ("1+big", "1+big"),
        ("big-1", "big-1"),
        ("last*2", "last*2"),  # a result that is too large
        ("tonumber(hex, 16)", "tonumber(hex, 16)"),
        ("tonumber(big)", "tonumber(big)"),
        ("bit_and(big, 1)", "bit_and(big, 1)"),  # gives null, which says too little
        ("floor(big / 4)", "big / 4"),
    ],
)
def test_a_number_that_a_double_does_not_hold_warns(expression: str, shown: str) -> None:
    row: Row = {"big": "18014673387388930", "last": "9007199254740991", "hex": "40004000000002"}
    assert _warnings(f"eval x={expression}", [row]) == [
        f"a number of 2^53 or more in {shown}: not all its digits count, for numbers are doubles"
    ]


@pytest.mark.parametrize(
    "expression", ["last%2", "last-1", "last/3", "tonumber(last)", "bit_and(last, 1)", 'big." is text"', "len(big)"]
)
def test_a_number_that_a_double_holds_does_not_warn(expression: str) -> None:
    row: Row = {"last": "9007199254740991", "big": "18014673387388930"}
    assert _warnings(f"eval x={expression}", [row]) == []


def test_a_sum_that_grows_too_large_warns() -> None:
    rows: list[Row] = [{"n": "9007199254740991"}, {"n": "1"}]
    assert _warnings("stats sum(n)", rows[:1]) == []
    assert _warnings("stats sum(n)", rows) == [
        "sum() gave a number of 2^53 or more: not all its digits count, for numbers are doubles"
    ]
