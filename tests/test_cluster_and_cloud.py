"""What search head clusters and Splunk Cloud ask of a package, over the app as Splunk would unpack it.

Each test names the note it holds: ``files``, ``rules``, ``commands`` or ``packaging`` (app.conf.spec and its
neighbours, AppInspect's checks). What AppInspect finds by itself stands here too where only we can give the reason, or
where it only warns. The members of the archive, versions, icons and Python are in test_archive.
"""

from __future__ import annotations

import ast
import datetime as dt
import json
import re
from pathlib import Path

import pytest

from searchhead.conf import App, Conf
from searchhead.macros import macros_of
from searchhead.spl.errors import Place
from searchhead.spl.expansion import expand
from tests.dashboards import dashboards
from tests.package_sh import APP, files_under

# Splunk knows these by itself and reloads and replicates them between the members of a cluster.
KNOWN_CONFS = {
    *("app", "collections", "commands", "eventtypes", "macros", "props", "savedsearches", "searchbnf", "server"),
    *("tags", "transforms", "workflow_actions"),
}
# Enterprise Security's, which Splunk does not know.
CUSTOM_CONFS = {"analyticstories", "content-version"}

SITE_TABLE = re.compile(r"[a-z0-9_]+_site\.csv\.default")
VENDOR_TABLE = re.compile(r"[a-z0-9_]+_(\d{8})\.csv")


@pytest.fixture(scope="module")
def unpacked(app: Path) -> App:
    return App(app)


@pytest.fixture(scope="module")
def confs(unpacked: App) -> dict[str, Conf]:
    return {path.stem: unpacked.conf(path.stem) for path in sorted((unpacked.path / "default").glob("*.conf"))}


# ---------------------------------------------------------------- files: app.conf, server.conf, metadata


def test_only_confs_of_the_search_tier_ship(confs: dict[str, Conf]) -> None:
    """Rules, packaging: inputs, outputs, limits, indexes are the site's; Cloud does not bring them to indexers."""
    # authorize, distsearch, restmap, web and all others would need a restart, a review or rights that we do not want.
    assert set(confs) <= KNOWN_CONFS | CUSTOM_CONFS


def test_a_custom_conf_is_reloaded_and_replicated(confs: dict[str, Conf]) -> None:
    """Files: [triggers] and [shclustering] for each conf that Splunk does not know, and for no other."""
    custom = set(confs) & CUSTOM_CONFS
    assert custom == CUSTOM_CONFS
    triggers = confs["app"].stanzas["triggers"]
    assert dict(triggers) == {f"reload.{name}": "simple" for name in custom}  # the other values are deprecated
    assert set(confs["server"].stanzas) == {"shclustering"}
    replicated = confs["server"].stanzas["shclustering"]
    assert dict(replicated) == {f"conf_replication_include.{name}": "true" for name in custom}


def test_nothing_asks_for_a_restart_or_a_set_up(confs: dict[str, Conf]) -> None:
    """Files: a rolling restart of a cluster for a search-time app would be ours to explain."""
    app = confs["app"]
    settings = {name for stanza in app.stanzas.values() for name in stanza}
    assert not settings & {"state_change_requires_restart", "install_source_checksum", "allows_disable"}
    assert not any(name.startswith("install_source") for name in settings)
    assert app.stanzas["install"]["is_configured"] == "false"
    assert app.stanzas["install"]["state"] == "enabled"


def test_the_deployer_and_splunkbase_are_not_told_to_overwrite_anything(confs: dict[str, Conf]) -> None:
    """Files: no push mode, so that lookups of the site survive; no check for updates of a private app."""
    app = confs["app"]
    assert not any("push_mode" in name for stanza in app.stanzas.values() for name in stanza)
    assert "shclustering" not in app.stanzas
    assert app.stanzas["package"]["check_for_updates"] == "false"


