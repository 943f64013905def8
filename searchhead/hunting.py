"""One run of a hunt: what was asked for, what the searches gave, and what a report is made of."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

import click

from searchhead import healthreport
from searchhead.addons import stand_ins
from searchhead.conf import App
from searchhead.console import Warnings, progress, stop
from searchhead.exceptioncheck import Review
from searchhead.findings import Finding, by_severity, finding, iso_time
from searchhead.harmless import printable
from searchhead.head import SearchHead, TimeRange
from searchhead.hunted import Fields, Hunted
from searchhead.inputs import Reader, Stats
from searchhead.inputs.events import Wanted, Wants
from searchhead.inputs.files import STANDARD_INPUT
from searchhead.rawevents import Behind, Trail
from searchhead.reports import FORMATS, WITH_EVENTS
from searchhead.savedsearches import SavedSearch, detections, named
from searchhead.spl.pipeline import Search
from searchhead.spl.values import Row

# How many channels the summary names.
_CHANNELS = 8


@dataclass(frozen=True)
class Hunt:
    """What is hunted: the app, its lookups of exceptions and of what is long known, and the logs that come with it.

    ``fields`` tells a report what the fields of its rows are. ``review`` and ``health`` name those of its searches that
    look at the exceptions and at what the app sees, if it has some.
    """

    app: Path
    exceptions: str
    baseline: str
    demo: Path
    fields: Fields = field(default_factory=Fields)
    review: Review | None = None
    health: healthreport.HealthSearches | None = None


@dataclass(frozen=True)
class Asked:
    """The options, as they stand in the help."""

    paths: tuple[str, ...]
    demo: bool
    health: bool
    form: str
    output: str | None
    earliest: str | None
    latest: str | None
    patterns: tuple[str, ...]
    min_risk: int
    exceptions: str | None
    baseline: str | None
    explain: bool
    splunk: str | None
    splunk_ca: str | None
    fail_on_findings: bool


@dataclass(frozen=True)
class Run:
    """One run: what was asked for, of which app, at what time."""

    hunt: Hunt
    asked: Asked
    app: App
    now: float
    time_range: TimeRange
    warn: Warnings

    @property
    def inputs(self) -> list[Path | str]:
        """The paths to read."""
        return (
            [self.hunt.demo]
            if self.asked.demo
            else [one if one == STANDARD_INPUT else Path(one) for one in self.asked.paths]
        )

    @property
    def overrides(self) -> dict[str, Path]:
        """The files that were given for lookups."""
        files = ((self.hunt.exceptions, self.asked.exceptions), (self.hunt.baseline, self.asked.baseline))
        return {lookup: Path(file) for lookup, file in files if file}

    def head(self, scratch: str, now: float) -> SearchHead:
        """A search head whose clock shows ``now``, and which writes into this folder."""
        return SearchHead(
            self.app,
            stand_ins(),
            now=now,
            time_range=self.time_range,
            lookup_overrides=self.overrides,
            scratch=Path(scratch),
            warn=self.warn,
        )


@dataclass(frozen=True)
class Outcome:
    """What came of a run: the report, how much of it is bad news, what went wrong, what was searched, and the sum."""

    write: Callable[[TextIO], None]
    bad: int
    trouble: list[str]
    searched: list[str]
    sum: str


def findings(run: Run) -> Outcome:
    """Run the detections."""
    asked = run.asked
    there_are = detections(run.app)
    chosen = _chosen(there_are, asked.patterns)
    results = _over_files(run, chosen) if asked.splunk is None else _on_splunk(run, chosen)
    found = [finding(one, row) for one, rows in zip(chosen, results.rows, strict=True) for row in rows]
    shown = by_severity([one for one in found if one.risk_score >= asked.min_risk])
    told = f"detections run: {len(chosen)}, findings: {len(shown)}"
    behind, trouble = _behind(run, shown, results) if asked.form in WITH_EVENTS else ([], [])
    trouble = [*results.trouble, *trouble]
    hunted = Hunted(
        app=run.app,
        fields=run.hunt.fields,
        detections=chosen,
        findings=shown,
        behind=behind,
        now=run.now,
        time_range=run.time_range,
        below=len(found) - len(shown),
        min_risk=asked.min_risk,
        inputs=[str(path) for path in run.inputs],
        splunk=results.place,
        options=_options(asked, len(chosen), len(there_are)),
        searched=results.searched,
        trouble=trouble,
        warnings=tuple(run.warn),
        stats=results.stats,
    )
    return Outcome(partial(FORMATS[asked.form], hunted), len(shown), trouble, results.searched, told)


def _options(asked: Asked, chosen: int, there_are: int) -> list[tuple[str, str]]:
    """What a report of the same logs could have told otherwise."""
    told = {
        "Detections": f"{chosen} of {there_are}, as asked" if asked.patterns else str(chosen),
        "Exceptions": asked.exceptions,
        "Baseline": asked.baseline,
    }
    return [(name, text) for name, text in told.items() if text]


def health(run: Run, searches: healthreport.HealthSearches) -> Outcome:
    """Run the searches that look at what the app sees."""
    rows: list[healthreport.HealthRow]
    if run.asked.splunk is None:
        latest = run.time_range.latest
        now = healthreport.last_event(run.inputs, run.now) if latest is None else latest
        with TemporaryDirectory(prefix="hunt-") as scratch:
            rows, stats = healthreport.run_searches(run.head(scratch, now), searches, run.inputs)
        source = "--latest" if latest is not None else "the last event; --latest says another"
        trouble, searched = _damages(stats), [*_read(stats), f"clock: {iso_time(now)} ({source})"]
    else:
        reports = named(run.app, searches.reports)
        results = _on_splunk(run, reports)
        trouble, searched = results.trouble, results.searched
        rows = [
            row
            for one, found in zip(reports, results.rows, strict=True)
            for row in healthreport.health_rows(one.title, found, searches.prefix)
        ]
    bad = sum(one.is_problem for one in rows)
    told = f"health: {healthreport.counts(rows)}"
    return Outcome(partial(healthreport.FORMATS[run.asked.form], rows), bad, trouble, searched, told)


@dataclass(frozen=True)
class _Results:
    """The rows of each search, what went wrong on the way, and what was searched, in lines.

    Of log files also what was read, and what each detection wants to be read; of a Splunk where it is.
    """

    rows: list[list[Row]]
    trouble: list[str]
    searched: list[str]
    stats: Stats | None = None
    wanted: Mapping[str, Wanted] = field(default_factory=dict)
    place: str = ""


def _over_files(run: Run, chosen: Sequence[SavedSearch]) -> _Results:
    """Run the detections here, over log files."""
    hunt, given, explained = run.hunt, run.overrides, run.asked.explain
    with TemporaryDirectory(prefix="hunt-") as scratch:
        head = run.head(scratch, run.now)
        # State first, so that the detections find it. Without a baseline from before, these logs would be their own.
        compiled = [head.compile(one) for one in chosen]
        state = head.state_searches(compiled)
        if hunt.baseline not in given:
            state = [one for one in state if hunt.baseline not in head.compile(one).writes]
        saved = [*state, *chosen]
        searches = [*map(head.compile, state), *compiled]
        reader = Reader(head.wanted(searches))
        with progress(reader, "Reading"):
            outcomes = head.outcomes(searches, reader.read(run.inputs), traced=explained)
        account: list[str] = []
        if explained:
            from searchhead.explain import explain  # noqa: PLC0415 - loads what no other hunt needs

            for one, outcome in zip(saved, outcomes, strict=True):
                account += explain(one.title, outcome, reader.stats.sources)
    return _Results(
        [outcome.rows for outcome in outcomes[len(state) :]],
        _damages(reader.stats),
        [*map(printable, account), *_read(reader.stats), *_without_baseline(hunt.baseline, given, compiled)],
        reader.stats,
        {saved.slug: head.wanted([search]) for saved, search in zip(chosen, compiled, strict=True)},
    )


def _behind(run: Run, shown: Sequence[Finding], results: _Results) -> tuple[list[Behind], list[str]]:
    """The events behind the findings, of all files that can be read a second time, and what went wrong only then."""
    wants = {slug: Wants(results.wanted[slug]) for slug in {one.detection for one in shown} & set(results.wanted)}
    if not wants:
        return [], []

    def wanted(source: str) -> Callable[[str], bool] | None:
        tests = [test for one in wants.values() if (test := one[source])]
        return (lambda text: any(test(text) for test in tests)) if tests else None

    reader = Reader(wanted)
    with progress(reader, "Reading the events behind findings"):
        behind = Trail(shown, run.hunt.fields.events, wants).follow(
            reader.read([path for path in run.inputs if path != STANDARD_INPUT])
        )
    known = {(one.path, one.what) for one in results.stats.damages} if results.stats else set()
    damages = [one for one in reader.stats.damages if (one.path, one.what) not in known]
    return behind, [f"events behind findings: {one}" for one in damages]


def _damages(stats: Stats) -> list[str]:
    return [f"damaged: {damage}" for damage in stats.damages]


def _read(stats: Stats) -> list[str]:
    """What was read, in lines."""
    channels = ", ".join(f"{printable(name)} ({count})" for name, count in stats.channels.most_common(_CHANNELS))
    more = len(stats.channels) - _CHANNELS
    return [
        f"files read: {stats.files}, events: {stats.events}, damages: {len(stats.damages)}",
        f"channels: {channels or 'none'}{f' and {more} more' if more > 0 else ''}",
    ]


def _without_baseline(baseline: str, given: Mapping[str, Path], searches: Sequence[Search]) -> Iterator[str]:
    """The line that tells of a baseline which detections ask and which nobody gave: what was before is unknown."""
    if baseline not in given and any(baseline in names for search in searches for names in search.reads):
        yield f"no baseline: nothing is called new; --baseline FILE gives the records of {baseline} (CSV or JSON)"


def _on_splunk(run: Run, chosen: Sequence[SavedSearch]) -> _Results:
    """Run the searches of the same names on a Splunk."""
    from searchhead.live import LiveFailed, Splunk  # noqa: PLC0415 - loads what no other hunt needs

    asked = run.asked
    try:
        splunk = Splunk(
            asked.splunk or "",
            os.environ.get("SPLUNK_TOKEN", ""),
            run.app.id,
            authority=Path(asked.splunk_ca) if asked.splunk_ca else None,
            warn=run.warn,
        )
        with progress(splunk, "Searching"):
            results = splunk.run(chosen, run.time_range)
    except LiveFailed as error:
        stop(str(error))
    failed = [f"failed: {failure}" for failure in splunk.failures]
    return _Results(results, failed, [f"searched: {splunk.place}"], place=splunk.place)


def _chosen(all_detections: Sequence[SavedSearch], patterns: Sequence[str]) -> list[SavedSearch]:
    if not patterns:
        return list(all_detections)
    chosen = [
        one
        for one in all_detections
        if any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns for name in (one.slug, one.title))
    ]
    if not chosen:
        names = ", ".join(one.slug for one in all_detections)
        raise click.UsageError(f"--detection: nothing is called {' or '.join(patterns)}. There are: {names}")
    return chosen
