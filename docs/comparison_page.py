"""docs/comparison.md: what this app's detections and the public rules find in the cases and in the benign logs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from docs.pieces import table
from searchhead.conf import App
from searchhead.savedsearches import SavedSearch, detections
from tests.apps import STAND_INS, copy_with_lookups, package_abuse
from tests.bench import Bench, lookups_of
from tests.case_logs import cases, logs_of
from tests.published import INSTALLER_RULES, MSIX_RULES, Rule, Telemetry, found, rules

ROOT = Path(__file__).resolve().parent.parent
BASELINE = ROOT / "tests" / "baseline"

# The rules that are compared with the detections of each story.
_STORY = "analytic_story://"
_STORIES = {"Package Abuse - MSIX Packages": MSIX_RULES, "Package Abuse - Installer Packages": INSTALLER_RULES}

_INTRODUCTION = """\
Every case of a detection in [tests/detections](../tests/detections) is a log with a known answer. Here all detections
of this app and the public rules about MSIX packages and about installers run over each of them, as they would beside
Splunk's add-ons, in one part for each analytic story. The public rules are written down as facts, which fields they
test for which values, in [tests/published_rules.toml](../tests/published_rules.toml) and
[tests/published_installer_rules.toml](../tests/published_installer_rules.toml); a rule finds a log if it matches one
event of it. What they do beyond that is left out, in their favour: schedules, time ranges, grouping and joins. Rules
that are made for another product are read as if they were for Splunk: their fields are those of the same facts.

