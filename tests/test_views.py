"""Every search of every panel, run by the embedded search head at the site of the demo: what the panel shows.

``views/panels.toml`` says for each panel which columns it shows, in their order, of which kind their values are, how
many rows there are at the least and what some of them hold. It was written by hand from the logs of the demo.
"""

from __future__ import annotations

import re

import pytest

from searchhead.head import SearchHead, TimeRange
from searchhead.savedsearches import SavedSearch
from searchhead.spl.errors import Place
from searchhead.spl.values import Row, number, texts
from tests.apps import STAND_INS, addons, package_abuse
from tests.dashboards import PANELS, Dashboard, Panel, dashboards
from tests.demo_site import NOW, demo_site
from tests.health_sites import disabled

VIEWS = {view.name: view for view in dashboards()}
SHOWN = [(view, panel) for view in VIEWS.values() for panel in view.panels(PANELS[view.name].get("tokens"))]
NOTHING = ["Nothing here", "What to do"]
HOSTILE = (
    'x" | outputlookup package_state | search "',
    "x\\",
    'x\\" | delete',
    "$user$ [search *]",
    "`package_deployments`",
)
SEVERITIES = {"critical", "high", "medium", "low", "informational"}

each_panel = pytest.mark.parametrize(
    ("view", "panel"), SHOWN, ids=[f"{view.name}-{panel.item}" for view, panel in SHOWN]
)


def columns(rows: list[Row]) -> list[str]:
    """The columns as a table shows them: in their order, without those that begin with an underscore but _time."""
    found = dict.fromkeys(field for row in rows for field in row)
    return [name for name in found if name in ("_time", "_raw") or not name.startswith("_")]


def is_of(kind: str, value: object) -> bool:
    """Whether a cell is of a kind: text, number, count, time (ISO 8601 with offset), severity."""
    shown = texts(value)  # type: ignore[arg-type]  # a value of a row
    if kind == "text":
        return bool(shown) and all(shown)
    if kind == "time":
        return all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", one) for one in shown)
    if kind == "severity":
        return set(shown) <= SEVERITIES
    found = [number(one) for one in shown]
    return None not in found and (kind == "number" or all(one is not None and one == int(one) for one in found))


def test_every_panel_is_described_and_the_reverse() -> None:
    described = {(view, panel) for view, panels in PANELS.items() for panel in panels if panel != "tokens"}
    assert described == {(view.name, panel.item) for view, panel in SHOWN}


@each_panel
def test_a_panel_shows_what_it_is_made_for(view: Dashboard, panel: Panel) -> None:
    expected = PANELS[view.name][panel.item]
    rows = panel.rows()
    assert len(rows) >= expected.get("rows", 1)
    assert columns(rows) == expected["columns"]
    kinds = expected.get("kinds", {})
    wrong = [
        (name, row.get(name))
        for row in rows
        for name in expected["columns"]
        if name not in expected.get("empty", ()) and not is_of(kinds.get(name, "text"), row.get(name))
    ]
    assert wrong == []
    for holding in expected.get("holds", ()):
        found = [row for row in rows if all(texts(row.get(name)) == texts(value) for name, value in holding.items())]
        assert found, holding


@each_panel
def test_a_click_on_a_row_finds_what_it_passes_on(view: Dashboard, panel: Panel) -> None:
    assert panel.item in view.definition["visualizations"]
    known = {field for row in panel.rows() for field in row}
    for handler in panel.definition.get("eventHandlers", ()):
        passed = set(re.findall(r"row\.([^\"$|]+?)\.value", str(handler["options"])))
        assert passed <= known


