"""Reports: findings as a table for a terminal, as CSV, as JSON lines.

Everything shown comes from logs that an attacker may have written: control characters and text direction marks never
reach a terminal, and no CSV cell is a formula.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TextIO

from searchhead.findings import COLUMNS, Finding
from searchhead.spl.values import texts

_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "informational": "dim"}

# C0 and C1 controls can drive a terminal; the Unicode direction marks can make text read as something else.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

# What spreadsheets take for the start of a formula (OWASP, "CSV Injection").
_FORMULA = re.compile(r"[=+\-@\t\r]")

_QUOTED = re.compile(r'[",\x00-\x1f]')


def printable(text: str) -> str:
    """The text with every character that could act on a terminal shown as an escape."""
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def is_formula(text: str) -> bool:
    """Whether a spreadsheet may compute this CSV cell. A lone ``-`` stands for nothing everywhere in an app."""
    return text != "-" and _FORMULA.match(text) is not None


def csv_cell(text: str) -> str:
    """The text as a CSV cell that no spreadsheet computes: a quote before what looks like a formula."""
    return f"'{text}" if is_formula(text) else text


def csv_line(cells: Iterable[str]) -> str:
    """A line of CSV whose cells no spreadsheet computes.

    Any control character is reason for quotes: csv.writer leaves a carriage return without, where the line does not end
    with one, and a spreadsheet begins a new row there.
    """
    quoted = ('"{}"'.format(cell.replace('"', '""')) if _QUOTED.search(cell) else cell for cell in map(csv_cell, cells))
    return ",".join(quoted) + "\n"


def write_table(findings: Sequence[Finding], output: TextIO) -> None:
    """A table for people; colours only where the output is a terminal."""
    # Who writes another format need not wait until this is loaded.
    from rich import box  # noqa: PLC0415 - see above
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console(file=output, highlight=False, soft_wrap=False)
    if not findings:
        console.print("No findings.")
        return
    table = Table(box=box.HORIZONTALS, show_lines=True)
    table.add_column("Risk", no_wrap=True)
    table.add_column("Finding", overflow="fold")
    for one in findings:
        place = f"{one.time('first_time')[:19].replace('T', ' ')} UTC  {one.single('dest')}"
        table.add_row(
            Text(f"{one.risk_score:g} {one.severity}", style=_STYLES[one.severity]),
            Text.assemble((printable(one.title), "bold"), "\n", printable(place), "\n", printable(one.single("why"))),
        )
    console.print(table)


def write_csv(findings: Sequence[Finding], output: TextIO) -> None:
    """One line a finding: what it is, then every field that any row has. The values of a multivalue stand on lines."""
    fields = sorted({field for one in findings for field in one.row} - set(COLUMNS))
    output.write(csv_line([*COLUMNS, *fields]))
    for one in findings:
        shown = one.as_json()
        cells = [", ".join(shown[name]) if name == "mitre_attack" else str(shown[name]) for name in COLUMNS]
        cells += ["\n".join(texts(one.row.get(field))) for field in fields]
        output.write(csv_line(cells))


def write_jsonl(findings: Sequence[Finding], output: TextIO) -> None:
    """One JSON object a line and finding; see ``Finding.as_json``."""
    for one in findings:
        output.write(json.dumps(one.as_json(), ensure_ascii=False) + "\n")


FORMATS: dict[str, Callable[[Sequence[Finding], TextIO], None]] = {
    "table": write_table,
    "csv": write_csv,
    "jsonl": write_jsonl,
}
