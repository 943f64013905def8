"""``foreach [mode=multifield|multivalue|json_array|auto_collections] <field> … [<template>]``: a template many times.

In mode=multifield, the default, once for each field; otherwise once for each value of one field.

Options are mode, fieldstr, matchstr, matchseg1, matchseg2, matchseg3, itemstr and iterstr. All but mode give the
placeholders of the template other names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from searchhead.spl.arguments import at_option, field_list
from searchhead.spl.commands.eval import compile_assignments
from searchhead.spl.compiling import Compilation, Plan, split_at_pipes, streaming
from searchhead.spl.errors import SplError
from searchhead.spl.functions.json_documents import native, parsed
from searchhead.spl.lexer import Cursor, Token
from searchhead.spl.operators import Environment
from searchhead.spl.values import Row, Value, texts

_MULTIFIELD = {
    "fieldstr": "<<FIELD>>",
    "matchstr": "<<MATCHSTR>>",
    "matchseg1": "<<MATCHSEG1>>",
    "matchseg2": "<<MATCHSEG2>>",
    "matchseg3": "<<MATCHSEG3>>",
}
_ITEMS = {"itemstr": "<<ITEM>>", "iterstr": "<<ITER>>"}
# Streaming commands that look at one row at a time whatever their options say.
_TEMPLATES = frozenset({
    "convert", "eval", "fields", "lookup", "makemv", "mvexpand", "nomv", "regex", "rename", "replace", "rex", "search",
    "spath", "where",
})  # fmt: skip
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)

Assign = Callable[[Row], None]
Apply = Callable[[list[Row]], list[Row]]


def compile_foreach(cursor: Cursor, compilation: Compilation) -> Plan:
    """The template holds eval in the modes over values, any streaming commands in mode=multifield.

    ``<<FIELD>>`` is the field, ``<<MATCHSTR>>`` what its wildcards matched, ``<<MATCHSEG1>>`` what the first matched;
    ``<<ITEM>>`` is the value and ``<<ITER>>`` its place, from 0 on.
    """
    start = cursor.peek()
    given = _options(cursor)
    names = field_list(cursor, wildcards=True)
    if not names:
        cursor.fail("expected a field")
    given |= _options(cursor)
    mode = given.pop("mode", "multifield")
    known = _MULTIFIELD if mode == "multifield" else _ITEMS
    if mode != "multifield" and mode not in _VALUES:
        cursor.unsupported(f'foreach has no mode "{mode}"; supported: multifield, {", ".join(_VALUES)}', start)
    for option in given.keys() - known:
        cursor.unsupported(f"foreach has no option {option} in mode={mode}; supported: {', '.join(known)}", start)
    placeholders = known | given
    if mode == "multifield":
        return _over_fields(cursor, names, placeholders, compilation)
    if len(names) > 1:
        cursor.fail(f"in mode={mode} foreach takes one field", start)
    return _over_values(cursor, names[0], placeholders, _VALUES[mode], compilation.environment)


def _options(cursor: Cursor) -> dict[str, str]:
    """The options that come next; the value of one may be a placeholder, ``<<NUMBER>>``, which is no word."""
    found: dict[str, str] = {}
    while at_option(cursor):
        name = cursor.next()
        if name.text.lower() not in ("mode", *_MULTIFIELD, *_ITEMS):
            supported = ", ".join(("mode", *_MULTIFIELD, *_ITEMS))
            cursor.unsupported(f'foreach has no option "{name.text}"; supported: {supported}', name)
        cursor.next()
        first = last = cursor.next()
        while cursor.peek().start == last.end and (cursor.peek().kind == "word" or cursor.peek().is_symbol("<", ">")):
            last = cursor.next()
        value = first.text if first is last else cursor.spl[first.start : last.end]
        if first.kind not in ("word", "string") and not first.is_symbol("<"):
            cursor.fail("expected a value", first)
        if not value:
            cursor.fail("a placeholder is not empty", first)
        found[name.text.lower()] = value
    return found


def _template(cursor: Cursor) -> str:
    token = cursor.next()
    if token.kind != "subsearch":
        cursor.fail("expected [eval …]", token)
    if cursor.peek().kind != "end":
        cursor.fail("expected nothing after the brackets")
    return token.text


def _over_fields(
    cursor: Cursor, patterns: list[str], placeholders: Mapping[str, str], compilation: Compilation
) -> Plan:
    template = _template(cursor)
    filled = _filler(template, placeholders)
    # Compiled once with a plain field, so that what is wrong in it is refused before the first row.
    _compile(filled("field", ("field",) * 3), compilation)
    matchers = [re.compile("(.*)".join(re.escape(part) for part in name.split("*")), re.DOTALL) for name in patterns]
    compiled: dict[tuple[str, int], Apply | None] = {}

    def application(field: str, index: int) -> Apply | None:
        place = (field, index)
        if place not in compiled:
            match = matchers[index].fullmatch(field)
            if match and field.startswith("_") and not patterns[index].startswith("_"):
                match = None
            compiled[place] = _compiled(field, filled(field, match.groups()), compilation) if match else None
        return compiled[place]

    def process(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            present, made = list(row), [row]
            for index, pattern in enumerate(patterns):
                # The Search Reference shows both: a named field is iterated over where it is missing, one that a
                # wildcard would match is not, so that a running total keeps its value.
                for field in present if "*" in pattern else [pattern]:
                    apply = application(field, index)
                    if apply:
                        made = apply(made)
            yield from made

    return streaming(process)


def _filler(template: str, placeholders: Mapping[str, str]) -> Callable[[str, tuple[str, ...]], str]:
    """What puts a field and the parts that wildcards matched into the template."""
    names = {shown: option for option, shown in placeholders.items()}
    pattern = re.compile("|".join(re.escape(shown) for shown in sorted(names, key=len, reverse=True)))

    def filled(field: str, parts: tuple[str, ...]) -> str:
        values = {"fieldstr": field, "matchstr": "".join(parts)}
        values |= {f"matchseg{number}": part for number, part in enumerate(parts, 1)}
        return pattern.sub(lambda shown: values.get(names[shown[0]], ""), template)

    return filled


# What would end the place of a field name in the template and begin something else.
_UNSAFE = re.compile(r"""["'`|\[\]\\=,]""")


