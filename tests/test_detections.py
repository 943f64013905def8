"""Every detection over its own cases and over the benign logs, with and without add-ons, in either kind of quotes.

A case is a TOML file beside its log in ``tests/detections/<slug>/``: ``kind`` (hit, near_miss, evasion, exception),
``name``, ``log``, ``origin``, ``rows`` (what the detection returns, every field of every row), optionally ``lookups``
(rows of the site's lookups) and ``damages`` (how many damages the log has that reading it must tell).
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from searchhead.conf import App
from searchhead.head import SearchHead
from searchhead.inputs import Reader
from searchhead.savedsearches import SavedSearch, detections
from searchhead.spl.values import Row, number
from tests.apps import NOW, addons, copy_with_lookups, package_abuse

CASES = Path(__file__).parent / "detections"
BASELINE = Path(__file__).parent / "baseline"
KINDS = {"hit", "near_miss", "evasion", "exception"}
KEYS = {"kind", "name", "log", "origin", "rows", "lookups", "damages"}
ADDONS = {"without_addons": (), "with_addons": ("windows", "sysmon", "cim")}
ALL = sorted(CASES.glob("*/*.toml"))

# Every case as it is written, and again with the other kind of quotes where it is XML.
WRITTEN = [pytest.param(path, False, id=f"{path.parent.name}/{path.stem}") for path in ALL]
WRITTEN += [
    pytest.param(path, True, id=f"{path.parent.name}/{path.stem}-double_quoted")
    for path in ALL
    if path.with_suffix(".xml").is_file()
]


@cache
def load(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def detection(app: App, slug: str) -> SavedSearch:
    return next(one for one in detections(app) if one.slug == slug)


def run(
    app: App, addon_names: tuple[str, ...], searches: list[SavedSearch], logs: list[Path], damages: int = 0
) -> list[list[Row]]:
    head = SearchHead(app, addons(*addon_names), now=NOW)
    reader = Reader()
    results = head.run([head.compile(one) for one in searches], reader.read(logs))
    assert len(reader.stats.damages) == damages, reader.stats.damages
    return results


def comparable(rows: list[Row]) -> list[str]:
    """The rows in one order, numbers by their value."""
    return sorted(str(sorted((name, number(value) or value) for name, value in row.items())) for row in rows)


def double_quoted(raw: str) -> str:
    return re.sub(r"<[^>]*>", lambda tag: tag[0].replace("'", '"'), raw)


@pytest.mark.parametrize("addon", ADDONS)
@pytest.mark.parametrize(("path", "requoted"), WRITTEN)
def test_a_detection_returns_exactly_the_rows_of_its_case(
    path: Path, requoted: bool, addon: str, tmp_path: Path
) -> None:
    case = load(path)
    log = path.parent / case["log"]
    if requoted:
        text = double_quoted(log.read_text(encoding="utf-8"))
        log = tmp_path / log.name
        log.write_text(text, encoding="utf-8")
    app = copy_with_lookups(tmp_path / "app", case["lookups"]) if "lookups" in case else package_abuse()
    [rows] = run(app, ADDONS[addon], [detection(app, path.parent.name)], [log], case.get("damages", 0))
    assert comparable(rows) == comparable(case["rows"])


@pytest.mark.parametrize("path", ALL, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_case_is_described_completely(path: Path) -> None:
    case = load(path)
    assert set(case) <= KEYS
    assert case["kind"] in KINDS
    assert case["name"]
    assert case["origin"]
    assert (path.parent / case["log"]).is_file()
    assert case["kind"] != "hit" or case["rows"]
    assert case["kind"] != "near_miss" or not case["rows"]
    assert case["kind"] != "exception" or case["lookups"]


def test_every_detection_has_each_kind_of_case_and_every_case_a_detection() -> None:
    kinds: dict[str, set[str]] = {one.slug: set() for one in detections(package_abuse())}
    for path in ALL:
        kinds.setdefault(path.parent.name, set()).add(load(path)["kind"])
    assert kinds == {one.slug: KINDS for one in detections(package_abuse())}


def test_every_log_belongs_to_a_case() -> None:
    used = {path.parent / load(path)["log"] for path in ALL} | set(ALL)
    assert {path for path in CASES.glob("*/*") if path.is_file()} == used


@pytest.mark.parametrize("addon", ADDONS)
def test_all_detections_are_silent_on_the_benign_logs(addon: str) -> None:
    app = package_abuse()
    searches = detections(app)
    found = run(app, ADDONS[addon], searches, [BASELINE])
    assert dict(zip([one.slug for one in searches], found, strict=True)) == {one.slug: [] for one in searches}
