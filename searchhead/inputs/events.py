"""What reading gives: events, and an account of what was read, damaged and left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from searchhead.inputs import windowsxml

Event = dict[str, Any]
"""A row with Splunk's default fields: ``_time`` (float, epoch seconds), ``_raw``, ``host``, ``source``, ``sourcetype``
and ``index`` (text); one that tells when it was indexed also with ``_indextime`` (epoch seconds)."""

Test = Callable[[str], bool]
"""A cheap test on the text of an event: false if no search can want it.

It may look for letters, digits, ``_`` and ``-`` only: it can be asked before an event has its final form. What a
control character parts stays parted for it, as it does for Splunk, which does not drop them.
"""

Wanted = Callable[[str], Test | None]
"""For the source of events the test of their texts; None if no search can want an event of this source."""

NO_CHANNEL = "-"

# Sysmon for Linux writes to syslog; its add-on gives these names to what it finds there.
_LINUX_CHANNEL = "Linux-Sysmon/Operational"
_LINUX_SOURCE = f"Syslog:{_LINUX_CHANNEL}"

# Channels in hostile logs are without number.
_MOST_TESTS = 1000


def source_of(channel: str) -> str:
    """The source that Splunk's forwarder gives to the events of a channel with renderXml = true.

    For the channel that Sysmon for Linux names, it is the one that its add-on gives.
    """
    if channel == _LINUX_CHANNEL:
        return _LINUX_SOURCE
    return f"XmlWinEventLog:{channel}" if channel not in ("", NO_CHANNEL) else "XmlWinEventLog"


class Wants(dict[str, Test | None]):
    """What ``wanted`` gives for a source, asked once for each; without ``wanted`` every event passes."""

    def __init__(self, wanted: Wanted | None = None) -> None:
        super().__init__()
        self._wanted = wanted

    def __missing__(self, source: str) -> Test | None:
        if len(self) >= _MOST_TESTS:
            self.clear()
        found = self[source] = self._wanted(source) if self._wanted else _always
        return found


def _always(_text: str) -> bool:
    return True


@dataclass
class Damage:
    """Something that could not be read, or not as it should be.

    Attributes:
        path: the file; a member of an archive is ``archive.zip!member``.
        where: the first place, ``line 12`` or ``chunk 3``; empty for the whole file.
        what: what is wrong, what was done about it, and what to do.
        count: how often it happened in this file.
    """

    path: str
    where: str
    what: str
    count: int = 1

    def __str__(self) -> str:
        place = f"{self.path}, {self.where}" if self.where else self.path
        more = f" ({self.count - 1} more like this in the file)" if self.count > 1 else ""
        return f"{place}: {self.what}{more}"


@dataclass(frozen=True)
class Skipped:
    """A file that was found, but is not a log that is read: its path and why."""

    path: str
    why: str

    def __str__(self) -> str:
        return f"{self.path}: {self.why}"


@dataclass
class Stats:
    """The account of one Reader; grows while it reads.

    Attributes:
        files: logs read, each member of an archive counts.
        channels: how many events of each channel were read, wanted or not; ``-`` for an event that names none.
        sources: how many events of each source were read, wanted or not.
        damages: one for each file and kind of damage.
        skipped: what was found in folders and archives and is no log.
        bytes_done: how far the files on disk are read.
        bytes_total: their sizes; 0 while only standard input is read, whose size nobody knows.
    """

    files: int = 0
    channels: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    damages: list[Damage] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    bytes_done: int = 0
    bytes_total: int = 0
    _kinds: dict[tuple[str, str], Damage] = field(default_factory=dict, repr=False)

    @property
    def events(self) -> int:
        """How many events were read, wanted or not."""
        return self.channels.total()

    def damage(self, path: str, where: str, what: str, count: int = 1) -> None:
        """Note a damage; another of the same kind in the same file is only counted."""
        known = self._kinds.get((path, what))
        if known is None:
            known = self._kinds[path, what] = Damage(path, where, what, 0)
            self.damages.append(known)
        known.count += count


@dataclass
class Log:
    """An opened log on its way through the reader of its format, and where that reader reports to."""

    path: str
    stream: BinaryIO
    stats: Stats
    tests: Wants = field(default_factory=Wants)

    def damage(self, where: str, what: str, count: int = 1) -> None:
        """Note a damage of this log."""
        self.stats.damage(self.path, where, what, count)

    def count(self, channel: str, events: int = 1, source: str | None = None) -> None:
        """Note that events of a channel, or of another source than it has by itself, were read, wanted or not."""
        if events:
            self.stats.channels[channel] += events
            self.stats.sources[source or source_of(channel)] += events

    def take(self, raw: str, where: str, given: Mapping[str, Any] | None = None, *, cut: bool = False) -> Event | None:
        """Count an event, and return it if it is wanted.

        Args:
            raw: the event's text.
            where: its place in the log.
            given: default fields that are known already, as in a Splunk export; they win.
            cut: known to lack its end, so that nobody needs to be told that it is not well-formed.
        """
        channel, source = windowsxml.channel(raw), (given or {}).get("source")
        self.count(channel or source or NO_CHANNEL, source=source)
        test = self.tests[source or source_of(channel)]
        if test is None or not test(raw):
            return None
        if windowsxml.is_event(raw):
            try:
                fault = windowsxml.fault(raw)
            except windowsxml.Refused as error:
                self.damage(where, f"event refused: {error}")
                return None
            if fault and not cut:
                self.damage(where, f"event is not well-formed XML ({fault}): used as it is")
        return self.event(raw, where, given)

    def event(self, raw: str, where: str, given: Mapping[str, Any] | None = None) -> Event:
        """The event of a text that is counted, wanted and checked."""
        facts = windowsxml.facts(raw)
        event: Event = {
            "_time": facts.time,
            "_raw": raw,
            "host": facts.computer,
            "source": source_of(facts.channel),
            "sourcetype": "sysmon:linux" if facts.channel == _LINUX_CHANNEL else "XmlWinEventLog",
            "index": "main",
            **(given or {}),
        }
        if event["_time"] is None:
            self.damage(where, "event has no readable time (TimeCreated): kept, with the time 0 (1970)")
            event["_time"] = 0.0
        if "\ufffd" in raw:
            self.damage(
                where, "event holds U+FFFD in place of bytes that are not text in the log's encoding: used as it is"
            )
        return event
