"""Evidence and points: what a detection raises, who scores it, and that no piece of evidence counts twice."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from searchhead.head import SearchHead
from searchhead.savedsearches import SavedSearch, detections
from searchhead.spl.pipeline import Search
from searchhead.spl.values import number, texts
from tests.apps import NOW, ROOT, STAND_INS, addons, package_abuse
from tests.bench import Bench
from tests.case_logs import cases
from tests.windows_events import from_case, render

DETECTIONS = detections(package_abuse())
MOST_POINTS = 100


@cache
def compiled(detection: SavedSearch) -> Search:
    return SearchHead(package_abuse(), addons(*STAND_INS), now=NOW).compile(detection)


def lookup_rows(name: str) -> list[dict[str, str]]:
    file = package_abuse().conf("transforms").stanzas[name]["filename"]
    with (ROOT / "lookups" / file).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


@cache
def points() -> dict[str, tuple[str, int]]:
    """For each piece of evidence the detection that scores it and what it is worth."""
    return {row["evidence"][2:-2]: (row["detection"], int(row["points"])) for row in lookup_rows("package_evidence")}


# ---------------------------------------------------------------- what a search raises


def parts(expression: str, separator: str = ",") -> list[str]:
    """A text split at the separators that stand outside of quotes and brackets."""
    found, depth, start = [], 0, 0
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[()\[\]]|' + re.escape(separator), expression):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token[0], 0)
        if token[0] == separator and not depth:
            found.append(expression[start : token.start()])
            start = token.end()
    return [part.strip() for part in (*found, expression[start:])]


# Which arguments of a function may become its value.
VALUES: dict[str, Callable[[list[str]], list[str]]] = {
    "case": lambda arguments: arguments[1::2],
    "coalesce": lambda arguments: arguments,
    "if": lambda arguments: arguments[1:],
    "mvappend": lambda arguments: arguments,
    "mvdedup": lambda arguments: arguments,
    "mvfilter": lambda arguments: re.findall(r"\bevidence\b", arguments[0])[:1],
    "mvmap": lambda arguments: arguments[1:],
    "null": lambda _arguments: [],
}


def values_of(expression: str, assigned: dict[str, list[str]], path: tuple[str, ...] = ()) -> Iterator[str]:
    """The texts that an expression may give, by the fields that were assigned so far; fails for any other form."""
    if re.fullmatch(r'"[^"]*"', expression):
        yield expression[1:-1]
    elif joined := re.fullmatch(r'"(\w+_)"\s*\.\s*\w+', expression):  # the cases show that no other name comes of it
        yield from (name for name in points() if name.startswith(joined[1]))
    elif called := re.fullmatch(r"(\w+)\((.*)\)", expression, re.DOTALL):
        for argument in VALUES[called[1]](parts(called[2]) if called[2] else []):
            yield from values_of(argument, assigned, path)
    else:
        assert expression in assigned, f"which names can {expression!r} give? Write them as texts, in if() or case()"
        if expression not in path:
            for one in assigned[expression]:
                yield from values_of(one, assigned, (*path, expression))


@cache
def raised(detection: SavedSearch) -> frozenset[str]:
    """The names that may stand in the field evidence of a detection's rows."""
    assigned: dict[str, list[str]] = {}
    for command in compiled(detection).commands:
        if command.startswith("eval "):
            for part in parts(command.removeprefix("eval ")):
                field, _, expression = part.partition("=")
                assigned.setdefault(field.strip(), []).append(expression.strip())
        elif command.startswith("lookup ") and (output := re.search(r"\bOUTPUT(?:NEW)?\s+(.*)", command)):
            name = re.sub(r"^lookup\s+(?:\w+=\w+\s+)*", "", command).split()[0]
            for field in parts(output[1]):
                if column := re.fullmatch(r"evidence(?:\s+AS\s+(\w+))?", field, re.IGNORECASE):
                    texts_of_column = {f'"{row["evidence"]}"' for row in lookup_rows(name)}
                    assigned.setdefault(column[1] or "evidence", []).extend(sorted(texts_of_column))
        elif command.startswith("stats "):
            for field, name in re.findall(r"\b(?:values|list|first|last|min|max)\((\w+)\) as (\w+)", command):
                assigned.setdefault(name, []).append(field)
    return frozenset(values_of("evidence", assigned))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('"one"', {"one"}),
        ('if(match(a, "no, (really"), "one", null())', {"one"}),
        ('mvappend(case(a="x", "one", b="y", "two"), evidence, field)', {"one", "two", "three"}),
    ],
)
def test_names_are_found_where_an_expression_gives_them_only(expression: str, expected: set[str]) -> None:
    assigned = {"evidence": ['mvappend(evidence, "three")'], "field": ['"three"']}
    assert set(values_of(expression, assigned)) == expected


# ---------------------------------------------------------------- the table


def groups() -> dict[str, dict[str, str]]:
    """What several detections score alike, by the name of the group: of each, the processes that it reads."""
    found: dict[str, dict[str, str]] = {}
    for one in DETECTIONS:
        for slug, group in re.findall(r"`package_risk\((\w+), (\w+)\)`", one.search):
            assert slug == one.slug
            [processes] = re.findall(r"`package_installer_children\((\w+)\)`", one.search)
            found.setdefault(group, {})[slug] = processes
    return found


