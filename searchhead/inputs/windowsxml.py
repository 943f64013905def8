"""The text of a Windows event: its cheap facts, its check, its normal form.

The normal form is what Windows renders and Splunk indexes with ``renderXml = true``: one ``<Event xmlns='…'>`` with
single-quoted attributes, ``<Data Name='k'>v</Data>``, empty elements of ``System`` closed in themselves, GUIDs in
braces.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NamedTuple
from xml.parsers import expat

NAMESPACE = "http://schemas.microsoft.com/win/2004/08/events/event"

MAX_EVENT = 10 * 1024 * 1024
"""Characters. EVTX holds at most 64 KiB an event; an export with rendered messages a little more."""
MAX_DEPTH = 64
MAX_ATTRIBUTES = 256

DECLARATION = re.compile(r"<!(?:DOCTYPE|ENTITY)")
"""The begin of a document type or entity declaration: Windows writes neither."""

_CHANNEL = re.compile(r"<Channel(?:\s[^<>]*)?>([^<]*)<")
_COMPUTER = re.compile(r"<Computer(?:\s[^<>]*)?>([^<]*)<")
_SYSTEM_TIME = re.compile(r"""SystemTime\s*=\s*['"]([^'"<]{1,64})['"]""")
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?\s*(Z|UTC|[+-]\d\d:?\d\d)?", re.ASCII | re.IGNORECASE
)
_ENTITY = re.compile(r"&(?:#(\d{1,7})|#x([0-9A-Fa-f]{1,6})|(amp|lt|gt|quot|apos));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
# XML 1.0, production 2: whatever is not a Char.
_NOT_CHAR = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_GUID = re.compile(r"[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}")
_SHORT_FRACTION = re.compile(r"(\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z")


class Refused(Exception):
    """A text that is hostile or beyond all bounds: not used."""


class Facts(NamedTuple):
    """What is read without parsing: ``time`` in epoch seconds, None if there is none; the others empty if missing."""

    time: float | None
    channel: str
    computer: str


def is_event(raw: str) -> bool:
    """Whether this begins as a Windows event in XML does."""
    return raw.startswith("<Event") and raw[6:7] in {" ", ">", "\t", "\n", "\r"}


def channel(raw: str) -> str:
    """The text of ``System/Channel``, empty if there is none."""
    return _text(_CHANNEL, raw, _system_end(raw))


def facts(raw: str) -> Facts:
    """Time, channel and computer, from ``System`` only: the rest of an event may hold elements of the same names."""
    end = _system_end(raw)
    found = _SYSTEM_TIME.search(raw, 0, end)
    return Facts(epoch(found[1]) if found else None, _text(_CHANNEL, raw, end), _text(_COMPUTER, raw, end))


def _system_end(raw: str) -> int:
    end = raw.find("</System>")
    return len(raw) if end < 0 else end


def _text(pattern: re.Pattern[str], raw: str, end: int) -> str:
    found = pattern.search(raw, 0, end)
    return unescape(found[1]).strip() if found else ""


def epoch(text: str) -> float | None:
    """Epoch seconds of ``2026-01-31T12:00:00.1234567Z``; None if it is no such time.

    The fraction has up to nine digits, or is missing; so may the zone, which is UTC then, as in all of Windows' events.
    """
    found = _TIME.fullmatch(text.strip())
    if not found:
        return None
    day, clock, fraction, zone = found.groups()
    offset = "+00:00" if zone is None or zone.upper() in {"Z", "UTC"} else zone
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}{offset}")
    except ValueError:
        return None
    whole = (moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    return whole + float(f"0.{fraction or 0}")


def fault(raw: str) -> str:
    """Why an event is not well-formed XML, in expat's words; empty if it is.

    No entity is expanded but XML's own five and numeric ones: without a declaration there is no other.

    Raises:
        Refused: it has a document type or entity declaration, or is too large or too deep.
    """
    if len(raw) > MAX_EVENT:
        raise Refused(f"it is longer than {MAX_EVENT} characters")
    if DECLARATION.search(raw):
        raise Refused("it declares a document type or an entity, as no event of Windows does")
    parser = expat.ParserCreate("utf-8")
    depth = 0

    def start(_: str, attributes: list[str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise Refused(f"its elements are nested more than {MAX_DEPTH} deep")
        if len(attributes) > 2 * MAX_ATTRIBUTES:
            raise Refused(f"one of its elements has more than {MAX_ATTRIBUTES} attributes")

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.ordered_attributes = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        return expat.ErrorString(error.code) or "unknown error"
    return ""


def unescape(text: str) -> str:
    """Decode XML's own five entities and numeric ones; whatever else looks like one stays."""
    return _ENTITY.sub(_decoded, text) if "&" in text else text


def _decoded(found: re.Match[str]) -> str:
    decimal, hexadecimal, name = found.groups()
    if name:
        return _NAMED[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if code < 0x110000 and not _NOT_CHAR.match(chr(code)) else found[0]


def clean(text: str) -> str:
    """The text without the characters that XML cannot hold, not even escaped."""
    return _NOT_CHAR.sub("", text)


def text(value: str) -> str:
    """A value as the content of an element."""
    return clean(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def attribute(name: str, value: str) -> str:
    """One attribute with the blank before it."""
    return f" {name}='{text(value).replace(chr(39), '&apos;').replace(chr(34), '&quot;')}'"


def braced(value: str) -> str:
    """A GUID in braces, as Windows writes it; the evtx library leaves them out. Anything else stays.

    The library writes what EVTX holds as a GUID in capitals, so that text which only looks like one mostly stays.
    """
    return f"{{{value}}}" if len(value) == 36 and _GUID.fullmatch(value) else value


def seven_digits(system_time: str) -> str:
    """A time with a fraction of seven digits, as Windows writes it; the evtx library gives six."""
    return _SHORT_FRACTION.sub(lambda found: f"{found[1]}.{found[2] or '':0<7}Z", system_time)
