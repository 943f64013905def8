"""The definitions of the views: what they have in common, where they lead, and what they must not hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.apps import ROOT
from tests.dashboards import TOKEN, VIEWS, Dashboard, dashboards, read, substituted

NAVIGATION = ROOT / "default" / "data" / "ui" / "nav" / "default.xml"
ALL = dashboards()
BY_NAME = {one.name: one for one in ALL}
SPLUNKS_OWN = {"search", "reports", "alerts"}

# What Dashboard Studio of Splunk 9.3 draws in a grid without more than a definition.
CHARTS = {"splunk.column", "splunk.bar", "splunk.line", "splunk.area", "splunk.pie", "splunk.events"}
VISUALIZATIONS = {*CHARTS, "splunk.table", "splunk.singlevalue", "splunk.markdown"}
INPUTS = {"input.timerange", "input.text", "input.dropdown", "input.multiselect"}
SHARED = {"global_time": "input_time", "host": "input_host", "user": "input_user", "package": "input_package"}
SHARED |= {"severity": "input_severity"}
"""Tokens that mean the same in every view, and the inputs that set them."""

for_each_view = pytest.mark.parametrize("view", ALL, ids=lambda one: one.name)


def visualizations(view: Dashboard, *types: str) -> dict[str, Mapping[str, Any]]:
    """Those of these types, by id."""
    found: dict[str, Mapping[str, Any]] = view.definition["visualizations"]
    return {name: one for name, one in found.items() if one["type"] in types}


def handlers(view: Dashboard, kind: str) -> Iterator[Mapping[str, Any]]:
    """The options of all handlers of this kind."""
    for one in view.definition["visualizations"].values():
        yield from (each["options"] for each in one.get("eventHandlers", ()) if each["type"] == kind)


def test_the_navigation_begins_with_the_overview_and_names_every_view() -> None:
    named = [one.attrib for one in ET.parse(NAVIGATION).getroot().iter("view")]  # noqa: S314 - our own file
    assert named[0] == {"name": "overview", "default": "true"}
    assert [one for one in named if "default" in one] == named[:1]
    assert {one["name"] for one in named} == {*BY_NAME, *SPLUNKS_OWN}


def test_until_data_was_seen_health_comes_first() -> None:
    first, second, *_ = (one["item"] for one in BY_NAME["overview"].definition["layout"]["structure"])
    shown = BY_NAME["overview"].definition["visualizations"]
    assert shown[first]["type"] == "splunk.markdown"
    assert "package_health" in BY_NAME["overview"].spl(shown[second]["dataSources"]["primary"])


@for_each_view
def test_a_view_is_ascii_and_its_definition_reads_well(view: Dashboard) -> None:
    text = (VIEWS / f"{view.name}.xml").read_text(encoding="utf-8")
    assert text.isascii()
    assert view.label
    assert view.description.endswith(".")
    assert json.dumps(view.definition, indent=2) in text  # indented, and nothing in it twice
    assert not re.search(r"<script|javascript:|on\w+=", text, re.IGNORECASE)


@for_each_view
def test_a_view_holds_what_every_splunk_that_is_supported_draws(view: Dashboard) -> None:
    assert {one["type"] for one in view.definition["visualizations"].values()} <= VISUALIZATIONS
    assert {one["type"] for one in view.definition.get("inputs", {}).values()} <= INPUTS
    assert {one["type"] for one in view.definition["dataSources"].values()} <= {"ds.search", "ds.chain"}
    assert view.definition["layout"]["type"] == "grid"
    assert "theme" not in ET.parse(VIEWS / f"{view.name}.xml").getroot().attrib  # noqa: S314 - the reader's own theme


@for_each_view
def test_the_layout_shows_everything_once_in_full_rows(view: Dashboard) -> None:
    placed = [one["item"] for one in view.definition["layout"]["structure"]]
    assert sorted(placed) == sorted(view.definition["visualizations"])
    assert sorted(view.definition["layout"]["globalInputs"]) == sorted(view.definition.get("inputs", {}))
    rows: dict[int, int] = {}
    for one in view.definition["layout"]["structure"]:
        position = one["position"]
        for line in range(position["y"], position["y"] + position["h"]):
            rows[line] = rows.get(line, 0) + position["w"]
    assert set(rows.values()) == {1200}
    assert sorted(rows) == list(range(max(rows) + 1))


@for_each_view
def test_the_question_comes_first(view: Dashboard) -> None:
    first, *others = (one["item"] for one in view.definition["layout"]["structure"])
    shown = view.definition["visualizations"]
    assert shown[first]["type"] == "splunk.markdown"
    assert "?" in shown[first]["options"]["markdown"]
    asking = [shown[one].get("title", "") for one in others if shown[one]["type"] != "splunk.markdown"]
    assert [title for title in asking if not title.endswith("?")] == []


@for_each_view
def test_what_is_empty_says_why(view: Dashboard) -> None:
    for name, one in visualizations(view, "splunk.table").items():
        if one.get("hideWhenNoData"):
            continue  # it is there only where it has something to say
        spl = view.spl(one["dataSources"]["primary"])
        assert re.search(r"`package_nothing\([^`]*\)`\s*$", spl), name
    for name, one in visualizations(view, *CHARTS).items():
        assert "mpty" in one.get("description", ""), name


@for_each_view
def test_tokens_of_views_are_the_same_everywhere(view: Dashboard) -> None:
    for name, one in view.definition.get("inputs", {}).items():
        token = one["options"]["token"]
        assert one["title"]
        if token in SHARED or name in SHARED.values():
            assert SHARED.get(token) == name
        if one["type"] == "input.text":
            assert one["options"]["defaultValue"] == "*"


@for_each_view
def test_a_token_cannot_become_a_part_of_a_search(view: Dashboard) -> None:
    for source in view.definition["dataSources"].values():
        for token in TOKEN.finditer(source["options"]["query"]):
            assert token["filter"] == "s", f"{source['name']}: {token[0]}"
            assert token["name"] in view.tokens


@for_each_view
def test_searches_are_shared(view: Dashboard) -> None:
    queries = [one["options"]["query"] for one in view.definition["dataSources"].values()]
    assert len(queries) == len(set(queries))
    extended = {one["options"].get("extend") for one in view.definition["dataSources"].values()}
    shown = {
        one["dataSources"]["primary"] for one in view.definition["visualizations"].values() if "dataSources" in one
    }
    assert set(view.definition["dataSources"]) == (extended - {None}) | shown
    names = [one["name"] for one in view.definition["dataSources"].values()]
    assert len(names) == len(set(names))
    assert [name for name in names if not re.fullmatch(r"[A-Za-z0-9 _.-]+", name)] == []


@pytest.mark.parametrize("name", ["overview", "packages"])
def test_what_panels_share_does_not_grow_with_the_hosts_of_a_package(name: str) -> None:
    """A shared search of 50,000 hosts would have millions of rows, and Splunk passes no more than 500,000 on."""
    grouped = BY_NAME[name].definition["dataSources"]["ds_deployments"]["options"]["query"].rsplit(" by ", 1)[1]
    assert "package_family_name" in grouped.split(", ")
    assert "dest" not in grouped.split(", ")


@for_each_view
def test_every_row_leads_somewhere(view: Dashboard) -> None:
    assert [name for name, one in visualizations(view, "splunk.table").items() if not one.get("eventHandlers")] == []


@for_each_view
def test_links_lead_to_views_that_know_their_tokens(view: Dashboard) -> None:
    for link in handlers(view, "drilldown.linkToDashboard"):
        assert link["app"] == "package_abuse"
        known = set(BY_NAME[link["dashboard"]].tokens)
        assert {one["token"] for one in link["tokens"]} <= known
        given = {one["value"][1:-1] for one in link["tokens"] if one["value"].startswith("$")}
        assert given <= set(view.tokens)
    for change in handlers(view, "drilldown.setToken"):
        assert {one["token"] for one in change["tokens"]} <= set(view.tokens)
    for address in handlers(view, "drilldown.customUrl"):
        assert address["url"].startswith("/app/")
        assert all(token["filter"] == "u" for token in TOKEN.finditer(address["url"]))


def test_a_value_of_a_token_stays_in_its_quotes() -> None:
    assert substituted("host=$host|s$ $$ $n$", {"host": 'a" | delete \\', "n": "1"}) == 'host="a\\" | delete \\\\" $ 1'
    with pytest.raises(KeyError):
        substituted("$unknown$", {})


def test_a_file_of_another_kind_is_no_view(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("views") / "old.xml"
    path.write_text('<dashboard version="1.1"><label>Old</label></dashboard>', encoding="utf-8")
    with pytest.raises(ValueError, match=r"old\.xml: no dashboard of version 2"):
        read(path)


@for_each_view
def test_the_page_says_how_many_searches_a_view_starts(view: Dashboard) -> None:
    searches = [one for one in view.definition["dataSources"].values() if one["type"] == "ds.search"]
    text = (ROOT / "docs" / "views.md").read_text(encoding="utf-8")
    assert f"| {view.label} | {len(searches)} |" in text
