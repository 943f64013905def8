import io
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchhead.inputs import jsontext
from searchhead.inputs.events import Event, Log, Stats, Wants
from searchhead.inputs.jsontext import records

DATA = Path(__file__).parent / "data" / "inputs"


def dumped(number: int, **data: Any) -> dict[str, Any]:
    system = {
        "EventID": number,
        "TimeCreated": {"#attributes": {"SystemTime": "2026-01-31T12:00:00.000000Z"}},
        "Channel": "Test",
        "Computer": "pc",
    }
    return {"Event": {"#attributes": {"xmlns": "x"}, "System": system, "EventData": data or None}}


def raw(number: int, data: str = "") -> str:
    return (
        f"<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><EventID>{number}</EventID>"
        "<TimeCreated SystemTime='2026-01-31T12:00:00.0000000Z'/><Channel>Test</Channel><Computer>pc</Computer>"
        f"</System><EventData>{data}</EventData></Event>"
    )


def read(content: str | bytes, wanted: str = "") -> tuple[list[Event], list[str], Stats]:
    stats = Stats()
    data = content if isinstance(content, bytes) else content.encode()
    events = list(
        jsontext.read(Log("log", io.BytesIO(data), stats, tests=Wants(lambda _source: lambda text: wanted in text)))
    )
    return events, [str(one) for one in stats.damages], stats


ONE, TWO, THREE = dumped(1), dumped(2, Path='C:\\a {b} "[" \u00e9'), dumped(3)
LINES = [json.dumps(one) for one in (ONE, TWO, THREE)]
PRETTY = [json.dumps(one, indent=2, ensure_ascii=False) for one in (ONE, TWO, THREE)]
RAWS = [raw(1), raw(2, "<Data Name='Path'>C:\\a {b} \"[\" \u00e9</Data>"), raw(3)]


@pytest.mark.parametrize(
    "content",
    [
        "\n".join(LINES),  # one a line
        "\r\n".join(LINES) + "\r\n",
        "".join(LINES),  # nothing between
        "\n".join(PRETTY),  # pretty-printed, one after the other
        "".join(f"Record {number}\n{one}\n" for number, one in enumerate(PRETTY, 1)),  # evtx_dump -o json
        json.dumps([ONE, TWO, THREE]),  # an array
        json.dumps([ONE, TWO, THREE], indent=1),  # a pretty-printed array
        "[\n" + ",\n".join(LINES) + "\n]\n",  # an array, one a line
        "\ufeff" + "\n".join(LINES),  # byte order mark
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_what_evtx_dump_writes_is_read(content: str, encoding: str) -> None:
    events, damages, stats = read(content.encode(encoding))
    assert [one["_raw"] for one in events] == RAWS
    assert damages == []
    assert stats.channels == {"Test": 3}


def test_an_event_has_splunks_default_fields() -> None:
    [one], _, _ = read(LINES[0])
    assert one == {
        "_time": 1769860800.0,
        "_raw": RAWS[0],
        "host": "pc",
        "source": "XmlWinEventLog:Test",
        "sourcetype": "XmlWinEventLog",
        "index": "main",
    }


def test_wanted_is_asked_about_the_xml_text() -> None:
    events, _, stats = read("\n".join(LINES), wanted="<EventID>3</EventID>")
    assert [one["_raw"] for one in events] == [RAWS[2]]
    assert stats.events == 3


ROW = {
    "_raw": RAWS[0],
    "_time": "2026-01-31T13:00:00.500+01:00",
    "source": "s",
    "sourcetype": "st",
    "host": "h",
    "index": "i",
    "x": "y",
}
NO_RAW = (
    "log, line 2: a row without _raw: left out; export with | fields _raw _time _indextime host source sourcetype index"
)
EXPECTED = {"_raw": RAWS[0], "_time": 1769860800.5, "source": "s", "sourcetype": "st", "host": "h", "index": "i"}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"preview": False, "offset": 0, "lastrow": True, "result": ROW}),  # the export endpoint, Splunk Web
        json.dumps(
            {
                "preview": False,
                "init_offset": 0,
                "messages": [{"type": "INFO"}],
                "fields": [{"name": "_raw"}],
                "results": [ROW],
                "highlighted": {},
            }
        ),
        json.dumps({"results": [ROW]}, indent=3),
        json.dumps(ROW),  # rows only
        json.dumps([ROW], indent=2),
        json.dumps({"preview": False, "lastrow": True})
        + "\n"
        + json.dumps({"result": {**ROW, "_time": "1769860800.5"}}),
    ],
)
def test_a_splunk_export_keeps_its_text_and_default_fields(content: str) -> None:
    events, damages, _ = read(content)
    assert events == [EXPECTED]
    assert damages == []


