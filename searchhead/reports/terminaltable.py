"""Findings as a table on a terminal.

Colour says nothing that the words do not say too, and nothing is cut off: what is too long goes on in the next line.
Whether there are colours at all rich decides: none if the output is no terminal or TERM is dumb; NO_COLOR leaves bold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TextIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from searchhead.findings import Finding, iso_time
from searchhead.harmless import cell
from searchhead.hunted import Hunted

_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "informational": "dim"}

# A terminal of so many columns has room for time, host and user beside the sentence; one of fewer than that has no
# room for two columns at all.
_WIDE, _NARROW = 160, 60
_HOST_WIDTH, _USER_WIDTH = 30, 24


def write_table(hunted: Hunted, output: TextIO) -> None:
    """The findings, or that there are none, as wide as the terminal; 80 columns where there is none."""
    console = Console(file=output, highlight=False, soft_wrap=False)
    if not hunted.findings:
        console.print("No findings.")
        return
    columns = _wide if console.width >= _WIDE else _narrow if console.width < _NARROW else _usual
    console.print(_table(hunted.findings, columns))


def _table(findings: Sequence[Finding], columns: Callable[[Table, Sequence[Finding]], None]) -> Table:
    table = Table(box=box.HORIZONTALS, show_lines=True)
    columns(table, findings)
    return table


def _wide(table: Table, findings: Sequence[Finding]) -> None:
    table.add_column("Risk", no_wrap=True)
    table.add_column("First, last (UTC)", no_wrap=True)
    table.add_column("Host", overflow="fold", max_width=_HOST_WIDTH)
    table.add_column("User", overflow="fold", max_width=_USER_WIDTH)
    table.add_column("Finding", overflow="fold")
    for one in findings:
        times, host, user = Text("\n".join(_times(one)) or "-"), _cell(one, "dest"), _cell(one, "user")
        table.add_row(_risk(one), times, host, user, _lines(_title(one), _cell(one, "why")))


def _usual(table: Table, findings: Sequence[Finding]) -> None:
    table.add_column("Risk", no_wrap=True)
    table.add_column("Finding", overflow="fold")
    for one in findings:
        table.add_row(_risk(one), _lines(_title(one), _place(one), _cell(one, "why")))


def _narrow(table: Table, findings: Sequence[Finding]) -> None:
    table.add_column("Finding", overflow="fold")
    for one in findings:
        table.add_row(_lines(_risk(one), _title(one), _place(one), _cell(one, "why")))


def _risk(one: Finding) -> Text:
    return Text(f"{one.risk_score:g} {one.severity}", style=_STYLES[one.severity])


def _title(one: Finding) -> Text:
    return Text(cell(one.title), style="bold")


def _cell(one: Finding, field: str) -> Text:
    return Text(cell(one.single(field)))


def _place(one: Finding) -> Text:
    times = [f"{time} UTC" for time in _times(one)[:1]]
    return Text("  ".join([*times, cell(one.single("dest"))]))


def _times(one: Finding) -> list[str]:
    """When it began and ended, to the second; one time if both are the same, none where there is none."""
    moments = filter(None, (iso_time(one.row.get(field)) for field in ("first_time", "last_time")))
    return list(dict.fromkeys(moment[:19].replace("T", " ") for moment in moments))


def _lines(*parts: Text) -> Text:
    return Text("\n").join(parts)
