"""Events in JSON text: what ``evtx_dump`` writes, and what Splunk exports.

Both as one object a line, as one array, pretty-printed or not. ``evtx_dump`` (omerbenamram/evtx) can also put
``Record N`` lines between its records. Splunk's export has ``{"preview":false,"result":{…}}`` a line or, from the REST
endpoints of a search job, ``{"results":[…]}``; the exported search must keep ``_raw``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from searchhead.inputs import eventjson, windowsxml
from searchhead.inputs.events import Event, Log
from searchhead.inputs.texts import portions

_DECODER = json.JSONDecoder()
_HEAD = 65536
_FIRST_KEY = re.compile(r'"(results|result|_raw|Event)"\s*:\s*(\[)?')
_NEXT_LINE = re.compile(r"\n[ \t]*+[\[,]?[ \t]*+(?=\{)")
# How near to the end of the text an error may still come from the end alone: a literal or an escape that is cut there.
_NEAR_END = 16
# An error counts the lines before it, from the begin of the text: with many errors, so much is kept of it at most.
_BEHIND = 8192
_SURROGATE = re.compile("[\ud800-\udfff]")

_GIVEN = ("host", "source", "sourcetype", "index")
_TIMES = ("_time", "_indextime")
# What else Splunk's export writes around its rows.
_FRAME = {"preview", "offset", "lastrow", "init_offset", "messages", "fields", "highlighted", "post_process_count"}

_BAD = "not valid JSON: left out, up to the next record"
_TOO_LONG = "a record is longer than any event: left out, up to the next record"


class Record(NamedTuple):
    """An object of the text: the line it begins in (from 1), its value, and what is wrong (empty: nothing)."""

    line: int
    value: dict[str, Any]
    fault: str = ""


def read(log: Log) -> Iterator[Event]:
    """The wanted events of a JSON text."""
    for line, value, fault in records(portions(log.stream)):
        where = f"line {line}"
        if fault:
            log.damage(where, fault)
            continue
        try:
            found = _event(value)
        except eventjson.NotAnEvent as error:
            log.damage(where, str(error))
            continue
        event = log.take(found[0], where, found[1]) if found else None
        if event is not None:
            yield event


def _event(value: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The text and the given fields of the event that an object stands for; None if it is the export's frame."""
    if "Event" in value:
        return eventjson.render(value["Event"]), {}
    if value.get("preview") is True:
        raise eventjson.NotAnEvent("a preview row of a Splunk export, which its final rows repeat: left out")
    row = value.get("result", value)
    raw = row.get("_raw") if isinstance(row, dict) else None
    if isinstance(raw, str):
        given: dict[str, Any] = {
            name: _SURROGATE.sub("\ufffd", row[name]) for name in _GIVEN if row.get(name) and isinstance(row[name], str)
        }
        for name in _TIMES:
            moment = _time(row.get(name))
            if moment is not None:
                given[name] = moment
        return _SURROGATE.sub("\ufffd", raw), given
    if value.keys() <= _FRAME:
        return None
    raise eventjson.NotAnEvent(
        "a row without _raw: left out; export with | fields _raw _time _indextime host source sourcetype index"
    )


def _time(value: Any) -> float | None:
    """Epoch seconds of an exported ``_time`` or ``_indextime``: a number, a number as text, or ISO 8601."""
    try:
        moment = float(value)
    except (TypeError, ValueError, OverflowError):
        return windowsxml.epoch(value) if isinstance(value, str) else None
    return moment if math.isfinite(moment) else None


def records(texts: Iterable[str], longest: int = windowsxml.MAX_EVENT) -> Iterator[Record]:
    """The objects of a text that comes in portions, whatever stands between them; an array is its objects.

    A line whose successor begins with ``{`` in its first column is decoded alone: one bad line costs one line.
    """
    portion = iter(texts)
    buffer, line = "".join(_until(portion, _HEAD)), 1
    at = _into_results(buffer)
    line += buffer.count("\n", 0, at)
    while True:
        begin = buffer.find("{", at)
        if begin < 0:
            line += buffer.count("\n", at)
            buffer, at = next(portion, ""), 0
            if not buffer:
                return
            continue
        line += buffer.count("\n", at, begin)
        newline = buffer.find("\n", begin)
        alone = newline >= 0 and buffer.startswith("{", newline + 1)
        text, offset = (buffer[begin:newline], begin) if alone else (buffer, 0)
        try:
            value, stop = _DECODER.raw_decode(text, begin - offset)
            found = Record(line, value)
            stop += offset
        except (ValueError, RecursionError) as error:
            more = ""
            if not alone and _unfinished(error, len(buffer)):
                more = "".join(_until(portion, len(buffer) - begin))
                if more and len(buffer) - begin <= longest:
                    buffer, at = buffer[begin:] + more, 0
                    continue
            found = Record(line, {}, _TOO_LONG if more else _BAD)
            buffer += more
            stop = newline if alone else _resume(buffer, begin, error)
        yield found
        line += buffer.count("\n", begin, stop)
        at = stop
        if found.fault and at > _BEHIND:
            buffer, at = buffer[at:], 0


def _until(portion: Iterator[str], size: int) -> Iterator[str]:
    """Portions that together have at least this size, if there is so much."""
    got = 0
    while got < max(size, 1) and (text := next(portion, "")):
        got += len(text)
        yield text


def _into_results(head: str) -> int:
    """Where the rows begin: after ``"results":[`` if that is what the text is, else at its begin."""
    found = _FIRST_KEY.search(head)
    return found.end() if found and found[1] == "results" and found[2] else 0


def _unfinished(error: Exception, size: int) -> bool:
    """Whether the text may only be too short."""
    return isinstance(error, json.JSONDecodeError) and (
        error.pos >= size - _NEAR_END or error.msg.startswith("Unterminated string")
    )


def _resume(buffer: str, begin: int, error: Exception) -> int:
    """Where to go on after an object that cannot be decoded: at a line that begins one, from the error on."""
    position = error.pos if isinstance(error, json.JSONDecodeError) else begin
    line_start = buffer.rfind("\n", begin, position + 1)
    found = _NEXT_LINE.search(buffer, max(line_start, begin + 1))
    return found.end() if found else len(buffer)