def test_a_splunk_export_without_default_fields_gets_those_of_the_event() -> None:
    events, damages, _ = read(
        json.dumps({"result": {"_raw": RAWS[0], "host": "", "source": ["a", "b"], "_time": "yesterday"}})
    )
    assert events == read(LINES[0])[0]
    assert damages == []


def test_a_splunk_export_may_hold_text_of_other_kinds() -> None:
    events, damages, stats = read(json.dumps({"result": {**ROW, "_raw": "LogName=Application\nEventCode=1 & <b>"}}))
    assert [one["_raw"] for one in events] == ["LogName=Application\nEventCode=1 & <b>"]
    assert damages == []
    assert stats.channels == {"s": 1}


def test_the_export_of_the_test_data_is_read() -> None:
    events, damages, _ = read((DATA / "splunk_export.json").read_bytes())
    assert [(one["_time"], one["host"], one["source"], one["index"]) for one in events] == [
        (1769860800.25, "PC1", "XmlWinEventLog:Application", "windows"),
        (1769860801.0, "PC2", "XmlWinEventLog:Application", "windows"),
    ]
    assert damages == []


CUT = LINES[1][:200]
BAD = "not valid JSON: left out, up to the next record"


@pytest.mark.parametrize(
    ("content", "numbers", "damages"),
    [
        # a line is cut off inside a text
        (f"{LINES[0]}\n{LINES[1][:-10]}\n{LINES[2]}\n", [0, 2], [f"log, line 2: {BAD}"]),
        # ... after a value
        (f"{LINES[0]}\n{CUT[: CUT.index(',')]}\n{LINES[2]}\n", [0, 2], [f"log, line 2: {BAD}"]),
        # ... twice
        (f"{CUT}\n{LINES[0]}\n{CUT}\n{LINES[2]}\n", [0, 2], [f"log, line 1: {BAD} (1 more like this in the file)"]),
        # the last line is
        (f"{LINES[0]}\n{CUT}", [0], [f"log, line 2: {BAD}"]),
        # a line is no JSON at all
        (f"{LINES[0]}\n{{junk}}\njunk\n{LINES[2]}", [0, 2], [f"log, line 2: {BAD}"]),
        # a pretty-printed record is cut off before the next one
        (f"{PRETTY[0]}\n{PRETTY[1][:150]}\n{PRETTY[2]}", [0, 2], [f"log, line {PRETTY[0].count(chr(10)) + 2}: {BAD}"]),
        # too deep
        (f'{LINES[0]}\n{{"a":{"[" * 100_000}\n{LINES[2]}', [0, 2], [f"log, line 2: {BAD}"]),
        # a number that Python does not convert
        (f'{LINES[0]}\n{{"a":{"9" * 10_000}}}\n{LINES[2]}', [0, 2], [f"log, line 2: {BAD}"]),
        # a record of another kind
        (
            f'{LINES[0]}\n{{"a":1}}',
            [0],
            [NO_RAW],
        ),
        # a result that is no row
        (
            f'{LINES[0]}\n{{"result":1}}',
            [0],
            [NO_RAW],
        ),
        # a preview
        (
            json.dumps({"preview": True, "result": ROW}) + f"\n{LINES[0]}",
            [0],
            ["log, line 1: a preview row of a Splunk export, which its final rows repeat: left out"],
        ),
        # no event in it
        (
            '{"Event":{}}',
            [],
            ["log, line 1: a record without Event/System: left out; write it with evtx_dump -o jsonl"],
        ),
        # an exported text with a declaration
        (
            json.dumps({"result": {"_raw": "<Event><!ENTITY a></Event>"}}),
            [],
            ["log, line 1: event refused: it declares a document type or an entity, as no event of Windows does"],
        ),
    ],
)
def test_what_is_whole_in_a_damaged_log_is_used(content: str, numbers: list[int], damages: list[str]) -> None:
    events, found, _ = read(content)
    assert [one["_raw"] for one in events] == [RAWS[number] for number in numbers]
    assert found == damages


