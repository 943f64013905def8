"""Whether an app sees what it needs: its own searches of that, run over logs, and their rows as a report.

The searches that look at something write what they find into a lookup, others report what stands there. Their rows have
fields with a common prefix: what kind of thing was looked at (``topic``), which (``subject``), on which ``host``, its
``status``, the ``time`` of its last event, ``count``, a sentence (``detail``), and what to do (``action``).
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from searchhead.console import printable_lines, progress
from searchhead.findings import iso_time
from searchhead.harmless import cell, csv_line, printable
from searchhead.head import SearchHead
from searchhead.inputs import Event, Reader, Stats
from searchhead.savedsearches import named
from searchhead.spl.values import Row, Value, number, texts

PROBLEM, OK = "problem", "ok"
_STYLES = {PROBLEM: "bold red", "warning": "yellow", "unknown": "dim", OK: "green"}
# So many rows that are all right the table shows of a topic; more where each is about a host.
_MOST_RIGHT, _MOST_RIGHT_HOSTS = 20, 100

# What the table shows in another place than with a row's other fields, or not at all.
_TOLD = ("topic", "subject", "host", "status", "time", "detail", "action", "checked")


@dataclass(frozen=True)
class HealthSearches:
    """The saved searches of an app's health, by name.

    ``checks`` stand in the order in which they need one another's rows, ``reports`` in that in which people read them.
    The names of the fields of their rows begin with ``prefix``. Rows about the subjects ``not_in_logs`` are left out
    where logs are looked at: only a Splunk has what they are about.
    """

    checks: tuple[str, ...]
    reports: tuple[str, ...]
    prefix: str
    not_in_logs: frozenset[str] = frozenset()


@dataclass(frozen=True)
class HealthRow:
    """One row of a report; the names of its fields have lost the prefix."""

    report: str
    row: Mapping[str, Value]

    def single(self, field: str) -> str:
        """A field as one text, times as ISO 8601 in UTC; ``-`` for null."""
        return "\n".join(_shown(field, self.row.get(field))) or "-"

    @property
    def is_problem(self) -> bool:
        """Whether something keeps the app from seeing what it needs."""
        return self.single("status") == PROBLEM

    @property
    def is_right(self) -> bool:
        """Whether nothing is to be done."""
        return self.single("status") == OK


def last_event(paths: Iterable[Path | str], now: float) -> float:
    """The time to which silence is counted in logs of some time ago: one second after their last event.

    Not later than ``now``, which it also is if there is no event, and no event counts later than it was indexed, where
    that is known: one clock that goes wrong shall not make all others silent.
    """
    reader = Reader()
    with progress(reader, "Looking for the last event"):
        last = max((_happened(event) for event in reader.read(paths)), default=0.0)
    return min(float(math.floor(last) + 1), now) if last > 0 else now


def _happened(event: Event) -> float:
    return min(float(event["_time"]), float(event.get("_indextime", math.inf)))


def run_searches(
    head: SearchHead, searches: HealthSearches, paths: Iterable[Path | str]
) -> tuple[list[HealthRow], Stats]:
    """The rows of all reports after all checks have looked at these logs, and the account of reading them.

    Raises InvalidConf for a search that the app does not have, SplError for one that is wrong, CommandFailed if a
    custom command gives up.
    """
    compiled = [(one, head.compile(one)) for one in named(head.app, (*searches.checks, *searches.reports))]
    # Those that read events share one reading; what reads only what others wrote runs after them, in the same order.
    over_events = [(saved, search) for saved, search in compiled if not search.generating]
    reader = Reader(head.wanted([search for _, search in over_events]))
    with progress(reader, "Reading"):
        results = head.run([search for _, search in over_events], reader.read(paths))
    rows = {saved.name: found for (saved, _), found in zip(over_events, results, strict=True)}
    for saved, search in compiled:
        if search.generating:
            [rows[saved.name]] = head.run([search], ())
    reports = [saved for saved, _ in compiled if saved.name in searches.reports]
    found = [row for one in reports for row in health_rows(one.title, rows[one.name], searches.prefix)]
    return [row for row in found if row.single("subject") not in searches.not_in_logs], reader.stats


def health_rows(report: str, rows: Iterable[Row], prefix: str) -> list[HealthRow]:
    """The rows that a report gave, without the prefix of their fields; Splunk's own fields are left out."""
    return [
        HealthRow(report, {name.removeprefix(prefix): value for name, value in row.items() if not name.startswith("_")})
        for row in rows
    ]


