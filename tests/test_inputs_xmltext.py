import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchhead.inputs import xmltext
from searchhead.inputs.events import Event, Log, Stats, Wants
from searchhead.inputs.xmltext import split

DATA = Path(__file__).parent / "data" / "inputs"


def event(number: int, body: str = "") -> str:
    return (
        f"<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><EventID>{number}</EventID>"
        f"<TimeCreated SystemTime='2026-01-31T12:00:00.0000000Z'/><Channel>Test</Channel><Computer>pc</Computer>"
        f"</System>{body}</Event>"
    )


HOSTILE = "the file declares a document type or an entity, as no log of Windows does: refused from here on"
ONE, TWO, THREE = event(1), event(2, "<EventData><Data Name='a'>x\r\ny</Data></EventData>"), event(3).replace("'", '"')


def read(content: str | bytes, wanted: str = "") -> tuple[list[Event], list[str], Stats]:
    stats = Stats()
    data = content if isinstance(content, bytes) else content.encode()
    events = list(
        xmltext.read(Log("log", io.BytesIO(data), stats, tests=Wants(lambda _source: lambda raw: wanted in raw)))
    )
    return events, [str(one) for one in stats.damages], stats


@pytest.mark.parametrize(
    "content",
    [
        f"{ONE}\n{TWO}\n{THREE}\n",  # one a line
        f"{ONE}{TWO}{THREE}",  # nothing between
        f"<?xml version='1.0' encoding='utf-8' standalone='yes'?>\r\n<Events>{ONE}{TWO}{THREE}</Events>",
        f"<14>Jan 31 12:00:00 pc {ONE}\n# nothing\nJan 31 12:00:01 {TWO}\x00\x00\nx{THREE}y",  # syslog and junk
        f"Record 1\n<?xml version='1.0'?>\n{ONE}\nRecord 2\n<?xml version='1.0'?>\n{TWO}\nRecord 3\n{THREE}",
        f"\ufeff{ONE}\n{TWO}\n{THREE}",  # byte order mark
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_events_stay_as_they_stand_in_the_file(content: str, encoding: str) -> None:
    events, damages, _ = read(content.encode(encoding))
    assert [one["_raw"] for one in events] == [ONE, TWO, THREE]
    assert damages == []


def test_an_event_has_splunks_default_fields() -> None:
    [one], _, _ = read(ONE)
    assert one == {
        "_time": 1769860800.0,
        "_raw": ONE,
        "host": "pc",
        "source": "XmlWinEventLog:Test",
        "sourcetype": "XmlWinEventLog",
        "index": "main",
    }


def test_a_pretty_printed_file_is_read() -> None:
    events, damages, stats = read((DATA / "pretty.xml").read_bytes())
    assert [(one["_time"], one["source"], one["host"]) for one in events] == [
        (1769860800.1234567, "XmlWinEventLog:Application", "PC1.example.org"),
        (1769860801.0, "XmlWinEventLog:Microsoft-Windows-Test/Operational", "PC2.example.org"),
    ]
    assert all(one["_raw"].startswith("<Event xmlns=") and one["_raw"].endswith("</Event>") for one in events)
    assert (damages, stats.events) == ([], 2)


def test_unwanted_events_are_counted_and_not_checked() -> None:
    events, damages, stats = read(f"{ONE}\n{event(2, '<a></b>')}\n{THREE}", wanted="<EventID>3")
    assert [one["_raw"] for one in events] == [THREE]
    assert damages == []
    assert stats.channels == {"Test": 3}


CUT = TWO[:-30]
UNTIMED = ONE.replace("SystemTime='2026-01-31T12:00:00.0000000Z'", "")


@pytest.mark.parametrize(
    ("content", "raws", "damages"),
    [
        # cut off, as Splunk does it, before another
        (
            f"{CUT}\n{THREE}",
            [CUT, THREE],
            ["log, line 1: event is cut off (it has no </Event>): used as far as it goes"],
        ),
        # cut off by the end of the file
        (f"{ONE}\n{CUT}", [ONE, CUT], ["log, line 2: event is cut off (it has no </Event>): used as far as it goes"]),
        # cut off before its facts are complete
        (f"{ONE}\n{TWO[:100]}", [ONE], ["log, line 2: event is cut off (it has no </Event>): lost"]),
        # its begin is missing
        (f"{TWO[50:]}\n{ONE}\n", [ONE], ["log, line 2: event has no beginning (<Event>): lost"]),
        # the only thing in the file is an end
        ("<Event/>\n\n</Event>", [], ["log, line 3: event has no beginning (<Event>): lost"]),
        # not well-formed
        (
            f"\n{event(2, 'a & b')}",
            [event(2, "a & b")],
            ["log, line 2: event is not well-formed XML (not well-formed (invalid token)): used as it is"],
        ),
        # no time
        (UNTIMED, [UNTIMED], ["log, line 1: event has no readable time (TimeCreated): kept, with the time 0 (1970)"]),
        # an entity is declared in an event
        (
            f"{ONE}\n{event(2, '<!ENTITY a ')}{THREE}",
            [ONE, THREE],
            ["log, line 2: event refused: it declares a document type or an entity, as no event of Windows does"],
        ),
        # ... or before all of them
        (
            f"<?xml version='1.0'?>\n<!DOCTYPE lolz [<!ENTITY lol 'lol'>]>\n{ONE}",
            [],
            [f"log, line 2: {HOSTILE}"],
        ),
        # ... or after some
        (
            f"{ONE}\n<!ENTITY>",
            [ONE],
            [f"log, line 2: {HOSTILE}"],
        ),
    ],
)
def test_what_is_whole_in_a_damaged_log_is_used(content: str, raws: list[str], damages: list[str]) -> None:
    events, found, _ = read(content)
    assert [one["_raw"] for one in events] == raws
    assert found == damages


def test_an_event_without_a_time_has_the_time_zero() -> None:
    [one], _, _ = read(UNTIMED)
    assert one["_time"] == 0.0


def test_bytes_that_are_no_text_are_named_and_cost_no_event() -> None:
    events, damages, _ = read(event(1, "caf?").replace("?", "\udce9").encode("utf-8", "surrogateescape"))
    assert [one["_raw"] for one in events] == [event(1, "caf\ufffd")]
    assert damages == [
        "log, line 1: event holds U+FFFD in place of bytes that are not text in the log's encoding: used as it is"
    ]


def test_an_event_beyond_all_bounds_is_lost_and_the_next_is_found() -> None:
    texts = ["<Event><System>", *["x" * 10] * 20, "</Event>\n", "<Event>2</Event>"]
    expected = [(1, ""), (2, "<Event>2</Event>")]
    assert [(piece.line, piece.text) for piece in split(texts, longest=100)] == expected
    assert [(piece.line, piece.text) for piece in split(["".join(texts)], longest=100)] == expected


def test_lines_are_counted_over_declarations_inside_an_event() -> None:
    texts = ["<Event>\n<!ENTITY\n", "\n</Event>\n", "<Event>4</Event>"]
    assert [piece.line for piece in split(texts)] == [1, 5] == [piece.line for piece in split(["".join(texts)])]


@given(
    st.lists(
        st.sampled_from(
            ["<Event>", "<Event ", "</Event>", "<EventID>", "<Events>", "<Eve", "\n", "x", "<!DOCTYPE", "<!", ">"]
        ),
        max_size=30,
    ),
    st.integers(1, 20),
)
def test_portions_make_no_difference(parts: list[str], size: int) -> None:
    whole = "".join(parts)
    portions = [whole[at : at + size] for at in range(0, len(whole), size)]
    assert list(split(portions, longest=60)) == list(split([whole], longest=60))


@given(st.lists(st.text(max_size=30), max_size=6))
def test_every_whole_event_is_found_whatever_stands_between(between: list[str]) -> None:
    texts = [one.replace("<", "") for one in between]
    pieces = list(split(["".join(f"{one}<Event>{n}</Event>" for n, one in enumerate(texts))]))
    assert [piece.text for piece in pieces] == [f"<Event>{n}</Event>" for n in range(len(texts))]


@given(st.binary(max_size=400))
def test_no_bytes_stop_the_reader(noise: bytes) -> None:
    read(noise)
    events, _, _ = read(b"\xef\xbb\xbf" + noise.replace(b"<", b"") + ONE.encode())
    assert [one["_raw"] for one in events] == [ONE]


# The counts are those of the samples' PROVENANCE.md.
def test_all_samples_are_read(samples: Path) -> None:
    counts = {
        "security_content_appxdeploymentserver": 2,
        "evtx_baseline_appx": 5,
        "omerbenamram_evtx_appxdeployment": 13,
        "omerbenamram_evtx_sysmon": 235,
        "sbousseaden_meterpreter_msi_sysmon": 8,
        "sbousseaden_rogue_msi_url_application": 351,
        "sbousseaden_windowsapps_sysmon": 8,
        "deepbluecli_msiinstaller_application": 317,
        "otrf_sysmon_process_create": 602,
        "otrf_sysmon_network": 573,
        "mdecrevoisier_security_4688": 742,
        "mdecrevoisier_powershell_4104": 119,
        "mdecrevoisier_sysmon": 25,
    }
    found = {}
    for name in counts:
        content = (samples / f"{name}.xml").read_bytes()
        events, damages, stats = read(content)
        assert damages == []
        assert [one["_raw"] for one in events] == content.decode().split("\n")[:-1]
        found[name] = stats.events
    assert found == counts
    assert sum(found.values()) == 3000
