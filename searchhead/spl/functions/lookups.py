"""The function ``lookup``: a CSV lookup inside an expression."""

from __future__ import annotations

from searchhead.spl.evaluation import Expression, Result
from searchhead.spl.functions.calls import Call
from searchhead.spl.functions.json_documents import JsonText, dumped, native, parsed
from searchhead.spl.values import Row, Value, texts


def lookup(call: Call) -> Expression:
    """``lookup("name", json_object("field", value, …), json_array("output", …))``: an object of the output fields.

    A field with values from several matches is an array. Assumed: null when no row matches, and an output field
    without a value is left out.
    """
    name = call.constant_text(0, "the name of the lookup")
    try:
        table = call.environment.lookups.get(name)
    except (LookupError, ValueError) as error:
        call.fail(f"lookup: {error.args[0]}", 0)
    call.environment.inner_lookups.append(name)
    inputs, outputs = call.value(1), call.value(2)
    if call.arguments[2].constant:
        try:
            table.require(_names(outputs({})) or () if table.fields else ())
        except ValueError as error:
            call.fail(f"lookup: {error}", 2)

    def evaluate(row: Row) -> Result:
        wanted, names = parsed(inputs(row)), _names(outputs(row))
        if not isinstance(wanted, dict) or names is None:
            return None
        keys: dict[str, Value | None] = {field: native(value) for field, value in wanted.items()}
        found = table.match(keys)
        if not found:
            return None
        columns = {name: [value for one in found for value in texts(one.get(name))] for name in names}
        return JsonText(
            dumped({name: values[0] if len(values) == 1 else values for name, values in columns.items() if values})
        )

    return call.expression(evaluate, constant=False)


def _names(result: Result) -> list[str] | None:
    found = parsed(result)
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else None