def test_detections_that_score_the_same_evidence_never_see_the_same_process() -> None:
    assert set(groups()) == {"installer_process"}
    for members in groups().values():
        assert sorted(set(members.values())) == sorted(members.values()) == ["any", "linux", "macos", "windows"]


def test_every_row_of_the_table_names_a_detection_its_points_and_a_clause() -> None:
    slugs = {one.slug for one in DETECTIONS} | set(groups())
    rows = lookup_rows("package_evidence")
    for row in rows:
        assert re.fullmatch(r"\*\|[a-z][a-z0-9_]*\|\*", row["evidence"])
        assert row["detection"] in slugs, row
        assert 1 <= int(row["points"]) <= MOST_POINTS
        assert re.fullmatch(r"[a-z0-9A-Z].*[^.;,\s]", row["statement"]), row
    names = [row["evidence"] for row in rows]
    assert sorted(set(names)) == sorted(names)  # each is scored by one detection or group
    # A statement of one must not say what another says: an analyst tells them apart by it.
    statements = [row["statement"] for row in rows]
    assert sorted(set(statements)) == sorted(statements)


@pytest.mark.parametrize("detection", DETECTIONS, ids=lambda one: one.slug)
def test_all_that_a_detection_raises_stands_in_the_table_and_what_it_scores_it_raises(detection: SavedSearch) -> None:
    assert raised(detection) <= points().keys()
    assert {name for name, (slug, _) in points().items() if slug == detection.slug} <= raised(detection)


@pytest.mark.parametrize("detection", DETECTIONS, ids=lambda one: one.slug)
def test_a_detection_is_chosen_by_evidence_of_its_own(detection: SavedSearch) -> None:
    chosen: set[str] = set()
    for command in compiled(detection).commands:
        if command.startswith("search evidence"):
            chosen |= set(re.findall(r"\b[a-z][a-z0-9_]+\b", command.removeprefix("search evidence")))
    assert chosen <= {name for name, (slug, _) in points().items() if slug == detection.slug}


def test_all_that_the_cases_raise_stands_in_the_table() -> None:
    for path, case in cases():
        for row in case.get("rows", []):
            assert set(texts(row["evidence"])) <= points().keys(), path.name


# ---------------------------------------------------------------- the rows

# A package of nobody's that names no signature, comes over plain HTTP from a host that hands out anybody's files, and
# runs with full trust: one deployment that concerns several detections.
DEPLOYMENT = [
    {
        "code": 603,
        "time": "2026-03-02T09:00:00.100Z",
        "data": {
            "DeploymentOperation": "1",
            "Path": "http://mega.nz/files/viewer.msix",
            "Flags": "8388608",
            "FlagsHigh": "0",
            "CallingProcess": "AppInstaller.exe",
        },
    },
    {"code": 854, "time": "2026-03-02T09:00:00.200Z", "data": {"Path": "http://mega.nz/files/viewer.msix"}},
    {
        "code": 855,
        "time": "2026-03-02T09:00:00.300Z",
        "data": {"PackageMoniker": " addPackageList: Northwind.Viewer_1.4.0.0_x64__c2yjt6za8ar62"},
    },
    {
        "code": 400,
        "time": "2026-03-02T09:00:01.400Z",
        "data": {
            "DeploymentOperation": "1",
            "PackageFullName": "Northwind.Viewer_1.4.0.0_x64__c2yjt6za8ar62",
            "Path": "http://mega.nz/files/viewer.msix",
            "DeploymentOptions": "0x800000",
            "CallingProcess": "AppInstaller.exe",
            "HasFullTrust": "true",
            "PackageSourceUri": "http://mega.nz/files/viewer.msix",
        },
    },
]


def test_one_deployment_seen_by_several_detections_counts_each_evidence_once(tmp_path: Path) -> None:
    log = tmp_path / "log.xml"
    log.write_text("\n".join(map(render, from_case(DEPLOYMENT))), encoding="utf-8")
    with Bench(package_abuse(), STAND_INS) as bench:
        found = dict(zip(bench.slugs, bench.run(bench.slugs, [log]), strict=True))
    rows = {slug: rows for slug, rows in found.items() if rows}
    assert len(rows) >= 4, rows.keys()
    evidence: set[str] = set()
    total = 0.0
    for slug, [row] in rows.items():
        names = texts(row["evidence"])
        assert len(set(names)) == len(names)
        own = [worth for name in names for owner, worth in [points()[name]] if owner == slug]
        assert number(row["risk_score"]) == sum(own) < MOST_POINTS  # or the sum below says nothing
        # The sentence says all that is known, each thing once.
        assert [str(row["why"]).count(statement) for statement in statements(names)] == [1] * len(names)
        evidence |= set(names)
        total += sum(own)
    assert total == sum(points()[name][1] for name in evidence)


def statements(names: list[str]) -> list[str]:
    said = {row["evidence"][2:-2]: row["statement"] for row in lookup_rows("package_evidence")}
    return [said[name] for name in names]
