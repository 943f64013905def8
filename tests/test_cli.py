"""``./hunt`` as people start it: a process, files in, a report out, an exit status."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from searchhead.savedsearches import detections
from tests.apps import ROOT, copy_with_lookups, package_abuse
from tests.windows_events import WindowsEvent, render

SLUG = "windows_developer_signed_msix_package_installation"
CASES = ROOT / "tests" / "detections" / SLUG
HIT = CASES / "known_malicious_publisher.xml"

# Most of what is tested here needs one finding, but several detections find something in that log.
ONLY = ("--detection", SLUG)


def hunt(*arguments: str | Path, stdin: bytes | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "hunt"), *map(str, arguments)]
    done = subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=60)
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


def findings(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


# What finds the attacks of the demo, and with which risk; nothing else of that morning is found. The risk is the sum of
# the points that lookups/package_evidence gives the detection for what it saw.
DEMO = {
    # A fake Webex of a known publisher, from the web; its launcher runs a script, whose PowerShell calls out.
    "ws-0217.corp.example": [
        ("windows_developer_signed_msix_package_installation", 25),
        ("windows_full_trust_msix_from_untrusted_source", 40),
        ("windows_known_malicious_msix_publisher", 100),
        ("windows_msix_from_suspicious_source", 10),
        ("windows_msix_install_followed_by_process_and_egress", 70),
        ("windows_msix_package_spawned_interpreter", 40),
        ("windows_msix_package_spawned_interpreter", 80),
        ("windows_msix_publisher_impersonation", 40),
    ],
    # A package is refused for its signature, its certificate trusted, and the package installed.
    "ws-0300.corp.example": [
        ("windows_developer_signed_msix_package_installation", 25),
        ("windows_developer_signed_msix_package_installation", 55),
        ("windows_full_trust_msix_from_untrusted_source", 40),
        ("windows_msix_deployment_refused_by_trust_or_policy", 20),
        ("windows_msix_deployment_refused_by_trust_or_policy", 40),
        ("windows_msix_from_suspicious_source", 15),
        ("windows_msix_from_suspicious_source", 15),
        ("windows_msix_sideloading_trust_tampering", 60),
    ],
    # A script registers loose files in developer mode, with Microsoft's publisher in their manifest.
    "dev-0009.corp.example": [
        ("windows_msix_publisher_impersonation", 50),
        ("windows_scripted_msix_sideload", 30),
        ("windows_unsigned_or_developer_mode_msix_deployment", 70),
    ],
    # A shortcut calls the App Installer protocol.
    "ws-0355.corp.example": [("windows_app_installer_protocol_abuse", 40)],
    # A fake PDF editor: its custom action runs a script, whose PowerShell fetches NetSupport Manager.
    "ws-0233.corp.example": [
        ("installer_connected_to_public_address", 40),
        ("installer_package_spawned_suspicious_process", 40),
        ("installer_package_spawned_suspicious_process", 100),
        ("remote_access_tool_after_install", 85),
        ("windows_msi_elevation_abuse", 40),
        ("windows_msi_from_unusual_product_or_vendor", 45),
    ],
    # A script installs an MSI from the web.
    "ws-0251.corp.example": [("windows_remote_msi_or_transform_install", 45)],
    # The setup.py of a misspelt package pipes a download into a shell.
    "lx-0107.corp.example": [
        ("installer_connected_to_public_address", 40),
        ("package_manager_install_hook_ran_downloader", 30),
        ("package_manager_install_hook_ran_downloader", 80),
    ],
    # A deb package from a temporary folder opens a shell to the network.
    "lx-0040.corp.example": [("linux_package_maintainer_script_abuse", 70), ("package_from_unusual_source", 20)],
}


def test_the_demo_finds_what_it_shows() -> None:
    done = hunt("--demo", "--format", "jsonl")
    assert done.returncode == 0
    found: dict[object, list[tuple[object, object]]] = {}
    for one in findings(done):
        found.setdefault(one["dest"], []).append((one["detection"], one["risk_score"]))
    assert {host: sorted(rows) for host, rows in found.items()} == DEMO
    assert (findings(done)[0]["detection"], findings(done)[0]["severity"]) == (
        *("windows_known_malicious_msix_publisher", "critical"),
    )
    assert "events: 116, damages: 0" in done.stderr
    assert "channels: Microsoft-Windows-AppXDeploymentServer/Operational (60)" in done.stderr
    assert f"detections run: {len(detections(package_abuse()))}, findings: 32" in done.stderr


def test_a_finding_is_one_json_line_with_every_promised_key() -> None:
    [one] = findings(hunt(HIT, *ONLY, "--format", "jsonl"))
    assert list(one) == [
        *("detection", "title", "severity", "risk_score", "dest", "user", "first_time", "last_time", "count", "why"),
        *("mitre_attack", "row"),
    ]
    assert one["detection"] == SLUG
    assert one["title"] == "Windows Developer-Signed MSIX Package Installation"
    assert one["first_time"] == one["last_time"] == "2026-03-02T09:14:00.123Z"
    assert one["mitre_attack"] == ["T1553.005", "T1204.002"]


def test_table_and_csv_show_the_finding_too() -> None:
    table = hunt(HIT)
    assert "CiscoSystems.Webex_2.10.1.26171_x64__cvpb331a1f8hw" in table.stdout
    header, row = csv.reader(io.StringIO(hunt(HIT, *ONLY, "--format", "csv").stdout))
    assert dict(zip(header, row, strict=True))["publisher_name"] == "IMPERIOUS TECHNOLOGIES LIMITED"


def test_a_report_can_be_written_to_a_file_and_findings_can_set_the_status(tmp_path: Path) -> None:
    report = tmp_path / "report.jsonl"
    done = hunt(HIT, *ONLY, "--format", "jsonl", "-o", report, "--fail-on-findings")
    assert (done.returncode, done.stdout) == (1, "")
    assert len(report.read_text(encoding="utf-8").splitlines()) == 1
    assert hunt(HIT, *ONLY, "--fail-on-findings", "--min-risk", "26").returncode == 0


def test_the_page_of_a_report_has_the_finding_and_the_event_behind_it(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    done = hunt(HIT, *ONLY, "--format", "html", "-o", report)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    page = report.read_text(encoding="utf-8")
    assert "<h1>1 finding on 1 host</h1>" in page
    assert page.count("<pre>") == 1
    assert "&lt;EventID&gt;855&lt;/EventID&gt;" in page
    assert "its publisher ID is no trusted one" in page  # as the lookup of evidence says it
    assert "Subvert Trust Controls: Mark-of-the-Web Bypass" in page


def test_standard_input_is_read_like_a_file() -> None:
    done = hunt("-", *ONLY, "--format", "jsonl", stdin=HIT.read_bytes())
    assert len(findings(done)) == 1


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ([*ONLY, "--earliest", "2026-03-02T09:14:00Z"], 1),
        ([*ONLY, "--earliest", "2026-03-02T09:14:01Z"], 0),
        ([*ONLY, "--latest", "2026-03-02T09:14:01Z"], 1),
        ([*ONLY, "--latest", "2026-03-02T09:14:00Z"], 0),
        ([*ONLY, "--latest", "-1d@d", "--earliest", "1772442840"], 1),
        ([*ONLY, "--min-risk", "25"], 1),
        ([*ONLY, "--min-risk", "26"], 0),
        (["--detection", "windows_developer_*"], 1),
        (["--detection", "Windows Developer*"], 1),
        (["--detection", "Windows Developer*", "--detection", "*malicious*"], 2),
    ],
)
def test_options_narrow_what_is_found(options: list[str], count: int) -> None:
    done = hunt(HIT, "--format", "jsonl", *options)
    assert done.returncode == 0, done.stderr
    assert len(findings(done)) == count


def test_an_exceptions_file_hides_what_it_allows(tmp_path: Path) -> None:
    header = (ROOT / "lookups" / "package_exceptions_site.csv.default").read_text(encoding="utf-8")
    exceptions = tmp_path / "exceptions.csv"
    exceptions.write_text(header + "*,*,*,CiscoSystems.Webex_*,*,*,*,never,soc,a test\n", encoding="utf-8")
    assert findings(hunt(HIT, "--format", "jsonl", "--exceptions", exceptions)) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Name the files or folders to read, or give --demo"),
        (["--demo", str(HIT)], "Name the files or folders to read, or give --demo"),
        ([str(HIT), "--nosuchoption"], "No such option"),
        ([str(HIT), "--detection", "nosuch*"], "nothing is called nosuch*. There are: "),
        ([str(HIT), "--earliest", "soon"], "--earliest"),
        ([str(HIT), "--exceptions", "nosuchfile.csv"], "--exceptions: there is no file 'nosuchfile.csv'"),
        ([str(HIT), "--baseline", "nosuchfile.csv"], "--baseline: there is no file 'nosuchfile.csv'"),
        (["--splunk", "https://localhost:8089", "--baseline", "x.csv"], "--baseline: with --splunk, that Splunk's own"),
        ([str(HIT), "-o", "no/such/folder/report"], "--output"),
        (
            ["--demo", "--health", "--format", "html"],
            "--format html: this is for findings; --health has table, csv, jsonl.",
        ),
    ],
)
def test_wrong_usage_is_one_message_and_status_2(arguments: list[str], message: str) -> None:
    done = hunt(*arguments)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_report_does_not_take_the_place_of_what_is_read(tmp_path: Path) -> None:
    log, link = tmp_path / "log.xml", tmp_path / "link.xml"
    log.write_bytes(HIT.read_bytes())
    link.hardlink_to(log)
    for arguments in (
        (log, "-o", link),
        (tmp_path, "-o", log),
        (HIT, "--exceptions", log, "-o", log),
        (HIT, "--baseline", log, "-o", link),
    ):
        done = hunt(*arguments)
        assert done.returncode == 2
        assert "--output: this file is read:" in " ".join(done.stderr.split())
        assert log.read_bytes() == HIT.read_bytes()


def test_what_cannot_be_read_is_named_after_all_else_was_used(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.xml"
    damaged.write_text("<Event><!DOCTYPE x>\n" + HIT.read_text(encoding="utf-8"), encoding="utf-8")
    done = hunt(HIT, tmp_path / "missing.evtx", damaged, "--format", "jsonl")
    assert done.returncode == 2
    assert len(findings(done)) >= 1
    assert "missing.evtx" in done.stderr
    assert "damaged.xml" in done.stderr


def test_exceptions_of_the_wrong_form_are_one_message(tmp_path: Path) -> None:
    exceptions = tmp_path / "exceptions.csv"
    exceptions.write_text("detection,dest\n*,*,*\n", encoding="utf-8")
    done = hunt(HIT, "--exceptions", exceptions)
    assert done.returncode == 2
    assert "exceptions.csv:2" in done.stderr
    assert "Traceback" not in done.stderr


def hunt_with(app: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Hunt with another app than that of this checkout."""
    code = (
        "import sys; from pathlib import Path; from searchhead.cli import Hunt, main; "
        "main(Hunt(app=Path(sys.argv.pop(1)), exceptions='package_exceptions_site', baseline='package_baseline', "
        "demo=Path('none')))"
    )
    command = [sys.executable, "-c", code, str(app), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, timeout=60, text=True, encoding="utf-8", cwd=ROOT)


