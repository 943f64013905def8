"""A CSV file that a site keeps as a lookup of an app: whether Splunk can read it, and where its rows stand.

What Splunk asks of such a file: Knowledge Manager Manual, "Configure CSV lookups". It names UTF-8 and refuses line ends
of a carriage return alone; it says nothing about a byte order mark, which a reader may take for a part of the first
column's name.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from searchhead.conf import App
from searchhead.harmless import is_formula
from searchhead.tables import read_csv

# No list that people keep by hand is larger, in bytes.
_MOST_BYTES = 16 * 1024 * 1024
_MARK = "\ufeff"


class Unusable(ValueError):
    """The file is no table of this lookup. Each of ``problems`` is a sentence that says what to do about it."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class SiteRow:
    """One row: its cells by column, and the line, counted from 1 as an editor does, in which it begins."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class SiteTable:
    """The rows of a usable file, in its order; ``marked`` tells that it begins with a byte order mark."""

    rows: tuple[SiteRow, ...]
    marked: bool

    def formulas(self) -> Iterator[tuple[SiteRow, str]]:
        """Each cell that a spreadsheet would compute: its row and its column."""
        for row in self.rows:
            for column, cell in row.cells.items():
                if is_formula(cell):
                    yield row, column


def shipped_columns(app: App, lookup: str) -> tuple[str, ...]:
    """The columns of a lookup of the app, in the order in which its file ships.

    Raises InvalidConf, InvalidLookup or OSError if the app does not have it.
    """
    stanza = app.conf("transforms").stanzas[lookup]
    shipped = app.lookups_folder / f"{stanza['filename']}.default"
    return read_csv(shipped if shipped.is_file() else shipped.with_suffix("")).fields


def read(path: Path, columns: Sequence[str]) -> SiteTable:
    """The rows of a file that must have these columns, in any order; raises Unusable with all that is wrong."""
    text = _text(path)
    marked = text.startswith(_MARK)
    text = text.removeprefix(_MARK)
    if "\r" in text and "\n" not in text:
        raise Unusable(
            ["the lines end with a carriage return alone, which Splunk does not read: save with LF or CR LF"]
        )
    lines = _lines(text)
    _, header = next(lines, (1, []))
    _check_header(header, columns)
    rows: list[SiteRow] = []
    ragged: list[str] = []
    for line, cells in lines:
        if len(cells) == len(header):
            rows.append(SiteRow(line, dict(zip(header, cells, strict=True))))
        else:
            ragged.append(
                f"line {line}: the row has {_cells(len(cells))}, the header has {len(header)}: write every cell, "
                'and a cell that holds a comma between quotes, "like, this"'
            )
    if ragged:
        raise Unusable(ragged)
    return SiteTable(tuple(rows), marked)


def _text(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():
            raise Unusable(["is no file"])
        with path.open("rb") as file:
            found = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: no path has a NUL in it
        raise error if isinstance(error, Unusable) else Unusable([_cannot_be_read(error)]) from None
    if len(found) > _MOST_BYTES:
        raise Unusable([f"is larger than {_MOST_BYTES >> 20} MiB, which no such list is"])
    try:
        return found.decode("utf-8")
    except UnicodeDecodeError as error:
        if found[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise Unusable(["is UTF-16: save it as UTF-8"]) from None
        line = found.count(b"\n", 0, error.start) + 1
        raise Unusable([f"line {line}: the byte 0x{found[error.start]:02x} is no UTF-8: save as UTF-8"]) from None


def _cannot_be_read(error: Exception) -> str:
    return f"cannot be read: {error.strerror or error}" if isinstance(error, OSError) else f"cannot be read: {error}"


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that is no blank line, with the number of the line in which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise Unusable([f"line {line}: the row that begins here is no CSV: {error}"]) from None
        if cells is None:
            return
        if cells:
            yield line, cells
        line = reader.line_num + 1


def _check_header(header: Sequence[str], columns: Sequence[str]) -> None:
    problems = [
        f"line 1: the header {what} {', '.join(map(repr, found))}"
        for what, found in (
            ("lacks", [name for name in columns if name not in header]),
            ("has unknown columns:", [name for name in dict.fromkeys(header) if name not in columns]),
            ("has more than once:", [name for name in dict.fromkeys(header) if header.count(name) > 1]),
        )
        if found
    ]
    if problems:
        raise Unusable([*problems, f"line 1: the header must be {','.join(columns)}"])


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"
