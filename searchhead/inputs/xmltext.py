"""Events in XML text: one a line, pretty-printed, in one ``<Events>`` or in none, with anything between them.

The text of an event stays as it stands in the file. A file is cut into events by their first and last tag alone, so
that a broken one costs only itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from searchhead.inputs import windowsxml
from searchhead.inputs.events import Event, Log
from searchhead.inputs.texts import Piece, portions

_BEGIN, _END = "<Event", "</Event>"
_TOKEN = re.compile(r"<(?:Event(?=[\s>])|/Event>|!(?:DOCTYPE|ENTITY))")
# Of a token that stands over the end of a portion, so much may be there already.
_OVERLAP = len("<!DOCTYPE") - 1

_CUT = "event is cut off (it has no </Event>)"
_LOST = "event has no beginning (<Event>): lost"
_TOO_LONG = f"event is longer than {windowsxml.MAX_EVENT} characters: lost"
_HOSTILE = "the file declares a document type or an entity, as no log of Windows does: refused from here on"


def read(log: Log) -> Iterator[Event]:
    """The wanted events of an XML text."""
    for line, text, fault in split(portions(log.stream)):
        where = f"line {line}"
        # Splunk cuts at 10,000 characters by default (TRUNCATE in props.conf): what is there is as good as ever.
        usable = not fault or (fault == _CUT and "</System>" in text)
        if fault == _CUT:
            log.damage(where, f"{_CUT}: {'used as far as it goes' if usable else 'lost'}")
        elif fault:
            log.damage(where, fault)
        event = log.take(text, where, cut=fault == _CUT) if usable else None
        if event is not None:
            yield event


def split(texts: Iterable[str], longest: int = windowsxml.MAX_EVENT) -> Iterator[Piece]:
    """The events of a text that comes in portions; only whole and cut ones have their text."""
    buffer, scanned = "", 0
    line, counted = 1, 0  # the line that the offset ``counted`` is in
    open_at: int | None = None  # where the event begins whose end is not found yet
    open_line = 0
    lost = False  # that event is too long and told of
    for text in texts:
        buffer += text
        for token in _TOKEN.finditer(buffer, scanned):
            at, scanned = token.span()
            declares = token[0] not in {_BEGIN, _END}
            if declares and open_at is not None:
                continue  # what is declared inside an event is judged with the event
            line += buffer.count("\n", counted, at)
            counted = at
            if declares:
                yield Piece(line, "", _HOSTILE)
                return
            if open_at is None:
                if token[0] == _END:
                    yield Piece(line, "", _LOST)
            elif not lost:
                yield _piece(open_line, buffer[open_at : scanned if token[0] == _END else at], longest)
            open_at, open_line, lost = (at if token[0] == _BEGIN else None), line, False
        if open_at is not None and not lost and len(buffer) - _OVERLAP - open_at > longest:
            yield Piece(open_line, "", _TOO_LONG)
            lost = True
        scanned = max(scanned, len(buffer) - _OVERLAP)
        done = scanned if open_at is None or lost else open_at
        line += buffer.count("\n", counted, done)
        buffer, scanned, counted = buffer[done:], scanned - done, 0
        open_at = None if open_at is None else 0
    if open_at is not None and not lost:
        yield _piece(open_line, buffer, longest)


def _piece(line: int, text: str, longest: int) -> Piece:
    if len(text) > longest:
        return Piece(line, "", _TOO_LONG)
    return Piece(line, text) if text.endswith(_END) else Piece(line, text.rstrip(), _CUT)
