"""Who stands behind a publisher ID: the app's own table and the site's, which wins.

Both are CSV files in the app's ``lookups`` folder with at least the columns of ``COLUMNS``. Ours carries its data
version in its name (``package_publishers_<yyyymmdd>.csv``; the newest is read). The site's is
``package_publishers_site.csv``, or the empty ``.csv.default`` beside it until the site has one of its own.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from package_tables import PUBLISHER_ID, join_troubles, newest, read_table

if TYPE_CHECKING:
    from pathlib import Path

CLASSES = ("microsoft", "system", "store", "oem", "vendor", "development", "malicious", "unknown")
COLUMNS = ("publisher_id", "publisher_class", "publisher_name")
TABLE = "package_publishers"

_SITE = f"{TABLE}_site.csv"


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
    paths = [path for path in (_site_file(lookups), newest(lookups, TABLE)) if path]
    troubles = [read_table(path, COLUMNS, partial(_add, publishers)) for path in paths]
    return publishers, join_troubles(lookups, troubles)


def _site_file(lookups: Path) -> Path | None:
    candidates = (lookups / _SITE, lookups / f"{_SITE}.default")
    return next((path for path in candidates if path.exists()), None)


def _add(publishers: Publishers, cells: list[str]) -> str:
    """Add the publisher of one row; returns what is wrong with it, or nothing."""
    identifier, publisher_class, name = cells
    identifier, publisher_class = identifier.lower(), publisher_class.lower()
    if not PUBLISHER_ID.fullmatch(identifier):
        return f"{identifier[:40]!r} is not a publisher ID"
    if publisher_class not in CLASSES:
        return f"{publisher_class[:40]!r} is not one of the classes {' '.join(CLASSES)}"
    # The first row of an ID counts, as in a Splunk lookup with max_matches = 1.
    publishers.setdefault(identifier, Publisher(publisher_class, name))
    return ""
