"""docs/comparison.md: what this app's detections and the public rules find in the cases and in the benign logs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from searchhead.savedsearches import detections
from tests.apps import copy_with_lookups, package_abuse
from tests.bench import Bench, lookups_of
from tests.case_logs import cases, log_of
from tests.published import Rule, Telemetry, found, rules

ROOT = Path(__file__).resolve().parent.parent
BASELINE = ROOT / "tests" / "baseline"
ADDONS = ("windows", "sysmon", "cim")

_INTRODUCTION = """\
Every case of a detection in [tests/detections](../tests/detections) is a log with a known answer. Here all detections
of this app and the public rules about MSIX packages run over each of them, as they would beside Splunk's Windows and
Sysmon add-ons. The public rules are written down as facts, which fields they test for which values, in
[tests/published_rules.toml](../tests/published_rules.toml); a rule finds a log if it matches one event of it. What they
do beyond that is left out, in their favour: schedules, time ranges and grouping.

Read the figures for what they are. The cases were written here, many of them after a fault of one of these rules, so
they show *what* is missed and why, not how often that happens in a network. A benign case is benign for the question of
its own detection; another detection or rule may have a reason of its own to report it. Cases that a site's exception
or its own lookup silences are listed and not counted, because public rules have a filter of their own for that."""

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


def page() -> str:
    """The text of docs/comparison.md."""
    app, public = package_abuse(), rules()
    titles = {one.slug: one.title for one in detections(app)}
    telemetry = Telemetry()
    with TemporaryDirectory() as folder, Bench(app, ADDONS) as bench:
        results = list(_results(bench, telemetry, public, Path(folder)))
        ours_at_rest = {
            slug for slug, rows in zip(bench.slugs, bench.run(bench.slugs, [BASELINE]), strict=True) if rows
        }
    public_at_rest = found(public, telemetry.events([BASELINE]))
    parts = [
        "# This app and the public rules",
        "Generated from tests/detections/ and tests/published_rules.toml by `docs/generate.py`; do not edit.",
        _INTRODUCTION,
        "## All cases",
        _totals(results, public, ours_at_rest, public_at_rest),
        "## Each public rule",
        _rules(results, public, public_at_rest),
        "## Each case",
        "A public rule in bold asks the question of the detection. What is wrong is in capitals.",
    ]
    for slug, title in titles.items():
        of_slug = [one for one in results if one.slug == slug]
        if of_slug:
            parts += [f"### {title}", _cases(of_slug, public)]
    return "\n\n".join(parts) + "\n"


def _results(bench: Bench, telemetry: Telemetry, public: Sequence[Rule], folder: Path) -> Iterator[_Result]:
    for number, (path, case) in enumerate(cases()):
        log = path.parent / case["log"] if "log" in case else folder / "log.xml"
        if "events" in case:
            log.write_text(log_of(path, case), encoding="utf-8", newline="")
        files, records = lookups_of(case)
        if files:
            with Bench(copy_with_lookups(folder / str(number), files), ADDONS) as own:
                rows = own.run(own.slugs, [log], records)
        else:
            rows = bench.run(bench.slugs, [log], records)
        ours = frozenset(slug for slug, one in zip(bench.slugs, rows, strict=True) if one)
        matched = tuple(found(public, telemetry.events([log])))
        yield _Result(path.parent.name, case["kind"], case["name"], bool(case.get("rows")), ours, matched)


def _totals(
    results: Sequence[_Result], public: Sequence[Rule], ours_at_rest: set[str], public_at_rest: dict[str, int]
) -> str:
    asking = {rule.id: rule.ours for rule in public}
    of_project = {name: {rule.id for rule in public if rule.project == name} for name in ("ESCU", "Sigma")}
    hostile, benign = [one for one in results if one.hostile], [one for one in results if one.benign]

    def line(who: str, finds: Callable[[_Result], bool], at_rest: int) -> tuple[str, str, str, str]:
        return who, str(sum(map(finds, hostile))), str(sum(map(finds, benign))), str(at_rest)

    def public_line(who: str, ids: Iterable[str]) -> tuple[str, str, str, str]:
        wanted = set(ids)
        at_rest = sum(count for name, count in public_at_rest.items() if name in wanted)
        return line(who, lambda one: bool(wanted & set(one.public)), at_rest)

    return _table(
        (
            "",
            f"finds, of {len(hostile)} hostile cases",
            f"reports, of {len(benign)} benign cases",
            "in the benign logs",
        ),
        [
            line("this app: the detection of the case", lambda one: one.slug in one.ours, len(ours_at_rest)),
            line("this app: any detection", lambda one: bool(one.ours), len(ours_at_rest)),
            line(
                "public rules that ask the same question",
                lambda one: any(one.slug in asking[name] for name in one.public),
                sum(public_at_rest.values()),
            ),
            *(public_line(f"{name}: any of {len(ids)} rules", ids) for name, ids in of_project.items()),
            public_line(f"any of all {len(public)} public rules", asking),
        ],
    )


def _rules(results: Sequence[_Result], public: Sequence[Rule], at_rest: dict[str, int]) -> str:
    def counts(rule: Rule) -> Iterator[str]:
        asked = [one for one in results if one.slug in rule.ours]
        for chosen in ([one for one in asked if one.hostile], [one for one in asked if one.benign]):
            yield f"{sum(rule.id in one.public for one in chosen)} of {len(chosen)}" if asked else "-"
        yield str(at_rest.get(rule.id, 0))

    return "\n\n".join(
        (
            "Counted over the cases of the detections that ask the same question; in the benign logs, events.",
            _table(
                ("", "Rule", "File", "finds, of hostile cases", "reports, of benign cases", "in the benign logs"),
                [(rule.id, f"{rule.project}: {rule.name}", f"`{rule.file}`", *counts(rule)) for rule in public],
            ),
        )
    )


def _cases(results: Sequence[_Result], public: Sequence[Rule]) -> str:
    same = {rule.id for rule in public if results[0].slug in rule.ours}

    def line(one: _Result) -> tuple[str, ...]:
        says = one.slug in one.ours
        ours = ("finds it" if one.hostile else "REPORTS IT") if says else ("MISSES IT" if one.hostile else "is silent")
        ids = " ".join(f"**{name}**" if name in same else name for name in one.public) or "-"
        return _KINDS[one.kind], one.name, "be found" if one.hostile else "stay silent", ours, ids

    order = list(_KINDS)
    ordered = sorted(results, key=lambda one: (not one.hostile, order.index(one.kind), one.name))
    return _table(("Kind", "Case", "must", "this app", "public rules that match"), map(line, ordered))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