def counts(rows: Iterable[HealthRow]) -> str:
    """How many rows have which status, the worst first: ``2 problem, 1 ok``."""
    found = Counter(one.single("status") for one in rows)
    order = list(_STYLES)
    shown = sorted(found, key=lambda status: (order.index(status) if status in order else len(order), status))
    return ", ".join(f"{found[status]} {printable(status)}" for status in shown) or "nothing was looked at"


def write_table(rows: Sequence[HealthRow], output: TextIO) -> None:
    """A table a report for people; colours only where the output is a terminal.

    What is to be done stands below the table, once for all rows that need it: a sentence, and whole lines to be copied.
    """
    # Who writes another format need not wait until this is loaded.
    from rich import box  # noqa: PLC0415 - see above
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console(file=output, highlight=False, soft_wrap=False)
    for report in dict.fromkeys(one.report for one in rows):
        told = _folded([one for one in rows if one.report == report])
        actions = {action: at for at, action in enumerate(dict.fromkeys(filter(None, map(_action, told))), 1)}
        table = Table(title=Text(printable(report)), title_justify="left", box=box.HORIZONTALS)
        table.add_column("Status", no_wrap=True)
        table.add_column("What", overflow="fold")
        for one in told:
            heading, *lines = (cell(line) for line in _lines(one))
            action = _action(one)
            lines += [f"next: ({actions[action]})"] if action else []
            text = Text.assemble((heading, "bold"), *(f"\n{line}" for line in lines))
            table.add_row(Text(printable(one.single("status")), style=_STYLES.get(one.single("status"), "")), text)
        console.print(table)
        for action, at in actions.items():
            sentence, *lines = printable_lines(action).split("\n")
            console.print(Text(f"({at}) {sentence}"))
            for line in lines:
                console.print(Text(line), soft_wrap=True)
        console.print()
    if not rows:
        console.print("No rows.")


def _folded(rows: Sequence[HealthRow]) -> list[HealthRow]:
    """The rows of a report, but of a topic of which many are all right only one that counts them."""
    right = Counter(one.single("topic") for one in rows if one.is_right)
    counted: dict[str, HealthRow] = {}
    folded: list[HealthRow] = []
    for one in rows:
        topic = one.single("topic")
        if not one.is_right or right[topic] <= (_MOST_RIGHT if one.single("host") == "-" else _MOST_RIGHT_HOSTS):
            folded.append(one)
        elif topic not in counted:
            detail = f"{right[topic]} rows that are all right; --format jsonl or csv shows them."
            counted[topic] = HealthRow(one.report, {"topic": topic, "status": OK, "detail": detail})
            folded.append(counted[topic])
    return folded


def _lines(one: HealthRow) -> list[str]:
    """What the table tells of a row, without what is to be done."""
    heading = "  ".join(found for field in ("topic", "subject", "host") if (found := one.single(field)) != "-")
    facts = [f"last event {one.single('time')}"] if one.single("time") != "-" else []
    facts += [f"{field.replace('_', ' ')} {one.single(field)}" for field in one.row if field not in _TOLD]
    lines = [
        heading or "-",
        *(one.single("detail").splitlines() if one.single("detail") != "-" else []),
        "; ".join(facts),
    ]
    return list(filter(None, lines))


def _action(one: HealthRow) -> str:
    """What is to be done about a row; nothing about one that is all right."""
    action = one.single("action")
    return "" if action == "-" or one.is_right else action


def write_csv(rows: Sequence[HealthRow], output: TextIO) -> None:
    """One line a row: the report, then every field that any row has."""
    fields = list(dict.fromkeys(field for one in rows for field in one.row))
    output.write(csv_line(["report", *fields]))
    for one in rows:
        output.write(csv_line([one.report, *("\n".join(_shown(field, one.row.get(field))) for field in fields)]))


def write_jsonl(rows: Sequence[HealthRow], output: TextIO) -> None:
    """One JSON object a line and row; null is left out, times are ISO 8601 in UTC."""
    for one in rows:
        fields = {field: _json(field, value) for field, value in one.row.items()}
        output.write(json.dumps({"report": one.report, **fields}, ensure_ascii=False) + "\n")


def _is_time(field: str) -> bool:
    return field == "checked" or field.endswith("time")


def _shown(field: str, value: Value | None) -> list[str]:
    moment = iso_time(value) if _is_time(field) else None
    return [moment] if moment else texts(value)


def _json(field: str, value: Value) -> object:
    if _is_time(field):
        return iso_time(value) or value
    if field == "count":
        counted = number(value)
        return int(counted) if counted is not None and counted == int(counted) else value
    return value


FORMATS: dict[str, Callable[[Sequence[HealthRow], TextIO], None]] = {
    "table": write_table,
    "csv": write_csv,
    "jsonl": write_jsonl,
}
