import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchhead.lookups import Lookups
from searchhead.spl.expressions import compile_text
from searchhead.spl.functions.mathematics import inverted, logarithm, rounded, shifted_left, shifted_right
from searchhead.spl.operators import Environment
from searchhead.spl.values import Row, Value

ENVIRONMENT = Environment(lookups=Lookups([]))


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (0.5, 0, 1),
        (-0.5, 0, 0),
        (1.005, 2, 1.01),
        (-2.555, 2, -2.55),
        (1234.0, -2, 1200),
        (1e300, 2, 1e300),
        (0.1, 20, 0.1),
    ],
)
def test_exact_halves_go_up(value: float, digits: float, expected: float) -> None:
    assert rounded(value, digits) == expected


@given(st.floats(min_value=-1e9, max_value=1e9), st.integers(min_value=0, max_value=5))
def test_rounding_stays_within_half_a_step(value: float, digits: int) -> None:
    assert abs(rounded(value, digits) - value) <= 0.5 * 10.0**-digits * (1 + 1e-9) + 1e-6


@pytest.mark.parametrize(
    ("row", "greatest", "least"),
    [
        ({"a": "10", "b": "9"}, "10", "9"),
        ({"a": "10", "b": "x"}, "x", "10"),
        ({"a": ["3", "20"], "b": "7"}, "20", "3"),
        ({"b": "7"}, "7", "7"),
        ({"a": "B", "b": "a"}, "a", "B"),
        ({}, None, None),
    ],
)
def test_text_is_greater_than_numbers_and_null_does_not_count(
    row: Row, greatest: Value | None, least: Value | None
) -> None:
    assert compile_text("max(a,b)", ENVIRONMENT).evaluate(row) == greatest
    assert compile_text("min(a,b)", ENVIRONMENT).evaluate(row) == least


def test_logarithms_have_a_base() -> None:
    assert logarithm(1000) == 3
    assert logarithm(8, 2) == pytest.approx(3)


def test_shifts_stay_within_53_bits() -> None:
    assert shifted_left(1.0, 52.0) == 2**52
    assert shifted_left(3.0, 52.0) == 2**52
    assert shifted_left(1.0, 1e6) == 0
    assert shifted_right(2.0**52, 52.0) == 1
    assert inverted(5.0, 7.0) == 2


@pytest.mark.parametrize(
    "spl",
    [
        "bit_and(1.5,1)",  # a fraction
        "bit_or(-1,1)",  # negative
        "bit_xor(9007199254740992,1)",  # 2**53
        'bit_and("x",1)',  # text
        "bit_shift_left(1,-1)",  # a negative distance
        "sqrt(-1)",
        "ln(0)",
        "log(8,1)",
        "pow(-8,1/3)",
        "pow(10,400)",
        "exp(1000)",
        "round(5,-99999999)",
    ],
)
def test_what_has_no_result_is_null(spl: str) -> None:
    assert compile_text(spl, ENVIRONMENT).evaluate({}) is None
