"""``foreach <field> … [eval …]`` and ``foreach mode=multivalue <field> [eval …]``: an eval for each field or value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from searchhead.spl.arguments import field_list, field_name, options, string
from searchhead.spl.commands.eval import compile_assignments
from searchhead.spl.compiling import Compilation, Plan, split_at_pipes, streaming
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Environment
from searchhead.spl.values import Row, texts

_TEMPLATE = re.compile(r"<<(FIELD|MATCHSTR|MATCHSEG[123])>>")
_ITEM = re.compile(r"""(["']?)<<(ITEM|ITER)>>\1""")

Assign = Callable[[Row], None]


def compile_foreach(cursor: Cursor, compilation: Compilation) -> Plan:
    """The template holds eval commands, in mode=multivalue one only.

    In it ``<<FIELD>>`` is the field, ``<<MATCHSTR>>`` what the wildcards matched, ``<<MATCHSEG1>>`` what the first one
    matched; in mode=multivalue ``<<ITEM>>`` is the value and ``<<ITER>>`` its place, from 0 on.
    """
    given = options(cursor, "foreach", {"mode": string})
    mode = given.get("mode", "multifield")
    if mode == "multivalue":
        return _multivalue(cursor, compilation.environment)
    if mode != "multifield":
        cursor.unsupported(f'foreach has no mode "{mode}" here; supported: multifield, multivalue')
    patterns = field_list(cursor, wildcards=True)
    if not patterns:
        cursor.fail("expected a field")
    options(cursor, "foreach", {})
    template = _template(cursor)
    environment = compilation.environment
    # Compiled once with a plain field, so that what is wrong in it is refused before the first row.
    _compile(_TEMPLATE.sub("field", template), environment)
    matchers = [re.compile("(.*)".join(re.escape(part) for part in name.split("*")), re.DOTALL) for name in patterns]
    compiled: dict[tuple[str, int], Assign | None] = {}

    def assignments(field: str, index: int) -> Assign | None:
        place = (field, index)
        if place not in compiled:
            match = matchers[index].fullmatch(field)
            if match and field.startswith("_") and not patterns[index].startswith("_"):
                match = None
            compiled[place] = _compile(_filled(template, field, match), environment) if match else None
        return compiled[place]

    def process(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            # A field that the row lacks is left out, so that a running total keeps its value.
            names = list(row)
            for index in range(len(matchers)):
                for field in names:
                    assign = assignments(field, index)
                    if assign:
                        assign(row)
            yield row

    return streaming(process)


def _multivalue(cursor: Cursor, environment: Environment) -> Plan:
    # A wildcard is part of the name here.
    name = field_name(cursor, wildcards=True)
    # The placeholders become fields for as long as the eval runs, so that any text can be an item.
    template = _ITEM.sub(r"'<<\2>>'", _template(cursor))
    if len(split_at_pipes(template)) > 1:
        cursor.unsupported("in mode=multivalue the template is one eval command")
    assign = _compile(template, environment)

    def process(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            for index, value in enumerate(texts(row.get(name))):
                row["<<ITEM>>"], row["<<ITER>>"] = value, index
                assign(row)
            row.pop("<<ITEM>>", None)
            row.pop("<<ITER>>", None)
            yield row

    return streaming(process)


def _template(cursor: Cursor) -> str:
    token = cursor.next()
    if token.kind != "subsearch":
        cursor.fail("expected [eval …]", token)
    if cursor.peek().kind != "end":
        cursor.fail("expected nothing after the brackets")
    return token.text


def _filled(template: str, field: str, match: re.Match[str]) -> str:
    groups = match.groups()
    values = {"FIELD": field, "MATCHSTR": "".join(groups)}
    values |= {f"MATCHSEG{number}": group for number, group in enumerate(groups, 1)}
    return _TEMPLATE.sub(lambda name: values.get(name[1], ""), template)


def _compile(template: str, environment: Environment) -> Assign:
    """The eval commands of a template whose placeholders are filled."""
    steps: list[Assign] = []
    parts = split_at_pipes(template)
    for start, end in parts[1:] if len(parts) > 1 and not template[slice(*parts[0])].strip() else parts:
        cursor = Cursor(template, start, end)
        name = cursor.next()
        if not name.is_keyword("EVAL"):
            cursor.unsupported("the template of foreach supports eval only", name)
        steps.append(compile_assignments(cursor, environment))

    def assign(row: Row) -> None:
        for step in steps:
            step(row)

    return assign
