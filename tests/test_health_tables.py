"""The tables that the health searches read: what they say of the app is what the app is."""

from __future__ import annotations

import re

import pytest

from tests.apps import ROOT, package_abuse, table_rows
from tests.health_sites import SOURCES, health_search
from tests.shipped import DETECTIONS, OTHERS, STATES, compiled


def reads(name: str) -> set[str]:
    """The sources that a saved search reads, by what stands in its text when all macros are expanded."""
    [saved] = [one for one in (*DETECTIONS, *OTHERS) if one.name == name]
    whole = " | ".join(compiled(saved).commands)
    patterns = {row["source_pattern"]: row["source_id"] for row in table_rows("package_sources")}
    return {source for pattern, source in patterns.items() if pattern != "*" and re.search(written(pattern), whole)}


def written(pattern: str) -> str:
    """How a source stands in a search: a data model without quotes, a pattern in quotes."""
    return rf"{re.escape(pattern)}\b" if pattern.startswith("datamodel=") else f'"{re.escape(pattern)}"'


def listed(row: dict[str, str], *columns: str) -> list[str]:
    """The names of the searches in these columns."""
    return [name for column in columns for name in row[column].split("; ") if name]


@pytest.mark.parametrize("row", table_rows("package_detections"), ids=lambda row: row["detection"])
def test_what_a_detection_is_said_to_need_is_what_it_reads(row: dict[str, str]) -> None:
    [detection] = [one for one in DETECTIONS if one.slug == row["detection"]]
    assert row["search_name"] == detection.name
    searches = listed(row, "needs_searches", "helped_by_searches")
    states = set().union(*(reads(name) for name in searches))
    named = {source for group in row["needs"].split() for source in group.split("/")} | set(row["helped_by"].split())
    assert reads(detection.name) <= named
    assert named <= reads(detection.name) | states
    assert states <= named
    # What remembers for it writes what it looks up, all of it.
    writers = [one for one in OTHERS if one.name in searches]
    assert len(writers) == len(searches)
    looked_up = frozenset().union(*compiled(detection).reads) & STATES
    assert frozenset().union(*(compiled(one).writes for one in writers)) == looked_up


def test_every_detection_says_what_it_needs() -> None:
    assert [row["detection"] for row in table_rows("package_detections")] == sorted(one.slug for one in DETECTIONS)


def test_tables_are_listed_with_the_columns_that_they_have() -> None:
    stanzas = package_abuse().conf("transforms").stanzas
    lookups = {name: one for name, one in stanzas.items() if "filename" in one or "collection" in one}
    rows = {row["lookup_name"]: row for row in table_rows("package_tables")}
    assert list(rows) == sorted(lookups)
    for name, stanza in lookups.items():
        row = rows[name]
        if "collection" in stanza:
            assert (row["whose"], row["table_name"]) == ("state", stanza["collection"])
            assert ["_key", *row["columns"].split()] == re.split(r",\s*", stanza["fields_list"])
            continue
        site_owned = stanza["filename"].endswith("_site.csv")
        file = ROOT / "lookups" / (stanza["filename"] + ".default" * site_owned)
        assert (row["whose"], row["table_name"]) == ("site" if site_owned else "ours", stanza["filename"])
        assert row["columns"].split() == file.read_text(encoding="utf-8").split("\n")[0].split(",")
    names = {one.name: one for one in OTHERS}
    for name, row in rows.items():
        assert all(name in compiled(names[writer]).writes for writer in listed(row, "written_by"))


def test_lookups_looks_at_every_table() -> None:
    asked = re.findall(r"`package_health_(table|collection)\((\w+)\)`", health_search("Lookups").search)
    kinds = {
        row["lookup_name"]: "collection" if row["whose"] == "state" else "table" for row in table_rows("package_tables")
    }
    assert {name: kind for kind, name in asked} == kinds


def test_each_source_has_its_texts_in_its_first_row() -> None:
    first: dict[str, dict[str, str]] = {}
    for row in table_rows("package_sources"):
        first.setdefault(row["source_id"], row)
    assert set(first) == {*SOURCES, "processes", "files", "registry", "connections"}
    for row in first.values():
        assert all(row[name] for name in ("source_name", "if_missing", "next_action"))
        assert bool(row["inputs"]) == bool(row["platform"]) == (row["source_form"] != "data model")
        assert all(line.startswith("[") or " = " in line for line in row["inputs"].split(" | ") if line)
    for row in first.values():  # a source that feeds a data model does so by a name that is there
        assert set(row["feeds"].split()) <= set(first)


def test_health_looks_for_the_sources_that_the_detections_read() -> None:
    macros = package_abuse().conf("macros").stanzas
    channels = re.findall(r'"([^"]+)"', macros["package_health_channels"]["definition"])
    patterns = [row["source_pattern"] for row in table_rows("package_sources") if row["platform"] == "windows"]
    assert channels == patterns
    sources = ("appxdeploymentserver", "appxpackaging", "application", "sysmon", "security", "powershell")
    read = [macros[f"package_{name}"]["definition"] for name in sources]
    assert set(channels) == {found for one in read for found in re.findall(r'"(\*WinEventLog:[^"]+)"', one)} - {
        "*WinEventLog:ForwardedEvents"
    }
