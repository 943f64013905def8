"""docs/coverage.md: which public rules ask what our detections ask, and which techniques of ATT&CK they cover."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from docs.pieces import anchor, plain, prose, table
from searchhead.conf import App
from searchhead.savedsearches import SavedSearch, detections
from tests.apps import table_rows
from tests.published import Rule, rules

ROOT = Path(__file__).resolve().parent.parent

_INTRODUCTION = """\
What public detection rules about packages and installers ask, and which of our detections asks the same; the other way
round; and which technique of MITRE ATT&CK each detection is for. A rule and a detection stand beside each other because
they ask the same question, not because they give the same answer: what each finds in logs of which the answer is
known, and what it reports wrongly, stands case by case in [comparison.md](comparison.md).

The rules are those about MSIX, AppX and installers in Splunk's ESCU (`splunk/security_content`), in Sigma
(`SigmaHQ/sigma`), and in the public rules of others, as of August to November 2026. Rules about remote access, download
or persistence in general are not listed, although some of them see the same attack. Also left out are rules that follow
a process from one event to another, need a history or a signature, or read the text of a rendered message, because one
event cannot show what they find; the heads of [published_rules.toml](../tests/published_rules.toml) and
[published_installer_rules.toml](../tests/published_installer_rules.toml) say which."""

_GENERATED = """\
Generated from default/savedsearches.conf, tests/published_rules.toml, tests/published_installer_rules.toml and
lookups/package_techniques_*.csv by `docs/generate.py`; do not edit."""

# What public content asks that is neither in the comparison nor a question of ours, and why.
_NOT_ASKED = (
    (
        "how winget is set up: its settings, sources and manifests",
        "Sigma: seven rules `winget_*`",
        "of winget as of any installer we ask where a package comes from, what it starts, connects to and leaves",
    ),
    (
        "which modules a process loads",
        "ESCU: `msi_module_loaded_by_non_system_binary`; Elastic",
        "no search reads loads of modules; a DLL inside msiexec shows by what it starts, connects to or writes",
    ),
    (
        "that the mark of the web was taken away",
        "ESCU: `windows_mark_of_the_web_bypass`; Elastic",
        "by itself it says nothing of a package; a package's own source and signature are asked for instead",
    ),
    (
        "indicators of single campaigns in npm and PyPI",
        "ESCU: stories of supply chains; Sigma: emerging threats",
        "hooks are judged by what they do; names of packages and files that a campaign used are not listed",
    ),
    (
        "descendants of any generation, signatures and ages of files at the moment of an event",
        "Elastic: endpoint rules",
        "the sensor of one vendor knows them, the Common Information Model does not",
    ),
)
_BLIND = "It does not see "

_NOBODY = "-"


def page() -> str:
    """The text of docs/coverage.md."""
    app, public = App(ROOT), rules()
    ours = detections(app)
    projects = dict.fromkeys(rule.project for rule in public)
    parts = [
        "# What is covered",
        _GENERATED,
        _INTRODUCTION,
        _counts(ours, public),
        "## From a public rule to our detection",
    ]
    for project in projects:
        parts += [f"### {project}", _from_rules([rule for rule in public if rule.project == project], ours)]
    parts += [
        "## Public rules that no detection of ours asks",
        _outside(public),
        "What other public content asks and ours does not, as far as we know it:",
        table(("question", "who asks", "why we do not"), _NOT_ASKED),
        "## What our detections do not see",
        table(("our detection", "does not see"), [(_link(one), _blind(app, one)) for one in ours]),
        "## From our detection to public rules",
        f"`{_NOBODY}` means that we know of no public rule that asks this.",
        _from_detections(ours, public),
        "## Techniques of ATT&CK",
        _techniques(ours),
    ]
    return "\n\n".join(parts) + "\n"


def _counts(ours: Sequence[SavedSearch], public: Sequence[Rule]) -> str:
    asked = sum(bool(rule.ours) for rule in public)
    alone = [one for one in ours if not any(one.slug in rule.ours for rule in public)]
    return (
        f"There are {len(public)} public rules here and {len(ours)} detections of ours. {asked} of the rules ask what "
        f"one of our detections asks too. What none of the rules asks: {', '.join(map(_link, alone)) or 'nothing'}."
    )


def _link(one: SavedSearch) -> str:
    return f"[{one.title}](detections.md#{anchor(one.title)})"


def _links(ours: Iterable[SavedSearch]) -> str:
    return "<br>".join(map(_link, ours)) or _NOBODY


def _from_rules(public: Sequence[Rule], ours: Sequence[SavedSearch]) -> str:
    rows = [
        (rule.id, f"{rule.name}<br>`{rule.file}`", _links(one for one in ours if one.slug in rule.ours))
        for rule in public
    ]
    return table(("", "public rule", "our detections"), rows)


def _outside(public: Sequence[Rule]) -> str:
    rows = [(rule.id, f"{rule.project}: {rule.name}", rule.outside) for rule in public if not rule.ours]
    return table(("", "public rule", "why"), rows)


def _blind(app: App, one: SavedSearch) -> str:
    """The sentence of a detection's description that tells its blind spot."""
    description = plain(app.conf("savedsearches").stanzas[one.name]["description"])
    said = description.partition(_BLIND)[2].partition(". ")[0].rstrip(".")
    return prose(said) or _NOBODY


def _from_detections(ours: Sequence[SavedSearch], public: Sequence[Rule]) -> str:
    def those(one: SavedSearch) -> str:
        asking = [f"{rule.id} {rule.project}: {rule.name}" for rule in public if one.slug in rule.ours]
        return "<br>".join(asking) or _NOBODY

    return table(("our detection", "public rules that ask the same"), [(_link(one), those(one)) for one in ours])


def _techniques(ours: Sequence[SavedSearch]) -> str:
    known = {row["technique"]: row for row in table_rows("package_techniques")}
    named = sorted({technique for one in ours for technique in one.mitre_attack})

    def line(technique: str) -> tuple[str, ...]:
        row = known[technique]
        tactics = (row[name].replace(" ", ", ") for name in ("tactics", "tactics_v19"))
        return technique, row["name"], *tactics, _links(one for one in ours if technique in one.mitre_attack)

    return table(("technique", "name", "tactics up to ATT&CK 18", "since 19", "our detections"), map(line, named))
