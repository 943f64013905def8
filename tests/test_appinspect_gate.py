import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.appinspect_gate import problems

GATE = Path(__file__).with_name("appinspect_gate.py")


def report(*checks: dict[str, Any], passed: int = 252) -> dict[str, Any]:
    filler = [{"name": f"check_{number}", "result": "success", "messages": []} for number in range(passed)]
    return {"summary": {"success": passed}, "reports": [{"groups": [{"checks": filler}, {"checks": list(checks)}]}]}


def check(name: str, result: str, *texts: str) -> dict[str, Any]:
    return {"name": name, "result": result, "messages": [{"result": result, "message": text} for text in texts]}


ACCEPTED = {"check": "check_sdk", "message": r"2\.1\.1", "reason": "Older Pythons."}
SDK = check("check_sdk", "warning", "Outdated version (2.1.1)")

VERDICTS = [
    (report(), [], []),
    (report(SDK), [ACCEPTED], []),
    (report(check("check_a", "not_applicable", "No such file.")), [], []),
    # a warning that nobody accepted
    (report(SDK), [], ["warning: check_sdk: Outdated version (2.1.1)"]),
    # the accepted check, another message
    (
        report(SDK, check("check_sdk", "warning", "Edited file")),
        [ACCEPTED],
        ["warning: check_sdk: Edited file"],
    ),
    # an accepted warning that became a failure
    (
        report(check("check_sdk", "failure", "Outdated version (2.1.1)")),
        [ACCEPTED],
        [
            "failure: check_sdk: Outdated version (2.1.1)",
            "the accepted warning of check_sdk does not occur any more: remove it from the list",
        ],
    ),
    # the four results that never pass
    (report(check("check_a", "error", "boom")), [], ["error: check_a: boom"]),
    (report(check("check_a", "future_failure", "soon")), [], ["future_failure: check_a: soon"]),
    (report(check("check_a", "skipped", "not run")), [], ["skipped: check_a: not run"]),
    (report(check("check_a", "failure")), [], ["failure: check_a: (no message)"]),
    # an unknown tag: almost nothing was run
    (report(passed=12), [], ["only 12 checks were run, at least 250 are needed"]),
    # an acceptance without a reason
    (report(SDK), [{"check": "check_sdk", "reason": " "}], ["the accepted warning of check_sdk has no reason"]),
]


@pytest.mark.parametrize(("inspected", "expected", "found"), VERDICTS)
def test_only_accepted_warnings_pass(
    inspected: dict[str, Any], expected: list[dict[str, str]], found: list[str]
) -> None:
    assert problems(inspected, expected) == found


def test_the_exit_status_and_the_messages_tell_the_verdict(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(json.dumps(report(SDK)), "utf-8")
    (tmp_path / "none.toml").write_text("", "utf-8")
    (tmp_path / "sdk.toml").write_text('[[warning]]\ncheck = "check_sdk"\nreason = "Older Pythons."\n', "utf-8")

    def judge(accepted: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(GATE), "report.json", accepted]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert judge("sdk.toml").returncode == 0
    refused = judge("none.toml")
    assert refused.returncode == 1
    assert refused.stderr == "AppInspect: warning: check_sdk: Outdated version (2.1.1)\n"
    assert refused.stdout == "AppInspect: 252 success: not fit for release\n"
