"""The language cases as searches for a real Splunk, which has no rows but those that a search makes."""

from __future__ import annotations

import re
from datetime import UTC
from urllib.parse import quote

from searchhead.cases import Case, begins_with_command
from searchhead.spl.values import Row, Value, text

# The number of a row, in a field that no case has.
ROW = "live_row"

# What stands for itself within double quotes whatever reads the search; the rest is written as %41.
_PLAIN = re.compile(r"[A-Za-z0-9 _.,:;/=@()<>-]*")


# What a Splunk answers from its own indexes and its own configuration.
_OWN = re.compile(r"\[\s*search\b|\[\s*\|\s*tstats\b|\|\s*rest\b|\bindex=\S*\*", re.IGNORECASE)


def portable(case: Case) -> bool:
    """Whether a Splunk can run the case as ``as_search`` writes it, and must then give its rows.

    A refusal may only say what the embedded search head cannot do. Lookups, macros and data models would have to be
    installed there, and the clock, the time zone, its indexes, what a subsearch or tstats finds in them, and what rest
    tells are that Splunk's own.
    """
    installed = (case.lookups, case.macros, case.datamodels, case.lookups_after)
    fields = {field for row in case.input for field in row}
    return (
        not case.error
        and not any(installed)
        and case.now == 0.0
        and case.timezone is UTC
        and not (case.input and case.spl.lstrip().startswith("|"))
        and not _OWN.search(case.spl)
        and not any(set("'\"\\{}") & set(field) for field in fields)
    )


def as_search(case: Case) -> str:
    """The case as one search, which makes the input by itself, in order, with its nulls, numbers and multivalues."""
    if case.spl.lstrip().startswith("|"):
        return case.spl
    commands = case.spl if begins_with_command(case.spl) else f"search {case.spl}"
    if not case.input:
        return f"| makeresults | where 1=0 | {commands}"
    values = ", ".join(f"'{field}'={_choice(field, case.input)}" for field in _fields(case.input))
    return (
        f"| makeresults | fields - _time | eval {ROW}=mvrange(0, {len(case.input)}) | mvexpand {ROW}"
        f"{f' | eval {values}' if values else ''} | fields - {ROW} | {commands}"
    )


def _fields(rows: list[Row]) -> list[str]:
    return list(dict.fromkeys(field for row in rows for field in row))


def _choice(field: str, rows: list[Row]) -> str:
    """The field's value in each row; a row that is not named gets null."""
    values = [(number, row[field]) for number, row in enumerate(rows) if field in row]
    return f"case({', '.join(f'{ROW}={number}, {_literal(value)}' for number, value in values)})"


def _literal(value: Value) -> str:
    if isinstance(value, list):
        return f"mvappend({', '.join(map(_literal, value))})"
    if not isinstance(value, str):
        return text(value)
    if _PLAIN.fullmatch(value):
        return f'"{value}"'
    return f'urldecode("{quote(value, safe="")}")'
