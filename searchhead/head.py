"""The search head itself: an app, what its searches refer to, and one pass over events for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from pathlib import Path

from searchhead.conf import App
from searchhead.customcommands import AppCommands
from searchhead.datamodels import SharedEvent, datamodels_of
from searchhead.knowledge import Knowledge
from searchhead.lookups import Lookups
from searchhead.macros import macros_of
from searchhead.rest import Rest
from searchhead.savedsearches import SavedSearch, others
from searchhead.spl.expansion import expand
from searchhead.spl.operators import Environment
from searchhead.spl.origins import Traced
from searchhead.spl.pipeline import Plans, Search, compile_expanded
from searchhead.spl.sharing import Branch, grow
from searchhead.spl.timeranges import ALL_TIME, INDEX_TIME, TimeRange
from searchhead.spl.traces import Trace
from searchhead.spl.values import Row

__all__ = ["Outcome", "SearchHead", "TimeRange"]

# What waits for all searches together: some thousand events, each with its characters and what its fields need beside.
_MOST_WEIGHT = 16_000_000
_ROW_WEIGHT = 2_000
_MOST_SOURCES = 1_000


class SearchHead:
    """An app and the add-ons beside it, ready to compile searches and to run them.

    ``lookup_overrides`` replaces the file of a lookup definition by another one. ``sid`` is what ``addinfo`` tells of
    the run; that of a scheduled one begins with ``scheduler_``. ``warn`` takes sentences about limits that were met and
    messages of custom commands. Raises InvalidConf, InvalidLookup or SplError for anything in the conf files that is
    wrong or unknown.
    """

    def __init__(
        self,
        app: App,
        addons: Sequence[App] = (),
        *,
        now: float,
        time_range: TimeRange = ALL_TIME,
        timezone: tzinfo = UTC,
        lookup_overrides: Mapping[str, Path] | None = None,
        sid: str = "embedded_1",
        scratch: Path | None = None,
        warn: Callable[[str], None] = lambda _message: None,
    ) -> None:
        apps = [*addons, app]
        self.app = app
        self._environment = Environment(
            lookups=Lookups(apps, scratch=scratch, overrides=lookup_overrides),
            macros={name: macro for one in apps for name, macro in macros_of(one).items()},
            commands=AppCommands(apps, now=now, warn=warn),
            now=now,
            timezone=timezone,
            earliest=time_range.earliest,
            latest=time_range.latest,
            sid=sid,
            warn=warn,
        )
        self._plans: Plans = {}
        self._texts: dict[SavedSearch, Traced] = {}
        self._searches: dict[SavedSearch, Search] = {}
        self._knowledge = Knowledge(apps, self._environment)
        self._environment.derived = self._knowledge.terms
        self._environment.datamodels = datamodels_of(apps, self._environment)
        self._environment.rest = Rest(apps, self._environment.lookups, self._environment.datamodels)

    @property
    def lookups(self) -> Lookups:
        """The lookups that its searches read and write."""
        return self._environment.lookups

    def state_searches(self, readers: Sequence[Search] | None = None) -> list[SavedSearch]:
        """The app's searches that are no detections, read events and write lookups, in the order of savedsearches.conf.

        That order is the one to run them in: what one of them writes the next ones and all detections find. One that
        reads no events, of a source or a data model, only tidies what earlier runs left, by a clock that is not that
        of old logs. One that ``finds_nothing`` is left out. With ``readers`` there are only those that write what
        these searches read, or one of those does.
        """
        writing = [one for one in others(self.app) if "outputlookup" in self._expanded(one).text]
        if readers is None:
            return [one for one in writing if self._keeps_state(one)]
        wanted = {name for search in readers for names in search.reads for name in names}
        needed: list[SavedSearch] = []
        for one in reversed(writing):
            # What a search writes it names: most need not be compiled to know that they do not.
            if any(name in self._expanded(one).text for name in wanted) and self._keeps_state(one):
                search = self.compile(one)
                if wanted & search.writes:
                    needed.insert(0, one)
                    wanted |= {name for names in search.reads for name in names}
        return needed

    def _keeps_state(self, saved: SavedSearch) -> bool:
        """Whether a search that writes a lookup writes what it makes of events."""
        return not self.finds_nothing(saved) and not self.compile(saved).generating

    def over_data_models(self, saved: SavedSearch) -> bool:
        """Whether the search reads data models, which come with an add-on."""
        return "datamodel" in self._expanded(saved).text

    def finds_nothing(self, saved: SavedSearch) -> bool:
        """Whether the search reads data models and no add-on brings one: there it cannot be compiled, and is left out.

        Where there are some, a wrong name of a data model is an error as any other.
        """
        return not self._environment.datamodels and self.over_data_models(saved)

    def _expanded(self, saved: SavedSearch) -> Traced:
        """Its text with all macros expanded; done once, as it is asked for again and again."""
        if saved not in self._texts:
            self._texts[saved] = expand(saved.search, self._environment.macros, saved.place)
        return self._texts[saved]

    def compile(self, saved: SavedSearch, time_range: TimeRange | None = None) -> Search:
        """The saved search, ready to run over a time range, the head's by default; SplError names the stanza."""
        if time_range is not None:
            ranged = replace(self._environment, earliest=time_range.earliest, latest=time_range.latest)
            return compile_expanded(self._expanded(saved), ranged)
        if saved not in self._searches:
            self._searches[saved] = compile_expanded(self._expanded(saved), self._environment, self._plans)
        return self._searches[saved]

    def wanted(self, searches: Sequence[Search]) -> Callable[[str], Callable[[str], bool] | None]:
        """What the searches want to be read: for a source the test of the text of its events, None if none is wanted.

        What the test lets go no search could match; what it keeps may still be dropped later.
        """

        def of(source: str) -> Callable[[str], bool] | None:
            needs = [search.text_needs({"source": source}) for search in searches]
            if None in needs:
                return lambda _text: True
            texts = sorted(frozenset().union(*(one for one in needs if one is not None)))
            return _holding(texts) if texts else None

        return of

    def run(self, searches: Sequence[Search], events: Iterable[Row]) -> list[list[Row]]:
        """The result rows of each search over these events, which are read once; see ``outcomes``."""
        return [outcome.rows for outcome in self.outcomes(searches, events)]

    def outcomes(self, searches: Sequence[Search], events: Iterable[Row], *, traced: bool = False) -> list[Outcome]:
        """What becomes of each search over these events, which are read once.

        An event comes with Splunk's default fields; without ``_indextime`` it was indexed when it happened. A search
        gets those in its time range: the one that it sets, else the head's. An event's other fields are extracted only
        if some search may want it. Commands with which several searches begin run once for all of them. The searches
        end in their order, so that a lookup which one of them writes at its end is there for what those after it do
        once all events were read.
        ``traced`` keeps account of what passes each command.

        Raises CommandFailed if a custom command gives up.
        """
        self._warn_of_early_reads(searches)
        with ExitStack() as stack:
            ends = grow(searches, stack, traced=traced)
            by_trunk = {branch.trunk: _Feed(branch.trunk) for branch in ends}
            feeds = list(by_trunk.values())
            waiting = _Waiting(feeds)
            # Most events are of few sources, and a source alone tells most searches that it is not for them.
            by_source: dict[str, list[tuple[TimeRange, list[_Feed]]]] = {}
            for read in events:
                event = self._knowledge.identify(read)
                source = str(event.get("source", ""))
                candidates = by_source.get(source)
                if candidates is None:
                    if len(by_source) >= _MOST_SOURCES:  # those of hostile logs are without number
                        by_source.clear()
                    candidates = by_source[source] = _by_time_range(
                        feed for feed in feeds if feed.search.could_match({"source": source})
                    )
                time = float(event["_time"])  # type: ignore[arg-type]  # inputs give a number
                in_time = [feed for time_range, group in candidates for feed in _seen(group, time_range.holds(time))]
                if not in_time:
                    continue
                event = SharedEvent(event)
                event.setdefault(INDEX_TIME, int(time))
                wanting = [feed for feed in in_time if feed.search.could_match(event)]
                if wanting:
                    row = SharedEvent(self._knowledge.extract(event))
                    for feed in wanting:
                        waiting.add(feed, dict(row) if feed.search.takes_rows else row)
            for feed in feeds:
                feed.end()
            return [by_trunk[end.trunk].outcome(search, end) for search, end in zip(searches, ends, strict=True)]

    def _warn_of_early_reads(self, searches: Sequence[Search]) -> None:
        for search in searches:
            for name in sorted(search.early_reads):
                if any(name in other.writes for other in searches if other is not search):
                    self._environment.warn(
                        f"a search that begins with {search.commands[0][:60]!r} reads the lookup {name} while events "
                        "still come: it does not see what other searches of this hunt write into it at the end"
                    )