def test_half_characters_are_replaced_and_named() -> None:
    events, damages, _ = read('{"_raw":"<Event>\\ud800</Event>","_time":1,"host":"\\udfff"}')
    assert [(one["_raw"], one["host"]) for one in events] == [("<Event>\ufffd</Event>", "\ufffd")]
    assert damages == [
        "log, line 1: event holds U+FFFD in place of bytes that are not text in the log's encoding: used as it is"
    ]


@pytest.mark.parametrize(("given", "taken"), [("1769860900", 1769860900.0), (1769860900, 1769860900.0), ("", None)])
def test_the_time_of_indexing_is_taken_where_the_export_has_it(given: str | int, taken: float | None) -> None:
    [event], _damages, _stats = read(json.dumps({"result": {**ROW, "_indextime": given}}))
    assert (event.get("_indextime"), event["_time"]) == (taken, 1769860800.5)


def test_times_that_are_no_numbers_are_not_taken() -> None:
    for bad in ("NaN", "1e999", "-Infinity"):
        [event], damages, _ = read(f'{{"_raw":"x","_time":{bad}}}')
        assert event["_time"] == 0.0
        assert len(damages) == 1


def test_a_record_beyond_all_bounds_is_left_out_and_the_next_is_found() -> None:
    texts = ['{"a":1}\n{"a":"', *["x" * 40_000] * 10, '"}\n', '{"a":2}\n']
    found = [(one.line, one.value, bool(one.fault)) for one in records(texts, longest=100_000)]
    assert found == [(1, {"a": 1}, False), (2, {}, True), (3, {"a": 2}, False)]


@pytest.mark.parametrize("hostile", ['{"a":\n', '{"a":[', "{", '{"', '{"a":"x\\', "[{\n", '{"a":1,\n'])
def test_time_grows_with_the_text_only(hostile: str) -> None:
    started = time.process_time()
    read(hostile * (1_000_000 // len(hostile)))
    assert time.process_time() - started < 20


OBJECTS = st.lists(
    st.dictionaries(
        st.text(max_size=5), st.text(max_size=8) | st.integers() | st.lists(st.booleans(), max_size=3), max_size=3
    ),
    max_size=5,
)


@given(OBJECTS, st.sampled_from([None, 1]), st.sampled_from(["\n", ",\n", "", " "]), st.integers(1, 50))
def test_every_object_is_found_in_any_layout(
    values: list[dict[str, Any]], indent: int | None, between: str, size: int
) -> None:
    whole = between.join(json.dumps(one, indent=indent) for one in values)
    found = list(records(whole[at : at + size] for at in range(0, len(whole), size)))
    assert [one.value for one in found if not one.fault] == values
    assert not any(one.fault for one in found)


@given(st.binary(max_size=400), st.text(st.sampled_from('{}[]":,\\\n a1'), max_size=60))
def test_no_bytes_stop_the_reader(noise: bytes, text: str) -> None:
    read(noise)
    read(text)
