"""Every detection over its own cases and over the benign logs, with and without add-ons, in either kind of quotes.

One that reads data models runs beside add-ons only, for they bring them, and over its cases as they are written.

A case is a TOML file ``tests/detections/<slug>/<case>.toml``:

- ``kind``: hit, near_miss, evasion or exception; ``name``; ``origin``.
- ``[[events]]``: what the hosts wrote, see ``windows_events``; or ``log``, a file beside the case, of which ``damages``
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
from tests.apps import STAND_INS, copy_with_lookups, package_abuse
from tests.bench import Bench, lookups_of, over_data_models
from tests.case_logs import texts_of
from tests.windows_events import from_case

CASES = Path(__file__).parent / "detections"
BASELINE = Path(__file__).parent / "baseline"
KINDS = {"hit", "near_miss", "evasion", "exception"}
KEYS = {"kind", "name", "log", "events", "origin", "rows", "lookups", "damages"}
# What any row of a case says, whatever the case is about.
ALWAYS = {"dest", "risk_score", "evidence", "why"}
ADDONS = {"without_addons": (), "with_addons": STAND_INS}
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


def variants() -> Iterator[Any]:
    """Every case as it is written, and again with the other kind of quotes where it is XML: for both one site does."""
    for addon, names in ADDONS.items():
        for path in ALL:
            for requoted in (False, True):
                over = path.parent.name in over_data_models()
                if (requoted and not is_xml(path)) or (over and (requoted or not names)):
                    continue
                name = f"{path.parent.name}/{path.stem}{'-double_quoted' if requoted else ''}-{addon}"
                yield pytest.param(path, requoted, addon, id=name)


class Benches:
    """The app with or without add-ons: one bench for all cases that change no file of it, and that of one site."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder
        self._shipped: dict[str, Bench] = {}
        self._site: tuple[str, dict[str, Any], Bench] | None = None

    def get(self, addon: str, files: dict[str, Any]) -> Bench:
        """The bench for a site with these rows in its files; that of the site before is closed."""
        if not files:
            if addon not in self._shipped:
                self._shipped[addon] = Bench(package_abuse(), ADDONS[addon])
            return self._shipped[addon]
        if self._site is None or self._site[:2] != (addon, files):
            self._leave_site()
            self._site = addon, files, Bench(copy_with_lookups(self._folder() / "app", files), ADDONS[addon])
        return self._site[2]

    def close(self) -> None:
        """End the processes of all."""
        self._leave_site()
        for one in self._shipped.values():
            one.close()

    def _leave_site(self) -> None:
        if self._site is not None:
            self._site[2].close()
            self._site = None


@pytest.fixture(scope="module")
def benches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Benches]:
    found = Benches(lambda: tmp_path_factory.mktemp("site"))
    yield found
    found.close()


def double_quoted(raw: str) -> str:
    return re.sub(r"<[^>]*>", lambda tag: tag[0].replace("'", '"'), raw)


def log_of(path: Path, requoted: bool, folder: Path) -> Path:
    """The log of a case or a folder of its logs, in single quotes as Windows writes them, or in double ones."""
    case = load(path)
    if "events" in case:
        texts = texts_of(from_case(case["events"]), '"' if requoted else "'")
    elif requoted:
        texts = {"log.xml": double_quoted((path.parent / case["log"]).read_text(encoding="utf-8"))}
    else:
        return Path(path.parent / case["log"])
    logs = folder / "logs"
    logs.mkdir()
    for name, text in texts.items():
        (logs / name).write_text(text, encoding="utf-8", newline="")
    return logs


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


@pytest.mark.parametrize(("path", "requoted", "addon"), list(variants()))
def test_a_detection_returns_exactly_the_rows_of_its_case(
    path: Path, requoted: bool, addon: str, tmp_path: Path, benches: Benches
) -> None:
    case = load(path)
    log = log_of(path, requoted, tmp_path)
    files, records = lookups_of(case)
    used = benches.get(addon, files)
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
def test_all_detections_are_silent_on_the_benign_logs(addon: str, benches: Benches) -> None:
    used = benches.get(addon, {})
    slugs, found = used.slugs, used.run(used.slugs, [BASELINE])
    assert dict(zip(slugs, found, strict=True)) == {slug: [] for slug in slugs}