def test_the_app_introduces_itself(confs: dict[str, Conf]) -> None:
    """Files: one id everywhere, a label of 5 to 80 characters, a description of at most 200, a positive build."""
    app = confs["app"].stanzas
    assert {app["id"]["name"], app["package"]["id"]} == {APP}
    assert 5 <= len(app["ui"]["label"]) <= 80
    assert 0 < len(app["launcher"]["description"]) <= 200
    assert re.fullmatch(r"[1-9]\d*", app["install"]["build"])


def test_the_manifest_lets_the_app_be_installed_where_it_works(app: Path) -> None:
    """Files, packaging: search heads alone, clustered or not; no requirement that the toolkit does not know."""
    manifest = json.loads((app / "app.manifest").read_text(encoding="utf-8"))
    assert manifest["targetWorkloads"] == ["_search_heads"]
    assert set(manifest["supportedDeployments"]) == {"_standalone", "_distributed", "_search_head_clustering"}
    assert manifest["platformRequirements"] is None


def test_who_may_write_may_do_so_on_cloud_too(app: Path) -> None:
    """Files, rules: sc_admin is Cloud's admin; nobody else's role is *, and there is no local.meta."""
    assert [path.name for path in (app / "metadata").iterdir()] == ["default.meta"]
    meta = (app / "metadata" / "default.meta").read_text(encoding="utf-8")
    writers = re.findall(r"write\s*:\s*\[([^\]]*)\]", meta)
    assert writers
    for roles in (re.split(r"\s*,\s*", one.strip()) for one in writers):
        assert {"admin", "sc_admin"} <= set(roles)
        assert "*" not in roles


def test_metadata_names_only_kinds_that_splunk_can_reload(app: Path, confs: dict[str, Conf]) -> None:
    """Files: a stanza of a kind without a reload trigger is a warning, and an object that is not reloaded."""
    meta = (app / "metadata" / "default.meta").read_text(encoding="utf-8")
    kinds = {name.split("/")[0] for name in re.findall(r"^\[([^\]]+)\]$", meta, re.MULTILINE)}
    assert kinds <= set(confs) | {"lookups", "views", "nav"}


# ---------------------------------------------------------------- files: lookups and collections


def test_a_table_is_dated_by_us_or_begun_for_the_site_and_never_both(app: Path) -> None:
    """Files: Cloud and clusters keep an old CSV of the same name; what a site edits must not be in the package."""
    names = files_under(app / "lookups")
    vendor = {name: found for name in names if (found := VENDOR_TABLE.fullmatch(name))}
    site = {name for name in names if SITE_TABLE.fullmatch(name)}
    assert vendor
    assert site
    assert set(names) == set(vendor) | site
    for found in vendor.values():
        assert dt.date.fromisoformat(found[1]) > dt.date(2025, 1, 1)  # raises for what is no day
    undated = [re.sub(r"_\d{8}(?=\.csv)", "", name) for name in vendor]
    assert len(set(undated)) == len(undated)  # one version of a table, not two


def test_a_table_of_the_site_ships_with_its_header_alone(app: Path) -> None:
    """Files: until there is a .csv beside it Splunk reads the .default, which must then change nothing."""
    for path in (app / "lookups").glob("*_site.csv.default"):
        assert len(path.read_text(encoding="utf-8").splitlines()) == 1, path.name


# limits.conf [kvstore], as Splunk ships it: max_accelerations_per_collection, max_fields_per_acceleration.
MOST_ACCELERATIONS = MOST_FIELDS = 10


