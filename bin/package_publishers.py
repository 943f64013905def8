"""Who stands behind a publisher ID: the app's own table and the site's, which wins.

Both are CSV files in the app's ``lookups`` folder with at least the columns of ``COLUMNS``. Ours carries its data
version in its name (``package_publishers_<yyyymmdd>.csv``; the newest is read). The site's is
``package_publishers_site.csv``, or the empty ``.csv.default`` beside it until the site has one of its own.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import NamedTuple

CLASSES = ("microsoft", "system", "store", "oem", "vendor", "development", "malicious", "unknown")
COLUMNS = ("publisher_id", "publisher_class", "publisher_name")
MAXIMUM_SIZE = 16 * 1024 * 1024  # bytes; ours has some 30 kB, and every indexer's process reads the file

# Thirteen characters of base 32 without i, l, o, u (Microsoft, "An overview of package identity in Windows apps").
_PUBLISHER_ID = re.compile(r"[0-9a-hjkmnp-tv-z]{13}", re.ASCII)
_SHIPPED = re.compile(r"package_publishers_[0-9]{8}\.csv", re.ASCII)
_SITE = "package_publishers_site.csv"


class Publisher(NamedTuple):
    """What the tables say about a publisher ID: one of ``CLASSES``, and a name for people (may be empty)."""

    publisher_class: str
    publisher_name: str


Publishers = dict[str, Publisher]
UNKNOWN = Publisher("unknown", "")


def read_publishers(lookups: Path) -> tuple[Publishers, str]:
    """Read both tables: publisher ID in lower case to publisher, and what is wrong with them.

    The second item is empty or one text for the admin that names each file, its trouble and what to do. Nothing is
    raised: what could be read is used.
    """
    publishers: Publishers = {}
    troubles = [_read(path, publishers) for path in (_site_file(lookups), _shipped_file(lookups)) if path]
    return publishers, "; ".join([f"{lookups.name}/{trouble}" for trouble in troubles if trouble])


def _site_file(lookups: Path) -> Path | None:
    candidates = (lookups / _SITE, lookups / f"{_SITE}.default")
    return next((path for path in candidates if path.exists()), None)


def _shipped_file(lookups: Path) -> Path:
    names = [path.name for path in lookups.glob("package_publishers_*.csv") if _SHIPPED.fullmatch(path.name)]
    return lookups / max(names, default="package_publishers_<yyyymmdd>.csv")


def _read(path: Path, publishers: Publishers) -> str:
    """Add the rows of one file for IDs that are not there yet; returns what is wrong with the file, or nothing."""
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
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            return f"{path.name} has no column {', '.join(missing)} and was not read: correct its first line"
        places = [header.index(name) for name in COLUMNS]
        for row in rows:
            if any(row):
                problem = _add(row, places, publishers)
                if problem:
                    skipped += 1
                    first = first or f"line {rows.line_num}: {problem}"
    except csv.Error as error:
        return f"{path.name} is not CSV from line {rows.line_num} on ({error}): correct it; the rest was not read"
    return f"{path.name} has {skipped} rows that were skipped: correct them; the first is {first}" if skipped else ""


def _add(row: list[str], places: list[int], publishers: Publishers) -> str:
    """Add one row; returns what is wrong with it, or nothing."""
    if len(row) <= max(places):
        return "has too few cells"
    identifier, publisher_class, name = (" ".join(row[place].split()) for place in places)
    identifier, publisher_class = identifier.lower(), publisher_class.lower()
    if not _PUBLISHER_ID.fullmatch(identifier):
        return f"{identifier[:40]!r} is not a publisher ID"
    if publisher_class not in CLASSES:
        return f"{publisher_class[:40]!r} is not one of the classes {' '.join(CLASSES)}"
    # The first row of an ID counts, as in a Splunk lookup with max_matches = 1.
    publishers.setdefault(identifier, Publisher(publisher_class, name))
    return ""
