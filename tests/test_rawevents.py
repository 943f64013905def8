"""Which events are taken to be behind a finding, and which are not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from searchhead.findings import Finding
from searchhead.inputs import Event
from searchhead.inputs.events import Wants
from searchhead.rawevents import MOST_CHARACTERS, MOST_EVENTS, MOST_FINDINGS, Behind, Trail
from searchhead.spl.values import Row

SOURCE = "XmlWinEventLog:Security"
COMMAND = 'cmd.exe /c "curl -o x & x"'


def of(row: Row, detection: str = "a_detection") -> Finding:
    return Finding(
        detection, "A Detection", (), {"dest": "ws-1.corp.example", "first_time": 100, "last_time": 110, **row}
    )


def event(text: str, time: float = 105.0, host: str = "ws-1.corp.example", source: str = SOURCE) -> Event:
    return {"_time": time, "_raw": text, "host": host, "source": source, "sourcetype": "x", "index": "main"}


def behind(row: Row, *events: Event) -> list[str]:
    """The texts of the events behind a finding with this row, which is told by its command or its file."""
    [one] = Trail([of(row)], ("process", "file"), {"a_detection": Wants()}).follow(events)
    return [found.text for found in one.events]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("evil.exe", "<Data>C:\\Users\\Public\\EVIL.exe</Data>"),  # case is no matter
        (COMMAND, "<Data>cmd.exe /c &quot;curl -o x &amp; x&quot;</Data>"),  # as XML writes it
        (["one.exe", "two.exe"], "runs two.exe"),  # any value of several
        ("a " + "long line " * 1000, "a " + "long line " * 30),  # a search may have cut it, or the log
        ("6105", "ProcessId 6105,"),
    ],
)
def test_an_event_is_behind_a_finding_if_it_names_what_that_is_about(value: str, text: str) -> None:
    assert behind({"process": value}, event(text)) == [text]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("6105", event("ProcessId 61055")),  # another number
        ("evil.exe", event("not-evil.exec")),  # a part of another word
        ("one two", event("two one")),  # its words, not the value
        ("-", event("-")),
        ("ab", event("ab")),  # too short to tell anything
        ("evil.exe", event("evil.exe", host="ws-2.corp.example")),
        ("evil.exe", event("evil.exe", time=98.9)),
        ("evil.exe", event("evil.exe", time=111.1)),
    ],
)
def test_an_event_that_names_it_elsewhere_or_only_nearly_is_not(value: str, told: Event) -> None:
    assert behind({"process": value}, told) == []


def test_a_host_is_known_with_or_without_its_domain_and_by_what_the_event_itself_says() -> None:
    by_name = event("evil.exe 1", host="WS-1")
    exported = event("<Event><Computer>ws-1.corp.example</Computer>evil.exe 2</Event>", host="collector")
    assert behind({"process": "evil.exe"}, by_name, exported) == [by_name["_raw"], exported["_raw"]]
    digits: Row = {"process": "evil.exe", "dest": "7-ws.corp.example"}
    assert behind(digits, event("evil.exe", host="7-WS")) == ["evil.exe"]
    address = of({"dest": "10.0.0.1", "process": "evil.exe"})
    [one] = Trail([address], ("process",), {"a_detection": Wants()}).follow([event("evil.exe", host="10.0.0.2")])
    assert one == Behind()


def test_a_host_of_the_same_name_in_another_domain_is_another_host() -> None:
    row: Row = {"process": "evil.exe"}
    assert behind(row, event("evil.exe", host="ws-1.branch.example")) == []
    assert behind(row, event("<Event><Computer>ws-1.branch.example</Computer>evil.exe</Event>", host="collector")) == []
    assert behind({**row, "dest": "ws-1"}, event("evil.exe", host="ws-1.branch.example")) == ["evil.exe"]


def test_the_detection_itself_must_want_the_event() -> None:
    def wanted(source: str) -> object:
        return (lambda text: "4688" in text) if source == SOURCE else None

    wants = {"a_detection": Wants(wanted), "other": Wants()}  # type: ignore[arg-type]  # says object for brevity
    events = [event("evil.exe 4688"), event("evil.exe 1"), event("evil.exe 4688", source="Elsewhere")]
    first, second = Trail(
        [of({"process": "evil.exe"}), of({"process": "evil.exe"}, "other")], ("process",), wants
    ).follow(events)
    assert [one.text for one in first.events] == ["evil.exe 4688"]
    assert len(second.events) == 3
    assert first.events[0] is second.events[0]  # so that a report need not show it twice


def test_a_finding_without_times_or_without_a_value_has_no_events() -> None:
    assert behind({"process": "evil.exe", "first_time": "soon"}, event("evil.exe")) == []
    assert behind({"user": "evil.exe"}, event("evil.exe")) == []


def test_events_are_in_the_order_of_time_and_bounded_in_number_and_length() -> None:
    text = "evil.exe " + "x" * MOST_CHARACTERS
    events = [event(text, time=110.0 - at / 10) for at in range(MOST_EVENTS + 3)]
    [one] = Trail([of({"process": "evil.exe"})], ("process",), {"a_detection": Wants()}).follow(events)
    assert (len(one.events), one.more) == (MOST_EVENTS, 3)
    assert [found.time for found in one.events] == sorted(found.time for found in one.events)
    assert {(len(found.text), found.cut) for found in one.events} == {(MOST_CHARACTERS, len("evil.exe "))}


def test_many_events_that_say_little_do_not_drive_out_the_one_that_says_most() -> None:
    row: Row = {"process": "cmd.exe /c evil.bat", "file": "cmd.exe"}
    noise = [event(f"cmd.exe /c dir {at}", time=104.0 + at / 100) for at in range(MOST_EVENTS + 5)]
    for events in ([*noise, event("cmd.exe /c evil.bat")], [event("cmd.exe /c evil.bat"), *noise]):
        [one] = Trail([of(row)], ("process", "file"), {"a_detection": Wants()}).follow(events)
        assert (len(one.events), one.more) == (MOST_EVENTS, 6)
        assert one.events[-1].text == "cmd.exe /c evil.bat"
        assert [found.text for found in one.events[:-1]] == [found["_raw"] for found in noise[: MOST_EVENTS - 1]]


def test_only_the_first_findings_are_told_their_events() -> None:
    findings = [of({"process": "evil.exe"})] * (MOST_FINDINGS + 1)
    assert len(Trail(findings, ("process",), {"a_detection": Wants()}).follow([])) == MOST_FINDINGS


def test_many_findings_and_events_with_one_value_do_not_multiply() -> None:
    """Each event is compared with each value once, however many findings have it, and few spans are looked at."""
    findings = [of({"process": "evil.exe", "first_time": at, "last_time": at + 5}) for at in range(MOST_FINDINGS)]
    read = 0

    def events() -> Iterator[Event]:
        nonlocal read
        for at in range(5_000):
            read += 1
            yield event(f"evil.exe {at}", time=float(at % MOST_FINDINGS))

    found = Trail(findings, ("process",), {"a_detection": Wants()}).follow(events())
    assert read == 5_000
    # A span of five seconds and one on either side holds eight whole seconds, each with five events.
    assert len(found[500].events) + found[500].more == 8 * 5


def test_a_detection_is_asked_once_for_an_event_and_few_values_of_a_finding_are_looked_for() -> None:
    asked = 0

    def wanted(_source: str) -> object:
        def test(_text: str) -> bool:
            nonlocal asked
            asked += 1
            return True

        return test

    findings = [of({"process": ["evil.exe", *map("value {}".format, range(100))]})] * 20
    wants = {"a_detection": Wants(wanted)}  # type: ignore[arg-type]  # says object for brevity
    found = Trail(findings, ("process",), wants).follow([event("evil.exe"), event("value 99")])
    assert asked == 1
    assert [[one.text for one in behind.events] for behind in found] == [["evil.exe"]] * 20
