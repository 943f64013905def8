"""Nothing that was released is renamed or goes without notice, and a release says the same version everywhere."""

from __future__ import annotations

import json
import re
import tomllib

import pytest

from searchhead.conf import App
from tests.apps import ROOT
from tests.detection_lock import unreleased
from tests.released import stanzas
from tests.released.__main__ import main
from tests.released.stanzas import Deprecation, Names, Release, added, changed, faults, missing, sorting, written

RELEASED: Names = {
    "macro": {"package_one": [], "package_two(1)": ["field"]},
    "lookup": {"package_table": ["name", "kind"]},
    "saved search": {"Package Abuse - One - Rule": ["dest", "user"]},
}


def with_(kind: str, **stanzas: list[str] | None) -> Names:
    """The released names with other parts for some stanzas of a kind, or without them."""
    changed = {name: parts for name, parts in {**RELEASED[kind], **stanzas}.items() if parts is not None}
    return {**RELEASED, kind: changed}


# ---------------------------------------------------------------- this checkout


def test_nothing_that_was_released_is_gone() -> None:
    last, announced, version = stanzas.released(), stanzas.deprecations(), stanzas.version()
    assert faults(last.names, stanzas.names(), announced, last_release=last.version, current=version) == []


def test_what_is_released_stands_in_the_list() -> None:
    version = stanzas.version()
    if version not in unreleased((ROOT / "CHANGELOG.md").read_text(encoding="utf-8")):
        assert stanzas.released() == Release(version, stanzas.names(), stanzas.tables())


def test_a_table_with_other_rows_has_another_name() -> None:
    assert changed(stanzas.released(), stanzas.tables(), stanzas.version()) == []


def test_the_list_is_that_of_this_version_or_of_one_before() -> None:
    last = stanzas.released()
    assert sorting(last.version) <= sorting(stanzas.version())
    assert stanzas.LIST.read_text(encoding="utf-8") == written(last)  # written by the tool, not by hand
    assert last.names["lookup"]
    assert last.names["command"]["msixdecode"][:2] == ["expand=", "publisher="]
    assert all(re.fullmatch(r"\w+_\d{8}\.csv", name) for name in last.tables)


def test_the_changelog_begins_with_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"(?m)^## (\S+) - (unreleased|\d{4}-\d{2}-\d{2})$", text)
    assert headings[0][0] == stanzas.version()
    assert [when for _, when in headings[1:] if when == "unreleased"] == []
    versions = [sorting(version) for version, _ in headings]
    assert versions == sorted(versions, reverse=True)


def test_the_versions_of_the_checkout_agree() -> None:
    # test_archive says the same of the package.
    app = App(ROOT)
    manifest = json.loads((ROOT / "app.manifest").read_text(encoding="utf-8"))
    assert {
        app.conf("app").stanzas["launcher"]["version"],
        app.conf("content-version").stanzas["content-version"]["version"],
        manifest["info"]["id"]["version"],
    } == {stanzas.version()}
    assert re.fullmatch(r"[1-9]\d*", app.conf("app").stanzas["install"]["build"])


def test_pages_name_the_archive_of_this_version() -> None:
    for page in [ROOT / "README.md", ROOT / "docs" / "installation.md"]:
        named = set(re.findall(r"package_abuse-(\d[\w.-]*?)\.tgz", page.read_text(encoding="utf-8")))
        assert named <= {stanzas.version()}, page.name


# ---------------------------------------------------------------- what counts as gone


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (RELEASED, []),
        (with_("macro", package_one=None), ["macro: package_one"]),
        # named arguments: `package_two(field=dest)`
        (with_("macro", **{"package_two(1)": ["value"]}), ["macro: package_two(1): field"]),
        (with_("macro", package_one=["field"]), ["macro: package_one: nothing but none"]),
        (with_("lookup", package_table=["name", "kind", "source"]), []),
        (with_("lookup", package_table=["name"]), ["lookup: package_table: kind"]),
        # a table of the site has the old order, and outputlookup writes by it
        (with_("lookup", package_table=["kind", "name"]), ["lookup: package_table: the order name, kind"]),
        (with_("lookup", package_table=["name", "source", "kind"]), ["lookup: package_table: the order name, kind"]),
        (with_("saved search", **{"Package Abuse - One - Rule": ["why", "user", "dest"]}), []),
        ({}, ["macro: package_one", "macro: package_two(1)", "lookup: package_table", *list(RELEASED["saved search"])]),
    ],
)
def test_what_is_gone_is_named(now: Names, expected: list[str]) -> None:
    assert [what.removeprefix("saved search: ") for _, what in missing(RELEASED, now)] == expected


