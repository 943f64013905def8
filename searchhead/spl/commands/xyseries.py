"""``xyseries [grouped=<bool>] <x> <y name> <y data> … [sep=<text>] [format=<text>]``: one column a value of a field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from searchhead.spl.arguments import boolean, end, field_list, options, string
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Operator
from searchhead.spl.values import Row, Value, texts

_OPTIONS = {"grouped": boolean, "sep": string, "format": string}


def compile_xyseries(cursor: Cursor, _compilation: Compilation) -> Plan:
    """One row for each value of x. With several data fields a column is called ``data: name``, or as sep or format say.

    With ``grouped`` the rows of one x are taken to follow each other, so that a value of x which comes again makes
    another row.
    """
    given = options(cursor, "xyseries", _OPTIONS)
    token = cursor.peek()
    fields = field_list(cursor)
    given |= options(cursor, "xyseries", _OPTIONS)
    end(cursor)
    if len(fields) < 3:
        cursor.fail("xyseries needs a field for x, one for the names of the columns, and one for their data", token)
    form = given.get("format", f"$AGG${given.get('sep', ': ')}$VAL$")
    return Plan(lambda: _Xyseries(fields[0], fields[1], fields[2:], form, grouped=given.get("grouped", False)))


class _Xyseries(Operator):
    def __init__(self, x: str, label: str, data: list[str], form: str, *, grouped: bool) -> None:
        self._x = x
        self._label = label
        self._data = data
        self._form = form
        self._grouped = grouped
        self._rows: dict[tuple[int, tuple[str, ...]], Row] = {}
        self._last: tuple[str, ...] | None = None
        self._run = 0

    def process(self, rows: Iterable[Row]) -> Iterable[Row]:
        for row in rows:
            x = row.get(self._x)
            # Assumed: a row without x or without a name for its column is left out.
            if x is None or self._label not in row:
                continue
            made = self._made(x)
            for label in texts(row[self._label]):
                for data in self._data:
                    if data in row:
                        # Assumed: of several values for one place the last one stays.
                        made[self._column(data, label)] = row[data]
        return ()

    def finish(self) -> Iterator[Row]:
        # Assumed: rows come in the order in which their x came first.
        yield from self._rows.values()

    def _made(self, x: Value) -> Row:
        key = tuple(texts(x))
        if self._grouped and key != self._last:
            self._run += 1
        self._last = key
        return self._rows.setdefault((self._run, key), {self._x: x})

    def _column(self, data: str, label: str) -> str:
        if len(self._data) == 1:
            return label
        return label.join(part.replace("$AGG$", data) for part in self._form.split("$VAL$"))
