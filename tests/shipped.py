"""The app's saved searches as tests look at them: their stanzas, their texts, and compiled with all macros expanded."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from searchhead.conf import Stanza
from searchhead.head import SearchHead
from searchhead.savedsearches import SavedSearch, detections, others
from searchhead.spl.pipeline import Search
from tests.apps import NOW, STAND_INS, addons, package_abuse
from tests.case_logs import cases

DETECTIONS = detections(package_abuse())
OTHERS = others(package_abuse())
MACRO_USE = re.compile(r"`(\w+)(\()?")
TOKEN = re.compile(r"\$(\w+)(?:\|s)?\$")

# Enterprise Security fills these into drilldowns by itself.
SPLUNK_TOKENS = {"info_min_time", "info_max_time"}

# The collections of what happened before, which tell a detection that it must run after those who write them.
STATES = {"package_state", "package_lineage", "package_baseline"}


def stanza_of(saved: SavedSearch) -> Stanza:
    """Its stanza in savedsearches.conf."""
    return package_abuse().conf("savedsearches").stanzas[saved.name]


def setting(saved: SavedSearch, name: str) -> Any:
    """A setting whose text is JSON."""
    return json.loads(stanza_of(saved)[name])


def pipes(search: str) -> list[str]:
    """The lines of a search without the pipe each begins with."""
    return [line.removeprefix("|").strip() for line in search.split("\n")]


def result_fields(detection: SavedSearch) -> set[str]:
    """The fields of a detection's result rows."""
    [table] = [pipe for pipe in pipes(detection.search) if pipe.startswith("table ")]
    return set(re.split(r"[,\s]+", table.removeprefix("table ")))


def tokens(text: str) -> set[str]:
    """The fields that Enterprise Security replaces in a text."""
    return set(TOKEN.findall(text)) - SPLUNK_TOKENS


def minute(saved: SavedSearch) -> int:
    """The minute of every hour at which it runs."""
    found = re.fullmatch(r"(\d+) \* \* \* \*", stanza_of(saved)["cron_schedule"])
    assert found is not None, saved.name
    return int(found[1])


def for_each_detection(test: Any) -> Any:
    """Runs a test once for each detection."""
    return pytest.mark.parametrize("detection", DETECTIONS, ids=lambda one: one.slug)(test)


def for_each_other_search(test: Any) -> Any:
    """Runs a test once for each saved search that is no detection."""
    return pytest.mark.parametrize("search", OTHERS, ids=lambda one: one.slug)(test)


@cache
def head() -> SearchHead:
    """The app beside all stand-ins."""
    return SearchHead(package_abuse(), addons(*STAND_INS), now=NOW)


@cache
def compiled(saved: SavedSearch) -> Search:
    """The search with all macros expanded."""
    return head().compile(saved)


def some_hit(slug: str) -> tuple[Path, dict[str, Any]]:
    """A hit; rather one without records of collections."""
    hits = [(path, case) for path, case in cases(slug) if case["kind"] == "hit"]
    return min(hits, key=lambda one: len(one[1].get("lookups", {})))
