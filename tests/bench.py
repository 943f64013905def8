"""The bench on which cases run: the app on one search head, fast enough for hundreds of cases one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

from searchhead.conf import App
from searchhead.head import SearchHead
from searchhead.inputs import Reader
from searchhead.lookupdefinitions import is_kvstore
from searchhead.lookups import Lookup
from searchhead.savedsearches import SavedSearch, detections, others
from searchhead.scp import CommandFailed
from searchhead.spl.errors import SplError
from searchhead.spl.pipeline import Search
from searchhead.spl.timeranges import ALL_TIME, TimeRange
from searchhead.spl.values import Row
from tests.apps import NOW, STAND_INS, addons, package_abuse

Records = Mapping[str, Sequence[Mapping[str, str | int | float]]]
"""What the collections of the KV store hold at first, by the name of their lookup, and files of the site."""


def lookups_of(case: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The lookups of a case: rows of the site's files, for ``copy_with_lookups``, and records for a run."""
    given = case.get("lookups", {})
    files = {name: rows for name, rows in given.items() if name.endswith("_site")}
    return files, {name: rows for name, rows in given.items() if name not in files}


@cache
def over_data_models() -> frozenset[str]:
    """The app's detections that find nothing without data models: they read one, or what only such searches write."""
    head = SearchHead(package_abuse(), addons(*STAND_INS), now=NOW)

    def compiled(saved: SavedSearch) -> Search | None:
        with suppress(SplError):  # its own tests tell
            return head.compile(saved)
        return None

    over, others_write = set[str](), set[str]()
    for one in others(head.app):
        search = compiled(one)
        if search and not search.generating:
            (over if head.over_data_models(one) else others_write).update(search.writes)
    only = over - others_write
    reads = {one.slug: search.reads if (search := compiled(one)) else () for one in detections(head.app)}
    return frozenset(
        one.slug
        for one in detections(head.app)
        if head.over_data_models(one) or any(names & only for names in reads[one.slug])
    )


class Bench:
    """The app beside some add-ons, by their names; close it when done.

    Without any data model the searches over them are left out, as the search head does with those that write state.

    Every run begins anew: what a run wrote into the KV store the next one does not find. Only the processes of the
    custom commands stay, because they take longer to start than a case to run. Raises what SearchHead raises.

    Attributes:
        app: the app.
        damages: what the last run could not read.
        warnings: what the search head warned of in all runs.
    """

    def __init__(self, app: App, addon_names: Sequence[str] = (), time_range: TimeRange = ALL_TIME) -> None:
        self.app = app
        self.damages: list[object] = []
        self.warnings: list[str] = []
        self._head = SearchHead(app, addons(*addon_names), now=NOW, time_range=time_range, warn=self.warnings.append)
        self._saved = {one.slug: one for one in detections(app) if not self._head.finds_nothing(one)}
        self._compiled: dict[str, Search] = {}
        self._collections = [name for name, one in app.conf("transforms").stanzas.items() if is_kvstore(one)]
        self._replaced: dict[str, list[Row]] = {}
        self._states: dict[tuple[str, ...], list[Search]] = {}
        self._held = ExitStack()

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the processes of the commands."""
        self._held.close()

    @property
    def slugs(self) -> list[str]:
        """The app's detections that are not left out, in the order of savedsearches.conf."""
        return list(self._saved)

    def run(self, slugs: Sequence[str], logs: Sequence[Path], records: Records | None = None) -> list[list[Row]]:
        """The rows of each detection over these logs, after the searches that write state, as ``hunt`` runs them.

        ``records`` may also hold the rows of a file of the site, in memory: the app's commands do not see these.
        """
        self._begin(records or {})
        chosen = [self._search(slug) for slug in slugs]
        state = self._state(tuple(slugs), chosen)
        searches = [*state, *chosen]
        reader = Reader(self._head.wanted(searches))
        try:
            rows = self._head.run(searches, reader.read(logs))
        except CommandFailed:
            self.close()  # the next run starts processes of its own: one that gave up has nothing more to say
            raise
        self.damages = list(reader.stats.damages)
        return rows[len(state) :]

    def _begin(self, records: Records) -> None:
        """Let the lookups hold what they hold before any search, and these records."""
        lookups = self._head.lookups
        for name in self._collections:
            lookups.get(name).write([])
        for name, shipped in self._replaced.items():
            _fill(lookups.get(name), shipped)
        for name, given in records.items():
            lookup = lookups.get(name)
            if not lookup.is_collection:
                self._replaced.setdefault(name, lookup.rows())
                _fill(lookup, given)
            elif problems := lookup.write(given, append=True):
                raise ValueError("; ".join(problems))

    def _state(self, slugs: tuple[str, ...], chosen: Sequence[Search]) -> list[Search]:
        """The searches that write what these read, as ``hunt`` chooses them."""
        if slugs not in self._states:
            self._states[slugs] = [self._head.compile(one) for one in self._head.state_searches(chosen)]
            for search in self._states[slugs]:
                self._hold(search)
        return self._states[slugs]

    def _search(self, slug: str) -> Search:
        if slug not in self._compiled:
            if slug not in self._saved:
                raise LookupError(f"there is no detection {slug}; there are {', '.join(self._saved)}")
            self._compiled[slug] = self._head.compile(self._saved[slug])
            self._hold(self._compiled[slug])
        return self._compiled[slug]

    def _hold(self, search: Search) -> None:
        """Keep the processes of a search's commands: each ends after its last run, and this one ends with the bench."""
        self._held.callback(search.start().close)


def _fill(lookup: Lookup, rows: Sequence[Mapping[str, Any]]) -> None:
    """Let a file hold these rows, with all its columns. Raises ValueError for a row with another one."""
    for row in rows:
        lookup.require(row)
    lookup.write([{name: row.get(name, "") for name in lookup.fields} for row in rows])
