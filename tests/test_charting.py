from dataclasses import replace

from searchhead.lookups import Lookups
from searchhead.spl.charting import Choice, Record, Style, Table
from searchhead.spl.grouping import compile_aggregation
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Environment
from searchhead.spl.values import Row

ENVIRONMENT = Environment(lookups=Lookups([]))
COUNT = compile_aggregation(Cursor("count"), ENVIRONMENT)
SUM = compile_aggregation(Cursor("sum(n)"), ENVIRONMENT)
RECORDS: list[Record] = [
    ("r", "a", {"n": 1}),
    ("r", "a", {"n": 1}),
    ("s", "b", {"n": 5}),
    ("s", "c", {"n": 3}),
    ("s", None, {"n": 7}),
]


def rows(style: Style | None, *, keys: tuple[str, ...] = ("r", "s")) -> list[Row]:
    return [row for _key, row in Table([SUM], style, lambda _warning: None).rows(RECORDS, keys)]


def test_each_value_is_a_series_and_a_missing_one_is_null() -> None:
    assert rows(Style()) == [{"a": 2}, {"b": 5, "c": 3, "NULL": 7}]


def test_the_series_with_the_greatest_sums_stay() -> None:
    assert rows(Style(Choice(1))) == [{"OTHER": 2}, {"b": 5, "OTHER": 3, "NULL": 7}]
    assert rows(Style(Choice(1, bottom=True), useother=False, usenull=False)) == [{"a": 2}, {}]


def test_a_threshold_chooses_series() -> None:
    above = Choice(None, above=2.5, function=SUM)
    assert rows(Style(above, useother=False, usenull=False)) == [{}, {"b": 5, "c": 3}]
    assert rows(Style(replace(above, above=None, below=5), useother=False, usenull=False)) == [{"a": 2}, {"c": 3}]


def test_without_a_style_there_are_no_series() -> None:
    records: list[Record] = [("r", None, row) for _key, _series, row in RECORDS]
    table = Table([COUNT, SUM], None, lambda _warning: None)
    assert table.rows(records, ["r", "empty"]) == [("r", {"count": 5, "sum(n)": 17}), ("empty", {"count": 0})]


def test_a_function_for_a_length_of_time_knows_the_width_of_its_row() -> None:
    per_hour = compile_aggregation(Cursor("per_hour(n)"), ENVIRONMENT, over_time=True)
    table = Table([per_hour], None, lambda _warning: None)
    assert table.rows([(0.0, None, {"n": 3})], [0.0], lambda _key: 1800.0) == [(0.0, {"per_hour(n)": 6})]
