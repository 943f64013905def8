"""Reading the CSV files in the app's ``lookups`` folder: what is right is used, what is wrong becomes one text.

Files of ours carry their data version in their names (``<table>_<yyyymmdd>.csv``). A table may have been written by a
person, with Excel or Notepad: a byte order mark, blank rows, any line ends and any order of the columns are fine.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

MAXIMUM_SIZE = 16 * 1024 * 1024  # bytes; ours have some 30 kB, and every process of a command reads the files

# Thirteen characters of base 32 without i, l, o, u (Microsoft, "An overview of package identity in Windows apps").
PUBLISHER_ID = re.compile(r"[0-9a-hjkmnp-tv-z]{13}", re.ASCII)


def newest(lookups: Path, table: str) -> Path:
    """The file of one of our tables, the one with the latest data version; it need not exist."""
    shipped = re.compile(rf"{table}_[0-9]{{8}}\.csv", re.ASCII)
    names = [path.name for path in lookups.glob(f"{table}_*.csv") if shipped.fullmatch(path.name)]
    return lookups / max(names, default=f"{table}_<yyyymmdd>.csv")


def read_table(path: Path, columns: Sequence[str], add: Callable[[list[str]], str]) -> str:
    """Hand the cells of these columns to ``add``, row by row; returns what is wrong with the file, or nothing.

    Blanks around and inside cells are single ones. ``add`` returns what is wrong with the row, or nothing; such rows
    are counted, and the text names the first. Nothing is raised. The text begins with the name of the file, without
    its folder, and says what to do.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAXIMUM_SIZE + 1)
    except OSError as error:
        return f"{path.name} cannot be read ({error.strerror}): restore it, or install the app again"
    if len(content) > MAXIMUM_SIZE:
        return f"{path.name} is larger than {MAXIMUM_SIZE} bytes and was not read: make it smaller"
    # Python 3.9's csv module refuses NUL; the mark at the start is what Excel and Notepad write.
    text = content.decode("utf-8-sig", "replace").replace("\0", "\ufffd")
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    skipped, first = 0, ""
    try:
        header = next(rows, [])
        missing = [name for name in columns if name not in header]
        if missing:
            return f"{path.name} has no column {', '.join(missing)} and was not read: correct its first line"
        places = [header.index(name) for name in columns]
        for row in rows:
            if any(row):
                problem = _add(row, places, add)
                if problem:
                    skipped += 1
                    first = first or f"line {rows.line_num}: {problem}"
    except csv.Error as error:
        return f"{path.name} is not CSV from line {rows.line_num} on ({error}): correct it; the rest was not read"
    return f"{path.name} has {skipped} rows that were skipped: correct them; the first is {first}" if skipped else ""


def join_troubles(lookups: Path, troubles: Sequence[str]) -> str:
    """One text for the admin from what ``read_table`` said about several files; empty if nothing was wrong."""
    return "; ".join([f"{lookups.name}/{trouble}" for trouble in troubles if trouble])


def _add(row: list[str], places: list[int], add: Callable[[list[str]], str]) -> str:
    if len(row) <= max(places):
        return "has too few cells"
    return add([" ".join(row[place].split()) for place in places])
