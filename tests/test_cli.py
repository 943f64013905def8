"""``./hunt`` as people start it: a process, files in, a report out, an exit status."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.apps import ROOT

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
    assert "19 events, 0 damages" in done.stderr
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
