from __future__ import annotations

import re

from docs.coverage_page import page
from searchhead.savedsearches import detections
from tests.apps import package_abuse
from tests.published import rules

PAGE = page()
PARTS = dict(re.findall(r"(?ms)^## (.*?)\n(.*?)(?=^## |\Z)", PAGE))
PUBLIC = rules()
OURS = detections(package_abuse())


def test_every_public_rule_stands_beside_those_of_ours_that_ask_the_same() -> None:
    lines = {
        line.split(" | ")[0].strip("| "): line for line in PARTS["From a public rule to our detection"].split("\n")
    }
    titles = {one.slug: one.title for one in OURS}
    for rule in PUBLIC:
        assert set(re.findall(r"\[([^\]]+)\]\(", lines[rule.id])) == {titles[slug] for slug in rule.ours}


def test_a_rule_that_nobody_of_ours_asks_says_why_and_no_other_does() -> None:
    assert [rule.id for rule in PUBLIC if bool(rule.ours) == bool(rule.outside)] == []
    part = PARTS["Public rules that no detection of ours asks"]
    assert re.findall(r"(?m)^\| ([A-Z]\d+) \|", part) == [rule.id for rule in PUBLIC if not rule.ours]


def test_every_detection_has_a_line() -> None:
    shown = re.findall(r"(?m)^\| \[([^\]]+)\]", PARTS["From our detection to public rules"])
    assert shown == [one.title for one in OURS]


def test_every_technique_of_a_detection_has_a_line_with_its_tactics() -> None:
    part = PARTS["Techniques of ATT&CK"]
    shown = re.findall(r"(?m)^\| (T[\d.]+) \|", part)
    assert shown == sorted({technique for one in OURS for technique in one.mitre_attack})
    assert "| T1553.005 | Subvert Trust Controls: Mark-of-the-Web Bypass | defense-evasion | " in part
    assert "| - |" not in part


def test_every_detection_says_what_it_does_not_see() -> None:
    lines = re.findall(r"(?m)^\| \[([^\]]+)\]\([^)]*\) \| (.*) \|$", PARTS["What our detections do not see"])
    assert [title for title, _ in lines] == [one.title for one in OURS]
    assert [title for title, said in lines if len(said) < 20] == []
    assert dict(lines)["Windows MSIX Package Opened But Never Installed"] == "who opened the package"
