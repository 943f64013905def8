"""The command line of ``hunt``: options in, report out, exit status."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from fnmatch import fnmatchcase
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from searchhead.conf import App, InvalidConf
from searchhead.findings import by_severity, finding
from searchhead.head import SearchHead, TimeRange
from searchhead.inputs import Reader
from searchhead.lookups import InvalidLookup
from searchhead.reports import FORMATS, printable
from searchhead.savedsearches import SavedSearch, detections
from searchhead.scp import CommandFailed
from searchhead.spl.errors import SplError
from searchhead.spl.times import InvalidTime, parse_time

DONE, FINDINGS, TROUBLE = 0, 1, 2

# How many channels the summary names.
_CHANNELS = 8


@dataclass(frozen=True)
class Hunt:
    """What is hunted: the app, its lookup of exceptions, and the logs that come with it."""

    app: Path
    exceptions: str
    demo: Path


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
        fail_on_findings: bool,
    ) -> None:
        """Run the app's detections over log files: EVTX, XML, JSON, folders, .gz, .zip, or - for standard input."""
        if bool(paths) == demo:
            raise click.UsageError("Name the files or folders to read, or give --demo.")
        if exceptions and not Path(exceptions).is_file():
            raise click.UsageError(f"--exceptions: there is no file {exceptions!r}")
        now = time.time()
        app = App(hunt.app)
        with _problems(), TemporaryDirectory(prefix="hunt-") as scratch:
            chosen = _chosen(detections(app), patterns)
            warnings: dict[str, None] = {}  # each once, in order
            head = SearchHead(
                app,
                now=now,
                time_range=TimeRange(_time(earliest, now, "--earliest"), _time(latest, now, "--latest")),
                lookup_overrides={hunt.exceptions: Path(exceptions)} if exceptions else None,
                scratch=Path(scratch),
                warn=lambda message: warnings.update({message: None}),
            )
            searches = [head.compile(one) for one in chosen]
            reader = Reader()
            started = time.monotonic()
            inputs = [hunt.demo] if demo else [path if path == "-" else Path(path) for path in paths]
            with _progress(reader):
                results = head.run(searches, reader.read(inputs))
        found = [finding(one, row) for one, rows in zip(chosen, results, strict=True) for row in rows]
        shown = by_severity([one for one in found if one.risk_score >= min_risk])
        with _opened(output) as file:
            FORMATS[form](shown, file)
        _summary(reader, len(chosen), len(shown), time.monotonic() - started, list(warnings))
        if reader.stats.damages:
            sys.exit(TROUBLE)
        sys.exit(FINDINGS if shown and fail_on_findings else DONE)

    return command


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
        click.echo(f"hunt: {printable_lines(str(error))}", err=True)
        sys.exit(TROUBLE)


def printable_lines(text: str) -> str:
    """Several lines of text, each without characters that act on a terminal."""
    return "\n".join(printable(line) for line in text.splitlines())


@contextmanager
def _opened(output: str | None) -> Iterator[TextIO]:
    if output is None:
        yield sys.stdout
        return
    try:
        with Path(output).open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        raise click.UsageError(f"--output: {error.strerror}: {output}") from error


@contextmanager
def _progress(reader: Reader) -> Iterator[None]:
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Reading", total=None)
        reader.on_progress = lambda done, total: progress.update(task, completed=done, total=total)
        yield


def _summary(reader: Reader, run: int, shown: int, seconds: float, warnings: Sequence[str]) -> None:
    """What was read and done, on standard error, so that a report can be piped."""
    stats = reader.stats

    def say(text: str) -> None:
        click.echo(text, err=True)

    for damage in stats.damages:
        say(f"damaged: {printable_lines(str(damage))}")
    for warning in warnings:
        say(f"warning: {printable_lines(warning)}")
    channels = ", ".join(f"{printable(name)} ({count})" for name, count in stats.channels.most_common(_CHANNELS))
    more = len(stats.channels) - _CHANNELS
    say(f"{stats.files} files, {stats.events} events, {len(stats.damages)} damages, {seconds:.1f} s")
    say(f"channels: {channels or 'none'}{f' and {more} more' if more > 0 else ''}")
    say(f"detections run: {run}, findings: {shown}")
