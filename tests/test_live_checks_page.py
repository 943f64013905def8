from __future__ import annotations

import re

from docs import live_checks_page
from tests.apps import ROOT
from tests.live_checks import read

FOUND = read()
PAGE = live_checks_page.page()


def test_the_page_is_up_to_date() -> None:
    assert (ROOT / "docs" / "live-checks.md").read_text(encoding="utf-8") == PAGE


def test_every_point_stands_there_once_with_its_search_or_steps() -> None:
    headings = re.findall(r"(?m)^### (\d+)\. (.*)$", PAGE)
    assert sorted(headings, key=lambda one: int(one[0])) == [(str(one.number), one.point) for one in FOUND.points]
    for point in FOUND.points:
        for text in (*point.searches, *point.steps, f"Expect: {point.expect}."):
            assert text in PAGE


def test_what_a_check_needs_is_told() -> None:
    section = PAGE.partition("### 10. ")[2].partition("\n### ")[0]
    assert "Needs `--index`, to which it sends 3 events." in section
    assert f"Needs {FOUND.needs['deployments'].what}." in PAGE.partition("### 31. ")[2].partition("\n### ")[0]


def test_how_a_machine_decides_is_told() -> None:
    decided = {
        3: "It passes if the search is refused with a message that holds `nosuchoption`.",
        5: "It passes if the search gives a row, and no message may speak of it.",
        21: "It passes if the first row shows it.",
        24: "It passes if the search gives a row.",
    }
    for number, sentence in decided.items():
        assert sentence in PAGE.partition(f"### {number}. ")[2].partition("\n### ")[0]
    assert "It passes" not in PAGE.partition("### 16. ")[2].partition("\n### ")[0]


def test_what_is_open_and_not_relied_on_is_told_with_the_reason() -> None:
    assert len(FOUND.aside) >= 15
    assert all(f"- {point}: {reason}." in PAGE for point, reason in FOUND.aside)
