"""The logs of cases as text, and moved elsewhere: to another host or time, so that many can be searched together."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.windows_events import from_case, render

CASES = Path(__file__).parent / "detections"


def cases(slug: str = "*") -> Iterator[tuple[Path, dict[str, Any]]]:
    """The cases of a detection, or of all, in the order of their files."""
    for path in sorted(CASES.glob(f"{slug}/*.toml")):
        yield path, tomllib.loads(path.read_text(encoding="utf-8"))


def log_of(path: Path, case: dict[str, Any]) -> str:
    """The log of a case, as text. Raises UnicodeDecodeError for one that is not XML in UTF-8."""
    if "events" in case:
        return "\n".join(map(render, from_case(case["events"])))
    log: Path = path.parent / case["log"]
    return log.read_text(encoding="utf-8")


def moved(log: str, host: str, seconds: float = 0.0) -> str:
    """The same events on another host, so many seconds later."""

    def later(found: re.Match[str]) -> str:
        moment = datetime.fromisoformat(found[1]).timestamp() + seconds
        return f"SystemTime='{datetime.fromtimestamp(moment, UTC).isoformat(timespec='microseconds')[:-6]}Z'"

    log = re.sub(r"SystemTime=['\"]([^'\"]*)['\"]", later, log)
    return re.sub(r"<Computer>[^<]*", f"<Computer>{host}", log)
