from __future__ import annotations

import time

import pytest

from searchhead.spl.rawterms import case_sensitive_term, term, whole_term


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
