from __future__ import annotations

from pathlib import Path

import pytest

from searchhead.conf import App
from searchhead.datamodels import DataModels, in_memory
from searchhead.head import SearchHead
from searchhead.lookups import Lookup, Lookups
from searchhead.rest import Rest, UnknownEndpoint
from searchhead.spl.values import Row
from tests.apps import NOW, addons, package_abuse

APP = "[package]\nid = app_one\n[ui]\nlabel = App One\n[launcher]\nversion = 1.2.3\n"
SEARCHES = """
[First]
search = index=main
enableSched = true
cron_schedule = 1 * * * *
alert.track = 0
disabled = 1

[Second / two]
search = index=main | stats count
"""
TRANSFORMS = """
[site]
filename = site.csv
case_sensitive_match = false

[vendor]
filename = vendor_1.csv
match_type = WILDCARD(a)

[gone]
filename = gone.csv

[state]
external_type = kvstore
collection = state
fields_list = _key, kind, thing

[extraction]
REGEX = x
"""


@pytest.fixture
def app(tmp_path: Path) -> App:
    folder = tmp_path / "somewhere"
    for name in ("default", "lookups", "models"):
        (folder / name).mkdir(parents=True)
    (folder / "default" / "app.conf").write_text(APP)
    (folder / "default" / "savedsearches.conf").write_text(SEARCHES)
    (folder / "default" / "transforms.conf").write_text(TRANSFORMS)
    (folder / "default" / "collections.conf").write_text("[state]\n")
    (folder / "lookups" / "site.csv.default").write_text("name,owner\n")
    (folder / "lookups" / "vendor_1.csv").write_text("a\n1\n")
    (folder / "models" / "Web.json").write_text('{"Web": {"constraint": "tag=web", "fields": ["url"]}}')
    return App(folder)


def ask(uri: str, app: App, lookups: Lookups | None = None) -> list[Row]:
    rows = Rest([app], lookups or Lookups([app]), DataModels()).find(uri)()
    return [{name: value for name, value in row.items() if name != "splunk_server"} for row in rows]


def test_saved_searches_have_their_settings_and_are_not_disabled(app: App) -> None:
    first, second = ask("/servicesNS/-/-/saved/searches", app)
    assert first == {
        "title": "First",
        "search": "index=main",
        "is_scheduled": "1",
        "cron_schedule": "1 * * * *",
        "alert.track": "0",
        "disabled": "0",
        "eai:acl.app": "app_one",
    }
    assert (second["title"], second["is_scheduled"], second["disabled"]) == ("Second / two", "0", "0")


@pytest.mark.parametrize(
    ("uri", "titles"),
    [
        ("/services/saved/searches", ["First", "Second / two"]),
        ("services/saved/searches/", ["First", "Second / two"]),
        ("/servicesNS/nobody/app_one/saved/searches", ["First", "Second / two"]),
        ("/servicesNS/nobody/other/saved/searches", []),
        ("/services/saved/searches/First", ["First"]),
        ("/services/saved/searches/Second%20%2F%20two", ["Second / two"]),
        ("/services/saved/searches/Third", []),
        ("/services/configs/conf-savedsearches/First", ["First"]),
        ("/services/configs/conf-nosuch", []),
        ("/services/admin/summarization", []),
    ],
)
def test_an_endpoint_is_of_all_apps_or_one_and_of_all_objects_or_one(app: App, uri: str, titles: list[str]) -> None:
    assert [row["title"] for row in ask(uri, app)] == titles


def test_lookup_definitions_have_the_columns_of_the_file_that_is_read(app: App, tmp_path: Path) -> None:
    uri = "/services/data/transforms/lookups"
    common = {"eai:acl.app": "app_one"}
    site = {"title": "site", "filename": "site.csv", "type": "file", "case_sensitive_match": "0", **common}
    vendor = {"title": "vendor", "filename": "vendor_1.csv", "type": "file", "match_type": "WILDCARD(a)", **common}
    state = {"title": "state", "type": "kvstore", "external_type": "kvstore", "collection": "state", **common}
    assert ask(uri, app) == [
        {**site, "fields_array": ["name", "owner"]},
        {**vendor, "fields_array": "a"},
        {**state, "fields_list": "_key, kind, thing", "fields_array": ["_key", "kind", "thing"]},
    ]
    given = tmp_path / "given.csv"
    given.write_text("name,owner,reason\n")
    read = ask(f"{uri}/site", app, Lookups([app], overrides={"site": given}))
    assert read == [{**site, "fields_array": ["name", "owner", "reason"]}]
    given.write_text('name,"owner\n')
    broken = Lookups([app], overrides={"site": given})
    assert ask(f"{uri}/site", app, broken) == [site]


