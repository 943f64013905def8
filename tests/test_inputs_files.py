import os
from pathlib import Path

import pytest

from searchhead.inputs.events import Stats
from searchhead.inputs.files import expand, hidden


def test_a_folder_is_read_in_order_of_names_with_its_folders(tmp_path: Path) -> None:
    for name in ("b.xml", "a.xml", "z/c.xml", "d/y/e.xml", "d/x.xml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    stats = Stats()
    files = expand([tmp_path], stats)
    assert [str(Path(file.path).relative_to(tmp_path).as_posix()) for file in files] == [
        "a.xml",
        "b.xml",
        "d/x.xml",
        "d/y/e.xml",
        "z/c.xml",
    ]
    assert [file.size for file in files] == [5, 5, 7, 9, 7]
    assert not any(file.named for file in files)
    assert (stats.damages, stats.skipped) == ([], [])


def test_named_files_and_standard_input_keep_their_order(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / name).touch()
    files = expand([tmp_path / "b", "-", tmp_path / "a"], Stats())
    assert [(file.path, file.named) for file in files] == [(tmp_path / "b", True), ("-", True), (tmp_path / "a", True)]


def test_what_is_left_out_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / ".hidden.xml").touch()
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "a.xml").touch()
    (tmp_path / "log.xml").touch()
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "same.xml").symlink_to(tmp_path / "log.xml")
    (tmp_path / "gone.xml").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    stats = Stats()
    assert [file.path for file in expand([tmp_path], stats)] == [tmp_path / "log.xml"]
    assert [str(one).removeprefix(f"{tmp_path}{os.sep}") for one in stats.skipped] == [
        ".git: hidden: name it to have it read",
        "loop: a link to a folder: name it to have it read",
        ".hidden.xml: hidden: name it to have it read",
        "gone.xml: not a regular file",
        "pipe: not a regular file",
        "same.xml: the same file as one before",
    ]
    assert stats.damages == []


def test_a_hidden_file_that_is_named_is_read(tmp_path: Path) -> None:
    (tmp_path / ".hidden").touch()
    assert [file.path for file in expand([tmp_path / ".hidden"], Stats())] == [tmp_path / ".hidden"]


def test_a_file_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    stats = Stats()
    assert [file.path for file in expand([tmp_path / "a", tmp_path, tmp_path / "a"], stats)] == [tmp_path / "a"]
    assert [one.why for one in stats.skipped] == ["the same file as one before"] * 2


def test_a_path_that_is_not_there_is_a_damage_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    stats = Stats()
    assert [file.path for file in expand([tmp_path / "nowhere", tmp_path / "a"], stats)] == [tmp_path / "a"]
    [damage] = stats.damages
    assert (
        str(damage)
        == f"{tmp_path / 'nowhere'}: cannot be read (No such file or directory): check the path and its permissions"
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a", False),
        ("a/b.c", False),
        (".a", True),
        ("a/.b/c", True),
        ("a\\.b", True),
        ("__MACOSX/a/._b", True),
        ("..", True),
        ("a.b", False),
    ],
)
def test_hidden_names_begin_with_a_dot_or_are_an_archivers(name: str, expected: bool) -> None:
    assert hidden(name) is expected
