"""The page docs/company-day.md: figures of a measurement, as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.company.day import Day
from tests.company.hostile import SCENARIOS
from tests.company.invasion import INVASIONS

_INTRODUCTION = """\
# A day of a company

What the detections of this app and the public rules say to an ordinary day of a company with some attacks in it. The
day is made from a seed by [tests/company](../tests/company), which was written from public base rates and published
campaigns before any detection was tried on it; [rates.csv](../tests/company/rates.csv) says of each number where it
comes from, or that it was chosen. Seeds 1 to 9 were for tuning. The figures here are those of other seeds, which
nobody looked at before. Written by `python -m tests.company.measure --write`.

Windows hosts write Sysmon or event 4688, Linux machines Sysmon for Linux, macOS machines Microsoft Defender. How
often the Windows Installer installs, updates and configures, and how often Debian's maintainer scripts do what, has the
shares of public counts. How much is installed, by whom, and what pip, npm and macOS packages do, was chosen.

A finding is a row of a detection; there are no exceptions of a site, no baseline, and every row counts. All matches of
a public rule for one host, user and hour are one finding, as ESCU groups them; Sigma does not group, so this is in its
favour; the table tells the plain matches too. Our alerts are throttled: one a day for the same thing on the same host.
A finding is false if it is of no attack: it must name a package, a command line, a file or an address of the attack, or
come from the same host at the same time if it names none and the attack came by an MSIX package. An attack is found if
a detection has a finding of it; hunts are counted apart, because they alert nobody.

It is a made-up day. It shows how detections behave side by side on the same events, not how many findings a network
will have: the company's own packages, its developers and its vendors decide that.

