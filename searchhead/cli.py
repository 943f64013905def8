"""The command line of ``hunt``: options in, report out, exit status."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from fnmatch import fnmatchcase
from io import TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn, Protocol, TextIO

import click

from searchhead.addons import stand_ins
from searchhead.conf import App, InvalidConf
from searchhead.findings import by_severity, finding
from searchhead.head import SearchHead, TimeRange
from searchhead.inputs import Reader
from searchhead.lookups import InvalidLookup
from searchhead.reports import FORMATS, printable
from searchhead.savedsearches import SavedSearch, detections
from searchhead.scp import CommandFailed
from searchhead.spl.errors import SplError
from searchhead.spl.pipeline import Search
from searchhead.spl.times import InvalidTime, parse_time
from searchhead.spl.values import Row

DONE, FINDINGS, TROUBLE = 0, 1, 2

# How many channels the summary names, and how many different warnings it tells.
_CHANNELS = 8
_WARNINGS = 50
_MORE_WARNINGS = "and others, of which there are too many to tell"


@dataclass(frozen=True)
class Hunt:
    """What is hunted: the app, its lookups of exceptions and of what is long known, and the logs that come with it."""

    app: Path
    exceptions: str
    baseline: str
    demo: Path


@dataclass(frozen=True)
class _Outcome:
    """What came of a hunt: the rows of each detection, what went wrong on the way, and what was searched, in lines."""

    results: list[list[Row]]
    trouble: list[str]
    searched: list[str]


class _Tells(Protocol):
    """What tells its progress: what is done of all there is, or of None if that is not known."""

    on_progress: Callable[[int, int | None], None] | None


def main(hunt: Hunt) -> None:
    """Run the command line; ends the process with an exit status."""
    _command(hunt).main()


def _command(hunt: Hunt) -> click.Command:
    @click.command(
        "hunt",
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog="Exit status: 0 done, 1 findings and --fail-on-findings was given, 2 wrong usage or an input that could "
        "not be read (after all others were).",
    )
    @click.argument("paths", nargs=-1, metavar="PATH...")
    @click.option("--demo", is_flag=True, help="Read the logs that come with the project.")
    @click.option("--format", "form", type=click.Choice(list(FORMATS)), default="table", show_default=True)
    @click.option("-o", "--output", metavar="FILE", help="Write the report to a file instead of standard output.")
    @click.option("--earliest", metavar="TIME", help="Leave out events before: ISO 8601, epoch seconds, or -7d@d.")
    @click.option("--latest", metavar="TIME", help="Leave out events from this time on.")
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
    def command(
        paths: tuple[str, ...],
        demo: bool,
        form: str,
        output: str | None,
        earliest: str | None,
        latest: str | None,
        patterns: tuple[str, ...],
        min_risk: int,
        exceptions: str | None,
        baseline: str | None,
        explain: bool,
        splunk: str | None,
        splunk_ca: str | None,
        fail_on_findings: bool,
    ) -> None:
        """Run the app's detections over log files: EVTX, XML, JSON, folders, .gz, .zip, or - for standard input.

        With --splunk they run over what that Splunk has indexed instead, as they are installed there: over the time
        range of --earliest and --latest, or, without both, of each saved search itself.
        """
        given = {"--exceptions": exceptions, "--baseline": baseline}
        _check_usage(paths, demo, given, explain, splunk, splunk_ca)
        now = time.time()
        app = App(hunt.app)
        warnings: dict[str, None] = {}  # each once, in order
        started = time.monotonic()
        with _problems():
            chosen = _chosen(detections(app), patterns)
            time_range = TimeRange(_time(earliest, now, "--earliest"), _time(latest, now, "--latest"))

            def warn(message: str) -> None:
                if len(warnings) < _WARNINGS:
                    warnings[message] = None
                elif message not in warnings:
                    warnings[_MORE_WARNINGS] = None

            if splunk is not None:
                outcome = _on_splunk(splunk, splunk_ca, app, chosen, time_range, warn)
            else:
                inputs = [hunt.demo] if demo else [path if path == "-" else Path(path) for path in paths]
                files = ((hunt.exceptions, exceptions), (hunt.baseline, baseline))
                overrides = {lookup: Path(file) for lookup, file in files if file}
                outcome = _over_files(hunt, inputs, app, chosen, time_range, now, overrides, warn, explained=explain)
        found = [finding(one, row) for one, rows in zip(chosen, outcome.results, strict=True) for row in rows]
        shown = by_severity([one for one in found if one.risk_score >= min_risk])
        with _opened(output) as file:
            FORMATS[form](shown, file)
        _summary(outcome, len(chosen), len(shown), time.monotonic() - started, list(warnings))
        if outcome.trouble:
            sys.exit(TROUBLE)
        sys.exit(FINDINGS if shown and fail_on_findings else DONE)

    return command


def _check_usage(
    paths: Sequence[str],
    demo: bool,
    lookups: Mapping[str, str | None],
    explain: bool,
    splunk: str | None,
    splunk_ca: str | None,
) -> None:
    """Raise UsageError for options that do not go together; ``lookups`` are those that give a file to a lookup."""
    if [bool(paths), demo, splunk is not None].count(True) != 1:
        raise click.UsageError("Name the files or folders to read, or give --demo or --splunk, one of the three.")
    for option, file in lookups.items():
        if splunk is not None and file:
            raise click.UsageError(f"{option}: with --splunk, that Splunk's own lookup is read.")
        if file and not Path(file).is_file():
            raise click.UsageError(f"{option}: there is no file {file!r}")
    if splunk is not None and explain:
        raise click.UsageError("--explain: with --splunk, look at the job in that Splunk's job inspector.")
    if splunk is None and splunk_ca:
        raise click.UsageError("--splunk-ca: this says whom to trust for --splunk, which is not given.")


def _over_files(
    hunt: Hunt,
    inputs: Sequence[Path | str],
    app: App,
    chosen: Sequence[SavedSearch],
    time_range: TimeRange,
    now: float,
    lookup_overrides: dict[str, Path],
    warn: Callable[[str], None],
    *,
    explained: bool,
) -> _Outcome:
    """Run the searches here, over log files."""
    with TemporaryDirectory(prefix="hunt-") as scratch:
        head = SearchHead(
            app,
            stand_ins(),
            now=now,
            time_range=time_range,
            lookup_overrides=lookup_overrides,
            scratch=Path(scratch),
            warn=warn,
        )
        # State first, so that the detections find it. Without a baseline from before, these logs would be their own.
        compiled = [head.compile(one) for one in chosen]
        state = head.state_searches(compiled)
        if hunt.baseline not in lookup_overrides:
            state = [one for one in state if hunt.baseline not in head.compile(one).writes]
        saved = [*state, *chosen]
        searches = [*map(head.compile, state), *compiled]
        reader = Reader(head.wanted(searches))
        with _progress(reader, "Reading"):
            outcomes = head.outcomes(searches, reader.read(inputs), traced=explained)
        account: list[str] = []
        if explained:
            from searchhead.explain import explain  # noqa: PLC0415 - loads what no other hunt needs

            for one, outcome in zip(saved, outcomes, strict=True):
                account += explain(one.title, outcome, reader.stats.sources)
    stats = reader.stats
    channels = ", ".join(f"{printable(name)} ({count})" for name, count in stats.channels.most_common(_CHANNELS))
    more = len(stats.channels) - _CHANNELS
    return _Outcome(
        [outcome.rows for outcome in outcomes[len(state) :]],
        [f"damaged: {damage}" for damage in stats.damages],
        [
            *map(printable, account),
            f"files read: {stats.files}, events: {stats.events}, damages: {len(stats.damages)}",
            f"channels: {channels or 'none'}{f' and {more} more' if more > 0 else ''}",
            *_without_baseline(hunt.baseline, lookup_overrides, searches[len(state) :]),
        ],
    )


def _without_baseline(baseline: str, given: Mapping[str, Path], searches: Sequence[Search]) -> Iterator[str]:
    """The line that tells of a baseline which detections ask and which nobody gave: what was before is unknown."""
    if baseline not in given and any(baseline in names for search in searches for names in search.reads):
        yield f"no baseline: nothing is called new; --baseline FILE gives the records of {baseline} (CSV or JSON)"


def _on_splunk(
    address: str,
    authority: str | None,
    app: App,
    chosen: Sequence[SavedSearch],
    time_range: TimeRange,
    warn: Callable[[str], None],
) -> _Outcome:
    """Run the searches of the same names on a Splunk."""
    from searchhead.live import LiveFailed, Splunk  # noqa: PLC0415 - loads what no other hunt needs

    try:
        splunk = Splunk(
            address,
            os.environ.get("SPLUNK_TOKEN", ""),
            app.id,
            authority=Path(authority) if authority else None,
            warn=warn,
        )
        with _progress(splunk, "Searching"):
            results = splunk.run(chosen, time_range)
    except LiveFailed as error:
        _stop(str(error))
    return _Outcome(results, [f"failed: {failure}" for failure in splunk.failures], [f"searched: {splunk.place}"])


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


def _time(text: str | None, now: float, option: str) -> float | None:
    try:
        return None if text is None else parse_time(text, now, UTC)
    except InvalidTime as error:
        raise click.UsageError(f"{option}: {error}") from error


@contextmanager
def _problems() -> Iterator[None]:
    """Turn what the app's own files or its command get wrong into one message and status 2."""
    try:
        yield
    except (InvalidConf, InvalidLookup, SplError, CommandFailed) as error:
        _stop(str(error))


