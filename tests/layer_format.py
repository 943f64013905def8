"""The layer format of the ATT&CK Navigator as a check.

Written from "ATT&CK Navigator Layer File Format Definition", version 4.5 (mitre-attack/attack-navigator,
layers/LAYERFORMATv4_5.md): the properties of each object, their types, which are required, and which values they may
have. A property that the definition does not name is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

# A type is one of Python's (float stands for any number), the name of an object, or a list of what an array may hold.
_Type = type | str | list[Any]

_OBJECTS: dict[str, dict[str, _Type]] = {
    "Layer": {
        "versions": "Version",
        "name": str,
        "description": str,
        "domain": str,
        "customDataURL": str,
        "filters": "Filter",
        "sorting": float,
        "layout": "Layout",
        "hideDisabled": bool,
        "techniques": ["Technique"],
        "gradient": "Gradient",
        "legendItems": ["LegendItem"],
        "showTacticRowBackground": bool,
        "tacticRowBackground": str,
        "selectTechniquesAcrossTactics": bool,
        "selectSubtechniquesWithParent": bool,
        "selectVisibleTechniques": bool,
        "metadata": ["Metadata", "Divider"],
        "links": ["Link", "Divider"],
    },
    "Filter": {"platforms": [str]},
    "Version": {"attack": str, "navigator": str, "layer": str},
    "Technique": {
        "techniqueID": str,
        "tactic": str,
        "comment": str,
        "enabled": bool,
        "score": float,
        "color": str,
        "metadata": ["Metadata", "Divider"],
        "links": ["Link", "Divider"],
        "showSubtechniques": bool,
    },
    "Gradient": {"colors": [str], "minValue": float, "maxValue": float},
    "LegendItem": {"label": str, "color": str},
    "Metadata": {"name": str, "value": str},
    "Link": {"label": str, "url": str},
    "Divider": {"divider": bool},
    "Layout": {
        "layout": str,
        "showID": bool,
        "showName": bool,
        "showAggregateScores": bool,
        "countUnscored": bool,
        "aggregateFunction": str,
        "expandedSubtechniques": str,
    },
}

_REQUIRED = {
    "Layer": {"name", "domain"},
    "Version": {"navigator", "layer"},
    "Technique": {"techniqueID"},
    "Gradient": {"colors", "minValue", "maxValue"},
    "LegendItem": {"label", "color"},
    "Metadata": {"name", "value"},
    "Link": {"label", "url"},
    "Divider": {"divider"},
}

_ENTERPRISE = "PRE|Windows|Linux|macOS|Network|AWS|GCP|Azure|Azure AD|Office 365|SaaS"


def _is(pattern: str) -> Callable[[Any], bool]:
    return lambda value: re.fullmatch(pattern, value) is not None


# Colours are hexadecimal RGB; the Navigator itself writes eight digits, with the opacity.
_COLOR = _is(r"(?i)#[0-9a-f]{6}([0-9a-f]{2})?")

_VALUES: dict[tuple[str, str], Callable[[Any], bool]] = {
    ("Layer", "domain"): _is("(enterprise|mobile|ics)-attack"),
    ("Layer", "sorting"): lambda value: value in (0, 1, 2, 3),
    ("Layer", "tacticRowBackground"): _COLOR,
    ("Filter", "platforms"): lambda value: all(re.fullmatch(_ENTERPRISE, one) for one in value),
    ("Version", "layer"): lambda value: value == "4.5",
    ("Version", "navigator"): lambda value: [int(part) for part in value.split(".")] >= [4, 9, 0],
    ("Technique", "techniqueID"): _is(r"T\d{4}(\.\d{3})?"),
    ("Technique", "tactic"): _is("[a-z]+(-[a-z]+)*"),
    ("Technique", "color"): lambda value: value == "" or _COLOR(value),
    ("Gradient", "colors"): lambda value: len(value) >= 2 and all(map(_COLOR, value)),
    ("LegendItem", "color"): _COLOR,
    ("Link", "url"): _is(r"[a-z]+://.+"),
    ("Layout", "layout"): _is("side|flat|mini"),
    ("Layout", "aggregateFunction"): _is("average|min|max|sum"),
    ("Layout", "expandedSubtechniques"): _is("none|all|annotated"),
}


def problems(layer: object) -> list[str]:
    """What is wrong with a layer of the domain enterprise-attack; nothing if it is one."""
    found = list(_object_problems("Layer", layer, "layer"))
    if not found and isinstance(layer, dict) and "gradient" in layer:
        gradient = layer["gradient"]
        found += [] if gradient["maxValue"] > gradient["minValue"] else ["layer.gradient: maxValue is not the greater"]
    return found


def _object_problems(name: str, value: object, place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place}: no object {name}"
        return
    properties = _OBJECTS[name]
    yield from (f"{place}: lacks {missing}" for missing in sorted(_REQUIRED.get(name, set()) - value.keys()))
    for key, one in value.items():
        if key not in properties:
            yield f"{place}.{key}: unknown"
            continue
        wrong = list(_problems(properties[key], one, f"{place}.{key}"))
        if not wrong and (name, key) in _VALUES and not _VALUES[name, key](one):
            wrong = [f"{place}.{key}: {one!r}"]
        yield from wrong


def _problems(kind: _Type, value: object, place: str) -> Iterator[str]:
    if isinstance(kind, str):
        yield from _object_problems(kind, value, place)
    elif isinstance(kind, list):
        if not isinstance(value, list):
            yield f"{place}: no array"
            return
        for at, one in enumerate(value):
            found = [list(_problems(other, one, f"{place}[{at}]")) for other in kind]
            yield from min(found, key=len)
    elif isinstance(value, bool) is not (kind is bool) or not isinstance(
        value, (int, float) if kind is float else kind
    ):
        yield f"{place}: no {kind.__name__}"
