from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchhead.spl.values import Row, Value, compare, multivalue, number, put, text, texts, whole, wildcard


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, 5.0),
        ("5", 5.0),
        (" -5.5 ", -5.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("", None),  # no digits
        ("5 apples", None),  # text after the number
        ("0x10", None),  # hexadecimal needs tonumber
        ("1_000", None),  # Python's digit separator
        ("nan", None),  # a name, not digits
        ("inf", None),  # a name, not digits
        ("\N{ARABIC-INDIC DIGIT FIVE}", None),  # a digit, but not an ASCII one
        (["5", "6"], None),  # a multivalue is no number
        (True, None),  # a truth value is no number
        (None, None),
    ],
)
def test_a_number_is_a_number_or_text_that_looks_like_one(value: Value | bool | None, expected: float | None) -> None:
    assert number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", "a"),
        (5, "5"),
        (5.0, "5"),
        (-0.5, "-0.5"),
        (1e17, "100000000000000000"),
        (1700000000.123456, "1700000000.123456"),
    ],
)
def test_whole_numbers_are_written_without_a_point(value: str | int | float, expected: str) -> None:
    assert text(value) == expected


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_survives_being_written_as_text(value: float) -> None:
    assert number(text(value)) == value


def test_texts_and_multivalue_undo_each_other() -> None:
    assert (texts(None), texts(5), texts(["a", "b"])) == ([], ["5"], ["a", "b"])
    assert (multivalue([]), multivalue(["a"]), multivalue(iter("ab"))) == (None, "a", ["a", "b"])


def test_putting_null_removes_the_field() -> None:
    row: Row = {"a": "1"}
    put(row, "b", "")
    put(row, "a", None)
    put(row, "absent", None)
    assert row == {"b": ""}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("9", "10", -1),
        (10, "9.5", 1),
        ("5.0", 5, 0),
        ("10", "9x", -1),  # one is text, so both are
        ("B", "a", -1),  # code points: upper case first
        ("", "a", -1),
        ("é", "z", 1),
    ],
)
def test_two_numbers_compare_as_numbers_and_all_else_as_text(
    one: str | int | float, other: str | int | float, expected: int
) -> None:
    assert compare(one, other) == expected
    assert compare(other, one) == -expected


def test_a_wildcard_matches_the_whole_text_in_any_case() -> None:
    matches = wildcard("*\\Temp\\*.exe").fullmatch
    assert matches("C:\\TEMP\\a.EXE")
    assert matches("x\\temp\\two\nlines.exe")
    assert not matches("C:\\temp\\a.exe.txt")
    assert not wildcard("a*", ignore_case=False).fullmatch("Ab")


@given(st.text("ab", max_size=12), st.text("ab*", max_size=8))
def test_a_wildcard_matches_what_a_file_pattern_matches(value: str, pattern: str) -> None:
    assert bool(wildcard(pattern).fullmatch(value)) == fnmatchcase(value, pattern)


def test_a_hostile_text_does_not_make_a_wildcard_try_all_combinations() -> None:
    # Would not end if it did.
    assert not wildcard("*a" * 30 + "*b").fullmatch("a" * 2_000)


@pytest.mark.parametrize(
    ("value", "expected"), [("5.9", 5), (-5.9, -5), ("1e999", None), (float("nan"), None), ("x", None), (None, None)]
)
def test_a_whole_number_is_cut_towards_zero(value: Value | None, expected: int | None) -> None:
    assert whole(value) == expected