def test_collections_stay_on_the_search_head_and_within_the_limits_of_the_kv_store(confs: dict[str, Conf]) -> None:
    """Files: replicate=false, known types; collections.conf.spec: JSON, no field twice, no acceleration in vain."""
    for name, stanza in confs["collections"].stanzas.items():
        fields = {one.removeprefix("field."): value for one, value in stanza.items() if one.startswith("field.")}
        accelerations = {one: value for one, value in stanza.items() if one.startswith("accelerated_fields.")}
        assert stanza["replicate"] == "false", name
        assert set(fields.values()) <= {"number", "bool", "string", "time"}, name
        assert not set(stanza) - {"replicate", "enforceTypes", *accelerations, *(f"field.{one}" for one in fields)}
        assert len(accelerations) <= MOST_ACCELERATIONS
        keys = []
        for value in accelerations.values():
            pairs = json.loads(value, object_pairs_hook=list)
            assert 0 < len(pairs) <= MOST_FIELDS, name
            assert {field for field, _ in pairs} <= set(fields), name
            assert len(dict(pairs)) == len(pairs), name
            assert {order for _, order in pairs} <= {1, -1}, name
            keys.append(tuple(pairs))
        assert len(set(keys)) == len(keys), name


def test_lookup_definitions_hold_to_the_bounds_of_splunk(confs: dict[str, Conf]) -> None:
    """Files: at most 1000 matches; a file by its bare name; the fields of a collection begin with its key."""
    for name, stanza in confs["transforms"].stanzas.items():
        if "filename" in stanza:
            assert re.fullmatch(r"[a-z0-9_]+\.csv", stanza["filename"]), name
        if "collection" in stanza:
            assert stanza["fields_list"].startswith("_key, "), name
        if "filename" in stanza or "collection" in stanza:
            assert 1 <= int(stanza["max_matches"]) <= 1000, name
        assert not {"external_cmd", "python.version", "INGEST_EVAL", "DEST_KEY", "WRITE_META"} & set(stanza), name


# ---------------------------------------------------------------- rules: searches, props, links


def test_searches_are_scheduled_as_cloud_allows(confs: dict[str, Conf]) -> None:
    """Rules: five cron fields, at most twelve runs an hour, both ends of the time range, never real time."""
    for name, stanza in confs["savedsearches"].stanzas.items():
        assert not any(value.startswith("rt") for key, value in stanza.items() if key.startswith("dispatch.")), name
        assert stanza.get("realtime_schedule", "0") == "0", name
        assert not {"action.script", "action.populate_lookup", "action.script.filename"} & set(stanza), name
        if stanza.get("enableSched") != "1":
            continue
        minute, *others = stanza["cron_schedule"].split()
        assert len(others) == 4, name
        assert re.fullmatch(r"\d{1,2}(,\d{1,2}){0,11}|\*/([5-9]|[1-5]\d)", minute), name
        assert {"dispatch.earliest_time", "dispatch.latest_time"} <= set(stanza), name


def test_props_do_nothing_at_index_time(confs: dict[str, Conf]) -> None:
    """Packaging: the app lives on search heads, so all that it says of events must hold at search time."""
    for name, stanza in confs["props"].stanzas.items():
        kinds = {key.split("-")[0] for key in stanza}
        assert kinds <= {"REPORT", "EXTRACT", "EVAL", "FIELDALIAS", "KV_MODE"}, name  # and no lookup for every event
        assert name.startswith("source::"), name  # a stanza of a well-known source type would be everybody's


def test_no_link_is_plain_http(app: Path, confs: dict[str, Conf]) -> None:
    """Rules: what an analyst clicks goes to this Splunk or by https."""
    for conf in confs.values():
        for stanza in conf.stanzas.values():
            for name, value in stanza.items():
                if name.startswith("link."):
                    assert not value.lower().startswith("http:"), f"{stanza.name} {name}"
    for path in (app / "default" / "data").rglob("*.xml"):
        assert "http://" not in path.read_text(encoding="utf-8"), path.name


# What Splunk asks about before it follows a link to a search (Securing Splunk, "SPL safeguards for risky commands").
RISKY = {"collect", "crawl", "delete", "dump", "input", "map", "mcollect", "meventcollect", "outputcsv", "outputlookup"}
RISKY |= {"outputtext", "runshellscript", "script", "sendalert", "sendemail", "tscollect"}


