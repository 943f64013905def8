"""The findings of a hunt as its page shows them: evidence, fields under headings, events, and a timeline a host."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape

from searchhead.conf import App
from searchhead.findings import Finding, iso_time
from searchhead.hunted import Hunted
from searchhead.lookups import Lookups
from searchhead.rawevents import MOST_FINDINGS, Behind, RawEvent
from searchhead.spl.values import Value, number, texts

# How much of an event's text a timeline makes its line from.
_MOST_OF_TEXT = 2_000

# How many values of a field are shown.
_MOST_VALUES = 50

# A blank that a browser shows like none, or like another one.
_BLANK = re.compile(r"(?<=\s)\s|[^\S ]|^ | \Z")

# What a finding shows in other places than among the fields of its row.
_SHOWN = {"first_time", "last_time", "count", "dest", "user", "risk_score", "why", "evidence", "risk_points"}

# What Windows tells of an event beside its channel.
_EVENT_ID = re.compile(r"<EventID[^>]{0,40}>(\d{1,5})</EventID>")
_DATA = re.compile(r"<Data Name=['\"]([^'\"<>]{1,80})['\"]>([^<]{0,1000})</Data>")


@dataclass(frozen=True)
class Piece:
    """A piece of evidence: its name, what it says, and the points it has in this finding."""

    name: str
    statement: str
    points: str


@dataclass(frozen=True)
class ShownEvent:
    """An event behind a finding. Only the first finding that shows it has the text and an ``id``; others link there."""

    id: str
    at: str
    finding: int
    time: str
    source: str
    code: str
    text: str
    cut: int


@dataclass(frozen=True)
class Step:
    """A line of a timeline: a finding, with its severity and score, or an event, with its source."""

    seconds: float
    time: str
    at: str
    title: str
    about: str
    severity: str = ""
    score: str = ""
    source: str = ""


@dataclass
class Host:
    """A host and its findings; ``number`` is its place among all, those with the highest risk first."""

    name: str
    number: int
    findings: list[Shown] = field(default_factory=list)
    events: list[Step] = field(default_factory=list)

    @property
    def worst(self) -> Shown:
        """The finding with the highest risk."""
        return self.findings[0]

    @property
    def users(self) -> list[str]:
        """Those to whom findings belong."""
        return sorted({one.user for one in self.findings} - {"-"})

    @property
    def first(self) -> str:
        """When its first finding began."""
        return shown_time(min((one.seconds for one in self.findings if one.seconds), default=None))

    @property
    def last(self) -> str:
        """When its last finding ended."""
        return shown_time(max((one.last_seconds for one in self.findings if one.last_seconds), default=None))

    @property
    def steps(self) -> list[Step]:
        """Its timeline."""
        found = [
            Step(one.seconds, one.first_exact, f"f{one.number}", one.title, one.about, one.severity, one.score)
            for one in self.findings
        ]
        return sorted([*found, *self.events], key=lambda step: step.seconds)


class Shown:
    """A finding as the page shows it."""

    def __init__(self, page: Findings, number_: int, finding: Finding, host: Host) -> None:
        self._page, self._finding = page, finding
        self.number, self.host = number_, host
        self.title, self.detection = finding.title, finding.detection
        self.severity, self.score = finding.severity, f"{finding.risk_score:g}"
        self.why, self.user = finding.single("why"), finding.single("user")
        self.count = finding.single("count")
        first, last = finding.row.get("first_time"), finding.row.get("last_time")
        self.first, self.first_exact, self.last_exact = shown_time(first), exact_time(first), exact_time(last)
        self.seconds = _seconds(first)
        self.last_seconds = _seconds(last) or self.seconds
        self.detection_number = page.numbers.get(finding.detection, 0)
        host.findings.append(self)

    @property
    def techniques(self) -> list[tuple[str, str]]:
        """Ids of ATT&CK, each with its name."""
        return [(one, self._page.names.get(one, ("", ""))[0]) for one in self._finding.mitre_attack]

    @property
    def about(self) -> str:
        """What tells its row from others: the values by which its events are found."""
        row, fields = self._finding.row, self._page.hunted.fields.events
        found = (one for name in fields for one in texts(row.get(name)) if one != "-")
        return next(found, self.why)

    @cached_property
    def evidence(self) -> list[Piece]:
        """What speaks for it, that with the most points first."""
        row = self._finding.row
        points = dict(one.rpartition(" ")[::2] for one in texts(row.get("risk_points")))
        names = dict.fromkeys([*points, *texts(row.get("evidence"))])
        pieces = [Piece(name, self._page.statements.get(name, ""), points.get(name, "")) for name in names]
        return sorted(pieces, key=lambda piece: -(number(piece.points) or 0.0))

    @property
    def groups(self) -> list[tuple[str, list[tuple[str, list[str]]]]]:
        """The fields of its row that are not shown elsewhere and hold something, under headings."""
        groups: dict[str, list[tuple[str, list[str]]]] = {heading: [] for heading, _ in self._page.hunted.fields.groups}
        for name, value in self._finding.row.items():
            told = (
                [] if name in _SHOWN or name.startswith("_") else [one for one in texts(value) if one not in ("", "-")]
            )
            if not told:
                continue
            shown = [_of_field(name, one) for one in told[:_MOST_VALUES]]
            shown += [f"{len(told) - _MOST_VALUES:,} more values"] if len(told) > _MOST_VALUES else []
            groups.setdefault(self._page.heading(name), []).append((name, shown))
        return [(heading, fields) for heading, fields in groups.items() if fields]

    @property
    def _behind(self) -> Behind:
        behind = self._page.hunted.behind
        return behind[self.number - 1] if self.number <= len(behind) else Behind()

    @cached_property
    def events(self) -> list[ShownEvent]:
        """The events behind it."""
        return [self._page.shown(self, place, event) for place, event in enumerate(self._behind.events, 1)]

    @property
    def events_note(self) -> str:
        """What is to be said of events that are not there."""
        hunted = self._page.hunted
        if hunted.splunk:
            return f"The events stay in the Splunk that was searched, {hunted.splunk}. This search opens them there:"
        if self._behind.more:
            return f"{self._behind.more:,} more events of this finding are left out."
        if self._behind.events:
            return ""
        if "-" in hunted.inputs:
            return "Standard input can be read only once, so the events that came that way cannot be shown."
        if len(hunted.behind) == MOST_FINDINGS < self.number:
            return f"It is not among the first {MOST_FINDINGS:,}, whose events are shown."
        return "No event on this host and in this time names what the finding is about."

    @property
    def search(self) -> str:
        """The search that opens its events in the Splunk that was searched."""
        if not self._page.hunted.splunk or not self.seconds:
            return ""
        row, fields = self._finding.row, self._page.hunted.fields.events
        told = dict.fromkeys(one for name in fields for one in texts(row.get(name)) if one not in ("", "-"))
        values = " OR ".join(map(_quoted, told))
        times = f"earliest={math.floor(self.seconds)} latest={math.floor(self.last_seconds) + 1}"
        return f"index=* {times} {_quoted(self._finding.single('dest'))}{f' ({values})' if values else ''}"


class Findings:
    """What findings share: names, statements, and which events were shown already."""

    def __init__(self, hunted: Hunted) -> None:
        self.hunted = hunted
        techniques, statements = (
            _table(hunted.app, one) for one in (hunted.fields.techniques, hunted.fields.statements)
        )
        self.names = {row["technique"]: (row.get("name", ""), row.get("tactics", "")) for row in techniques}
        self.statements = {row["name"]: row.get("statement", "") for row in statements}
        self.numbers = {one.slug: place for place, one in enumerate(hunted.detections, 1)}
        self._headings: dict[str, str] = {}
        self._events: dict[int, ShownEvent] = {}
        names: dict[str, Host] = {}
        self.findings: list[Shown] = []
        for place, one in enumerate(hunted.findings, 1):  # the worst first, so hosts are in that order too
            name = one.single("dest")
            host = names.setdefault(name, Host(_blanks_shown(name), len(names) + 1))
            self.findings.append(Shown(self, place, one, host))
        self.hosts = list(names.values())
        for shown in self.findings:
            for event, told in zip(shown._behind.events, shown.events, strict=True):
                if told.id:
                    title = f"event {told.code}" if told.code else "event"
                    step = Step(event.time, told.time, told.id, title, _data(event.text), source=event.source)
                    shown.host.events.append(step)

    def heading(self, name: str) -> str:
        """Under which heading a field stands."""
        if name not in self._headings:
            fits = (one for one, beginnings in self.hunted.fields.groups if name.startswith(beginnings))
            self._headings[name] = next(fits, "Other fields")
        return self._headings[name]

    def shown(self, finding: Shown, place: int, event: RawEvent) -> ShownEvent:
        """An event as this finding shows it."""
        before = self._events.get(id(event))
        if before:
            return ShownEvent("", before.id, before.finding, before.time, before.source, before.code, "", 0)
        name = f"f{finding.number}e{place}"
        found = _EVENT_ID.search(event.text)
        code = found[1] if found else ""
        time = exact_time(event.time)
        shown = ShownEvent(name, name, finding.number, time, event.source, code, event.text, event.cut)
        self._events[id(event)] = shown
        return shown


def _blanks_shown(name: str) -> str:
    """The name, with every blank that is not one between words shown as an escape: it could look like another one."""
    return _BLANK.sub(lambda blank: f"\\u{ord(blank[0]):04x}", name)


def _table(app: App, lookup: str) -> list[dict[str, str]]:
    """The rows of a lookup, an empty cell as a missing key; none where the app has no such lookup."""
    if lookup not in app.conf("transforms").stanzas:
        return []
    return [{name: ", ".join(texts(value)) for name, value in row.items()} for row in Lookups([app]).get(lookup).rows()]


def exact_time(value: Value | None) -> str:
    """Epoch seconds as people read them, in UTC, which the page says once; the text itself where it is no time."""
    time = iso_time(value)
    return time.removesuffix("Z").replace("T", " ") if time else ", ".join(texts(value)) or "-"


def shown_time(value: Value | None) -> str:
    """The same to the second."""
    time = exact_time(value)
    return time[:19] if iso_time(value) else time


def _seconds(value: Value | None) -> float:
    """Epoch seconds; 0 for what is no time."""
    return (number(value) or 0.0) if iso_time(value) else 0.0


def _of_field(name: str, text: str) -> str:
    """A value as it is shown: epoch seconds in a field that says so by its name as a time."""
    return f"{exact_time(text)} ({text})" if name.endswith("_time") and iso_time(text) else text


def _data(text: str) -> str:
    """What Windows tells in an event beside who wrote it and when, as one line; else the beginning of the text."""
    data = ((name, unescape(value).strip()) for name, value in _DATA.findall(text[:_MOST_OF_TEXT]))
    return ", ".join(f"{name}={value}" for name, value in data if value not in ("", "-")) or text[:_MOST_OF_TEXT]


def _quoted(text: str) -> str:
    """A text as a term of a search."""
    return '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))
