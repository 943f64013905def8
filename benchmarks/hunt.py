"""Measure ./hunt over copies of EVTX samples, against its goals; prints Markdown.

    python benchmarks/hunt.py --samples FOLDER [--events N] [--runs N] [--detections N]

FOLDER (or the environment variable PACKAGE_ABUSE_SAMPLES) holds .evtx files of any origin. Two sets of logs are made
from copies of them: one of N events, and one of 600 small files with 25,000 events or more. Over each runs the bare
reader (the ``evtx`` library, which makes the XML of every record, and nothing else), and hunt with one detection, with
all of the app, and with all and N synthetic ones beside, which read the channels that the samples have. A third set is
the demo's logs over and over, a tenth of N events which nearly all matter. All take turns; every figure is the median
over the runs. Time is the processor time of the process and its children, start-up included, and beside it the time
that passed. Memory is the largest sum over the process and its children, seen 50 times a second (Linux only).
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "tests" / "demo"

SMALL = 600
SMALL_SIZE = 100_000_000
LARGE_FILE = 200_000  # bytes from which a sample counts as large

BARE = """
import sys
from pathlib import Path
from evtx import PyEvtxParser
count = 0
for path in sorted(Path(sys.argv[1]).glob("*.evtx")):
    records = PyEvtxParser(str(path)).records()
    while True:
        try:
            for record in records:
                count += 1
            break
        except RuntimeError:
            pass
print(count)
"""

HUNT = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv.pop(1))
from searchhead.cli import Hunt, main
app = Path(sys.argv.pop(1))
main(Hunt(app=app, exceptions="package_exceptions_site", baseline="package_baseline", demo=Path("none")))
"""

# What the synthetic detections look for: the end of a source and a text. They are as choosy as real ones: an event ID,
# or a name that is seldom in an event.
WANTED = (
    ("Microsoft-Windows-Sysmon/Operational", "msiexec"),
    ("Microsoft-Windows-Sysmon/Operational", "WindowsApps"),
    ("Microsoft-Windows-Sysmon/Operational", "rundll32"),
    ("Security", "4688"),
    ("Security", "1102"),
    ("System", "7045"),
    ("Application", "11707"),
    ("Microsoft-Windows-PowerShell/Operational", "Add-AppxPackage"),
    ("Microsoft-Windows-AppXDeploymentServer/Operational", "400"),
    ("Microsoft-Windows-AppXDeployment/Operational", "327"),
)
SYNTHETIC = """
[Synthetic {number}]
action.correlationsearch.enabled = 1
search = source="*:{source}" {text} \\
| `package_event_fields` \\
| eval number={number} \\
| stats count, min(_time) as first_time, max(_time) as last_time by dest, user, number \\
| `package_window` \\
| where count>1000000000
"""


class Run(NamedTuple):
    """One process: seconds of the processor, seconds that passed, peak MiB of it and its children (0: not known)."""

    processor: float
    passed: float
    memory: float


class Task(NamedTuple):
    """What is measured: its name, and its command line without the folder of the logs."""

    name: str
    command: list[str]


