"""What a person at a command line sees beside the report: messages, progress, and where the report is written to."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn, Protocol, TextIO

import click

from searchhead.conf import InvalidConf
from searchhead.harmless import printable
from searchhead.lookups import InvalidLookup
from searchhead.scp import CommandFailed
from searchhead.spl.errors import SplError
from searchhead.spl.times import InvalidTime, parse_time

DONE, FINDINGS, TROUBLE = 0, 1, 2
"""Exit status: all right; something was found that the caller asked to be told of; something could not be done."""

# How many different warnings are told.
_WARNINGS = 50
_MORE_WARNINGS = "and others, of which there are too many to tell"

_HALVES = "backslashreplace"


class Tells(Protocol):
    """What tells its progress: what is done of all there is, or of None if that is not known."""

    on_progress: Callable[[int, int | None], None] | None


class Warnings:
    """Collects warnings: each once, in order, and not more than a person reads."""

    def __init__(self) -> None:
        self._told: dict[str, None] = {}

    def __call__(self, message: str) -> None:
        """Take a warning."""
        if len(self._told) < _WARNINGS:
            self._told[message] = None
        elif message not in self._told:
            self._told[_MORE_WARNINGS] = None

    def __iter__(self) -> Iterator[str]:
        return iter(self._told)


@contextmanager
def problems() -> Iterator[None]:
    """Turn what the app's own files or its command get wrong into one message and status 2."""
    try:
        yield
    except (InvalidConf, InvalidLookup, SplError, CommandFailed) as error:
        stop(str(error))


def stop(message: str) -> NoReturn:
    """End the process with a message and status 2."""
    click.echo(f"hunt: {printable_lines(message)}", err=True)
    sys.exit(TROUBLE)


def tell(line: str) -> None:
    """A line on standard error: a terminal gets it broken between words, anything else whole, as people search it."""
    if not sys.stderr.isatty():
        click.echo(line, err=True)
        return
    from rich.console import Console  # noqa: PLC0415 - takes longer to load than a small log to read
    from rich.text import Text  # noqa: PLC0415 - as above

    console, told = Console(stderr=True), line.lstrip(" ")
    indent = " " * (len(line) - len(told))
    for part in Text(told).wrap(console, max(console.width - len(indent), 1), overflow="fold"):
        click.echo(f"{indent}{part.plain.rstrip()}", err=True)


def printable_lines(text: str) -> str:
    """Several lines of text, each without characters that act on a terminal."""
    return "\n".join(printable(line) for line in text.splitlines())


def time_option(text: str | None, now: float, option: str) -> float | None:
    """The time that an option gives, in epoch seconds; raises UsageError for anything else than a time."""
    try:
        return None if text is None else parse_time(text, now, UTC)
    except InvalidTime as error:
        raise click.UsageError(f"{option}: {error}") from error


def utf8_output() -> TextIO:
    """Standard output, written as UTF-8: Windows would write its code page, which lacks what logs may hold.

    Half of a surrogate pair, as the name of a file or an escape in JSON may bring, is written as an escape.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors=_HALVES)
    return sys.stdout


@contextmanager
def opened(output: str | None) -> Iterator[TextIO]:
    """The file to write the report to, standard output without one; raises UsageError if it cannot be written."""
    if output is None:
        yield utf8_output()
        return
    try:
        with Path(output).open("w", encoding="utf-8", errors=_HALVES, newline="") as file:
            yield file
    except OSError as error:
        raise click.UsageError(f"--output: {error.strerror}: {output}") from error


@contextmanager
def progress(source: Tells, doing: str) -> Iterator[None]:
    """Show on standard error how far the source is, if that is a terminal."""
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
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task(doing, total=None)
        source.on_progress = lambda done, total: shown.update(task, completed=done, total=total)
        yield
