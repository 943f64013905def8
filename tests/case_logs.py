"""The logs of cases, as their hosts wrote them or moved to another host or time, so that many can be searched together.

What is XML and what is JSON stands in two files, as one log is of one format.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests import auditd_events, defender_events
from tests.windows_events import WindowsEvent, from_case, render

CASES = Path(__file__).parent / "detections"

JSON_CHANNELS: Mapping[str, Callable[[WindowsEvent], str]] = {
    "auditd": auditd_events.render,
    "defender": defender_events.render,
}
"""How the events are written that do not come as XML, by their channel."""


def cases(slug: str = "*") -> Iterator[tuple[Path, dict[str, Any]]]:
    """The cases of a detection, or of all, in the order of their files."""
    for path in sorted(CASES.glob(f"{slug}/*.toml")):
        yield path, tomllib.loads(path.read_text(encoding="utf-8"))


def texts_of(events: Iterable[WindowsEvent], quote: str = "'") -> dict[str, str]:
    """The text of each log that these events make, by the name of the file; XML in these quotes."""
    lines: dict[str, list[str]] = {}
    for event in events:
        of_json = JSON_CHANNELS.get(event.channel)
        line = of_json(event) if of_json else render(event, quote)
        lines.setdefault("log.jsonl" if of_json else "log.xml", []).append(f"{line}\n")
    return {name: "".join(of_file) for name, of_file in lines.items()}


def logs_of(path: Path, case: dict[str, Any]) -> dict[str, str]:
    """The logs of a case, by the name of the file. Raises UnicodeDecodeError for one that is not text in UTF-8."""
    if "events" in case:
        return texts_of(from_case(case["events"]))
    log: Path = path.parent / case["log"]
    return {log.name: log.read_text(encoding="utf-8")}


def moved_logs_of(path: Path, case: dict[str, Any], host: str, seconds: float = 0.0) -> dict[str, str]:
    """The same events on another host, so many seconds later. A log that is not made of events must be XML."""
    if "events" not in case:
        return {name: moved(text, host, seconds) for name, text in logs_of(path, case).items()}
    events = from_case(case["events"])
    return texts_of(replace(event, host=host, time=_later(event.time, seconds)) for event in events)


def moved(log: str, host: str, seconds: float = 0.0) -> str:
    """The events of an XML log on another host, so many seconds later."""
    log = re.sub(r"SystemTime=['\"]([^'\"]*)['\"]", lambda found: f"SystemTime='{_later(found[1], seconds)}'", log)
    return re.sub(r"<Computer>[^<]*", f"<Computer>{host}", log)


def _later(time: str, seconds: float) -> str:
    moment = datetime.fromisoformat(time).timestamp() + seconds
    return f"{datetime.fromtimestamp(moment, UTC).isoformat(timespec='microseconds')[:-6]}Z"