def main() -> None:
    """Print one table for each set of logs, then the goals."""
    options = _options()
    samples = sorted(Path(options.samples).rglob("*.evtx"))
    if not samples:
        sys.exit(f"no .evtx files in {options.samples}")
    with tempfile.TemporaryDirectory(prefix="hunt-benchmark-") as scratch:
        tasks = _tasks(Path(scratch), options.detections)
        print(f"Python {platform.python_version()}, {os.cpu_count()} processors, {options.runs} runs\n")
        large = _measure(_logs(Path(scratch, "large"), _repeated(samples, options.events)), tasks, options.runs)
        small = _measure(_logs(Path(scratch, "small"), _many_small(samples)), tasks, options.runs)
        demo, events = _demo(Path(scratch, "demo"), options.events // 10)
        matter = _measure(demo, tasks[1:], options.runs, events)
    _goals(large, small, matter)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", default=os.environ.get("PACKAGE_ABUSE_SAMPLES"), help="a folder with EVTX files")
    parser.add_argument("--events", type=int, default=1_000_000, help="events in the large set")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--detections", type=int, default=20, help="synthetic detections")
    options = parser.parse_args()
    if not options.samples:
        parser.error("--samples, or PACKAGE_ABUSE_SAMPLES, must name a folder with EVTX files")
    return options


def _tasks(scratch: Path, synthetic: int) -> list[Task]:
    more = scratch / "app"
    for folder in ("default", "bin", "lookups"):
        shutil.copytree(ROOT / folder, more / folder, ignore=shutil.ignore_patterns("__pycache__"))
    with (more / "default" / "savedsearches.conf").open("a", encoding="utf-8") as file:
        for number, (source, text) in enumerate(islice(cycle(WANTED), synthetic)):
            file.write(SYNTHETIC.format(number=number, source=source, text=text))

    def hunt(app: Path, *arguments: str) -> list[str]:
        return [sys.executable, "-c", HUNT, str(ROOT), str(app), "--format", "jsonl", *arguments]

    return [
        Task("bare reader", [sys.executable, "-c", BARE]),
        Task("one detection", hunt(ROOT, "--detection", "windows_developer_signed_msix_package_installation")),
        Task("all detections", hunt(ROOT)),
        Task(f"all and {synthetic} synthetic", hunt(more)),
    ]


def _repeated(samples: Sequence[Path], events: int) -> Iterator[Path]:
    counts = {path: _count(path) for path in samples}
    for path in cycle(samples):
        if events <= 0:
            return
        events -= counts[path]
        yield path


def _many_small(samples: Sequence[Path]) -> Iterator[Path]:
    """As many small samples as make 600 files of 100 MB together with some larger ones."""
    small = [path for path in samples if path.stat().st_size < LARGE_FILE] or list(samples)
    large = [path for path in samples if path.stat().st_size >= LARGE_FILE and path not in small]
    files: list[Path] = []
    left = SMALL_SIZE
    for path in cycle(large) if large else ():
        typical = sum(one.stat().st_size for one in small) / len(small)
        if left - path.stat().st_size < typical * (SMALL - len(files)):
            break
        files.append(path)
        left -= path.stat().st_size
    yield from files
    yield from islice(cycle(small), SMALL - len(files))


def _logs(folder: Path, samples: Iterator[Path]) -> Path:
    folder.mkdir()
    for number, path in enumerate(samples):
        shutil.copyfile(path, folder / f"{number:06}.evtx")
    return folder


def _demo(folder: Path, events: int) -> tuple[Path, int]:
    lines = [line for path in DEMO.glob("*.xml") for line in path.read_text(encoding="utf-8").splitlines(keepends=True)]
    count = sum("<Event " in line for line in lines)
    folder.mkdir()
    with (folder / "demo.xml").open("w", encoding="utf-8") as file:
        for _ in range(events // count):
            file.writelines(lines)
    return folder, events // count * count


def _count(path: Path) -> int:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(path, Path(folder, "one.evtx"))
        return int(_output([sys.executable, "-c", BARE, folder]))


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def _measure(logs: Path, tasks: Sequence[Task], runs: int, events: int = 0) -> dict[str, Run]:
    """Run the tasks over a set of logs; the first one is what the others are compared with, and counts the events."""
    events = events or int(_output([*tasks[0].command, str(logs)]))
    files = sum(1 for _ in logs.iterdir())
    size = sum(path.stat().st_size for path in logs.iterdir())
    found: dict[str, list[Run]] = {task.name: [] for task in tasks}
    for _ in range(runs):
        for task in tasks:
            found[task.name].append(_run([*task.command, str(logs)]))
    medians = {
        name: Run(*(statistics.median(figures) for figures in zip(*measured, strict=True)))
        for name, measured in found.items()
    }
    bare = medians[tasks[0].name].processor
    print(f"{events:,} events in {files:,} files, {size / 1e6:,.0f} MB\n")
    print(f"| | processor s | passed s | events/s | speed of {tasks[0].name} | peak MiB |")
    print("|---|--:|--:|--:|--:|--:|")
    for name, run in medians.items():
        speed = events / run.processor
        print(
            f"| {name} | {run.processor:.2f} | {run.passed:.2f} | {speed:,.0f} | {bare / run.processor:.0%} "
            f"| {run.memory:.0f} |"
        )
    print()
    return medians


def _goals(large: dict[str, Run], small: dict[str, Run], matter: dict[str, Run]) -> None:
    bare, one, every, most = large.values()
    peak = max(run.memory for runs in (large, small, matter) for run in runs.values())
    _, few, many = matter.values()
    goals = [
        ("all detections cost less than twice one", every.processor / one.processor, "<", 2),
        ("so do all and the synthetic ones, on logs that matter to them", most.processor / one.processor, "<", 2),
        ("events that matter, all and the synthetic ones: as one", many.processor / few.processor, "<", 2),
        ("events/s of the bare reader's", bare.processor / every.processor, ">", 0.5),
        ("peak MiB at any size", peak, "<", 300),
        ("seconds over 600 small files, all and the synthetic ones", list(small.values())[-1].passed, "<", 1),
    ]
    print("| goal | bound | measured | met |")
    print("|---|--:|--:|---|")
    for what, measured, sign, bound in goals:
        met = measured < bound if sign == "<" else measured >= bound
        print(f"| {what} | {sign} {bound:g} | {measured:.2f} | {'yes' if met else 'NO'} |")


def _run(command: list[str]) -> Run:
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    watch = _Watch(process.pid)
    watch.start()
    said = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    passed = time.perf_counter() - started
    watch.done.set()
    watch.join()
    if process.returncode not in (0, 2) or b"Traceback" in said:  # 2: the samples have damaged logs among them
        sys.exit(f"{command} failed:\n{said.decode(errors='replace')}")
    return Run(usage.ru_utime + usage.ru_stime, passed, watch.peak / 1024)


class _Watch(threading.Thread):
    """Sees how much memory a process and its children have together; ``peak`` is in KiB."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self._process = process
        self.peak = 0
        self.done = threading.Event()

    def run(self) -> None:
        """Look until it is done."""
        while not self.done.wait(0.02):
            self.peak = max(self.peak, sum(map(_resident, _family(self._process))))


def _family(process: int) -> Iterator[int]:
    yield process
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = path.read_text().split()
        except OSError:
            return  # it has ended
        for child in children:
            yield from _family(int(child))


def _resident(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)


if __name__ == "__main__":
    main()
