from __future__ import annotations

import csv
import io
import re

import pytest

from docs.false_positives_page import page, said
from searchhead.savedsearches import detections
from tests.apps import package_abuse
from tests.case_logs import cases

TITLES = {one.slug: one.title for one in detections(package_abuse())}
SECTIONS = dict(re.findall(r"(?ms)^## (.*?)\n(.*?)(?=^## |\Z)", page()))


def rows(text: str, column: str) -> list[dict[str, str]]:
    """The rows of the CSV blocks that have this column."""
    blocks = [list(csv.DictReader(io.StringIO(block))) for block in re.findall(r"(?ms)^```\n(.*?)^```", text)]
    return [row for block in blocks for row in block if column in row]


@pytest.mark.parametrize("slug", TITLES)
def test_each_detection_has_causes_a_way_to_tell_and_a_row_that_a_case_has_tested(slug: str) -> None:
    text = SECTIONS[TITLES[slug]]
    assert all(part in text for part in ("**Usual causes.** ", "**How to tell.** ", "**Columns.** "))
    tested = [
        {**row, "detection": slug}
        for _, case in cases(slug)
        if case["kind"] == "exception"
        for row in case.get("lookups", {}).get("package_exceptions_site", ())
    ]
    shown = rows(text, "detection")
    assert shown
    assert [row for row in shown if row not in tested] == []
    assert all(cell for row in shown for cell in row.values())


def test_expired_rows_and_those_of_other_detections_are_not_shown() -> None:
    shown = rows(SECTIONS["Windows Developer-Signed MSIX Package Installation"], "detection")
    assert [row["reason"] for row in shown] == ["framework", "our own viewer", "our own viewer"]
    assert "31.12.2099" not in page()
    assert "another_detection" not in page()


def test_publishers_are_shown_where_a_case_trusts_one() -> None:
    shown = rows(SECTIONS["Windows MSIX Package Spawned Interpreter"], "publisher_id")
    assert shown == [{"publisher_id": "c2yjt6za8ar62", "publisher_class": "oem", "publisher_name": "Northwind"}]


def test_the_hints_name_the_columns() -> None:
    text = SECTIONS["Linux Package Maintainer Script Abuse"]
    assert "It is bound to `dest` and `process`. Narrower: a pattern in `user` too." in text
    assert "Its findings have `dest`, `user` and `process`; leave `*` in `package_family_name`, " in text


def test_next_steps_are_shown_as_text() -> None:
    assert (
        said('{"version": 1, "data": "Look it up.\\nThen [[action|nslookup]] it."}') == "Look it up. Then nslookup it."
    )


@pytest.mark.parametrize("next_steps", ['{"version": 1}', '{"data": ["x"]}', "Look it up."])
def test_next_steps_of_another_form_are_refused(next_steps: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        said(next_steps)
