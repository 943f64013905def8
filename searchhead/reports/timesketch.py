"""Findings as events of a timeline: JSON lines that Timesketch imports.

What they must look like: of every line, Timesketch's guide "Create timeline from JSONL or CSV file" asks ``message``,
``datetime`` (ISO 8601) and ``timestamp_desc`` (what happened at that time), and lets it have any other fields. The
importer, ``read_and_validate_jsonl`` in timesketch/lib/utils.py, knows two of them: ``timestamp``, a whole number of
microseconds since 1970, and ``tag``, a list of texts. It drops the fields of its database, which begin with ``_``.

That database, OpenSearch, gives a field the type of the first value it sees and then refuses events with another one
(google/timesketch, issues 1752 and 1869), and a dot in a name makes an object of the field. So a field has one type on
all lines: ``count`` and ``timestamp`` are whole numbers, ``risk_score`` has decimals, ``tag`` is a list, and all others
are text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TextIO

from searchhead.findings import COLUMNS, Finding, moment
from searchhead.hunted import Hunted
from searchhead.spl.values import number, texts

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_TIMES = {"first_time": "First event of the finding", "last_time": "Last event of the finding"}
_NO_TIME = "Time of the hunt, the finding has none"


def write_timesketch(hunted: Hunted, output: TextIO) -> None:
    """One JSON object a line and event, by time: a finding is one event, or two if it ends later than it begins.

    Written in ASCII: older importers break lines also at the separators of Unicode, which may be in any log.
    """
    kind = f"{hunted.app.id}:finding"
    events = [
        {**_when(time, description), "data_type": kind, **_what(one)}
        for one in hunted.findings
        for time, description in _times(one, hunted.now)
    ]
    for event in sorted(events, key=lambda event: event["timestamp"]):
        output.write(json.dumps(event) + "\n")


def _times(one: Finding, now: float) -> Iterator[tuple[datetime, str]]:
    """When the finding begins and ends, each with what it is; a finding without a time is not lost for that."""
    told: dict[datetime, str] = {}
    for field, description in _TIMES.items():
        if time := moment(one.row.get(field)):
            told.setdefault(time, description)
    yield from told.items() or [(datetime.fromtimestamp(now, UTC), _NO_TIME)]


def _when(time: datetime, description: str) -> dict[str, Any]:
    return {
        "datetime": time.isoformat(timespec="microseconds"),
        "timestamp": (time - _EPOCH) // timedelta(microseconds=1),
        "timestamp_desc": description,
    }


def _what(one: Finding) -> dict[str, Any]:
    """The finding without its time: first what every finding has, then the other fields of its row."""
    event: dict[str, Any] = {
        "message": _text(f"{one.title}: {one.single('why')}"),
        "tag": [one.severity, *one.mitre_attack],
        "detection": one.detection,
        "title": one.title,
        "severity": one.severity,
        "risk_score": one.risk_score,
        "dest": _text(one.single("dest")),
        "user": _text(one.single("user")),
        "first_time": _text(one.time("first_time")),
        "last_time": _text(one.time("last_time")),
        "count": int(number(one.row.get("count")) or 0),
        "why": _text(one.single("why")),
        "mitre_attack": ", ".join(one.mitre_attack),
    }
    rest = {_name(field): field for field in one.row if field not in COLUMNS}
    return event | {name: _text(one.single(field)) for name, field in rest.items() if texts(one.row[field])}


def _name(field: str) -> str:
    """The field's name in Timesketch: plain, and none of those that an event has already."""
    plain = re.sub(r"\W+", "_", field, flags=re.ASCII).strip("_")
    return f"row_{plain}" if plain in _TAKEN or not plain else plain


_TAKEN = {*COLUMNS, "message", "datetime", "timestamp", "timestamp_desc", "data_type", "tag"}


def _text(text: str) -> str:
    """The text as every database can store it: half of a surrogate pair is written as an escape."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