def test_explain_shows_every_stage_of_a_search_that_found_something() -> None:
    done = hunt(HIT, *ONLY, "--explain", "--format", "jsonl")
    assert len(findings(done)) == 1
    # After the searches that write state.
    account = done.stderr.partition("Windows Developer-Signed MSIX Package Installation: 1 row")[2]
    assert "1 left:   msixdecode " in account
    assert "why:" not in account


def test_explain_names_the_exception_that_hid_a_finding(tmp_path: Path) -> None:
    header = (ROOT / "lookups" / "package_exceptions_site.csv.default").read_text(encoding="utf-8")
    exceptions = tmp_path / "exceptions.csv"
    exceptions.write_text(
        header
        + "*,*,*,CiscoSystems.Webex_*,*,*,*,2020-01-01,soc,expired\n"
        + "*,*,*,CiscoSystems.Webex_*,*,*,*,never,soc,a test\n",
        encoding="utf-8",
    )
    done = hunt(HIT, *ONLY, "--explain", "--exceptions", exceptions)
    assert "in the macro `package_exceptions(1)` (default/macros.conf:" in done.stderr
    assert "row 2 of the lookup package_exceptions_site filtered 1 of 1 row: " in done.stderr
    assert "reason=a test" in done.stderr
    assert "reason=expired" not in done.stderr


