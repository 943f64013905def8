"""Apps for tests: the app of this checkout, copies of it with other lookups, and our stand-ins for add-ons."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from searchhead.addons import NAMES as STAND_INS
from searchhead.addons import stand_ins
from searchhead.conf import App

__all__ = [
    "ADDONS",
    "NOW",
    "ROOT",
    "STAND_INS",
    "addons",
    "copy_with_lookups",
    "package_abuse",
    "table_column",
    "table_rows",
    "written_app",
]

ROOT = Path(__file__).resolve().parent.parent
ADDONS = ROOT / "searchhead" / "addons"

# The clock of every test that compares dates: later than every constructed event, before no "live" exception ends.
NOW = 1_772_496_000.0  # 2026-03-03T00:00:00Z


def package_abuse() -> App:
    """The app as it stands in this checkout."""
    return App(ROOT)


def addons(*names: str) -> list[App]:
    """Stand-ins for add-ons, by the name of their folder; none without names."""
    return stand_ins(*names) if names else []


def copy_with_lookups(target: Path, lookups: Mapping[str, Sequence[Mapping[str, str]]]) -> App:
    """A copy of the app in which lookup tables of the site hold these rows, the command's own tables included."""
    for folder in ("default", "bin", "lookups"):
        shutil.copytree(ROOT / folder, target / folder, ignore=shutil.ignore_patterns("*.pyc.*"))
    for name, rows in lookups.items():
        shipped = target / "lookups" / f"{name}.csv.default"
        with shipped.open(encoding="utf-8", newline="") as file:
            columns = next(csv.reader(file))
        with shipped.with_suffix("").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return App(target)


def written_app(folder: Path, files: Mapping[str, str]) -> App:
    """An app of a test's own: its files, by their paths in the app."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return App(folder)


@cache
def table_rows(name: str) -> list[dict[str, str]]:
    """The rows of a lookup definition as they stand in its file, empty cells included."""
    filename = package_abuse().conf("transforms").stanzas[name]["filename"]
    with (ROOT / "lookups" / filename).open(encoding="ascii", newline="") as file:
        return list(csv.DictReader(file))


def table_column(name: str, field: str) -> list[str]:
    """The cells of one of its columns."""
    return [row[field] for row in table_rows(name)]