The goal was to find every attack with less than one per cent of the false findings that the public rules have, without
a single exception of the site. Every attack is found. The false findings are four per cent: nearly all are of MSIX
packages that the company itself signs, whom nobody outside knows, and of its developers' own projects. A row in
`package_publishers_site` and an exception for the developers' machines would answer for them; the count has neither.
Of the detections of installers alone it is 1.3 per cent (23 against 1,807 in three days). Read that with care: seeds
differ in who does what and when, not in what can happen, so that what is quiet on a tuning seed is quiet on every
other."""


@dataclass(frozen=True)
class Finding:
    """One finding.

    ``attack`` is the id of the attack it is of, ``story`` what it is about if it is of none; ``key`` is what its alerts
    are throttled by, ``events`` how many events a public rule matched.
    """

    rule: str
    hunting: bool
    attack: str | None
    story: str
    risk: float = 0.0
    why: str = ""
    key: str = ""
    events: int = 0


@dataclass(frozen=True)
class Result:
    """What came of one day; ``seconds`` is how long our detections took."""

    day: Day
    slugs: tuple[str, ...]
    ours: list[Finding]
    public: list[Finding]
    seconds: float


def page(results: Sequence[Result], names: Mapping[str, str]) -> str:
    """The text of the page; ``names`` are those of the public rules by their id."""
    parts = [_INTRODUCTION, "## Totals", _totals(results), "## Our detections"]
    parts += [_by_rule(results, lambda one: one.ours, [(slug, f"`{slug}`") for slug in results[0].slugs])]
    parts += ["## Public rules", _by_rule(results, lambda one: one.public, list(names.items()))]
    parts += ["## What our false findings are of", _stories(results), "## The attacks", _attacks(results)]
    return "\n\n".join(parts) + "\n"


def details(result: Result) -> str:
    """For tuning: the false findings and the missed attacks of one day, one a line."""
    lines = [f"seed {result.day.seed}: {result.seconds:.0f} s"]
    lines += [f"false  {one.rule}  {one.story}  {one.risk:.0f}  {one.why}" for one in result.ours if not one.attack]
    lines += [
        f"missed {attack.id}  {attack.scenario}  {attack.host}  {'; '.join(attack.shows)}"
        for attack in result.day.truth
        if attack.id not in {one.attack for one in result.ours if not one.hunting}
    ]
    return "\n".join(lines)


def _totals(results: Sequence[Result]) -> str:
    rows = []
    for label, value in _measures():
        rows.append([label, *(value(result) for result in results)])
    return _table(["", *(f"seed {result.day.seed}" for result in results)], rows)


def _measures() -> list[tuple[str, Callable[[Result], str]]]:
    def false(of: Callable[[Result], list[Finding]], hunts: bool) -> Callable[[Result], str]:
        return lambda result: f"{_false(of(result), hunts=hunts):,}"

    def per_thousand(of: Callable[[Result], list[Finding]], hunts: bool) -> Callable[[Result], str]:
        return lambda result: f"{1000 * _false(of(result), hunts=hunts) / result.day.installations:.1f}"

    def ratio(hunts: bool) -> Callable[[Result], str]:
        def text(result: Result) -> str:
            public = _false(result.public, hunts=hunts)
            return f"{100 * _false(result.ours, hunts=hunts) / public:.2f} %" if public else "-"

        return text

    def recall(of: Callable[[Result], list[Finding]]) -> Callable[[Result], str]:
        def text(result: Result) -> str:
            found = {one.attack for one in of(result) if one.attack and not one.hunting}
            return f"{len(found)} of {len(result.day.truth)}"

        return text

    return [
        ("Windows hosts", lambda result: f"{len(result.day.company.hosts):,}"),
        ("Linux and macOS machines", lambda result: f"{len(result.day.company.machines):,}"),
        ("events", lambda result: f"{len(result.day.events):,}"),
        ("benign deployments", lambda result: f"{result.day.benign:,}"),
        ("benign installations by other installers", lambda result: f"{len(result.day.errands):,}"),
        ("attacks", lambda result: f"{len(result.day.truth):,}"),
        ("**attacks found by our detections**", recall(_ours)),
        ("attacks found by public rules", recall(_public)),
        ("**false findings of our detections**", false(_ours, hunts=False)),
        ("of which alert, throttled as they ship", lambda result: f"{_alerts(result):,}"),
        ("of which have a risk score of 50 or more", lambda result: f"{sum(_heavy(one) for one in result.ours):,}"),
        ("false findings of public rules", false(_public, hunts=False)),
        ("benign events that they match", lambda result: f"{_matched(result):,}"),
        ("**ours in per cent of theirs**", ratio(hunts=False)),
        ("ours per 1,000 benign deployments and installations", per_thousand(_ours, hunts=False)),
        ("theirs per 1,000 benign deployments and installations", per_thousand(_public, hunts=False)),
        ("with hunts: false findings of ours", false(_ours, hunts=True)),
        ("with hunts: false findings of theirs", false(_public, hunts=True)),
        ("with hunts: ours in per cent of theirs", ratio(hunts=True)),
        ("seconds that our detections took, all together", lambda result: f"{result.seconds:.0f}"),
    ]


def _ours(result: Result) -> list[Finding]:
    return result.ours


def _public(result: Result) -> list[Finding]:
    return result.public


def _false(findings: Iterable[Finding], *, hunts: bool) -> int:
    return sum(one.attack is None and (hunts or not one.hunting) for one in findings)


def _alerts(result: Result) -> int:
    return len({(one.rule, one.key) for one in result.ours if one.attack is None and not one.hunting})


def _matched(result: Result) -> int:
    return sum(one.events for one in result.public if not one.hunting)


def _heavy(one: Finding) -> bool:
    return one.attack is None and not one.hunting and one.risk >= 50


def _by_rule(results: Sequence[Result], of: Callable[[Result], list[Finding]], rules: Sequence[tuple[str, str]]) -> str:
    """Findings of each rule over all days: of attacks, false, and how many attacks it found."""
    all_findings = [(result.day.seed, one) for result in results for one in of(result)]
    rows = []
    for rule, shown in rules:
        mine = [(seed, one) for seed, one in all_findings if one.rule == rule]
        attacks = {(seed, one.attack) for seed, one in mine if one.attack}
        false = sum(one.attack is None for _seed, one in mine)
        hunt = " (hunt)" if any(one.hunting for _seed, one in mine) else ""
        rows.append([shown + hunt, f"{len(attacks):,}", f"{len(mine) - false:,}", f"{false:,}"])
    return _table(["", "attacks found", "findings of attacks", "false findings"], rows)


def _stories(results: Sequence[Result]) -> str:
    stories = Counter(
        (one.story, one.rule) for result in results for one in result.ours if one.attack is None and not one.hunting
    )
    if not stories:
        return "There is none."
    ordered = sorted(stories.items(), key=lambda item: (-item[1], item[0]))
    return _table(
        ["what it is", "detection", "false findings"],
        [[story, f"`{rule}`", f"{count:,}"] for (story, rule), count in ordered],
    )


def _attacks(results: Sequence[Result]) -> str:
    """Scenarios over all days: how often they were there, and how often found."""
    models = {scenario.name: scenario.model for scenario in (*SCENARIOS, *INVASIONS)}
    rows = []
    names = sorted({attack.scenario for result in results for attack in result.day.truth})
    for name in names:
        times = ours = public = 0
        by: Counter[str] = Counter()
        for result in results:
            mine = {attack.id for attack in result.day.truth if attack.scenario == name}
            times += len(mine)
            ours += len(mine & {one.attack for one in result.ours if not one.hunting})
            public += len(mine & {one.attack for one in result.public if not one.hunting})
            by.update({one.rule for one in result.ours if one.attack in mine and not one.hunting})
        shown = [name.replace("_", " "), models.get(name, "")]
        rows.append([*shown, f"{times}", f"{ours}", f"{public}", f"{len(by)}"])
    head = ["scenario", "made after", "attacks", "found by ours", "found by public rules", "our detections that did"]
    return _table(head, rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])
