"""House rules over the whole app: what a generator would have guaranteed, and what AppInspect does not notice."""

from __future__ import annotations

import ast
import csv
import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from searchhead.conf import App, Stanza, read_conf
from searchhead.head import SearchHead, TimeRange
from searchhead.lookupdefinitions import is_kvstore
from searchhead.macros import Macro, macros_of
from searchhead.savedsearches import SavedSearch
from searchhead.spl.pipeline import run
from tests.apps import NOW, ROOT, STAND_INS, addons, package_abuse
from tests.bench import Bench
from tests.case_logs import moved_logs_of
from tests.dashboards import dashboards
from tests.shipped import (
    DETECTIONS,
    MACRO_USE,
    OTHERS,
    STATES,
    compiled,
    for_each_detection,
    for_each_other_search,
    minute,
    pipes,
    result_fields,
    some_hit,
    stanza_of,
)

ASCII_CONFS = sorted((ROOT / "default").glob("*.conf"))

# What a result row of every detection has.
CONTRACT = {"first_time", "last_time", "count", "dest", "user", "risk_score", "evidence", "risk_points", "why"}

# A macro that nothing uses until a site writes its name into another one.
SWITCHES = {"package_deployments_from_summary"}

# The settings that make a saved search one that alerts, adds risk and shows in Enterprise Security.
DETECTION_SETTINGS = {
    *(
        "description",
        "search",
        "disabled",
        "is_visible",
        "enableSched",
        "cron_schedule",
        "schedule_window",
        "allow_skew",
    ),
    *("dispatch.earliest_time", "dispatch.latest_time", "realtime_schedule", "counttype", "relation", "quantity"),
    *(f"alert.{name}" for name in ("digest_mode", "severity", "track", "suppress")),
    *(f"alert.suppress.{name}" for name in ("fields", "period")),
    *(f"action.correlationsearch.{name}" for name in ("enabled", "detection_type", "label", "annotations", "metadata")),
    *("action.escu", "action.escu.enabled", "action.escu.search_type", "action.escu.analytic_story"),
    *(f"action.escu.{name}" for name in ("mappings", "data_models", "providing_technologies", "product", "confidence")),
    *(f"action.escu.{name}" for name in ("creation_date", "modification_date", "eli5", "how_to_implement")),
    *("action.escu.known_false_positives", "action.risk", "action.notable"),
    *(f"action.risk.param.{name}" for name in ("_risk_message", "_risk", "_risk_score", "verbose")),
    *(f"action.notable.param.{name}" for name in ("rule_title", "rule_description", "security_domain", "severity")),
    *(f"action.notable.param.{name}" for name in ("nes_fields", "_entities", "next_steps", "drilldown_searches")),
    *("action.summary_index", "action.summary_index._name"),
}

# The settings of any other saved search: one that writes state, a baseline or a summary, and alerts nobody.
OTHER_SETTINGS = {
    *("description", "search", "disabled", "is_visible", "enableSched", "cron_schedule", "schedule_window"),
    *("allow_skew", "dispatch.earliest_time", "dispatch.latest_time", "realtime_schedule"),
}


BY_HAND_SETTINGS = {"description", "search", "disabled", "is_visible", "dispatch.earliest_time", "dispatch.latest_time"}

# What a saved search has besides that lists things for people: it writes nothing, and alerts if it is enabled.
REPORT_SETTINGS = {"alert_condition", "alert.digest_mode", "alert.severity", "alert.track"}


def reports(search: SavedSearch) -> bool:
    """Whether a saved search lists things for people."""
    return stanza_of(search)["is_visible"] == "1"


def looks_at_the_app(search: SavedSearch) -> bool:
    """Whether a saved search looks at how the app does, not at what happened on hosts: a finding of it may wait."""
    return search.name.startswith("Package Abuse - Package Health - ")


def collections() -> set[str]:
    """The lookups over collections of the KV store."""
    return {name for name, stanza in package_abuse().conf("transforms").stanzas.items() if is_kvstore(stanza)}


