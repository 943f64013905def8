from __future__ import annotations

import io
from pathlib import Path

from searchhead.conf import App
from searchhead.findings import Finding
from searchhead.hunted import Hunted
from searchhead.reports import FORMATS
from searchhead.spl.values import Row

HOSTILE = '=HYPERLINK("http://example/")\x1b]0;owned\x07\u202egpj.exe<script>'


def of(row: Row) -> Finding:
    return Finding("a_detection", "A Detection", ("T1204.002", "T1553.005"), row)


def report(form: str, *rows: Row) -> str:
    output = io.StringIO()
    FORMATS[form](Hunted(App(Path()), findings=[of(row) for row in rows]), output)
    return output.getvalue()


def test_a_table_holds_nothing_that_acts_on_a_terminal() -> None:
    table = report("table", {"why": HOSTILE, "dest": "[red]x[/red]\x9b2J", "risk_score": 90})
    assert not set(table) & set("\x1b\x07\x9b\u202e")
    assert "[red]x[/red]" in table


def test_the_table_says_so_when_there_is_nothing() -> None:
    assert report("table") == "No findings.\n"
