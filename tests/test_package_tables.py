from __future__ import annotations

from pathlib import Path

import pytest
from package_tables import MAXIMUM_SIZE, PUBLISHER_ID, join_troubles, newest, read_table

COLUMNS = ("name", "colour")


def read(path: Path, content: str | bytes) -> tuple[list[list[str]], str]:
    table = path / "things_20250101.csv"
    table.write_bytes(content if isinstance(content, bytes) else content.encode())
    rows: list[list[str]] = []

    def add(cells: list[str]) -> str:
        if cells[1] == "pink":
            return "pink is no colour"
        rows.append(cells)
        return ""

    return rows, read_table(table, COLUMNS, add)


@pytest.mark.parametrize(
    "content",
    [
        "name,colour\na b,red\nc,blue\n",
        b"\xef\xbb\xbfname,colour\r\na b,red\r\n\r\n,\r\nc,blue",
        "size,colour,name\n1,red, a  b \n2,blue,c\n",
        'name,colour\n"a\nb",red\nc,blue,more\n',
    ],
)
def test_forms_of_a_table_that_mean_the_same(tmp_path: Path, content: str | bytes) -> None:
    assert read(tmp_path, content) == ([["a b", "red"], ["c", "blue"]], "")


def test_wrong_rows_are_skipped_counted_and_the_first_is_named(tmp_path: Path) -> None:
    rows, trouble = read(tmp_path, "name,colour\na,red\nb,pink\nc\nd,blue\n")
    assert rows == [["a", "red"], ["d", "blue"]]
    assert trouble == (
        "things_20250101.csv has 2 rows that were skipped: correct them; the first is line 3: pink is no colour"
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "has no column name, colour and was not read: correct its first line"),
        ("name\na\n", "has no column colour and was not read: correct its first line"),
        ('name,colour\na,"red\n', "is not CSV from line 2 on ("),
        ("#" * (MAXIMUM_SIZE + 1), f"is larger than {MAXIMUM_SIZE} bytes and was not read: make it smaller"),
        (b"\0\0", "has no column name, colour"),
    ],
)
def test_a_broken_table_is_named(tmp_path: Path, content: str | bytes, problem: str) -> None:
    rows, trouble = read(tmp_path, content)
    assert rows == []
    assert trouble.startswith(f"things_20250101.csv {problem}")


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    trouble = read_table(newest(tmp_path, "things"), COLUMNS, lambda _cells: "")
    assert trouble.startswith("things_<yyyymmdd>.csv cannot be read (")


def test_the_newest_table_of_a_name_is_taken_and_no_other_file(tmp_path: Path) -> None:
    for name in ("things_20241231.csv", "things_20250101.csv", "things_site.csv", "things_20260101.csv.bak"):
        (tmp_path / name).touch()
    (tmp_path / "other_things_20270101.csv").touch()
    assert newest(tmp_path, "things").name == "things_20250101.csv"


def test_troubles_are_one_text_that_names_the_folder() -> None:
    lookups = Path("lookups")
    assert join_troubles(lookups, ["", "a.csv is wrong", "b.csv too"]) == "lookups/a.csv is wrong; lookups/b.csv too"
    assert join_troubles(lookups, ["", ""]) == ""


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("8wekyb3d8bbwe", True), ("8wekyb3d8bbwo", False), ("8wekyb3d8bbw", False), ("8wekyb3d8bbwe\n", False)],
)
def test_a_publisher_id_is_thirteen_characters_of_base_32(text: str, is_one: bool) -> None:
    assert (PUBLISHER_ID.fullmatch(text) is not None) == is_one
