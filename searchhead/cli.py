"""The command line of ``hunt``: options in, report out, exit status."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TextIO

import click

from searchhead import healthreport
from searchhead.addons import stand_ins
from searchhead.conf import App
from searchhead.console import (
    DONE,
    FINDINGS,
    TROUBLE,
    Warnings,
    opened,
    printable_lines,
    problems,
    progress,
    stop,
    time_option,
)
from searchhead.exceptioncheck import Review, exceptions_command
from searchhead.findings import by_severity, finding, iso_time
from searchhead.head import SearchHead, TimeRange
from searchhead.inputs import Reader, Stats
from searchhead.reports import FORMATS, printable
from searchhead.savedsearches import SavedSearch, detections, named
from searchhead.spl.pipeline import Search
from searchhead.spl.values import Row

# How many channels the summary names.
_CHANNELS = 8

# What the first two words of a command line are that checks a file instead of hunting.
_CHECK = ["exceptions", "check"]


@dataclass(frozen=True)
class Hunt:
    """What is hunted: the app, its lookups of exceptions and of what is long known, and the logs that come with it.

    ``review`` and ``health`` name those of its searches that look at the exceptions and at what the app sees, if it has
    some.
    """

    app: Path
    exceptions: str
    baseline: str
    demo: Path
    review: Review | None = None
    health: healthreport.HealthSearches | None = None


@dataclass(frozen=True)
class _Asked:
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
class _Run:
    """One run: what was asked for, of which app, at what time."""

    hunt: Hunt
    asked: _Asked
    app: App
    now: float
    time_range: TimeRange
    warn: Warnings

    @property
    def inputs(self) -> list[Path | str]:
        """The paths to read."""
        return [self.hunt.demo] if self.asked.demo else [one if one == "-" else Path(one) for one in self.asked.paths]

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
class _Outcome:
    """What came of a run: the report, how much of it is bad news, what went wrong, what was searched, and the sum."""

    write: Callable[[TextIO], None]
    bad: int
    trouble: list[str]
    searched: list[str]
    sum: str


def main(hunt: Hunt) -> None:
    """Run the command line; ends the process with an exit status."""
    if hunt.review is not None and sys.argv[1:3] == _CHECK:
        exceptions_command(hunt.app, hunt.exceptions, hunt.review).main(sys.argv[3:], prog_name="hunt exceptions check")
    _command(hunt).main()


def _command(hunt: Hunt) -> click.Command:
    @click.command(
        "hunt",
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog="Exit status: 0 done, 1 findings (with --health: problems) and --fail-on-findings was given, 2 wrong "
        "usage or an input that could not be read (after all others were).",
    )
    @click.argument("paths", nargs=-1, metavar="PATH...")
    @click.option("--demo", is_flag=True, help="Read the logs that come with the project.")
    @click.option("--health", is_flag=True, help="Tell what the app sees in the logs and what it misses; hunt nothing.")
    @click.option("--format", "form", type=click.Choice(list(FORMATS)), default="table", show_default=True)
    @click.option("-o", "--output", metavar="FILE", help="Write the report to a file instead of standard output.")
    @click.option("--earliest", metavar="TIME", help="Leave out events before: ISO 8601, epoch seconds, or -7d@d.")
    @click.option("--latest", metavar="TIME", help="Leave out events from this time on; the clock of --health.")
    @click.option("--detection", "patterns", multiple=True, metavar="GLOB", help="Run only detections of this name.")
    @click.option("--min-risk", type=click.IntRange(0, 100), default=0, help="Show findings from this risk score on.")
    @click.option("--exceptions", metavar="FILE", help="Use this CSV file as the site's exceptions.")
    @click.option("--baseline", metavar="FILE", help="Use these records, CSV or JSON, as what the site has long known.")
    @click.option(
        "--explain", is_flag=True, help="Tell what became of events in each search, and why nothing was found."
    )
    @click.option("--splunk", metavar="URL", help="Run the searches on this Splunk; SPLUNK_TOKEN holds the token.")
    @click.option("--splunk-ca", metavar="FILE", help="Trust this authority for the Splunk's certificate (PEM).")
    @click.option("--fail-on-findings", is_flag=True, help="End with status 1 if there are findings.")
    def command(**given: Any) -> None:
        """Run the app's detections over log files: EVTX, XML, JSON, folders, .gz, .zip, or - for standard input.

        With --splunk they run over what that Splunk has indexed instead, as they are installed there: over the time
        range of --earliest and --latest, or, without both, of each saved search itself.

        With --health the app's own searches of its health run instead: which sources, fields and events of a deployment
        are there and which are missing, host by host, and what to do about it. A source is silent if it ends before the
        last event of these logs, or before --latest if that is given, whatever day it is today.

        "hunt exceptions check FILE" checks a file of exceptions; "hunt exceptions check --help" says for what. To read
        a folder of that name together with one called check, write ./exceptions.
        """
        asked = _Asked(**given)
        _check_usage(asked, hunt)
        started, now = time.monotonic(), time.time()
        time_range = TimeRange(
            time_option(asked.earliest, now, "--earliest"), time_option(asked.latest, now, "--latest")
        )
        run = _Run(hunt, asked, App(hunt.app), now, time_range, Warnings())
        with problems():
            outcome = _health(run, hunt.health) if asked.health and hunt.health else _findings(run)
        with opened(asked.output) as file:
            outcome.write(file)
        _summary(outcome, time.monotonic() - started, run.warn)
        if outcome.trouble:
            sys.exit(TROUBLE)
        sys.exit(FINDINGS if outcome.bad and asked.fail_on_findings else DONE)

    return command


def _check_usage(asked: _Asked, hunt: Hunt) -> None:
    """Raise UsageError for options that do not go together."""
    live = asked.splunk is not None
    if [bool(asked.paths), asked.demo, live].count(True) != 1:
        raise click.UsageError("Name the files or folders to read, or give --demo or --splunk, one of the three.")
    for option, file in (("--exceptions", asked.exceptions), ("--baseline", asked.baseline)):
        if live and file:
            raise click.UsageError(f"{option}: with --splunk, that Splunk's own lookup is read.")
        if file and not Path(file).is_file():
            raise click.UsageError(f"{option}: there is no file {file!r}")
    if live and asked.explain:
        raise click.UsageError("--explain: with --splunk, look at the job in that Splunk's job inspector.")
    if not live and asked.splunk_ca:
        raise click.UsageError("--splunk-ca: this says whom to trust for --splunk, which is not given.")
    if asked.health:
        _check_health_usage(asked, hunt)


def _check_health_usage(asked: _Asked, hunt: Hunt) -> None:
    if hunt.health is None:
        raise click.UsageError("--health: this app has no searches that look at its health.")
    for option, given in (
        ("--detection", asked.patterns),
        ("--min-risk", asked.min_risk),
        ("--baseline", asked.baseline),
        ("--explain", asked.explain),
    ):
        if given:
            raise click.UsageError(f"{option}: this is for findings; --health looks for none.")
    if "-" in asked.paths and asked.latest is None:
        raise click.UsageError(
            "--health: standard input can be read only once. Say with --latest until when its events should reach."
        )


def _findings(run: _Run) -> _Outcome:
    """Run the detections."""
    asked = run.asked
    chosen = _chosen(detections(run.app), asked.patterns)
    if asked.splunk is None:
        results, trouble, searched = _over_files(run, chosen)
    else:
        results, trouble, searched = _on_splunk(run, chosen)
    found = [finding(one, row) for one, rows in zip(chosen, results, strict=True) for row in rows]
    shown = by_severity([one for one in found if one.risk_score >= asked.min_risk])
    told = f"detections run: {len(chosen)}, findings: {len(shown)}"
    return _Outcome(partial(FORMATS[asked.form], shown), len(shown), trouble, searched, told)


def _health(run: _Run, searches: healthreport.HealthSearches) -> _Outcome:
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
        results, trouble, searched = _on_splunk(run, reports)
        rows = [
            row
            for one, found in zip(reports, results, strict=True)
            for row in healthreport.health_rows(one.title, found, searches.prefix)
        ]
    bad = sum(one.is_problem for one in rows)
    told = f"health: {healthreport.counts(rows)}"
    return _Outcome(partial(healthreport.FORMATS[run.asked.form], rows), bad, trouble, searched, told)


_Results = tuple[list[list[Row]], list[str], list[str]]
"""The rows of each search, what went wrong on the way, and what was searched, in lines."""


def _over_files(run: _Run, chosen: Sequence[SavedSearch]) -> _Results:
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
    return (
        [outcome.rows for outcome in outcomes[len(state) :]],
        _damages(reader.stats),
        [
            *map(printable, account),
            *_read(reader.stats),
            *_without_baseline(hunt.baseline, given, searches[len(state) :]),
        ],
    )


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


def _on_splunk(run: _Run, chosen: Sequence[SavedSearch]) -> _Results:
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
    return results, [f"failed: {failure}" for failure in splunk.failures], [f"searched: {splunk.place}"]


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


def _summary(outcome: _Outcome, seconds: float, warnings: Warnings) -> None:
    """What was searched and found, on standard error, so that a report can be piped."""
    trouble = [printable_lines(one) for one in outcome.trouble]
    lines = [*trouble, *(f"warning: {printable_lines(warning)}" for warning in warnings), *outcome.searched]
    for line in [*lines, f"{outcome.sum}, {seconds:.1f} s"]:
        click.echo(line, err=True)
