from __future__ import annotations

import pytest

from searchhead.spl.aggregates import AGGREGATES, aggregate
from searchhead.spl.values import Value


def _result(name: str, values: list[Value], warnings: list[str] | None = None) -> Value | None:
    make = aggregate(name)
    assert make is not None
    accumulator = make((warnings if warnings is not None else []).append)
    for index, value in enumerate(values):
        accumulator.add(value, {"_time": 100 - index})
    return accumulator.result()


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("count", ["a", ["b", "c"]], 3),
        ("dc", ["1", 1, "1.0", ["1", "x"]], 3),  # as text: 1, 1.0, x
        ("values", ["9", "10", ["100", "70"], 9], ["10", "100", "70", "9"]),
        ("list", ["b", ["a", "b"]], ["b", "a", "b"]),
        ("min", ["9", "10", "x"], "9"),
        ("max", ["9", "10"], "10"),
        ("max", ["9", "10", "B", "a"], "a"),
        ("sum", ["1", "2.5", "x", ["1", "y"]], 4.5),
        ("avg", ["1", "2", "x"], 1.5),
        ("mean", ["1", "3"], 2),
        ("median", ["5"], 5),
        ("perc0", ["3", "1", "2"], 1),
        ("p100", ["3", "1", "2"], 3),
        ("p99.5", ["7"], 7),
        ("exactperc50", ["1", "2"], 1.5),
        ("upperperc25", ["1", "2", "3", "4", "5"], 2),
        ("range", ["5", "-5"], 10),
        ("sumsq", ["2", "3"], 13),
        ("varp", ["1", "3"], 1),
        ("mode", ["b", "a", "a", "b"], "b"),  # of equals the first seen
        ("first", ["x", "y"], "x"),
        ("last", ["x", "y"], "y"),
        ("earliest", ["new", "old"], "old"),
        ("latest", ["new", "old"], "new"),
        ("earliest_time", ["new", "old"], 99),
        ("rate", ["10", "4"], 6),
    ],
)
def test_functions_give_what_the_reference_says(name: str, values: list[Value], expected: Value) -> None:
    assert _result(name, values) == expected


@pytest.mark.parametrize("name", ["sum", "avg", "median", "range", "stdev", "var", "sumsq", "p95"])
def test_functions_of_numbers_are_null_without_numbers(name: str) -> None:
    assert _result(name, ["x", ""]) is None


@pytest.mark.parametrize(
    "name", [name for name in AGGREGATES if name not in ("c", "count", "dc", "distinct_count", "estdc", "estdc_error")]
)
def test_functions_but_the_counts_are_null_without_values(name: str) -> None:
    assert _result(name, []) is None


def test_list_keeps_a_hundred_values_and_warns() -> None:
    warnings: list[str] = []
    assert _result("list", [str(number) for number in range(101)], warnings) == [str(number) for number in range(100)]
    assert warnings == ["list() met 101 values in a group, only the first 100 are kept"]


def test_rows_without_a_time_have_no_place_in_time() -> None:
    make = aggregate("latest")
    assert make is not None
    accumulator = make(print)
    accumulator.add("x", {"a": "1"})
    assert accumulator.result() is None


@pytest.mark.parametrize("name", ["frob", "perc", "perc101", "percx", "p-1", "sparkline"])
def test_names_that_are_no_functions_are_not_known(name: str) -> None:
    assert aggregate(name) is None
