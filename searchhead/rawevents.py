"""The events behind findings: looked up again in the logs, after the detections have told what they found.

A row of a detection is what commands made of events, which are gone by then. So the logs are read a second time, and an
event is taken to be behind a finding if its host and time are the finding's, the detection's own search could take it,
and its text holds one of the values that tell which events the row is about, as whole words. Both the text and the
number of events are bounded, and what is left out is counted.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from itertools import islice

from searchhead.findings import Finding
from searchhead.inputs import Event, windowsxml
from searchhead.inputs.events import Wants
from searchhead.spl.values import number, texts

MOST_FINDINGS = 1_000
"""How many findings are told the events behind them: those with the highest risk."""

MOST_EVENTS = 10
"""How many events of a finding are kept: those that name what says most about it, and of these those read first."""

MOST_CHARACTERS = 4_000
"""How much of an event's text is kept."""

# Seconds: a search over a data model may know the second of an event only.
_MARGIN = 1.0
# A longer value is recognised by its beginning: searches cut what they show.
_MOST_OF_VALUE = 200
# A value with fewer letters and digits is in too many events to tell one.
_LEAST_OF_VALUE = 3
# So many values of a finding are looked for: those of the fields that say most.
_MOST_VALUES = 20
# So many findings are looked at for one value in one event: those that began last before it.
_MOST_SPANS = 1_000

_WORD = re.compile(r"[^\W_]+")
_ADDRESS = re.compile(r"[\d.]+|.*:.*", re.ASCII | re.DOTALL)


@dataclass(frozen=True)
class RawEvent:
    """An event: its time (epoch seconds), source and text, and how many characters of the text are left out."""

    time: float
    source: str
    text: str
    cut: int = 0


@dataclass
class Behind:
    """The events behind a finding, in the order of time, and how many more there are."""

    events: list[RawEvent] = field(default_factory=list)
    more: int = 0


class Trail:
    """Finds the events behind findings; those after the first MOST_FINDINGS are left out.

    Args:
        findings: in the order in which they are shown.
        fields: those whose values tell which events a row is about, those that say most first.
        wanted: for the slug of a detection what its search wants to be read.
    """

    def __init__(self, findings: Sequence[Finding], fields: Iterable[str], wanted: Mapping[str, Wants]) -> None:
        self._findings = findings[:MOST_FINDINGS]
        self._wanted = wanted
        self._behind = [Behind() for _ in self._findings]
        self._ranks: list[list[int]] = [[] for _ in self._findings]  # of the events that are kept
        self._whose = [(_named(one.single("dest")), one.detection) for one in self._findings]
        self._hosts: dict[str, _Host] = {}
        fields = tuple(fields)
        for at, one in enumerate(self._findings):
            first, last = number(one.row.get("first_time")), number(one.row.get("last_time"))
            if first is not None and last is not None:
                ranks: dict[str, int] = {}
                for rank, name in enumerate(fields):
                    for value in filter(None, map(_told, texts(one.row.get(name)))):
                        ranks.setdefault(value, rank)
                host = self._hosts.setdefault(self._whose[at][0][0], _Host())
                for value, rank in islice(ranks.items(), _MOST_VALUES):
                    host.add(value, (first - _MARGIN, last + _MARGIN, at, rank))
        for host in self._hosts.values():
            host.close()

    def follow(self, events: Iterable[Event]) -> list[Behind]:
        """What stands behind each of the first MOST_FINDINGS findings, of these events."""
        for event in events:
            self._take(event)
        for behind in self._behind:
            behind.events.sort(key=lambda one: one.time)
        return self._behind

    def _take(self, event: Event) -> None:
        time, raw, source = float(event["_time"]), str(event["_raw"]), str(event["source"])
        # An export of a collector gives its own name as the host of all events.
        names = {_named(str(event["host"])), _named(windowsxml.facts(raw).computer)}
        hosts = (self._hosts.get(name) for name in {name for name, _ in names})
        meant = [host for host in hosts if host and host.first <= time <= host.last]
        if not meant:
            return
        text = unescape(raw).lower()
        words = set(_WORD.findall(text))
        best: dict[int, int] = {}
        for at, rank in (one for host in meant for one in host.found(time, text, words)):
            if rank <= best.get(at, rank):
                best[at] = rank
        if not best:
            return
        kept = RawEvent(time, source, raw[:MOST_CHARACTERS], max(0, len(raw) - MOST_CHARACTERS))
        taken: dict[tuple[tuple[str, str], str], bool] = {}
        for at, rank in best.items():
            whose = self._whose[at]
            if whose not in taken:
                test = self._wanted[whose[1]][source]
                taken[whose] = _is_one_of(whose[0], names) and test is not None and test(raw)
            if taken[whose]:
                self._keep(at, rank, kept)

    def _keep(self, at: int, rank: int, event: RawEvent) -> None:
        """Keep an event of a finding; if there are enough, the last of those that say least makes room."""
        behind, ranks = self._behind[at], self._ranks[at]
        if len(ranks) >= MOST_EVENTS:
            behind.more += 1
            worst = max(ranks)
            if rank >= worst:
                return
            last = max(place for place, one in enumerate(ranks) if one == worst)
            del ranks[last], behind.events[last]
        ranks.append(rank)
        behind.events.append(event)


_Span = tuple[float, float, int, int]
"""From when to when, in epoch seconds, which finding, and how much the value says about it: 0 most."""


class _Value:
    """A value to look for, its words, and the spans of the findings that have it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = frozenset(_WORD.findall(text))
        self.spans: list[_Span] = []

    def at(self, time: float) -> list[tuple[int, int]]:
        begun = bisect_right(self.spans, time, key=lambda span: span[0])
        return [(at, rank) for _, last, at, rank in self.spans[max(0, begun - _MOST_SPANS) : begun] if time <= last]


class _Host:
    """What is looked for on a host, by the longest word of each value."""

    def __init__(self) -> None:
        self.first, self.last = float("inf"), float("-inf")
        self._values: dict[str, _Value] = {}
        self._by_word: dict[str, list[_Value]] = {}

    def add(self, value: str, span: _Span) -> None:
        self.first, self.last = min(self.first, span[0]), max(self.last, span[1])
        self._values.setdefault(value, _Value(value)).spans.append(span)

    def close(self) -> None:
        for value in self._values.values():
            value.spans.sort()
            self._by_word.setdefault(max(sorted(value.words), key=len), []).append(value)

    def found(self, time: float, text: str, words: set[str]) -> Iterable[tuple[int, int]]:
        for word in words:
            for value in self._by_word.get(word, ()):
                if value.words <= words and (found := value.at(time)) and value.text in text:
                    yield from found


def _told(value: str) -> str:
    """What is looked for in texts that are in lower case; empty for a value that tells nothing."""
    told = value.lower()
    if len(told) > _MOST_OF_VALUE:  # whole words only, so that the cut does not fall into one
        told = re.sub(r"[^\W_]+$", "", told[:_MOST_OF_VALUE])
    told = told.strip()
    return told if sum(map(len, _WORD.findall(told))) >= _LEAST_OF_VALUE else ""


def _named(host: str) -> tuple[str, str]:
    """The name of a host and its domain, both in lower case; an address has none."""
    name, _, domain = (host, "", "") if _ADDRESS.fullmatch(host) else host.partition(".")
    return name.lower(), domain.lower()


def _is_one_of(host: tuple[str, str], names: Iterable[tuple[str, str]]) -> bool:
    """Whether a host has one of these names; a name without a domain is of any domain."""
    return any(host[0] == name and (not domain or not host[1] or host[1] == domain) for name, domain in names)
