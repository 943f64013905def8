from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.layer_format import problems

# Every property that the definition names.
LAYER: dict[str, Any] = {
    "versions": {"attack": "18", "navigator": "4.9.0", "layer": "4.5"},
    "name": "a layer",
    "description": "text",
    "domain": "enterprise-attack",
    "customDataURL": "https://stix.example/bundle.json",
    "filters": {"platforms": ["Windows", "Azure AD"]},
    "sorting": 3,
    "layout": {
        "layout": "flat",
        "showID": True,
        "showName": False,
        "showAggregateScores": True,
        "countUnscored": False,
        "aggregateFunction": "max",
        "expandedSubtechniques": "all",
    },
    "hideDisabled": False,
    "techniques": [
        {"techniqueID": "T1204"},
        {
            "techniqueID": "T1204.002",
            "tactic": "execution",
            "comment": "text",
            "enabled": True,
            "score": 12.5,
            "color": "",
            "metadata": [{"name": "a", "value": "b"}, {"divider": True}],
            "links": [{"label": "a", "url": "https://a.example"}, {"divider": False}],
            "showSubtechniques": False,
        },
    ],
    "gradient": {"colors": ["#ff6666", "#FF6666FF"], "minValue": -1, "maxValue": 0.5},
    "legendItems": [{"label": "a", "color": "#ff6666"}],
    "showTacticRowBackground": True,
    "tacticRowBackground": "#dddddd",
    "selectTechniquesAcrossTactics": False,
    "selectSubtechniquesWithParent": False,
    "selectVisibleTechniques": False,
    "metadata": [{"name": "a", "value": "b"}],
    "links": [],
}


def test_a_layer_may_have_all_properties_and_needs_two() -> None:
    assert problems(LAYER) == []
    assert problems({"name": "", "domain": "ics-attack"}) == []
    assert problems({}) == ["layer: lacks domain", "layer: lacks name"]
    assert problems([LAYER]) == ["layer: no object Layer"]


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("name", None, "layer.name: no str"),
        ("names", "a", "layer.names: unknown"),
        ("domain", "mitre-enterprise", "layer.domain: 'mitre-enterprise'"),
        ("sorting", 4, "layer.sorting: 4"),
        ("sorting", True, "layer.sorting: no float"),
        ("hideDisabled", 0, "layer.hideDisabled: no bool"),
        ("versions", {"layer": "4.5"}, "layer.versions: lacks navigator"),
        ("versions layer", "4.4", "layer.versions.layer: '4.4'"),
        ("versions navigator", "4.8.9", "layer.versions.navigator: '4.8.9'"),
        ("filters platforms", ["windows"], "layer.filters.platforms: ['windows']"),
        ("layout layout", "wide", "layer.layout.layout: 'wide'"),
        ("layout aggregateFunction", "median", "layer.layout.aggregateFunction: 'median'"),
        ("layout expandedSubtechniques", True, "layer.layout.expandedSubtechniques: no str"),
        ("techniques", {}, "layer.techniques: no array"),
        ("techniques 0", {}, "layer.techniques[0]: lacks techniqueID"),
        ("techniques 0 techniqueID", "T1204.02", "layer.techniques[0].techniqueID: 'T1204.02'"),
        ("techniques 1 score", "12", "layer.techniques[1].score: no float"),
        ("techniques 1 tactic", "Execution", "layer.techniques[1].tactic: 'Execution'"),
        ("techniques 1 color", "red", "layer.techniques[1].color: 'red'"),
        ("techniques 1 metadata", [{"name": "a"}], "layer.techniques[1].metadata[0]: lacks value"),
        ("techniques 1 links 0 url", "a.example", "layer.techniques[1].links[0].url: 'a.example'"),
        ("gradient colors", ["#ff6666"], "layer.gradient.colors: ['#ff6666']"),
        ("gradient minValue", 0.5, "layer.gradient: maxValue is not the greater"),
        ("legendItems 0", {"label": "a"}, "layer.legendItems[0]: lacks color"),
    ],
)
def test_what_the_definition_does_not_allow_is_named(path: str, value: object, problem: str) -> None:
    layer = copy.deepcopy(LAYER)
    *way, last = (int(step) if step.isdigit() else step for step in path.split())
    inner: Any = layer
    for step in way:
        inner = inner[step]
    inner[last] = value
    assert problems(layer) == [problem]
