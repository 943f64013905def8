from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests import detection_lock
from tests.apps import ROOT, package_abuse
from tests.detection_lock import (
    Locked,
    current,
    digest,
    faults,
    kept,
    main,
    read,
    site_macros,
    stale,
    unreleased,
    written,
)
from tests.shipped import DETECTIONS

ONE = Locked("Package Abuse - One - Rule", "2bdae3ee-b5fb-5f9e-89aa-4a9e1f3a24f3", "3", "1.0.0", "a" * 64)
TWO = Locked("Package Abuse - Two - Rule", "6a1b5a5c-6b43-5b6f-9d0c-1f0a9f3bd0a1", "1", "1.1.0", "b" * 64)
LOCK = [ONE, TWO]


# ---------------------------------------------------------------- the lock of this app


def test_ids_and_versions_are_those_of_the_lock_or_the_next() -> None:
    locked = read(detection_lock.LOCK.read_text(encoding="utf-8"))
    assert faults(locked, current(package_abuse())) == []


def test_what_is_released_stands_in_the_lock() -> None:
    now = current(package_abuse())
    locked = read(detection_lock.LOCK.read_text(encoding="utf-8"))
    released = {one.since for one in now} - unreleased((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert not released or not stale(locked, now), f"run {detection_lock.COMMAND}"
    assert {one.name for one in DETECTIONS} == {one.name for one in now}


# ---------------------------------------------------------------- what is a change


def changed(**fields: str) -> list[Locked]:
    return [replace(ONE, **fields), TWO]


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (LOCK, None),
        (changed(sha256="c" * 64, detection_version="4"), None),
        (
            changed(sha256="c" * 64),
            "was changed .* set detection_version to 4 and modification_date to today",
        ),
        (changed(sha256="c" * 64, detection_version="5"), "set detection_version to 4"),
        (changed(sha256="c" * 64, detection_version="2"), "set detection_version to 4"),
        (changed(detection_version="4"), "must stay 3"),
        (changed(detection_version="2"), "must stay 3"),
        (changed(detection_id=TWO.detection_id), "has another id"),
        ([TWO], "Package Abuse - One - Rule is gone"),
        ([*LOCK, replace(ONE, name="Package Abuse - New - Rule")], "has the id of Package Abuse - One - Rule"),
        ([*LOCK, replace(ONE, name="Package Abuse - New - Rule", detection_id="x")], "is new and has version 3"),
        ([*LOCK, Locked("Package Abuse - New - Rule", "x", "1", "1.1.0", "d" * 64)], None),
    ],
)
def test_a_locked_detection_keeps_its_id_and_gets_the_next_version(now: list[Locked], said: str | None) -> None:
    found = faults(LOCK, now)
    assert len(found) == (said is not None)
    assert said is None or re.search(said, found[0])


def test_the_lock_says_since_when() -> None:
    now = [replace(one, since="1.2.0") for one in changed(sha256="c" * 64, detection_version="4")]
    assert [one.since for one in kept(LOCK, now)] == ["1.2.0", "1.1.0"]
    assert stale(LOCK, now)
    assert not stale(LOCK, [replace(one, since="1.2.0") for one in LOCK])
    assert read(written(LOCK)) == LOCK


def test_a_version_is_being_made_until_it_has_a_date() -> None:
    assert unreleased("# Changelog\n\n## 1.1.0 - unreleased\n\n## 1.0.0 - 2026-11-21\n") == {"1.1.0"}


# ---------------------------------------------------------------- the digest

SETTINGS = {"search": "`a(x)` | `b` | `limit` | `one_filter`", "description": "D", "alert.severity": "3"}
MACROS = {
    "a(1)": "index=$x$ | `c`",
    "b": "stats count",
    "c": "where x",
    "limit": "5",
    "one_filter": "search *",
    "d": "d",
}


def digest_of(settings: dict[str, str], macros: dict[str, str]) -> str:
    return digest({**SETTINGS, **settings}, {**MACROS, **macros}, {"limit"})


@pytest.mark.parametrize(
    ("settings", "macros", "other"),
    [
        ({"description": "E"}, {}, True),
        ({"alert.severity": "4"}, {}, True),
        ({"action.correlationsearch.metadata": "{}"}, {}, False),
        ({"action.escu.modification_date": "2027-01-01"}, {}, False),
        ({}, {"b": "stats sum(x)"}, True),
        ({}, {"c": "where y"}, True),  # a macro of a macro
        ({}, {"d": "e"}, False),  # nobody uses it
        ({}, {"limit": "6"}, False),  # the site's
        ({}, {"one_filter": "search x"}, False),
    ],
)
def test_the_digest_covers_what_a_detection_does(settings: dict[str, str], macros: dict[str, str], other: bool) -> None:
    assert (digest_of(settings, macros) != digest_of({}, {})) == other


def test_the_macros_for_the_site_are_those_of_the_first_block() -> None:
    text = "##### for the site to change #####\n\n[a]\nx = 1\n[b(2)]\ny = 2\n##### sources #####\n[c]\n"
    assert site_macros(text) == {"a", "b"}
    real = site_macros((ROOT / "default" / "macros.conf").read_text(encoding="utf-8"))
    assert "package_windows_index" in real
    assert "package_risk_objects" not in real


# ---------------------------------------------------------------- the command


def test_the_command_writes_a_lock_and_refuses_what_was_not_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = tmp_path / "detections.csv"
    monkeypatch.setattr(detection_lock, "LOCK", lock)
    assert main(["--write"]) == 0
    rows = read(lock.read_text(encoding="utf-8"))
    assert [row.name for row in rows] == sorted(one.name for one in DETECTIONS)
    assert main([]) == 0
    spoiled = written([replace(row, since="0.0.1", sha256="0" * 64) for row in rows])
    lock.write_text(spoiled, encoding="utf-8")
    assert main(["--write"]) == 1
    assert lock.read_text(encoding="utf-8") == spoiled
    assert "set detection_version to 2" in capsys.readouterr().out
    assert main(["--frob"]) == 2
