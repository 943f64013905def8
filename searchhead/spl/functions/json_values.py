"""Functions that make JSON text and read it.

JSON that these functions make keeps its type in a row, so that an object put into another stays an object.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from searchhead.spl.evaluation import Evaluate, Expression, Result, single_text
from searchhead.spl.functions.calls import Call
from searchhead.spl.functions.json_documents import (
    MISSING,
    JsonText,
    Path,
    at_path,
    dumped,
    member,
    native,
    parsed,
    read_path,
)
from searchhead.spl.values import Row, Value, multivalue, text, texts


def _members(call: Call) -> list[tuple[Evaluate, bool]]:
    return [(argument.evaluate, argument.quoted) for argument in call.arguments]


def json_object(call: Call) -> Expression:
    """``json_object(key, value, …)``: an object; a pair with a null key is left out."""
    if len(call.arguments) % 2:
        call.fail("json_object takes pairs of a key and a value", len(call.arguments) - 1)
    operands = _members(call)
    pairs = list(zip(operands[::2], operands[1::2], strict=True))

    def evaluate(row: Row) -> Result:
        made: dict[str, Any] = {}
        for (key, _), (value, quoted) in pairs:
            name = single_text(key(row))
            if name is not None:
                made[name] = member(value(row), quoted=quoted)
        return JsonText(dumped(made))

    return call.expression(evaluate)


def json_array(call: Call) -> Expression:
    """``json_array(value, …)``: an array."""
    operands = _members(call)
    return call.expression(
        lambda row: JsonText(dumped([member(value(row), quoted=quoted) for value, quoted in operands]))
    )


def _paths(call: Call) -> list[Callable[[Row], Path | None]]:
    return [call.made(at, read_path, "the path") for at in range(1, len(call.arguments))]


def json_extract(call: Call) -> Expression:
    """``json_extract(json, path, …)``: what is at the path; an array for a path with ``{}`` or for several paths."""
    source, paths = call.value(0), _paths(call)

    def find(value: Any, path: Path | None) -> Any:
        if path is None:
            return MISSING
        found = at_path(value, path)
        if None in path:
            return found or MISSING
        return found[0] if found else MISSING

    def evaluate(row: Row) -> Result:
        value = parsed(source(row))
        if value is MISSING:
            return None
        return _extracted([find(value, path(row)) for path in paths] if paths else [value])

    return call.expression(evaluate)


def json_extract_exact(call: Call) -> Expression:
    """``json_extract_exact(json, key, …)``: the value of a key, taken literally; an array for several keys."""
    source, keys = call.value(0), [call.value(at) for at in range(1, len(call.arguments))]

    def evaluate(row: Row) -> Result:
        value = parsed(source(row))
        if value is MISSING:
            return None
        held = value if isinstance(value, dict) else {}
        return _extracted([held.get(single_text(key(row)), MISSING) for key in keys] if keys else [value])

    return call.expression(evaluate)


def _extracted(results: list[Any]) -> Result:
    if len(results) > 1:
        return native([None if one is MISSING else one for one in results])
    return None if results[0] is MISSING else native(results[0])


def spath(call: Call) -> Expression:
    """``spath(text, path)``: everything at the path of JSON text; XML gives null and a warning."""
    source, path = call.value(0), call.made(1, read_path, "the path")

    def evaluate(row: Row) -> Result:
        shown, steps = source(row), path(row)
        if isinstance(shown, str) and shown.lstrip().startswith("<"):
            call.environment.warn("the function spath reads JSON only; XML gave null")
            return None
        value = parsed(shown)
        return None if value is MISSING or steps is None else _as_multivalue(at_path(value, steps))

    return call.expression(evaluate)


def _as_multivalue(values: list[Any]) -> Value | None:
    found = [native(one) for one in values]
    return multivalue([text(one) for one in found if one is not None and not isinstance(one, list)])


def json_valid(value: Value) -> bool:
    """``json_valid``: whether the text is JSON; assumed: an object or an array, not a bare number or text."""
    return isinstance(parsed(value), (dict, list))


def json_value(value: Value) -> Value | None:
    """``json``: the value itself if it can be read as JSON, else null."""
    return None if parsed(value) is MISSING else value


def json_has_key_exact(value: Value, key: Value) -> bool | None:
    """``json_has_key_exact``: whether an object has a key, taken literally; null for what is no object (assumed)."""
    document = parsed(value)
    return single_text(key) in document if isinstance(document, dict) else None


def json_keys(value: Value) -> str | None:
    """``json_keys``: an array of the names in an object; null for what is none."""
    document = parsed(value)
    return JsonText(dumped(list(document))) if isinstance(document, dict) else None


def json_entries(value: Value) -> str | None:
    """``json_entries``: an array of an object for each member of an object, with ``key`` and ``value``; else null."""
    document = parsed(value)
    if not isinstance(document, dict):
        return None
    return JsonText(dumped([{"key": key, "value": held} for key, held in document.items()]))


def json_array_to_mv(call: Call) -> Expression:
    """``json_array_to_mv(array, keep_quotes)``: its values as a multivalue, texts in quotes if that is true."""
    source = call.value(0)
    keeps = call.condition(1) if len(call.arguments) == 2 else lambda _row: False

    def evaluate(row: Row) -> Result:
        document = parsed(source(row))
        if not isinstance(document, list):
            return None
        if keeps(row) is True:
            document = [dumped(one) if isinstance(one, str) else one for one in document]
        return _as_multivalue(document)

    return call.expression(evaluate)


def mv_to_json_array(call: Call) -> Expression:
    """``mv_to_json_array(field, infer_types)``: an array of texts, or of what each value means as JSON, else null."""
    source = call.value(0)
    infers = call.condition(1) if len(call.arguments) == 2 else lambda _row: False

    def evaluate(row: Row) -> Result:
        value = source(row)
        if value is None or isinstance(value, bool):
            return None
        return _array_of(value, infer=infers(row) is True)

    return call.expression(evaluate)


def _array_of(value: Value, *, infer: bool) -> str:
    held = texts(value)
    return JsonText(dumped([_inferred(one) for one in held] if infer else held))


def _inferred(shown: str) -> Any:
    found = parsed(shown)
    return None if found is MISSING else found


def toarray(value: Value) -> str | None:
    """``toarray``: an array as it is, a multivalue with the types of its values inferred; null for other text."""
    if isinstance(value, list):
        return _array_of(value, infer=True)
    document = parsed(value)
    return JsonText(dumped(document)) if isinstance(document, list) else None


def toobject(value: Value) -> str | None:
    """``toobject``: an object from text that is one; null for other text."""
    document = parsed(value)
    return JsonText(dumped(document)) if isinstance(document, dict) else None


def tomv(value: Value) -> Value | None:
    """``tomv``: a multivalue as it is, an array as its values; null for other text, which is not converted."""
    if isinstance(value, list):
        return value
    document = parsed(value)
    return _as_multivalue(document) if isinstance(document, list) else None


def isarray(value: Value) -> bool:
    """``isarray``: whether the text is a JSON array."""
    return isinstance(parsed(value), list)


def isobject(value: Value) -> bool:
    """``isobject``: whether the text is a JSON object."""
    return isinstance(parsed(value), dict)