def test_lookup_files_are_shown_in_the_app_and_by_the_file_that_is_read(app: App, tmp_path: Path) -> None:
    uri, folder = "/services/data/lookup-table-files", "$SPLUNK_HOME/etc/apps/app_one/lookups"
    (app.lookups_folder / "notes.txt").write_text("no lookup")

    def shown(lookups: Lookups | None = None) -> dict[object, object]:
        return {row["title"]: row["eai:data"] for row in ask(uri, app, lookups)}

    vendor = {"vendor_1.csv": f"{folder}/vendor_1.csv"}
    written = {"site.csv": f"{folder}/site.csv", **vendor}
    assert shown() == {"site.csv": f"{folder}/site.csv.default", **vendor}
    given = tmp_path / "given.csv"
    given.write_text("name\n")
    assert shown(Lookups([app], overrides={"site": given})) == written
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    lookups = Lookups([app], scratch=scratch)
    lookups.get("site").write([{"name": "n"}])
    lookups.get("new.csv", create=True).write([{"name": "n"}])
    assert shown(lookups) == {**written, "new.csv": f"{folder}/new.csv"}
    (app.lookups_folder / "site.csv").write_text("name\n")
    assert shown() == written


def test_apps_tell_their_label_and_version(app: App) -> None:
    assert ask("/services/apps/local/app_one", app) == [
        {"title": "app_one", "label": "App One", "version": "1.2.3", "disabled": "0", "eai:acl.app": "app_one"}
    ]


def test_data_models_are_not_accelerated(app: App) -> None:
    rest = Rest([app], Lookups(), in_memory({"Web.Web": [], "Other.One": []}))
    assert [
        (row["title"], row["acceleration"], row["eai:acl.app"]) for row in rest.find("/services/data/models")()
    ] == [
        ("Other", "0", "search"),
        ("Web", "0", "app_one"),
    ]
    [row] = rest.find("/services/datamodel/model/Web")()
    assert row["acceleration"] == '{"enabled": false}'


def test_lookups_in_memory_are_told_of() -> None:
    lookups = Lookups()
    lookups.add(Lookup.from_rows("hosts", [{"a": "1", "b": "2"}]))
    [row] = Rest([], lookups, DataModels()).find("/services/data/transforms/lookups")()
    assert (row["title"], row["type"], row["fields_array"]) == ("hosts", "file", ["a", "b"])


@pytest.mark.parametrize(
    "uri",
    ["", "/", "/services", "/services/nosuch", "/saved/searches", "/servicesNS/-/saved/searches", "/services/configs"],
)
def test_what_is_not_answered_is_refused_with_what_is(app: App, uri: str) -> None:
    with pytest.raises(UnknownEndpoint, match="apps/local, configs/conf-<name>, data/lookup-table-files"):
        ask(uri, app)


def test_the_head_answers_for_its_app_and_the_stand_ins() -> None:
    head = SearchHead(package_abuse(), addons("windows", "cim"), now=NOW)
    rest = head._environment.rest
    assert rest is not None
    apps = [(row["title"], row.get("version")) for row in rest.find("/services/apps/local")()]
    assert apps[:2] == [("Splunk_TA_windows", "10.0.1"), ("Splunk_SA_CIM", None)]
    assert [title for title, _version in apps[2:]] == ["package_abuse"]
    models = rest.find("/services/datamodel/model/Endpoint")()
    assert [row["eai:acl.app"] for row in models] == ["Splunk_SA_CIM"]
    definitions = rest.find("/servicesNS/-/package_abuse/data/transforms/lookups/package_exceptions_site")()
    assert [row["fields_array"] for row in definitions] == [list(head.lookups.get("package_exceptions_site").fields)]
