"""Logs that are text: bytes to text in portions, never a whole file."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from searchhead.inputs import formats

_PORTION = 1 << 18


class Piece(NamedTuple):
    """Part of a text log: the line it begins in (from 1), the text, and what is wrong with it (empty: nothing)."""

    line: int
    text: str
    fault: str = ""


def portions(stream: BinaryIO) -> Iterator[str]:
    """The text of a stream, decoded; bytes that are no text become U+FFFD. Line ends stay as they are."""
    block = stream.read(_PORTION)
    decoder = codecs.getincrementaldecoder(formats.encoding(block))("replace")
    text = decoder.decode(block).removeprefix("\ufeff")
    while block:
        if text:
            yield text
        block = stream.read(_PORTION)
        text = decoder.decode(block)
    if text := decoder.decode(b"", final=True):
        yield text
