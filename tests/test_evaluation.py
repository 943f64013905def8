from collections.abc import Callable

import pytest

from searchhead.spl.evaluation import (
    Evaluate,
    Expression,
    Result,
    arithmetic,
    comparison,
    joined,
    matches_any,
    membership,
    opposite,
    single_text,
)


def constant(value: Result) -> Expression:
    return Expression(lambda _row: value, "value", 0, 0, constant=True)


def varying(value: Result) -> Expression:
    return Expression(lambda _row: value, "value", 0, 0)


@pytest.mark.parametrize("make", [constant, varying])
@pytest.mark.parametrize(
    ("left", "symbol", "right", "expected"),
    [
        ("a", "=", "a", True),
        ("a", "==", "A", False),
        ("5", "=", 5.0, True),
        ("5", "!=", "6", True),
        ("10", ">", "9", True),
        ("10", ">", "9x", False),
        (None, "=", "a", None),
        ("a", "!=", None, None),
        (["a", "b"], "=", "b", True),
        (["a", "b"], "=", "c", False),
        (["a", "b"], "!=", "a", True),
        (["a", "a"], "!=", "a", False),
        (["1", "20"], ">=", 20, True),
        (5, "=", "five", False),
        ("five", ">", 5, True),  # as text
        (["five", "4"], "<", 5, True),
        (None, "<", 5, None),
    ],
)
def test_comparisons(
    left: Result, symbol: str, right: Result, expected: bool | None, make: Callable[[Result], Expression]
) -> None:
    assert comparison(symbol, varying(left), make(right))({}) is expected


@pytest.mark.parametrize(
    ("left", "symbol", "right", "expected"),
    [
        ("2", "+", 3, 5),
        ("a", "+", "b", "ab"),
        ("a", "+", "1", None),  # a text and a number have no sum
        (None, "+", 1, None),
        (7, "-", "2", 5),
        (7, "*", "x", None),
        (7, "/", 2, 3.5),
        (7, "/", 0, None),
        (-7, "%", 4, -3),
        (7, "%", 0, None),
        (["1", "2"], "+", 1, None),  # a multivalue is no number
        (9007199254740993, "+", 0, 9007199254740992),  # doubles
    ],
)
def test_arithmetic(left: Result, symbol: str, right: Result, expected: Result) -> None:
    assert arithmetic(symbol, varying(left).evaluate, varying(right).evaluate)({}) == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [(["a", 5, 1.5], "a51.5"), (["a", None], None), (["a", ["b", "c"]], None), ([5, 5.0], "55")],
)
def test_joining_reads_numbers_as_text(parts: list[Result], expected: str | None) -> None:
    operands: list[Evaluate] = [varying(part).evaluate for part in parts]
    assert joined(operands)({}) == expected


@pytest.mark.parametrize(
    ("value", "members", "expected"),
    [
        ("a", ["a", "b"], True),
        ("c", ["a", "b"], False),
        (["x", "b"], ["a", "b"], True),
        (None, ["a"], None),
        ("5.0", ["x", 5], True),
        ("z", ["x", 5], False),
        (5, ["a"], False),
        ("x", ["x", 5], True),
        (["y", "05"], ["x", 5], True),
        (0.5, ["x", ".50"], True),
        (None, ["x", 5], None),
    ],
)
@pytest.mark.parametrize("make", [constant, varying])
def test_membership_is_equality_with_any_member(
    value: Result, members: list[Result], expected: bool | None, make: Callable[[Result], Expression]
) -> None:
    assert membership(varying(value), [make(member) for member in members])({}) is expected


def test_a_truth_value_is_no_text_and_text_has_no_opposite() -> None:
    assert single_text(True) is None
    assert opposite(varying("x").evaluate)({}) is None
    assert opposite(varying("-2").evaluate)({}) == 2


def test_matching_takes_any_value_and_numbers_as_text() -> None:
    assert matches_any(5.0, "5".__eq__) is True
    assert matches_any(["a", "b"], "b".__eq__) is True
    assert matches_any(None, "b".__eq__) is None
