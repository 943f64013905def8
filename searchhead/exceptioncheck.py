"""The command line of ``hunt exceptions check``: whether a file of exceptions says what its author means.

Whether the file can be read at all is looked at here. What its rows mean is told by the app's own saved search, which
reviews the same rows on a Splunk, so that both say the same.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from searchhead.addons import stand_ins
from searchhead.conf import App
from searchhead.console import DONE, FINDINGS, TROUBLE, Warnings, printable_lines, problems, stop, utf8_output
from searchhead.harmless import printable
from searchhead.head import SearchHead
from searchhead.savedsearches import named
from searchhead.sitetable import SiteRow, SiteTable, Unusable, read, shipped_columns
from searchhead.spl.values import Row, texts

# As much of a row as tells which one is meant.
_WIDTH = 120


@dataclass(frozen=True)
class Review:
    """The saved search that reviews the rows of a lookup: one row of its result for each, in the same order.

    ``problems`` is the field with the names of what is wrong, null for a row that is all right, ``action`` the one with
    what to do. ``notes`` are problems that a row may have and yet say what its author means.
    """

    search: str
    problems: str
    action: str
    notes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Remark:
    """What there is to say about a line: something wrong, or only a note."""

    line: int
    text: str
    wrong: bool = True


def exceptions_command(app_folder: Path, lookup: str, review: Review) -> click.Command:
    """The command that checks a file for this lookup of the app."""

    @click.command(
        "hunt exceptions check",
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog="Exit status: 0 all right, 1 there are problems, 2 wrong usage or a file that is no such table.",
    )
    @click.argument("file", metavar="FILE")
    def command(file: str) -> None:
        """Check a CSV file of exceptions before it is used, row by row; a line of output is a row with problems.

        Reported are a detection that there is not, a date that is none or over, an empty cell, which matches nothing, a
        row that allows everything, one that stands there twice, names nobody or no reason, and a cell that a
        spreadsheet would compute. A row that ends soon is a note, which leaves the exit status as it is.
        """
        output, app = utf8_output(), App(app_folder)
        with problems():
            columns = shipped_columns(app, lookup)
            try:
                table = read(Path(file), columns)
            except Unusable as error:
                for problem in error.problems:
                    click.echo(f"{printable(file)}: {printable(problem)}", output)
                sys.exit(TROUBLE)
            found = [*_of_form(table), *_of_meaning(app, lookup, review, Path(file), table)]
        for one in sorted(found, key=lambda one: one.line):
            note = "" if one.wrong else "note: "
            click.echo(f"{printable(file)}:{one.line}: {note}{printable(one.text)}", output)
        wrong = len({one.line for one in found if one.wrong})
        click.echo(f"rows: {len(table.rows)}, lines with problems: {wrong}", err=True)
        sys.exit(FINDINGS if wrong else DONE)

    return command


def _of_form(table: SiteTable) -> Iterator[_Remark]:
    if table.marked:
        yield _Remark(
            1, "the file begins with a byte order mark, which may hide its first column: save as UTF-8 without"
        )
    for row, column in table.formulas():
        yield _Remark(
            row.line, f"{_name(row)}: a spreadsheet computes the cell {column}: begin it with another character"
        )


def _of_meaning(app: App, lookup: str, review: Review, file: Path, table: SiteTable) -> Iterator[_Remark]:
    warnings = Warnings()
    with TemporaryDirectory(prefix="hunt-") as scratch:
        head = SearchHead(
            app,
            stand_ins(),
            now=time.time(),
            lookup_overrides={lookup: file},
            scratch=Path(scratch),
            warn=warnings,
        )
        [saved] = named(app, [review.search])
        [reviewed] = head.run([head.compile(saved)], ())
    for warning in warnings:
        click.echo(f"warning: {printable_lines(warning)}", err=True)
    if not _same(reviewed, table):
        stop(f"{review.search}: the search gave other rows than the file has, so that their lines are not known")
    for row, seen in zip(table.rows, reviewed, strict=True):
        if found := texts(seen.get(review.problems)):
            words = ", ".join(one.replace("_", " ") for one in found)
            told = ": ".join((_name(row), words, *texts(seen.get(review.action))))
            yield _Remark(row.line, told, wrong=not review.notes.issuperset(found))


def _same(reviewed: Sequence[Row], table: SiteTable) -> bool:
    """Whether these are the rows of the table, in its order; an empty cell is null."""
    return len(reviewed) == len(table.rows) and all(
        (seen.get(column) or "") == cell
        for seen, row in zip(reviewed, table.rows, strict=True)
        for column, cell in row.cells.items()
    )


def _name(row: SiteRow) -> str:
    """What a person knows a row by: its cells that say something."""
    name = ", ".join(cell for cell in row.cells.values() if cell not in ("", "*")) or "*"
    return name if len(name) <= _WIDTH else f"{name[: _WIDTH - 1]}…"
