"""Language cases: what search language text does, written as data, and the runner for them.

``python -m searchhead.cases FILE.jsonl…`` runs every case, prints each difference and ends with ``N passed, N failed``.
One case is one line of JSON with these keys:

``id``, ``spl``, ``input`` (rows), ``expected`` (rows), ``ordered`` (whether their order counts), ``source`` (the page
the behaviour comes from), ``basis`` (begins with stated, derived or assumed); and, if wanted, ``lookups`` (by name:
``rows`` and ``definition``, the settings of transforms.conf), ``macros``, ``datamodels``, ``now`` (epoch seconds),
``tz`` (IANA name), ``lookups_after`` (rows by name), ``error`` (true: the text must be refused).

``spl`` that begins with a pipe generates its rows, any other is applied to ``input``: as a search, or as the commands
that it is if it begins with the name of one. In a row a list is a multivalue and null is a missing field. Rows are the
same when their fields are; fields that begin with ``_`` count only if ``expected`` has them, and numbers, also as text,
compare by value.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from searchhead.datamodels import in_memory
from searchhead.lookups import InvalidLookup, Lookup, Lookups
from searchhead.macros import Macro
from searchhead.rest import Rest
from searchhead.spl.arguments import at_option
from searchhead.spl.commands import COMMANDS
from searchhead.spl.errors import SplError
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Environment
from searchhead.spl.pipeline import Search, compile_pipeline, compile_search
from searchhead.spl.values import Row, Value, multivalue, number, put, text, texts

BASES = ("stated", "derived", "assumed")
_TOLERANCE = 1e-9


class MalformedCase(ValueError):
    """A line that is no case; the message names file, line and what is wrong."""


@dataclass(frozen=True)
class Case:
    """One case, read and checked. ``place`` is file and line."""

    place: str
    id: str
    spl: str
    input: list[Row]
    expected: list[Row]
    source: str
    basis: str
    ordered: bool = False
    error: bool = False
    now: float = 0.0
    timezone: tzinfo = UTC
    lookups: list[Lookup] = field(default_factory=list)
    macros: dict[str, Macro] = field(default_factory=dict)
    datamodels: dict[str, list[Row]] = field(default_factory=dict)
    lookups_after: dict[str, list[Row]] = field(default_factory=dict)


def read_cases(path: Path) -> list[Case]:
    """The cases of a file. Raises MalformedCase, or OSError if it cannot be read."""
    lines = path.read_bytes().splitlines()
    return [_case(line, f"{path}:{at}", path, at) for at, line in enumerate(lines, 1) if line.strip()]


def check(case: Case) -> str | None:
    """Run a case: None if all is as expected, else a text that says what is not."""
    lookups = Lookups()
    for lookup in case.lookups:
        lookups.add(lookup)
    datamodels = in_memory(case.datamodels)
    environment = Environment(
        lookups=lookups,
        macros=case.macros,
        now=case.now,
        timezone=case.timezone,
        events=lambda: (_copy(row) for row in case.input),
        datamodels=datamodels,
        rest=Rest((), lookups, datamodels),
    )
    try:
        search = _compile(case.spl, environment)
        rows, passed = _run(search, case.input)
    except (SplError, InvalidLookup) as error:
        return None if case.error else f"refused: {error}"
    if case.error:
        return f"it must be refused, but gives {_shown(rows)}"
    difference = compare(rows, case.expected, ordered=case.ordered)
    if difference:
        trace = "".join(
            f"\n    {count} left: {command}" for command, count in zip(search.commands, passed, strict=True)
        )
        return f"{difference}\n  rows that left each command:{trace}"
    for name, expected in case.lookups_after.items():
        difference = compare([dict(row) for row in lookups.get(name).rows()], expected, ordered=case.ordered)
        if difference:
            return f"lookup {name} afterwards: {difference}"
    return None


def main(arguments: Sequence[str]) -> int:
    """The command line: 0 if all cases passed, 1 if any failed, 2 for a file that is not made of cases."""
    if not arguments:
        sys.stderr.write("usage: python -m searchhead.cases FILE.jsonl…\n")
        return 2
    try:
        cases = [case for name in arguments for case in read_cases(Path(name))]
    except (MalformedCase, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    failed = 0
    for case in cases:
        difference = check(case)
        if difference is not None:
            failed += 1
            sys.stdout.write(f"FAILED {case.id} ({case.place})\n  {case.spl}\n  {difference}\n")
    sys.stdout.write(f"{len(cases) - failed} passed, {failed} failed\n")
    return 1 if failed else 0


def begins_with_command(spl: str) -> bool:
    """Whether the text is commands for rows, not a search whose first command is left out."""
    cursor = Cursor(spl)
    return spl.strip() != "" and not at_option(cursor) and cursor.peek().text.lower() in COMMANDS


def _compile(spl: str, environment: Environment) -> Search:
    return (compile_pipeline if begins_with_command(spl) else compile_search)(spl, environment)


def _run(search: Search, rows: Iterable[Row]) -> tuple[list[Row], list[int]]:
    with search.start(traced=True) as started:
        found = [] if search.generating else list(started.feed([_copy(row) for row in rows]))
        found += started.finish()
        return found, list(started.passed)


def _copy(row: Row) -> Row:
    return {name: list(value) if isinstance(value, list) else value for name, value in row.items()}


def compare(rows: list[Row], expected: list[Row], *, ordered: bool) -> str | None:
    """How the rows differ from those expected, as text; None if they are the same."""
    internal = {name for row in expected for name in row if name.startswith("_")}
    found = [
        {name: value for name, value in row.items() if not name.startswith("_") or name in internal} for row in rows
    ]
    if ordered:
        if len(found) == len(expected) and all(map(_same, found, expected)):
            return None
        return f"expected, in this order:{_shown(expected)}\n  found:{_shown(found)}"
    missing = []
    for row in expected:
        match = next((index for index, other in enumerate(found) if _same(row, other)), None)
        if match is None:
            missing.append(row)
        else:
            del found[match]
    if not missing and not found:
        return None
    return f"expected, but not found:{_shown(missing)}\n  found, but not expected:{_shown(found)}"


def _shown(rows: Iterable[Row]) -> str:
    return "".join(f"\n    {json.dumps(row, ensure_ascii=False, sort_keys=True)}" for row in rows) or " nothing"


def _same(one: Row, other: Row) -> bool:
    return one.keys() == other.keys() and all(_same_value(value, other[name]) for name, value in one.items())


def _same_value(one: Value, other: Value) -> bool:
    ones, others = texts(one), texts(other)
    return len(ones) == len(others) and all(map(_same_text, ones, others))


def _same_text(one: str, other: str) -> bool:
    if one == other:
        return True
    left, right = number(one), number(other)
    return left is not None and right is not None and math.isclose(left, right, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)


def _case(line: bytes, place: str, path: Path, at: int) -> Case:
    try:
        given = json.loads(line)
    except ValueError as error:
        raise MalformedCase(f"{place}: not JSON: {error}") from None
    if not isinstance(given, dict):
        raise MalformedCase(f"{place}: a case is a JSON object")
    reader = _Reader(place, given)
    case = Case(
        place,
        id=reader.text("id"),
        spl=reader.text("spl"),
        input=reader.rows("input"),
        expected=reader.rows("expected"),
        source=reader.text("source"),
        basis=reader.text("basis"),
        ordered=reader.truth("ordered"),
        error=reader.truth("error"),
        now=reader.take("now", (int, float), 0.0),
        timezone=reader.zone("tz"),
        lookups=reader.lookups("lookups"),
        macros=reader.macros("macros", path, at),
        datamodels=reader.tables("datamodels"),
        lookups_after=reader.tables("lookups_after"),
    )
    reader.finish()
    if not case.id or not case.spl.strip():
        raise MalformedCase(f"{place}: a case needs an id and spl")
    if case.error and case.expected:
        raise MalformedCase(f"{place}: a case with error expects no rows")
    return case


class _Reader:
    """Takes the keys of one case, checks their types, and tells if any is left."""

    def __init__(self, place: str, given: dict[str, Any]) -> None:
        self._place = place
        self._given = given

    def take(self, key: str, kinds: type | tuple[type, ...], default: Any) -> Any:
        found = self._given.pop(key, None)
        if found is None:
            return default
        if not isinstance(found, kinds) or (isinstance(found, bool) and kinds is not bool):
            raise self._wrong(key, found)
        return found

    def text(self, key: str) -> str:
        return self.take(key, str, "")  # type: ignore[no-any-return]  # take has checked it

    def truth(self, key: str) -> bool:
        return self.take(key, bool, False)  # type: ignore[no-any-return]  # take has checked it

    def rows(self, key: str) -> list[Row]:
        return self._rows(key, self.take(key, list, []))

    def tables(self, key: str) -> dict[str, list[Row]]:
        return {name: self._rows(key, rows) for name, rows in self.take(key, dict, {}).items()}

    def zone(self, key: str) -> tzinfo:
        name = self.text(key)
        try:
            return ZoneInfo(name) if name else UTC
        except (ZoneInfoNotFoundError, ValueError):
            raise self._wrong(key, name) from None

    def lookups(self, key: str) -> list[Lookup]:
        found = []
        for name, given in self.take(key, dict, {}).items():
            if not isinstance(given, dict) or given.keys() - {"rows", "definition"}:
                raise self._wrong(key, given)
            try:
                found.append(Lookup.from_rows(name, self._rows(key, given.get("rows", [])), given.get("definition")))
            except ValueError as error:
                raise MalformedCase(f"{self._place}: {error}") from None
        return found

    def macros(self, key: str, path: Path, at: int) -> dict[str, Macro]:
        found = {}
        for name, given in self.take(key, dict, {}).items():
            full = {"args": [], "definition": given} if isinstance(given, str) else given
            if not isinstance(full, dict) or full.keys() != {"args", "definition"}:
                raise self._wrong(key, given)
            macro = Macro(name.partition("(")[0], tuple(full["args"]), full["definition"], path, at)
            if macro.key != name:
                raise MalformedCase(f"{self._place}: macro {name} has {len(macro.arguments)} arguments")
            found[name] = macro
        return found

    def finish(self) -> None:
        if self._given:
            raise MalformedCase(f"{self._place}: unknown keys: {', '.join(sorted(self._given))}")

    def _rows(self, key: str, rows: object) -> list[Row]:
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self._wrong(key, rows)
        return [self._row(key, row) for row in rows]

    def _row(self, key: str, given: Mapping[str, object]) -> Row:
        row: Row = {}
        for name, value in given.items():
            put(row, name, self._value(key, value))
        return row

    def _value(self, key: str, value: object) -> Value | None:
        if isinstance(value, list):
            return multivalue(text(self._single(key, one)) for one in value)
        return None if value is None else self._single(key, value)

    def _single(self, key: str, value: object) -> str | int | float:
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise self._wrong(key, value)
        return value

    def _wrong(self, key: str, value: object) -> MalformedCase:
        return MalformedCase(f"{self._place}: {key} cannot be {json.dumps(value)[:80]}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
