"""The checks that Splunk admins run over detections: those of the app Detection Insights, each by its own wording.

What a detection need not pass stands with its reason in audit_exemptions.toml.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from searchhead.macros import macros_of
from searchhead.savedsearches import SavedSearch
from searchhead.spl.compiling import split_at_pipes
from searchhead.spl.expansion import expand
from tests.apps import STAND_INS, addons, package_abuse
from tests.shipped import DETECTIONS, result_fields, stanza_of, tokens
from tests.spl_texts import commands

EXEMPTIONS = tomllib.loads(Path(__file__).with_name("audit_exemptions.toml").read_text(encoding="utf-8"))["exemption"]


@dataclass(frozen=True)
class Audited:
    """A detection to check: its settings, its search with all macros expanded, and the fields of its results."""

    settings: Mapping[str, str]
    expanded: str
    fields: frozenset[str]

    def json(self, name: str) -> object:
        """A setting whose text is JSON; None where there is none."""
        return json.loads(self.settings.get(name) or "null")


Check = Callable[[Audited], Iterator[str]]
CHECKS: dict[str, Check] = {}


def check(name: str) -> Callable[[Check], Check]:
    """Enters a function that tells the problems of a detection, under the name of the check."""

    def enter(function: Check) -> Check:
        CHECKS[name] = function
        return function

    return enter


# Where Enterprise Security replaces tokens in a text for people.
TEXTS = ("action.notable.param.rule_title", "action.notable.param.rule_description", "action.risk.param._risk_message")


def drilldowns(one: Audited) -> list[dict[str, str]]:
    found = one.json("action.notable.param.drilldown_searches")
    return found if isinstance(found, list) else []


def annotation(one: Audited, name: str) -> object:
    found = one.json("action.correlationsearch.annotations")
    return found.get(name) if isinstance(found, dict) else None


def seconds(text: str) -> int:
    """A span of time, as of ``86400s`` or ``-100m@m``."""
    found = re.fullmatch(r"-?(\d+)([smhd])(?:@\w+)?", text)
    return int(found[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[found[2]] if found else 0


def window(one: Audited) -> int:
    return seconds(one.settings.get("dispatch.earliest_time", "")) - seconds(
        one.settings.get("dispatch.latest_time", "")
    )


# ---------------------------------------------------------------- the checks


@check("drilldown present (multiple)")
def _(one: Audited) -> Iterator[str]:
    complete = [drill for drill in drilldowns(one) if drill.get("name") and drill.get("search")]
    if len(complete) < 2:
        yield f"has {len(complete)} drilldowns"


@check("next steps")
def _(one: Audited) -> Iterator[str]:
    steps = one.json("action.notable.param.next_steps")
    if not isinstance(steps, dict) or not steps.get("data"):
        yield "says not what to do next"


@check("MITRE + kill chain annotations")
def _(one: Audited) -> Iterator[str]:
    for name in ("mitre_attack", "kill_chain_phases"):
        if not annotation(one, name):
            yield f"has no annotation {name}"


@check("description")
def _(one: Audited) -> Iterator[str]:
    if len(one.settings.get("description", "")) < 40:
        yield "has no description"


@check("risk message/score/entity/threat object set")
def _(one: Audited) -> Iterator[str]:
    if not tokens(one.settings.get("action.risk.param._risk_message", "")):
        yield "has no risk message of the finding"
    objects = one.json("action.risk.param._risk")
    for kind, needed in (("risk", {"risk_object_field", "risk_score"}), ("threat", {"threat_object_field"})):
        if not isinstance(objects, list) or not any(needed <= set(each) and all(each.values()) for each in objects):
            yield f"has no {kind} object"


@check("valid $token$ syntax")
def _(one: Audited) -> Iterator[str]:
    texts = [one.settings.get(name, "") for name in TEXTS]
    texts += [text for drill in drilldowns(one) for text in (drill["name"], drill["search"])]
    for text in texts:
        for token in re.findall(r"\$[^\s$]+\$", text):
            if not re.fullmatch(r"\$\w+(?:\|s)?\$", token):
                yield f"{token} is no token"
        unknown = tokens(text) - one.fields
        if unknown:
            yield f"has tokens that are no fields: {', '.join(sorted(unknown))}"
    for text in texts[: len(TEXTS)]:
        if re.sub(r"\$\w+\$", "", text).count("$"):
            yield f"has a $ that belongs to no token: {text}"


@check("throttle fields and >= 4 h")
def _(one: Audited) -> Iterator[str]:
    fields = [name for name in one.settings.get("alert.suppress.fields", "").split(",") if name]
    if one.settings.get("alert.suppress") != "1" or not fields:
        yield "is not throttled by fields"
    if not set(fields) <= one.fields:
        yield "is throttled by a field that it has not"
    if seconds(one.settings.get("alert.suppress.period", "")) < 4 * 3600:
        yield "is throttled for less than four hours"


@check("throttle >= window")
def _(one: Audited) -> Iterator[str]:
    if seconds(one.settings.get("alert.suppress.period", "")) < window(one):
        yield "is throttled for less than it looks at"


@check("schedule_window=auto")
def _(one: Audited) -> Iterator[str]:
    if one.settings.get("schedule_window") != "auto":
        yield "leaves the scheduler no choice"


@check("non-zero skew")
def _(one: Audited) -> Iterator[str]:
    if not re.fullmatch(r"[1-9]\d*(?:%|[smhd])", one.settings.get("allow_skew", "0")):
        yield "has no skew"


@check("cron not overused")
def _(one: Audited) -> Iterator[str]:
    used = crons()[one.settings["cron_schedule"]]
    if used > 2:
        yield f"runs at the same minute as {used - 1} others"


@check("no real-time")
def _(one: Audited) -> Iterator[str]:
    for name in ("dispatch.earliest_time", "dispatch.latest_time"):
        if not one.settings.get(name) or one.settings[name].startswith("rt"):
            yield f"{name} is missing or of real time"
    if one.settings.get("realtime_schedule") != "0":
        yield "skips runs: its schedule is not continuous"


@check("ASCII only")
def _(one: Audited) -> Iterator[str]:
    texts = [*one.settings.values(), one.expanded]
    if not all(text.isascii() for text in texts):
        yield "has characters outside of ASCII"


@check("multi-line SPL")
def _(one: Audited) -> Iterator[str]:
    lines = one.settings["search"].split("\n")
    if len(lines) < 3 or not all(line.startswith("|") for line in lines[1:]):
        yield "has not one line for each command"


@check("no join/append/transaction/subsearch")
def _(one: Audited) -> Iterator[str]:
    used = {name for name, _ in commands(one.expanded)}
    refused = {"append", "appendcols", "join", "map", "multisearch", "selfjoin", "set", "transaction", "union"}
    for name in sorted(used & refused):
        yield f"uses {name}"
    # These run what stands in brackets over the rows that there are; any other command would run it first, alone.
    over_rows = ("foreach ", "appendpipe ")
    for start, end in split_at_pipes(one.expanded):
        text = one.expanded[start:end].strip()
        if "[" in re.sub(r'"(?:[^"\\]|\\.)*"', '""', text) and not text.startswith(over_rows):
            yield f"has a subsearch: {text[:60]}"


@check("aggregation present")
def _(one: Audited) -> Iterator[str]:
    if not {"stats", "tstats"} & {name for name, _ in commands(one.expanded)}:
        yield "does not aggregate"


@check("index constraint present")
def _(one: Audited) -> Iterator[str]:
    start, end = split_at_pipes(one.expanded)[0]
    first = one.expanded[start:end].strip() or one.expanded.strip().lstrip("|").split("|")[0]
    # The indexes of a data model stand in a macro of the Common Information Model's add-on.
    if not re.search(r"\bdatamodel=\w|\bindex(?:=(?!\*)| IN )", first):
        yield "reads every index"


@check("data_source annotation")
def _(one: Audited) -> Iterator[str]:
    if not annotation(one, "data_source"):
        yield "names no data source"


@check("runtime < window")
def _(one: Audited) -> Iterator[str]:
    if window(one) <= 3600:
        yield "looks at no more than it has time for"
    yield "nobody has measured it"


@cache
def crons() -> Counter[str]:
    return Counter(stanza_of(one)["cron_schedule"] for one in DETECTIONS)


@cache
def audited(detection: SavedSearch) -> Audited:
    apps = [*addons(*STAND_INS), package_abuse()]
    macros = {name: macro for app in apps for name, macro in macros_of(app).items()}
    expanded = expand(detection.search, macros, detection.place).text
    return Audited(dict(stanza_of(detection)), expanded, frozenset(result_fields(detection)))


# ---------------------------------------------------------------- the audit


@pytest.mark.parametrize("name", CHECKS)
def test_every_detection_passes_the_check_or_is_exempt_with_a_reason(name: str) -> None:
    found = {one.slug: list(CHECKS[name](audited(one))) for one in DETECTIONS}
    exempt = {slug for each in EXEMPTIONS if each["check"] == name for slug in each["detections"]}
    problems = {slug: told for slug, told in found.items() if told and not exempt & {slug, "*"}}
    assert problems == {}


@pytest.mark.parametrize("exemption", EXEMPTIONS, ids=lambda each: each.get("check"))
def test_an_exemption_has_a_reason_and_is_needed(exemption: dict[str, Any]) -> None:
    assert set(exemption) == {"check", "detections", "reason"}
    assert exemption["check"] in CHECKS, "there is no such check"
    assert re.fullmatch(r"[A-Z].{30,}\.", exemption["reason"]), "say why, in a sentence"
    failing = {one.slug for one in DETECTIONS if list(CHECKS[exemption["check"]](audited(one)))}
    if exemption["detections"] == ["*"]:
        assert failing, "not needed: remove it"
    else:
        assert set(exemption["detections"]) - failing == set(), "these need it not: remove them"


def test_no_detection_is_exempt_twice() -> None:
    named = Counter((each["check"], slug) for each in EXEMPTIONS for slug in each["detections"])
    assert max(named.values(), default=0) <= 1


# ---------------------------------------------------------------- the checks themselves

# For each check a change that it must notice: a setting and what it is then.
SPOILED = {
    "drilldown present (multiple)": ("action.notable.param.drilldown_searches", '[{"name": "a", "search": "| b"}]'),
    "next steps": ("action.notable.param.next_steps", '{"version": 1, "data": ""}'),
    "MITRE + kill chain annotations": ("action.correlationsearch.annotations", '{"mitre_attack": ["T1204"]}'),
    "description": ("description", ""),
    "risk message/score/entity/threat object set": ("action.risk.param._risk", '[{"threat_object_field": "process"}]'),
    "valid $token$ syntax": ("action.notable.param.rule_title", "Something on $dest"),
    "throttle fields and >= 4 h": ("alert.suppress.period", "3600s"),
    "throttle >= window": ("alert.suppress.period", "5399s"),
    "schedule_window=auto": ("schedule_window", "0"),
    "non-zero skew": ("allow_skew", "0"),
    "cron not overused": ("cron_schedule", "0 * * * *"),
    "no real-time": ("dispatch.earliest_time", "rt-5m"),
    "ASCII only": ("action.escu.eli5", "na\u00efve"),
    "multi-line SPL": ("search", "index=a | stats count | `b`"),
    "no join/append/transaction/subsearch": ("", "search index=a [search index=b] | join dest [search index=c]"),
    "aggregation present": ("", "search index=a | table dest"),
    "index constraint present": ("", "search index=* 400 | stats count by dest"),
    "data_source annotation": ("action.correlationsearch.annotations", '{"data_source": []}'),
    "runtime < window": ("dispatch.earliest_time", "-30m@m"),
}


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_notices_what_it_is_for(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    setting, value = SPOILED[name]
    good = audited(DETECTIONS[0])
    monkeypatch.setitem(crons(), "0 * * * *", 3)
    spoiled = replace(good, settings={**good.settings, setting: value}) if setting else replace(good, expanded=value)
    assert len(list(CHECKS[name](spoiled))) > len(list(CHECKS[name](good)))


@pytest.mark.parametrize(
    "search",
    [
        "search index=a | join dest [search index=b]",
        "search index=a | append [search index=b]",
        "search index=a | appendpipe [stats count | append [search index=b]]",
        "search index=a | where x IN ([search index=b])",
    ],
)
def test_a_subsearch_is_found_wherever_it_stands(search: str) -> None:
    spoiled = replace(audited(DETECTIONS[0]), expanded=search)
    assert list(CHECKS["no join/append/transaction/subsearch"](spoiled))


@pytest.mark.parametrize("detection", DETECTIONS, ids=lambda one: one.slug)
def test_what_stands_in_the_brackets_of_ours_reads_a_table_and_no_events(detection: SavedSearch) -> None:
    for start, end in split_at_pipes(audited(detection).expanded):
        text = audited(detection).expanded[start:end].strip()
        if text.startswith(("search ", "tstats ")):
            bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)
            assert set(re.findall(r"\[[\s|]*(\w+)", bare)) <= {"inputlookup"}, text