def commands(saved: SavedSearch, name: str) -> list[str]:
    """The commands of this name in a search."""
    return [command for command in compiled(saved).commands if command.split()[0] == name]


# ---------------------------------------------------------------- conf files


@pytest.mark.parametrize("path", ASCII_CONFS, ids=lambda path: path.name)
def test_a_conf_file_parses_strictly_and_is_ascii(path: Path) -> None:
    assert read_conf(path).stanzas
    assert path.read_text(encoding="utf-8").isascii()


def test_saved_searches_stand_in_the_order_of_their_names() -> None:
    names = list(package_abuse().conf("savedsearches").stanzas)
    assert names == sorted(names)


@pytest.mark.parametrize(
    "macro", [one for one in macros_of(package_abuse()).values() if one.arguments], ids=lambda one: one.key
)
def test_an_argument_of_a_macro_is_one_however_dollar_signs_are_paired(macro: Macro) -> None:
    # Nothing says whether Splunk pairs them from left to right: then "x$", $argument$ would be the token `", `.
    paired = re.findall(r"\$([^$]*)\$", macro.definition)
    for name in macro.arguments:
        assert paired.count(name) == macro.definition.count(f"${name}$")


def test_every_macro_is_used_by_a_search_or_another_macro() -> None:
    app = package_abuse()
    texts = [macro.definition for macro in macros_of(app).values()]
    texts += [value for one in (*DETECTIONS, *OTHERS) for value in stanza_of(one).values()]
    texts += [value for action in app.conf("workflow_actions").stanzas.values() for value in action.values()]
    texts += [view.spl(source) for view in dashboards() for source in view.definition["dataSources"]]
    used = {name for text in texts for name, _ in MACRO_USE.findall(text)}
    assert {macro.name for macro in macros_of(app).values()} == used | SWITCHES


def test_every_collection_has_a_definition_of_all_its_fields_and_the_reverse() -> None:
    described = {
        name: {setting.removeprefix("field.") for setting in stanza if setting.startswith("field.")}
        for name, stanza in package_abuse().conf("collections").stanzas.items()
    }
    defined: dict[str, set[str]] = {}
    for name in collections():
        stanza = package_abuse().conf("transforms").stanzas[name]
        first, *fields = re.split(r",\s*", stanza["fields_list"])
        assert (first, stanza["external_type"]) == ("_key", "kvstore")
        defined[stanza["collection"]] = set(fields)
    assert defined == described


def test_every_lookup_file_has_a_definition_and_the_reverse() -> None:
    stanzas = package_abuse().conf("transforms").stanzas.values()
    defined = {stanza["filename"] for stanza in stanzas if "filename" in stanza}
    shipped = {path.name.removesuffix(".default") for path in (ROOT / "lookups").iterdir()}
    assert shipped == defined


