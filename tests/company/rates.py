"""The numbers of a day, each with its source, and how a total is shared out after them.

Tags in brackets are those of the list of sources in the reference this project was written from: [DL] a public parser's
counts over four disk images, [TX] a public set of event logs of Windows 10 19041, [LZ] a public log of Windows 11, [KR]
a public survey of one PC, [SIG] Sigma's rules, [WG2] [JAM] public bug reports, [OT] OTRF/Security-Datasets.
*Chosen* means that no public number was found.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from random import Random

_FILE = Path(__file__).with_name("rates.csv")


def chance(seed: int, part: str) -> Random:
    """The chances of one part of a day: parts do not disturb each other when one of them changes."""
    return Random(f"{seed}/{part}")  # noqa: S311 (made-up data, not secrets)


@cache
def table(name: str) -> Mapping[str, float]:
    """The weights of one table by their key, in the order of the file; raises LookupError for no such table."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        found = {row["key"]: float(row["weight"]) for row in csv.DictReader(file) if row["table"] == name}
    if not found:
        raise LookupError(f"{_FILE.name} has no table {name!r}")
    return found


def share(total: int, weights: Mapping[str, float]) -> dict[str, int]:
    """A whole number shared out after weights, nothing lost: the largest remainders get what is left."""
    whole = sum(weights.values())
    exact = {key: total * weight / whole for key, weight in weights.items()}
    counts = {key: int(part) for key, part in exact.items()}
    left = total - sum(counts.values())
    for key in sorted(exact, key=lambda one: (counts[one] - exact[one], one))[:left]:
        counts[key] += 1
    return counts


def per_company(name: str, hosts: int, rng: Random) -> dict[str, int]:
    """Counts of a table that is told for a company of 200: whole numbers, what is left over by chance."""
    expected = {key: weight * hosts / 200 for key, weight in table(name).items()}
    return {key: int(number) + (rng.random() < number % 1) for key, number in expected.items()}


def pick(rng: Random, name: str) -> str:
    """One key of a table, by its weight."""
    weights = table(name)
    return rng.choices(list(weights), list(weights.values()))[0]
