"""Findings for programs: CSV, of which no cell is a formula, and JSON lines."""

from __future__ import annotations

import json
from typing import TextIO

from searchhead.findings import COLUMNS
from searchhead.harmless import csv_line
from searchhead.hunted import Hunted
from searchhead.spl.values import texts


def write_csv(hunted: Hunted, output: TextIO) -> None:
    """One line a finding: what it is, then every field that any row has. The values of a multivalue stand on lines."""
    fields = sorted({field for one in hunted.findings for field in one.row} - set(COLUMNS))
    output.write(csv_line([*COLUMNS, *fields]))
    for one in hunted.findings:
        shown = one.as_json()
        cells = [", ".join(shown[name]) if name == "mitre_attack" else str(shown[name]) for name in COLUMNS]
        cells += ["\n".join(texts(one.row.get(field))) for field in fields]
        output.write(csv_line(cells))


def write_jsonl(hunted: Hunted, output: TextIO) -> None:
    """One JSON object a line and finding; see ``Finding.as_json``."""
    for one in hunted.findings:
        output.write(json.dumps(one.as_json(), ensure_ascii=False) + "\n")
