"""Functions that change JSON text: each gives the changed document and leaves the field it came from as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from searchhead.spl.evaluation import Evaluate, Expression, Result, single_text
from searchhead.spl.functions.calls import Call
from searchhead.spl.functions.json_documents import (
    MISSING,
    Path,
    member,
    native,
    parsed,
    places,
    read_path,
    read_place,
)
from searchhead.spl.values import Row, texts

Change = Callable[[list[Any], Path, Any], None]
"""Changes the document that is the one item of a list at a path, with a value."""


def _editing(change: Change, read: Callable[[str], Path]) -> Callable[[Call], Expression]:
    """A function of a document and pairs of a path and a value, applied from left to right.

    Null for what is no JSON object or array. Assumed: a null path changes nothing, a null value is the null of JSON.
    """

    def build(call: Call) -> Expression:
        source = call.value(0)
        if len(call.arguments) % 2 == 0:
            call.fail(f"{call.name} takes pairs of a path and a value", len(call.arguments) - 1)
        pairs: list[tuple[Callable[[Row], Path | None], Evaluate, bool]] = [
            (call.made(at, read, "the path"), call.arguments[at + 1].evaluate, call.arguments[at + 1].quoted)
            for at in range(1, len(call.arguments), 2)
        ]

        def evaluate(row: Row) -> Result:
            holder = [parsed(source(row))]
            if not isinstance(holder[0], (dict, list)):
                return None
            for path, value, quoted in pairs:
                steps = path(row)
                if steps is not None:
                    change(holder, steps, member(value(row), quoted=quoted))
            return native(holder[0])

        return call.expression(evaluate)

    return build


def _append(holder: list[Any], path: Path, value: Any) -> None:
    for held, key in places(holder, path):
        held[key] = [*_as_list(held[key]), value]


def _extend(holder: list[Any], path: Path, value: Any) -> None:
    # Assumed: a value that is no array extends by itself.
    for held, key in places(holder, path):
        held[key] = [*_as_list(held[key]), *_as_list(value)]


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _set(holder: list[Any], path: Path, value: Any) -> None:
    """A chain of keys that do not exist is made; where path and document do not fit, nothing changes."""
    for at, step in enumerate(path):
        if isinstance(step, str):
            for held, key in places(holder, path[:at]):
                if isinstance(held[key], dict) and _fits(path[at + 1 :]):
                    held[key].setdefault(step, {})
    for held, key in places(holder, path):
        held[key] = value


def _fits(rest: Path) -> bool:
    # Assumed: an array that does not exist is not made.
    return all(isinstance(step, str) for step in rest)


def _set_exact(holder: list[Any], path: Path, value: Any) -> None:
    if isinstance(holder[0], dict):
        holder[0][path[0]] = value


json_append = _editing(_append, read_place)
json_extend = _editing(_extend, read_place)
json_set = _editing(_set, read_path)
# Assumed: several pairs are all set in the one object (the page speaks of an array without showing one).
json_set_exact = _editing(_set_exact, lambda key: (key,))


def json_delete(call: Call) -> Expression:
    """``json_delete(object, key, …)``: the object without the keys; a dot leads into an object inside it.

    A key may be an array or a multivalue of keys. Array indexes are not supported, so such a key deletes nothing.
    """
    source, keys = call.value(0), [call.value(at) for at in range(1, len(call.arguments))]

    def evaluate(row: Row) -> Result:
        document = parsed(source(row))
        if not isinstance(document, dict):
            return None
        for key in keys:
            for path in _keys(key(row)):
                _delete(document, path.split("."))
        return native(document)

    return call.expression(evaluate)


def _keys(result: Result) -> list[str]:
    document = parsed(result)
    if isinstance(document, list):
        return [one for one in document if isinstance(one, str)]
    found = single_text(result)
    return texts(result) if isinstance(result, list) else [found] if found is not None else []


def _delete(node: Any, names: list[str]) -> None:
    for name in names[:-1]:
        node = node.get(name, MISSING) if isinstance(node, dict) else MISSING
    if isinstance(node, dict):
        node.pop(names[-1], None)
