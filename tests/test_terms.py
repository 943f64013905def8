from __future__ import annotations

from datetime import UTC

import pytest

from searchhead.spl.errors import SplError, UnsupportedSpl
from searchhead.spl.lexer import Cursor
from searchhead.spl.terms import compile_terms
from searchhead.spl.timeranges import TimeModifiers, TimeRange
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


@pytest.mark.parametrize("name", ["earliest", "latest", "_index_earliest", "_index_latest"])
def test_time_modifiers_stand_at_the_beginning_of_a_search_only(name: str) -> None:
    with pytest.raises(UnsupportedSpl, match="cannot stand here"):  # the constraint of a data model, an event type
        compile_terms(Cursor(f"{name}=5"), leading=True)
    assert compile_terms(Cursor(f"{name}>5")).matches({name: 6})


@pytest.mark.parametrize(
    ("terms", "time_range"),
    [
        ("host=ws-1", None),
        ("_index_earliest=-1h _index_latest=now", None),
        ("earliest=-1h@h", TimeRange(7200, 11000)),
        ("latest=7200", TimeRange(None, 7200)),
        ("(earliest=@d host=ws-1) AND latest=now()", TimeRange(0, 11000)),
    ],
)
def test_earliest_and_latest_set_the_time_range(terms: str, time_range: TimeRange | None) -> None:
    times = TimeModifiers(11000, UTC)
    compile_terms(Cursor(terms), leading=True, times=times)
    assert times.time_range == time_range


@pytest.mark.parametrize(
    ("terms", "possible"),
    [
        ("earliest=100", True),
        ("earliest=101", False),
        ("latest=101", True),
        ("latest=100", False),
        ("_index_earliest=1", None),
        ("earliest=101 EventCode=855", False),
        ("earliest=100 EventCode=855", None),
    ],
)
def test_a_time_modifier_tells_of_an_event_what_its_time_tells(terms: str, possible: bool | None) -> None:
    compiled = compile_terms(Cursor(terms), leading=True, times=TimeModifiers(1000, UTC))
    assert compiled.possible(EVENT) is possible
    indexed = {**EVENT, "_indextime": 1}
    assert compiled.possible(indexed) is (True if terms.startswith("_index") else possible)
    assert compiled.matches({**indexed, "EventCode": "855"}) is (possible is not False)


@pytest.mark.parametrize(
    ("terms", "at", "message"),
    [
        ("earliest!=-1h", 0, 'stands with "="'),
        ("earliest IN (1, 2)", 0, 'stands with "="'),
        ("earliest=yesterday", 9, "is no time"),
        ("earliest=rt-5m", 9, "is no time"),
        ("earliest=2018-10-19T00:00:00", 9, "ISO 8601"),
        ("earliest=19/10/2018:00:00:00", 9, "month first"),
        ("earliest=-1h earliest=-2h", 22, "there already"),
        ("a=1 NOT earliest=-1h", 4, "OR or NOT"),
        ("(a=1 earliest=-1h) OR b=2", 0, "OR or NOT"),
        ("earliest=now(", 13, 'expected ")"'),
        ("earliest=", 9, "expected a value"),
        ("daysago=3", 0, "write earliest"),
    ],
)
def test_wrong_time_modifiers_are_refused(terms: str, at: int, message: str) -> None:
    with pytest.raises(SplError) as error:
        compile_terms(Cursor(terms), leading=True, times=TimeModifiers(11000, UTC))
    assert (error.value.start, message in error.value.message) == (at, True), str(error.value)


# Of an event whose source alone is known.
@pytest.mark.parametrize(
    ("terms", "possible"),
    [
        ("source=one", True),
        ("source=two", False),
        ("source=one host=h", None),
        ("source=two host=h", False),
        ("NOT host=h", None),
        ("NOT source=two host=*", None),
        ("NOT (source=two host=h)", True),
        ("855", None),
        ("NOT 855", None),
        ("source=two OR 855", None),
        ("_time>5", None),
    ],
)
def test_a_default_field_that_is_not_known_yet_leaves_it_open(terms: str, possible: bool | None) -> None:
    assert compile_terms(Cursor(terms)).possible({"source": "one"}) is possible


@pytest.mark.parametrize(
    ("terms", "needs"),
    [
        ("source=one 855", {"855"}),
        ("source=two 855", set()),  # never, whatever the text
        ("source=one", None),
        ("855 OR 856", {"855", "856"}),
        ("855 OR EventCode=856", None),  # the field may come from anywhere
        ("855 OR source=two", {"855"}),
        ("Installer 855 EventCode=1", {"installer"}),  # the longest of what is needed by all
        ("(855 OR 856) Installer", {"installer"}),  # one is fewer than two
        ("NOT 855", None),
        ("NOT source=one", set()),
        ('"Microsoft-Windows-AppX/Operational"', {"microsoft-windows-appx"}),
        ("*.msix*", {"msix"}),
        ("TERM(a=Blue*) CASE(Red)", {"blue"}),
        ("*", None),
        ("()", None),
        ("NOT ()", set()),
        ('"/"', None),  # nothing that is the same in every form of the text
    ],
)
def test_the_text_of_an_event_must_hold_one_of_these(terms: str, needs: set[str] | None) -> None:
    assert compile_terms(Cursor(terms)).needs({"source": "one"}) == needs


@pytest.mark.parametrize("raw", ["x 855 y", "855", "installer 856", "855 installer", "none", "INSTALLER 855"])
@pytest.mark.parametrize("terms", ["855", "855 OR installer", "NOT 855", "installer (855 OR 856)", "inst*ler 8*5"])
def test_a_text_without_what_is_needed_never_matches(terms: str, raw: str) -> None:
    compiled = compile_terms(Cursor(terms))
    needs = compiled.needs({})
    if needs is not None and not any(one in raw.lower() for one in needs):
        assert not compiled.matches({"_raw": raw})


def test_fields_are_those_that_are_compared() -> None:
    assert compile_terms(Cursor('a=1 (b IN (1, 2) OR NOT c!=3) d=* text "e"')).fields == {"a", "b", "c", "d"}


def test_many_comparisons_of_one_field_stay_exact() -> None:
    compiled = compile_terms(Cursor('a=1 OR a=Two OR b=3 OR a=4* OR a="10.0.0.0/8" OR a!=x'))
    values = ("1", "TWO", "45", "10.1.2.3", "y", "x")
    assert [compiled.matches({"a": value}) for value in values] == [True, True, True, True, True, False]
    assert compiled.matches({"b": "3"})
    assert compiled.matches({"a": ["x", "two"]})
    assert not compiled.matches({"c": "1"})
