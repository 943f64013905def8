"""Windows event log files (EVTX), read with the ``evtx`` library.

Layout, from the public description of the format by the libevtx project: a file header of 4 KiB, then chunks of
64 KiB, each with its own tables and records. A chunk needs nothing outside itself. So the chunks are taken from the
stream a few at a time and given to the library behind a header of our own: the stream need not be seekable, a damaged
header, chunk or end costs only itself, and memory does not grow with the file.

The library's XML is the cheapest of its forms (its JSON is slower, and loses order and repeated names). What no
search wants is dropped on that text, before it is rendered.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO, cast

from searchhead.inputs import windowsxml
from searchhead.inputs.events import NO_CHANNEL, Event, Log, Test, source_of

FILE_MAGIC = b"ElfFile\0"
CHUNK_MAGIC = b"ElfChnk\0"
HEADER_SIZE = 4096
CHUNK_SIZE = 65536
_BLANK = bytes(CHUNK_SIZE)

# How many chunks the library gets at once: enough that its start costs nothing, few enough to name a damage's place.
_BATCH = 4

_CHUNK_COUNT = struct.Struct("<H")
_CHUNK_COUNT_AT = 42
_OFFSET = struct.Struct("<I")
_STRING_TABLE = struct.Struct("<64I")
_STRING_TABLE_AT = 128
_LAST_OFFSET = CHUNK_SIZE - _OFFSET.size

_TAG_WITH_ATTRIBUTES = re.compile(r'<[\w:.-]+(?: [\w:.-]+="[^"]*")+>')
_GUID = "[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}"
_GUID_ATTRIBUTE = re.compile(f"='({_GUID})'")
_BRACED = r">{\1}<"
_GUID_CONTENT = re.compile(f">({_GUID})<")
# The elements of System in Microsoft's event schema; none has another inside.
_EMPTY_ELEMENT = re.compile(
    "></(?:Provider|EventID|Version|Level|Task|Opcode|Keywords|TimeCreated|EventRecordID|Correlation|Execution|Channel"
    "|Computer|Container|Security)>"
)
_SYSTEM_TIME = re.compile(" SystemTime='([^']*)'")
# In no event: the library's XML has no NUL.
_NO_TAG = "\0"


def read(log: Log) -> Iterator[Event]:
    """The wanted events of an EVTX stream."""
    try:
        from evtx import PyEvtxParser  # noqa: PLC0415  # only those who read EVTX need the library
    except ImportError as error:
        log.damage("", f"the evtx library that reads EVTX is not usable ({error}): install requirements/hunt.txt")
        return
    header = log.stream.read(HEADER_SIZE)
    if not header.startswith(FILE_MAGIC):
        log.damage("file header", "the header of the file is damaged: its chunks are read all the same")
    for first, chunks in _batches(log, header):
        file = BytesIO(FILE_MAGIC.ljust(HEADER_SIZE, b"\0") + b"".join(chunks))
        records = cast("Iterator[dict[str, str]]", PyEvtxParser(file, 1, indent=False).records())
        yield from _events(log, f"chunk {first} and after", records)


def render(xml: str) -> str:
    """An event in normal form, from the XML of the library.

    The library writes double quotes, an XML declaration, long forms of empty elements, times with six digits, and
    GUIDs, in capitals, without braces. Line breaks in a value stay as they are, as Windows leaves them.
    """
    xml = windowsxml.clean(xml[max(xml.find("<Event"), 0) :].rstrip())
    system, end, rest = _TAG_WITH_ATTRIBUTES.sub(_single_quoted, xml).partition("</System>")
    system = _EMPTY_ELEMENT.sub("/>", system)
    system = _SYSTEM_TIME.sub(lambda time: f" SystemTime='{windowsxml.seven_digits(time[1])}'", system, count=1)
    return f"{system}{end}{_GUID_CONTENT.sub(_BRACED, rest)}"


def _single_quoted(tag: re.Match[str]) -> str:
    text = tag[0].replace("'", "&apos;").replace('"', "'")
    return _GUID_ATTRIBUTE.sub(r"='{\1}'", text) if "-" in text else text


def _events(log: Log, where: str, records: Iterator[dict[str, str]]) -> Iterator[Event]:
    # Events of one channel follow each other: to know the one before again is quicker than to read it anew.
    channel, tag, count = NO_CHANNEL, _NO_TAG, 0
    test: Test | None = None
    try:
        while True:
            try:
                for record in records:
                    xml = record["data"]
                    # The first one is that of System: UserData may hold another, as that of event 104 does.
                    if not xml.startswith(tag, xml.find("<Channel>")):
                        log.count(channel, count)
                        channel, tag = _channel(xml)
                        test, count = log.tests[source_of(channel)], 0
                    count += 1
                    if test is not None and test(xml):
                        yield log.event(render(xml), where)
                return
            except RuntimeError:  # what the library raises for a record; the next call goes on with the next one
                log.damage(where, "a record, or all of a chunk, cannot be decoded: the others are used")
    finally:
        log.count(channel, count)


def _channel(xml: str) -> tuple[str, str]:
    """The channel of an event in the library's XML, and the text by which to know another event of it."""
    begin = xml.find("<Channel>")
    if begin < 0:
        return NO_CHANNEL, _NO_TAG
    tag = xml[begin : xml.find("<", begin + 1) + 1]
    return windowsxml.unescape(tag[len("<Channel>") : -1]) or NO_CHANNEL, tag


