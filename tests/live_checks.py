"""Ask a live Splunk what only it can prove: ``.venv/bin/python -m tests.live_checks``.

The points stand in live_checks.toml. SPLUNK_URL and SPLUNK_TOKEN name a Splunk that has the app. Every point that a
machine can decide is run there through splunk-sdk; the others are for a person, who finds their steps with --by-hand.

What a check writes into the KV store are records under keys of its own, which are removed at its end, however that
comes; records and rows of the site are only read. Events for tests go only into the index that --index names, each
check's under a host of its own, and stay there until Splunk's retention takes them.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from searchhead.head import TimeRange
from searchhead.live import LiveFailed, SearchFailed, Splunk
from searchhead.spl.values import Row, texts

POINTS = Path(__file__).with_name("live_checks.toml")
APP = "package_abuse"

# How long Splunk may take to index what it was sent, in seconds.
PATIENCE = 60.0

# How much of the rows that came instead of the expected ones is shown: rows, and characters of each.
_SHOWN_ROWS = 3
_MOST_TOLD = 400


class MalformedPoints(ValueError):
    """The file of points is not in form; the message names the point."""


@dataclass(frozen=True)
class Event:
    """One event for a scratch index: its text, and as what it is sent."""

    text: str
    source: str
    sourcetype: str


@dataclass(frozen=True)
class Need:
    """What a Splunk must have for a check: ``what`` in words, and a ``search`` that gives a row where it is there.

    Without a search a person must know it.
    """

    what: str
    search: str = ""


@dataclass(frozen=True)
class Point:
    """One thing that only a live Splunk can prove.

    Attributes:
        number: its name; it stays the same for ever.
        area: the chapter of the page.
        point: what is relied on.
        where: what relies on it: a file, macro or saved search.
        expect: the result, for a person.
        search: what is run; ``$index$`` and ``$host$`` stand for the scratch index and the host of ``events``.
        passes: commands appended to the search that leave a row if the point holds.
        shows: fields of the first result row, each with a pattern for its text, for what only the output shows.
        refused: the search must be refused, with a message that holds this.
        silent: a pattern that no message of the search may hold.
        needs: names of what must be there.
        prepares: searches to run before.
        writes: collections with the keys of the records that this writes, which are removed at the end.
        events: what is sent to the scratch index before.
        all_time: whether the search looks at all time; else as far back as the script is told.
        steps: for a point that only a person can see: what to do.
        embedded: why the embedded search head cannot run the search; empty if it can.
    """

    number: int
    area: str
    point: str
    where: str
    expect: str
    search: str = ""
    passes: str = ""
    shows: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""
    silent: str = ""
    needs: tuple[str, ...] = ()
    prepares: tuple[str, ...] = ()
    writes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    all_time: bool = False
    steps: tuple[str, ...] = ()
    embedded: str = ""

    @property
    def by_hand(self) -> bool:
        """Whether only a person can decide it."""
        return bool(self.steps)

    @property
    def searches(self) -> tuple[str, ...]:
        """Every text of search language that it has, as it is run."""
        return (*self.prepares, *([f"{self.search} {self.passes}".strip()] if self.search else []))


@dataclass(frozen=True)
class Points:
    """The file of points: needs by name, the points by number, and what is known to be unproven and not relied on."""

    needs: Mapping[str, Need]
    points: tuple[Point, ...]
    aside: tuple[tuple[str, str], ...]


def read(path: Path = POINTS) -> Points:
    """The points of a file; raises MalformedPoints."""
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    needs = {name: _made(Need, one, f"need {name}") for name, one in found.get("needs", {}).items()}
    points = [_point(one, found.get("texts", {})) for one in found.get("point", ())]
    for number, point in enumerate(points, start=1):
        if point.number != number:
            raise MalformedPoints(f"point {point.number}: the number must be {number}: none is left out or reused")
        if unknown := set(point.needs) - set(needs):
            raise MalformedPoints(f"point {number}: unknown needs: {', '.join(sorted(unknown))}")
    aside = tuple((one["point"], one["reason"]) for one in found.get("aside", ()))
    return Points(needs, tuple(points), aside)


def _point(given: dict[str, Any], written: Mapping[str, str]) -> Point:
    name = f"point {given.get('number')}"
    if missing := [one["text"] for one in given.get("events", ()) if one["text"] not in written]:
        raise MalformedPoints(f"{name}: unknown text: {', '.join(missing)}")
    given["events"] = [_made(Event, one | {"text": written[one["text"]]}, name) for one in given.get("events", ())]
    lists = {key: tuple(given[key]) for key in ("needs", "prepares", "events", "steps") if key in given}
    point: Point = _made(Point, given | lists, name)
    decides = [key for key in ("passes", "shows", "refused", "silent") if getattr(point, key)]
    if point.by_hand == bool(decides):
        raise MalformedPoints(f"{name}: either steps for a person or something that decides")
    if not point.by_hand and not point.search:
        raise MalformedPoints(f"{name}: nothing to run")
    if bool(point.events) != any("$host$" in text for text in point.searches):
        raise MalformedPoints(f"{name}: events and $host$ belong together")
    return point


def _made(kind: Any, given: Mapping[str, Any], name: str) -> Any:
    unknown = set(given) - {one.name for one in fields(kind)}
    if unknown:
        raise MalformedPoints(f"{name}: unknown: {', '.join(sorted(unknown))}")
    try:
        return kind(**given)
    except TypeError as error:
        raise MalformedPoints(f"{name}: {error}") from error


@dataclass(frozen=True)
class Outcome:
    """What became of a point: ``kind`` is passed, failed, skipped or by hand; ``detail`` says more."""

    kind: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}" if self.detail else self.kind


class Checks:
    """Runs points on a Splunk; ``messages`` takes what that Splunk says about a search."""

    def __init__(
        self, splunk: Splunk, needs: Mapping[str, Need], messages: list[str], *, index: str, hours: int
    ) -> None:
        self._splunk = splunk
        self._needs = needs
        self._messages = messages
        self._index = index
        self._hours = hours
        self._run = f"{time.time():.0f}-{os.getpid()}"
        self._there: dict[str, bool] = {}

    def check(self, point: Point) -> Outcome:
        """Run one point, and remove what it wrote. Raises LiveFailed if the Splunk cannot be used."""
        if point.by_hand:
            return Outcome("by hand", point.point)
        missing = [self._needs[name].what for name in point.needs if not self._has(name)]
        if point.events and not self._index:
            missing.append("an index for events of tests (--index)")
        if missing:
            return Outcome("skipped", f"needs {'; '.join(missing)}")
        left: list[str] = []
        try:
            outcome = self._decide(point)
        finally:
            for collection, key in ((name, key) for name, keys in point.writes.items() for key in keys):
                try:
                    self._splunk.delete_record(collection, key)
                except SearchFailed as error:
                    left.append(str(error))
        return Outcome("failed", f"it left records behind: {'; '.join(left)}") if left else outcome

    def _has(self, name: str) -> bool:
        if name not in self._there:
            need = self._needs[name]
            try:
                self._there[name] = not need.search or bool(self._search(need.search))
            except SearchFailed:  # an endpoint or a data model that is not there
                self._there[name] = False
        return self._there[name]

    def _decide(self, point: Point) -> Outcome:
        host = f"live-check-{point.number}-{self._run}"
        search = point.search.replace("$index$", self._index).replace("$host$", host)
        self._messages.clear()
        self._splunk.failures.clear()
        try:
            for prepare in point.prepares:
                self._search(prepare)
            self._send(point.events, host)
            rows = self._search(f"{search} {point.passes}".strip(), all_time=point.all_time or bool(point.events))
        except SearchFailed as error:
            if point.refused and point.refused in str(error):
                return Outcome("passed")
            return _failed(point, str(error))
        if point.refused:
            return _failed(point, f"it was not refused: {_shown(rows)}")
        if self._splunk.failures:
            return _failed(point, "; ".join(self._splunk.failures))
        if said := [one for one in self._messages if point.silent and re.search(point.silent, one)]:
            return _failed(point, "; ".join(said))
        if point.shows:
            first = rows[0] if rows else {}
            fits = all(re.search(pattern, ", ".join(texts(first.get(name)))) for name, pattern in point.shows.items())
            return Outcome("passed") if fits else _failed(point, _shown(rows))
        if point.passes and not rows:
            return _failed(point, _shown(self._search(search, all_time=point.all_time or bool(point.events))))
        return Outcome("passed")

    def _search(self, spl: str, *, all_time: bool = False) -> list[Row]:
        # What was just indexed may bear a time that lies a little ahead.
        earliest, latest = ("0", "+1d") if all_time else (f"-{self._hours}h", "now")
        return self._splunk.search(spl, TimeRange(), earliest_time=earliest, latest_time=latest)

    def _send(self, events: Sequence[Event], host: str) -> None:
        for event in events:
            self._splunk.send(
                event.text, index=self._index, host=host, source=event.source, sourcetype=event.sourcetype
            )
        count = f'index="{self._index}" host="{host}" | stats count'
        deadline = time.monotonic() + PATIENCE
        while events and int(str(self._search(count, all_time=True)[0]["count"])) < len(events):
            if time.monotonic() > deadline:
                raise SearchFailed(f"the events were not indexed within {PATIENCE:g} seconds")
            time.sleep(1.0)


def _failed(point: Point, got: str) -> Outcome:
    return Outcome("failed", f"expected {point.expect}, got {got}")


def _shown(rows: Sequence[Row]) -> str:
    if not rows:
        return "no rows"
    more = f" and {len(rows) - _SHOWN_ROWS} rows more" if len(rows) > _SHOWN_ROWS else ""
    each = [
        ", ".join(f"{name}={' | '.join(texts(value))}" for name, value in row.items()) for row in rows[:_SHOWN_ROWS]
    ]
    return "; ".join(each) + more


def by_hand(points: Sequence[Point]) -> str:
    """What a person does for the points that a machine cannot decide."""
    return "\n".join(
        f"{one.number}. {one.point}\n{''.join(f'   - {step}{chr(10)}' for step in one.steps)}   expect: {one.expect}"
        for one in points
        if one.by_hand
    )


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.live_checks",
        description="Ask a live Splunk what only it can prove. See docs/live-checks.md.",
    )
    parser.add_argument("--only", metavar="N", type=int, nargs="+", help="run only the points with these numbers")
    parser.add_argument("--by-hand", action="store_true", help="list what a person must look at, and run nothing")
    parser.add_argument("--index", default="", help="an index for events of tests; they stay there")
    parser.add_argument("--hours", type=int, default=24, help="how far back searches over events look (default: 24)")
    parser.add_argument("--splunk-ca", type=Path, metavar="FILE", help="the authority that signed the certificate")
    parser.add_argument("--points", type=Path, default=POINTS, help=argparse.SUPPRESS)
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None, write: Callable[[str], object] = sys.stdout.write) -> int:
    """Run the points; returns 1 if one failed, 2 if nothing could be run."""
    arguments = _arguments(given)
    found = read(arguments.points)
    numbers = set(arguments.only or ())
    if unknown := numbers - {one.number for one in found.points}:
        write(f"live_checks: there is no point {', '.join(map(str, sorted(unknown)))}\n")
        return 2
    points = [one for one in found.points if not numbers or one.number in numbers]
    if arguments.by_hand:
        write(by_hand(points) + "\n")
        return 0
    if not re.fullmatch(r"[a-z0-9_-]*", arguments.index):
        write("live_checks: --index: an index has only lower-case letters, digits, _ and - in its name\n")
        return 2
    if not os.environ.get("SPLUNK_URL"):
        write("live_checks: SPLUNK_URL is not set: it names a Splunk with the app, SPLUNK_TOKEN its token\n")
        return 2
    counts = dict.fromkeys(("passed", "failed", "skipped", "by hand"), 0)
    messages: list[str] = []
    try:
        splunk = Splunk(
            os.environ["SPLUNK_URL"],
            os.environ.get("SPLUNK_TOKEN", ""),
            APP,
            authority=arguments.splunk_ca,
            warn=messages.append,
        )
        checks = Checks(splunk, found.needs, messages, index=arguments.index, hours=arguments.hours)
        for point in points:
            outcome = checks.check(point)
            counts[outcome.kind] += 1
            write(f"{point.number:>3} {outcome}\n")
    except LiveFailed as error:
        write(f"live_checks: {error}\n")
        return 2
    write(", ".join(f"{count} {kind}" for kind, count in counts.items()) + "\n")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
