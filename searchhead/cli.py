"""The command line of ``hunt``: options in, report out, exit status."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import click

from searchhead import healthreport, hunting
from searchhead.conf import App
from searchhead.console import (
    DONE,
    FINDINGS,
    TROUBLE,
    Warnings,
    opened,
    printable_lines,
    problems,
    tell,
    time_option,
)
from searchhead.exceptioncheck import exceptions_command
from searchhead.head import TimeRange
from searchhead.hunting import Asked, Hunt, Outcome, Run
from searchhead.reports import FORMATS

__all__ = ["Hunt", "main"]

# What the first two words of a command line are that checks a file instead of hunting.
_CHECK = ["exceptions", "check"]


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
        asked = Asked(**given)
        _check_usage(asked, hunt)
        started, now = time.monotonic(), time.time()
        time_range = TimeRange(
            time_option(asked.earliest, now, "--earliest"), time_option(asked.latest, now, "--latest")
        )
        run = Run(hunt, asked, App(hunt.app), now, time_range, Warnings())
        with problems():
            outcome = hunting.health(run, hunt.health) if asked.health and hunt.health else hunting.findings(run)
            with opened(asked.output) as file:
                outcome.write(file)
        _summary(outcome, time.monotonic() - started, run.warn)
        if outcome.trouble:
            sys.exit(TROUBLE)
        sys.exit(FINDINGS if outcome.bad and asked.fail_on_findings else DONE)

    return command


def _check_usage(asked: Asked, hunt: Hunt) -> None:
    """Raise UsageError for options that do not go together."""
    live = asked.splunk is not None
    if [bool(asked.paths), asked.demo, live].count(True) != 1:
        raise click.UsageError("Name the files or folders to read, or give --demo or --splunk, one of the three.")
    for option, file in (("--exceptions", asked.exceptions), ("--baseline", asked.baseline)):
        if live and file:
            raise click.UsageError(f"{option}: with --splunk, that Splunk's own lookup is read.")
        if file and not Path(file).is_file():
            raise click.UsageError(f"{option}: there is no file {file!r}")
    _check_output(asked)
    if live and asked.explain:
        raise click.UsageError("--explain: with --splunk, look at the job in that Splunk's job inspector.")
    if not live and asked.splunk_ca:
        raise click.UsageError("--splunk-ca: this says whom to trust for --splunk, which is not given.")
    if asked.health:
        _check_health_usage(asked, hunt)


def _check_output(asked: Asked) -> None:
    """Raise UsageError for a report that would take the place of a log, of which there may be no other copy."""
    report = Path(asked.output) if asked.output else None
    if report is None or not report.is_file():
        return
    for read in filter(None, (*asked.paths, asked.exceptions, asked.baseline)):
        if (Path(read).is_file() and report.samefile(read)) or Path(read).resolve() in report.resolve().parents:
            raise click.UsageError(f"--output: this file is read: {asked.output}. Name another one for the report.")


def _check_health_usage(asked: Asked, hunt: Hunt) -> None:
    if hunt.health is None:
        raise click.UsageError("--health: this app has no searches that look at its health.")
    if asked.form not in healthreport.FORMATS:
        forms = ", ".join(healthreport.FORMATS)
        raise click.UsageError(f"--format {asked.form}: this is for findings; --health has {forms}.")
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


def _summary(outcome: Outcome, seconds: float, warnings: Warnings) -> None:
    """What was searched and found, on standard error, so that a report can be piped."""
    trouble = [printable_lines(one) for one in outcome.trouble]
    lines = [*trouble, *(f"warning: {printable_lines(warning)}" for warning in warnings), *outcome.searched]
    for line in [*lines, f"{outcome.sum}, {seconds:.1f} s"]:
        tell(line)
