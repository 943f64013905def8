import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from evtx import PyEvtxParser
from hypothesis import given
from hypothesis import strategies as st

from searchhead.inputs import evtx
from searchhead.inputs.eventjson import NotAnEvent, render
from searchhead.inputs.windowsxml import NAMESPACE, clean, fault

BEGIN = f"<Event xmlns='{NAMESPACE}'>"


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        ({"EventID": 7}, "<EventID>7</EventID>"),
        ({"EventID": {"#attributes": {"Qualifiers": 0}, "#text": 7}}, "<EventID Qualifiers='0'>7</EventID>"),
        (
            {"Provider": {"#attributes": {"Name": "it's", "Guid": "8127F6D4-59F9-4ABF-8952-3E3A02073D5F"}}},
            "<Provider Name='it&apos;s' Guid='{8127F6D4-59F9-4ABF-8952-3E3A02073D5F}'/>",
        ),
        (
            {"TimeCreated": {"#attributes": {"SystemTime": "2026-01-31T12:00:00.123456Z"}}},
            "<TimeCreated SystemTime='2026-01-31T12:00:00.1234560Z'/>",
        ),
        ({"Correlation": None, "Channel": "R&D"}, "<Correlation/><Channel>R&amp;D</Channel>"),
    ],
)
def test_system_is_rendered_as_windows_does(system: dict[str, Any], expected: str) -> None:
    assert render({"#attributes": {"xmlns": "x"}, "System": system}) == f"{BEGIN}<System>{expected}</System></Event>"


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        (
            {"EventData": {"a": "x<y>&'\"", "b": ""}},
            "<EventData><Data Name='a'>x&lt;y&gt;&amp;'\"</Data><Data Name='b'></Data></EventData>",
        ),
        (
            {"EventData": {"n": 3, "t": True, "f": False}},
            "<EventData><Data Name='n'>3</Data><Data Name='t'>true</Data><Data Name='f'>false</Data></EventData>",
        ),
        (
            {"EventData": {"z": None, "list": ["1", 2]}},
            "<EventData><Data Name='z'></Data><Data Name='list'>1</Data><Data Name='list'>2</Data></EventData>",
        ),
        # without names
        (
            {"EventData": {"Data": {"#text": ["one", "", "two"]}, "Binary": "00FF"}},
            "<EventData><Data>one</Data><Data></Data><Data>two</Data><Binary>00FF</Binary></EventData>",
        ),
        (
            {"EventData": {"Data": {"#text": "one"}, "Binary": None}},
            "<EventData><Data>one</Data><Binary></Binary></EventData>",
        ),
        # a name that is Data
        ({"EventData": {"Data": "one"}}, "<EventData><Data Name='Data'>one</Data></EventData>"),
        (
            {"EventData": {"#attributes": {"Name": "x"}, "a": "1"}},
            "<EventData Name='x'><Data Name='a'>1</Data></EventData>",
        ),
        ({"EventData": None}, "<EventData></EventData>"),
        # characters that XML has no form for
        ({"EventData": {"a": "x\x00\x1b\ud800\uffffy"}}, "<EventData><Data Name='a'>xy</Data></EventData>"),
        (
            {"UserData": {"X": {"#attributes": {"xmlns": "urn:x"}, "A": "1", "B": [{"C": "2"}, "3"]}}},
            "<UserData><X xmlns='urn:x'><A>1</A><B><C>2</C></B><B>3</B></X></UserData>",
        ),
        (
            {"RenderingInfo": {"#attributes": {"Culture": "en-US"}, "Message": "hello"}},
            "<RenderingInfo Culture='en-US'><Message>hello</Message></RenderingInfo>",
        ),
    ],
)
def test_data_is_rendered_as_windows_does(rest: dict[str, Any], expected: str) -> None:
    assert render({"System": {}, **rest}) == f"{BEGIN}<System></System>{expected}</Event>"


def _deep(levels: int) -> dict[str, Any]:
    value: Any = "x"
    for _ in range(levels):
        value = {"a": value}
    return {"System": {}, "UserData": value}


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (None, "without Event/System"),  # nothing
        ({}, "without Event/System"),  # empty
        ({"System": "x"}, "without Event/System"),  # no elements
        ({"System": {"a><b": 1}}, "name of an XML element"),  # breaks out of the tag
        ({"System": {"a": {"#attributes": {"b='": 1}}}}, "name of an XML attribute"),  # breaks out of the attribute
        ({"System": {}, "": 1}, "name of an XML element"),  # no name
        (_deep(100), "nested"),  # too deep
    ],
)
def test_what_is_no_event_is_refused(event: Any, reason: str) -> None:
    with pytest.raises(NotAnEvent, match=reason):
        render(event)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner),
)


@given(st.dictionaries(st.sampled_from("abc"), VALUES), st.dictionaries(st.text(), st.text()))
def test_any_event_is_well_formed_and_keeps_its_values(user: dict[str, Any], data: dict[str, str]) -> None:
    named = {key: one for key, one in data.items() if key not in {"Data", "Binary", "#text", "#attributes"}}
    raw = render({"System": {}, "UserData": user, "EventData": named})
    assert fault(raw) == ""
    found = [(one.attrib["Name"], one.text or "") for one in ET.fromstring(raw)[2]]  # noqa: S314  # our own text
    lines = str.maketrans("\t\r\n", "   ")
    assert found == [
        (clean(key).replace("\r\n", "\n").translate(lines), clean(one).replace("\r\n", "\n").replace("\r", "\n"))
        for key, one in named.items()
    ]


def test_the_json_and_the_xml_of_the_library_give_the_same_text(samples: Path) -> None:
    compared = 0
    folder = samples / "evtx"
    names = ("omerbenamram_no_crc32.evtx", "omerbenamram_wec.evtx")
    for path in [*sorted(folder.glob("mdec*.evtx")), *(folder / name for name in names)]:
        pairs = zip(
            PyEvtxParser(str(path)).records_json(), PyEvtxParser(str(path), indent=False).records(), strict=True
        )
        for as_json, as_xml in pairs:
            assert as_json
            assert as_xml
            assert render(json.loads(as_json["data"])["Event"]) == evtx.render(as_xml["data"])
            compared += 1
    assert compared == 29
