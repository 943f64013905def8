"""Compressed files and archives: their members as streams, bounded in what they may expand to."""

from __future__ import annotations

import gzip
import io
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, cast

MAX_EXPANDED = 64 * 1024**3
"""Bytes that one file on disk may expand to, all its members together."""
MAX_RATIO = 200
"""How many times its own size it may expand to; logs reach 20 to 50."""
FREE = 256 * 1024**2
"""Bytes below which the ratio does not count: a new EVTX file is nearly all zeros."""

MAX_NESTING = 2
"""An archive, and one inside it."""

DAMAGED = (
    *(OSError, EOFError, ValueError, RuntimeError, LookupError, OverflowError),
    *(struct.error, zlib.error, zipfile.BadZipFile),
)
"""What the standard library raises for a damaged, encrypted or unknown archive, or a disk that fails."""

_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1


class Bomb(Exception):
    """An archive expands beyond all reason."""


class Budget:
    """What one file on disk may expand to, however its members are nested or overlap."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.expanded = 0
        self.broken = False

    def spend(self, count: int) -> None:
        """Note that ``count`` bytes were expanded; raises Bomb when it is too much."""
        self.expanded += count
        if self.expanded > MAX_EXPANDED or self.expanded > max(FREE, self.size * MAX_RATIO):
            self.broken = True
            raise Bomb(
                f"expands to more than {MAX_RATIO} times its size or {MAX_EXPANDED >> 30} GiB, as archive bombs do: "
                "refused from here on; if it is a log, unpack it first"
            )


class Tolerant(io.RawIOBase):
    """A stream that ends where it is damaged, and says so, so that all before the damage is used.

    Args:
        inner: the stream to read.
        count: is told how many bytes were read; may raise Bomb.
        damaged: is told, once, what went wrong.
    """

    def __init__(self, inner: BinaryIO, count: Callable[[int], None], damaged: Callable[[str], None]) -> None:
        self._inner = inner
        self._count = count
        self._damaged = damaged
        self._ended = False

    def readable(self) -> bool:
        """Say yes: this is what io.BufferedReader asks first."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer; less only at the end or before a damage."""
        view = memoryview(buffer)
        filled = 0
        while filled < len(view) and not self._ended:
            try:
                count = self._inner.readinto1(view[filled:])  # type: ignore[attr-defined]  # all opened here have it
                self._count(count)
            except Bomb as error:
                self._end(str(error))
            except DAMAGED as error:
                self._end(f"damaged or not readable ({error}): what is before is used")
            else:
                filled += count
                self._ended = not count
        return filled

    def _end(self, what: str) -> None:
        self._ended = True
        self._damaged(what)


class _Checked(io.BufferedIOBase):
    """A member of a zip archive that is checked after its end, so that all of it is used even if the check fails."""

    def __init__(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
        self._expected, self._sum = member.CRC, 0
        del member.CRC  # else the standard library withholds the last portion
        self._stream = cast("io.BufferedIOBase", archive.open(member))

    def read1(self, size: int = -1) -> bytes:
        data = self._stream.read1(size)
        self._sum = zlib.crc32(data, self._sum)
        if not data and self._sum != self._expected:
            raise zipfile.BadZipFile("its checksum is wrong")
        return data

    def close(self) -> None:
        self._stream.close()
        super().close()


def gzip_content(stream: BinaryIO) -> BinaryIO:
    """What a gzip file holds."""
    return cast("BinaryIO", gzip.GzipFile(fileobj=stream))


def zip_members(file: BinaryIO) -> Iterator[tuple[str, BinaryIO | str]]:
    """Name and stream of each file in a zip archive, in the archive's order, or why it cannot be read.

    The name is empty if it is the archive itself that cannot be read.
    """
    try:
        archive = zipfile.ZipFile(file)
    except DAMAGED as error:
        yield "", f"not a readable zip archive ({error}): unpack or repair it with a zip tool"
        return
    with archive:
        for member in archive.infolist():
            if member.filename.endswith("/"):
                continue
            if member.flag_bits & _ENCRYPTED:
                yield member.filename, "encrypted: unpack it first"
            elif member.compress_type not in _METHODS:  # the others cannot be expanded in bounded steps
                yield member.filename, "compressed with another method than deflate: unpack it first"
            else:
                try:
                    stream = _Checked(archive, member)
                except DAMAGED as error:
                    yield member.filename, f"damaged ({error}): left out"
                else:
                    with stream:
                        yield member.filename, cast("BinaryIO", stream)


def on_disk(stream: BinaryIO) -> BinaryIO:
    """A temporary copy of a stream, for what must be read from its end."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the caller closes it
    shutil.copyfileobj(stream, file)
    file.seek(0)
    return cast("BinaryIO", file)
