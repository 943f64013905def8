"""The search head itself: an app, what its searches refer to, and one pass over events for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path

from searchhead.conf import App
from searchhead.customcommands import AppCommands
from searchhead.knowledge import Knowledge
from searchhead.lookups import Lookups
from searchhead.macros import macros_of
from searchhead.savedsearches import SavedSearch
from searchhead.spl.errors import SplError
from searchhead.spl.operators import Environment
from searchhead.spl.pipeline import Run, Search, compile_search
from searchhead.spl.values import Row

# Enough to make the exchange with a command's process cheap, few enough to keep memory flat.
_PORTION = 5_000


@dataclass(frozen=True)
class TimeRange:
    """The time range of a search, in epoch seconds: ``earliest`` counts in, ``latest`` does not; None is open."""

    earliest: float | None = None
    latest: float | None = None

    def holds(self, time: float) -> bool:
        """Whether the time lies in the range."""
        return (self.earliest is None or time >= self.earliest) and (self.latest is None or time < self.latest)


class SearchHead:
    """An app and the add-ons beside it, ready to compile searches and to run them.

    ``lookup_overrides`` replaces the file of a lookup definition by another one. ``warn`` takes sentences about limits
    that were met and messages of custom commands. Raises InvalidConf, InvalidLookup or SplError for anything in the
    conf files that is wrong or unknown.
    """

    def __init__(
        self,
        app: App,
        addons: Sequence[App] = (),
        *,
        now: float,
        time_range: TimeRange = TimeRange(),
        timezone: tzinfo = UTC,
        lookup_overrides: Mapping[str, Path] | None = None,
        scratch: Path | None = None,
        warn: Callable[[str], None] = lambda _message: None,
    ) -> None:
        apps = [*addons, app]
        self.app = app
        self._time_range = time_range
        self._environment = Environment(
            lookups=Lookups(apps, scratch=scratch, overrides=lookup_overrides),
            macros={name: macro for one in apps for name, macro in macros_of(one).items()},
            commands=AppCommands(apps, now=now, warn=warn),
            now=now,
            timezone=timezone,
            earliest=time_range.earliest,
            latest=time_range.latest,
            warn=warn,
        )
        self._knowledge = Knowledge(apps, self._environment)

    def compile(self, saved: SavedSearch) -> Search:
        """The saved search, ready to run; raises SplError that names the stanza."""
        try:
            return compile_search(saved.search, self._environment)
        except SplError as error:
            error.place = saved.place
            raise

    def run(self, searches: Sequence[Search], events: Iterable[Row]) -> list[list[Row]]:
        """The result rows of each search over these events, which are read once.

        An event comes with Splunk's default fields. Its other fields are extracted only if some search may want it.
        Raises CommandFailed if a custom command gives up.
        """
        with ExitStack() as stack:
            feeds = [_Feed(search, search.start(), stack) for search in searches]
            for event in events:
                if not self._time_range.holds(float(event["_time"])):  # type: ignore[arg-type]  # inputs give a number
                    continue
                wanting = [feed for feed in feeds if feed.search.could_match(event)]
                if wanting:
                    row = self._knowledge.extract(event)
                    for feed in wanting:
                        feed.add(dict(row))
            return [feed.results() for feed in feeds]


class _Feed:
    """A running search and the portion of events that waits for it."""

    def __init__(self, search: Search, run: Run, stack: ExitStack) -> None:
        self.search = search
        self._run = run
        self._waiting: list[Row] = []
        self._rows: list[Row] = []
        stack.callback(run.close)

    def add(self, row: Row) -> None:
        self._waiting.append(row)
        if len(self._waiting) >= _PORTION:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            self._rows.extend(self._run.feed(self._waiting))
            self._waiting = []

    def results(self) -> list[Row]:
        self._flush()
        self._rows.extend(self._run.finish())
        return self._rows
