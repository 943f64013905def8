"""Patterns in the cells of lookups."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchhead.lookuppatterns import Network, Wildcard
from searchhead.spl.values import wildcard


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("abc", ["abc"], ["ab", "abcd", "ABC", ""]),
        ("*", ["", "anything\nat all"], []),
        ("", [""], ["a"]),
        ("a*", ["a", "abc"], ["ba", ""]),
        ("*a", ["a", "cba"], ["ab", ""]),
        ("a*a", ["aa", "aba"], ["a"]),  # the ends may not share a character
        ("*ab*ba*", ["abba", "xab-bax"], ["aba", "baab"]),
        ("* curl *", [" curl x ", "sh curl "], [" curlx ", "curl "]),
        ("a**b", ["ab", "axb"], ["a"]),
        ("a.c", ["a.c"], ["abc"]),
    ],
)
def test_a_wildcard_matches_whole_values(pattern: str, matching: list[str], other: list[str]) -> None:
    found = Wildcard.of(pattern)
    assert [value for value in matching if not found.matches(value)] == []
    assert [value for value in other if found.matches(value)] == []


@given(st.text("ab*", max_size=8), st.text("ab", max_size=12))
def test_a_wildcard_is_what_the_regular_expression_of_the_language_is(pattern: str, value: str) -> None:
    assert Wildcard.of(pattern).matches(value) == bool(wildcard(pattern, ignore_case=False).fullmatch(value))


def test_a_network_matches_its_addresses_and_nothing_else() -> None:
    network = Network.of("10.1.2.3/8")
    assert network.matches("10.255.0.1")
    assert not network.matches("11.0.0.1")
    assert not network.matches("no address")
    assert Network.of("2001:db8::/32").matches("2001:db8::1")


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match=re.escape("'10.1.2'")):
        Network.of("10.1.2")
