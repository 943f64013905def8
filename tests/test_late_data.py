"""Late data: what a computer reports days after it happened, read by event time or by index time.

The scheduler is imitated: hourly runs with the schedules and time ranges of the shipped stanzas, each of which sees
what is indexed by then, over one KV store. The two modes differ in the macro ``package_schedule(2)`` alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from searchhead.conf import App
from searchhead.head import SearchHead, TimeRange
from searchhead.inputs import Reader
from searchhead.savedsearches import SavedSearch, detections
from searchhead.spl.times import parse_time
from searchhead.spl.values import Row
from tests.apps import NOW, STAND_INS, addons, copy_with_lookups, package_abuse
from tests.case_logs import cases, moved_logs_of
from tests.shipped import DETECTIONS, result_fields

HOUR, DAY = 3600.0, 86400.0
NOON = 1_772_539_200.0  # 2026-03-03T12:00:00Z
SCHEDULED = "scheduler__nobody__package_abuse__RMD5_at_1_1"  # so Splunk names the jobs of its scheduler
LATE = 50 * HOUR

# One hit for each way in which rows come to be: joined events of a channel, single events, rows of a data model with
# their lineage, state that another search has written, and MsiInstaller's joined events.
HITS = {
    "windows_developer_signed_msix_package_installation": "deployed_from_the_web",
    "windows_msix_package_spawned_interpreter": "powershell_of_an_unknown_package",
    "installer_package_spawned_suspicious_process": "custom_action_powershell",
    "persistence_created_during_installation": "run_key_for_a_program_in_a_profile",
    "windows_msi_elevation_abuse": "rollback_files",
    "windows_msi_from_unusual_product_or_vendor": "silent_installation_with_tracking",
}
DEPLOYED = "windows_developer_signed_msix_package_installation"


class Site:
    """A Splunk that runs detections, and what they read, on their schedules."""

    def __init__(self, app: App, scratch: Path, slugs: Sequence[str]) -> None:
        self._app = app
        self._scratch = scratch
        self._detections = [one for one in detections(app) if one.slug in slugs]
        head = self._head(NOW, TimeRange(), "")
        readers = [head.compile(one) for one in self._detections]
        self._scheduled = sorted([*head.state_searches(readers), *self._detections], key=self._minute)

    def run(self, hour: float, events: Sequence[Row], sid: str = SCHEDULED) -> list[tuple[str, Row]]:
        """The findings of the runs that are scheduled in this hour, with the names of their detections.

        They all have one time range, so one head runs them one after the other, as the minutes of their schedules tell.
        """
        [time_range] = {self._time_range(one, hour + 60 * self._minute(one)) for one in self._scheduled}
        now = hour + 60 * self._minute(self._scheduled[-1])
        head = self._head(now, time_range, sid)
        indexed = [dict(one) for one in events if float(str(one["_indextime"])) < now]
        results = head.run([head.compile(one) for one in self._scheduled], indexed)
        pairs = zip(self._scheduled, results, strict=True)
        return [(one.slug, row) for one, rows in pairs if one in self._detections for row in rows]

    def remembered(self) -> list[Row]:
        """The findings that were raised, as far as anybody remembers."""
        return list(self._head(NOW, TimeRange(), "").lookups.get("package_raised").rows())

    def _head(self, now: float, time_range: TimeRange, sid: str) -> SearchHead:
        return SearchHead(
            self._app,
            addons(*STAND_INS),
            now=now,
            time_range=time_range,
            scratch=self._scratch,
            sid=sid or "embedded_1",
        )

    def _minute(self, saved: SavedSearch) -> int:
        minute, *rest = self._app.conf("savedsearches").stanzas[saved.name]["cron_schedule"].split()
        assert rest == ["*"] * 4
        return int(minute)

    def _time_range(self, saved: SavedSearch, now: float) -> TimeRange:
        stanza = self._app.conf("savedsearches").stanzas[saved.name]
        return TimeRange(*(parse_time(stanza[f"dispatch.{end}_time"], now, UTC) for end in ("earliest", "latest")))


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, App]:
    """The app as it ships, and with the one macro changed that docs/tuning.md names."""
    folder = tmp_path_factory.mktemp("index") / "app"
    copy_with_lookups(folder, {})
    macros = folder / "default" / "macros.conf"
    text = macros.read_text(encoding="ascii")
    assert text.count("definition = $event_time$") == 1
    macros.write_text(text.replace("definition = $event_time$", "definition = $index_time$"), encoding="ascii")
    return {"event": package_abuse(), "index": App(folder)}


def hit(slug: str) -> tuple[Path, dict[str, Any]]:
    return next((path, case) for path, case in cases(slug) if path.stem == HITS[slug])


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    """The events of all hits, each on a host of its own, from noon on."""
    folder = tmp_path_factory.mktemp("logs")
    for slug in HITS:
        path, case = hit(slug)
        begin = float(case["rows"][0]["first_time"])
        for name, text in moved_logs_of(path, case, host(slug), NOON + 60 - begin).items():
            (folder / f"{slug}-{name}").write_text(text, encoding="utf-8")
    found = list(Reader().read([folder]))
    assert {int((float(str(one["_time"])) - NOON) // HOUR) for one in found} == {0}
    return found


def indexed(events: Sequence[Row], seconds: float) -> list[Row]:
    """The events as Splunk has them that got each so many seconds after it happened."""
    return [{**one, "_indextime": int(float(str(one["_time"])) + seconds)} for one in events]


def hours(begin: float, end: float) -> list[float]:
    """The full hours from the one to the other time, both with half an hour to spare."""
    first, last = int(begin // HOUR), int(end // HOUR) + 3
    return [number * HOUR for number in range(first, last)]


def host(slug: str) -> str:
    return f"{slug[:20].replace('_', '-')}.corp.example"


def own_hits(runs: Iterable[Sequence[tuple[str, Row]]]) -> list[str]:
    """The detections that found something on the host of their own hit, once for each finding."""
    return sorted(slug for run in runs for slug, row in run if row["dest"] == host(slug))


@pytest.mark.parametrize("mode", ["event", "index"])
def test_what_comes_in_on_time_is_found_once_in_either_mode(
    apps: dict[str, App], mode: str, events: list[Row], tmp_path: Path
) -> None:
    site, on_time = Site(apps[mode], tmp_path, list(HITS)), indexed(events, 20)
    runs = [site.run(hour, on_time) for hour in hours(NOON, NOON + HOUR)]
    assert own_hits(runs) == sorted(HITS)
    assert bool(site.remembered()) == (mode == "index")


@pytest.mark.parametrize("mode", ["event", "index"])
def test_what_comes_in_two_days_late_is_found_once_by_index_time_and_never_by_event_time(
    apps: dict[str, App], mode: str, events: list[Row], tmp_path: Path
) -> None:
    site, late = Site(apps[mode], tmp_path, list(HITS)), indexed(events, LATE)
    near_event = [site.run(hour, late) for hour in hours(NOON, NOON)]
    assert not any(near_event)
    arrived = [site.run(hour, late) for hour in hours(NOON + LATE, NOON + LATE + HOUR)]
    assert own_hits(arrived) == (sorted(HITS) if mode == "index" else [])


def test_events_that_two_runs_read_are_raised_by_one_of_them(
    apps: dict[str, App], events: list[Row], tmp_path: Path
) -> None:
    # Indexed five minutes before the full hour: in the last third of one run's 90 minutes, in the first of the next.
    site = Site(apps["index"], tmp_path, [DEPLOYED])
    deployed = [one for one in events if host(DEPLOYED) in str(one["_raw"])]
    arrival = NOON + LATE - 300
    batch = [{**one, "_indextime": int(arrival)} for one in deployed]
    runs = {int((hour - NOON - LATE) // HOUR): site.run(hour, batch) for hour in hours(arrival, arrival + 2 * HOUR)}
    assert {hour: len(found) for hour, found in runs.items() if found} == {1: 1}
    # The same run as a person would have it, from the finding's drilldown: nothing is held back.
    assert len(Site(apps["index"], tmp_path, [DEPLOYED]).run(NOON + LATE + HOUR, batch, sid="1772.42")) == 1


def test_what_a_forwarder_sends_again_is_not_raised_again(
    apps: dict[str, App], events: list[Row], tmp_path: Path
) -> None:
    site = Site(apps["index"], tmp_path, [DEPLOYED])
    first, again = indexed(events, LATE), indexed(events, LATE + 5 * HOUR)
    runs = [site.run(hour, [*first, *again]) for hour in hours(NOON + LATE, NOON + LATE + 6 * HOUR)]
    assert [len(found) for found in runs if found] == [1]


def test_a_deployment_that_comes_in_two_parts_is_planned_first_and_then_installed(
    apps: dict[str, App], events: list[Row], tmp_path: Path
) -> None:
    site = Site(apps["index"], tmp_path, [DEPLOYED])
    parts = [
        {**one, "_indextime": int(NOON + LATE + (3 * HOUR if ">400<" in str(one["_raw"]) else 0))}
        for one in events
        if host(DEPLOYED) in str(one["_raw"])
    ]
    runs = [site.run(hour, parts) for hour in hours(NOON + LATE, NOON + LATE + 4 * HOUR)]
    assert [row["package_outcome"] for found in runs for _, row in found] == ["unknown", "installed"]
    keys = [row["throttle_key"] for found in runs for _, row in found]
    assert len(set(keys)) == 2  # so the throttling lets both through


def test_an_installation_that_one_run_reads_whole_and_the_next_in_part_is_raised_once(
    apps: dict[str, App], events: list[Row], tmp_path: Path
) -> None:
    # MsiInstaller's events have no ID in common. What the second run reads of them begins three seconds later.
    slug = "windows_msi_from_unusual_product_or_vendor"
    of_host = [one for one in events if host(slug) in str(one["_raw"])]
    arrival = NOON + LATE
    parts = [{**one, "_indextime": int(arrival + (600 if ">1040<" in str(one["_raw"]) else 1800))} for one in of_host]
    site = Site(apps["index"], tmp_path, [slug])
    runs = [site.run(hour, parts) for hour in hours(arrival, arrival + 2 * HOUR)]
    assert [len(found) for found in runs if found] == [1]


def test_a_clock_that_is_two_days_ahead_hides_nothing(apps: dict[str, App], events: list[Row], tmp_path: Path) -> None:
    # Splunk takes a time up to two days ahead for what it says (MAX_DAYS_HENCE).
    site, ahead = Site(apps["index"], tmp_path, [DEPLOYED]), indexed(events, -47 * HOUR)
    runs = [site.run(hour, ahead) for hour in hours(NOON - 47 * HOUR, NOON - 46 * HOUR)]
    assert own_hits(runs) == [DEPLOYED]


def test_what_is_raised_by_its_day_is_joined_of_events_without_an_id() -> None:
    # By process or change a finding begins at one time whichever run reads it.
    without = {one.slug for one in DETECTIONS if not {"process", "package_deployment_id"} & set(result_fields(one))}
    assert without == {
        "windows_msi_from_unusual_product_or_vendor",
        "windows_msix_package_opened_but_never_installed",
    }


def test_any_other_time_range_means_event_time(apps: dict[str, App], events: list[Row]) -> None:
    [detection] = [one for one in detections(apps["index"]) if one.slug == DEPLOYED]
    for time_range, expected in (
        (TimeRange(NOON, NOON + HOUR), 1),
        (TimeRange(NOON + LATE, NOON + LATE + HOUR), 0),
        (TimeRange(), 1),
    ):
        head = SearchHead(apps["index"], addons(*STAND_INS), now=NOON + 3 * DAY, time_range=time_range)
        [rows] = head.run([head.compile(detection)], indexed(events, LATE))
        assert len(rows) == expected
