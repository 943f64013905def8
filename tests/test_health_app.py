"""What the health searches say of the app itself: its data models, lookups, exceptions and searches; and its tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from searchhead.conf import App
from searchhead.head import SearchHead
from searchhead.rest import Rest
from searchhead.spl.values import Row, number
from tests.apps import NOW, copy_with_lookups, package_abuse, table_rows
from tests.health_sites import HOUR, disabled, found, head, health_search, site, statuses, told
from tests.shipped import DETECTIONS, OTHERS
from tests.splunk_events import scheduled

PREFIX = "Package Abuse - "
REMOTE_TOOLS = f"{PREFIX}Remote Access Tool After Install - Rule"
INTERPRETER = f"{PREFIX}Windows MSIX Package Spawned Interpreter - Rule"
STATE = f"{PREFIX}Package State - Deployments"
DAY = 86_400.0
AN_HOUR_AGO = NOW - HOUR


def run(spl: str, at: SearchHead | None = None) -> list[Row]:
    """The rows of a search over no events."""
    at = at or head()
    [rows] = at.run([at.compile(replace(health_search("Report"), search=spl))], ())
    return rows


# ---------------------------------------------------------------- data models


def answers(monkeypatch: pytest.MonkeyPatch, models: dict[str, str]) -> None:
    """Let Splunk tell of these data models whether they are accelerated."""

    def rows(_self: Rest, _acceleration: str) -> Iterator[Row]:
        for title, acceleration in models.items():
            yield {"title": title, "acceleration": acceleration, "eai:acl.app": "Splunk_SA_CIM"}

    monkeypatch.setattr(Rest, "_models", rows)


def test_data_models_that_are_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, {"Endpoint": "1", "Network_Traffic": "0", "Risk": "1"})
    rows = found("Data Models", site())
    assert statuses(rows) == {"processes": "ok", "files": "warning", "registry": "warning", "connections": "warning"}
    assert told(rows, "health_count", "health_detail")["processes"] == [
        "5",
        "Data model Endpoint.Processes: 5 rows seen, accelerated.",
    ]
    [detail, action] = told(rows, "health_detail", "health_action")["connections"]
    assert detail.startswith("It holds no row. ")
    assert "[Network_Traffic] acceleration = true" in action


def test_a_data_model_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, {"Endpoint": "1"})
    assert told(found("Data Models", site()), "health_status", "health_detail")["connections"] == [
        "warning",
        ("The data model is not there. Data model Network_Traffic.All_Traffic: 0 rows seen."),
    ]


@pytest.mark.parametrize(
    ("acceleration", "told_as"),
    [
        *((one, ", accelerated.") for one in ("1", "true", '{"earliest_time": "-7d", "enabled": true}')),
        *((one, ", not accelerated: searches read the events.") for one in ("0", "false", '{"enabled": false}', "")),
    ],
)
def test_how_splunk_tells_of_acceleration(monkeypatch: pytest.MonkeyPatch, acceleration: str, told_as: str) -> None:
    answers(monkeypatch, {"Endpoint": acceleration})
    [detail] = told(found("Data Models", site()), "health_detail")["processes"]
    assert detail == f"Data model Endpoint.Processes: 5 rows seen{told_as}"


@pytest.mark.parametrize(
    ("seen", "accelerated", "status", "sentence"),
    [
        (100, 1, "ok", "Data model x: 100 rows seen, accelerated."),
        (100, 0, "ok", "Data model x: 100 rows seen, not accelerated: searches read the events."),
        (90, 1, "ok", "Data model x: 90 rows"),
        (89, 1, "warning", "Its summaries are behind: they hold 89 of 100 rows. "),
        (0, 1, "problem", "Its summaries are empty or behind, and the searches of this app read summaries only. "),
        (0, 0, "problem", "It is not accelerated, and the searches of this app read summaries only. "),
    ],
)
def test_what_searches_see_of_a_data_model(seen: int, accelerated: int, status: str, sentence: str) -> None:
    row = f"package_seen={seen}, package_all=100, package_accelerated={accelerated}, package_answers=5"
    texts = 'source_id="x", source_name="Data model x", if_missing="problem", next_action="Do."'
    [judged] = run(f"| makeresults | eval {row}, {texts} | `package_health_model_faults` | `package_health_verdict`")
    assert judged["health_status"] == status
    assert str(judged["health_detail"]).startswith(sentence)


# ---------------------------------------------------------------- lookups


def copied(folder: Path, table: str = "", content: str = "") -> App:
    """The app with another text in one of its tables."""
    app = copy_with_lookups(folder, {})
    if table:
        (folder / "lookups" / table).write_text(content, encoding="utf-8")
    return app


def test_lookups_as_they_ship() -> None:
    rows = found("Lookups")
    # In a site where all searches are enabled and none has run yet.
    waiting = dict.fromkeys(("package_baseline", "package_lineage", "package_health"), "warning")
    assert statuses(rows) == {
        row["lookup_name"]: waiting.get(row["lookup_name"], "ok") for row in table_rows("package_tables")
    }
    details = told(rows, "health_detail")
    assert details["package_exceptions_site"] == ["The shipped file package_exceptions_site.csv.default: 0 rows."]
    assert details["package_operations"] == ["File package_operations_20261121.csv: 34 rows."]
    [detail] = details["package_lineage"]
    assert detail == (
        f"It is empty, though it should be filled by {PREFIX}Package State - Installer Processes. "
        "Collection package_lineage: 0 rows."
    )
    dates = [number(row["health_time"]) for row in rows if row["health_subject"] == "package_operations"]
    assert dates == [1_795_219_200]  # 2026-11-21


def test_a_table_of_the_site_with_a_wrong_first_line(tmp_path: Path) -> None:
    app = copied(
        tmp_path,
        "package_exceptions_site.csv",
        "detection,host,user,package_family_name,package_publisher_id,process,source,expires,owner\n"
        + "*," * 8
        + "me\n",
    )
    rows = found("Lookups", at=head(app=app))
    assert told(rows, "health_status", "health_detail", "health_action")["package_exceptions_site"] == [
        "problem",
        "It lacks the columns dest, reason. The site's file package_exceptions_site.csv: 1 rows.",
        (
            "Correct the first line of package_exceptions_site.csv: detection,dest,user,package_family_name,"
            "package_publisher_id,process,source,expires,owner,reason"
        ),
    ]


def test_vendor_data_that_is_old_empty_or_another(tmp_path: Path) -> None:
    copied(tmp_path, "package_operations_20261121.csv", "operation_code,operation,operation_kind,source\n")
    transforms = tmp_path / "default" / "transforms.conf"
    transforms.write_text(
        transforms.read_text(encoding="ascii").replace("package_options_20261121.csv", "ours.csv"), encoding="ascii"
    )
    (tmp_path / "lookups" / "package_options_20261121.csv").rename(tmp_path / "lookups" / "ours.csv")
    at = head(app=App(tmp_path), now=1_795_219_200 + 181 * DAY)
    rows = found("Lookups", at=at)
    details = told(rows, "health_status", "health_detail")
    assert details["package_operations"] == [
        "problem",
        "It is empty. Its data is 181 days old. File package_operations_20261121.csv: 0 rows.",
    ]
    assert details["package_hosts"][0] == "warning"
    assert details["package_options"] == ["ok", "Another file than ours, ours.csv: 53 rows."]


# ---------------------------------------------------------------- exceptions


def test_exceptions_that_have_expired_or_name_nobody(tmp_path: Path) -> None:
    row = dict.fromkeys(table_rows_columns("package_exceptions_site"), "*")
    rows = [
        {**row, "dest": "ws-1", "expires": "never", "owner": "soc", "reason": "known"},
        {**row, "dest": "ws-2|=x", "expires": "2026-01-31", "owner": "soc", "reason": "known"},
        {**row, "dest": "ws-3", "expires": "never", "owner": "", "reason": "known"},
    ]
    app = copy_with_lookups(tmp_path, {"package_exceptions_site": rows})
    told_rows = found("Exceptions", at=head(app=app))
    assert told(told_rows, "health_status", "health_detail") == {
        "package_exceptions_site": ["ok", "3 exceptions, 2 of them with a problem."],
        "row 2": ["problem", "expired. * on ws-2 =x; owner soc; expires 2026-01-31."],
        "row 3": ["warning", "no_owner. * on ws-3; owner -; expires never."],
    }
    assert all(row["health_action"] for row in told_rows)


def table_rows_columns(name: str) -> list[str]:
    [row] = [row for row in table_rows("package_tables") if row["lookup_name"] == name]
    return row["columns"].split()


# ---------------------------------------------------------------- searches


def looked(events: list[Row], at: SearchHead | None = None) -> SearchHead:
    """A head that has looked at the sources and the data models."""
    at = at or head()
    for name in ("Sources", "Data Models"):
        found(name, events, at)
    return at


ALL = [one.name for one in (*DETECTIONS, *OTHERS)]


def test_searches_that_are_well() -> None:
    events = [*site(), *(scheduled(name, AN_HOUR_AGO) for name in ALL)]
    rows = found("Searches", events, looked(events))
    wanting = {row["search_name"] for row in table_rows("package_detections") if "connections" in row["needs"].split()}
    assert {name for name, status in statuses(rows).items() if status != "ok"} == wanting
    details = told(rows, "health_detail")
    assert details[INTERPRETER] == ["Enabled; 1 runs in a day, the longest 2 seconds."]
    assert details["package_abuse"] == [
        f"Version {package_abuse().conf('app').stanzas['launcher']['version']} of the app is installed."
    ]
    [wanted] = wanting
    assert details[wanted][0].startswith("It needs what does not arrive: connections. Enabled;")


def test_searches_before_anybody_has_looked_at_the_sources() -> None:
    rows = found("Searches")
    shown = told(rows, "health_status", "health_detail")
    assert shown[INTERPRETER] == ["unknown", "What arrives is not known. Enabled; its runs are not known."]
    assert shown["scheduler"] == [
        "unknown",
        "No event of the scheduler could be read. 0 runs of searches of this app in a day.",
    ]


def test_what_arrives_and_is_read_by_nobody_does_not_arrive() -> None:
    events = [{**row, "_raw": '{"id": 855}'} if "AppXDep" in str(row["source"]) else row for row in site()]
    details = told(found("Searches", events, looked(events)), "health_status", "health_detail")
    status, detail = details[f"{PREFIX}Windows Known Malicious MSIX Publisher - Rule"]
    assert (status, detail[:47]) == ("problem", "It needs what does not arrive: deployment. Enab")


def test_detections_that_are_disabled(monkeypatch: pytest.MonkeyPatch) -> None:
    connected = f"{PREFIX}Installer Connected To Public Address - Rule"
    disabled(monkeypatch, INTERPRETER, connected)
    rows = told(found("Searches", site(), looked(site())), "health_status", "health_detail")
    assert rows[INTERPRETER] == ["warning", "It is disabled, though what it needs arrives. Disabled."]
    assert rows[connected] == ["ok", "Disabled; it would need connections."]


def test_an_enabled_detection_whose_state_search_is_disabled(monkeypatch: pytest.MonkeyPatch) -> None:
    disabled(monkeypatch, STATE)
    rows = found("Searches", site(), looked(site()))
    shown = told(rows, "health_status", "health_action")
    assert shown[REMOTE_TOOLS] == ["problem", f"Enable {STATE}."]
    assert shown[f"{PREFIX}Windows MSIX From Suspicious Source - Rule"] == ["warning", f"Enable {STATE}."]
    assert STATE not in shown


def test_the_summary_is_read_but_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = f"{PREFIX}Package Deployments - Summary"
    disabled(monkeypatch, summary)
    assert summary not in statuses(found("Searches"))
    app = copied(tmp_path)
    macros = tmp_path / "default" / "macros.conf"
    switched = macros.read_text(encoding="ascii").replace(
        "definition = `package_deployments_from_events`\n", "definition = `package_deployments_from_summary`\n"
    )
    macros.write_text(switched, encoding="ascii")
    assert told(found("Searches", at=head(app=app)), "health_status", "health_detail")[summary] == [
        "problem",
        "It is disabled, and the macro package_deployments reads what it writes. Disabled.",
    ]


@pytest.mark.parametrize(
    ("events", "status", "sentence"),
    [
        ([("skipped", 0), ("success", 2)], "warning", "1 of 2 runs were skipped"),
        ([("skipped", 0), ("skipped", 0)], "problem", "2 of 2 runs were skipped"),
        ([("delegated_remote_error", 0), ("success", 2)], "problem", "1 of 2 runs failed"),
        ([("success", 1801)], "warning", "A run took 1801 of 3600 seconds"),
        ([("success", 3601)], "problem", "A run took 3601 of 3600 seconds"),
        ([("success", 1800), ("continued", 0)], "ok", "Enabled; 1 runs in a day, the longest 1800 seconds"),
        ([], "warning", "It has not run for a day"),
    ],
)
def test_runs_that_were_skipped_or_failed_or_took_too_long(
    events: list[tuple[str, float]], status: str, sentence: str
) -> None:
    runs = [scheduled(INTERPRETER, AN_HOUR_AGO, status=how, seconds=seconds) for how, seconds in events]
    runs.append(scheduled(STATE, AN_HOUR_AGO))
    rows = found("Searches", [*site(), *runs], looked(site()))
    [said, detail] = told(rows, "health_status", "health_detail")[INTERPRETER]
    assert (said, detail.split(". ")[0].rstrip(".")) == (status, sentence)


# ---------------------------------------------------------------- the report


def test_the_report_says_what_has_not_run() -> None:
    rows = found("Report")
    assert told(rows, "health_status", "health_detail") == {
        f"{PREFIX}Package Health - {name}": ["problem", "It has not run, so nobody knows."]
        for name in ("Data Models", "Deployments", "Exceptions", "Lookups", "Searches", "Sources")
    }


def test_the_report_shows_problems_first_and_what_the_last_run_found() -> None:
    at = head()
    every = ("Sources", "Data Models", "Deployments", "Lookups", "Exceptions", "Searches")
    written = {name: len(found(name, site(), at)) for name in every}
    rows = found("Report", at=at)
    assert len(rows) == sum(written.values())
    ranks = [("problem", "warning", "unknown", "ok").index(str(row["health_status"])) for row in rows]
    assert ranks == sorted(ranks)
    assert {str(row["health_topic"]) for row in rows} == {
        *("sources", "data_models", "deployments", "lookups", "exceptions", "searches"),
    }


def test_the_report_leaves_out_what_is_gone_and_says_what_is_old() -> None:
    at = head()
    for key, topic, hours in (("a", "lookups", 7), ("b", "lookups", 1), ("c", "sources", 48)):
        row = f'_key="{key}", health_subject="{key}", health_topic="{topic}", health_status="problem"'
        put = "outputlookup append=true key_field=_key package_health"
        run(f"| makeresults | eval {row}, health_checked={NOW - hours * HOUR} | {put}", at)
    rows = found("Report", at=at)
    about = {str(row["health_subject"]): str(row["health_topic"]) for row in rows}
    shown = [(topic, subject) for subject, topic in about.items() if not subject.startswith(PREFIX)]
    # What others follow from stands first.
    assert shown == [("sources", "c"), ("lookups", "b")]
    [old] = [row["health_detail"] for row in rows if row["health_subject"] == f"{PREFIX}Package Health - Sources"]
    assert old == "It has not run since 2026-03-01T00:00:00+00:00: what it found is old."
    assert {str(row["_key"]) for row in found("Prune", at=at)} == {"a", "b"}
