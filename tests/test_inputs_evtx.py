import io
import multiprocessing
import struct
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchhead.inputs import evtx, windowsxml
from searchhead.inputs.events import Damage, Event, Log, Stats, Wants
from searchhead.inputs.evtx import CHUNK_SIZE, HEADER_SIZE, render
from searchhead.spl.rawterms import fragments, term

Element = tuple[str, dict[str, str], "str | list[Element] | None"]

FILETIME = 0x01DA_0000_0000_0000
XMLNS = {"xmlns": "http://schemas.microsoft.com/win/2004/08/events/event"}


def event(number: int, channel: str = "Application", **data: str) -> Element:
    system: list[Element] = [
        ("Provider", {"Name": 'it\'s a "test"', "Guid": "8127F6D4-59F9-4ABF-8952-3E3A02073D5F"}, None),
        ("EventID", {"Qualifiers": "0"}, str(number)),
        ("TimeCreated", {"SystemTime": "2026-01-31T12:00:00.123456Z"}, None),
        ("Correlation", {}, None),
        ("Channel", {}, channel),
        ("Computer", {}, "PC.example.org"),
        ("Security", {}, None),
    ]
    return (
        "Event",
        XMLNS,
        [("System", {}, system), ("EventData", {}, [("Data", {"Name": k}, v) for k, v in data.items()])],
    )


def chunk(*events: Element, first: int = 1) -> bytes:
    """A chunk of an EVTX file: binary XML without templates, layout as described by the libevtx project."""
    data = bytearray(512)
    last = 0
    for number, one in enumerate(events, first):
        last = len(data)
        body = bytearray(b"\x0f\x01\x01\x00")
        _element(body, last + 24, one)
        body += b"\0"
        size = 24 + len(body) + 4
        data += b"**\0\0" + struct.pack("<IQQ", size, number, FILETIME) + body + struct.pack("<I", size)
    numbers = (first, first + len(events) - 1)
    data[:52] = b"ElfChnk\0" + struct.pack("<QQQQIII", *numbers, *numbers, 128, last, len(data))
    return bytes(data.ljust(CHUNK_SIZE, b"\0"))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _name(out: bytearray, base: int, name: str) -> None:
    out += struct.pack("<IIHH", base + len(out) + 4, 0, 0, _units(name)) + name.encode("utf-16-le") + b"\0\0"


def _value(out: bytearray, value: str) -> None:
    out += b"\x05\x01" + struct.pack("<H", _units(value)) + value.encode("utf-16-le")


def _element(out: bytearray, base: int, element: Element) -> None:
    name, attributes, content = element
    out += (b"\x41" if attributes else b"\x01") + bytes(4)
    _name(out, base, name)
    out += bytes(4) if attributes else b""
    for left, (key, value) in zip(range(len(attributes) - 1, -1, -1), attributes.items(), strict=True):
        out += b"\x46" if left else b"\x06"
        _name(out, base, key)
        _value(out, value)
    if content is None:
        out += b"\x03"
        return
    out += b"\x02"
    if isinstance(content, str):
        _value(out, content)
    else:
        for child in content:
            _element(out, base, child)
    out += b"\x04"


def file(*chunks: bytes) -> bytes:
    header = b"ElfFile\0".ljust(42, b"\0") + struct.pack("<H", len(chunks))
    return header.ljust(HEADER_SIZE, b"\0") + b"".join(chunks)


def read(content: bytes) -> tuple[list[Event], list[tuple[str, int]]]:
    stats = Stats()
    events = list(evtx.read(Log("log", io.BytesIO(content), stats)))
    assert all(one.path == "log" for one in stats.damages)
    return events, [(one.where, one.count) for one in stats.damages]


def numbers(events: list[Event]) -> list[str]:
    return [one["_raw"].split("</EventID>")[0].rsplit(">", 1)[1] for one in events]


def test_an_event_is_rendered_as_windows_does() -> None:
    [one], damages = read(
        file(chunk(event(7, Path="C:\\a & <b>", Id="94F748D5-4A45-5A42-0000-0010D265F20F", Empty="")))
    )
    assert damages == []
    assert one == {
        "_time": 1769860800.123456,
        "_raw": "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
        "<Provider Name='it&apos;s a &quot;test&quot;' Guid='{8127F6D4-59F9-4ABF-8952-3E3A02073D5F}'/>"
        "<EventID Qualifiers='0'>7</EventID><TimeCreated SystemTime='2026-01-31T12:00:00.1234560Z'/><Correlation/>"
        "<Channel>Application</Channel><Computer>PC.example.org</Computer><Security/></System><EventData>"
        "<Data Name='Path'>C:\\a &amp; &lt;b&gt;</Data><Data Name='Id'>{94F748D5-4A45-5A42-0000-0010D265F20F}</Data>"
        "<Data Name='Empty'></Data></EventData></Event>",
        "host": "PC.example.org",
        "source": "XmlWinEventLog:Application",
        "sourcetype": "XmlWinEventLog",
        "index": "main",
    }


