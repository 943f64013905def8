from pathlib import Path

import pytest

from searchhead.conf import App, InvalidConf
from searchhead.eventtypes import EventTypes, Tags
from searchhead.lookups import Lookups
from searchhead.macros import Macro
from searchhead.spl.errors import SplError
from searchhead.spl.operators import Environment
from searchhead.spl.values import Row


def app_with(folder: Path, eventtypes: str = "", tags: str = "") -> App:
    (folder / "default").mkdir(parents=True)
    (folder / "default" / "eventtypes.conf").write_text(eventtypes, encoding="utf-8")
    (folder / "default" / "tags.conf").write_text(tags, encoding="utf-8")
    return App(folder)


def knowledge_of(*apps: App) -> tuple[EventTypes, Tags]:
    macros = {"mine": Macro("mine", (), "index=main", Path("macros.conf"), 1)}
    eventtypes = EventTypes(apps, Environment(lookups=Lookups(), macros=macros))
    return eventtypes, Tags(apps, eventtypes)


def given(apps: list[App], **row: str) -> Row:
    eventtypes, tags = knowledge_of(*apps)
    found: Row = dict(row)
    eventtypes.add_to(found)
    tags.add_to(found)
    return {name: value for name, value in found.items() if name not in row}


EVENTTYPES = (
    "[security]\nsearch = source=Security\n"
    "[start]\nsearch = eventtype=security code IN (1, 2)\npriority = 3\ncolor = et_red\n"
    "[any]\nsearch = eventtype=s* NOT code=9\n"
    "[macro]\nsearch = `mine` word\ndescription = uses a macro\n"
    "[off]\nsearch = source=*\ndisabled = 1\n"
)
TAGS = (
    "[eventtype=start]\nprocess = enabled\nreport = enabled\nold = disabled\n"
    "[host=h%3D1]\nlab = enabled\n[code=9]\nreport = enabled\n"
)


ROWS: list[tuple[dict[str, str], Row]] = [
    ({"source": "x"}, {}),
    ({"source": "Security", "code": "9"}, {"eventtype": "security", "tag": "report", "tag::code": "report"}),
    (
        {"source": "security", "code": "1"},
        {
            "eventtype": ["any", "security", "start"],
            "tag": ["process", "report"],
            "tag::eventtype": ["process", "report"],
        },
    ),
    ({"index": "main", "_raw": "a word"}, {"eventtype": "macro"}),
    ({"host": "h=1"}, {"tag": "lab", "tag::host": "lab"}),
]


@pytest.mark.parametrize(("row", "expected"), ROWS)
def test_an_event_gets_its_event_types_and_tags(tmp_path: Path, row: dict[str, str], expected: Row) -> None:
    assert given([app_with(tmp_path, EVENTTYPES, TAGS)], **row) == expected


def test_a_later_app_wins(tmp_path: Path) -> None:
    first = app_with(tmp_path / "1", "[a]\nsearch = x=1\n[b]\nsearch = x=1\n", "[eventtype=a]\nt = enabled\n")
    second = app_with(tmp_path / "2", "[a]\nsearch = x=2\n", "[eventtype=a]\nt = disabled\nu = enabled\n")
    assert given([first, second], x="2") == {"eventtype": "a", "tag": "u", "tag::eventtype": "u"}
    assert given([first, second], x="1") == {"eventtype": "b"}


# a field, its value, an event with default fields only, and whether it may have it
POSSIBLE: list[tuple[str, str, Row, bool | None]] = [
    ("eventtype", "security", {"source": "Security"}, True),
    ("eventtype", "security", {"source": "x"}, False),
    ("eventtype", "start", {"source": "Security"}, None),
    ("eventtype", "start", {"source": "x"}, False),
    ("eventtype", "nosuch", {"source": "Security"}, False),
    ("tag", "process", {"source": "x", "host": "h"}, False),
    ("tag", "process", {"source": "Security", "host": "h"}, None),
    ("tag", "lab", {"source": "x", "host": "h=1"}, True),
    ("tag", "report", {"source": "x", "host": "h"}, None),
    ("tag", "old", {"source": "Security", "host": "h"}, False),
    ("tag::eventtype", "report", {"source": "x", "host": "h"}, False),
    ("tag::host", "report", {"source": "Security", "host": "h=1"}, False),
]


@pytest.mark.parametrize(("field", "value", "event", "possible"), POSSIBLE)
def test_an_events_default_fields_tell_whether_it_may_have_a_tag(
    tmp_path: Path, field: str, value: str, event: Row, possible: bool | None
) -> None:
    _, tags = knowledge_of(app_with(tmp_path, EVENTTYPES, TAGS))
    terms = tags.terms(field, value.__eq__)
    assert terms is not None
    assert terms.possible(event) is possible


def test_of_other_fields_nothing_is_known(tmp_path: Path) -> None:
    _, tags = knowledge_of(app_with(tmp_path, EVENTTYPES, TAGS))
    assert tags.terms("code", "1".__eq__) is None


INVALID = [
    # a setting that there is not, no search, a pipe, a tag, a circle
    ("[a]\nsearch = x\ntags = t\n", "", 'eventtypes.conf:3: stanza [a] has setting "tags", which is not supported'),
    ("[a]\n", "", "eventtypes.conf:1: stanza [a] has no search"),
    ("[a]\nsearch = x | head\n", "", "eventtypes.conf:2: stanza [a] has a pipe"),
    ("[a]\nsearch = tag=x\n", "", "eventtypes.conf:2: stanza [a] looks for a tag, but tags are given after"),
    ("[a]\nsearch = tag::host=x\n", "", "eventtypes.conf:2: stanza [a] looks for a tag"),
    ("[a]\nsearch = eventtype=b\n[b]\nsearch = eventtype=a\n", "", "eventtypes.conf:2: stanza [a] comes to itself"),
    # no field and value, a state that there is not
    ("", "[host]\nt = enabled\n", "tags.conf:1: stanza [host] names no field and value"),
    ("", "[host=]\nt = enabled\n", "tags.conf:1: stanza [host=] names no field and value"),
    ("", "[host=h]\nt = on\n", "tags.conf:2: stanza [host=h] has t = on: write enabled or disabled"),
]


@pytest.mark.parametrize(("eventtypes", "tags", "message"), INVALID)
def test_what_is_wrong_is_refused_with_its_place(tmp_path: Path, eventtypes: str, tags: str, message: str) -> None:
    with pytest.raises(InvalidConf) as refused:
        knowledge_of(app_with(tmp_path, eventtypes, tags))
    assert str(refused.value).startswith(f"default/{message}")


INVALID_SEARCHES = [
    # a subsearch, a macro that there is not, an open bracket, a time modifier
    ("x=1 [search y]", "a subsearch cannot stand here"),
    ("`none`", "there is no macro none"),
    ("(x=1", "expected"),
    ("earliest=-1d", "a time modifier cannot stand here"),
]


@pytest.mark.parametrize(("search", "message"), INVALID_SEARCHES)
def test_a_search_that_is_wrong_is_refused_with_its_place(tmp_path: Path, search: str, message: str) -> None:
    with pytest.raises(SplError) as refused:
        knowledge_of(app_with(tmp_path, f"[a]\nsearch = {search}\n"))
    assert str(refused.value).startswith(f"default/eventtypes.conf:2: stanza [a]: {message}")
