"""Measure msixdecode against splunk-sdk and against its goals; prints Markdown.

    python benchmarks/msixdecode.py [--python PYTHON] [--events N] [--runs N] [--goal G1 --goal G7 ...]

All commands of a workload take turns (A B C A B C ...), every figure is the median over the runs, every ratio the
median of the ratios within one turn. Time is the processor time of the command's process while it answers chunks of
50,000 records (Linux; elsewhere the time until the reply, so keep the machine idle). On a machine that others use,
only ratios of one call mean something. ``bin/lib`` must be filled.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from searchhead.scp import INDEX, CommandProcess, encode_rows, getinfo  # noqa: E402 (found through the line above)
from searchhead.spl.values import Row, Value  # noqa: E402

FIELD = "PackageMoniker"
CHUNK = 50_000
BODIES = 4  # distinct chunks of a workload, sent in turn: more names than any cache holds
COMMANDS = {
    "sdk": ["benchmarks/reference_commands.py", "passthrough"],
    "csv": ["benchmarks/reference_commands.py", "csv"],
    "idiom": ["benchmarks/reference_commands.py", "idiomatic"],
    "ours": ["bin/msixdecode.py"],
}


class Run(NamedTuple):
    """One process: microseconds a record, milliseconds to the getinfo reply, seconds to the first reply, peak MiB."""

    time: float
    start: float
    first: float
    memory: float


class Goal(NamedTuple):
    """A bound on a figure: ours compared with a reference in a workload."""

    name: str
    what: str
    workload: str
    figure: str  # a field of Run; "speed" is how many times faster than the reference
    reference: str
    bound: float


GOALS = [
    Goal("G1", "single values: speed against sdk", "single", "speed", "sdk", 1.8),
    Goal("G1", "single values: speed against idiom", "single", "speed", "idiom", 4.5),
    Goal("G1", "single values: speed against csv", "single", "speed", "csv", 0.7),
    Goal("G2", "nothing repeats: speed against sdk", "distinct", "speed", "sdk", 0.6),
    Goal("G2", "nothing repeats: speed against idiom", "distinct", "speed", "idiom", 2.0),
    Goal("G3", "lists: speed against sdk", "list", "speed", "sdk", 0.6),
    Goal("G3", "lists: speed against idiom", "list", "speed", "idiom", 3.0),
    Goal("G3", "multivalues: speed against sdk", "multivalue", "speed", "sdk", 0.6),
    Goal("G3", "multivalues: speed against idiom", "multivalue", "speed", "idiom", 3.0),
    Goal("G4", "all 24 columns: speed against sdk", "all columns", "speed", "sdk", 3.0),
    Goal("G5", "10 times the records: time a record", "long", "time", "ours short", 1.1),
    Goal("G6", "10 times the records: memory", "long", "memory", "ours short", 1.1),
    Goal("G6", "single values: memory against idiom", "single", "memory", "idiom", 0.6),
    Goal("G7", "start-up against sdk", "single", "start", "sdk", 1.05),
    Goal("G8", "first reply to 50,000 records against sdk", "single", "first", "sdk", 0.5),
]

# ---- workloads

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
STEMS = ["Microsoft.VCLibs.140.00", "Microsoft.UI.Xaml.2.8", "Contoso.FieldTool", "Fabrikam.Viewer", "Northwind.Sync"]
OTHER_COLUMNS = 23  # of which the first is the whole event


def package_names(count: int) -> list[str]:
    """Distinct package full names of many publishers, made up but always the same."""
    chance = random.Random(7)  # noqa: S311 (made-up data, not secrets)
    publishers = ["8wekyb3d8bbwe", "cw5n1h2txyewy"]
    publishers += ["".join(chance.choices(ALPHABET, k=12)) + "0" for _ in range(400)]
    names = []
    for number in range(count):
        version = ".".join(str(chance.choice((0, 1, 14, 2207, 22621))) for _ in range(4))
        architecture = chance.choice(("x64", "x64", "x86", "arm64", "neutral"))
        resource = chance.choice(("", "", "", "~", "split.language-de"))
        stem = f"{chance.choice(STEMS)}.{number}"
        names.append(f"{stem}_{version}_{architecture}_{resource}_{chance.choice(publishers)}")
    return names


def values(workload: str, count: int) -> Iterator[Value]:
    """Values of the field: names as frequent as in a fleet (Zipf), every time another name, or lists of some."""
    chance = random.Random(8)  # noqa: S311 (as above)
    names = package_names(5_000)
    weights = [1 / (rank + 1) ** 1.1 for rank in range(len(names))]
    cumulated = [sum(weights[:1])]
    for weight in weights[1:]:
        cumulated.append(cumulated[-1] + weight)
    for number in range(count):
        if workload in ("list", "multivalue"):
            some = chance.choices(names, cum_weights=cumulated, k=min(24, 1 + int(chance.expovariate(0.25))))
            yield some if workload == "multivalue" else " addPackageList: " + " ".join(some)
        else:
            (name,) = chance.choices(names, cum_weights=cumulated)
            yield name.replace("_", f"{number}_", 1) if workload == "distinct" else name


def bodies(workload: str) -> list[bytes]:
    """The chunks of a workload, as splunkd would send them."""
    rows: list[Row] = [{FIELD: value} for value in values(workload, BODIES * CHUNK)]
    fields = [FIELD, INDEX]
    if workload == "all columns":
        fields = [f"column_{number}" for number in range(OTHER_COLUMNS)] + [FIELD]
        for number, row in enumerate(rows):
            row["column_0"] = f"<Event><System><EventRecordID>{number}</EventRecordID></System>{'x' * 600}</Event>"
            row.update({f"column_{column}": f"value {number % 999}" for column in range(1, OTHER_COLUMNS)})
    else:
        for number, row in enumerate(rows):
            row[INDEX] = str(number % CHUNK)
    return [encode_rows(fields, rows[start : start + CHUNK]) for start in range(0, len(rows), CHUNK)]


# ---- measuring


def processor_seconds(pid: int) -> float:
    """Processor time of a process so far; where there is no /proc, the time of day."""
    try:
        tasks = Path(f"/proc/{pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
    except OSError:
        return time.perf_counter()


def peak_memory(pid: int) -> float:
    """Peak resident memory in MiB; not a number where there is no /proc."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return float("nan")
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def run_once(python: str, command: list[str], chunks: list[bytes], count: int) -> Run:
    """Start a command, send so many chunks, end it."""
    script, *arguments = command
    before = 0.0 if Path("/proc").exists() else time.perf_counter()
    process = CommandProcess([python, str(ROOT / script), *arguments], timeout=600)
    try:
        process.exchange(getinfo("msixdecode", [] if arguments else [FIELD], app="package_abuse", now=1.7e9))
        ready = processor_seconds(process.pid)
        latencies = []
        for number in range(count):
            sent = time.perf_counter()
            process.exchange({"action": "execute", "finished": False}, chunks[number % len(chunks)])
            latencies.append(time.perf_counter() - sent)
        spent = processor_seconds(process.pid) - ready
        memory = peak_memory(process.pid)
        process.exchange({"action": "execute", "finished": True})
    finally:
        status = process.close()
    if status:
        raise SystemExit(f"{script} {arguments} exited with status {status}")
    return Run(spent / (count * CHUNK) * 1e6, (ready - before) * 1e3, latencies[0], memory)