def _holding(texts: Sequence[str]) -> Callable[[str], bool]:
    """A test whether a text holds one of these, which are in lower case; it is run for every event."""
    # Most are event IDs, for which the text can stay as it is.
    exact = [one for one in texts if one.isdigit()]
    folded = [one for one in texts if not one.isdigit()]

    def holds(event: str) -> bool:
        for one in exact:
            if one in event:
                return True
        if folded:
            event = event.lower()
            for one in folded:
                if one in event:
                    return True
        return False

    return holds


@dataclass(frozen=True)
class Outcome:
    """What became of a search.

    Of the events that its source lets the search want, ``seen`` were read with all their text and ``in_time`` of them
    lie in the time range. If a trace was asked for, ``passed`` counts the rows that left each command, and ``trace``
    tells more.
    A command that runs once for several searches has the same figures in all of them, also where one of them, with
    ``head`` for example, wanted no more rows.
    """

    search: Search
    rows: list[Row]
    seen: int
    in_time: int
    passed: list[int]
    trace: Trace | None


class _Feed:
    """What searches begin with, and the portion of events that waits for it."""

    def __init__(self, trunk: Branch) -> None:
        self.search = trunk.search
        self.seen = self.in_time = 0
        self.waiting: list[Row] = []
        self.weight = 0
        self._trunk = trunk

    def flush(self) -> None:
        """Send what waits through the commands."""
        if self.waiting:
            self._trunk.feed(self.waiting)
            self.waiting, self.weight = [], 0

    def end(self) -> None:
        """Leave what waits to the first search that ends."""
        self._trunk.feed_last(self.waiting)
        self.waiting = []

    def outcome(self, search: Search, end: Branch) -> Outcome:
        """End one of the searches."""
        return Outcome(search, list(end.results()), self.seen, self.in_time, end.passed, end.trace)


