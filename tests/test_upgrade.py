"""An upgrade leaves alone what a site wrote, and brings everything else.

How Splunk upgrades an app: the files of the new package replace those of the same path, and no file is deleted (seen by
many: splunk/eventgen pull request 380; PaloAltoNetworks/Splunk-Apps issue 189, about a conf file that a new version no
longer had and that stayed in force). A deployer or a deployment server pushes a folder that the admin has unpacked in
the same way; what else these do with lookups and local, docs/releasing.md says.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from searchhead.conf import App, read_conf
from searchhead.head import SearchHead
from searchhead.inputs import Reader
from searchhead.savedsearches import SavedSearch, detections, others
from searchhead.spl.values import Row
from tests.apps import NOW, STAND_INS, addons
from tests.case_logs import CASES, cases, moved_logs_of
from tests.package_sh import build, copy_checkout, digests, files_under, unpack
from tests.search_command import SearchCommand

OLD_VERSION, OLD_DATE = "0.0.9", "20250601"
WEBEX = "CiscoSystems.Webex_2.10.1.26171_x64__cvpb331a1f8hw"
CAMPAIGN, OWN = "cvpb331a1f8hw", "c2yjt6za8ar62"

SLUG = "windows_known_malicious_msix_publisher"
DETECTION = "Package Abuse - Windows Known Malicious MSIX Publisher - Rule"
CASE = CASES / SLUG / "fake_webex.toml"
EXCEPTED, OTHER = "lab-01.corp.example", "ws-0142.corp.example"

# What an admin writes, by its path in the app. The columns of the tables are those of the .default beside them.
WRITTEN = {
    "lookups/package_exceptions_site.csv": (
        "detection,dest,user,package_family_name,package_publisher_id,process,source,expires,owner,reason\n"
        f"{SLUG},lab-*,*,*,{CAMPAIGN},*,*,never,soc,the malware laboratory opens these\n"
    ),
    "lookups/package_publishers_site.csv": (
        f'publisher_id,publisher_class,publisher_name\r\n{OWN},vendor,"Contoso, in-house"\r\n'  # as Excel writes it
    ),
    "local/macros.conf": (
        "# ours\n[package_windows_index]\ndefinition = index=* NOT index=training\n\n"
        f"[{SLUG}_filter]\ndefinition = search NOT dest=kiosk-*\n"
    ),
    "local/savedsearches.conf": (
        f"[{DETECTION}]\ndisabled = 0\ncron_schedule = 7 * * * *\n\n"
        "[Contoso - Packages of the week]\nsearch = `package_deployments` \\\n"
        "| stats count by dest, package_family_name, package_source_host \\\n"
        "| lookup local=true package_hosts host_pattern AS package_source_host OUTPUT host_kind\n"
    ),
    "local/data/ui/views/contoso_packages.xml": '<dashboard version="1.1"><label>Ours</label></dashboard>\n',
    "metadata/local.meta": f"[savedsearches/{DETECTION.replace(' ', '%20')}]\nowner = soc\n",
}


def older(tree: Path) -> Path:
    """A checkout of the app made the release before: another version, tables of another day, other defaults."""

    def change(name: str, pattern: str, by: str, *, count: int = 0) -> None:
        text, changed = re.subn(pattern, by, (tree / name).read_text(encoding="utf-8"), count=count)
        assert changed, f"{name} has no {pattern}"
        (tree / name).write_text(text, encoding="utf-8")

    change("default/app.conf", r"(?m)^version = .*", f"version = {OLD_VERSION}")
    change("default/content-version.conf", r"(?m)^version = .*", f"version = {OLD_VERSION}")
    change("app.manifest", r'"version": "[^"]*"', f'"version": "{OLD_VERSION}"')
    change("default/macros.conf", r'(?m)^definition = "microsoft", .*', 'definition = "microsoft", "system"')
    change("default/transforms.conf", r"(?m)^(filename = \w+)_\d{8}\.csv", rf"\1_{OLD_DATE}.csv")
    for path in sorted((tree / "lookups").glob("*.csv")):
        dated = re.fullmatch(r"(\w+)_\d{8}\.csv", path.name)
        if dated:
            path.rename(path.with_name(f"{dated[1]}_{OLD_DATE}.csv"))
    # Nobody knew the campaign.
    change(f"lookups/package_publishers_{OLD_DATE}.csv", rf"(?m)^{CAMPAIGN},.*\n", "")
    (tree / "bin" / "package_gone.py").write_text('"""Left out of the next release."""\n', encoding="utf-8")
    return tree


@dataclass(frozen=True)
class Upgrade:
    """The app's folder of a site before and after, with the checksums of its files before."""

    before: Path
    after: Path
    files: dict[str, str]


