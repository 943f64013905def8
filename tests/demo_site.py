"""A site as a Splunk would know it at noon of the demo's day: its events, what the scheduled searches made of them.

``python -m tests.demo_site SPL [EARLIEST [LATEST]]`` prints the rows of a search there, one JSON object a line.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from searchhead.conf import App
from searchhead.head import SearchHead, TimeRange
from searchhead.inputs import Reader
from searchhead.savedsearches import SavedSearch, detections, others
from searchhead.spl.errors import Place
from searchhead.spl.times import parse_time
from searchhead.spl.values import Row, number
from tests.apps import ROOT, STAND_INS, addons, copy_with_lookups, written_app
from tests.splunk_events import scheduled, stash

NOW = 1_772_625_600.0  # 2026-03-04T12:00:00Z, an hour after the last event of the demo
DEMO = ROOT / "tests" / "demo"
DAY, HOUR = 86_400.0, 3_600.0
HEALTH = ("Sources", "Deployments", "Data Models", "Lookups", "Exceptions", "Searches")
"""The health searches, in the order of their schedule."""

# What this site has allowed: a row that hides something, one that has expired, one that soon will, one that nobody owns
# and that never hid anything, and one with the name of a detection that there is not.
EXCEPTIONS: tuple[dict[str, str], ...] = (
    {
        "detection": "windows_remote_msi_or_transform_install",
        "dest": "ws-0251*",
        "expires": "2026-06-30",
        "owner": "workplace team",
        "reason": "Installs the in-house tools from the software share",
    },
    {
        "detection": "windows_developer_signed_msix_package_installation",
        "package_family_name": "Northwind.Viewer_*",
        "expires": "2026-02-01",
        "owner": "workplace team",
        "reason": "Pilot of the viewer",
    },
    {
        "detection": "installer_connected_to_public_address",
        "process": "*curl*--proxy *",
        "expires": "2026-03-10",
        "owner": "build team",
        "reason": "The build hosts fetch through the proxy",
    },
    {"detection": "*", "dest": "lab-*", "expires": "2026-12-31", "owner": "-", "reason": "-"},
    {
        "detection": "windows_msix_sideload",
        "dest": "ws-0300*",
        "expires": "never",
        "owner": "help desk",
        "reason": "Kiosk",
    },
)

MATCHED = ("detection", "dest", "user", "package_family_name", "package_publisher_id", "process", "source")
"""The columns of exceptions that hold patterns."""

# The publisher ID of CN=Contoso Packaging, O=Contoso Ltd, C=GB, which the site's own packages carry.
PUBLISHERS = ({"publisher_id": "ajk6dskka5rda", "publisher_class": "vendor", "publisher_name": "Contoso Packaging"},)

# The app in which a site edits its tables.
LOOKUP_EDITOR = "[ui]\nlabel = Lookup File Editing\n\n[id]\nname = lookup_editor\nversion = 4.0.7\n"

# What the site has long known: since when the baselines watch, and a family and a source from before.
_LONG_AGO = NOW - 60 * DAY
BASELINE: tuple[tuple[str, str], ...] = (
    ("start", "-"),
    ("source_start", "-"),
    ("msi_start", "-"),
    ("start", "installer_destination"),
    ("family", "microsoft.windowscalculator_8wekyb3d8bbwe"),
    ("publisher", "8wekyb3d8bbwe"),
    ("source_host", "tlu.dl.delivery.mp.microsoft.com"),
)


class DemoSite:
    """A search head at that site. ``scratch`` is a folder for the lookups that its searches write."""

    def __init__(self, scratch: Path) -> None:
        exceptions = [{**dict.fromkeys(MATCHED, "*"), **row} for row in EXCEPTIONS]
        tables = {"package_exceptions_site": exceptions, "package_publishers_site": PUBLISHERS}
        self.app: App = copy_with_lookups(scratch / "app", tables)
        editor = written_app(scratch / "lookup_editor", {"default/app.conf": LOOKUP_EDITOR})
        self.warnings: list[str] = []
        self.head = SearchHead(
            self.app,
            [*addons(*STAND_INS), editor],
            now=NOW,
            sid="scheduler_1",
            warn=self.warnings.append,
        )
        self._found: dict[tuple[str, str, str], list[Row]] = {}
        self.events = list(Reader().read([DEMO]))
        self._live()

    def search(self, spl: str, earliest: str = "", latest: str = "") -> list[Row]:
        """The rows of a search over a time range, whose ends are times as Splunk's time range picker gives them."""
        key = (spl, earliest, latest)
        if key not in self._found:
            time_range = TimeRange(_time(earliest), _time(latest))
            self._found[key] = self._run([replace(_SEARCH, search=spl)], time_range)[0]
        return self._found[key]

    def _live(self) -> None:
        """The day until now: the baseline of the weeks before, state, detections, and what keeps their findings."""
        self.head.lookups.get("package_baseline").write([_known(*one) for one in BASELINE], append=True)
        state = self.head.state_searches()
        hunting = detections(self.app)
        found = self._run([*state, *hunting])[len(state) :]
        for one, rows in zip(hunting, found, strict=True):
            dated = [{**row, "_time": _run_began(row)} for row in rows]
            self.events += stash(one.name, dated, now=NOW)
        self.events += _scheduler(self.app, dict(zip([one.name for one in hunting], map(len, found), strict=True)))
        for name in HEALTH:
            self._run([one for one in others(self.app) if one.name == f"Package Abuse - Package Health - {name}"])

    def _run(self, searches: Sequence[SavedSearch], time_range: TimeRange | None = None) -> list[list[Row]]:
        return self.head.run([self.head.compile(one, time_range) for one in searches], map(dict, self.events))


_SEARCH = SavedSearch("view", "", "view", "view", (), Place("view", 1, "search"))


@cache
def demo_site() -> DemoSite:
    """The site, made once a process; what its searches write is gone with it."""
    folder = TemporaryDirectory(prefix="demo-site-")
    site = DemoSite(Path(folder.name))
    _KEPT.append(folder)
    return site


_KEPT: list[TemporaryDirectory[str]] = []


def _known(kind: str, thing: str) -> Row:
    record: Row = {"_key": f"{kind}|{thing}", "baseline_kind": kind, "baseline_thing": thing}
    return {**record, "first_seen": _LONG_AGO, "last_seen": NOW - DAY, "hosts": 1, "host_list": "ws-0001"}


def _run_began(row: Row) -> float:
    """When the time range began of the hourly run that found it: a summary keeps a finding at that time."""
    first_time = number(row["first_time"])
    assert first_time is not None
    return (first_time - 600) // HOUR * HOUR


def _time(text: str) -> float | None:
    return parse_time(text, NOW, UTC) if text not in ("", "0") else None


def _scheduler(app: App, results: dict[str, int]) -> Iterator[Row]:
    """The scheduler's log of the last hours: every search ran, and one was skipped once."""
    for at, one in enumerate([*detections(app), *others(app)]):
        for hours in range(1, 4):
            status = "skipped" if (at, hours) == (4, 2) else "success"
            time = NOW - (hours - 0.5) * HOUR
            found = results.get(one.name, 0) if hours == 1 else 0
            yield scheduled(one.name, time, status=status, seconds=1 + at % 7, results=found)


if __name__ == "__main__":
    for found in demo_site().search(*sys.argv[1:4]):
        sys.stdout.write(json.dumps(found, default=str) + "\n")
