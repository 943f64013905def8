"""What a file is, by its first bytes; names and endings say nothing."""

from __future__ import annotations

import codecs
import re

from searchhead.inputs.evtx import CHUNK_MAGIC, FILE_MAGIC, HEADER_SIZE

HEAD = 65536
"""How many bytes decide."""

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

_JSON = re.compile(r"\s*(?:Record \d+\s+)?(?:\[\s*)?\{")
_JSON_KEY = re.compile(r'"(?:Event|result|results|_raw)"\s*:')
# Text that only speaks of events has no System after an Event.
_XML = re.compile(r"<Events[\s>]|<Event(?:\s[^<>]*+)?>\s*+<System[\s>]")

_ADVICE = (
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it first"),
    (0, b"BZh", "compressed with bzip2: unpack it first"),
    (0, b"\xfd7zXZ\0", "compressed with xz: unpack it first"),
    (0, b"\x28\xb5\x2f\xfd", "compressed with Zstandard: unpack it first"),
    (0, b"Rar!\x1a\x07", "a RAR archive: unpack it first"),
    (257, b"ustar", "a tar archive: unpack it first"),
    (
        4,
        b"LfLe",
        "a log of Windows XP or 2003 (.evt): convert it on Windows with wevtutil epl OLD.evt NEW.evtx /lf:true",
    ),
)


def detect(head: bytes) -> str:
    """``evtx``, ``gzip``, ``zip``, ``xml`` or ``json``; empty for anything else.

    Args:
        head: the first HEAD bytes of the file, or all there are.
    """
    if head.startswith((FILE_MAGIC, CHUNK_MAGIC)) or head[HEADER_SIZE:].startswith(CHUNK_MAGIC):
        return "evtx"
    if head.startswith(b"\x1f\x8b\x08"):
        return "gzip"
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        return "zip"
    text = head.decode(encoding(head), "replace").lstrip("\ufeff")
    if _JSON.match(text):
        return "json" if _JSON_KEY.search(text) else ""
    return "xml" if _XML.search(text) else ""


def encoding(head: bytes) -> str:
    """The encoding of a text, by its byte order mark or, for UTF-16 without one, the zero byte beside its first letter.

    An encoding named in an XML declaration is not looked at: Windows and its tools write UTF-8 and UTF-16 only.
    """
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name
    if len(head) > 1 and (head[0] == 0) != (head[1] == 0):
        return "utf-16-be" if head[0] == 0 else "utf-16-le"
    return "utf-8"


def advice(head: bytes) -> str:
    """What to say of a file in none of the formats."""
    for at, magic, what in _ADVICE:
        if head[at:].startswith(magic):
            return what
    return "no known log format (EVTX, XML or JSON events, a Splunk export)" if head else "the file is empty"
