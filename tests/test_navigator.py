from __future__ import annotations

import io
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from searchhead.conf import App
from searchhead.findings import Finding, finding
from searchhead.head import TimeRange
from searchhead.hunted import Hunted
from searchhead.inputs import Stats
from searchhead.reports.navigator import write_navigator
from searchhead.savedsearches import SavedSearch, detections
from searchhead.spl.errors import Place
from searchhead.spl.values import Row
from tests.apps import ROOT, package_abuse
from tests.layer_format import problems

PLACE = Place("savedsearches.conf", 1, "")


def detection(title: str, *techniques: str) -> SavedSearch:
    return SavedSearch(f"App - {title}", "", title, title.lower().replace(" ", "_"), techniques, PLACE)


FILE = detection("Malicious File", "T1204.002", "T1553.005")
HOOK = detection("Install Hook", "T1059", "T1204.002")
SHELL = detection("Unix Shell", "T1059.004")
BARE = detection("No Technique")


def found(one: SavedSearch, row: Row) -> Finding:
    return finding(one, row)


def layer(**told: Any) -> dict[str, Any]:
    output = io.StringIO()
    write_navigator(Hunted(App(Path("some_app")), **told), output)
    written: dict[str, Any] = json.loads(output.getvalue())
    assert problems(written) == []
    return written


def test_a_technique_has_the_highest_score_of_what_found_it_and_tells_who_looked() -> None:
    techniques = layer(
        detections=[FILE, HOOK, SHELL, BARE],
        findings=[
            found(FILE, {"risk_score": 40, "dest": "a"}),
            found(HOOK, {"risk_score": "62.5", "dest": "a"}),
            found(FILE, {"risk_score": 55, "dest": "b"}),
            found(FILE, {"risk_score": 5, "dest": "b"}),
        ],
    )["techniques"]
    file = "Malicious File: 3 findings on 2 hosts, highest risk score 55"
    hook = "Install Hook: 1 finding on 1 host, highest risk score 62.5"
    assert techniques == [
        {"techniqueID": "T1059", "score": 62.5, "comment": hook, "enabled": True, "showSubtechniques": True},
        {
            "techniqueID": "T1059.004",
            "score": 0,
            "comment": "Unix Shell: nothing found",
            "enabled": True,
            "color": "#DFE3E8",
        },
        {"techniqueID": "T1204.002", "score": 62.5, "comment": f"{file}\n{hook}", "enabled": True},
        {"techniqueID": "T1553.005", "score": 55, "comment": file, "enabled": True},
    ]


def test_a_finding_without_a_score_is_not_taken_for_nothing() -> None:
    [technique] = layer(detections=[SHELL], findings=[found(SHELL, {})])["techniques"]
    assert technique["score"] == 0
    assert "color" not in technique
    assert technique["comment"] == "Unix Shell: 1 finding on 1 host, highest risk score 0"


def test_the_legend_explains_every_colour() -> None:
    written = layer(detections=[SHELL])
    colors = {written["techniques"][0]["color"], *written["gradient"]["colors"]}
    assert {one["color"] for one in written["legendItems"]} == colors
    assert len(colors) == len(written["legendItems"]) == 6
    assert (written["gradient"]["minValue"], written["gradient"]["maxValue"]) == (0, 100)


def test_the_layer_says_what_it_does_not_show() -> None:
    whole = layer(detections=[FILE], findings=[found(FILE, {"risk_score": 70})])
    assert whole["description"] == (
        "1 detection run, 1 finding. The score of a technique is the highest risk score of its findings."
    )
    part = layer(detections=[FILE, HOOK], below=3, min_risk=60, trouble=["damaged: a.evtx"])
    assert part["description"] == (
        "2 detections run, 0 findings. The score of a technique is the highest risk score of its findings. "
        "Left out: 3 findings with a risk score below 60. "
        "Not everything could be read or searched, so that what was not found may yet be there."
    )


def test_the_layer_says_when_and_what_was_searched() -> None:
    stats = Stats(files=2, channels=Counter({"Application": 16, "System": 100}))
    logs = layer(now=1772442840.0, stats=stats, time_range=TimeRange(1772409600.0, None))
    assert logs["name"] == "some_app 2026-03-02"
    assert {one["name"]: one["value"] for one in logs["metadata"]} == {
        "App": "some_app",
        "Hunt started": "2026-03-02T09:14:00Z",
        "Events from": "2026-03-02T00:00:00Z",
        "Events before": "the end",
        "Searched": "files: 2, events: 116",
        "Damages and failures": "0",
    }
    splunk = layer(searched=["searched: https://splunk.example:8089"], trouble=["failed: a", "failed: b"])
    values = {one["name"]: one["value"] for one in splunk["metadata"]}
    assert values["Searched"] == "searched: https://splunk.example:8089"
    assert values["Damages and failures"] == "2"


def test_nothing_of_the_logs_is_in_the_layer() -> None:
    row: Row = {"dest": "secret-host", "user": "secret-user", "why": "secret", "risk_score": 50}
    assert "secret" not in json.dumps(layer(detections=[FILE], findings=[found(FILE, row)]))


def test_the_demo_is_a_layer_of_all_techniques_of_the_app() -> None:
    command = [sys.executable, str(ROOT / "hunt"), "--demo", "--format", "navigator"]
    written = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
    assert problems(written) == []
    assert written["name"].startswith("Package Abuse ")
    scores = {one["techniqueID"]: one["score"] for one in written["techniques"]}
    assert scores.keys() == {technique for one in detections(package_abuse()) for technique in one.mitre_attack}
    # A known malicious publisher has the risk score 100; nobody wrote to the Run keys that morning.
    assert (scores["T1553.005"], scores["T1547.001"]) == (100, 0)
