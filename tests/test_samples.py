"""All detections over a folder of real logs: no error, and a reason in tests/baseline/samples.csv for every finding."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

from tests.apps import ROOT

EXPLAINED = ROOT / "tests" / "baseline" / "samples.csv"

Finding = tuple[str, str, str, str]


def explained() -> dict[Finding, str]:
    with EXPLAINED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {(row["detection"], row["log"], row["dest"], row["package_full_name"]): row["reason"] for row in rows}


def found_in(log: Path) -> set[Finding]:
    done = subprocess.run(
        [sys.executable, str(ROOT / "hunt"), "--format", "jsonl", str(log)],
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    # 2 is for the logs that are damaged on purpose; what is damaged is named, and nothing else may be on the way.
    assert done.returncode in (0, 2), done.stderr
    assert (done.returncode == 2) == ("damaged: " in done.stderr)
    assert "Traceback" not in done.stderr
    assert "warning: " not in done.stderr
    findings = [json.loads(line) for line in done.stdout.splitlines()]
    return {(one["detection"], log.name, one["dest"], one["row"].get("package_full_name", "-")) for one in findings}


def test_every_finding_in_the_samples_is_explained_and_no_explanation_is_stale(samples: Path) -> None:
    logs = [path for path in sorted(samples.rglob("*")) if path.suffix in (".xml", ".evtx")]
    found = set().union(*map(found_in, logs))
    assert logs
    assert found == set(explained())


def test_every_explanation_is_a_sentence() -> None:
    assert [finding for finding, reason in explained().items() if not reason.endswith(".")] == []