def _by_time_range(feeds: Iterable[_Feed]) -> list[tuple[TimeRange, list[_Feed]]]:
    """The feeds by the time range of their searches, which nearly all of them have in common."""
    groups: dict[TimeRange, list[_Feed]] = {}
    for feed in feeds:
        groups.setdefault(feed.search.time_range, []).append(feed)
    return list(groups.items())


def _seen(feeds: Sequence[_Feed], in_time: bool) -> Sequence[_Feed]:
    """Count an event that these may want; gives them if it lies in their time range."""
    for feed in feeds:
        feed.seen += 1
        feed.in_time += in_time
    return feeds if in_time else ()


class _Waiting:
    """The events that wait for all searches: portions keep the exchange with a process cheap, a bound memory flat."""

    def __init__(self, feeds: Sequence[_Feed]) -> None:
        self._feeds = feeds
        self._weight = 0

    def add(self, feed: _Feed, row: Row) -> None:
        """Let a row wait; when too much waits, the largest portion goes on."""
        weight = _ROW_WEIGHT + len(str(row.get("_raw", "")))
        feed.waiting.append(row)
        feed.weight += weight
        self._weight += weight
        if self._weight >= _MOST_WEIGHT:
            largest = max(self._feeds, key=lambda one: one.weight)
            self._weight -= largest.weight
            largest.flush()
