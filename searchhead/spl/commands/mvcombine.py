"""``mvcombine [delim=<text>] <field>``: rows that differ in one field only become one row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from searchhead.spl.arguments import end, field_name, options, string
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Operator
from searchhead.spl.values import Row, texts

_Key = tuple[tuple[str, tuple[str, ...]], ...]


class Delimited(list[str]):
    """A multivalue that remembers the delimiter which ``nomv`` puts between its values."""

    __slots__ = ("delimiter",)

    def __init__(self, values: Iterable[str], delimiter: str) -> None:
        super().__init__(values)
        self.delimiter = delimiter


def compile_mvcombine(cursor: Cursor, _compilation: Compilation) -> Plan:
    """The delimiter, a blank by default, shows where the multivalue becomes one text, as in ``nomv``."""
    given = options(cursor, "mvcombine", {"delim": string})
    name = field_name(cursor)
    given |= options(cursor, "mvcombine", {"delim": string})
    end(cursor)
    return Plan(lambda: _Mvcombine(name, given.get("delim", " ")))


class _Mvcombine(Operator):
    def __init__(self, name: str, delimiter: str) -> None:
        self._name = name
        self._delimiter = delimiter
        self._rows: dict[_Key | int, tuple[Row, list[str]]] = {}

    def process(self, rows: Iterable[Row]) -> Iterable[Row]:
        for row in rows:
            # Internal fields count as well. Assumed: a row without the field is combined with none.
            key: _Key | int = len(self._rows)
            if self._name in row:
                key = tuple((name, tuple(texts(row[name]))) for name in sorted(row) if name != self._name)
            self._rows.setdefault(key, (row, []))[1].extend(texts(row.get(self._name)))
        return ()

    def finish(self) -> Iterator[Row]:
        for row, values in self._rows.values():
            if len(values) > 1:
                row[self._name] = Delimited(values, self._delimiter)
            yield row
