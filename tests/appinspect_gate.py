"""Judge a JSON report of Splunk AppInspect: it passes if it holds nothing but the listed warnings, each with a reason.

AppInspect's own exit status cannot say that: some warnings are unavoidable, and a misspelt selection of checks
succeeds.
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FEWEST_CHECKS = 250
"""AppInspect 4.3.1 runs 252 checks if none are selected, and 12 if the selection names an unknown tag."""

HARMLESS = {"success", "not_applicable"}


def problems(report: dict[str, Any], expected: list[dict[str, str]]) -> list[str]:
    """Return what is wrong, one text a problem; none if the package passes.

    Args:
        report: what AppInspect writes with ``--data-format json``.
        expected: the accepted warnings: ``check`` (its name), ``reason``, and optionally ``message``, a pattern
            searched for in the warning's text. One that no warning matches is a problem too.
    """
    checks = [check for part in report["reports"] for group in part["groups"] for check in group["checks"]]
    found = []
    if len(checks) < FEWEST_CHECKS:
        found.append(f"only {len(checks)} checks were run, at least {FEWEST_CHECKS} are needed")
    seen = set()
    for check in checks:
        for result, text in _messages(check):
            matching = [
                number
                for number, entry in enumerate(expected)
                if result == "warning" and entry["check"] == check["name"] and re.search(entry.get("message", ""), text)
            ]
            seen.update(matching)
            if not matching:
                found.append(f"{result}: {check['name']}: {text}")
    for number, entry in enumerate(expected):
        if not entry.get("reason", "").strip():
            found.append(f"the accepted warning of {entry['check']} has no reason")
        if number not in seen:
            found.append(f"the accepted warning of {entry['check']} does not occur any more: remove it from the list")
    return found


def _messages(check: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The result and text of each message of a check that is not harmless; of the check itself if it gives none."""
    if check["result"] in HARMLESS:
        return
    messages = [message for message in check["messages"] if message["result"] not in HARMLESS]
    for message in messages:
        yield message["result"], " ".join(message["message"].split())
    if all(message["result"] != check["result"] for message in messages):
        yield check["result"], "(no message)"


def main(arguments: list[str]) -> int:
    """Print the verdict on the report (first argument) with the list of accepted warnings (second)."""
    report = json.loads(Path(arguments[0]).read_text("utf-8"))
    expected = tomllib.loads(Path(arguments[1]).read_text("utf-8")).get("warning", [])
    found = problems(report, expected)
    for problem in found:
        sys.stderr.write(f"AppInspect: {problem}\n")
    counts = ", ".join(f"{count} {result}" for result, count in sorted(report["summary"].items()))
    verdict = "not fit for release" if found else f"passed, {len(expected)} warnings accepted with a reason"
    sys.stdout.write(f"AppInspect: {counts}: {verdict}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
