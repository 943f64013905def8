from __future__ import annotations

from searchhead.lookups import Lookups
from searchhead.spl.grouping import Groups, compile_grouping
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Environment
from searchhead.spl.values import Row


def _groups(text: str, rows: list[Row]) -> Groups:
    groups = Groups(compile_grouping(Cursor(text), Environment(lookups=Lookups())))
    groups.add(rows)
    return groups


def test_rows_may_come_in_portions() -> None:
    groups = _groups("count sum(n) as n by a", [{"a": "x", "n": 1}])
    groups.add([{"a": "x", "n": "2"}, {"a": "y"}])
    assert list(groups.results()) == [{"a": "x", "count": 2, "n": 3}, {"a": "y", "count": 1}]


def test_a_number_and_its_text_are_one_group_which_keeps_the_first_value() -> None:
    assert list(_groups("count by a", [{"a": 1}, {"a": "1"}, {"a": 1.0}]).results()) == [{"a": 1, "count": 3}]


def test_groups_stand_in_the_order_of_their_text() -> None:
    rows = _groups("count by a", [{"a": "9"}, {"a": "10"}, {"a": "B"}, {"a": "a"}]).results()
    assert [row["a"] for row in rows] == ["10", "9", "B", "a"]


def test_two_multivalues_make_every_pair() -> None:
    rows = list(_groups("count by a b", [{"a": ["1", "2"], "b": ["x", "y"]}]).results())
    assert [(row["a"], row["b"]) for row in rows] == [("1", "x"), ("1", "y"), ("2", "x"), ("2", "y")]


def test_a_value_that_occurs_twice_in_a_multivalue_counts_twice() -> None:
    assert list(_groups("count by a", [{"a": ["x", "x"]}]).results()) == [{"a": "x", "count": 2}]


def test_wildcards_find_fields_that_only_later_rows_have() -> None:
    rows = _groups("max(*_n) as most_*", [{"a_n": "1"}, {"b_n": "5", "c": "9"}]).results()
    assert list(rows) == [{"most_a": "1", "most_b": "5"}]


def test_the_result_of_a_group_has_its_nulls() -> None:
    groups = _groups("sum(n) as s count by a", [{"a": "x"}])
    assert groups.result(("x",)) == {"s": None, "count": 1}
