"""docs/installation.md says what the confs, the lookups and the stand-ins say."""

from __future__ import annotations

import re

import pytest

from tests.apps import ADDONS, ROOT, package_abuse, table_rows

PAGE = (ROOT / "docs" / "installation.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"(?ms)^```(\w*)\n(.*?)^```$", PAGE)
VERSIONS = PAGE[PAGE.index("## Versions") : PAGE.index("## Install it")]
TO_COPY = {row["source_id"]: row["inputs"] for row in table_rows("package_sources") if row["inputs"]}


@pytest.mark.parametrize("source", TO_COPY)
def test_the_stanzas_of_a_source_stand_in_a_block_to_copy(source: str) -> None:
    """The health report quotes the same lines: a lookup's cell has one line, parted by bars."""
    lines = TO_COPY[source].split(" | ")
    assert lines[0].startswith("[")
    assert ("", "\n".join(lines).replace("\n[", "\n\n[") + "\n") in BLOCKS


def test_the_subscription_asks_for_every_channel_of_windows() -> None:
    [query] = [text for language, text in BLOCKS if language == "xml"]
    channels = set(re.findall(r'Path="([^"]+)"', query))
    assert channels == {
        channel for stanzas in TO_COPY.values() for channel in re.findall(r"\[WinEventLog://([^\]]+)\]", stanzas)
    }


def test_every_collection_is_named_where_they_are_emptied() -> None:
    named = PAGE[PAGE.index("## Uninstall") : PAGE.index("## Troubleshooting")]
    assert {name for name in package_abuse().conf("collections").stanzas if f"`{name}`" not in named} == set()


@pytest.mark.parametrize(
    ("stand_in", "row"),
    [
        ("windows", "Add-on for Microsoft Windows"),
        ("sysmon", "Add-on for Sysmon"),
        ("defender", "Microsoft Defender Advanced Hunting add-on"),
    ],
)
def test_the_versions_are_those_that_the_stand_ins_imitate(stand_in: str, row: str) -> None:
    said = (ADDONS / stand_in / "default" / "eventtypes.conf").read_text(encoding="utf-8")
    [version] = re.findall(r"imitating version ([\d.]+\d)", said)
    [line] = re.findall(rf"(?m)^\| {row} \|.*$", VERSIONS)
    assert f"imitated: {version}" in line


def test_the_versions_of_python_are_those_that_the_commands_ask_for() -> None:
    [line] = re.findall(r"(?m)^\| Python that runs the commands \|.*$", VERSIONS)
    for stanza in package_abuse().conf("commands").stanzas.values():
        for version in stanza["python.required"].split(", "):
            assert f"{version} (" in line
