from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from searchhead.conf import App
from searchhead.findings import Finding
from searchhead.hunted import Hunted
from searchhead.reports.plain import write_csv, write_jsonl
from searchhead.spl.values import Row

HOSTILE = '=HYPERLINK("http://example/")\x1b]0;owned\x07\u202egpj.exe<script>'

Writer = Callable[[Hunted, TextIO], None]


def of(row: Row) -> Finding:
    return Finding("a_detection", "A Detection", ("T1204.002", "T1553.005"), row)


def written(write: Writer, *rows: Row) -> str:
    output = io.StringIO()
    write(Hunted(App(Path()), findings=[of(row) for row in rows]), output)
    return output.getvalue()


def test_csv_has_a_column_for_every_field_of_any_row() -> None:
    text = written(write_csv, {"dest": "a", "risk_score": 25.0}, {"dest": "b", "evidence": ["x", "=y"], "=bad": "@z"})
    header, first, second = csv.reader(io.StringIO(text))
    assert header[:5] == ["detection", "title", "severity", "risk_score", "dest"]
    assert header[-2:] == ["'=bad", "evidence"]
    assert first[:5] == ["a_detection", "A Detection", "low", "25", "a"]
    assert first[-2:] == ["", ""]
    assert second[header.index("mitre_attack")] == "T1204.002, T1553.005"
    assert second[-2:] == ["'@z", "x\n=y"]


def test_no_line_of_csv_breaks_off_where_a_value_has_a_carriage_return() -> None:
    text = written(write_csv, {"dest": "a\r=1+1", "why": 'say "x", y\nz'})
    assert '"a\r=1+1"' in text
    assert '"say ""x"", y\nz"' in text
    assert len(list(csv.reader(io.StringIO(text, newline="")))) == 2


def test_csv_without_findings_still_has_its_header() -> None:
    assert written(write_csv).startswith("detection,title,severity,risk_score,dest,user,first_time")


def test_json_lines_hold_one_finding_each() -> None:
    lines = written(write_jsonl, {"why": HOSTILE}, {"why": "two\nlines"}).splitlines()
    assert [json.loads(line)["why"] for line in lines] == [HOSTILE, "two\nlines"]