@pytest.fixture(scope="module")
def upgrade(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Upgrade:
    root = tmp_path_factory.mktemp("upgrade")
    before = unpack(build(older(copy_checkout(root / "old"))), root / "before")
    for name, text in WRITTEN.items():
        (before / name).parent.mkdir(parents=True, exist_ok=True)
        (before / name).write_bytes(text.encode())
    files = digests(before)
    shutil.copytree(before, root / "after" / before.name)
    return Upgrade(before, unpack(archive, root / "after"), files)


def found(folder: Path, log: Path) -> list[Row]:
    """What the detection finds in a log, with the app in this folder."""
    head = SearchHead(App(folder), addons(*STAND_INS), now=NOW)
    (saved,) = (one for one in detections(App(folder)) if one.name == DETECTION)
    (rows,) = head.run([head.compile(saved)], Reader().read([log]))
    return rows


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fake Webex on two hosts, the laboratory's the first of them."""
    folder = tmp_path_factory.mktemp("log")
    (case,) = (case for path, case in cases(SLUG) if path == CASE)
    for host in (EXCEPTED, OTHER):
        for name, text in moved_logs_of(CASE, case, host).items():
            (folder / f"{host}-{name}").write_text(text, encoding="utf-8")
    return folder


# ---------------------------------------------------------------- files


def test_the_two_releases_differ(upgrade: Upgrade, app: Path) -> None:
    assert App(upgrade.before).conf("app").stanzas["id"]["version"] == OLD_VERSION
    new = digests(app)
    assert {name for name in new if upgrade.files.get(name) != new[name]} > {
        *("default/app.conf", "default/macros.conf", "default/transforms.conf", "app.manifest"),
    }


def test_what_the_site_wrote_is_as_it_was_byte_by_byte(upgrade: Upgrade) -> None:
    for name, text in WRITTEN.items():
        assert (upgrade.after / name).read_bytes() == text.encode(), name


def test_no_package_brings_what_a_site_writes(app: Path, upgrade: Upgrade) -> None:
    assert not set(WRITTEN) & set(files_under(app))
    # Its columns are those of the table that it began with, which a site may have kept.
    for name in WRITTEN:
        if name.startswith("lookups/"):
            ours = (app / f"{name}.default").read_text(encoding="utf-8").rstrip("\n").split(",")
            theirs = (upgrade.after / name).read_text(encoding="utf-8").splitlines()[0].split(",")
            assert ours[: len(theirs)] == theirs  # new columns come last


def test_all_of_the_new_package_is_there_and_nothing_else_is_gone(upgrade: Upgrade, app: Path) -> None:
    after, new = digests(upgrade.after), digests(app)
    assert {name: after[name] for name in new} == new
    assert after == {**upgrade.files, **new}
    assert "bin/package_gone.py" in after  # what a release leaves out stays behind, so it has to do no harm


def test_no_conf_and_no_view_stays_behind(upgrade: Upgrade, app: Path) -> None:
    """One that a release no longer had would go on being read; it has to ship with nothing in it."""
    assert {name for name in upgrade.files if name.startswith(("default/", "metadata/default"))} <= set(
        files_under(app)
    )


# ---------------------------------------------------------------- settings


def test_local_settings_win_and_all_others_are_the_new_ones(upgrade: Upgrade, app: Path) -> None:
    upgraded, shipped = App(upgrade.after), App(app)
    macros = upgraded.conf("macros").stanzas
    assert macros["package_windows_index"]["definition"] == "index=* NOT index=training"
    assert macros[f"{SLUG}_filter"]["definition"] == "search NOT dest=kiosk-*"
    default = shipped.conf("macros").stanzas["package_trusted_classes"]["definition"]
    assert macros["package_trusted_classes"]["definition"] == default
    assert App(upgrade.before).conf("macros").stanzas["package_trusted_classes"]["definition"] != default

    changed = upgraded.conf("savedsearches").stanzas[DETECTION]
    assert (changed["disabled"], changed["cron_schedule"]) == ("0", "7 * * * *")
    own = {"disabled", "cron_schedule"}
    ours = shipped.conf("savedsearches").stanzas[DETECTION]
    assert {name: value for name, value in changed.items() if name not in own} == {
        name: value for name, value in ours.items() if name not in own
    }


def test_nothing_that_local_refers_to_is_gone(upgrade: Upgrade, app: Path) -> None:
    for conf in sorted((upgrade.after / "local").glob("*.conf")):
        default = read_conf(app / "default" / conf.name).stanzas
        missing = {name for name in read_conf(conf).stanzas if name not in default}
        assert missing <= {"Contoso - Packages of the week"}, conf.name


def site_searches(folder: Path) -> Iterator[SavedSearch]:
    return (one for one in [*detections(App(folder)), *others(App(folder))] if one.name.startswith("Contoso"))


@pytest.mark.parametrize("state", ["before", "after"])
def test_a_search_of_the_site_over_our_macros_and_lookups_runs(upgrade: Upgrade, state: str, log: Path) -> None:
    folder = upgrade.before if state == "before" else upgrade.after
    head = SearchHead(App(folder), addons(*STAND_INS), now=NOW)
    (own,) = site_searches(folder)
    (rows,) = head.run([head.compile(own)], Reader().read([log]))
    assert {row["dest"] for row in rows} == {EXCEPTED, OTHER}


# ---------------------------------------------------------------- exceptions, publishers, tables


def test_a_finding_that_was_excepted_stays_so(upgrade: Upgrade, log: Path, tmp_path: Path) -> None:
    assert [row["dest"] for row in found(upgrade.before, log)] == [OTHER]
    assert [row["dest"] for row in found(upgrade.after, log)] == [OTHER]
    without = shutil.copytree(upgrade.after, tmp_path / "without")
    (without / "lookups" / "package_exceptions_site.csv").unlink()  # now the .default is read, which has no row
    assert sorted(str(row["dest"]) for row in found(without, log)) == [EXCEPTED, OTHER]


def test_searches_read_the_new_tables_and_the_old_ones_lie_idle(upgrade: Upgrade) -> None:
    files = set(files_under(upgrade.after / "lookups"))
    used = {
        stanza["filename"] for stanza in App(upgrade.after).conf("transforms").stanzas.values() if "filename" in stanza
    }
    old = {name for name in files if f"_{OLD_DATE}." in name}
    assert old
    assert not old & used
    assert used <= files | {name.removesuffix(".default") for name in files}
    assert {name.replace(f"_{OLD_DATE}", "") for name in old} <= {re.sub(r"_\d{8}", "", name) for name in used}


def publisher(folder: Path, package: str) -> tuple[object, object]:
    with SearchCommand("package", script=folder / "bin" / "msixdecode.py") as command:
        record = command.record(package=package)
        assert command.stderr() == []
    return record["publisher_class"], record["publisher_name"]


def test_the_command_reads_the_newest_table_and_the_publishers_of_the_site(upgrade: Upgrade) -> None:
    assert publisher(upgrade.before, WEBEX) == ("unknown", "")
    assert publisher(upgrade.after, WEBEX) == ("malicious", "IMPERIOUS TECHNOLOGIES LIMITED")
    for folder in (upgrade.before, upgrade.after):
        assert publisher(folder, f"Contoso.Tool_{OWN}") == ("vendor", "Contoso, in-house")


def test_the_other_command_reads_the_newest_brands(upgrade: Upgrade, tmp_path: Path) -> None:
    # Only the newest file of a name is read: a broken one of the release before is not even opened.
    copy = shutil.copytree(upgrade.after, tmp_path / "copy")
    (copy / "lookups" / f"package_brands_{OLD_DATE}.csv").write_text("no table\n", encoding="utf-8")
    with SearchCommand("name", "id", script=copy / "bin" / "msixbrand.py") as command:
        assert command.record(name="SpotifyAB.SpotifyMusic", id="zpdnekdrzrea0")["package_brand_match"] == "own"
        assert command.stderr() == []
