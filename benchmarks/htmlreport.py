"""Measure the page of a report with many findings: how long it takes to make, and a browser to get ready; Markdown.

    python benchmarks/htmlreport.py [--findings N]

The logs are those of the demo over and over, each time with hosts of their own, until a hunt has N findings. The cost
of making the page is told beside that of the same hunt's JSON lines, the browser's beside that of a bare page, which
has the sentence of each finding in a paragraph and nothing else. Times are processor time (of the hunt with its
children; of the page's own thread in the browser), and beside it the time that passed: from opening the file until the
page answers a click, the median of several runs. Needs Chromium on the PATH, and Playwright from
requirements/tests.txt.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time
from html import escape
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser  # noqa: E402 - the line above makes the next one work

from tests.browser import browser  # noqa: E402 - as above

DEMO = ROOT / "tests" / "demo"
RUNS = 5  # of the browser; the hunts take long enough to be measured once
GOAL = 3.0  # seconds until a page of 10,000 findings can be used


class Cost(NamedTuple):
    """Seconds of the processor, and seconds that passed."""

    processor: float
    passed: float

    def __str__(self) -> str:
        return f"{self.processor:.2f} s ({self.passed:.2f} s)"


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--findings", type=int, default=10_000)
    findings = parser.parse_args().findings
    with tempfile.TemporaryDirectory(prefix="htmlreport-benchmark-") as scratch:
        folder = Path(scratch)
        lines, page, bare = folder / "findings.jsonl", folder / "report.html", folder / "bare.html"
        _hunt(DEMO, "jsonl", lines)
        copies = -(-findings // len(lines.read_text(encoding="utf-8").splitlines()))
        logs = _logs(folder / "logs", copies)
        as_lines, as_page = _hunt(logs, "jsonl", lines), _hunt(logs, "html", page)
        found = [json.loads(line)["why"] for line in lines.read_text(encoding="utf-8").splitlines()]
        bare.write_text("<!DOCTYPE html>" + "".join(f"<p>{escape(why)}</p>" for why in found), encoding="utf-8")
        with browser() as opened:
            plain, whole = (sorted(_open(opened, one) for _ in range(RUNS))[RUNS // 2] for one in (bare, page))
        size = f"a page of {page.stat().st_size / 1e6:.0f} MB"
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, {len(found):,} findings, {size}\n")
    print("| | the page | for comparison | ratio |\n|---|--:|--:|--:|")
    _row("hunt (comparison: JSON lines)", as_page, as_lines)
    _row("ready in the browser (comparison: a bare page)", whole, plain)
    print(f"\nGoal: {GOAL:g} s until it can be used; {'met' if whole.passed < GOAL else 'not met'}.")


def _row(name: str, ours: Cost, other: Cost) -> None:
    print(f"| {name} | {ours} | {other} | {ours.processor / other.processor:.1f} |")


def _logs(folder: Path, copies: int) -> Path:
    """The demo's logs so many times, each with names of hosts that no other has."""
    folder.mkdir()
    for log in sorted(DEMO.glob("*.xml")):
        text = log.read_text(encoding="utf-8")
        with (folder / log.name).open("w", encoding="utf-8") as file:
            for copy in range(copies):
                file.write(re.sub(r"([a-z]+-\d{4})(?=\.corp\.example)", rf"\1-{copy}", text))
    return folder


def _hunt(logs: Path, form: str, output: Path) -> Cost:
    command = [sys.executable, str(ROOT / "hunt"), "--format", form, "-o", str(output), str(logs)]
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    passed, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(processor, passed)


def _open(opened: Browser, page: Path) -> Cost:
    """Open a page and click the first thing in it that can be clicked, which waits until it answers."""
    tab = opened.new_page()
    told = tab.context.new_cdp_session(tab)
    told.send("Performance.enable", {"timeDomain": "threadTicks"})
    started = time.monotonic()
    tab.goto(page.as_uri(), wait_until="load")
    tab.mouse.click(640, 400)
    tab.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    passed = time.monotonic() - started
    metrics = {one["name"]: one["value"] for one in told.send("Performance.getMetrics")["metrics"]}
    tab.close()
    return Cost(metrics["TaskDuration"], passed)


if __name__ == "__main__":
    main()
