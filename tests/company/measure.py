"""What the app's detections and the public rules say to days of a company.

    .venv/bin/python -m tests.company.measure --seeds 1 2     for tuning: prints figures, and every false finding
    .venv/bin/python -m tests.company.measure --write         writes docs/company-day.md from the seeds kept for that

The detections run as ``hunt`` runs them: first the searches that write state, no baseline, no site exceptions. Every
row is a finding. Of a public rule all its matches for one host, user and hour are one finding, as ESCU groups them in
its hourly runs; Sigma does not group at all, so this is in favour of its rules. A finding of a public rule counts as
true if one event of the group is of an attack.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from searchhead.savedsearches import detections
from searchhead.spl.values import Row, number, texts
from tests.apps import ROOT, STAND_INS, package_abuse
from tests.bench import Bench
from tests.company.day import Day, day
from tests.company.invasion import INVASIONS
from tests.company.page import Finding, Result, details, page
from tests.company.verdicts import Verdicts, computer_of
from tests.published import Rule, Telemetry, rules

TUNING = range(1, 10)
EVALUATION = (2001, 2002, 2003)
"""Seeds that nobody may look at before the figures are published."""

PAGE = ROOT / "docs" / "company-day.md"

# Types of the rules in splunk/security_content; in SigmaHQ/sigma the folder tells.
_HUNTING = {"E4", "E8", "E9"}


def measure(one: Day) -> Result:
    """Run everything over a day."""
    with TemporaryDirectory() as folder:
        log = Path(folder)
        one.write(log)
        began = time.perf_counter()
        slugs, ours = _ours(one, log)
        seconds = time.perf_counter() - began
        return Result(one, slugs, ours, _public(one, log), seconds)


def _ours(one: Day, log: Path) -> tuple[tuple[str, ...], list[Finding]]:
    app, verdicts = package_abuse(), Verdicts(one)
    stanzas = app.conf("savedsearches").stanzas
    found = []
    saved = detections(app)
    with Bench(app, STAND_INS) as bench:
        results = bench.run([search.slug for search in saved], [log])
        if bench.damages:
            raise ValueError(f"the log of the day cannot be read: {bench.damages[0]}")
    for search, rows in zip(saved, results, strict=True):
        annotations = json.loads(stanzas[search.name]["action.correlationsearch.annotations"])
        hunting = annotations["type"] == "Hunting"
        for row in rows:
            attack = verdicts.attack(row)
            story = "" if attack else verdicts.story(row)
            why, key = (", ".join(texts(row.get(field))) for field in ("why", "throttle_key"))
            risk = number(row.get("risk_score")) or 0.0
            found.append(Finding(search.slug, hunting, attack.id if attack else None, story, risk, why, key))
    return tuple(search.slug for search in saved), found


def _public(one: Day, log: Path) -> list[Finding]:
    verdicts = Verdicts(one)
    events = Telemetry().events([log])
    found = []
    for rule in rules():
        hunting = rule.id in _HUNTING or rule.file.startswith("rules-threat-hunting/")
        groups: dict[tuple[str, str, int], list[str | None]] = {}
        for event in filter(rule.matches, events):
            attack = verdicts.attack_of_event(event)
            groups.setdefault(_group(event), []).append(attack.id if attack else None)
        for attacks in groups.values():
            true = next((one for one in attacks if one), None)
            found.append(Finding(rule.id, hunting, true, "", events=attacks.count(None)))
    return found


def _group(event: Row) -> tuple[str, str, int]:
    user = next(iter(texts(event.get("user_id"))), "")
    return computer_of(event), user, int((number(event.get("_time")) or 0.0) // 3600)


def names_of(public: Iterable[Rule]) -> dict[str, str]:
    """The public rules by their id, as the page names them."""
    return {rule.id: f"{rule.project}: {rule.name}" for rule in public}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--seeds", type=int, nargs="+", metavar="SEED", help="seeds 1 to 9: for tuning")
    what.add_argument("--write", action="store_true", help="the seeds kept for it, into docs/company-day.md")
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--hostile", type=int, default=24, help="attacks by MSIX packages")
    parser.add_argument("--invasions", type=int, default=len(INVASIONS), help="attacks by installers")
    given = parser.parse_args()
    if given.seeds and not set(given.seeds) <= set(TUNING):
        parser.error(f"only the seeds {TUNING[0]} to {TUNING[-1]} are for tuning")
    seeds: Sequence[int] = EVALUATION if given.write else given.seeds
    results = [measure(day(seed, given.hosts, given.hostile, given.invasions)) for seed in seeds]
    text = page(results, names_of(rules()))
    if given.write:
        PAGE.write_text(text, encoding="utf-8")
        return
    print(text)  # noqa: T201 - a measurement prints its figures
    for result in results:
        print(details(result))  # noqa: T201 - as above


if __name__ == "__main__":
    main()