Read the figures for what they are. The cases were written here, many of them after a fault of one of these rules, so
they show *what* is missed and why, not how often that happens in a network. A benign case is benign for the question of
its own detection; another detection or rule may have a reason of its own to report it. Cases that a site's exception
or its own lookup silences are listed and not counted, because public rules have a filter of their own for that."""

# The files of the site that the app's custom commands read.
_OF_COMMANDS = {"package_publishers_site"}

_KINDS = {"hit": "hit", "evasion": "evasion", "near_miss": "near miss", "exception": "exception"}


@dataclass(frozen=True)
class _Result:
    """What came of one case: the detections that returned rows, and the ids of the public rules that matched."""

    slug: str
    kind: str
    name: str
    expected: bool
    ours: frozenset[str]
    public: tuple[str, ...]

    @property
    def hostile(self) -> bool:
        """Whether the detection must find it: a hit, an evasion, or what an exception must not hide."""
        return self.expected or self.kind in {"hit", "evasion"}

    @property
    def benign(self) -> bool:
        """Whether the detection must be silent, and no exception of the site is the reason."""
        return self.kind == "near_miss"


@dataclass(frozen=True)
class _Benign:
    """What the benign logs bring: the detections that return rows, and the events that each public rule matches."""

    ours: frozenset[str]
    public: Mapping[str, int]


def page() -> str:
    """The text of docs/comparison.md."""
    app, public = package_abuse(), rules()
    telemetry = Telemetry()
    with TemporaryDirectory() as folder, Bench(app, STAND_INS) as bench:
        results = list(_results(bench, telemetry, public, Path(folder)))
        rows = zip(bench.slugs, bench.run(bench.slugs, [BASELINE]), strict=True)
        ours_at_rest = frozenset(slug for slug, found_rows in rows if found_rows)
    at_rest = _Benign(ours_at_rest, found(public, telemetry.events([BASELINE])))
    names = " and ".join(f"tests/{path.name}" for path in _STORIES.values())
    parts = [
        "# This app and the public rules",
        f"Generated from tests/detections/, {names} by `docs/generate.py`; do not edit.",
        _INTRODUCTION,
    ]
    for story, path in _STORIES.items():
        parts += _part(story, list(_told(app, story)), rules(path), results, at_rest)
    return "\n\n".join(parts) + "\n"


def _told(app: App, story: str) -> Iterator[SavedSearch]:
    """The detections of a story."""
    searches = json.loads(app.conf("analyticstories").stanzas[_STORY + story]["searches"])
    return (one for one in detections(app) if one.name in searches)


def _part(
    story: str, told: Sequence[SavedSearch], public: Sequence[Rule], results: Sequence[_Result], at_rest: _Benign
) -> list[str]:
    slugs = {one.slug for one in told}
    of_story = [one for one in results if one.slug in slugs]
    name = story.removeprefix("Package Abuse - ")
    parts = [
        f"## {name}",
        _totals(of_story, public, at_rest, slugs),
        f"### {name}: each public rule",
        _rules(of_story, public, at_rest),
        f"### {name}: each case",
        "A public rule in bold asks the question of the detection. What is wrong is in capitals.",
    ]
    for one in told:
        if of_slug := [result for result in of_story if result.slug == one.slug]:
            parts += [f"#### {one.title}", _cases(of_slug, {rule.id for rule in public if one.slug in rule.ours})]
    return parts


def _results(bench: Bench, telemetry: Telemetry, public: Sequence[Rule], folder: Path) -> Iterator[_Result]:
    for number, (path, case) in enumerate(cases()):
        log = path.parent / case["log"] if "log" in case else folder / f"case-{number}"
        if "events" in case:
            log.mkdir()
            for name, text in logs_of(path, case).items():
                (log / name).write_text(text, encoding="utf-8", newline="")
        files, records = lookups_of(case)
        if not files.keys() & _OF_COMMANDS:  # then nobody but the searches reads them: one bench does for all
            files, records = {}, {**records, **files}
        if files:
            with Bench(copy_with_lookups(folder / str(number), files), STAND_INS) as own:
                rows = own.run(own.slugs, [log], records)
        else:
            rows = bench.run(bench.slugs, [log], records)
        ours = frozenset(slug for slug, one in zip(bench.slugs, rows, strict=True) if one)
        matched = tuple(found(public, telemetry.events([log])))
        yield _Result(path.parent.name, case["kind"], case["name"], bool(case.get("rows")), ours, matched)


def _totals(results: Sequence[_Result], public: Sequence[Rule], at_rest: _Benign, slugs: set[str]) -> str:
    asking = {rule.id: rule.ours for rule in public}
    of_project: dict[str, set[str]] = {}
    for rule in public:
        of_project.setdefault(rule.project, set()).add(rule.id)
    hostile, benign = [one for one in results if one.hostile], [one for one in results if one.benign]

    def line(who: str, finds: Callable[[_Result], bool], at_rest: int) -> tuple[str, str, str, str]:
        return who, str(sum(map(finds, hostile))), str(sum(map(finds, benign))), str(at_rest)

    def public_line(who: str, wanted: set[str]) -> tuple[str, str, str, str]:
        events = sum(count for name, count in at_rest.public.items() if name in wanted)
        return line(who, lambda one: bool(wanted & set(one.public)), events)

    return table(
        (
            "",
            f"finds, of {len(hostile)} hostile cases",
            f"reports, of {len(benign)} benign cases",
            "in the benign logs",
        ),
        [
            line("this app: the detection of the case", lambda one: one.slug in one.ours, len(at_rest.ours & slugs)),
            line("this app: any detection", lambda one: bool(one.ours), len(at_rest.ours)),
            line(
                "public rules that ask the same question",
                lambda one: any(one.slug in asking.get(name, ()) for name in one.public),
                sum(count for name, count in at_rest.public.items() if asking.get(name)),
            ),
            *(public_line(f"{name}: any of {len(ids)} rules", ids) for name, ids in of_project.items()),
            public_line(f"any of these {len(public)} public rules", set(asking)),
        ],
    )


def _rules(results: Sequence[_Result], public: Sequence[Rule], at_rest: _Benign) -> str:
    def counts(rule: Rule) -> Iterator[str]:
        asked = [one for one in results if one.slug in rule.ours]
        for chosen in ([one for one in asked if one.hostile], [one for one in asked if one.benign]):
            yield f"{sum(rule.id in one.public for one in chosen)} of {len(chosen)}" if asked else "-"
        yield str(at_rest.public.get(rule.id, 0))

    return "\n\n".join(
        (
            "Counted over the cases of the detections that ask the same question; in the benign logs, events.",
            table(
                ("", "Rule", "File", "finds, of hostile cases", "reports, of benign cases", "in the benign logs"),
                [(rule.id, f"{rule.project}: {rule.name}", f"`{rule.file}`", *counts(rule)) for rule in public],
            ),
        )
    )


def _cases(results: Sequence[_Result], same: set[str]) -> str:
    def line(one: _Result) -> tuple[str, ...]:
        says = one.slug in one.ours
        ours = ("finds it" if one.hostile else "REPORTS IT") if says else ("MISSES IT" if one.hostile else "is silent")
        ids = " ".join(f"**{name}**" if name in same else name for name in one.public) or "-"
        return _KINDS[one.kind], one.name, "be found" if one.hostile else "stay silent", ours, ids

    order = list(_KINDS)
    ordered = sorted(results, key=lambda one: (not one.hostile, order.index(one.kind), one.name))
    return table(("Kind", "Case", "must", "this app", "public rules that match"), map(line, ordered))
