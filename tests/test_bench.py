from __future__ import annotations

from pathlib import Path

import pytest

from searchhead.conf import App
from searchhead.spl.errors import SplError
from searchhead.spl.timeranges import TimeRange
from tests.apps import STAND_INS
from tests.bench import Bench, lookups_of, over_data_models
from tests.windows_events import WindowsEvent, render

# Detections tell what stands in a collection that a search fills before them.
SEARCHES = """
[Memory]
search = "<EventID>1<" | stats count by host | eval kind="seen" | table host, kind | outputlookup append=true memory

[Remembers]
action.correlationsearch.enabled = 1
search = * | stats count by host | lookup local=true memory host OUTPUT kind | table host, kind

[Counts]
action.correlationsearch.enabled = 1
search = * | stats count

[Broken]
action.correlationsearch.enabled = 1
search = * | nosuchcommand
"""


@pytest.fixture
def app(tmp_path: Path) -> App:
    folder = tmp_path / "app" / "default"
    folder.mkdir(parents=True)
    confs = {
        "app": "[ui]\nlabel = Test\n[package]\nid = test\n",
        "savedsearches": SEARCHES,
        "collections": "[memory]\nfield.host = string\n",
        "transforms": "[memory]\nexternal_type = kvstore\ncollection = memory\nfields_list = _key, host, kind\n",
    }
    for name, text in confs.items():
        (folder / f"{name}.conf").write_text(text, encoding="utf-8")
    return App(folder.parent)


def log(folder: Path, *hosts: str, code: int) -> Path:
    path = folder / f"{code}.xml"
    events = [WindowsEvent(code, "2026-03-02T09:00:00Z", host=host) for host in hosts]
    path.write_text("\n".join(map(render, events)), encoding="utf-8")
    return path


def test_what_writes_state_runs_before_the_detections(app: App, tmp_path: Path) -> None:
    with Bench(app) as bench:
        found = bench.run(["remembers", "counts"], [log(tmp_path, "a", "b", code=1)])
    assert found == [[{"host": "a", "kind": "seen"}, {"host": "b", "kind": "seen"}], [{"count": 2}]]
    assert (bench.damages, bench.warnings) == ([], [])


def test_every_run_begins_anew_with_the_records_that_it_is_given(app: App, tmp_path: Path) -> None:
    with Bench(app) as bench:
        bench.run(["remembers"], [log(tmp_path, "a", code=1)])
        later = log(tmp_path, "a", "b", code=2)
        assert bench.run(["remembers"], [later]) == [[{"host": "a"}, {"host": "b"}]]
        assert bench.run(["remembers"], [later], {"memory": [{"host": "b", "kind": "given"}]}) == [
            [{"host": "a"}, {"host": "b", "kind": "given"}]
        ]


SITE = """
[Site]
action.correlationsearch.enabled = 1
search = * | lookup local=true known host OUTPUT kind, note | table host, kind, note
"""


def test_a_file_holds_the_rows_of_a_run_for_this_run_alone(app: App, tmp_path: Path) -> None:
    with (app.path / "default" / "savedsearches.conf").open("a", encoding="utf-8") as file:
        file.write(SITE)
    with (app.path / "default" / "transforms.conf").open("a", encoding="utf-8") as file:
        file.write("[known]\nfilename = known.csv\n")
    (app.path / "lookups").mkdir()
    (app.path / "lookups" / "known.csv").write_text("host,kind,note\na,shipped,\n", encoding="utf-8")
    path = log(tmp_path, "a", "b", code=1)
    shipped = [[{"host": "a", "kind": "shipped"}, {"host": "b"}]]
    with Bench(App(app.path)) as bench:
        assert bench.run(["site"], [path]) == shipped
        given = {"known": [{"host": "b", "kind": "given"}]}
        assert bench.run(["site"], [path], given) == [[{"host": "a"}, {"host": "b", "kind": "given"}]]
        assert bench.run(["site"], [path]) == shipped
        with pytest.raises(ValueError, match="lookup known has no field 'name'"):
            bench.run(["site"], [path], {"known": [{"name": "a"}]})


def test_only_events_of_its_time_range_are_searched(app: App, tmp_path: Path) -> None:
    with Bench(app, time_range=TimeRange(1_772_442_000.0)) as bench:  # 2026-03-02T09:00:00Z
        assert bench.run(["counts"], [log(tmp_path, "a", code=1)]) == [[{"count": 1}]]
    with Bench(app, time_range=TimeRange(1_772_442_001.0)) as bench:
        assert bench.run(["counts"], [log(tmp_path, "a", code=1)]) == [[{"count": 0}]]


def test_records_of_something_else_are_refused(app: App, tmp_path: Path) -> None:
    with Bench(app) as bench, pytest.raises(ValueError, match="lookup memory has no field name"):
        bench.run(["counts"], [log(tmp_path, "a", code=1)], {"memory": [{"name": "a"}]})


def test_a_detection_that_does_not_compile_or_exist_costs_only_its_own_runs(app: App, tmp_path: Path) -> None:
    path = log(tmp_path, "a", code=1)
    with Bench(app) as bench:
        with pytest.raises(SplError, match="nosuchcommand"):
            bench.run(["broken"], [path])
        with pytest.raises(LookupError, match="there is no detection nosuch; there are remembers, counts, broken"):
            bench.run(["nosuch"], [path])
        assert bench.run(["counts"], [path]) == [[{"count": 1}]]


MODEL = """
[Over a data model]
action.correlationsearch.enabled = 1
search = | tstats count from datamodel=Endpoint.Processes
"""


def test_what_needs_a_data_model_is_left_out_where_there_is_none(app: App, tmp_path: Path) -> None:
    with (app.path / "default" / "savedsearches.conf").open("a", encoding="utf-8") as file:
        file.write(MODEL)
    app = App(app.path)
    with Bench(app) as bench:
        assert bench.slugs == ["remembers", "counts", "broken"]
    with Bench(app, STAND_INS) as bench:
        assert bench.slugs == ["remembers", "counts", "broken", "over_a_data_model"]
        path = tmp_path / "sysmon.xml"
        path.write_text(render(WindowsEvent(1, "2026-03-02T09:00:00Z", {}, "sysmon")), encoding="utf-8")
        assert bench.run(["over_a_data_model"], [path]) == [[{"count": 1}]]


def test_detections_over_data_models_are_known() -> None:
    over = over_data_models()
    assert "installer_package_spawned_suspicious_process" in over
    assert "windows_known_malicious_msix_publisher" not in over  # it reads no state
    assert "windows_full_trust_msix_from_untrusted_source" not in over


def test_lookups_are_files_of_the_site_or_records() -> None:
    assert lookups_of({}) == ({}, {})
    given = {"package_exceptions_site": [{"dest": "*"}], "package_state": [{"_key": "1"}]}
    assert lookups_of({"lookups": given}) == (
        {"package_exceptions_site": [{"dest": "*"}]},
        {"package_state": [{"_key": "1"}]},
    )