@pytest.mark.parametrize("path", sorted((ROOT / "lookups").iterdir()), ids=lambda path: path.name)
def test_a_lookup_file_is_rectangular_and_holds_no_formula(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert all(header)
    assert len(set(header)) == len(header)
    assert {len(row) for row in rows} <= {len(header)}
    assert not [cell for row in rows for cell in row if cell[:1] in tuple("=+-@")]


def test_every_extraction_is_used_and_named_after_the_app() -> None:
    props = package_abuse().conf("props").stanzas.values()
    transforms = package_abuse().conf("transforms").stanzas
    reports = {name: value for stanza in props for name, value in stanza.items() if name.startswith("REPORT-")}
    used = {name.strip() for value in reports.values() for name in value.split(",")}
    assert used == {name for name, stanza in transforms.items() if "REGEX" in stanza}
    assert all(name.startswith("REPORT-zz_package_") for name in reports)  # after the add-on's classes
    assert not [stanza for stanza in transforms.values() if "MV_ADD" in stanza]
    assert all(stanza.name.startswith("source::") for stanza in props)


def test_both_sources_of_a_channel_are_read_alike() -> None:
    stanzas = list(package_abuse().conf("props").stanzas.values())
    assert [dict(one) for one in stanzas[::2]] == [dict(one) for one in stanzas[1::2]]  # channel, provider, channel, …


def test_only_what_carries_the_prefix_leaves_the_app() -> None:
    meta = read_conf(ROOT / "metadata" / "default.meta").stanzas
    exported = {name for name, stanza in meta.items() if stanza.get("export") == "system"}
    types = {name for name in exported if "/" not in name}
    assert types == {
        *("commands", "searchbnf", "props", "transforms", "lookups", "collections", "savedsearches"),
        *("analyticstories", "content-version", "workflow_actions"),
    }
    escaped = {key.replace("(", "%28").replace(")", "%29") for key in macros_of(package_abuse())}
    assert exported - types == {
        f"macros/{key}" for key in escaped if key.startswith("package_") and not key.endswith("_filter")
    }
    assert meta[""]["access"] == "read : [ * ], write : [ admin, sc_admin, power, ess_admin ]"
    assert meta[""]["export"] == "none"


def test_what_others_may_use_refers_to_nothing_that_stays_inside() -> None:
    macros = macros_of(package_abuse())
    exported = [macro for name, macro in macros.items() if name.startswith("package_")]
    used = {name for macro in exported for name, _ in MACRO_USE.findall(macro.definition)}
    assert all(name.startswith("package_") for name in used)
    assert all(name.startswith("package_") for name in package_abuse().conf("transforms").stanzas)


# ---------------------------------------------------------------- detections


@for_each_detection
def test_a_detection_compiles(detection: SavedSearch) -> None:
    assert not compiled(detection).generating


@for_each_detection
def test_a_detection_is_named_by_the_rules(detection: SavedSearch) -> None:
    assert detection.name == f"Package Abuse - {detection.title} - Rule"
    assert stanza_of(detection)["action.correlationsearch.label"] == f"Package Abuse - {detection.title}"
    assert len(detection.name) <= 81  # Enterprise Security wraps the name of a clone and allows 99


@for_each_detection
def test_a_detection_reads_a_source_macro_and_ends_with_its_own_exceptions_and_filter(detection: SavedSearch) -> None:
    first, *_, exceptions, site_filter = pipes(detection.search)
    # One telemetry: a macro that builds its rows, or the events of channels with their IDs as bare tokens.
    assert re.fullmatch(r"`package_\w+(?:\(.*\))?`|.*`(?:package|wineventlog)_\w+`\)* \(?\d+\b.*", first)
    assert exceptions == f"`package_exceptions({detection.slug})`"
    assert site_filter == f"`{detection.slug}_filter`"
    assert macros_of(package_abuse())[f"{detection.slug}_filter"].definition == "search *"


@for_each_detection
def test_a_detection_carries_few_fields_and_reads_one_telemetry_once(detection: SavedSearch) -> None:
    search = compiled(detection)
    # What tstats gives is what its "by" names.
    assert search.commands[1].startswith("fields ") or search.commands[0].startswith("tstats ")
    names = {command.split()[0] for command in search.commands}
    assert not names & {"append", "appendcols", "join", "map", "multisearch", "selfjoin", "set", "transaction", "union"}


@for_each_detection
def test_a_detection_returns_what_the_contract_says(detection: SavedSearch) -> None:
    assert result_fields(detection) >= CONTRACT


@for_each_detection
def test_a_detection_has_every_setting_and_no_other(detection: SavedSearch) -> None:
    assert set(stanza_of(detection)) == DETECTION_SETTINGS


@for_each_detection
def test_a_detection_ships_disabled_and_scheduled_after_what_it_reads_is_written(detection: SavedSearch) -> None:
    stanza = stanza_of(detection)
    assert stanza["disabled"] == "1"
    assert stanza["enableSched"] == "1"
    assert stanza["realtime_schedule"] == "0"
    # The same 90 minutes for all, whenever they run; later where others must have written what happened before.
    late = any(STATES & names for names in compiled(detection).reads)
    assert 15 <= minute(detection) <= 25 if late else 1 <= minute(detection) <= 14


def test_no_minute_is_crowded_and_none_of_a_writer_has_a_detection() -> None:
    minutes = Counter(map(minute, DETECTIONS))
    assert max(minutes.values()) <= 2
    read = frozenset[str]().union(*(names for one in DETECTIONS for names in compiled(one).reads))
    writers = [one for one in OTHERS if compiled(one).writes & read and not compiled(one).generating]
    assert not set(minutes) & set(map(minute, writers))


@for_each_detection
def test_the_window_is_kept_where_first_time_is_made(detection: SavedSearch) -> None:
    search = compiled(detection)
    windows = {"package_window", "package_deployment_window"}
    window = next(at for at, macros in enumerate(search.macros) if windows & set(macros))
    if search.commands[0].startswith("tstats "):  # each row is a process or the like, with a time of its own
        before = [at for at in range(window) if search.commands[at].startswith("stats ")]
        assert before in ([], [window - 1])
        assert all(re.search(r"(?i)\bmin\(first_time\) as first_time\b", search.commands[at]) for at in before)
        return
    assert search.commands[window - 1].startswith("stats ")
    assert re.search(r"\bmin\(_time\) as first_time\b", search.commands[window - 1])


@for_each_detection
def test_a_description_is_sentences_and_says_what_is_not_seen(detection: SavedSearch) -> None:
    description = stanza_of(detection)["description"]
    assert description.endswith(".")
    assert "does not see" in description


# ---------------------------------------------------------------- the other searches


@for_each_other_search
def test_any_other_search_is_named_by_the_rules_and_says_what_it_is_for(search: SavedSearch) -> None:
    assert re.fullmatch(r"Package Abuse - Package [\w -]+", search.name)
    assert not search.name.endswith(" - Rule")
    assert len(search.name) <= 81
    assert stanza_of(search)["description"].endswith(".")


@for_each_other_search
def test_any_other_search_ships_disabled_and_scheduled_and_alerts_nobody_unless_it_reports(search: SavedSearch) -> None:
    stanza = stanza_of(search)
    if "enableSched" not in stanza:  # a report that is run by hand: nothing to enable, nobody to alert
        assert reports(search)
        assert set(stanza) == BY_HAND_SETTINGS
        return
    assert (stanza["disabled"], stanza["enableSched"], stanza["realtime_schedule"]) == ("1", "1", "0")
    assert {"cron_schedule", "dispatch.earliest_time", "dispatch.latest_time"} <= set(stanza)
    extra = set(stanza) - OTHER_SETTINGS
    if reports(search):
        assert extra == REPORT_SETTINGS
        return
    assert stanza["is_visible"] == "0"
    assert all(name.startswith("action.summary_index") for name in extra)
    assert not extra or not commands(search, "outputlookup")  # a summary or state, not both


@for_each_other_search
def test_state_is_upserted_by_its_key(search: SavedSearch) -> None:
    for command in commands(search, "outputlookup"):
        options = dict(re.findall(r"(\w+)=(\S+)", command))
        assert options["key_field"] == "_key"
        # By default no rows empty a lookup, and an inputlookup that could not read, or a quiet hour, gives none.
        assert options["override_if_empty"] == "false"
        if looks_at_the_app(search):  # its rows are of nothing or of events, and added in either case
            assert options["append"] == ("false" if search.name.endswith("Prune") else "true")
            continue
        assert command.split()[-1] in collections()
        # One that prunes writes back what is to stay. All others add, and may run twice. Neither is left to a default,
        # which for key_field is to add.
        assert options["append"] == ("false" if " - Prune" in search.name else "true")


@pytest.mark.parametrize("search", [one for one in OTHERS if " - Prune" in one.name], ids=lambda one: one.slug)
def test_pruning_waits_until_nobody_else_writes(search: SavedSearch) -> None:
    # It reads a collection and writes it back: what another search writes between the two would be lost.
    stanza = stanza_of(search)
    assert (stanza["schedule_window"], stanza["allow_skew"]) == ("0", "0")
    written = compiled(search).writes
    others = [one for one in OTHERS if one != search and compiled(one).writes & written]
    others += [one for one in DETECTIONS if any(options.split()[-1] in written for options in inner_writes(one))]
    minutes = {one.name: int(stanza_of(one)["cron_schedule"].split()[0]) for one in (search, *others)}
    at = minutes.pop(search.name)
    assert not {name: other for name, other in minutes.items() if 0 <= at - other < 10}


def inner_writes(search: SavedSearch) -> list[str]:
    """What the outputlookup commands in square brackets say."""
    return [found for one in compiled(search).commands for found in re.findall(r"\| outputlookup ([^|\]]+)", one)]


@for_each_detection
def test_a_detection_writes_beside_its_results_only_by_key(detection: SavedSearch) -> None:
    assert not compiled(detection).writes
    for options in inner_writes(detection):
        assert {"append=true", "override_if_empty=false", "key_field=_key"} <= set(options.split())


def test_every_collection_is_written_and_pruned() -> None:
    written: dict[bool, set[str]] = {True: set(), False: set()}
    for search in OTHERS:
        written[compiled(search).generating] |= compiled(search).writes
    for search in (*DETECTIONS, *OTHERS):  # beside their results
        written[False] |= {options.split()[-1] for options in inner_writes(search)}
    # What was raised is only written where a site lets searches read by index time (tests/test_late_data.py).
    assert "outputlookup" in macros_of(package_abuse())["package_raised_once(1)"].definition
    assert written == {True: collections(), False: collections() - {"package_raised"}}


def test_all_that_read_events_see_the_same_ninety_minutes() -> None:
    for saved in (*DETECTIONS, *OTHERS):
        if not (compiled(saved).generating or looks_at_the_app(saved)):
            stanza = stanza_of(saved)
            expected = (f"-{100 + minute(saved)}m@m", f"-{10 + minute(saved)}m@m")
            assert (stanza["dispatch.earliest_time"], stanza["dispatch.latest_time"]) == expected, saved.name


def test_who_writes_runs_on_time_and_before_those_who_read() -> None:
    readers = {one: frozenset[str]().union(*compiled(one).reads) for one in DETECTIONS}
    writers = [one for one in OTHERS if not (compiled(one).generating or looks_at_the_app(one))]
    summaries = [one for one in writers if "action.summary_index" in stanza_of(one)]
    for writer in writers:
        # A full hour may be skewed by the whole period, and "auto" lets the scheduler wait.
        stanza = stanza_of(writer)
        assert (stanza["schedule_window"], stanza["allow_skew"]) == ("0", "0"), writer.name
        for reader, names in readers.items():
            assert not names & compiled(writer).writes or minute(reader) - minute(writer) >= 5, writer.name
    for summary in summaries:
        for saved in (*DETECTIONS, *writers):
            if any("package_deployments" in macros for macros in compiled(saved).macros):
                assert minute(saved) - minute(summary) >= 3, saved.name


# ---------------------------------------------------------------- the commands


COMMANDS = package_abuse().conf("commands").stanzas


def searchbnf(command: str) -> Stanza:
    return package_abuse().conf("searchbnf").stanzas[f"{command}-command"]


def test_every_command_is_described_for_the_search_assistant() -> None:
    described = {name for name in package_abuse().conf("searchbnf").stanzas if name.endswith("-command")}
    assert described == {f"{name}-command" for name in COMMANDS}
    assert {searchbnf(name)["usage"] for name in COMMANDS} == {"public"}


def test_commands_are_run_alike() -> None:
    assert {stanza["filename"] for stanza in COMMANDS.values()} == {f"{name}.py" for name in COMMANDS}
    assert len({tuple(sorted({**stanza, "filename": ""}.items())) for stanza in COMMANDS.values()}) == 1


WEBEX = "CiscoSystems.Webex_2.10.1.26171_x64__cvpb331a1f8hw"
EXAMPLES = {
    "msixbrand": [
        {"package_name": "CiscoSystems.Webex", "package_brand": "Cisco Webex", "package_brand_match": "name"},
        {"title": "Micros0ft Teams", "package_brand": "Microsoft Teams", "package_brand_match": "lookalike"},
        {"package_name": "SpotifyAB.SpotifyMusic", "package_brand": "Spotify", "package_brand_match": "own"},
    ],
    "msixdecode": [
        {"package_name": "Microsoft.WindowsTerminal", "package_architecture": "x64", "publisher_class": "microsoft"},
        {"package_full_name": WEBEX, "publisher_class": "malicious"},
        {"package": "SpotifyAB.SpotifyMusic_zpdnekdrzrea0", "publisher_verified": "true"},
    ],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_examples_of_the_search_assistant_run(command: str) -> None:
    examples = [name for name in searchbnf(command) if name.startswith("example")]
    assert examples == [f"example{number + 1}" for number in range(len(EXAMPLES[command]))]
    for example, expected in zip(examples, EXAMPLES[command], strict=True):
        place = searchbnf(command).settings[example].text_place(f"{command}-command")
        saved = SavedSearch("example", searchbnf(command)[example], "example", "example", (), place)
        rows = run(SearchHead(package_abuse(), addons(*STAND_INS), now=NOW).compile(saved))
        assert [{name: row.get(name) for name in expected} for row in rows] == [expected]


# ---------------------------------------------------------------- the window


MINUTES = {0: False, 9: False, 10: True, 40: True, 69: True, 70: False, 89: False}
"""When something begins, in minutes after the time range of a scheduled run, and whether that run reports it."""


START = 1_772_442_000.0


@pytest.fixture(scope="module")
def scheduled() -> Iterator[dict[int, Bench]]:
    """Benches by the length of their time range: that of a scheduled run, and one that is longer by a second."""
    with ExitStack() as stack:
        yield {
            length: stack.enter_context(Bench(package_abuse(), STAND_INS, TimeRange(START, START + length)))
            for length in (5400, 5401)
        }


@for_each_detection
def test_a_scheduled_run_keeps_the_hour_it_owns(
    detection: SavedSearch, tmp_path: Path, scheduled: dict[int, Bench]
) -> None:
    path, case = some_hit(detection.slug)
    first_time, records = float(case["rows"][0]["first_time"]), case.get("lookups", {})
    hosts = {f"ws-{minute:04d}.corp.example": kept for minute, kept in MINUTES.items()}
    later = {host: START + 60 * minute + 30 - first_time for minute, host in zip(MINUTES, hosts, strict=True)}
    for host, seconds in later.items():
        for name, text in moved_logs_of(path, case, host, seconds).items():
            (tmp_path / f"{host}-{name}").write_text(text, encoding="utf-8")
    moved = {
        name: [moved_record(row, host, seconds) for host, seconds in later.items() for row in rows]
        for name, rows in records.items()
    }
    for length, expected in ((5400, {host for host, kept in hosts.items() if kept}), (5401, set(hosts))):
        [rows] = scheduled[length].run([detection.slug], [tmp_path], moved)
        assert {str(row["dest"]) for row in rows} == expected


def moved_record(record: dict[str, Any], host: str, seconds: float) -> dict[str, Any]:
    """A record of what happened on a host, or what is known everywhere, which stays."""
    kind = next((kind for kind in ("state", "lineage") if f"{kind}_host" in record), None)
    if kind is None:
        return record
    here = {"_key": f"{record['_key']}|{host}", f"{kind}_host": host.split(".", maxsplit=1)[0]}
    return {**record, **here, f"{kind}_time": float(record[f"{kind}_time"]) + seconds}


# ---------------------------------------------------------------- the house


def sources(*folders: str) -> list[Path]:
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in paths if "lib" not in path.relative_to(ROOT).parts]


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def outside(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(path)} - set(sys.stdlib_module_names)


EDGES = {
    "searchhead/cli.py": {"click"},
    "searchhead/console.py": {"click", "rich"},
    "searchhead/exceptioncheck.py": {"click"},
    "searchhead/healthreport.py": {"rich"},
    "searchhead/reports/htmlreport.py": {"jinja2", "markupsafe"},
    "searchhead/hunting.py": {"click"},
    "searchhead/live.py": {"splunklib"},
    "searchhead/reports/terminaltable.py": {"rich"},
    "searchhead/inputs/evtx.py": {"evtx"},
}


@pytest.mark.parametrize("path", sources("searchhead"), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_search_head_imports_only_itself_and_libraries_only_at_its_edges(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    assert outside(path) - {"searchhead"} <= EDGES.get(name, set())
    assert not re.search(r"msix|appx", path.read_text(encoding="utf-8"), re.IGNORECASE)


@pytest.mark.parametrize("path", sources("bin"), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_app_imports_only_what_ships_in_it(path: Path) -> None:
    own = {one.stem for one in (ROOT / "bin").glob("*.py")}
    allowed = {"msix"} if path.parent.name == "msix" else {"msix", "splunklib", *own}
    assert outside(path) <= allowed


@pytest.mark.parametrize(
    "path", sources("searchhead", "bin", "benchmarks", "docs"), ids=lambda path: str(path.relative_to(ROOT))
)
def test_a_module_is_short_enough_to_read(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


# Tests of more than one module: the app, its cases, documents and archive, the real logs, and the tests' own tools.
WHOLE = {
    *("cluster_and_cloud", "dashboards", "distributed", "htmlreport_browser", "released", "upgrade", "views"),
    *(
        "addons",
        "addons_auditd",
        "addons_defender",
        "app",
        "archive",
        "audit",
        "company",
        "company_installers",
        "deployments",
        "detections",
        "docs",
        "enterprise_security",
        "evidence",
        "exceptions",
        "language",
        "late_data",
        "limits",
    ),
    *(
        "health",
        "health_app",
        "health_tables",
        "installation",
        "installer_data",
        "lookup_data",
        "package",
        "processes",
        "run",
    ),
    *("sample", "samples", "summary", "tuning"),
}
TOOLS = {
    *("browser", "node_project", "screenshots", "view_server", "views_rendered"),
    *(
        "appinspect_gate",
        "auditd_events",
        "bench",
        "case_logs",
        "defender_events",
        "fetch_sample",
        "on_splunk",
    ),
    *("coverage_page", "detection_lock", "false_positives_page", "icons", "pieces"),
    *("published", "published_installers", "windows_events"),
    *("live_checks", "live_checks_page"),
    "layer_format",
}


def test_every_module_has_a_test_of_its_name_and_the_reverse() -> None:
    tests = {path.stem.removeprefix("test_") for path in (ROOT / "tests").glob("test_*.py")}
    tests |= {path.stem for path in (ROOT / "tests" / "language").glob("*.jsonl")}
    paths = [path.relative_to(ROOT).with_suffix("") for path in sources("searchhead", "bin")]
    modules = {(path.parent if path.name == "__init__" else path).parts for path in paths}
    names = {parts: {"_".join(parts[start:]).rstrip("_") for start in range(len(parts))} for parts in modules}
    packages = {path.parent.parts for path in paths}
    untested = [".".join(parts) for parts in modules - packages if not names[parts] & tests]
    assert untested == []
    known = set().union(*names.values()) | WHOLE | TOOLS
    astray = {path.name for path in (ROOT / "tests").glob("test_*.py") if path.stem.removeprefix("test_") not in known}
    assert astray == set()


def test_no_file_names_a_place_outside_the_project() -> None:
    listed = [
        path
        for folder in ("default", "searchhead", "bin/msix", "lookups", "docs", "tests")
        for path in (ROOT / folder).rglob("*")
    ]
    texts = {
        path: path.read_text(encoding="utf-8", errors="replace")
        for path in listed
        if path.is_file() and path.suffix != ".pyc"
    }
    foreign = re.compile(re.escape(f"{ROOT}/") + r"|/home/(?!jdoe/)[a-z]+/|(?<!/var)/root/(?![.*])")
    found = [
        str(path.relative_to(ROOT))
        for path, text in texts.items()
        if foreign.search(text) and path.name != "test_app.py"
    ]
    assert found == []


def test_app_has_the_id_of_its_folder_in_splunk() -> None:
    assert App(ROOT).id == "package_abuse"