@given(
    # The library ends a text at a NUL.
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60),
)
def test_any_text_comes_through_as_it_was(value: str, name: str) -> None:
    legal = "".join(one for one in value if one in "\t\n\r" or " " <= one < "\ufffe" or one > "\uffff").replace(
        "\r\n", "\n"
    )
    [one], _ = read(file(chunk(event(1, **{name: value}))))
    # expat turns line ends into \n, as XML asks; the rest must be the same.
    data = ET.fromstring(one["_raw"])[1][0]  # noqa: S314  # our own text
    assert (data.text or "") == legal.replace("\r", "\n")


def test_text_that_looks_like_an_attribute_stays() -> None:
    assert render('<Event a="1"><Data Name="x">say a="it\'s" </Data></Event>') == (
        "<Event a='1'><Data Name='x'>say a=\"it's\" </Data></Event>"
    )


def test_unwanted_events_are_counted_and_not_rendered() -> None:
    stats = Stats()
    content = file(chunk(event(1, "Security"), event(2, "R&D"), event(3, "Security")))
    log = Log("log", io.BytesIO(content), stats, tests=Wants(lambda _source: lambda text: ">3</EventID>" in text))
    assert numbers(list(evtx.read(log))) == ["3"]
    assert stats.channels == {"Security": 2, "R&D": 1}
    assert stats.events == 3


def test_events_are_counted_by_channel_when_it_changes_or_is_missing() -> None:
    bare: Element = ("Event", XMLNS, [("System", {}, [("EventID", {}, "4")])])
    events = (event(1, "A"), event(2, "A"), event(3, ""), bare, event(5, "A"), event(6, "B"))
    stats = Stats()
    assert len(list(evtx.read(Log("log", io.BytesIO(file(chunk(*events))), stats)))) == 6
    assert stats.channels == {"A": 3, "B": 1, "-": 2}


def test_events_count_that_were_read_before_the_reader_is_left() -> None:
    stats = Stats()
    reading = evtx.read(Log("log", io.BytesIO(file(chunk(event(1), event(2), event(3)))), stats))
    next(reading)
    next(reading)
    reading.close()  # type: ignore[attr-defined]  # it is a generator
    assert stats.events == 2


def test_a_log_of_many_chunks_is_read_to_its_end() -> None:
    content = file(*(chunk(event(number), first=number) for number in range(1, 31)))
    events, damages = read(content)
    assert numbers(events) == [str(number) for number in range(1, 31)]
    assert damages == []


def test_blank_chunks_at_the_end_are_no_damage() -> None:
    events, damages = read(file(chunk(event(1))) + bytes(3 * CHUNK_SIZE))
    assert (numbers(events), damages) == (["1"], [])


GOOD = chunk(event(1)), chunk(event(2), first=2), chunk(event(3), first=3)


@pytest.mark.parametrize(
    ("content", "expected", "damages"),
    [
        # the magic of the file is gone
        (bytes(8) + file(*GOOD)[8:], ["1", "2", "3"], [("file header", 1)]),
        # there is a header only in part
        (file()[:100], [], []),
        # a chunk in the middle was overwritten
        (file(GOOD[0], b"\xff" * CHUNK_SIZE, GOOD[2]), ["1", "3"], [("chunk 1", 1)]),
        # two chunks in the middle were never written
        (file(GOOD[0]) + bytes(2 * CHUNK_SIZE) + GOOD[2], ["1", "3"], [("chunk 1", 2)]),
        # the header counts chunks that are blank
        (file(GOOD[0], bytes(CHUNK_SIZE), bytes(CHUNK_SIZE)), ["1"], [("chunk 1", 2)]),
        # the copy ended in the middle of the last chunk
        (file(*GOOD)[: -CHUNK_SIZE // 2], ["1", "2", "3"], [("chunk 2", 1)]),
        # a record whose binary XML is nonsense: the others of its chunk and the next chunk are used
        (file(GOOD[0].replace(b"\x0f\x01\x01\x00", b"\x7f\x7f\x7f\x7f"), GOOD[1]), ["2"], [("chunk 0 and after", 1)]),
    ],
)
def test_what_is_whole_in_a_damaged_log_is_used(
    content: bytes, expected: list[str], damages: list[tuple[str, int]]
) -> None:
    events, found = read(content)
    assert numbers(events) == expected
    assert found == damages


def _looping() -> bytes:
    whole = bytearray(GOOD[0])
    struct.pack_into("<I", whole, 128, 40_000)
    struct.pack_into("<I", whole, 40_000, 40_100)
    struct.pack_into("<I", whole, 40_100, 40_000)
    return file(bytes(whole), GOOD[1])


def _read_looping(pipe: "multiprocessing.connection.Connection") -> None:
    events, damages = read(_looping())
    pipe.send((numbers(events), damages))


def test_a_string_table_that_runs_in_circles_does_not_hang_the_reader() -> None:
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_read_looping, args=(theirs,), daemon=True)
    process.start()
    try:
        assert ours.poll(60), "the library hangs"
        assert ours.recv() == (["1", "2"], [("chunk 0", 1)])
    finally:
        process.kill()
        process.join()


@given(st.binary(max_size=300), st.integers(0, CHUNK_SIZE), st.binary(min_size=1, max_size=8))
def test_no_bytes_stop_the_reader(noise: bytes, at: int, patch: bytes) -> None:
    read(noise)
    whole = file(GOOD[0], GOOD[1])
    events, _ = read(whole[: HEADER_SIZE + at] + patch + whole[HEADER_SIZE + at + len(patch) :])
    assert "2" in numbers(events) or at + len(patch) > CHUNK_SIZE


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "evtx", None)
    stats = Stats()
    assert list(evtx.read(Log("log", io.BytesIO(file(*GOOD)), stats))) == []
    [damage] = stats.damages
    assert isinstance(damage, Damage)
    assert "requirements/hunt.txt" in damage.what


