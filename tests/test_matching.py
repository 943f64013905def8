import pytest

from searchhead.spl.matching import (
    Terms,
    accepting,
    accepting_any,
    all_of,
    any_of,
    constant,
    field_terms,
    negation,
    network,
    one_of,
    over_text,
    present,
)
from searchhead.spl.values import Row

HOST = field_terms("host", "h".__eq__)
CODE = field_terms("code", "1".__eq__)
TEXT = over_text(lambda row: "abc" in str(row["_raw"]), frozenset({"abc"}))
NUMBER = over_text(lambda row: "4688" in str(row["_raw"]), frozenset({"4688"}))
WORDS = over_text(lambda row: "alpha" in str(row["_raw"]), frozenset({"alpha", "bravo"}))

# terms, an event with default fields only, whether it may match, and what it needs
KNOWN: list[tuple[Terms, Row, bool | None, frozenset[str] | None]] = [
    (HOST, {"host": "h"}, True, None),
    (HOST, {"host": "x"}, False, frozenset()),
    (HOST, {}, None, None),
    (CODE, {"host": "h"}, None, None),
    (TEXT, {"_raw": "abc"}, True, frozenset({"abc"})),
    (TEXT, {}, None, frozenset({"abc"})),
    (all_of([HOST, CODE, TEXT]), {"host": "x"}, False, frozenset()),
    (all_of([HOST, CODE, TEXT]), {"host": "h"}, None, frozenset({"abc"})),
    (all_of([NUMBER, WORDS]), {}, None, frozenset({"alpha", "bravo"})),  # a number is in more events than two words
    (any_of([HOST, TEXT]), {"host": "x", "_raw": ""}, False, frozenset({"abc"})),
    (any_of([CODE, TEXT]), {"_raw": ""}, None, None),
    (any_of([]), {"host": "h"}, False, frozenset()),
    (negation(HOST), {"host": "h"}, False, frozenset()),
    (negation(CODE), {"host": "h"}, None, None),
    (present("host"), {"host": "h"}, True, None),
    (constant(True), {}, True, None),
]


@pytest.mark.parametrize(("terms", "event", "possible", "needs"), KNOWN)
def test_default_fields_tell_whether_an_event_may_match(
    terms: Terms, event: Row, possible: bool | None, needs: frozenset[str] | None
) -> None:
    assert (terms.possible(event), terms.needs(event)) == (possible, needs)


def test_terms_match_rows() -> None:
    row: Row = {"host": "h", "code": ["0", "1"], "_raw": "xabcx"}
    assert [terms.matches(row) for terms in (HOST, CODE, TEXT, negation(CODE), any_of([]), present("none"))] == [
        True, True, True, False, False, False
    ]  # fmt: skip


def test_equal_values_of_one_field_become_one_test() -> None:
    joined = any_of([one_of("a", frozenset({"x"})), one_of("a", frozenset({"y"}))])
    assert joined.equal == ("a", frozenset({"x", "y"}))
    assert [joined.matches({"a": value}) for value in ("X", "y", "z")] == [True, True, False]


ACCEPTED = [
    ("abc", ["ABC"], ["abcd"]),
    ("a*c", ["AxC", "ac"], ["acx"]),
    ("10.0.0.0/8", ["10.1.2.3", "10.0.0.0/8"], ["11.0.0.1"]),
]


@pytest.mark.parametrize(("wanted", "accepted", "refused"), ACCEPTED)
def test_a_value_is_accepted_as_a_search_means_it(wanted: str, accepted: list[str], refused: list[str]) -> None:
    for accepts in (accepting(wanted), accepting_any([wanted, "other"])):
        assert [accepts(value) for value in (*accepted, *refused)] == [True] * len(accepted) + [False] * len(refused)


def test_case_counts_if_it_is_to() -> None:
    assert [accepting("aB", ignore_case=False)(value) for value in ("aB", "ab")] == [True, False]


@pytest.mark.parametrize("value", ["10.0.0.1", "10.0.0.0/99", "a/b", ""])
def test_what_is_no_network_is_none(value: str) -> None:
    assert network(value) is None
