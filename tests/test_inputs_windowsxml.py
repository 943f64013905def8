from datetime import datetime
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchhead.inputs.windowsxml import (
    MAX_ATTRIBUTES,
    MAX_DEPTH,
    MAX_EVENT,
    Refused,
    attribute,
    braced,
    channel,
    clean,
    epoch,
    facts,
    fault,
    is_event,
    seven_digits,
    text,
    unescape,
)

NOON = 1769860800.0  # 2026-01-31T12:00:00Z


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("2026-01-31T12:00:00Z", NOON),
        ("2026-01-31T12:00:00.1234567Z", NOON + 0.1234567),
        ("2026-01-31T12:00:00.123456700Z", NOON + 0.1234567),
        ("2026-01-31T12:00:00.5", NOON + 0.5),
        ("2026-01-31 12:00:00.250000 UTC", NOON + 0.25),
        ("2026-01-31T13:30:00.000+01:30", NOON),
        ("2026-01-31T07:00:00.000-0500", NOON),
        ("1601-01-01T00:00:00.0000000Z", -11644473600.0),
        ("  2026-01-31T12:00:00Z\n", NOON),
    ],
)
def test_times_are_epoch_seconds(written: str, seconds: float) -> None:
    assert epoch(written) == pytest.approx(seconds, abs=1e-6)


@pytest.mark.parametrize(
    "written",
    [
        "",  # nothing
        "2026-01-31",  # a day only
        "2026-02-30T12:00:00Z",  # no such day
        "2026-01-31T25:00:00Z",  # no such hour
        "2026-01-31T12:00:00.1234567890Z",  # ten digits
        "2026-01-31T12:00:00 CET",  # a zone by name
        "٢٠٢٦-01-31T12:00:00Z",  # other digits
        "1769860800",  # already epoch
    ],
)
def test_what_is_no_time_is_none(written: str) -> None:
    assert epoch(written) is None


@given(st.datetimes(min_value=datetime(1601, 1, 1)))  # noqa: DTZ001  # hypothesis asks for a naive one
def test_any_time_is_read_as_python_reads_it(moment: datetime) -> None:
    expected = datetime.fromisoformat(f"{moment.isoformat()}+00:00").timestamp()
    assert epoch(f"{moment.isoformat()}Z") == pytest.approx(expected, abs=1e-4)


SINGLE = (
    "<Event xmlns='urn:x'><System><TimeCreated SystemTime='2026-01-31T12:00:00.0000000Z'/>"
    "<Channel>R&amp;D/Operational</Channel><Computer>pc.example.org</Computer></System><UserData><Channel>other</Channel></UserData></Event>"
)
PRETTY = (
    SINGLE.replace("'", '"')
    .replace("><", ">\r\n  <")
    .replace("<Channel>R", "<Channel>\r\n   R")
    .replace("l</C", "l\r\n</C")
)


@pytest.mark.parametrize(
    "raw", [SINGLE, PRETTY, SINGLE.replace("<Channel>", "<Channel a='b'>"), SINGLE[: SINGLE.index("</System>") + 20]]
)
def test_facts_are_read_in_either_quotes_and_layout(raw: str) -> None:
    assert facts(raw) == (NOON, "R&D/Operational", "pc.example.org")
    assert channel(raw) == "R&D/Operational"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (
            "<Event><System></System><EventData><Channel>x</Channel></EventData></Event>",
            (None, "", ""),
        ),  # not in System
        ("<Event><System><Channel/><Computer></Computer></System></Event>", (None, "", "")),  # empty
        ("<Event><System><TimeCreated SystemTime='today'/></System></Event>", (None, "", "")),  # no time
        ("<Event><System><Channels>x</Channels></System></Event>", (None, "", "")),  # another name
        ("", (None, "", "")),  # nothing
    ],
)
def test_missing_facts_are_empty(raw: str, expected: tuple[None, str, str]) -> None:
    assert facts(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("<Event>", True),
        ("<Event xmlns='x'>", True),
        ("<Event\r\n a='b'>", True),
        ("<Events>", False),
        ("<EventID>", False),
        ("<Event", False),
        (" <Event>", False),
    ],
)
def test_an_event_begins_with_its_tag(raw: str, expected: bool) -> None:
    assert is_event(raw) is expected


