"""Findings: result rows of detections in the form that reports show."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from searchhead.savedsearches import SavedSearch
from searchhead.spl.values import Row, Value, number, texts

# The bands in which contentctl, Splunk's tool for detection content, turns a risk score into a severity.
_SEVERITIES = ((20, "informational"), (40, "low"), (60, "medium"), (80, "high"), (100, "critical"))
SEVERITIES = tuple(name for _, name in _SEVERITIES)

# What ``Finding.as_json`` tells about every finding, in this order, before the row itself.
COLUMNS = (
    "detection",
    "title",
    "severity",
    "risk_score",
    "dest",
    "user",
    "first_time",
    "last_time",
    "count",
    "why",
    "mitre_attack",
)


@dataclass(frozen=True)
class Finding:
    """One result row of a detection. ``first_time`` and ``last_time`` are epoch seconds, ``risk_score`` is 0 to 100."""

    detection: str
    title: str
    mitre_attack: tuple[str, ...]
    row: Row

    @property
    def risk_score(self) -> float:
        """The row's own score; 0 where it has none."""
        return number(self.row.get("risk_score")) or 0.0

    @property
    def severity(self) -> str:
        """The score in words."""
        return next(name for bound, name in _SEVERITIES if self.risk_score <= bound or bound == 100)

    def single(self, field: str) -> str:
        """A field as one line of text: the values of a multivalue joined by commas, ``-`` for null."""
        return ", ".join(texts(self.row.get(field))) or "-"

    def time(self, field: str) -> str:
        """A field of epoch seconds as ISO 8601 in UTC; the text itself where it is no time."""
        return iso_time(self.row.get(field)) or self.single(field)

    def as_json(self) -> dict[str, Any]:
        """The finding as one JSON object: what it is, and under ``row`` every field of the result."""
        return {
            "detection": self.detection,
            "title": self.title,
            "severity": self.severity,
            "risk_score": _whole(self.risk_score),
            "dest": self.single("dest"),
            "user": self.single("user"),
            "first_time": self.time("first_time"),
            "last_time": self.time("last_time"),
            "count": _whole(number(self.row.get("count")) or 0.0),
            "why": self.single("why"),
            "mitre_attack": list(self.mitre_attack),
            "row": {name: _whole(value) if isinstance(value, float) else value for name, value in self.row.items()},
        }


def finding(detection: SavedSearch, row: Row) -> Finding:
    """The finding that a result row of a detection is."""
    return Finding(detection.slug, detection.title, detection.mitre_attack, row)


def by_severity(findings: list[Finding]) -> list[Finding]:
    """The findings, highest score first, then by time, host and detection."""
    return sorted(
        findings,
        key=lambda one: (-one.risk_score, number(one.row.get("first_time")) or 0.0, one.single("dest"), one.detection),
    )


def moment(value: Value | None) -> datetime | None:
    """Epoch seconds as a time in UTC, to the microsecond; None for what is no time."""
    seconds = number(value)
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def iso_time(value: Value | None) -> str | None:
    """Epoch seconds as ISO 8601 in UTC, to the second unless there is a fraction; None for what is no time."""
    found = moment(value)
    if found is None:
        return None
    return re.sub(r"\+00:00$", "Z", found.isoformat(timespec="milliseconds" if found.microsecond else "seconds"))


def _whole(value: float) -> int | float:
    return int(value) if value == int(value) else value