def test_no_link_leads_to_a_search_that_writes(unpacked: App, confs: dict[str, Conf]) -> None:
    """Rules: a risky command in a drilldown, workflow action or view stops the analyst with a warning, rightly."""
    macros = macros_of(unpacked)
    links: dict[str, str] = {}
    for stanza in confs["savedsearches"].stanzas.values():
        drilldowns = json.loads(stanza.get("action.notable.param.drilldown_searches", "[]"))
        links |= {f"{stanza.name}: {one['name']}": one["search"] for one in drilldowns}
    for stanza in unpacked.conf("workflow_actions").stanzas.values():
        links |= {stanza.name: stanza["search.search_string"]} if "search.search_string" in stanza else {}
    for view in dashboards():
        links |= {f"{view.name}: {one}": view.spl(one) for one in view.definition["dataSources"]}
    assert links
    for place, search in links.items():
        text = expand(search, macros, Place("link", 1, place)).text
        assert not set(re.findall(r"[|\[]\s*([a-z]+)", text)) & RISKY, place


def test_views_are_of_a_version_that_is_supported(app: Path) -> None:
    """Files: Simple XML 1.1 or Dashboard Studio 2; only .xml where views are kept; no blank in a name."""
    kept = files_under(app / "default" / "data")
    assert all(re.fullmatch(r"ui/(nav|views)/[a-z0-9_]+\.xml", name) for name in kept)
    for name in kept:
        if name.startswith("ui/views/"):
            text = (app / "default" / "data" / name).read_text(encoding="utf-8")
            assert re.match(r"<(dashboard|form)\b[^>]* version=\"(1\.1|2)\"", text), name


# ---------------------------------------------------------------- commands, and where they may reach


def test_commands_run_on_every_splunk_that_is_supported(app: Path, confs: dict[str, Conf]) -> None:
    """Commands: chunked, both Pythons, only settings that version 2 of the protocol has, a script in bin."""
    assert confs["commands"].stanzas
    for name, stanza in confs["commands"].stanzas.items():
        assert set(stanza) == {"filename", "chunked", "python.version", "python.required", "is_risky"}, name
        assert (stanza["chunked"], stanza["python.version"]) == ("true", "python3"), name
        assert re.split(r",\s*", stanza["python.required"]) == ["3.9", "3.13"], name
        assert stanza["is_risky"] == "false", name
        assert (app / "bin" / stanza["filename"]).is_file(), name


def test_our_python_starts_nothing_and_reaches_no_network(app: Path) -> None:
    """Rules: subprocesses, sockets and downloads cost a review, and a decoder needs none."""
    forbidden = {"asyncio", "ctypes", "ftplib", "http", "multiprocessing", "requests", "smtplib", "socket", "ssl"}
    forbidden |= {"subprocess", "tempfile", "threading", "urllib", "urllib2"}
    for path in [*(app / "bin").glob("*.py"), *(app / "bin" / "msix").glob("*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not {name.split(".")[0] for name in names} & forbidden, path.name


def test_nothing_knows_where_splunk_is_installed(app: Path) -> None:
    """Commands: on a peer the app lies in a bundle, on Cloud anywhere; paths begin at the script itself."""
    place = re.compile(r"SPLUNK_HOME|SPLUNK_DB|etc/apps/|/opt/splunk|Program Files[/\\]+Splunk", re.IGNORECASE)
    own = [name for name in files_under(app) if not name.startswith("bin/lib/") and name.endswith((".py", ".conf"))]
    found = [name for name in own if place.search((app / name).read_text(encoding="utf-8"))]
    assert found == []


# ---------------------------------------------------------------- packaging


def test_the_archive_is_small_and_its_paths_are_short(archive: Path, app: Path) -> None:
    """Packaging: Splunkbase takes 128 MB, ustar 100 characters; a knowledge bundle is better far below."""
    assert archive.stat().st_size < 2_000_000
    assert max(len(f"{APP}/{name}") for name in files_under(app)) < 100
    assert not any(" " in name for name in files_under(app))