def test_a_whole_event_has_no_fault() -> None:
    assert fault(SINGLE) == ""
    assert fault(PRETTY) == ""
    assert fault("<Event>&amp;&lt;&gt;&quot;&apos;&#13;&#x10FFFF; ä 𐀀</Event>") == ""
    assert fault("<Event>" + "<a>" * (MAX_DEPTH - 1) + "</a>" * (MAX_DEPTH - 1) + "</Event>") == ""


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("<Event><a></b></Event>", "mismatched tag"),  # crossed tags
        ("<Event>a & b</Event>", "not well-formed (invalid token)"),  # bare ampersand
        ("<Event>\x01</Event>", "not well-formed (invalid token)"),  # control character
        ("<Event>&lol;</Event>", "undefined entity"),  # an entity that nothing declares
        ("<Event a='1' a='2'></Event>", "duplicate attribute"),  # twice the same
        ("<Event><System>", "no element found"),  # cut off
    ],
)
def test_a_fault_is_told_in_the_words_of_expat(raw: str, expected: str) -> None:
    assert fault(raw) == expected


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("<!DOCTYPE a><Event></Event>", "document type"),  # a declaration before
        ("<Event><!ENTITY lol 'x'></Event>", "an entity"),  # inside
        ("<Event>" + "<a>" * MAX_DEPTH + "</a>" * MAX_DEPTH + "</Event>", "nested"),  # one deeper than allowed
        (
            "<Event " + " ".join(f"a{n}=''" for n in range(MAX_ATTRIBUTES + 1)) + "></Event>",
            "attributes",
        ),  # one too many
        ("<Event>" + "x" * MAX_EVENT + "</Event>", "longer"),  # too long
    ],
)
def test_hostile_events_are_refused(raw: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        fault(raw)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_text_and_attributes_come_back_from_a_parser_as_they_were(value: str) -> None:
    element = ET.fromstring(f"<a{attribute('b', value)}>{text(value)}</a>")  # noqa: S314  # our own text
    assert (element.text or "") == clean(value).replace("\r\n", "\n").replace("\r", "\n")
    assert element.attrib["b"] == clean(value).replace("\r\n", "\n").translate(dict.fromkeys(map(ord, "\t\r\n"), " "))
    assert unescape(text(value)) == clean(value)


@pytest.mark.parametrize(
    ("escaped", "plain"),
    [
        ("&amp;lt;", "&lt;"),  # decoded once
        ("&#65;&#x42;", "AB"),
        ("&#0;", "&#0;"),  # no character of XML
        ("&#x110000;", "&#x110000;"),  # beyond Unicode
        ("&nbsp;&", "&nbsp;&"),  # not XML's own
    ],
)
def test_only_xml_entities_are_decoded(escaped: str, plain: str) -> None:
    assert unescape(escaped) == plain


def test_guids_get_their_braces_and_nothing_else_does() -> None:
    guid = "8127F6D4-59F9-4ABF-8952-3E3A02073D5F"
    assert braced(guid) == f"{{{guid}}}"
    for other in (guid.lower(), f"{{{guid}}}", f" {guid}", guid[:-1], ""):
        assert braced(other) == other


@pytest.mark.parametrize(
    ("given_time", "expected"),
    [
        ("2026-01-31T12:00:00.123456Z", "2026-01-31T12:00:00.1234560Z"),
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.0000000Z"),
        ("2026-01-31T12:00:00.123456789Z", "2026-01-31T12:00:00.123456789Z"),
        ("today", "today"),
    ],
)
def test_times_have_seven_digits_as_windows_writes_them(given_time: str, expected: str) -> None:
    assert seven_digits(given_time) == expected
