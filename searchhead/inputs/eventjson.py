"""An event as the JSON of ``evtx_dump`` (omerbenamram/evtx), turned back into the text that Windows renders.

That JSON has an object for each element: ``#attributes`` and ``#text`` beside the child elements, a plain value if
there is only text, a list where an element repeats. In ``EventData`` the key is the ``Name`` of the ``Data``; those
without a name are the ``#text`` of one key ``Data``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from searchhead.inputs.windowsxml import MAX_DEPTH, NAMESPACE, attribute, braced, seven_digits, text

_NAME = re.compile(r"[^\W\d][\w.:-]*")


class NotAnEvent(Exception):
    """The JSON stands for no event; says what it is instead and what to do."""


def render(event: Any) -> str:
    """The event in normal form. Raises NotAnEvent if it has no ``System`` or something that XML cannot hold."""
    if not isinstance(event, dict) or not isinstance(event.get("System"), dict):
        raise NotAnEvent("a record without Event/System: left out; write it with evtx_dump -o jsonl")
    parts = [f"<Event xmlns='{NAMESPACE}'>"]
    for name, value in event.items():
        if name == "System":
            children = [part for child, one in value.items() for part in _element(child, one, 2, closes=True)]
            parts += ["<System>", *children, "</System>"]
        elif name == "EventData" and isinstance(value, dict):
            parts += _event_data(value)
        elif name != "#attributes":
            parts += _element(name, value, 1)
    return "".join([*parts, "</Event>"])


def _event_data(value: dict[str, Any]) -> Iterator[str]:
    yield f"<EventData{_attributes(value)}>"
    for name, one in value.items():
        if name == "#text":
            yield _scalar(one)
        elif name == "Binary" or (name == "Data" and not isinstance(one, str)):
            yield from _element(name, one, 2)
        elif name != "#attributes":
            for each in one if isinstance(one, list) else [one]:
                yield from _tagged("Data", attribute("Name", name), each, 2)
    yield "</EventData>"


def _element(name: str, value: Any, depth: int, *, closes: bool = False) -> Iterator[str]:
    """An element, or several of the same name for a list; ``closes`` writes an empty one as ``<Name/>``."""
    if not _NAME.fullmatch(name):
        raise NotAnEvent("a record with a key that is no name of an XML element: left out")
    texts = value.get("#text") if isinstance(value, dict) else None
    if isinstance(texts, list):
        value = [{**value, "#text": one} for one in texts]
    for one in value if isinstance(value, list) else [value]:
        yield from _tagged(name, "", one, depth, closes=closes)


def _tagged(name: str, attributes: str, value: Any, depth: int, *, closes: bool = False) -> Iterator[str]:
    if depth > MAX_DEPTH:
        raise NotAnEvent(f"a record whose elements are nested more than {MAX_DEPTH} deep: left out")
    if isinstance(value, dict):
        content = [_scalar(value.get("#text"))]
        for child, one in value.items():
            if child not in {"#text", "#attributes"}:
                content += _element(child, one, depth + 1)
        inner = "".join(content)
        attributes += _attributes(value)
    else:
        inner = _scalar(value)
    yield f"<{name}{attributes}/>" if closes and not inner else f"<{name}{attributes}>{inner}</{name}>"


def _attributes(value: dict[str, Any]) -> str:
    given = value.get("#attributes")
    if not isinstance(given, dict):
        return ""
    if not all(_NAME.fullmatch(name) for name in given):
        raise NotAnEvent("a record with a key that is no name of an XML attribute: left out")
    return "".join(
        attribute(name, seven_digits(_plain(one)) if name == "SystemTime" else braced(_plain(one)))
        for name, one in given.items()
    )


def _scalar(value: Any) -> str:
    return text(braced(_plain(value)))


def _plain(value: Any) -> str:
    """A JSON scalar as Windows writes it; anything deeper, where a scalar belongs, as nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (str, int, float)) else ""
