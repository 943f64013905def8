"""JSON inside fields: reading and writing it, and the paths into it (``a.b{}.c{0}``)."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from searchhead.spl.evaluation import Result, single_text
from searchhead.spl.values import Value, number

MISSING = object()
_STEP = re.compile(r"\.?(?:([^.{}]+)|\{(\d*)\})")
# Possessive, for a path may come from an event.
_PATH = re.compile(r"(?:\.?(?:[^.{}]++|\{\d*+\}))++")

Step = str | int | None
"""A name in an object, a place in an array (counted from 0), or None for all of an array."""
Path = tuple[Step, ...]


class JsonText(str):
    """Text that a function made, an object or an array: inside another it stays one."""

    __slots__ = ()


def dumped(value: Any) -> str:
    """The JSON of a value, without blanks (assumed; the pages show both forms)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def parsed(source: Result) -> Any:
    """What the JSON means; ``MISSING`` for text that is none."""
    shown = single_text(source)
    try:
        return MISSING if shown is None else json.loads(shown, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return MISSING


def member(result: Result, *, quoted: bool) -> Any:
    """A value of a row as a member of an object or array; assumed: unquoted text that looks like a number is one."""
    if isinstance(result, JsonText):
        return json.loads(result)
    if isinstance(result, list):
        return list(result)
    amount = None if quoted or isinstance(result, bool) else number(result)
    if amount is None or not math.isfinite(amount):
        return result
    return int(amount) if amount.is_integer() else amount


def native(value: Any) -> Value | None:
    """A JSON value as a value of a row; a truth value becomes text, null stays null."""
    if isinstance(value, (dict, list)):
        return JsonText(dumped(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, (str, int, float)) else None


def read_path(path: str) -> Path:
    """The steps of a path. Raises ValueError for what is none."""
    if not _PATH.fullmatch(path) or path.startswith("."):
        raise ValueError(f"{path!r} is no path; write for example a.b{{}}.c")
    return tuple(name or (int(place) if place else None) for name, place in _STEP.findall(path))


def read_place(path: str) -> Path:
    """As ``read_path``; the empty path is the whole document."""
    return read_path(path) if path else ()


def at_path(value: Any, path: Path) -> list[Any]:
    """Everything at a path."""
    return [holder[key] for holder, key in places([value], path)]


def places(holder: list[Any], path: Path) -> list[tuple[Any, Any]]:
    """Where the path leads in the document that is the one item of ``holder``: what holds it, and its key there."""
    found: list[tuple[Any, Any]] = [(holder, 0)]
    for step in path:
        found = [place for one, key in found for place in _step_into(one[key], step)]
    return found


def _step_into(node: Any, step: Step) -> Iterator[tuple[Any, Any]]:
    if isinstance(step, str):
        if isinstance(node, dict) and step in node:
            yield node, step
    elif isinstance(node, list):
        for at in range(len(node)) if step is None else (step,):
            if at < len(node):
                yield node, at
