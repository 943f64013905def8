"""Paths that a person names, to the files behind them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from typing import NamedTuple

from searchhead.inputs.events import Skipped, Stats

STANDARD_INPUT = "-"


class File(NamedTuple):
    """A file to read: where it is, its size in bytes, and whether it was named itself, not only a folder around it."""

    path: Path | str
    size: int
    named: bool


def expand(paths: Iterable[Path | str], stats: Stats) -> list[File]:
    """The files of some paths, each once: a folder's in order of their names, with its folders.

    Inside a folder, hidden files (``.name``), links to folders and whatever is no file are left out, and named in
    ``stats``. A path that does not exist is a damage.
    """
    files: list[File] = []
    seen: set[tuple[int, int]] = set()
    for path, named in _walk(paths, stats):
        if path == STANDARD_INPUT:
            files.append(File(path, 0, named))
            continue
        try:
            found = os.stat(path)  # noqa: PTH116 - several times as fast as Path.stat, of thousands of files
        except OSError as error:
            stats.damage(str(path), "", _cannot_be_read(error))
            continue
        file = (found.st_dev, found.st_ino)
        if file in seen:
            stats.skipped.append(Skipped(str(path), "the same file as one before"))
            continue
        if found.st_ino:  # 0 where the file system does not number its files
            seen.add(file)
        files.append(File(path, found.st_size, named))
    return files


def hidden(name: str) -> bool:
    """Whether a name within a folder or archive is one that its owner does not see, or that an archiver added."""
    return any(part.startswith(".") or part == "__MACOSX" for part in PurePath(name.replace("\\", "/")).parts)


def _cannot_be_read(error: OSError) -> str:
    return f"cannot be read ({error.strerror or error}): check the path and its permissions"


def _walk(paths: Iterable[Path | str], stats: Stats) -> Iterator[tuple[Path | str, bool]]:
    for path in paths:
        if path != STANDARD_INPUT and Path(path).is_dir():
            for found in _folder(Path(path), stats):
                yield found, False
        else:
            yield path, True


def _folder(folder: Path, stats: Stats) -> Iterator[Path]:
    def unreadable(error: OSError) -> None:
        stats.damage(str(error.filename), "", _cannot_be_read(error))

    for where, folders, names in os.walk(folder, onerror=unreadable):
        here = Path(where)
        for name in sorted(folders):
            why = "hidden" if hidden(name) else "a link to a folder" if (here / name).is_symlink() else ""
            if why:
                folders.remove(name)
                stats.skipped.append(Skipped(str(here / name), f"{why}: name it to have it read"))
        folders.sort()
        for name in sorted(names):
            path = here / name
            if hidden(name):
                stats.skipped.append(Skipped(str(path), "hidden: name it to have it read"))
            elif not path.is_file():
                stats.skipped.append(Skipped(str(path), "not a regular file"))
            else:
                yield path
