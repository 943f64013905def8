"""The Reader: paths in, events out, whatever the files are and whatever is broken in them."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from searchhead.inputs import archives, evtx, formats, jsontext, xmltext
from searchhead.inputs.archives import Budget, Tolerant
from searchhead.inputs.events import Event, Log, Skipped, Stats, Wanted, Wants
from searchhead.inputs.files import STANDARD_INPUT, File, expand, hidden

READERS: dict[str, Callable[[Log], Iterator[Event]]] = {
    "evtx": evtx.read,
    "xml": xmltext.read,
    "json": jsontext.read,
}
"""The reader of each log format that ``formats.detect`` tells."""


class Reader:
    """Reads logs of any known format and keeps account of it.

    Args:
        wanted: drops, before anything else is done with it, an event that no search can want; see ``events.Wanted``.
            A dropped event still counts in ``stats``.

    Attributes:
        stats: what was read, damaged and left out so far.
        on_progress: is called with the bytes done and the bytes in all (None: not known) while reading.
    """

    def __init__(self, wanted: Wanted | None = None) -> None:
        self.stats = Stats()
        self.on_progress: Callable[[int, int | None], None] | None = None
        self.tests = Wants(wanted)

    def read(self, paths: Iterable[Path | str]) -> Iterator[Event]:
        """The wanted events of files and folders, in this order; ``-`` is standard input.

        Nothing is raised for what is found in a file: see ``stats.damages``.
        """
        files = expand(paths, self.stats)
        self.stats.bytes_total += sum(file.size for file in files)
        for file in files:
            before = self.stats.bytes_done
            yield from self._file(file)
            if file.path != STANDARD_INPUT:
                self.stats.bytes_done = before + file.size

    def _file(self, file: File) -> Iterator[Event]:
        path = "standard input" if file.path == STANDARD_INPUT else str(file.path)
        try:
            with ExitStack() as stack:
                stream = (
                    cast("BinaryIO", sys.stdin.buffer)
                    if file.path == STANDARD_INPUT
                    else cast("BinaryIO", stack.enter_context(Path(file.path).open("rb")))
                )
                yield from _Source(self, file, stream).read(path, stream)
        except OSError as error:
            self.stats.damage(path, "", f"cannot be read ({error}): what was read before is used")


class _Source:
    """One file on disk, or standard input, with all that is packed into it."""

    def __init__(self, reader: Reader, file: File, stream: BinaryIO) -> None:
        self._reader = reader
        self._stats = reader.stats
        self._named = file.named
        self._stream = stream
        self._on_disk = file.path != STANDARD_INPUT and stream.seekable()
        self._before = reader.stats.bytes_done
        self._budget = Budget(file.size)

    def read(self, path: str, inner: BinaryIO, nesting: int = 0) -> Iterator[Event]:
        """The events of a stream: the file itself, or something packed that deep into it."""
        count = self._count_expanded if nesting else self._count_read
        stream = io.BufferedReader(Tolerant(inner, count, partial(self._stats.damage, path, "")), formats.HEAD)
        head = stream.peek(formats.HEAD)
        kind = formats.detect(head)
        if kind in READERS:
            self._stats.files += 1
            yield from READERS[kind](Log(path, stream, self._stats, self._reader.tests))
        elif not kind:
            why = formats.advice(head)
            if head and self._named and not nesting:
                self._stats.damage(path, "", why)
            else:
                self._stats.skipped.append(Skipped(path, why))
        elif nesting == archives.MAX_NESTING:
            self._stats.damage(path, "", "packed too deep (an archive in one in one): unpack it first")
        elif kind == "gzip":
            yield from self.read(path, archives.gzip_content(stream), nesting + 1)
        elif self._on_disk and not nesting:
            yield from self._members(path, self._stream, nesting)
        else:
            with archives.on_disk(stream) as file:
                yield from self._members(path, file, nesting)

    def _members(self, path: str, file: BinaryIO, nesting: int) -> Iterator[Event]:
        for name, content in archives.zip_members(file):
            member = f"{path}!{name}" if name else path
            if hidden(name):
                self._stats.skipped.append(Skipped(member, "hidden: unpack it to have it read"))
            elif isinstance(content, str):
                self._stats.damage(member, "", content)
            else:
                yield from self.read(member, content, nesting + 1)
            if self._budget.broken:
                return

    def _count_read(self, count: int) -> None:
        if not self._on_disk:  # how much there will be, nobody knows
            self._budget.size += count
            self._stats.bytes_done += count
        self._progress()

    def _count_expanded(self, count: int) -> None:
        self._budget.spend(count)
        self._progress()

    def _progress(self) -> None:
        if self._on_disk:
            self._stats.bytes_done = self._before + self._stream.tell()
        if self._reader.on_progress:
            self._reader.on_progress(self._stats.bytes_done, self._stats.bytes_total or None)
