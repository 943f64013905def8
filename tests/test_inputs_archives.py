import gzip
import io
import zipfile
from typing import BinaryIO

import pytest

from searchhead.inputs.archives import FREE, MAX_RATIO, Bomb, Budget, Tolerant, gzip_content, on_disk, zip_members


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


def tolerant(inner: BinaryIO) -> tuple[io.BufferedReader, list[str]]:
    damages: list[str] = []
    return io.BufferedReader(Tolerant(inner, lambda _: None, damages.append)), damages


def test_members_come_in_the_archives_order_without_folders() -> None:
    members = zip_members(io.BytesIO(zipped({"b": b"1", "d/": b"", "d/a": b"2"})))
    found = [(name, tolerant(stream)[0].read()) for name, stream in members if not isinstance(stream, str)]
    assert found == [("b", b"1"), ("d/a", b"2")]


def _encrypted() -> bytes:
    content = bytearray(zipped({"a": b"1"}))
    content[6] |= 1
    content[content.index(b"PK\1\2") + 8] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (_encrypted(), "encrypted"),  # needs a password
        (zipped({"a": b"1"}, zipfile.ZIP_LZMA), "another method than deflate"),  # not expanded in bounded steps
        (zipped({"a": b"1"}).replace(b"PK\3\4", b"PK\0\0"), "damaged"),  # its directory points to nothing
    ],
)
def test_a_member_that_cannot_be_read_says_why(content: bytes, reason: str) -> None:
    [(name, fault)] = zip_members(io.BytesIO(content))
    assert name == "a"
    assert isinstance(fault, str)
    assert reason in fault


def test_a_stream_is_used_up_to_its_damage() -> None:
    content = bytearray(gzip.compress(bytes(range(256)) * 4000, mtime=0))
    stream, damages = tolerant(gzip_content(io.BytesIO(content[: len(content) // 2])))
    got = stream.read()
    assert got
    assert (bytes(range(256)) * 4000).startswith(got)
    [damage] = damages
    assert damage.startswith("damaged or not readable (Compressed file ended before the end-of-stream marker")
    assert stream.read() == b""
    assert len(damages) == 1


def test_a_whole_stream_comes_through() -> None:
    stream, damages = tolerant(gzip_content(io.BytesIO(gzip.compress(b"a") + gzip.compress(b"b" * 200_000))))
    assert stream.peek(4)[:4] == b"abbb"
    assert stream.read() == b"a" + b"b" * 200_000
    assert damages == []


def test_a_bomb_is_one_by_its_ratio_once_it_is_large() -> None:
    budget = Budget(size=FREE)
    budget.spend(FREE * MAX_RATIO)
    with pytest.raises(Bomb, match="200 times"):
        budget.spend(1)
    small = Budget(size=10)
    small.spend(FREE)
    assert not small.broken
    with pytest.raises(Bomb):
        small.spend(1)
    assert small.broken


def test_a_bomb_ends_its_stream() -> None:
    damages: list[str] = []
    budget = Budget(size=1)
    content = gzip_content(io.BytesIO(gzip.compress(bytes(FREE + 100_000), 1)))
    stream = io.BufferedReader(Tolerant(content, budget.spend, damages.append), 1 << 20)
    got = 0
    while data := stream.read(1 << 20):
        got += len(data)
    assert FREE - (1 << 20) <= got <= FREE
    assert len(damages) == 1
    assert "archive bombs" in damages[0]


def test_a_copy_on_disk_is_the_same() -> None:
    with on_disk(io.BytesIO(b"abc")) as copy:
        assert copy.seekable()
        assert copy.read() == b"abc"