# The counts are those of evtx_dump and of PROVENANCE.md of the samples.
@pytest.mark.parametrize(
    ("name", "count", "damages"),
    [
        ("omerbenamram_sysmon.evtx", 358, [("chunk 9", 8)]),
        ("omerbenamram_no_crc32.evtx", 17, []),
        ("omerbenamram_bad_string_cache.evtx", 2261, []),
        ("omerbenamram_wec.evtx", 1, []),
        ("omerbenamram_zero_data_size_event.evtx", 335, [("chunk 0 and after", 1)]),
        ("omerbenamram_bad_chunk_magic.evtx", 270, [("chunk 1", 12), ("chunk 0 and after", 1)]),
        ("mdecrevoisier_powershell_download.evtx", 3, []),
        ("mdecrevoisier_wmi_powershell_sysmon.evtx", 1, []),
        ("mdecrevoisier_edge_download_4688.evtx", 7, []),
    ],
)
def test_samples_are_read_as_far_as_they_are_whole(
    samples: Path, name: str, count: int, damages: list[tuple[str, int]]
) -> None:
    events, found = read((samples / "evtx" / name).read_bytes())
    assert len(events) == count
    assert found == damages


@pytest.mark.parametrize(
    ("log", "lines"),
    [
        ("omerbenamram_sysmon.evtx", "omerbenamram_evtx_sysmon.xml"),
        ("omerbenamram_bad_chunk_magic.evtx", "omerbenamram_evtx_appxdeployment.xml"),
    ],
)
def test_samples_are_rendered_as_their_forwarded_form(samples: Path, log: str, lines: str) -> None:
    events, _ = read((samples / "evtx" / log).read_bytes())
    forwarded = (
        (samples / lines).read_text(encoding="utf-8").replace("&#13;", "\r").replace("&#10;", "\n").split("</Event>\n")
    )
    assert {f"{one}</Event>" for one in forwarded if one} <= {one["_raw"] for one in events}


def wanting(text: str, content: bytes, *, source: str = "XmlWinEventLog:Security") -> list[str]:
    wants = Wants(lambda one: (lambda raw: text in raw) if one == source else None)
    return numbers(list(evtx.read(Log("log", io.BytesIO(content), Stats(), tests=wants))))


def test_events_of_a_source_that_nobody_wants_are_dropped_whatever_they_hold() -> None:
    content = file(chunk(event(1, "Security", a="hit"), event(2, "System", a="hit"), event(3, "Security", a="miss")))
    assert wanting("hit", content) == ["1"]


def test_the_channel_is_that_of_system_not_one_in_user_data() -> None:
    # As in event 104, which tells of another log that was cleared.
    name, attributes, children = event(104, "System")
    assert isinstance(children, list)
    cleared: Element = (name, attributes, [children[0], ("UserData", {}, [("Channel", {}, "Security")])])
    content = file(chunk(event(1, "Security"), cleared, event(2, "Security")))
    assert wanting("", content) == ["1", "2"]
    assert wanting("", content, source="XmlWinEventLog:System") == ["104"]


def test_what_a_search_needs_is_in_the_library_s_form_too() -> None:
    one = event(7, Path="C:\\a & <b>\x02c", Id="94F748D5-4A45-5A42-0000-0010D265F20F", Empty="", Umlaut="\u00e4\u00f6")
    forms: list[str] = []

    def test(text: str) -> bool:
        forms.append(text)
        return True

    wants = Wants(lambda _source: test)
    [rendered] = list(evtx.read(Log("log", io.BytesIO(file(chunk(one))), Stats(), tests=wants)))
    raw = rendered["_raw"]
    for start in range(len(raw)):
        for end in range(start + 1, min(start + 40, len(raw))):
            needed = fragments(raw[start:end])
            if needed and term(raw[start:end])({"_raw": raw}):
                assert any(text in windowsxml.clean(forms[0]).lower() for text in needed), raw[start:end]
