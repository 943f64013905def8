from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchhead.spl.rawterms import case_sensitive_term, fragments, term, whole_term


@pytest.mark.parametrize(
    ("wanted", "raw", "found"),
    [
        ("855", "<EventID>855</EventID>", True),
        ("855", "18550", False),
        ("855", "8550", False),
        ("855", "855", True),
        ("855", "18550 and 855", True),
        ("foo", "foo_bar", True),  # the underscore is a minor breaker
        ("foo", "foöbar", False),
        ("C:\\Temp", "run c:\\temp\\x.exe", True),
        ("-AllowUnsigned", "Add-AppxPackage -allowunsigned", True),
        ("Allow*", "-AllowUnsigned", True),
        ("*Unsigned", "-AllowUnsigned", True),
        ("*nsign*", "-AllowUnsigned", True),
        ("Allow*signed", "-AllowUnsigned", True),
        ("Allow*x", "-AllowUnsigned x", False),  # no wildcard reaches over a blank
        ("a*b*c", "a1b2c", True),
        ("a*b*c", "a1b2c3", False),  # ends within a token
        ("a*b*c", "a1c2b", False),
    ],
)
def test_a_term_is_found_between_breakers(wanted: str, raw: str, found: bool) -> None:
    assert term(wanted)({"_raw": raw}) is found


def test_without_raw_no_term_is_found() -> None:
    assert term("x")({"a": "x"}) is False


def test_term_directive_ignores_minor_breakers() -> None:
    assert whole_term("10.1")({"_raw": "ip=10.1"}) is False
    assert whole_term("10.1")({"_raw": "(10.1)"}) is True


def test_case_directive_does_not_ignore_case() -> None:
    assert case_sensitive_term("Foo")({"_raw": "a-Foo"}) is True
    assert case_sensitive_term("Foo")({"_raw": "a-foo"}) is False


def test_hostile_text_does_not_slow_a_wildcard_down() -> None:
    started = time.process_time()
    assert term("a*b*c*d*e*f*g")({"_raw": "abcdef" * 2_000}) is False
    # Backtracking over six wildcards would take hours.
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("855", "855"),
        ("Microsoft-Windows-AppX/Operational", "microsoft-windows-appx"),
        ("{0A1B2C3D-0000-1111-2222-333344445555}", "0a1b2c3d-0000-1111-2222-333344445555"),
        ("a&b", "a"),  # XML writes &amp;
        ("say 'hello'", "hello"),
        ("mäßig", "ig"),  # two of the letters have several forms
        ("2026-03-02T09:14:00.1234560Z", "2026-03-02t09"),  # a log may have the fraction without its last zero
        ("1234560Z", None),
        ("*560Z", None),
        ("*0*", None),
        ("*-0Z*", "-0z"),  # no fraction has a hyphen
        ("<>", None),
        (">4688</EventID>", "4688"),  # the name of an element is in every event of the kind
        ("</EventID>", None),
    ],
)
def test_a_fragment_is_in_every_form_of_a_text_in_which_the_term_is_found(wanted: str, found: str | None) -> None:
    assert fragments(wanted) == (None if found is None else frozenset((found,)))


def test_where_a_star_is_a_character_the_rest_is_no_part_of_a_token() -> None:
    assert fragments("12*3456", wildcards=False) == frozenset(("3456",))


@given(
    st.text(alphabet="ab0Z-_./*&' \u00e4", min_size=1, max_size=12), st.text(alphabet="ab0Z-_./&' \u00e4", max_size=30)
)
def test_a_term_that_is_found_has_its_fragment_in_the_text(wanted: str, raw: str) -> None:
    found = fragments(wanted)
    if wanted.strip("*") and found and term(wanted)({"_raw": raw}):
        assert any(one in raw.lower() for one in found)
