from __future__ import annotations

import csv
import io
import json

import pytest

from searchhead.findings import Finding
from searchhead.reports import FORMATS, csv_cell, printable
from searchhead.spl.values import Row

HOSTILE = '=HYPERLINK("http://example/")\x1b]0;owned\x07\u202egpj.exe<script>'


def of(row: Row) -> Finding:
    return Finding("a_detection", "A Detection", ("T1204.002", "T1553.005"), row)


def report(form: str, *rows: Row) -> str:
    output = io.StringIO()
    FORMATS[form]([of(row) for row in rows], output)
    return output.getvalue()


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("ws-0142", "ws-0142"),
        ("-", "-"),  # stands for nothing in the app
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("", ""),
    ],
)
def test_a_csv_cell_is_never_a_formula(text: str, cell: str) -> None:
    assert csv_cell(text) == cell


def test_nothing_printed_acts_on_a_terminal_or_turns_the_reading_direction() -> None:
    assert printable(HOSTILE) == '=HYPERLINK("http://example/")\\u001b]0;owned\\u0007\\u202egpj.exe<script>'
    assert printable("[bold]Zürich 中文[/bold]") == "[bold]Zürich 中文[/bold]"
    table = report("table", {"why": HOSTILE, "dest": "[red]x[/red]\x9b2J", "risk_score": 90})
    assert not set(table) & set("\x1b\x07\x9b\u202e")
    assert "[red]x[/red]" in table


def test_the_table_says_so_when_there_is_nothing() -> None:
    assert report("table") == "No findings.\n"


def test_csv_has_a_column_for_every_field_of_any_row() -> None:
    text = report("csv", {"dest": "a", "risk_score": 25.0}, {"dest": "b", "evidence": ["x", "=y"], "=bad": "@z"})
    header, first, second = csv.reader(io.StringIO(text))
    assert header[:5] == ["detection", "title", "severity", "risk_score", "dest"]
    assert header[-2:] == ["'=bad", "evidence"]
    assert first[:5] == ["a_detection", "A Detection", "low", "25", "a"]
    assert first[-2:] == ["", ""]
    assert second[header.index("mitre_attack")] == "T1204.002, T1553.005"
    assert second[-2:] == ["'@z", "x\n=y"]


def test_no_line_of_csv_breaks_off_where_a_value_has_a_carriage_return() -> None:
    text = report("csv", {"dest": "a\r=1+1", "why": 'say "x", y\nz'})
    assert '"a\r=1+1"' in text
    assert '"say ""x"", y\nz"' in text
    assert len(list(csv.reader(io.StringIO(text, newline="")))) == 2


def test_csv_without_findings_still_has_its_header() -> None:
    assert report("csv").startswith("detection,title,severity,risk_score,dest,user,first_time")


def test_json_lines_hold_one_finding_each() -> None:
    lines = report("jsonl", {"why": HOSTILE}, {"why": "two\nlines"}).splitlines()
    assert [json.loads(line)["why"] for line in lines] == [HOSTILE, "two\nlines"]
