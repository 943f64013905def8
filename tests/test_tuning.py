"""What a site may change: the macros for it, their page, and the menu that leads from a finding to its exception."""

from __future__ import annotations

import re
from functools import cache
from urllib.parse import parse_qs, urlsplit

import pytest

from searchhead.head import SearchHead
from searchhead.macros import macros_of
from searchhead.savedsearches import SavedSearch
from searchhead.spl.errors import Place
from searchhead.spl.pipeline import run
from tests.apps import NOW, ROOT, STAND_INS, addons, package_abuse
from tests.detection_lock import site_block
from tests.shipped import DETECTIONS, OTHERS, for_each_detection, pipes, result_fields

MACROS_CONF = (ROOT / "default" / "macros.conf").read_text(encoding="ascii")
ACTIONS = package_abuse().conf("workflow_actions").stanzas
TOKEN = re.compile(r"\$([^$]+)\$")

# Enterprise Security writes the name of the saved search into each finding.
GIVEN = {"search_name"}

# Where a time or an index stands elsewhere, with the reason.
FIXED = {
    "package_run(2)": "seven days back and two ahead bound what a run by index time opens",
    "Package Abuse - Package State - Prune Raised Findings": "longer than what package_run reads",
}


@cache
def for_the_site() -> dict[str, tuple[str, str]]:
    """The macros for the site to change: the comment of each, and its definition."""
    block = site_block(MACROS_CONF)
    assert block
    found = re.findall(r"((?:^#.*\n)*)^\[(.+)\]\n(?:args = .*\n)?definition = (.*)\niseval = 0\n", block, re.MULTILINE)
    assert len(found) == block.count("\n[")  # no stanza of another form
    return {name: (re.sub(r"\n?# ?", " ", comment), definition) for comment, name, definition in found}


@pytest.mark.parametrize("name", for_the_site())
def test_a_macro_for_the_site_is_one_line_and_names_its_default(name: str) -> None:
    comment, definition = for_the_site()[name]
    assert not definition.endswith("\\")
    assert re.search(r"\bdefault\b", comment, re.IGNORECASE)
    assert definition in comment


def test_the_page_on_tuning_lists_every_macro_for_the_site_with_its_default() -> None:
    page = (ROOT / "docs" / "tuning.md").read_text(encoding="utf-8").split("\n## Macros\n")[1]
    rows = re.findall(r"(?m)^\| `(package_[^`]+)` \| (.+?) \| .+ \|$", page)
    listed = {name: re.sub(r"^(`+) ?(.*?) ?\1$", r"\2", default) for name, default in rows}
    assert listed == {name: definition for name, (_, definition) in for_the_site().items()}


def test_times_and_indexes_stand_only_where_the_site_may_change_them() -> None:
    days = re.compile(r"(?<![\d/*])\d*\*?(?:86400|604800)\b(?!\*`)")
    texts = {name: macro.definition for name, macro in macros_of(package_abuse()).items()}
    texts |= {saved.name: saved.search for saved in (*DETECTIONS, *OTHERS)}
    # What health says of schedules and of Splunk's own logs is Splunk's, and some of it is sentences for people.
    texts = {name: text for name, text in texts.items() if "health" not in name.lower()}
    bare = {name for name, text in texts.items() if days.search(text) or re.search(r"\bindex=(?!\*\")", text)}
    assert bare - set(for_the_site()) - set(FIXED) == set()


# ---------------------------------------------------------------- from a finding to its exception


def test_the_menu_is_only_there_for_our_findings() -> None:
    assert {(one["fields"], one["display_location"]) for one in ACTIONS.values()} == {("throttle_key", "event_menu")}
    assert all("throttle_key" in result_fields(one) for one in DETECTIONS)


@for_each_detection
def test_the_menus_search_drafts_an_exception_for_a_finding(detection: SavedSearch) -> None:
    action = ACTIONS["package_exception_draft"]
    fields = set(TOKEN.findall(action["search.search_string"]))
    values = {name: f"the {name}" for name in fields & result_fields(detection)} | {"search_name": detection.name}
    assert {"dest", "user", "search_name"} <= values.keys()
    # Splunk Web leaves out the token of a field that the event does not have.
    search = TOKEN.sub(lambda token: values.get(token[1], ""), action["search.search_string"])
    saved = SavedSearch("test", search, "test", "test", (), Place("workflow_actions.conf", 1, "test"))
    [draft] = run(SearchHead(package_abuse(), addons(*STAND_INS), now=NOW).compile(saved))
    assert draft["detection"] == detection.slug
    assert (draft["dest"], draft["user"]) == ("the dest", "the user")
    for name in ("package_family_name", "package_publisher_id"):
        assert draft[name] == values.get(name, "*")
    assert (draft["process"], draft["source"]) == ("?", "?")


def test_what_an_attacker_writes_freely_is_not_put_into_a_search() -> None:
    texts = [action.get("search.search_string", "") for action in ACTIONS.values()]
    allowed = {"dest", "user", "package_family_name", "package_publisher_id"} | GIVEN
    assert {token for text in texts for token in TOKEN.findall(text)} <= allowed
    assert all(pipes(text)[0].startswith("makeresults") for text in texts if text)
    assert not [text for text in texts if "outputlookup" in text]  # Splunk asks before it runs such a link


def test_the_link_opens_the_table_of_exceptions_in_the_lookup_editor() -> None:
    parts = urlsplit(ACTIONS["package_exceptions_edit"]["link.uri"])
    assert (parts.scheme, parts.netloc, parts.path) == ("", "", "/app/lookup_editor/lookup_edit")
    [file_name] = parse_qs(parts.query)["lookup"]
    assert parse_qs(parts.query)["namespace"] == [package_abuse().id]
    assert package_abuse().conf("transforms").stanzas["package_exceptions_site"]["filename"] == file_name
