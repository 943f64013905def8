"""What came of a hunt: everything that a report may tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from searchhead.conf import App
from searchhead.findings import Finding
from searchhead.head import TimeRange
from searchhead.inputs import Stats
from searchhead.rawevents import Behind
from searchhead.savedsearches import SavedSearch


@dataclass(frozen=True)
class Fields:
    """What a report is told about the rows of an app, whose fields the search head does not know.

    Attributes:
        events: the fields whose values tell which events a row is about.
        groups: headings, each with how the names of its fields begin; the first that fits a field is its heading.
        statements: the lookup that says in words what a piece of evidence is: a table with the columns ``name`` and
            ``statement``.
        techniques: the lookup that names the techniques of MITRE ATT&CK: a table with the columns ``technique``,
            ``name`` and ``tactics``.
    """

    events: tuple[str, ...] = ()
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    statements: str = ""
    techniques: str = ""


@dataclass(frozen=True)
class Hunted:
    """One hunt and what it found.

    Attributes:
        app: the app whose detections were run.
        fields: what the fields of its rows are.
        detections: all that were run, in the order of savedsearches.conf, also those that found nothing.
        findings: in the order of ``findings.by_severity``, those of the asked risk score only.
        behind: the events behind findings, one for each of the first of them; empty where nobody looked for them.
        now: when the hunt was started, in epoch seconds.
        time_range: the events that were asked for.
        below: how many findings are left out because their risk score is less than ``min_risk``.
        min_risk: the least risk score that was asked for.
        inputs: the files and folders that were asked for; ``-`` is standard input.
        splunk: the address of the Splunk that was searched instead, else empty.
        options: what else was asked for that makes a difference, each as its name and what it is.
        searched: lines that tell what was searched: files, events and channels, or a Splunk.
        trouble: lines that tell what was damaged, could not be read or failed.
        warnings: sentences about limits that were met, and messages of custom commands.
        stats: what was read; None where a Splunk was searched.
    """

    app: App
    fields: Fields = Fields()
    detections: Sequence[SavedSearch] = ()
    findings: Sequence[Finding] = ()
    behind: Sequence[Behind] = ()
    now: float = 0.0
    time_range: TimeRange = TimeRange()  # noqa: RUF009 - it is frozen
    below: int = 0
    min_risk: int = 0
    inputs: Sequence[str] = ()
    splunk: str = ""
    options: Sequence[tuple[str, str]] = ()
    searched: Sequence[str] = ()
    trouble: Sequence[str] = ()
    warnings: Sequence[str] = ()
    stats: Stats | None = None