def test_what_is_new_is_named() -> None:
    now = with_("macro", package_three=[])
    assert added(RELEASED, now) == ["macro: package_three"]
    assert added(RELEASED, with_("lookup", package_table=["name", "kind", "source"])) == [
        "lookup: package_table: source"
    ]


# ---------------------------------------------------------------- when it may go


def announced(
    since: str = "0.2.0", what: str = "macro: package_one", replaced_by: str = "macro package_two(1)"
) -> list[Deprecation]:
    return [Deprecation(what, since, replaced_by)]


@pytest.mark.parametrize(
    ("deprecations", "last_release", "current", "expected"),
    [
        ([], "0.1.0", "0.2.0", "is gone, but was released"),
        # the release that announces it is the one being made
        (announced("0.2.0"), "0.1.0", "0.2.0", "is gone too early: 0.2.0 announces it"),
        # that release is out, and this is still the same
        (announced("0.2.0"), "0.2.0", "0.2.0", "is gone too early"),
        (announced("0.2.0"), "0.2.0", "0.3.0", None),
        (announced("0.2.0"), "0.10.0", "0.11.0", None),  # numbers, not texts
        (announced("0.2.0", what="macro: package_typo"), "0.2.0", "0.3.0", "is gone, but was released"),
    ],
)
def test_a_thing_goes_one_release_after_it_was_announced(
    deprecations: list[Deprecation], last_release: str, current: str, expected: str | None
) -> None:
    now = with_("macro", package_one=None)
    found = faults(RELEASED, now, deprecations, last_release=last_release, current=current)
    assert [fault for fault in found if "package_one" in fault] == ([found[0]] if expected else [])
    assert expected is None or expected in found[0]


def test_a_deprecated_table_takes_its_columns_with_it() -> None:
    now = with_("lookup", package_table=["other"])
    entry = announced(what="lookup: package_table")
    assert faults(RELEASED, now, entry, last_release="0.2.0", current="0.3.0") == []


def test_an_announcement_names_something_and_what_replaces_it() -> None:
    entries = [*announced(what="macro: package_typo"), *announced(replaced_by="")]
    assert faults(RELEASED, RELEASED, entries, last_release="0.1.0", current="0.2.0") == [
        "macro: package_typo is announced to go, but no release has it",
        "macro: package_one is announced without saying what replaces it",
    ]


def test_the_example_of_an_announcement_is_one() -> None:
    text = stanzas.DEPRECATED.read_text(encoding="utf-8")
    example = text[text.index("# [[") :].replace("# ", "", 1).replace("\n# ", "\n")
    (entry,) = tomllib.loads(example)["deprecated"]
    assert Deprecation(**entry).since == "0.2.0"


# ---------------------------------------------------------------- versions, the tool


def test_versions_stand_in_the_order_of_semver() -> None:
    order = ["0.1.0-rc.1", "0.1.0", "0.2.0", "0.10.0", "1.0.0-beta", "1.0.0"]
    assert sorted([*order[3:], *order[:3]], key=sorting) == order
    with pytest.raises(ValueError, match=r"'0\.1' is no version like 1\.2\.3"):
        sorting("0.1")


def test_only_after_a_release_its_tables_are_fixed() -> None:
    last = Release("0.1.0", RELEASED, {"package_a_20260101.csv": "1", "package_b_20260101.csv": "2"})
    now = {"package_a_20260101.csv": "9", "package_b_20260202.csv": "3"}
    assert changed(last, now, "0.1.0") == []  # not out yet
    assert changed(last, now, "0.2.0") == ["package_a_20260101.csv"]


def test_the_list_reads_back() -> None:
    text = written(Release("1.2.3", {**RELEASED, "event type": {}}, {"package_a_20260101.csv": "1"}))
    assert json.loads(text) == {
        "release": "1.2.3",
        "names": {**RELEASED, "event type": {}},
        "tables": {"package_a_20260101.csv": "1"},
    }


def test_the_tool_says_what_is_wrong(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stanzas, "version", lambda: "0.1.0")
    monkeypatch.setattr(stanzas, "names", lambda: with_("macro", package_one=None, package_new=[]))
    monkeypatch.setattr(stanzas, "released", lambda: Release("0.1.0", RELEASED, {}))
    assert main([]) == 1
    assert capsys.readouterr().out == (
        "new     macro: package_new\n"
        "WRONG   macro: package_one is gone, but was released: bring it back, or announce it in deprecated.toml first; "
        "if 0.1.0 is not out yet, run python -m tests.released --write\n"
    )
    monkeypatch.setattr(stanzas, "names", lambda: RELEASED)
    assert main([]) == 0
    assert main(["--help"]) == 2
