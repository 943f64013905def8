import pytest

from searchhead.lookups import Lookups
from searchhead.spl.errors import SplError
from searchhead.spl.expressions import compile_text
from searchhead.spl.functions.texts import split, substr, tonumber
from searchhead.spl.operators import Environment
from searchhead.spl.values import Value

ENVIRONMENT = Environment(lookups=Lookups([]))


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        (1, None, "abcdef"),
        (0, 2, "ab"),
        (3, 2, "cd"),
        (-2, None, "ef"),
        (-3, 2, "de"),
        (-99, 2, "ab"),
        (99, None, ""),
        (2, 0, ""),
        (2, -1, ""),
        ("2", "3", "bcd"),
        (1.9, 2.9, "ab"),
        ("x", None, None),  # no position
        (1, "x", None),  # no length
    ],
)
def test_substr_counts_from_one_or_from_the_end(start: Value, length: Value | None, expected: str | None) -> None:
    assert substr("abcdef", start, length) == expected


@pytest.mark.parametrize(
    ("value", "base", "expected"),
    [
        ("0x1F", 16, 31),
        ("ff", 16, 255),
        ("-101", 2, -5),
        ("z", 36, 35),
        (" 7 ", 8, 7),
        ("1.5", 10, 1.5),
        (12, 16, 18),
        ("8", 8, None),  # no digit of the base
        ("1_0", 16, None),  # Python's digit separator
        ("ff", 1, None),  # no base
        ("ff", 37, None),  # no base
        ("ff", "x", None),  # no base
        (["1", "2"], 10, None),  # a multivalue
        ("", 16, None),  # no digits
    ],
)
def test_tonumber_reads_digits_of_a_base(value: Value, base: Value, expected: float | None) -> None:
    assert tonumber(value, base) == expected


def test_split_takes_every_value_of_a_multivalue_and_may_cut_characters() -> None:
    assert split(["a,b", "c"], ",") == ["a", "b", "c"]
    assert split("abc", "") == ["a", "b", "c"]
    assert split("", ",") == ""


@pytest.mark.parametrize(
    ("spl", "expected"),
    [
        (r'replace("abc", "(b)(x)?", "[\2\1]")', "a[b]c"),
        (r'replace("abc", "b", "<\0>")', "a<b>c"),
        (r'replace("abc", "b", "\\\\")', "a\\c"),
        (r'replace("abc", "b", "\q")', r"a\qc"),
        (r'replace("a\"b", "\"", "")', "ab"),
        ('replace("aXbx", "(?i)x", "-")', "a-b-"),
    ],
)
def test_replacements_may_name_groups(spl: str, expected: str) -> None:
    assert compile_text(spl, ENVIRONMENT).evaluate({}) == expected


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("1234567", "1,234,567"),
        ("-1234.5", "-1,234.50"),
        ("0.005", "0.01"),
        ("abc", "abc"),
        (["a", "b"], ["a", "b"]),
        (None, None),
    ],
)
def test_commas(value: Value | None, written: Value | None) -> None:
    assert compile_text('tostring(a,"commas")', ENVIRONMENT).evaluate({"a": value} if value else {}) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(0, "00:00:00"), (59.5, "00:00:59.500000"), (86400, "1+00:00:00"), (-61, "-00:01:01"), (359999, "4+03:59:59")],
)
def test_durations(value: float, written: str) -> None:
    assert compile_text('tostring(a,"duration")', ENVIRONMENT).evaluate({"a": value}) == written


@pytest.mark.parametrize(
    ("spl", "expected"),
    [
        ('printf("%d%%", 5.9)', "5%"),
        ('printf("%i %u", 5, 6)', "5 6"),
        ('printf("[%c] [%3c]", "xyz", "")', "[x] [   ]"),
        ('printf("%+.1e", 12345)', "+1.2e+04"),
        ('printf("%d", "abc")', "0"),
        ('printf("%s", missing)', None),
        ('printf("plain")', "plain"),
    ],
)
def test_printf(spl: str, expected: str | None) -> None:
    assert compile_text(spl, ENVIRONMENT).evaluate({}) == expected


@pytest.mark.parametrize(
    ("spl", "message"),
    [
        ('printf("%*d", a)', "the conversion at '%\\*d' is not supported"),
        ('printf("50%")', "the conversion at '%' is not supported"),
        ('printf("%d")', "the format takes 1 values, not 0"),
        ('printf("", a)', "the format takes 0 values, not 1"),
        (r'replace(a, "(b)", "\2")', "has no group 2"),
        ('tostring(a, "Hex")', '"Hex" is no format; supported are binary commas duration hex'),
    ],
)
def test_what_a_text_function_cannot_do_is_refused(spl: str, message: str) -> None:
    with pytest.raises(SplError, match=message):
        compile_text(spl, ENVIRONMENT)