def _compiled(field: str, template: str, compilation: Compilation) -> Apply | None:
    """The template for a field that a row brings; None, with a warning, if its name does not fit there (assumed)."""
    try:
        if not _UNSAFE.search(field):
            return _compile(template, compilation)
    except SplError:
        pass
    compilation.environment.warn(f"foreach leaves the field {field!r} out, for its name does not fit into the template")
    return None


def _compile(template: str, compilation: Compilation) -> Apply:
    """The commands of a template whose placeholders are filled."""
    parts = split_at_pipes(template)
    if len(parts) > 1 and not template[slice(*parts[0])].strip():
        parts = parts[1:]
    cursors = [Cursor(template, *span) for span in parts]
    names = [cursor.peek() for cursor in cursors]
    for cursor, name in zip(cursors, names, strict=True):
        if name.kind != "word" or name.text.lower() not in _TEMPLATES:
            supported = ", ".join(sorted(_TEMPLATES))
            cursor.unsupported(f"the template of foreach takes streaming commands only; supported: {supported}", name)
    if not all(name.is_keyword("EVAL") for name in names):
        whole = f"[{template}]"
        return compilation.subpipeline(Cursor(whole), Token("subsearch", template, 0, len(whole)))
    steps = []
    for cursor in cursors:
        cursor.next()
        steps.append(compile_assignments(cursor, compilation.environment))

    def apply(rows: list[Row]) -> list[Row]:
        for row in rows:
            for step in steps:
                step(row)
        return rows

    return apply


def _over_values(
    cursor: Cursor,
    name: str,
    placeholders: Mapping[str, str],
    values_of: Callable[[Value | None], list[Value | None]],
    environment: Environment,
) -> Plan:
    """A wildcard is part of the name here."""
    template = _template(cursor)
    # The placeholders become fields for as long as the eval runs, so that any text can be an item.
    inner = Cursor(_with_fields(template, placeholders))
    eval_name = inner.next()
    if not eval_name.is_keyword("EVAL") or len(split_at_pipes(template)) > 1:
        inner.unsupported("in this mode the template is one eval command", eval_name)
    assign = compile_assignments(inner, environment)

    def process(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            for index, value in enumerate(values_of(row.get(name))):
                row["<<ITER>>"] = index
                if value is None:
                    row.pop("<<ITEM>>", None)
                else:
                    row["<<ITEM>>"] = value
                assign(row)
            row.pop("<<ITEM>>", None)
            row.pop("<<ITER>>", None)
            yield row

    return streaming(process)


def _with_fields(template: str, placeholders: Mapping[str, str]) -> str:
    """The template with fields for its placeholders, also within a longer quoted text."""
    fields = {placeholders[option]: f"'{default}'" for option, default in _ITEMS.items()}
    shown = "|".join(re.escape(one) for one in sorted(fields, key=len, reverse=True))
    outside = re.compile(rf"'?({shown})'?")

    def inside(string: re.Match[str]) -> str:
        pieces = re.split(f"({shown})", string[1])
        if len(pieces) == 1:
            return string[0]
        parts = [fields.get(piece, f'"{piece}"') for piece in pieces if piece]
        return parts[0] if len(parts) == 1 else f"({' . '.join(parts)})"

    out, at = [], 0
    for string in _STRING.finditer(template):
        out += [outside.sub(lambda one: fields[one[1]], template[at : string.start()]), inside(string)]
        at = string.end()
    return "".join([*out, outside.sub(lambda one: fields[one[1]], template[at:])])


def _values(value: Value | None) -> list[Value | None]:
    return list(texts(value))


def _elements(value: Value | None) -> list[Value | None]:
    """The elements of a JSON array; assumed: of what is none there are none."""
    found = parsed(value)
    return [native(one) for one in found] if isinstance(found, list) else []


def _either(value: Value | None) -> list[Value | None]:
    return _elements(value) if isinstance(parsed(value), list) else _values(value)


_VALUES = {"multivalue": _values, "json_array": _elements, "auto_collections": _either}
