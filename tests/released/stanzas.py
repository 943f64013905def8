"""Every name that somebody outside of the app may refer to, and what became of those that were released.

A name is a stanza, or a part of one that searches, exceptions, dashboards and other apps use: an argument of a macro, a
column of a lookup, an option or a field of a command, a field of a result, a token of a view. ``stanzas.json`` holds
those of the last release, ``deprecated.toml`` what is announced to go.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from searchhead.conf import App
from searchhead.lookupdefinitions import is_kvstore, is_lookup
from searchhead.macros import macros_of
from searchhead.savedsearches import detections, others
from tests.dashboards import dashboards

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent.parent
LIST = FOLDER / "stanzas.json"
DEPRECATED = FOLDER / "deprecated.toml"

Names = dict[str, dict[str, list[str]]]
"""Kind, such as ``macro``, to stanza, to its parts. The parts of ``ORDERED`` kinds stand in the order that counts."""

ORDERED = ("lookup",)
"""Of these new parts may only come behind the others: a site's own table has the columns of the day it was made."""

EXACT = ("macro",)
"""The parts of these are all that there may be: with one more argument it would be another macro."""


@dataclass(frozen=True)
class Deprecation:
    """Something that will go: ``what`` as ``missing`` names it, the release that said so, and what to use instead."""

    what: str
    since: str
    replaced_by: str


def version() -> str:
    """The version that this checkout says it is."""
    return App(ROOT).version or ""


def names() -> Names:
    """What this checkout has."""
    app = App(ROOT)
    return {
        "saved search": {one.name: _result_fields(one.search) for one in (*detections(app), *others(app))},
        "macro": {key: list(macro.arguments) for key, macro in sorted(macros_of(app).items())},
        "macro fields": {
            "package_deployment_columns": _columns(macros_of(app)["package_deployment_columns"].definition)
        },
        "lookup": _lookups(app),
        "collection": {
            name: [f"{key.removeprefix('field.')} {value}" for key, value in stanza.items() if key.startswith("field.")]
            for name, stanza in app.conf("collections").stanzas.items()
        },
        "command": {name: _command(name) for name in app.conf("commands").stanzas},
        "workflow action": {name: [] for name in app.conf("workflow_actions").stanzas},
        "extraction": {name: [] for name, one in app.conf("transforms").stanzas.items() if not is_lookup(one)},
        "source": {name: [] for name in app.conf("props").stanzas},
        "event type": {name: [] for name in app.conf("eventtypes").stanzas},
        "story": {
            name.removeprefix("analytic_story://"): []
            for name in app.conf("analyticstories").stanzas
            if name.startswith("analytic_story://")
        },
        # Bookmarks and links of other apps name a view and its tokens.
        "view": {view.name: sorted(view.tokens) for view in dashboards()},
        # A file that a package no longer has stays where the one before put it, and goes on being read.
        "file": {
            path.relative_to(ROOT).as_posix(): []
            for path in sorted((ROOT / "default").rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        },
    }


def _result_fields(search: str) -> list[str]:
    """The fields of a search that ends in a table, whatever a filter does behind it; none for another."""
    tables = re.findall(r"(?m)^\| table (.+)$", search)
    return _columns(tables[-1].rstrip("\\")) if tables else []


def _columns(text: str) -> list[str]:
    return re.findall(r"[^\s,]+", text)


def _lookups(app: App) -> dict[str, list[str]]:
    found = {}
    for name, stanza in app.conf("transforms").stanzas.items():
        if is_kvstore(stanza):
            found[name] = _columns(stanza["fields_list"])
        elif is_lookup(stanza):
            table = app.lookups_folder / stanza["filename"]
            # A checkout that is linked into a Splunk may have the site's table too; ours is the .default.
            shipped = table.with_name(f"{table.name}.default")
            with (shipped if shipped.exists() else table).open(encoding="utf-8", newline="") as file:
                found[name] = next(csv.reader(file))
    return found


def _command(name: str) -> list[str]:
    """The options and the fields of a command, as its own script declares them."""
    if str(ROOT / "bin") not in sys.path:
        sys.path.insert(0, str(ROOT / "bin"))
    module = import_module(name)
    classes: list[Any] = [one for one in vars(module).values() if isinstance(one, type) and one.__module__ == name]
    (command,) = (one for one in classes if hasattr(one, "output_fields"))
    base = command.__mro__[1]
    options = [option for option, _ in command.option_definitions if not hasattr(base, option)]
    return [f"{option}=" for option in sorted(options)] + list(command.output_fields)


def tables() -> dict[str, str]:
    """The checksum (SHA-256) of each table of ours that bears a date, by the name of its file."""
    files = sorted((ROOT / "lookups").glob("*.csv"))
    dated = [file for file in files if re.fullmatch(r"\w+_\d{8}\.csv", file.name)]
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in dated}