@pytest.mark.parametrize("name", [name for name, view in VIEWS.items() if "host" in view.tokens])
def test_nobody_is_left_before_an_empty_table(name: str) -> None:
    for panel in VIEWS[name].panels({"host": "no-such-host", "package": "no-such-package", "user": "nobody"}):
        if panel.type == "splunk.table" and "always" not in PANELS[name][panel.item]:
            rows = panel.rows()
            assert (len(rows), columns(rows)) == (1, NOTHING), panel.item
            assert all(str(rows[0][column]).endswith(".") for column in NOTHING), panel.item


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", VIEWS)
def test_what_a_log_puts_into_a_token_is_only_looked_for(name: str, text: str) -> None:
    head = demo_site().head
    tokens = {token: text for token in VIEWS[name].tokens if not token.startswith("global_time")}
    plain = {panel.item: panel for panel in VIEWS[name].panels()}
    for panel in VIEWS[name].panels(tokens):
        shapes = []
        for spl in (plain[panel.item].spl, panel.spl):
            saved = SavedSearch("view", spl, "view", "view", (), Place(name, 1, panel.item))
            commands = head.compile(saved, TimeRange(0, NOW)).commands
            shapes.append([command.split()[0] for command in commands])
        assert shapes[0] == shapes[1], panel.item


@pytest.fixture(scope="module")
def new_site() -> SearchHead:
    """A site where the app was just installed: no search of it has run, and no event has arrived."""
    return SearchHead(package_abuse(), addons(*STAND_INS), now=NOW)


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_on_a_new_site_every_table_says_what_is_missing(new_site: SearchHead, view: Dashboard) -> None:
    tables = [panel for panel in view.panels() if panel.type == "splunk.table"]
    searches = [SavedSearch("view", panel.spl, "view", "view", (), Place(view.name, 1, panel.item)) for panel in tables]
    compiled = [new_site.compile(one, TimeRange(NOW - 86_400, NOW)) for one in searches]
    found = {panel.item: rows for panel, rows in zip(tables, new_site.run(compiled, ()), strict=True)}
    assert [item for item, rows in found.items() if not rows] == []
    if view.name == "overview":  # there health comes first
        [first, *_] = found.values()
        assert [(row["What"], row["What is wrong"]) for row in first] == [
            (
                "Health searches",
                "They have not run, so nobody knows whether the events arrive that this app reads.",
            )
        ]


@pytest.mark.parametrize(
    ("detection", "state", "missing", "what_to_do"),
    [
        ("Windows Known Malicious MSIX Publisher", "Watching", "-", "Nothing."),
        ("Installer Connected To Public Address", "Blind", "connections", "Bring in connections, see Health."),
        ("Windows MSIX Package Spawned Interpreter", "Could watch", "-", "Enable it, or leave it disabled on purpose."),
        (
            "Windows MSI From Unusual Product Or Vendor",
            "No data",
            "application",
            "Bring in application first, see Health",
        ),
    ],
)
def test_coverage_says_whether_a_detection_is_enabled_and_has_data(
    monkeypatch: pytest.MonkeyPatch, detection: str, state: str, missing: str, what_to_do: str
) -> None:
    off = ("Windows MSIX Package Spawned Interpreter", "Windows MSI From Unusual Product Or Vendor")
    disabled(monkeypatch, *(f"Package Abuse - {name} - Rule" for name in off))
    head = SearchHead(package_abuse(), addons(*STAND_INS), now=NOW)
    arrives = {"sources": ("deployment", "sysmon"), "data_models": ("processes",)}
    common: Row = {"health_status": "ok", "health_count": 9, "health_checked": NOW}
    health: list[Row] = [
        {**common, "_key": f"{topic}|{one}", "health_topic": topic, "health_subject": one}
        for topic, subjects in arrives.items()
        for one in subjects
    ]
    head.lookups.get("package_health").write(health, append=True)
    [panel] = [one for one in VIEWS["coverage"].panels() if one.item == "viz_list"]
    saved = SavedSearch("view", panel.spl, "view", "view", (), Place("coverage", 1, panel.item))
    [rows] = head.run([head.compile(saved, TimeRange(NOW - 86_400, NOW))], ())
    [row] = [row for row in rows if row["Detection"] == detection]
    assert (row["State"], row["Missing"]) == (state, missing)
    assert str(row["What to do"]).startswith(what_to_do)
