"""Every detection over its own cases and over the benign logs, with and without add-ons, in either kind of quotes.

A case is a TOML file ``tests/detections/<slug>/<case>.toml``:

- ``kind``: hit, near_miss, evasion or exception; ``name``; ``origin``.
- ``[[events]]``: what Windows wrote, see ``windows_events``; or ``log``, a file beside the case, of which ``damages``
  (0) says how many damages reading it must tell.
- ``[[rows]]``: exactly the rows that the detection returns. A hit has every field of them. Any other case has those
  that it is about; fields that none of its rows has are not compared.
- ``[lookups]``: rows of the site's lookups, and records of the KV store's collections that are there before the run.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from searchhead.savedsearches import detections
from searchhead.spl.values import Row, Value, number
from tests.apps import copy_with_lookups, package_abuse
from tests.bench import Bench, lookups_of
from tests.windows_events import from_case, render

CASES = Path(__file__).parent / "detections"
BASELINE = Path(__file__).parent / "baseline"
KINDS = {"hit", "near_miss", "evasion", "exception"}
KEYS = {"kind", "name", "log", "events", "origin", "rows", "lookups", "damages"}
# What any row of a case says, whatever the case is about.
ALWAYS = {"dest", "risk_score", "evidence", "why"}
ADDONS = {"without_addons": (), "with_addons": ("windows", "sysmon", "cim")}
ALL = sorted(CASES.glob("*/*.toml"))
SLUGS = [one.slug for one in detections(package_abuse())]


@cache
def load(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def is_xml(path: Path) -> bool:
    try:
        return not load(path).get("log", "").endswith(".jsonl")
    except tomllib.TOMLDecodeError:
        return False  # the case's own tests tell, and no other one is lost


# Every case as it is written, and again with the other kind of quotes where it is XML.
WRITTEN = [pytest.param(path, False, id=f"{path.parent.name}/{path.stem}") for path in ALL]
WRITTEN += [
    pytest.param(path, True, id=f"{path.parent.name}/{path.stem}-double_quoted") for path in ALL if is_xml(path)
]


@pytest.fixture(scope="module")
def bench() -> Iterator[Callable[[str], Bench]]:
    """The app as it stands, with or without add-ons: one bench for all cases that change no file of it."""
    benches: dict[str, Bench] = {}

    def get(addon: str) -> Bench:
        if addon not in benches:
            benches[addon] = Bench(package_abuse(), ADDONS[addon])
        return benches[addon]

    yield get
    for one in benches.values():
        one.close()


def double_quoted(raw: str) -> str:
    return re.sub(r"<[^>]*>", lambda tag: tag[0].replace("'", '"'), raw)


def log_of(path: Path, requoted: bool, folder: Path) -> Path:
    """The log of a case, in single quotes as Windows writes it, or in double ones."""
    case = load(path)
    if "events" in case:
        lines = [render(event, '"' if requoted else "'") for event in from_case(case["events"])]
        text = "".join(f"{line}\n" for line in lines)
    elif requoted:
        text = double_quoted((path.parent / case["log"]).read_text(encoding="utf-8"))
    else:
        return Path(path.parent / case["log"])
    log = folder / "log.xml"
    log.write_text(text, encoding="utf-8", newline="")
    return log


def plain(value: Value | None) -> object:
    """A value to compare: numbers by their value, one value alike with a list of it, null as if it were not there."""
    if isinstance(value, list):
        return [plain(one) for one in value] if len(value) != 1 else plain(value[0])
    found = number(value)
    return value if found is None else found


def comparable(rows: list[Row], only: set[str] | None = None) -> list[str]:
    """The rows in one order; ``only`` says which of their fields count."""
    return sorted(
        str(sorted((name, plain(value)) for name, value in row.items() if only is None or name in only)) for row in rows
    )


@pytest.mark.parametrize("addon", ADDONS)
@pytest.mark.parametrize(("path", "requoted"), WRITTEN)
def test_a_detection_returns_exactly_the_rows_of_its_case(
    path: Path, requoted: bool, addon: str, tmp_path: Path, bench: Callable[[str], Bench]
) -> None:
    case = load(path)
    log = log_of(path, requoted, tmp_path)
    files, records = lookups_of(case)
    if files:
        with Bench(copy_with_lookups(tmp_path / "app", files), ADDONS[addon]) as used:
            [rows] = used.run([path.parent.name], [log], records)
    else:
        used = bench(addon)
        [rows] = used.run([path.parent.name], [log], records)
    assert len(used.damages) == case.get("damages", 0), used.damages
    assert used.warnings == []
    expected = case.get("rows", [])
    listed = None if case["kind"] == "hit" else {name for row in expected for name in row}
    assert comparable(rows, listed) == comparable(expected)


@pytest.mark.parametrize("path", ALL, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_case_is_described_completely(path: Path) -> None:
    case = load(path)
    assert set(case) <= KEYS
    assert case["kind"] in KINDS
    assert case["name"]
    assert case["origin"]
    assert ("log" in case) != ("events" in case)
    assert "log" not in case or (path.parent / case["log"]).is_file()
    assert case["kind"] != "hit" or case["rows"]
    assert case["kind"] != "near_miss" or not case.get("rows")
    assert case["kind"] != "exception" or case["lookups"]
    assert [sorted(ALWAYS - row.keys()) for row in case.get("rows", [])] == [[]] * len(case.get("rows", []))


@pytest.mark.parametrize("slug", sorted({path.parent.name for path in ALL} | set(SLUGS)))
def test_every_detection_has_each_kind_of_case_and_every_case_a_detection(slug: str) -> None:
    assert slug in SLUGS
    assert {load(path)["kind"] for path in ALL if path.parent.name == slug} == KINDS


def test_every_log_belongs_to_a_case() -> None:
    used = {path.parent / load(path).get("log", path.name) for path in ALL} | set(ALL)
    assert {path for path in CASES.glob("*/*") if path.is_file()} == used


@pytest.mark.parametrize("addon", ADDONS)
def test_all_detections_are_silent_on_the_benign_logs(addon: str, bench: Callable[[str], Bench]) -> None:
    found = bench(addon).run(SLUGS, [BASELINE])
    assert dict(zip(SLUGS, found, strict=True)) == {slug: [] for slug in SLUGS}