def measure(python: str, workload: str, events: int, runs: int) -> dict[str, list[Run]]:
    """All commands of a workload in turns; the first turn warms up and does not count."""
    length = max(1, events // CHUNK)
    if workload == "long":
        chunks = bodies("single")
        plans = {"ours short": (COMMANDS["ours"], 4), "ours": (COMMANDS["ours"], 40)}
    else:
        chunks = bodies(workload)
        plans = {name: (command, length) for name, command in COMMANDS.items()}
    results: dict[str, list[Run]] = {name: [] for name in plans}
    for turn in range(runs + 1):
        for name, (command, count) in plans.items():
            result = run_once(python, command, chunks, count)
            if turn:
                results[name].append(result)
    return results


def ratio(goal: Goal, results: dict[str, list[Run]]) -> float:
    """The median of the turn-by-turn ratios that the goal is about."""
    place = 0 if goal.figure == "speed" else Run._fields.index(goal.figure)
    ratios = [ours[place] / other[place] for ours, other in zip(results["ours"], results[goal.reference], strict=True)]
    return statistics.median([1 / found for found in ratios] if goal.figure == "speed" else ratios)


def main() -> None:
    """Measure what the goals need and print two tables: the goals, and the figures behind them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--python", default=sys.executable, help="the interpreter that runs the commands")
    parser.add_argument("--events", type=int, default=300_000, help="records a run, in chunks of 50,000")
    parser.add_argument("--runs", type=int, default=5, help="turns that count")
    parser.add_argument("--goal", action="append", help="only this goal (G1 to G8); may be repeated")
    options = parser.parse_args()
    goals = [goal for goal in GOALS if not options.goal or goal.name in options.goal]
    measured = {
        workload: measure(options.python, workload, options.events, options.runs)
        for workload in dict.fromkeys(goal.workload for goal in goals)
    }
    version = subprocess.run([options.python, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"{version}, {platform.system()}, {os.cpu_count()} cores, {options.events} records, {options.runs} runs\n")
    print("| goal | | bound | measured | met |\n|---|---|---|---|---|")
    for goal in goals:
        found = ratio(goal, measured[goal.workload])
        met, sign = (found >= goal.bound, "≥") if goal.figure == "speed" else (found <= goal.bound, "≤")
        print(f"| {goal.name} | {goal.what} | {sign} {goal.bound:g} | {found:.2f} | {'yes' if met else '**no**'} |")
    print("\n| workload | command | µs/record | start-up ms | first reply s | peak MiB |\n|---|---|---|---|---|---|")
    for workload, results in measured.items():
        for name, runs in results.items():
            middle = Run(*map(statistics.median, zip(*runs, strict=True)))
            figures = f"{middle.time:.2f} | {middle.start:.0f} | {middle.first:.3f} | {middle.memory:.0f}"
            print(f"| {workload} | {name} | {figures} |")


if __name__ == "__main__":
    main()
