from __future__ import annotations

import pytest

from docs.pieces import anchor, plain, prose, table


def test_a_table_has_a_line_a_row_and_bars_in_cells_are_text() -> None:
    assert table(("a", "b"), [("1", "x|y"), ("", "z")]) == "| a | b |\n| --- | --- |\n| 1 | x\\|y |\n|  | z |"


# As GitHub makes anchors: lower case, no punctuation but hyphens and underscores, a hyphen for each blank.
@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("The first hour", "the-first-hour"),
        ("Windows Developer-Signed MSIX Package Installation", "windows-developer-signed-msix-package-installation"),
        ("package_brands: how names are compared", "package_brands-how-names-are-compared"),
        ("Techniques of ATT&CK", "techniques-of-attck"),
        ("To add …", "to-add-"),
        ("`msixdecode`", "msixdecode"),
    ],
)
def test_anchors(heading: str, name: str) -> None:
    assert anchor(heading) == name


def test_a_text_of_several_lines_becomes_one() -> None:
    assert plain(" one\n  two\tthree ") == "one two three"


def test_prose_has_no_marks_of_markdown() -> None:
    assert prose("<b> of\nhttps://a.example/*") == "\\<b> of https://a.example/\\*"