def _stop(message: str) -> NoReturn:
    click.echo(f"hunt: {printable_lines(message)}", err=True)
    sys.exit(TROUBLE)


def printable_lines(text: str) -> str:
    """Several lines of text, each without characters that act on a terminal."""
    return "\n".join(printable(line) for line in text.splitlines())


@contextmanager
def _opened(output: str | None) -> Iterator[TextIO]:
    if output is None:
        if isinstance(sys.stdout, TextIOWrapper):  # Windows would write its code page, which lacks what logs may hold
            sys.stdout.reconfigure(encoding="utf-8")
        yield sys.stdout
        return
    try:
        with Path(output).open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        raise click.UsageError(f"--output: {error.strerror}: {output}") from error


@contextmanager
def _progress(source: _Tells, doing: str) -> Iterator[None]:
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console  # noqa: PLC0415 - takes longer to load than a small log to read
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415 - as above

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(doing, total=None)
        source.on_progress = lambda done, total: progress.update(task, completed=done, total=total)
        yield


def _summary(outcome: _Outcome, run: int, shown: int, seconds: float, warnings: Sequence[str]) -> None:
    """What was searched and found, on standard error, so that a report can be piped."""
    trouble = [printable_lines(one) for one in outcome.trouble]
    lines = [*trouble, *(f"warning: {printable_lines(warning)}" for warning in warnings), *outcome.searched]
    for line in [*lines, f"detections run: {run}, findings: {shown}, {seconds:.1f} s"]:
        click.echo(line, err=True)
