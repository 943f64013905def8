"""The views as people see them: drawn by Splunk's renderer in a browser, over the site of the demo.

What a panel must show is what the embedded search head finds; tests/test_views.py says that this is right.
``PACKAGE_ABUSE_SCREENSHOTS`` may name a folder for a picture of each view in each width and theme.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser

from searchhead.spl.values import Row, number, texts
from tests.dashboards import Dashboard, Panel, dashboards
from tests.drawn import CHARTS, TOKENS, Drawn, context, drawn, site
from tests.node_project import NodeMissingError
from tests.view_server import APP, ViewServer

VIEWS = {view.name: view for view in dashboards()}
LOOKS = [("light", 1280), ("dark", 1280), ("dark", 1920), ("light", 1920)]
PICTURES = os.environ.get("PACKAGE_ABUSE_SCREENSHOTS")


@pytest.fixture(scope="module")
def server() -> Iterator[ViewServer]:
    try:
        with site() as found:
            yield found
    except NodeMissingError as error:
        pytest.skip(f"skipped: {error}")


@pytest.fixture(scope="module")
def one_page(browser: Browser) -> Iterator[Drawn]:
    with context(browser) as within, drawn(within) as found:
        yield found


@pytest.fixture
def page(one_page: Drawn) -> Iterator[Drawn]:
    """The page that all tests share; it must not complain."""
    yield one_page
    one_page.page.wait_for_timeout(0)
    complaints = [*one_page.complaints]
    one_page.complaints.clear()
    assert complaints == []


@pytest.fixture(scope="module", params=VIEWS)
def opened(request: pytest.FixtureRequest, server: ViewServer, one_page: Drawn) -> Dashboard:
    """A view that the page shows, for several tests; opened once."""
    view = VIEWS[request.param]
    one_page.open(server.view(view.name), TOKENS.get(view.name))
    return view


# ---------------------------------------------------------------- what a panel must show


def cell(value: Any) -> str:
    """A value as a table shows it, its blanks and line breaks as one blank."""
    return " ".join(" ".join(texts(value)).split())


def columns(rows: list[Row]) -> list[str]:
    """The columns that a table shows; those that begin with an underscore are hidden."""
    return [name for name in dict.fromkeys(field for row in rows for field in row) if not name.startswith("_")]


def numbers(rows: list[Row]) -> list[float]:
    """The numbers that a chart of these rows draws: those of all columns but the first, where there is one to see."""
    fields = list(dict.fromkeys(field for row in rows for field in row))
    found = [number(row.get(field)) for row in rows for field in fields[1:] if not field.startswith("_")]
    return [one for one in found if one]


def missing(panel: Panel, seen: Mapping[str, Any]) -> list[str]:
    """What a panel should show and does not."""
    rows = panel.rows()
    wrong = [] if seen["title"] == panel.title else [f"title {seen['title']!r}"]
    if not rows:
        wrong += [] if "No search results returned" in seen["text"] else [seen["text"]]
    elif panel.type == "splunk.table":
        named = columns(rows)
        page = rows[: panel.definition.get("options", {}).get("count", 10)]
        shown = [[" ".join(text.split()) for text in row] for row in seen["rows"]]
        if seen["heading"] != named or shown != [[cell(row.get(name)) for name in named] for row in page]:
            wrong.append(f"{seen['heading']} {shown}")
    elif panel.type in CHARTS:
        if seen["marks"] != len(numbers(rows)):
            wrong.append(f"{seen['marks']} marks for {len(numbers(rows))} numbers")
    elif panel.type == "splunk.singlevalue":
        fields = [found for field in rows[-1] if (found := number(rows[-1][field])) is not None]
        if number(seen["value"].replace(",", "")) != fields[0]:
            wrong.append(f"value {seen['value']!r}")
    elif cell(rows[0]["_raw"])[:60] not in " ".join(seen["text"].split()):  # splunk.events
        wrong.append(f"text {seen['text']!r}")
    return [f"{panel.item} ({panel.type}): {one}" for one in wrong]


def panels(view: Dashboard, tokens: Mapping[str, str] | None = None) -> list[Panel]:
    """The panels of a view that show the rows of a search."""
    return list(view.panels({**TOKENS.get(view.name, {}), **(tokens or {})}))


# ---------------------------------------------------------------- drawn


def test_every_panel_is_drawn_with_its_data_in_both_themes_and_widths(opened: Dashboard, page: Drawn) -> None:
    shown = panels(opened)
    assert [panel.item for panel in shown if not (numbers if panel.type in CHARTS else list)(panel.rows())] == []
    for theme, width in LOOKS:
        page.show(theme, width)
        seen = page.panels()
        assert set(seen) == set(opened.definition["visualizations"])
        assert [one for panel in shown for one in missing(panel, seen[panel.item])] == []
        assert [item for item, one in seen.items() if not one["text"]] == []
        assert page.unreadable() == []
        if PICTURES:
            Path(PICTURES).mkdir(parents=True, exist_ok=True)
            Path(PICTURES, f"{opened.name}-{theme}-{width}.png").write_bytes(page.picture())


def test_the_definitions_are_valid(server: ViewServer, page: Drawn) -> None:
    page.open(server.view("health"))
    for view in VIEWS.values():
        assert page.validate(view.definition) == [], view.name
    wrong: dict[str, Any] = {**VIEWS["health"].definition, "inputs": {"input_x": {"type": "input.text"}}}
    assert 'Input \\"input_x\\" is defined but not used' in json.dumps(page.validate(wrong))
    wrong["visualizations"] = {"viz_x": {"type": "splunk.table", "options": {"count": "many"}, "colour": 1}}
    assert "must NOT have additional properties" in json.dumps(page.validate(wrong))


# What people cannot read: text in nearly the colour behind it, and three times what does not fit.
UNREADABLE: dict[str, Any] = {
    "title": "Unreadable",
    "description": "Not ours.",
    "dataSources": {
        "ds_a": {"type": "ds.search", "name": "a", "options": {"query": "| makeresults | fields - _time"}},
        "ds_b": {
            "type": "ds.chain",
            "name": "b",
            "options": {"extend": "ds_a", "query": "| eval Informational=1"},
        },
    },
    "visualizations": {
        "viz_faint": {"type": "splunk.markdown", "options": {"markdown": "Hardly there", "fontColor": "#f0f0f0"}},
        "viz_long": {"type": "splunk.markdown", "options": {"markdown": "Again and again. " * 60}},
        "viz_title": {
            "type": "splunk.singlevalue",
            "title": "Is this too long for the little room that there is?",
            "dataSources": {"primary": "ds_b"},
        },
        "viz_table": {
            "type": "splunk.table",
            "dataSources": {"primary": "ds_b"},
            "options": {"columnFormat": {"Informational": {"width": 60}}},
        },
    },
    "layout": {
        "type": "grid",
        "structure": [
            {"item": item, "type": "block", "position": {"x": x, "y": 0, "w": width, "h": 100}}
            for item, x, width in (
                ("viz_faint", 0, 400),
                ("viz_long", 400, 400),
                ("viz_title", 800, 200),
                ("viz_table", 1000, 200),
            )
        ],
    },
}


def test_what_cannot_be_read_is_noticed(server: ViewServer, page: Drawn) -> None:
    server.definitions["unreadable"] = UNREADABLE
    page.open(server.view("unreadable"))
    page.show("light", 1280)
    assert sorted(one[:24] for one in page.unreadable()) == [
        "broken: Informational",
        "cut off: Again and again",
        "cut off: Is this too lon",
        "faint: Hardly there",
    ]


# ---------------------------------------------------------------- followed


def links(view: Dashboard) -> Iterator[tuple[Panel, str, str]]:
    """The tables of a view that have rows and lead to another page; the column to click, and where that must lead."""
    for panel in panels(view):
        rows = panel.rows() if panel.type == "splunk.table" else []
        for handler in panel.definition.get("eventHandlers", ()):
            options = handler["options"]
            if rows and "Nothing here" not in rows[0] and handler["type"] != "drilldown.setToken":
                values = {**view.tokens, **TOKENS.get(view.name, {})}
                values |= {f"row.{field}.value": cell(value) for field, value in rows[0].items()}
                yield panel, options.get("fields", columns(rows))[0], address(handler["type"], options, values)


def address(kind: str, options: Mapping[str, Any], values: Mapping[str, str]) -> str:
    """Where a link leads with these values of tokens and of a clicked row."""
    if kind == "drilldown.customUrl":
        return re.sub(r"\$([^$|]+)\|u\$", lambda token: quote(values[token[1]], safe="!'()*~"), options["url"])
    tokens = {f"form.{one['token']}": values.get(one["value"].strip("$"), one["value"]) for one in options["tokens"]}
    return f"/app/{options['app']}/{options['dashboard']}?{urlencode(tokens)}"


def test_a_click_on_a_row_leads_where_it_promises(opened: Dashboard, page: Drawn) -> None:
    for panel, column, expected in links(opened):
        found = page.link(panel.item, page.panels()[panel.item]["heading"].index(column))
        assert found is not None, panel.item
        assert (urlsplit(found).path, parse_qs(urlsplit(found).query)) == (
            urlsplit(expected).path,
            parse_qs(urlsplit(expected).query),
        ), panel.item


def test_investigate_obeys_what_the_overview_hands_over(server: ViewServer, page: Drawn) -> None:
    page.open(server.view("overview"), {"global_time.earliest": "-6h@h", "global_time.latest": "now"})
    host = page.rows("viz_hosts")[1][0]
    page.click("viz_hosts", row=1)
    assert urlsplit(page.page.url).path == f"/app/{APP}/investigate"
    assert page.input("input_host").get_by_role("textbox").input_value() == host
    assert page.tokens["host"] == host
    assert (page.tokens["global_time.earliest"], page.tokens["global_time.latest"]) == ("-6h@h", "now")
    tokens = {name: value for name, value in page.tokens.items() if isinstance(value, str)}
    seen = page.panels()
    shown = VIEWS["investigate"].panels(tokens)
    assert [one for panel in shown for one in missing(panel, seen[panel.item])] == []
    assert {row[0] for row in seen["viz_hosts"]["rows"]} == {host}


# ---------------------------------------------------------------- obeyed


def column(page: Drawn, item: str, name: str) -> set[str]:
    """What stands in a column of a table."""
    seen = page.panels()[item]
    return {row[seen["heading"].index(name)] for row in seen["rows"]}


def test_filters_and_the_time_range_are_obeyed(server: ViewServer, page: Drawn) -> None:
    page.open(server.view("overview"))
    marks = page.panels()["viz_over_time"]["marks"]
    assert len(column(page, "viz_hosts", "Host")) > 1
    page.type_into("input_host", "ws-0233*")
    assert column(page, "viz_hosts", "Host") == column(page, "viz_findings", "Host") == {"ws-0233.corp.example"}
    page.type_into("input_host", "*")
    assert len(column(page, "viz_findings", "Severity")) > 1
    page.choose("input_severity", "high")
    assert page.tokens["severity"] == ["high"]
    assert column(page, "viz_findings", "Severity") == {"high"}
    assert len(column(page, "viz_findings", "Host")) > 1
    page.choose_time("Last 4 hours")  # it is noon there
    assert (page.tokens["global_time.earliest"], page.tokens["global_time.latest"]) == ("-4h@m", "now")
    assert {asked[1:] for asked in server.asked[-3:]} == {("-4h@m", "now")}
    assert min(column(page, "viz_findings", "Time")) >= "2026-03-04T08:00:00+00:00"
    assert 0 < page.panels()["viz_over_time"]["marks"] < marks


def differing(page: Drawn, view: Dashboard) -> list[str]:
    """What the page does not show as the embedded search head finds it with the values that its tokens have now."""
    tokens = {name: ",".join(value) if isinstance(value, list) else value for name, value in page.tokens.items()}
    seen = page.panels()
    return [one for panel in view.panels(tokens) for one in missing(panel, seen[panel.item])]


@pytest.mark.parametrize(
    ("name", "item", "value", "clicked", "token"),
    [
        ("coverage", "input_state", "No data", "viz_techniques", "technique"),
        ("health", "input_topic", "Exceptions", "viz_topics", "topic"),
        ("investigate", "input_package", "CiscoSystems.Webex*", "viz_hosts", "host"),
        ("packages", "input_host", "ws-0233*", None, None),
        ("tuning", "input_time", "Last 4 hours", None, None),
    ],
)
def test_the_other_views_obey_a_filter_and_a_click_that_narrows_them(
    server: ViewServer, page: Drawn, name: str, item: str, value: str, clicked: str | None, token: str | None
) -> None:
    page.open(server.view(name), TOKENS.get(name))
    before = page.panels()
    kind = VIEWS[name].definition["inputs"][item]["type"]
    if kind == "input.timerange":
        page.choose_time(value)
    else:
        (page.type_into if kind == "input.text" else page.choose)(item, value)
    assert page.panels() != before
    assert differing(page, VIEWS[name]) == []
    if clicked and token:
        first = page.rows(clicked)[0][0]
        page.click(clicked)
        assert page.tokens[token] == first
        assert differing(page, VIEWS[name]) == []


def test_a_hostile_host_name_stays_a_host_name(server: ViewServer, page: Drawn) -> None:
    page.open(server.view("overview"))
    page.type_into("input_host", 'x" OR host=* | delete <img src=x onerror=alert(1)>')
    assert any(r'"x\" OR host=* | delete <img src=x onerror=alert(1)>"' in asked[0] for asked in server.asked[-9:])
    assert page.panels()["viz_hosts"]["heading"] == ["Nothing here", "What to do"]
    assert page.page.locator("img[src=x]").count() == 0


def test_a_search_that_fails_is_no_quiet_gap(server: ViewServer, page: Drawn) -> None:
    page.open(server.view("overview"), {"global_time.earliest": "no-time", "global_time.latest": "now"})
    assert any("404" in one for one in page.complaints)
    page.complaints.clear()
