"""A hunt as a layer of the ATT&CK Navigator: which techniques were looked for, and which were found.

The format: "ATT&CK Navigator Layer File Format Definition", version 4.5 (mitre-attack/attack-navigator, folder layers,
LAYERFORMATv4_5.md, later spec/v4.5/layerformat.md). The version of ATT&CK is left out, so that the Navigator takes the
current one and does not ask for an upgrade; a technique has no tactic, so that it is marked under all of its tactics.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, TextIO

from searchhead.findings import Finding, iso_time
from searchhead.hunted import Hunted
from searchhead.savedsearches import SavedSearch

# Navigators since 4.9 read this version of the format; MITRE's library for Python, mitreattack-python 6, asks for a 5.
_VERSIONS = {"navigator": "5.0.0", "layer": "4.5"}

# The colours of risk scores from 0 to 100, in equal steps, and of what was looked for and not found.
_SCALE = {
    "informational": "#829BB3",
    "low": "#118832",
    "medium": "#F8BE34",
    "high": "#F1813F",
    "critical": "#D41F1F",
}
_NOTHING = "#DFE3E8"


def write_navigator(hunted: Hunted, output: TextIO) -> None:
    """One layer, as a JSON document in ASCII. Of what is in the logs it holds counts only."""
    json.dump(_layer(hunted), output, indent=2)
    output.write("\n")


def _layer(hunted: Hunted) -> dict[str, Any]:
    app, stats, started = hunted.app, hunted.stats, iso_time(hunted.now) or "-"
    metadata = {
        "App": f"{app.id} {app.version or ''}".rstrip(),
        "Hunt started": started,
        "Events from": iso_time(hunted.time_range.earliest) or "the beginning",
        "Events before": iso_time(hunted.time_range.latest) or "the end",
        "Searched": f"files: {stats.files}, events: {stats.events}" if stats else "\n".join(hunted.searched),
        "Damages and failures": str(len(hunted.trouble)),
    }
    return {
        "name": f"{app.label} {started[:10]}",
        "versions": _VERSIONS,
        "domain": "enterprise-attack",
        "description": _description(hunted),
        "sorting": 3,  # by score, the highest first
        "layout": {"layout": "side", "showID": True, "showName": True, "expandedSubtechniques": "annotated"},
        "techniques": _techniques(hunted),
        "gradient": {"colors": list(_SCALE.values()), "minValue": 0, "maxValue": 100},
        "legendItems": [
            {"label": "detections were run and found nothing", "color": _NOTHING},
            *({"label": f"found, {severity}", "color": color} for severity, color in _SCALE.items()),
        ],
        "metadata": [{"name": name, "value": value} for name, value in metadata.items() if value],
    }


def _description(hunted: Hunted) -> str:
    told = [
        f"{_counted(len(hunted.detections), 'detection')} run, {_counted(len(hunted.findings), 'finding')}.",
        "The score of a technique is the highest risk score of its findings.",
    ]
    if hunted.below:
        told.append(f"Left out: {_counted(hunted.below, 'finding')} with a risk score below {hunted.min_risk}.")
    if hunted.trouble:
        told.append("Not everything could be read or searched, so that what was not found may yet be there.")
    return " ".join(told)


def _techniques(hunted: Hunted) -> list[dict[str, Any]]:
    """Every technique of the detections that were run, once, in the order of their IDs."""
    searched: dict[str, list[SavedSearch]] = {}
    for one in hunted.detections:
        for technique in dict.fromkeys(one.mitre_attack):
            searched.setdefault(technique, []).append(one)
    parents = {technique.partition(".")[0] for technique in searched if "." in technique}
    found: dict[str, list[Finding]] = {}
    for finding in hunted.findings:
        found.setdefault(finding.detection, []).append(finding)
    return [
        _technique(technique, [(one, found.get(one.slug, ())) for one in searched[technique]], technique in parents)
        for technique in sorted(searched)
    ]


def _technique(
    technique: str, results: Sequence[tuple[SavedSearch, Sequence[Finding]]], is_parent: bool
) -> dict[str, Any]:
    findings = [one for _, found in results for one in found]
    return {
        "techniqueID": technique,
        "score": max((one.risk_score for one in findings), default=0),
        "comment": "\n".join(f"{detection.title}: {_told(found)}" for detection, found in results),
        "enabled": True,
        **({} if findings else {"color": _NOTHING}),
        **({"showSubtechniques": True} if is_parent else {}),
    }


def _told(found: Sequence[Finding]) -> str:
    if not found:
        return "nothing found"
    hosts = len({one.single("dest") for one in found})
    highest = max(one.risk_score for one in found)
    return f"{_counted(len(found), 'finding')} on {_counted(hosts, 'host')}, highest risk score {highest:g}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