def _batches(log: Log, header: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """Lists of usable chunks, each with the number of its first one. Chunks are counted from 0, as the library does."""
    used = _CHUNK_COUNT.unpack_from(header, _CHUNK_COUNT_AT)[0] if len(header) == HEADER_SIZE else 0
    batch: list[bytes] = []
    first = blank = 0
    for number, chunk in enumerate(_chunks(log.stream)):
        if not chunk.startswith(CHUNK_MAGIC):
            # Windows grows a log in steps: blank chunks at its end were never written.
            if number < used or not _BLANK.startswith(chunk):
                log.damage(f"chunk {number}", "a chunk has no valid header and cannot be read: the others are used")
            else:
                blank += 1
            continue
        if blank:
            log.damage(f"chunk {number - blank}", "a chunk is blank and cannot be read: the others are used", blank)
            blank = 0
        if len(chunk) < CHUNK_SIZE:
            log.damage(f"chunk {number}", "the file is cut off inside a chunk: the records before are used")
        if not batch:
            first = number
        batch.append(_without_loops(log, number, chunk))
        if len(batch) == _BATCH:
            yield first, batch
            batch = []
    if batch:
        yield first, batch


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK_SIZE):
        yield chunk


def _without_loops(log: Log, number: int, chunk: bytes) -> bytes:
    """The chunk, padded to full size, with every chain of its string table ending.

    The table has 64 chains; a string begins with the offset of the next one in its chain. The library (0.14.0) follows
    a chain that runs in a circle for ever.
    """
    whole = chunk.ljust(CHUNK_SIZE, b"\0")
    if _chains_lead_back(whole):
        return whole
    seen: set[int] = set()
    for entry, first in enumerate(_STRING_TABLE.unpack_from(whole, _STRING_TABLE_AT)):
        at, following = _STRING_TABLE_AT + entry * _OFFSET.size, first
        while 0 < following <= _LAST_OFFSET:
            if following in seen:
                log.damage(f"chunk {number}", "a chunk's string table runs in circles: cut there, its records are used")
                whole = whole[:at] + bytes(_OFFSET.size) + whole[at + _OFFSET.size :]
                break
            seen.add(following)
            at, following = following, _OFFSET.unpack_from(whole, following)[0]
    return whole


def _chains_lead_back(chunk: bytes) -> bool:
    """Whether every string's next one stands before it, as Windows writes them: then no chain runs in a circle."""
    unpack = _OFFSET.unpack_from
    for first in _STRING_TABLE.unpack_from(chunk, _STRING_TABLE_AT):
        offset = first
        while 0 < offset <= _LAST_OFFSET:
            (following,) = unpack(chunk, offset)
            if following >= offset:
                return False
            offset = following
    return True
