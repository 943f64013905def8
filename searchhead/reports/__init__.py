"""Reports of a hunt, one module a kind, and their names for a command line.

Everything shown comes from logs that an attacker may have written.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TextIO

from searchhead.hunted import Hunted
from searchhead.reports.plain import write_csv, write_jsonl

Writer = Callable[[Hunted, TextIO], None]


def _later(module: str, name: str) -> Writer:
    """A writer whose module is loaded when it is wanted: nobody waits for the libraries of another format."""

    def write(hunted: Hunted, output: TextIO) -> None:
        getattr(import_module(f"searchhead.reports.{module}"), name)(hunted, output)

    return write


FORMATS: dict[str, Writer] = {
    "table": _later("terminaltable", "write_table"),
    "csv": write_csv,
    "jsonl": write_jsonl,
    "timesketch": _later("timesketch", "write_timesketch"),
    "navigator": _later("navigator", "write_navigator"),
    "html": _later("htmlreport", "write_html"),
}

WITH_EVENTS = frozenset({"html"})
"""The formats that show the events behind findings, for which the logs are read a second time."""
