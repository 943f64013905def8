"""Functions over JSON text.

JSON that these functions make keeps its type in a row, so that an object put into another stays an object.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from searchhead.spl.evaluation import Evaluate, Expression, Result, single_text
from searchhead.spl.functions.calls import Call
from searchhead.spl.values import Row, Value, multivalue, number, text

_MISSING = object()
_PATH_PART = re.compile(r"\.?(?:([^.{}]+)|\{(\d*)\})")


class JsonText(str):
    """Text that one of these functions made, an object or an array."""

    __slots__ = ()


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _parsed(source: Result) -> Any:
    """What the JSON means; ``_MISSING`` for text that is none."""
    shown = single_text(source)
    try:
        return _MISSING if shown is None else json.loads(shown, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return _MISSING


def _member(result: Result, *, quoted: bool) -> Any:
    """A value of a row as a member of an object or array; assumed: unquoted text that looks like a number is one."""
    if isinstance(result, JsonText):
        return json.loads(result)
    if isinstance(result, list):
        return list(result)
    amount = None if quoted or isinstance(result, bool) else number(result)
    if amount is None or not math.isfinite(amount):
        return result
    return int(amount) if amount.is_integer() else amount


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
                made[name] = _member(value(row), quoted=quoted)
        return JsonText(_dumped(made))

    return call.expression(evaluate)


def json_array(call: Call) -> Expression:
    """``json_array(value, …)``: an array."""
    operands = _members(call)
    return call.expression(
        lambda row: JsonText(_dumped([_member(value(row), quoted=quoted) for value, quoted in operands]))
    )


def _found(value: Any, path: str) -> list[Any]:
    """Everything at a path such as ``a.b{}.c{0}``: a name, all of an array, or one of it."""
    values = [value]
    for name, index in _PATH_PART.findall(path):
        following: list[Any] = []
        for one in values:
            if name:
                following += [one[name]] if isinstance(one, dict) and name in one else []
            elif isinstance(one, list):
                following += one if not index else one[int(index) : int(index) + 1]
        values = following
    return values


def _checked_path(path: str) -> str:
    if not re.fullmatch(r"(?:\.?(?:[^.{}]+|\{\d*\}))+", path) or path.startswith("."):
        raise ValueError(f"{path!r} is no path; write for example a.b{{}}.c")
    return path


def _native(value: Any) -> Value | None:
    """A JSON value as a value of a row."""
    if isinstance(value, (dict, list)):
        return JsonText(_dumped(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, (str, int, float)) else None


def json_extract(call: Call) -> Expression:
    """``json_extract(json, path, …)``: what is at the path; an array for a path with ``{}`` or for several paths."""
    source = call.value(0)
    paths = [call.checked(at, _checked_path, "the path") for at in range(1, len(call.arguments))]

    def at_path(value: Any, path: str) -> Any:
        found = _found(value, path)
        if "{}" in path:
            return found or _MISSING
        return found[0] if found else _MISSING

    def evaluate(row: Row) -> Result:
        value = _parsed(source(row))
        if value is _MISSING:
            return None
        results = [at_path(value, path) for path in paths] if paths else [value]
        if len(results) > 1:
            return _native([None if one is _MISSING else one for one in results])
        return None if results[0] is _MISSING else _native(results[0])

    return call.expression(evaluate)


def spath(call: Call) -> Expression:
    """``spath(text, path)``: everything at the path of JSON text; XML gives null and a warning."""
    source = call.value(0)
    path = call.checked(1, _checked_path, "the path")

    def evaluate(row: Row) -> Result:
        shown = source(row)
        if isinstance(shown, str) and shown.lstrip().startswith("<"):
            call.environment.warn("the function spath reads JSON only; XML gave null")
            return None
        value = _parsed(shown)
        found = [] if value is _MISSING else [_native(one) for one in _found(value, path)]
        return multivalue([text(one) for one in found if one is not None and not isinstance(one, list)])

    return call.expression(evaluate)


def json_valid(value: Value) -> bool:
    """``json_valid``: whether the text is JSON; assumed: an object or an array, not a bare number or text."""
    return isinstance(_parsed(value), (dict, list))


def json_keys(value: Value) -> str | None:
    """``json_keys``: an array of the names in an object; null for what is none."""
    parsed = _parsed(value)
    return JsonText(_dumped(list(parsed))) if isinstance(parsed, dict) else None


def json_array_to_mv(value: Value) -> Value | None:
    """``json_array_to_mv``: the values of an array as a multivalue; null for what is none."""
    parsed = _parsed(value)
    if not isinstance(parsed, list):
        return None
    found = [_native(one) for one in parsed]
    return multivalue([text(one) for one in found if one is not None and not isinstance(one, list)])