def test_explain_says_that_no_event_was_of_the_channel() -> None:
    log = CASES / "other_event_codes.xml"
    text = log.read_text(encoding="utf-8").replace("Microsoft-Windows-AppXDeploymentServer/Operational", "Elsewhere")
    done = subprocess.run(
        [sys.executable, str(ROOT / "hunt"), "-", "--explain"],
        input=text.encode(),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert "why: no event is of a source that this search wants; read were: XmlWinEventLog:Elsewhere (2)" in (
        done.stderr.decode()
    )


def test_explain_is_for_log_files() -> None:
    done = hunt("--splunk", "https://localhost:8089", "--explain")
    assert done.returncode == 2
    assert "--explain" in done.stderr


def test_a_mistake_in_a_macro_is_shown_where_it_stands(tmp_path: Path) -> None:
    app = copy_with_lookups(tmp_path / "app", {})
    macros = app.path / "default" / "macros.conf"
    text = macros.read_text(encoding="utf-8")
    macros.write_text(text.replace("| eval risk_score=min(100,", "| eval risk_score=mni(100,"), encoding="utf-8")
    line = next(at for at, one in enumerate(macros.read_text(encoding="utf-8").splitlines(), 1) if "mni(" in one)
    done = hunt_with(app.path, HIT, *ONLY)
    assert (done.returncode, done.stdout) == (2, "")
    first, shown, caret, *calls = done.stderr.splitlines()
    assert first.startswith(
        f'hunt: default/macros.conf:{line}: stanza [package_risk(2)]: "mni" is no supported function'
    )
    assert shown[caret.index("^") : caret.rindex("^") + 1] == "mni"
    assert calls[0].startswith("    from `package_risk($detection$, $detection$)` at default/macros.conf:")
    assert calls[1].startswith(f"    from `package_risk({SLUG})` at default/savedsearches.conf:")
    assert calls[1].endswith(": stanza [Package Abuse - Windows Developer-Signed MSIX Package Installation - Rule]")


# A detection that asks what another search has written, which stands after it in the file.
SEEN_HOST = """
[A Host Seen Before]
action.correlationsearch.enabled = 1
search = 855 | stats min(_time) as first_time by host | lookup hosts.csv host OUTPUT seen | table first_time, host, seen

[Package Abuse - Hosts]
search = 855 | stats count as seen by host | outputlookup hosts.csv

[Package Abuse - Summary]
action.summary_index = 1
search = 855 | stats count by host | nosuchcommand
"""


def test_searches_that_write_state_run_before_the_detections_and_no_others_run(tmp_path: Path) -> None:
    app = copy_with_lookups(tmp_path / "app", {})
    (app.path / "default" / "savedsearches.conf").write_text(SEEN_HOST, encoding="utf-8")
    (app.path / "lookups" / "hosts.csv").write_text("host,seen\n", encoding="utf-8")
    done = hunt_with(app.path, HIT, "--format", "jsonl")
    [one] = findings(done)
    assert one["row"]["seen"] == "1"  # type: ignore[index]  # the row is an object
    assert "detections run: 1, findings: 1" in done.stderr
    assert (app.path / "lookups" / "hosts.csv").read_text(encoding="utf-8") == "host,seen\n"


# A detection that calls a host new of which the site's baseline knows nothing, in an app of its own.
NEW_HOST = """
[New Host]
action.correlationsearch.enabled = 1
search = * | stats count, min(_time) as first_time by host \\
| lookup local=true package_baseline baseline_kind AS host OUTPUT baseline_thing AS known \\
| where isnull(known) \\
| table first_time, host, count

[Other]
action.correlationsearch.enabled = 1
search = * | stats count | where count>1000
"""


@pytest.fixture
def with_baseline(tmp_path: Path) -> Path:
    app = copy_with_lookups(tmp_path / "app", {}).path
    (app / "default" / "savedsearches.conf").write_text(NEW_HOST, encoding="utf-8")
    return app


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("known.csv", "_key,baseline_kind,baseline_thing\n1,ws-0142.corp.example,known\n"),
        (
            "known.json",
            '[{"_key": "1", "_user": "nobody", "baseline_kind": "ws-0142.corp.example", "baseline_thing": "known"}]',
        ),
    ],
)
def test_a_baseline_can_be_given_as_the_records_of_its_collection(
    with_baseline: Path, name: str, text: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    done = hunt_with(with_baseline, HIT, "--baseline", tmp_path / name, "--format", "jsonl")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "no baseline" not in done.stderr
    assert (tmp_path / name).read_text(encoding="utf-8") == text


def test_that_no_baseline_is_there_is_said_once_and_only_to_whom_it_matters(with_baseline: Path) -> None:
    line = "no baseline: nothing is called new; --baseline FILE gives the records of package_baseline (CSV or JSON)"
    assert hunt_with(with_baseline, HIT).stderr.splitlines().count(line) == 1
    assert "no baseline" not in hunt_with(with_baseline, HIT, "--detection", "other").stderr


def test_logs_are_no_baseline_of_their_own_and_add_to_one_that_is_given(tmp_path: Path) -> None:
    """What a log of five weeks shows last is new only if somebody vouches for what was there before."""
    planned = {
        "2026-01-02T09:00:00Z": "Northwind.Viewer_1.4.0.0_x64__c2yjt6za8ar62",
        "2026-02-06T09:00:00Z": "Litware.Notes_3.0.0.0_x64__26wvaxeevgb8t",
    }
    events = [WindowsEvent(855, at, {"PackageMoniker": f" addPackageList: {name}"}) for at, name in planned.items()]
    log = tmp_path / "log.xml"
    log.write_text("".join(map(render, events)), encoding="utf-8")
    options = ("--detection", "*never_seen*", "--format", "jsonl")
    assert hunt_with(ROOT, log, *options).stdout == ""
    known = tmp_path / "known.csv"
    known.write_text("baseline_kind,baseline_thing,first_seen\nstart,-,1760000000\n", encoding="utf-8")
    found = [json.loads(line) for line in hunt_with(ROOT, log, "--baseline", known, *options).stdout.splitlines()]
    assert {one["row"]["package_name"] for one in found} == {"Northwind.Viewer", "Litware.Notes"}


def test_a_baseline_of_something_else_is_one_message(with_baseline: Path, tmp_path: Path) -> None:
    (tmp_path / "wrong.csv").write_text("kind,thing\na,b\n", encoding="utf-8")
    done = hunt_with(with_baseline, HIT, "--baseline", tmp_path / "wrong.csv")
    assert (done.returncode, done.stdout) == (2, "")
    assert "wrong.csv: lookup package_baseline has no field 'kind'; it has _key, baseline_kind" in done.stderr


def health(*arguments: str | Path) -> dict[tuple[str, str, str], dict[str, str]]:
    """The rows of the health reports by topic, subject and host."""
    done = hunt("--health", "--format", "jsonl", *arguments)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return {(row["topic"], row["subject"], row.get("host", "-")): row for row in rows}


def written_log(folder: Path, *events: WindowsEvent) -> Path:
    path = folder / "log.xml"
    path.write_text("".join(map(render, events)), encoding="utf-8")
    return path


def test_health_tells_what_arrives_and_what_to_do_about_the_rest() -> None:
    """One event of a deployment is all that there is: two channels of it, and half of its steps, are missing."""
    found = health(HIT)
    deployment = found["hosts", "deployment", "ws-0142.corp.example"]
    assert (deployment["status"], deployment["time"]) == ("ok", "2026-03-02T09:14:00.123Z")
    assert (deployment["format"], deployment["path"], deployment["arrives"]) == ("XML", "direct", "yes")
    assert found["sources", "deployment", "-"]["status"] == "ok"
    packaging = found["sources", "packaging", "-"]
    assert packaging["status"] == "warning"
    assert packaging["action"].splitlines()[1:4] == [
        "[WinEventLog://Microsoft-Windows-AppxPackaging/Operational]",
        "disabled = 0",
        "renderXml = true",
    ]
    assert found["hosts", "packaging", "ws-0142.corp.example"]["arrives"] == "no"
    # 855 says what was planned; nothing says whether it was done, so that detections know less.
    assert found["deployments", "400", "ws-0142.corp.example"]["status"] == "problem"
    scripts = found["searches", "Package Abuse - Windows Scripted MSIX Sideload - Rule", "-"]
    assert scripts["status"] == "problem"
    assert "powershell or sysmon or security" in scripts["detail"]
    assert found["searches", "Package Abuse - Windows Developer-Signed MSIX Package Installation - Rule", "-"][
        "status"
    ] == ("ok")
    assert found["lookups", "package_publishers", "-"]["status"] == "ok"
    # Nothing is said of what only a Splunk has.
    assert not {"package_baseline", "package_lineage", "scheduler"} & {subject for _, subject, _ in found}


def test_a_host_is_silent_where_others_went_on_and_old_logs_are_not(tmp_path: Path) -> None:
    path = written_log(
        tmp_path,
        WindowsEvent(855, "2020-01-01T09:00:00Z", {"PackageMoniker": "x"}, host="early"),
        WindowsEvent(855, "2020-01-02T08:59:59Z", {"PackageMoniker": "x"}, host="late"),
    )
    late, early = ("hosts", "deployment", "late"), ("hosts", "deployment", "early")
    # 23:59:59 hours apart: nobody is silent, although these events are years old.
    found = health(path)
    assert (found[early]["status"], found[late]["status"]) == ("ok", "ok")
    # Had there been events until ten seconds later, the first host would have been silent for a day.
    found = health(path, "--latest", "2020-01-02T09:00:10Z")
    assert (found[early]["status"], found[late]["status"]) == ("problem", "ok")
    assert found[early]["detail"].startswith("It sent nothing for 24 hours.")
    assert found["sources", "deployment", "early"]["status"] == "warning"


def test_exceptions_of_a_file_are_part_of_its_health(tmp_path: Path) -> None:
    path = written_exceptions(tmp_path, "*,ws-1,*,*,*,*,*,2020-01-01,soc,over", "*,ws-2,*,*,*,*,*,never,soc,fine")
    rows = {key: row["status"] for key, row in health(HIT, "--exceptions", path).items() if key[0] == "exceptions"}
    assert rows == {("exceptions", "package_exceptions_site", "-"): "ok", ("exceptions", "row 1", "-"): "problem"}


def test_the_table_of_health_has_what_to_copy_and_hides_no_damage(tmp_path: Path) -> None:
    (tmp_path / "no.xml").write_text("<Event><!DOCTYPE x>", encoding="utf-8")
    done = hunt("--health", "--fail-on-findings", HIT, tmp_path / "no.xml")
    assert done.returncode == 2
    assert "no.xml" in done.stderr
    lines = done.stdout.splitlines()
    assert [line.strip() for line in lines if line.startswith("Package Health - ")] == [
        *("Package Health - Report", "Package Health - Hosts"),
    ]
    assert "[WinEventLog://Microsoft-Windows-AppxPackaging/Operational]" in lines
    assert "renderXml = true" in lines
    assert hunt("--health", "--fail-on-findings", HIT).returncode == 1


def written_exceptions(folder: Path, *rows: str) -> Path:
    header = (ROOT / "lookups" / "package_exceptions_site.csv.default").read_text(encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "exceptions.csv"
    path.write_text(header + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def test_a_file_of_exceptions_is_checked_by_what_reviews_those_of_a_splunk(tmp_path: Path) -> None:
    path = written_exceptions(
        tmp_path,
        f"{SLUG},ws-*,*,CiscoSystems.Webex_*,*,*,*,never,soc,a test",
        "windows_developer_singed,*,*,Foo_*,*,*,*,2999-12-31,soc,misspelt",
        "",
        f"{SLUG},*,*,,*,*,*,2999-12-31,soc,an empty cell",
        f"{SLUG},ws-1,*,*,*,*,*,2999-02-30,soc,no such day",
        f"{SLUG},ws-2,*,*,*,*,*,2020-01-01,soc,over",
        "*,*,*,*,*,*,*,2999-12-31,soc,everything",
        f"{SLUG},ws-3,*,*,*,*,*,never,,nobody",
    )
    done = hunt("exceptions", "check", path)
    assert done.returncode == 1
    assert [line.removeprefix(f"{path}:").split(": ")[:3] for line in done.stdout.splitlines()] == [
        ["3", "windows_developer_singed, Foo_*, 2999-12-31, soc, misspelt", "unknown detection"],
        ["5", f"{SLUG}, 2999-12-31, soc, an empty cell", "empty package family name"],
        ["6", f"{SLUG}, ws-1, 2999-02-30, soc, no such day", "no date"],
        ["7", f"{SLUG}, ws-2, 2020-01-01, soc, over", "expired"],
        ["8", "2999-12-31, soc, everything", "matches everything"],
        ["9", f"{SLUG}, ws-3, never, nobody", "no owner"],
    ]
    assert all(line.count(": ") >= 3 and line.endswith(".") for line in done.stdout.splitlines())
    assert done.stderr == "rows: 7, lines with problems: 6\n"


def test_exceptions_that_are_all_right_and_those_that_are_no_table(tmp_path: Path) -> None:
    good = written_exceptions(tmp_path, "*,*,*,CiscoSystems.Webex_*,*,*,*,never,soc,a test")
    done = hunt("exceptions", "check", good)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "rows: 1, lines with problems: 0\n")
    (tmp_path / "wrong.csv").write_text("detection,dest\n*,*,*\n", encoding="utf-8")
    wrong = hunt("exceptions", "check", tmp_path / "wrong.csv")
    assert (wrong.returncode, wrong.stderr) == (2, "")
    assert wrong.stdout.splitlines()[-1].endswith(
        ": line 1: the header must be "
        "detection,dest,user,package_family_name,package_publisher_id,process,source,expires,owner,reason"
    )
    assert hunt("exceptions", "check").returncode == 2
    odd = hunt("exceptions", "check", os.fsdecode(b"\xff.csv"))
    assert (odd.returncode, odd.stdout) == (2, "\\udcff.csv: cannot be read: No such file or directory\n")
    assert "Usage: hunt exceptions check [OPTIONS] FILE" in hunt("exceptions", "check", "--help").stdout


@pytest.mark.parametrize("arguments", [("exceptions",), ("./exceptions", "check"), ("exceptions/", "check")])
def test_a_folder_that_is_called_exceptions_can_be_read(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("exceptions", "check"):
        (tmp_path / name).mkdir()
        shutil.copy(HIT, tmp_path / name / "log.xml")
    monkeypatch.chdir(tmp_path)
    done = hunt(*arguments, *ONLY, "--format", "jsonl")
    assert f"files read: {len(arguments)}, events: {len(arguments)}, damages: 0" in done.stderr


def test_many_different_warnings_are_bounded(tmp_path: Path) -> None:
    app = copy_with_lookups(tmp_path / "app", {})
    script = app.path / "bin" / "msixdecode.py"
    future = "from __future__ import annotations\n"
    noise = "import sys\nfor number in range(200): print('noise', number, file=sys.stderr)\n"
    script.write_text(script.read_text(encoding="utf-8").replace(future, future + noise), encoding="utf-8")
    done = hunt_with(app.path, HIT)
    assert done.stderr.count("warning: ") == 51
    assert "warning: and others, of which there are too many to tell" in done.stderr


def test_a_report_is_utf_8_whatever_the_terminal_says(tmp_path: Path) -> None:
    log = tmp_path / "event.xml"
    log.write_text(HIT.read_text(encoding="utf-8").replace("ws-0142", "büro-中"), encoding="utf-8")
    for form in ("jsonl", "csv", "table"):
        done = subprocess.run(
            [sys.executable, str(ROOT / "hunt"), "--format", form, str(log)],
            env={**os.environ, "PYTHONIOENCODING": "cp1252"},
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        assert "büro-中".encode() in done.stdout
