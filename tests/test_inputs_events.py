import io

from searchhead.inputs.events import Damage, Log, Skipped, Stats, Test, Wants


def test_damages_of_one_kind_in_one_file_are_one_with_a_count() -> None:
    stats = Stats()
    stats.damage("a", "line 1", "broken")
    stats.damage("a", "line 9", "broken", 3)
    stats.damage("a", "line 9", "torn")
    stats.damage("b", "line 2", "broken")
    assert stats.damages == [
        Damage("a", "line 1", "broken", 4),
        Damage("a", "line 9", "torn"),
        Damage("b", "line 2", "broken"),
    ]
    assert [str(one) for one in stats.damages] == [
        "a, line 1: broken (3 more like this in the file)",
        "a, line 9: torn",
        "b, line 2: broken",
    ]


def test_a_damage_of_a_whole_file_names_no_place() -> None:
    assert str(Damage("a", "", "not there")) == "a: not there"
    assert str(Skipped("a", "empty")) == "a: empty"


def test_an_event_without_facts_has_default_fields_all_the_same() -> None:
    stats = Stats()
    event = Log("a", io.BytesIO(), stats).take("<Event></Event>", "line 1")
    assert event == {
        "_time": 0.0,
        "_raw": "<Event></Event>",
        "host": "",
        "source": "XmlWinEventLog",
        "sourcetype": "XmlWinEventLog",
        "index": "main",
    }
    assert stats.channels == {"-": 1}
    assert [one.what for one in stats.damages] == [
        "event has no readable time (TimeCreated): kept, with the time 0 (1970)"
    ]


def test_an_event_of_sysmon_for_linux_has_the_names_of_its_add_on() -> None:
    raw = (
        '<Event><System><TimeCreated SystemTime="2026-03-02T09:00:00.123456789Z"/>'
        "<Channel>Linux-Sysmon/Operational</Channel><Computer>lx</Computer></System></Event>"
    )
    stats = Stats()
    event = Log("a", io.BytesIO(), stats).take(raw, "line 1")
    assert event is not None
    assert (event["source"], event["sourcetype"]) == ("Syslog:Linux-Sysmon/Operational", "sysmon:linux")
    assert event["host"] == "lx"
    assert stats.sources == {"Syslog:Linux-Sysmon/Operational": 1}


def test_fields_that_are_known_already_win() -> None:
    stats = Stats()
    event = Log("a", io.BytesIO(), stats).take("text", "line 1", {"_time": 1.5, "source": "s"})
    assert event == {
        "_time": 1.5,
        "_raw": "text",
        "host": "",
        "source": "s",
        "sourcetype": "XmlWinEventLog",
        "index": "main",
    }
    assert stats.channels == {"s": 1}
    assert stats.damages == []


def test_each_source_is_asked_about_once_and_its_events_by_their_text() -> None:
    asked: list[str] = []

    def wanted(source: str) -> Test | None:
        asked.append(source)
        return (lambda text: "1" in text) if source == "XmlWinEventLog:A" else None

    stats = Stats()
    log = Log("a", io.BytesIO(), stats, tests=Wants(wanted))
    for number, channel in ((1, "A"), (2, "A"), (1, "B"), (1, "B")):
        raw = f"<Event><System><Channel>{channel}</Channel></System>{number}</Event>"
        assert (log.take(raw, "line") is not None) is (number == 1 and channel == "A")
    assert log.take("1", "line", {"source": "XmlWinEventLog:A", "_time": 0.0}) is not None
    assert asked == ["XmlWinEventLog:A", "XmlWinEventLog:B"]
    assert stats.sources == {"XmlWinEventLog:A": 3, "XmlWinEventLog:B": 2}
    assert stats.channels == {"A": 2, "B": 2, "XmlWinEventLog:A": 1}


def test_sources_without_number_do_not_fill_the_memory() -> None:
    wants = Wants(lambda _source: None)
    for number in range(3000):
        assert wants[str(number)] is None
    assert len(wants) <= 1000
