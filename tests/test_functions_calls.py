import pytest

from searchhead.lookups import Lookups
from searchhead.spl.errors import SplError
from searchhead.spl.evaluation import Expression
from searchhead.spl.functions.calls import MANY, Call, Function, on_numbers, on_text, on_values
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Environment
from searchhead.spl.values import Value

SPL = "f(a, b)"


def call(*values: Value | bool | None, constant: bool = True) -> Call:
    kinds = ["truth" if isinstance(value, bool) else "value" for value in values]
    arguments = [
        Expression(lambda _row, value=value: value, kind, 2 + 3 * at, 3 + 3 * at, constant=constant)  # type: ignore[arg-type, misc]  # kinds are the two words
        for at, (value, kind) in enumerate(zip(values, kinds, strict=True))
    ]
    return Call("f", arguments, Cursor(SPL), Environment(lookups=Lookups([])), 0, len(SPL))


@pytest.mark.parametrize(
    ("least", "most", "expected"),
    [(1, 1, "1 argument"), (2, 2, "2 arguments"), (1, 2, "1 to 2 arguments"), (1, MANY, "at least 1 argument")],
)
def test_a_function_tells_how_many_arguments_it_takes(least: int, most: int, expected: str) -> None:
    assert Function(on_values(str), least, most).arity() == expected


def test_a_null_argument_gives_null_without_a_call() -> None:
    assert on_values(lambda _value: "never")(call(None)).evaluate({}) is None
    assert on_values(lambda _one, _two: "never")(call("a", None)).evaluate({}) is None
    assert on_numbers(lambda _one, _two: 1)(call(5, "text")).evaluate({}) is None


def test_a_number_that_is_not_defined_is_null() -> None:
    assert on_numbers(lambda value: 1 / value)(call(0)).evaluate({}) is None
    assert on_numbers(lambda value: 1 / value)(call("4")).evaluate({}) == 0.25


def test_text_functions_take_a_multivalue_value_by_value_and_numbers_as_text() -> None:
    assert on_text(str.upper)(call(["a", "b"])).evaluate({}) == ["A", "B"]
    assert on_text(len)(call(5.0)).evaluate({}) == 1
    assert on_text(lambda value: value if value == "b" else None)(call(["a", "b"])).evaluate({}) == "b"


def test_a_call_is_constant_when_its_arguments_are_and_it_says_so() -> None:
    assert call("a").expression(lambda _row: 1).constant
    assert not call("a", constant=False).expression(lambda _row: 1).constant
    assert not call("a").expression(lambda _row: 1, constant=False).constant


def test_an_argument_of_the_wrong_kind_is_an_error_at_its_place() -> None:
    for check in (call("a", True).values, lambda: call(True, "b").condition(1)):
        with pytest.raises(SplError) as caught:
            check()
        assert SPL[caught.value.start : caught.value.end] == "b"


def test_what_must_be_known_before_the_first_row_is_checked_there() -> None:
    assert call("a", 5).constant_text(1, "the format") == "5"
    with pytest.raises(SplError, match="f: the format must be a text that does not depend on fields"):
        call("a", "b", constant=False).constant_text(1, "the format")
    with pytest.raises(SplError, match="f: could not convert string to float: 'b'"):
        call("a", "b").checked(1, float, "the number")
