"""``python -m tests.detection_lock``: whether detections keep their ids and versions; ``--write`` takes the new ones.

Enterprise Security knows a detection by its id and its content by its version. So an id stays for ever, no detection
vanishes, and what changes gets the next version: never a lower one, and none is left out. ``released/detections.csv``
holds of each detection its id, its version, the version of the app since which it has that version, and a digest of
what it was then. It is written at a release: until the next one a detection that changes several times is raised once.

The digest covers the stanza but for its metadata and date, and the macros that its search uses, since they are most of
what it finds. It does not cover what a site changes (the first block of macros.conf, the filters), nor tables: their
dates stand in the names of their files.

Exit status 1 if something is wrong, and then nothing is written.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from searchhead.conf import App
from searchhead.macros import macros_of
from searchhead.savedsearches import detections

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "tests" / "released" / "detections.csv"
COMMAND = "python -m tests.detection_lock --write"

_METADATA = "action.correlationsearch.metadata"
_NOT_CONTENT = {_METADATA, "action.escu.modification_date"}
_SITE = re.compile(r"(?ms)^#+ for the site to change #+$(.*?)^#{4}")


@dataclass(frozen=True)
class Locked:
    """A detection as the lock has it: ``since`` is the version of the app that was the first to have this one."""

    name: str
    detection_id: str
    detection_version: str
    since: str
    sha256: str


def unreleased(changelog: str) -> set[str]:
    """The versions of the app that are still being made."""
    return set(re.findall(r"(?m)^## (\S+) - unreleased$", changelog))


def site_block(macros_conf: str) -> str:
    """The part of macros.conf with the macros that are there for the site to change, from its text."""
    return "".join(_SITE.findall(macros_conf))


def site_macros(macros_conf: str) -> set[str]:
    """The macros that are there for the site to change, from the text of macros.conf, without their arguments."""
    return set(re.findall(r"(?m)^\[(\w+)(?:\(\d+\))?\]$", site_block(macros_conf)))


def digest(settings: Mapping[str, str], macros: Mapping[str, str], site: set[str]) -> str:
    """What a detection is, in 64 hexadecimal digits. ``macros`` are the definitions by key: ``name`` or ``name(2)``."""
    content = {name: value for name, value in settings.items() if name not in _NOT_CONTENT}
    used: dict[str, str] = {}
    texts = [settings["search"]]
    while texts:
        for name in re.findall(r"`(\w+)", texts.pop()):
            for key, definition in macros.items():
                known = key in used or name in site or name.endswith("_filter")
                if key.partition("(")[0] == name and not known:
                    used[key] = definition
                    texts.append(definition)
    return hashlib.sha256(json.dumps([content, used], sort_keys=True).encode()).hexdigest()


def current(app: App) -> list[Locked]:
    """The detections as they are, as if all of them were new."""
    macros = {key: macro.definition for key, macro in macros_of(app).items()}
    site = site_macros((app.path / "default" / "macros.conf").read_text(encoding="utf-8"))
    found = []
    for one in detections(app):
        stanza = app.conf("savedsearches").stanzas[one.name]
        metadata = json.loads(stanza[_METADATA])
        found.append(
            Locked(
                one.name,
                metadata["detection_id"],
                metadata["detection_version"],
                app.version or "",
                digest(stanza, macros, site),
            )
        )
    return found


def read(text: str) -> list[Locked]:
    """The rows of the lock file."""
    return [Locked(**row) for row in csv.DictReader(io.StringIO(text))]


def written(rows: Sequence[Locked]) -> str:
    """The text of the lock file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(Locked)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in rows)
    return text.getvalue()


def kept(locked: Sequence[Locked], now: Sequence[Locked]) -> list[Locked]:
    """The new lock: a detection whose version stays has it since when it had it before."""
    since = {(one.name, one.detection_version): one.since for one in locked}
    return [
        Locked(**{**asdict(one), "since": since.get((one.name, one.detection_version), one.since)})
        for one in sorted(now, key=lambda one: one.name)
    ]


def faults(locked: Sequence[Locked], now: Sequence[Locked]) -> list[str]:
    """What is wrong with ids and versions, one sentence each."""
    found = []
    by_name = {one.name: one for one in now}
    ids = {one.detection_id: one.name for one in locked}
    for before in locked:
        one = by_name.get(before.name)
        if one is None:
            found.append(f"{before.name} is gone: bring it back, with deprecated = 1 if nobody should use it")
        elif one.detection_id != before.detection_id:
            found.append(f"{before.name} has another id: it must stay {before.detection_id}")
        elif one.sha256 == before.sha256:
            if one.detection_version != before.detection_version:
                found.append(
                    f"{before.name} has version {one.detection_version}: it must stay {before.detection_version}"
                )
        elif int(one.detection_version) != int(before.detection_version) + 1:
            found.append(
                f"{before.name} was changed (its stanza, or a macro of its search) and has version "
                f"{one.detection_version}: set detection_version to {int(before.detection_version) + 1} and "
                "modification_date to today"
            )
    names = {before.name for before in locked}
    for one in now:
        if one.name not in names and ids.get(one.detection_id):
            found.append(f"{one.name} has the id of {ids[one.detection_id]}: a new detection needs a new one")
        elif names and one.name not in names and one.detection_version != "1":
            found.append(f"{one.name} is new and has version {one.detection_version}: it must be 1")
    return found


def stale(locked: Sequence[Locked], now: Sequence[Locked]) -> bool:
    """Whether the lock says something else than is."""
    return list(locked) != kept(locked, now)


def main(arguments: Sequence[str]) -> int:
    """Tell what is wrong, or write the lock."""
    if list(arguments) not in ([], ["--write"]):
        sys.stderr.write("usage: python -m tests.detection_lock [--write]\n")
        return 2
    locked = read(LOCK.read_text(encoding="utf-8")) if LOCK.exists() else []
    now = current(App(ROOT))
    wrong = faults(locked, now)
    for fault in wrong:
        sys.stdout.write(f"{fault}\n")
    if arguments and not wrong:
        LOCK.write_text(written(kept(locked, now)), encoding="utf-8")
        sys.stdout.write(f"{LOCK.name}: {len(now)} detections\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
