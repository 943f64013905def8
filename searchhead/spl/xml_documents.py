"""XML text as elements at paths, for ``spath``. Nothing is expanded and nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

_DEEPEST = 200  # no log is nested like that; beyond it the text is taken for hostile
_STEP = re.compile(r"\.?([^.{}]+)(?:\{(\d+)\})?")
_PATH = re.compile(r"(?:[^.{}]+(?:\{\d+\})?)(?:\.[^.{}]+(?:\{\d+\})?)*(?:\{@([^{}]+)\})?")
_TAG = re.compile(rb"""<(?:[^"'>]|"[^"]*"|'[^']*')*>""")

Steps = tuple[tuple[str, int | None], ...]


class _Refused(Exception):
    """The text is not to be read."""


@dataclass
class Element:
    """An element: its name and number among its namesakes, from 1, on each level, and what is in it."""

    place: tuple[tuple[str, int], ...]
    attributes: dict[str, str]
    text: str = ""
    leaf: bool = True
    start: int = 0
    end: int = 0
    names: dict[str, int] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The names from the root on, joined by dots."""
        return ".".join(name for name, _ in self.place)


def elements(text: str) -> list[Element]:
    """The elements of XML text in the order in which they begin; none for text that is no XML, or declares a type."""
    reader = _Reader()
    try:
        return reader.read(text)
    except (expat.ExpatError, _Refused, UnicodeEncodeError):
        return []


class _Reader:
    def __init__(self) -> None:
        self._parser = expat.ParserCreate(encoding="utf-8")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._finish
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = _refuse
        self._found: list[Element] = []
        self._open: list[Element] = []
        self._root: dict[str, int] = {}

    def read(self, text: str) -> list[Element]:
        data = text.encode()
        self._parser.Parse(data, True)
        for element in self._found:
            tag = None if element.leaf else _TAG.match(data, element.start)
            if tag:
                element.text = data[tag.end() : element.end].decode()
        return self._found

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= _DEEPEST:
            raise _Refused(name)
        names, place = (self._open[-1].names, self._open[-1].place) if self._open else (self._root, ())
        names[name] = names.get(name, 0) + 1
        if self._open:
            self._open[-1].leaf = False
        element = Element((*place, (name, names[name])), attributes, start=self._parser.CurrentByteIndex)
        self._found.append(element)
        self._open.append(element)

    def _finish(self, _name: str) -> None:
        self._open.pop().end = self._parser.CurrentByteIndex

    def _characters(self, text: str) -> None:
        if self._open[-1].leaf:
            self._open[-1].text += text


def _refuse(*_declaration: object) -> None:
    raise _Refused


def read_path(path: str) -> tuple[Steps, str | None]:
    """The steps of a path such as ``a.b{2}.c{@d}``, and the attribute at its end.

    Raises:
        ValueError: the text is no path.
    """
    match = _PATH.fullmatch(path)
    if match is None:
        raise ValueError(f"{path!r} is no path; write for example a.b{{2}}.c{{@d}}")
    names = path[: match.start(1) - 2] if match[1] else path
    return tuple((name, int(number) if number else None) for name, number in _STEP.findall(names)), match[1]


def at_path(text: str, steps: Steps, attribute: str | None) -> Iterator[str]:
    """The texts, or the values of the attribute, of all elements at a path; markup for what holds other elements."""
    for element in elements(text):
        if len(element.place) == len(steps) and all(
            name == wanted and number in (None, at)
            for (name, at), (wanted, number) in zip(element.place, steps, strict=True)
        ):
            if attribute is None:
                yield element.text.strip()
            elif attribute in element.attributes:
                yield element.attributes[attribute]
