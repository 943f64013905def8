from __future__ import annotations

import os
from pathlib import Path

import pytest

from searchhead.sitetable import SiteTable, Unusable, read, shipped_columns
from tests.apps import written_app

COLUMNS = ("detection", "dest", "reason")


def table(folder: Path, content: str | bytes) -> SiteTable:
    file = folder / "site.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read(file, COLUMNS)


def refused(folder: Path, content: str | bytes) -> list[str]:
    with pytest.raises(Unusable) as error:
        table(folder, content)
    return list(error.value.problems)


def test_rows_stand_where_an_editor_shows_them(tmp_path: Path) -> None:
    text = 'detection,dest,reason\n\na,*,"two\nlines"\r\nb,*,\n\n"c",ws-1,"a ""quoted"", comma"'
    found = table(tmp_path, text)
    assert [(row.line, *row.cells.values()) for row in found.rows] == [
        (3, "a", "*", "two\nlines"),
        (5, "b", "*", ""),
        (7, "c", "ws-1", 'a "quoted", comma'),
    ]
    assert not found.marked


def test_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    [row] = table(tmp_path, "reason,detection,dest\nwhy,a,*\n").rows
    assert row.cells == {"detection": "a", "dest": "*", "reason": "why"}


def test_a_header_alone_is_a_table(tmp_path: Path) -> None:
    assert table(tmp_path, "detection,dest,reason\n").rows == ()


@pytest.mark.parametrize(
    ("header", "problems"),
    [
        ("", ["the header lacks 'detection', 'dest', 'reason'"]),
        ("detection,dest\n", ["the header lacks 'reason'"]),
        ("detection, dest,reason\n", ["the header lacks 'dest'", "the header has unknown columns: ' dest'"]),
        (
            "detection;dest;reason\n",
            [
                "the header lacks 'detection', 'dest', 'reason'",
                "the header has unknown columns: 'detection;dest;reason'",
            ],
        ),
        ("detection,dest,reason,dest\n", ["the header has more than once: 'dest'"]),
        ("Detection,dest,reason\n", ["the header lacks 'detection'", "the header has unknown columns: 'Detection'"]),
    ],
)
def test_a_wrong_header_is_told_with_what_it_must_be(tmp_path: Path, header: str, problems: list[str]) -> None:
    assert refused(tmp_path, header + "a,b,c\n" * bool(header)) == [
        *(f"line 1: {problem}" for problem in problems),
        "line 1: the header must be detection,dest,reason",
    ]


def test_every_row_of_another_length_is_told(tmp_path: Path) -> None:
    assert refused(tmp_path, "detection,dest,reason\na,*,x\na,*\n\na,*,x,y\na\n") == [
        f"line {line}: the row has {cells}, the header has 3: write every cell, and a cell that holds a comma between "
        'quotes, "like, this"'
        for line, cells in ((3, "2 cells"), (5, "4 cells"), (6, "1 cell"))
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"detection,dest,reason\na,*,b\xfcro\n", "line 2: the byte 0xfc is no UTF-8: save as UTF-8"),
        ("detection,dest,reason\n".encode("utf-16"), "is UTF-16: save it as UTF-8"),
        (
            b"detection,dest,reason\ra,*,b\r",
            "the lines end with a carriage return alone, which Splunk does not read: save with LF or CR LF",
        ),
        (
            b'detection,dest,reason\na,*,b\nc,*,"never ends\nd,*,e\n',
            "line 3: the row that begins here is no CSV: unexpected end of data",
        ),
        (
            b'detection,dest,reason\na,"b"c,d\n',
            "line 2: the row that begins here is no CSV: ',' expected after '\"'",
        ),
        (b"x" * (16 * 1024 * 1024 + 1), "is larger than 16 MiB, which no such list is"),
    ],
)
def test_what_is_no_table_is_told_with_its_line(tmp_path: Path, content: bytes, problem: str) -> None:
    assert refused(tmp_path, content) == [problem]


@pytest.mark.parametrize("content", [b"\0" * 100, bytes(range(128)) * 9, b'"' * 99, b",\n" * 99, "ä".encode() * 70])
def test_nothing_that_somebody_may_name_is_more_than_unusable(tmp_path: Path, content: bytes) -> None:
    assert refused(tmp_path, content)


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    for path, problem in (
        (tmp_path, "is no file"),
        (tmp_path / "missing.csv", "cannot be read: No such file or directory"),
        (Path("a\0b"), "cannot be read: embedded null byte"),
        (Path(os.devnull), "is no file"),
    ):
        with pytest.raises(Unusable) as error:
            read(path, COLUMNS)
        assert error.value.problems == (problem,)


def test_a_byte_order_mark_is_noticed_and_does_not_hide_the_first_column(tmp_path: Path) -> None:
    found = table(tmp_path, "\ufeffdetection,dest,reason\na,*,b\n")
    assert found.marked
    assert found.rows[0].cells["detection"] == "a"


def test_formulas_are_found_and_a_lone_dash_is_none(tmp_path: Path) -> None:
    text = 'detection,dest,reason\na,-,=1+1\n@b,*,fine\n-c,+1,"\tx"\n'
    found = [(row.line, column) for row, column in table(tmp_path, text).formulas()]
    assert found == [(2, "reason"), (3, "detection"), (4, "detection"), (4, "dest"), (4, "reason")]


def test_the_columns_are_those_that_ship_whatever_the_site_has_made_of_its_file(tmp_path: Path) -> None:
    app = written_app(
        tmp_path,
        {
            "default/transforms.conf": "[site]\nfilename = site.csv\n[ours]\nfilename = ours.csv\n",
            "lookups/site.csv.default": "a,b\n",
            "lookups/site.csv": "a,c\n",
            "lookups/ours.csv": "d,e\n1,2\n",
        },
    )
    assert shipped_columns(app, "site") == ("a", "b")
    assert shipped_columns(app, "ours") == ("d", "e")
