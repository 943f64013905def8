from __future__ import annotations

import pytest

from searchhead.spl.errors import SplError, UnsupportedSpl
from searchhead.spl.lexer import Cursor
from searchhead.spl.terms import compile_terms
from searchhead.spl.values import Row

EVENT: Row = {
    "_raw": "<EventID>855</EventID> added",
    "_time": 100.0,
    "host": "WS-1",
    "source": "XmlWinEventLog:Microsoft-Windows-AppXDeploymentServer/Operational",
    "sourcetype": "XmlWinEventLog",
    "index": "win",
}


# What an event with only its default fields tells: True and False are for good, None waits for the other fields.
@pytest.mark.parametrize(
    ("terms", "possible"),
    [
        ("sourcetype=xmlwineventlog", True),
        ("sourcetype=other", False),
        ("sourcetype=other EventCode=855", False),
        ("sourcetype=other OR EventCode=855", None),
        ("host=ws-1 OR EventCode=855", True),
        ("host=ws-1 EventCode=855", None),
        ("NOT EventCode=855", None),
        ("NOT host=ws-1", False),
        ("NOT (host=ws-1 EventCode=855)", None),
        ("NOT (host=other EventCode=855)", True),
        ("EventCode=*", None),
        ("855", True),
        ("856", False),
        ("855 source=*appxdeploymentserver*", True),
        ("_time>99", True),
        ("_time>100", False),
        ("host IN (x, ws-*)", True),
        ("index!=win", False),
        ("TERM(855) CASE(added)", True),
        ("CASE(Added)", False),
        ("*", True),
        ("()", True),
        ("NOT ()", False),
    ],
)
def test_default_fields_tell_whether_an_event_can_match(terms: str, possible: bool | None) -> None:
    assert compile_terms(Cursor(terms)).possible(EVENT) is possible


@pytest.mark.parametrize("extracted", [{}, {"EventCode": "855"}, {"EventCode": "603"}])
@pytest.mark.parametrize("terms", ["host=ws-1 EventCode=855", "NOT EventCode=855", "host=x OR EventCode!=855"])
def test_an_event_that_matches_could_match_before(terms: str, extracted: Row) -> None:
    compiled = compile_terms(Cursor(terms))
    if compiled.matches({**EVENT, **extracted}):
        assert compiled.possible(EVENT) is not False


@pytest.mark.parametrize(
    ("terms", "at", "message"),
    [
        ("a=1 OR", 6, "expected a search term"),  # no right side
        ("a=1 (b=2", 8, 'expected ")"'),  # not closed
        ("a=1 )", 4, "expected a search term"),  # not opened
        ("a IN (1", 7, "expected a value"),  # list not closed
        ("a IN 1", 5, 'expected "("'),  # no list
        ("a in (1)", 2, "capitals"),  # lower case
        ("a=", 2, "expected a value"),  # no value
        ("=1", 0, "expected a search term"),  # no field
        ('""', 0, "empty"),  # nothing to look for
        ("a==1", 1, '"="'),  # eval's sign
        ("TERM()", 0, "needs a text"),  # nothing in it
    ],
)
def test_wrong_terms_are_refused_at_their_place(terms: str, at: int, message: str) -> None:
    with pytest.raises(SplError) as error:
        compile_terms(Cursor(terms))
    assert (error.value.start, message in error.value.message) == (at, True), str(error.value)


@pytest.mark.parametrize("terms", ["host::x", "a*=1", "[search a=1]"])
def test_forms_that_are_not_known_are_refused(terms: str) -> None:
    with pytest.raises(UnsupportedSpl):
        compile_terms(Cursor(terms))


@pytest.mark.parametrize("terms", ["earliest=-1h", "latest=now", "_index_earliest=-1d"])
def test_time_modifiers_are_refused_at_the_beginning_only(terms: str) -> None:
    with pytest.raises(UnsupportedSpl, match="time range"):
        compile_terms(Cursor(terms), leading=True)
    assert compile_terms(Cursor("earliest>5")).matches({"earliest": 6})
