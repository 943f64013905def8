"""What the health searches say of events: of sites that are well, and of sites of which something is missing.

Each expected row says what an administrator must be told.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from searchhead.conf import App
from tests.apps import NOW, copy_with_lookups
from tests.health_sites import (
    HOSTS,
    HOUR,
    SOURCES,
    STEPS,
    WELL,
    WINDOWS,
    deployment,
    found,
    head,
    indexed,
    sample,
    site,
    statuses,
    told,
)

STANZA = "[WinEventLog://Microsoft-Windows-AppXDeploymentServer/Operational]\ndisabled = 0\nrenderXml = true\n"


# ---------------------------------------------------------------- sources and hosts


def test_a_site_that_is_well() -> None:
    rows = found("Sources", site())
    assert told(rows, "health_status", "health_host", "health_count", "health_action") == {
        name: ["ok", "-", {"deployment": "8", "linux_sysmon": "1"}.get(name, "2"), "Nothing."] for name in SOURCES
    }
    [detail] = told(rows, "health_detail")["deployment"]
    assert detail == (
        "Windows channel AppXDeploymentServer/Operational: 8 events of 2 hosts, the last at 2026-03-02T23:00:00+00:00; "
        "XML, read by an add-on; direct; index wineventlog."
    )
    assert {row["health_time"] for row in rows} == {NOW - HOUR}
    hosts = found("Hosts", site())
    assert [(row["health_host"], row["health_subject"]) for row in hosts] == [
        ("lx-0001.corp.example", "linux_sysmon"),
        *((host, name) for host in HOSTS for name in sorted(WINDOWS)),
    ]
    columns = ("health_status", "arrives", "format", "path", "index", "sourcetype", "late_seconds", "read_by")
    assert [hosts[1][name] for name in columns] == [
        *("ok", "yes", "XML", "direct", "wineventlog", "XmlWinEventLog", 0, "an add-on"),
    ]


def test_without_add_ons_the_app_reads_for_itself_but_data_models_stay_empty() -> None:
    rows = found("Sources", site(), head(()))
    assert statuses(rows) == {**WELL, "security": "warning", "sysmon": "warning", "linux_sysmon": "warning"}
    readers = {
        name: re.findall("read by ([^;]+);", detail)[0] for name, [detail] in told(rows, "health_detail").items()
    }
    assert readers == {
        **dict.fromkeys(SOURCES, "the text alone"),
        **dict.fromkeys(("deployment", "packaging"), "this app"),
    }
    assert told(rows, "health_action")["linux_sysmon"] == [
        "Install the Splunk Add-on for Sysmon for Linux on the search heads and where events are indexed."
    ]


def test_nothing_arrives() -> None:
    rows = found("Sources")
    assert statuses(rows) == {**dict.fromkeys(SOURCES, "warning"), "deployment": "problem"}
    [[detail, action]] = [told(rows, "health_detail", "health_action")["deployment"]]
    assert detail == "Nothing of it arrived. Windows channel AppXDeploymentServer/Operational."
    assert f"\n{STANZA}" in action
    assert found("Hosts") == []


def test_events_that_are_not_rendered_as_xml() -> None:
    classic = [indexed(one, form="") for one in (*deployment(HOSTS[0], [855]), sample("security", HOSTS[0]))]
    rows = found("Sources", classic, head(()))
    assert told(rows, "health_status", "health_detail")["deployment"] == [
        "warning",
        (
            "Events are not rendered as XML, so most of what they say is lost. Windows channel "
            "AppXDeploymentServer/Operational: 1 events of 1 hosts, the last at 2026-03-02T23:00:00+00:00; "
            "classic, read by this app; direct; index wineventlog."
        ),
    ]
    assert told(rows, "health_status", "health_detail")["security"] == [
        "problem",
        (
            "Events are not rendered as XML, so the searches of this app do not find them. Windows channel Security, "
            "events of processes and of the registry: 1 events of 1 hosts, the last at 2026-03-02T23:00:00+00:00; "
            "classic, read by Splunk or an add-on; direct; index wineventlog."
        ),
    ]
    assert told(rows, "health_action")["deployment"] == [f"Set renderXml = true:\n{STANZA}index = wineventlog"]


def test_forwarded_events_are_known_by_their_channel_and_their_collector() -> None:
    forwarded = [
        {**row, "source": "XmlWinEventLog:ForwardedEvents", "host": "wec-01"}
        for row in site()
        if row["sourcetype"] == "XmlWinEventLog"
    ]
    rows = found("Hosts", forwarded, head(()))
    assert [(row["health_host"], row["health_subject"], row["arrives"]) for row in rows] == [
        ("wec-01", "security", "yes"),
        ("wec-01", "sysmon", "yes"),
        *(("wec-01", name, "yes") for name in ("application", "deployment", "packaging", "powershell")),
    ]
    assert {row["path"] for row in rows} == {"forwarded, the host is the collector"}
    assert {row["read_by"] for row in rows} == {"the text alone"}
    # Add-ons that read single channels do not know events of that name, even where one reads their number.
    mapped = found("Sources", [{**row, "host": str(row["_raw"]).split("Computer>")[1][:-2]} for row in forwarded])
    assert statuses(mapped) == {**WELL, "linux_sysmon": "warning", "security": "warning", "sysmon": "warning"}
    [[detail, action]] = [told(mapped, "health_detail", "health_action")["sysmon"]]
    assert detail.startswith("Events are still named ForwardedEvents, so the data models miss them. Windows ")
    assert "; XML, read by an add-on; forwarded; " in detail
    assert "Install the Splunk Add-on for Microsoft Windows on the first full Splunk" in action
    # The Windows add-on gives such events the source of their channel, and the host stays that of the collector.
    told_again = found("Hosts", [{**row, "host": "wec-01"} for row in site()])
    assert {row["path"] for row in told_again} == {"forwarded, the host is the collector"} | {"direct"}


def test_a_host_that_fell_silent_is_named() -> None:
    rows = found("Sources", [*site(HOSTS[:1]), *site(HOSTS[1:], hours=30)])
    assert told(rows, "health_status", "health_host")["deployment"] == ["warning", HOSTS[1]]
    assert told(rows, "health_detail")["deployment"][0].startswith("1 of 2 hosts sent nothing for 24 hours. Windows ")
    # A quiet channel of a host that is there is no silence, one that never rests is.
    quiet = [indexed(one, hours=30) for one in (*deployment(HOSTS[0]), sample("sysmon", HOSTS[0]))]
    now = statuses(found("Sources", [*quiet, indexed(sample("powershell", HOSTS[0]))]))
    assert (now["deployment"], now["sysmon"]) == ("ok", "problem")


def test_a_host_lacks_a_channel() -> None:
    events = [*site(HOSTS[:1]), indexed(sample("sysmon", HOSTS[1]))]
    rows = [row for row in found("Hosts", events) if row["arrives"] == "no"]
    assert [(row["health_subject"], row["health_status"], row["health_host"]) for row in rows] == [
        ("deployment", "problem", HOSTS[1]),
        *(
            (name, "warning", HOSTS[1]) for name in ("application", "packaging", "powershell")
        ),  # Sysmon is as good as Security
    ]
    assert STANZA in str(rows[0]["health_action"])
    assert told(found("Sources", events), "health_detail")["deployment"][0].startswith(
        "1 of 2 windows hosts do not send it. "
    )


def test_a_source_of_which_no_event_was_looked_at() -> None:
    [event] = [indexed(sample("application", HOSTS[0]))]
    other = {**event, "_raw": str(event["_raw"]).replace("MsiInstaller", "ESENT")}
    [detail] = told(found("Sources", [other]), "health_detail")["application"]
    assert detail.startswith("It arrives, but holds no event 1033 or 1034 or ")
    assert detail.endswith("the last at 2026-03-02T23:00:00+00:00; XML; direct; index wineventlog.")
    # Script Block Logging and Audit Process Creation are off as Windows comes; Sysmon does for the other.
    events = [
        {**row, "_raw": str(row["_raw"]).replace(">4104<", ">4103<").replace(">4688<", ">4624<")} for row in site()
    ]
    assert statuses(found("Sources", events)) == {**WELL, "powershell": "warning"}
    rows = found("Sources", [row for row in events if "Sysmon" not in str(row["source"])])
    assert told(rows, "health_status", "health_action")["security"] == [
        "warning",
        "Enable the policy Audit Process Creation (and Audit Registry), and take away filters of the input.",
    ]


def test_what_one_host_sends_otherwise_is_said_of_that_host() -> None:
    """A host whose clock is wrong, or whose events are classic or JSON, is named, and the others are not blamed."""
    well = [{**row, "_indextime": row["_time"]} for row in site()]
    for changes, status, sentence in (
        (
            {"_time": NOW + 86_400},
            "warning",
            "On average events of 1 of 2 hosts are indexed up to 1500 minutes ",
        ),
        ({"_time": NOW - 365 * 86_400}, "warning", "On average events of 1 of 2 hosts are indexed up to 525540 "),
        ({"_raw": '{"id": 4688}'}, "warning", "Events of 1 of 2 hosts come as JSON, which no search of this app reads"),
        ({"_raw": "EventCode=4688\n", "source": "WinEventLog:Security"}, "warning", "Events of 1 of 2 hosts are not "),
    ):
        rows = found("Sources", [{**row, **changes} if row["host"] == HOSTS[1] else row for row in well])
        [[found_status, host, detail]] = [told(rows, "health_status", "health_host", "health_detail")["security"]]
        assert (found_status, host) == (status, HOSTS[1])
        assert sentence in detail


def test_what_lies_in_an_index_that_the_app_does_not_read(tmp_path: Path) -> None:
    app = copy_with_lookups(tmp_path, {})
    (tmp_path / "local").mkdir()
    macro = "[package_windows_index]\ndefinition = index=windows\n"
    (tmp_path / "local" / "macros.conf").write_text(macro, encoding="ascii")
    rows = found("Sources", site(), head(app=App(app.path)))
    assert statuses(rows) == {**dict.fromkeys(SOURCES, "problem"), "linux_sysmon": "ok"}
    assert told(rows, "health_detail", "health_action")["deployment"] == [
        (
            "It arrives in the index wineventlog, which the macro package_windows_index does not read. Windows channel "
            "AppXDeploymentServer/Operational."
        ),
        (
            "Add this index to the macro package_windows_index: in local/macros.conf, or Settings > Advanced search > "
            "Search macros."
        ),
    ]


@pytest.mark.parametrize(
    ("raw", "status", "sentence"),
    [
        ('{"EventID": 855, "Channel": "x"}', "problem", "Events come as JSON, which no search of this app reads"),
        ("rd='1'/></System>", "warning", "Some events hold no event number that could be read"),
        ("<Event><System><EventID>855</EventID><Comp", "warning", "1 of 1 events in the sample are cut off"),
    ],
)
def test_events_that_nobody_can_read(raw: str, status: str, sentence: str) -> None:
    [event] = [indexed(one) for one in deployment(HOSTS[0], [855])]
    rows = found("Sources", [{**event, "_raw": raw}])
    assert told(rows, "health_status")["deployment"] == [status]
    assert told(rows, "health_detail")["deployment"][0].startswith(sentence + ". ")


@pytest.mark.parametrize(
    ("seconds", "sentence"),
    [
        (600, ""),
        (1800, "On average events are indexed 30 minutes after they happened. "),
        (-3600, "On average events are indexed 60 minutes before they happened. "),
    ],
)
def test_events_that_come_late_or_from_the_future(seconds: int, sentence: str) -> None:
    late = [{**row, "_indextime": float(str(row["_time"])) + seconds} for row in site()]
    rows = found("Sources", late)
    assert told(rows, "health_detail")["deployment"][0].startswith(sentence + "Windows channel")
    assert statuses(rows) == (dict.fromkeys(SOURCES, "warning") if sentence else WELL)


def test_names_out_of_events_are_harmless() -> None:
    hosts = ('=cmd|"/c calc"!A1', "<b>x</b>\n|y|", "a" * 300, '"; | delete', "@sum", "-")
    rows = found("Sources", site(hosts, hours=30))
    [row] = [row for row in rows if row["health_subject"] == "deployment"]
    assert row["health_host"] == ", ".join(
        sorted(['\'=cmd "/c calc"!A1', "<b>x</b>  y ", "a" * 64, '";   delete', "'@sum", "-"])
    )
    assert len({str(row["_key"]) for row in rows}) == len(SOURCES)
    assert len(found("Hosts", site(hosts))) == len(hosts) * len(WINDOWS) + 1
    many = [f"ws-{number:04}" for number in range(15)]
    [names] = told(found("Sources", site(many, hours=30)), "health_host")["sysmon"]
    assert names.split(", ") == many[:10]


# ---------------------------------------------------------------- deployments


@pytest.mark.parametrize(
    ("codes", "problems"),
    [
        (STEPS, {}),
        ([603, 854, 855, 400], {"157": "warning"}),
        ([157, 854, 855, 400], {"603": "warning"}),
        ([855], {"157": "warning", "400": "problem", "603": "warning", "854": "warning"}),
        ([], dict.fromkeys(map(str, STEPS), "unknown")),
    ],
)
def test_events_of_a_deployment_that_are_never_seen(codes: list[int], problems: dict[str, str]) -> None:
    rows = found("Deployments", [indexed(one) for host in HOSTS for one in deployment(host, codes)])
    assert statuses(rows) == dict.fromkeys(map(str, STEPS), "ok") | problems


def test_a_step_that_one_host_never_tells() -> None:
    events = [*deployment(HOSTS[0]), *deployment(HOSTS[1], [603, 854, 855, 400])]
    [row] = [row for row in found("Deployments", map(indexed, events)) if row["health_subject"] == "157"]
    assert [row[name] for name in ("health_status", "health_host", "health_count", "health_detail")] == [
        *("warning", HOSTS[1], 1),
        "Never seen on 1 of 2 hosts. Event 157 or 164, whose signature was checked: missing in 1 of 2 deployments.",
    ]
    assert "[WinEventLog://Microsoft-Windows-AppxPackaging/Operational]" in str(row["health_action"])
