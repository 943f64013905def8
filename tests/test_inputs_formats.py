import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchhead.inputs.formats import HEAD, advice, detect, encoding


def _zip() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a", "b")
    return content.getvalue()


def _tar() -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a"))
    return content.getvalue()


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"ElfFile\0" + bytes(5000), "evtx"),
        (bytes(4096) + b"ElfChnk\0", "evtx"),  # its header is lost
        (gzip.compress(b"<Event>", mtime=0), "gzip"),  # the content names the test, also in another process
        (_zip(), "zip"),
        (b"<Event xmlns='x'><System>", "xml"),
        (b"<?xml version='1.0'?>\n<Events>", "xml"),
        (b"\n\n<14>Jan 31 12:00:00 pc <Event\n>\r\n  <System>", "xml"),
        ("<Event xmlns='x'><System>".encode("utf-16"), "xml"),
        ("<Event xmlns='x'><System>".encode("utf-16-be"), "xml"),
        (b"[2026-01-31] <Event xmlns='x'><System>", "xml"),
        (b'{"Event":{"System":', "json"),
        (b'\xef\xbb\xbf\r\n [\r\n {\r\n  "Event" : {', "json"),
        (b'Record 1\n{\n  "Event": {', "json"),
        (b'{"preview":false,"offset":0,"result":{"_raw":"<Event>', "json"),
        (b'{"preview":false,"init_offset":0,"messages":[],"fields":[],"results":[', "json"),
        (b'{"_raw":"<Event xmlns', "json"),
    ],
)
def test_a_format_is_told_by_content(head: bytes, expected: str) -> None:
    assert detect(head) == expected


@pytest.mark.parametrize(
    "head",
    [
        b"",  # nothing
        b"hello",  # text
        b"<EventID>1</EventID>",  # a part of an event
        b"one `<Event xmlns='x'>...</Event>` a line",  # text that speaks of events
        b"<html><body>",  # another XML
        b'{"name": "package", "version": 1}',  # another JSON
        b"a,b\n1,2\n",  # a table
        b"LfLe",  # the magic of an old log at another place
        b"\x7fELF" + bytes(100),  # a program
        bytes(HEAD),  # zeros
    ],
)
def test_what_is_no_log_has_no_format(head: bytes) -> None:
    assert detect(head) == ""


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (bz2.compress(b"a"), "bzip2"),
        (lzma.compress(b"a"), "xz"),
        (_tar(), "tar"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "7z"),
        (b"\x30\0\0\0LfLe\1\0\0\0", "wevtutil epl"),
        (b"", "empty"),
        (json.dumps({"a": 1}).encode(), "no known log format"),
    ],
)
def test_for_other_files_there_is_advice(head: bytes, expected: str) -> None:
    assert detect(head) == ""
    assert expected in advice(head)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"\xef\xbb\xbf<", "utf-8"),
        (b"\xff\xfe<\0", "utf-16-le"),
        (b"\xfe\xff\0<", "utf-16-be"),
        (b"<\0E\0", "utf-16-le"),
        (b"\0<\0E", "utf-16-be"),
        (b"<E", "utf-8"),
        (b"\0\0", "utf-8"),
        (b"<", "utf-8"),
        (b"", "utf-8"),
    ],
)
def test_the_encoding_is_told_by_the_first_bytes(head: bytes, expected: str) -> None:
    assert encoding(head) == expected


@given(st.binary(max_size=600))
def test_any_bytes_have_a_format_or_advice(head: bytes) -> None:
    assert detect(head) or advice(head)
