from __future__ import annotations

from pathlib import Path

import pytest
from package_publishers import Publisher, read_publishers
from package_tables import MAXIMUM_SIZE

HEADER = "publisher_id,publisher_class,publisher_name\n"
OURS = "package_publishers_20250101.csv"
SITE = "package_publishers_site.csv"
SHIPPED = {OURS: HEADER + "8wekyb3d8bbwe,microsoft,Microsoft Corporation\n", f"{SITE}.default": HEADER}
MICROSOFT = {"8wekyb3d8bbwe": Publisher("microsoft", "Microsoft Corporation")}


def read(folder: Path, files: dict[str, str | bytes]) -> tuple[dict[str, Publisher], str]:
    lookups = folder / "lookups"
    lookups.mkdir()
    for name, content in files.items():
        (lookups / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_publishers(lookups)


def test_what_ships_is_read_without_a_trouble(tmp_path: Path) -> None:
    assert read(tmp_path, dict(SHIPPED)) == (MICROSOFT, "")


def test_the_newest_of_our_tables_is_read_and_no_other_file(tmp_path: Path) -> None:
    others = {
        "package_publishers_20241231.csv": HEADER + "fg3qp2cw01ypp,vendor,Hydraulic\n",
        "package_publishers_2026.csv": HEADER + "fg3qp2cw01ypp,vendor,Hydraulic\n",
        "package_publishers_20260101.csv.bak": HEADER + "fg3qp2cw01ypp,vendor,Hydraulic\n",
    }
    assert read(tmp_path, {**SHIPPED, **others}) == (MICROSOFT, "")


def test_the_table_of_the_site_wins_and_replaces_the_default(tmp_path: Path) -> None:
    site = {SITE: HEADER + "8wekyb3d8bbwe,malicious,Not here\n", f"{SITE}.default": HEADER + "x,y,z\n"}
    assert read(tmp_path, {**SHIPPED, **site}) == ({"8wekyb3d8bbwe": Publisher("malicious", "Not here")}, "")


def test_without_any_table_of_the_site_nothing_is_wrong(tmp_path: Path) -> None:
    assert read(tmp_path, {OURS: SHIPPED[OURS]}) == (MICROSOFT, "")


@pytest.mark.parametrize(
    "content",
    [
        SHIPPED[OURS].replace("\n", "\r"),
        b"\xef\xbb\xbf" + SHIPPED[OURS].encode(),  # a byte order mark
        SHIPPED[OURS].replace("\n", "\r\n"),
        SHIPPED[OURS] + "\n,,\n",  # blank rows
        "note,publisher_name,publisher_class,publisher_id\nx,Microsoft Corporation,microsoft,8wekyb3d8bbwe\n",
        HEADER + ' 8WEKYB3D8BBWE , Microsoft ,"Microsoft\nCorporation "\n',
        SHIPPED[OURS] + "8wekyb3d8bbwe,malicious,the first row counts\n",
    ],
)
def test_forms_of_a_table_that_mean_the_same(tmp_path: Path, content: str | bytes) -> None:
    assert read(tmp_path, {OURS: content}) == (MICROSOFT, "")


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("8wekyb3d8bbw,store,Twelve characters", "line 2: '8wekyb3d8bbw' is not a publisher ID"),
        ("8wekyb3d8bbwo,store,The letter o", "line 2: '8wekyb3d8bbwo' is not a publisher ID"),
        (",store,No ID", "line 2: '' is not a publisher ID"),
        ("fg3qp2cw01ypp,trusted,No such class", "line 2: 'trusted' is not one of the classes microsoft system"),
        ("fg3qp2cw01ypp,,No class", "line 2: '' is not one of the classes"),
        ("fg3qp2cw01ypp", "line 2: has too few cells"),
    ],
)
def test_a_wrong_row_is_skipped_and_named(tmp_path: Path, row: str, problem: str) -> None:
    publishers, trouble = read(tmp_path, {**SHIPPED, SITE: f"{HEADER}{row}\n{row}\nfg3qp2cw01ypp,oem,x\n"})
    assert publishers == {**MICROSOFT, "fg3qp2cw01ypp": Publisher("oem", "x")}
    assert trouble.startswith(f"lookups/{SITE} has 2 rows that were skipped: correct them; the first is {problem}")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "has no column publisher_id, publisher_class, publisher_name"),
        ("publisher_id,class,publisher_name\n8wekyb3d8bbwe,store,x\n", "has no column publisher_class and was not"),
        (HEADER.encode("utf-16"), "has no column publisher_id"),
        (b"\0" * 100, "has no column publisher_id"),
        (HEADER + 'fg3qp2cw01ypp,oem,"not closed\n', "is not CSV from line 2 on"),
        (HEADER + "#" * MAXIMUM_SIZE, f"is larger than {MAXIMUM_SIZE} bytes"),
    ],
)
def test_a_broken_table_is_named_and_the_other_one_still_counts(
    tmp_path: Path, content: str | bytes, problem: str
) -> None:
    publishers, trouble = read(tmp_path, {**SHIPPED, SITE: content})
    assert publishers == MICROSOFT
    assert trouble.startswith(f"lookups/{SITE} {problem}")


def test_a_table_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "lookups" / SITE).mkdir(parents=True)
    publishers, trouble = read_publishers(tmp_path / "lookups")
    assert publishers == {}
    assert trouble.startswith(f"lookups/{SITE} cannot be read (")
    assert "; lookups/package_publishers_<yyyymmdd>.csv cannot be read (" in trouble


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    publishers, trouble = read_publishers(tmp_path / "lookups")
    assert publishers == {}
    assert trouble.startswith("lookups/package_publishers_<yyyymmdd>.csv cannot be read (")
    assert trouble.endswith("): restore it, or install the app again")
