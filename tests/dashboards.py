"""The app's views: what each panel asks, as Dashboard Studio would send it to the search head.

``python -m tests.dashboards VIEW [TOKEN=VALUE ...]`` runs the searches of a view's panels on the site of the demo.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from searchhead.spl.values import Row
from tests.apps import ROOT
from tests.demo_site import demo_site

VIEWS = ROOT / "default" / "data" / "ui" / "views"

PANELS: dict[str, dict[str, dict[str, Any]]] = tomllib.loads(
    (ROOT / "tests" / "views" / "panels.toml").read_text(encoding="utf-8")
)
"""What each panel must show, by view and panel (tests/test_views.py); ``tokens`` are the values to look at it with."""

# A token with its filter, as in $host|s$; two dollar signs stand for one.
TOKEN = re.compile(r"\$(?:(?P<name>[A-Za-z_][\w.:-]*)(?:\|(?P<filter>[a-z]))?)?\$")


@dataclass(frozen=True)
class Panel:
    """A visualization that shows the rows of a search: its id, its definition, the search and its time range."""

    item: str
    definition: Mapping[str, Any]
    spl: str
    earliest: str
    latest: str

    @property
    def type(self) -> str:
        """The type of the visualization, such as ``splunk.table``."""
        return str(self.definition["type"])

    @property
    def title(self) -> str:
        """What stands above it."""
        return str(self.definition.get("title", ""))

    def rows(self) -> list[Row]:
        """The rows that it shows at the site of the demo."""
        return demo_site().search(self.spl, self.earliest, self.latest)


@dataclass(frozen=True)
class Dashboard:
    """A view: its file's name, label and description, and the definition in it."""

    name: str
    label: str
    description: str
    definition: Mapping[str, Any]

    @property
    def tokens(self) -> dict[str, str]:
        """The tokens as the page sets them when it is opened: the defaults of its inputs, and its own."""
        found: dict[str, str] = {}
        for name, one in self.definition.get("defaults", {}).get("tokens", {}).get("default", {}).items():
            found[name] = one["value"]
        for one in self.definition.get("inputs", {}).values():
            options = one["options"]
            default = options.get("defaultValue", "")
            if one["type"] == "input.timerange":
                earliest, _, latest = default.partition(",")
                found |= {f"{options['token']}.earliest": earliest, f"{options['token']}.latest": latest}
            else:
                found[options["token"]] = ",".join(default) if isinstance(default, list) else str(default)
        return found

    def spl(self, source: str) -> str:
        """The search of a data source, with that of the one which it extends; its tokens stand as they are."""
        one = self.definition["dataSources"][source]
        query = str(one["options"]["query"])
        if one["type"] != "ds.chain":
            return query
        return f"{self.spl(one['options']['extend'])} {query}"

    def panels(self, tokens: Mapping[str, str] | None = None) -> Iterator[Panel]:
        """The visualizations that have a data source, in the order of the layout, with these values of tokens."""
        values = {**self.tokens, **(tokens or {})}
        visualizations = self.definition["visualizations"]
        for placed in self.definition["layout"]["structure"]:
            one = visualizations.get(placed["item"])
            if one is None or not one.get("dataSources"):
                continue
            source = one["dataSources"]["primary"]
            within = self._query_parameters(source)
            yield Panel(
                placed["item"],
                one,
                substituted(self.spl(source), values),
                substituted(within.get("earliest", ""), values),
                substituted(within.get("latest", ""), values),
            )

    def _query_parameters(self, source: str) -> Mapping[str, str]:
        one = self.definition["dataSources"][source]
        if one["type"] == "ds.chain":
            return self._query_parameters(one["options"]["extend"])
        general = self.definition.get("defaults", {}).get("dataSources", {}).get(one["type"], {})
        parameters: dict[str, str] = general.get("options", {}).get("queryParameters", {})
        return {**parameters, **one["options"].get("queryParameters", {})}


def substituted(text: str, tokens: Mapping[str, str]) -> str:
    """The text with its tokens replaced; the filter ``s`` puts a value in quotes, as a string of JSON.

    That is what Splunk's own renderer does (@splunk/dashboard-context 29.6.0). Raises KeyError for a token that nothing
    sets: Dashboard Studio would wait for it and show nothing.
    """

    def value(match: re.Match[str]) -> str:
        if match["name"] is None:
            return "$"
        found = tokens[match["name"]]
        return json.dumps(found, ensure_ascii=False) if match["filter"] == "s" else found

    return TOKEN.sub(value, text)


def read(path: Path) -> Dashboard:
    """The view in a file of Dashboard Studio; raises ValueError for one that is not."""
    root = ET.parse(path).getroot()  # noqa: S314 - our own file
    if root.tag != "dashboard" or root.get("version") != "2":
        raise ValueError(f"{path.name}: no dashboard of version 2")
    return Dashboard(
        path.stem,
        root.findtext("label", ""),
        root.findtext("description", ""),
        json.loads(root.findtext("definition", "")),
    )


def dashboards() -> list[Dashboard]:
    """All views of the app, by name."""
    return [read(path) for path in sorted(VIEWS.glob("*.xml"))]


def main(name: str, *given: str) -> None:
    """Print what the panels of a view show."""
    tokens = dict(one.split("=", 1) for one in given)
    for panel in read(VIEWS / f"{name}.xml").panels(tokens):
        rows = panel.rows()
        columns = list(dict.fromkeys(field for row in rows for field in row))
        sys.stdout.write(f"\n{panel.item} ({panel.type}) {panel.title}\n  {len(rows)} rows: {', '.join(columns)}\n")
        for row in rows[:5]:
            sys.stdout.write(f"  {json.dumps(row, default=str)[:400]}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