@dataclass(frozen=True)
class Release:
    """What ``stanzas.json`` keeps of a release."""

    version: str
    names: Names
    tables: dict[str, str]


def released() -> Release:
    """The last release."""
    kept = json.loads(LIST.read_text(encoding="utf-8"))
    return Release(kept["release"], kept["names"], kept["tables"])


def deprecations() -> list[Deprecation]:
    """What is announced to go."""
    entries: list[dict[str, Any]] = tomllib.loads(DEPRECATED.read_text(encoding="utf-8")).get("deprecated", [])
    return [Deprecation(**entry) for entry in entries]


def written(release: Release) -> str:
    """The text of ``stanzas.json``: a line for each stanza, so that a difference shows what became of it."""
    kinds = [f"  {json.dumps(kind)}: {_lines(stanzas, '  ')}" for kind, stanzas in release.names.items()]
    names = "{\n" + ",\n".join(kinds) + "\n }"
    version = json.dumps(release.version)
    return f'{{\n "release": {version},\n "names": {names},\n "tables": {_lines(release.tables, " ")}\n}}\n'


def _lines(entries: Mapping[str, object], indent: str) -> str:
    lines = [f"{indent} {json.dumps(name)}: {json.dumps(value)}" for name, value in entries.items()]
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}" if lines else "{}"


class Gone(NamedTuple):
    """A stanza, as ``kind: name``, and what of it is gone: the same, or ``kind: name: part``."""

    stanza: str
    what: str


def missing(before: Names, now: Names) -> list[Gone]:
    """What was there and is gone, renamed or moved."""
    gone = []
    for kind, stanzas in before.items():
        for name, parts in stanzas.items():
            stanza = f"{kind}: {name}"
            current = now.get(kind, {}).get(name)
            if current is None:
                gone.append(Gone(stanza, stanza))
                continue
            gone += [Gone(stanza, f"{stanza}: {part}") for part in parts if part not in current]
            kept = [part for part in parts if part in current]
            if kind in ORDERED and current[: len(kept)] != kept:
                gone.append(Gone(stanza, f"{stanza}: the order {_listed(kept)}"))
            elif kind in EXACT and len(current) > len(parts):
                gone.append(Gone(stanza, f"{stanza}: nothing but {_listed(kept)}"))
    return gone


def _listed(parts: Sequence[str]) -> str:
    return ", ".join(parts) or "none"


def faults(
    before: Names, now: Names, announced: Sequence[Deprecation], *, last_release: str, current: str
) -> list[str]:
    """What is wrong with what is gone, and with what is announced; one sentence each.

    A thing may go in a release after the one that announced it: that one must be out, and this one must be another.
    """
    out = sorting(last_release)
    by_name = {one.what: one for one in announced}
    found = []
    for stanza, what in missing(before, now):
        entry = by_name.get(what) or by_name.get(stanza)
        if entry is None:
            way = "bring it back, or announce it in deprecated.toml first"
            if sorting(current) == out:
                way += f"; if {current} is not out yet, run python -m tests.released --write"
            found.append(f"{what} is gone, but was released: {way}")
        elif sorting(entry.since) > out or sorting(current) <= out:
            found.append(
                f"{what} is gone too early: {entry.since} announces it, and {last_release} is the last release"
            )
    known = {f"{kind}: {name}" for kind, stanzas in before.items() for name in stanzas}
    known |= {
        f"{kind}: {name}: {part}" for kind, stanzas in before.items() for name in stanzas for part in stanzas[name]
    }
    found += [f"{one.what} is announced to go, but no release has it" for one in announced if one.what not in known]
    found += [f"{one.what} is announced without saying what replaces it" for one in announced if not one.replaced_by]
    return found


def sorting(release: str) -> tuple[tuple[int, ...], bool, str]:
    """A key that puts releases in their order: a pre-release before its release (semver.org, 11)."""
    found = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?", release)
    if found is None:
        raise ValueError(f"{release!r} is no version like 1.2.3")
    return tuple(int(one) for one in found.groups()[:3]), found[4] is None, found[4] or ""


def changed(last: Release, now: Mapping[str, str], current: str) -> list[str]:
    """The tables that say something else than those of the same name in the last release, once that is out.

    Clusters and Cloud keep a table of the same name when an app is upgraded, so it needs a new name: another date.
    """
    if sorting(current) <= sorting(last.version):
        return []
    return [name for name, digest in now.items() if last.tables.get(name, digest) != digest]


def added(before: Names, now: Names) -> list[str]:
    """What is there and was not released yet."""
    return [what for _, what in missing(now, before) if " the order " not in what and " nothing but " not in what]


def summary(current: Names) -> str:
    """How many there are of each kind."""
    return ", ".join(f"{kind} {len(stanzas)}" for kind, stanzas in current.items())
