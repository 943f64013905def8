"""``./hunt`` as people start it: a process, files in, a report out, an exit status."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.apps import ROOT, copy_with_lookups

SLUG = "windows_developer_signed_msix_package_installation"
CASES = ROOT / "tests" / "detections" / SLUG
HIT = CASES / "known_malicious_publisher.xml"


def hunt(*arguments: str | Path, stdin: bytes | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "hunt"), *map(str, arguments)]
    done = subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=60)
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


def findings(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_demo_finds_what_it_shows() -> None:
    done = hunt("--demo", "--format", "jsonl")
    assert done.returncode == 0
    found = {(one["dest"], one["row"]["package_name"], one["risk_score"], one["severity"]) for one in findings(done)}  # type: ignore[index]  # the row is an object
    assert found == {
        ("ws-0217.corp.example", "CiscoSystems.Webex", 80, "high"),
        ("ws-0142.corp.example", "8wekyb3d8bbwe.Zoom", 65, "high"),
        ("ws-0300.corp.example", "Microsoft.Teams.Update", 55, "medium"),
        ("dev-0009.corp.example", "Litware.Notes", 25, "low"),
    }
    assert "events: 19, damages: 0" in done.stderr
    assert "channels: Microsoft-Windows-AppXDeploymentServer/Operational (19)" in done.stderr
    assert "detections run: 1, findings: 4" in done.stderr


def test_a_finding_is_one_json_line_with_every_promised_key() -> None:
    [one] = findings(hunt(HIT, "--format", "jsonl"))
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
    header, row = csv.reader(io.StringIO(hunt(HIT, "--format", "csv").stdout))
    assert dict(zip(header, row, strict=True))["publisher_name"] == "IMPERIOUS TECHNOLOGIES LIMITED"


def test_a_report_can_be_written_to_a_file_and_findings_can_set_the_status(tmp_path: Path) -> None:
    report = tmp_path / "report.jsonl"
    done = hunt(HIT, "--format", "jsonl", "-o", report, "--fail-on-findings")
    assert (done.returncode, done.stdout) == (1, "")
    assert len(report.read_text(encoding="utf-8").splitlines()) == 1
    assert hunt(HIT, "--fail-on-findings", "--min-risk", "81").returncode == 0


def test_standard_input_is_read_like_a_file() -> None:
    done = hunt("-", "--format", "jsonl", stdin=HIT.read_bytes())
    assert len(findings(done)) == 1


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (["--earliest", "2026-03-02T09:14:00Z"], 1),
        (["--earliest", "2026-03-02T09:14:01Z"], 0),
        (["--latest", "2026-03-02T09:14:01Z"], 1),
        (["--latest", "2026-03-02T09:14:00Z"], 0),
        (["--latest", "-1d@d", "--earliest", "1772442840"], 1),
        (["--min-risk", "80"], 1),
        (["--min-risk", "81"], 0),
        (["--detection", "windows_*_msix_*"], 1),
        (["--detection", "Windows Developer*"], 1),
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
        ([str(HIT), "--detection", "nosuch*"], f"nothing is called nosuch*. There are: {SLUG}"),
        ([str(HIT), "--earliest", "soon"], "--earliest"),
        ([str(HIT), "--exceptions", "nosuchfile.csv"], "there is no file 'nosuchfile.csv'"),
        ([str(HIT), "-o", "no/such/folder/report"], "--output"),
    ],
)
def test_wrong_usage_is_one_message_and_status_2(arguments: list[str], message: str) -> None:
    done = hunt(*arguments)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


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
        "main(Hunt(app=Path(sys.argv.pop(1)), exceptions='package_exceptions_site', demo=Path('none')))"
    )
    command = [sys.executable, "-c", code, str(app), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, timeout=60, text=True, encoding="utf-8", cwd=ROOT)


def test_explain_shows_every_stage_of_a_search_that_found_something() -> None:
    done = hunt(HIT, "--explain", "--format", "jsonl")
    assert len(findings(done)) == 1
    assert "Windows Developer-Signed MSIX Package Installation: 1 row" in done.stderr
    assert "1 left: msixdecode expand=true PackageMoniker" in done.stderr
    assert "why:" not in done.stderr


def test_explain_names_the_exception_that_hid_a_finding(tmp_path: Path) -> None:
    header = (ROOT / "lookups" / "package_exceptions_site.csv.default").read_text(encoding="utf-8")
    exceptions = tmp_path / "exceptions.csv"
    exceptions.write_text(
        header
        + "*,*,*,CiscoSystems.Webex_*,*,*,*,2020-01-01,soc,expired\n"
        + "*,*,*,CiscoSystems.Webex_*,*,*,*,never,soc,a test\n",
        encoding="utf-8",
    )
    done = hunt(HIT, "--explain", "--exceptions", exceptions)
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
    done = hunt_with(app.path, HIT)
    assert (done.returncode, done.stdout) == (2, "")
    first, shown, caret, *calls = done.stderr.splitlines()
    assert first.startswith(
        f'hunt: default/macros.conf:{line}: stanza [package_risk(1)]: "mni" is no supported function'
    )
    assert shown[caret.index("^") : caret.rindex("^") + 1] == "mni"
    assert calls[0].startswith(f"    from `package_risk({SLUG})` at default/savedsearches.conf:")
    assert calls[0].endswith(": stanza [Package Abuse - Windows Developer-Signed MSIX Package Installation - Rule]")


def test_searches_that_write_state_run_before_the_detections(tmp_path: Path) -> None:
    app = copy_with_lookups(tmp_path / "app", {})
    saved = app.path / "default" / "savedsearches.conf"
    state = (
        "\n[Remember hosts]\nsearch = `wineventlog_appxdeploymentserver` 855 "
        "| stats count as seen by host | outputlookup hosts.csv\n"
    )
    text = saved.read_text(encoding="utf-8") + state
    text = text.replace("| `package_window` \\\n", "| lookup hosts.csv host AS dest OUTPUT seen \\\n", 1)
    text = text.replace(
        "| table first_time, last_time, count, dest,", "| table first_time, last_time, count, seen, dest,"
    )
    saved.write_text(text, encoding="utf-8")
    (app.path / "lookups" / "hosts.csv").write_text("host,seen\n", encoding="utf-8")
    done = hunt_with(app.path, HIT, "--format", "jsonl")
    [one] = findings(done)
    assert one["row"]["seen"] == "1"  # type: ignore[index]  # the row is an object
    assert "detections run: 1, findings: 1" in done.stderr


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
