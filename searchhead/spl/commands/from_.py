"""``from datamodel:<model>.<dataset>`` or ``from lookup:<name>``: the rows of a data model's dataset, or of a lookup.

A blank may stand for the colon, and the name in quotes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from searchhead.spl.arguments import end, value
from searchhead.spl.commands.inputlookup import compile_inputlookup
from searchhead.spl.commands.tstats import named_datasets
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.lexer import Cursor, Token
from searchhead.spl.operators import Operator
from searchhead.spl.values import Row

if TYPE_CHECKING:
    from searchhead.datamodels import Dataset


def compile_from(cursor: Cursor, compilation: Compilation) -> Plan:
    """Fields of a data model come without the name of the dataset before them. Saved searches are refused."""
    token = value(cursor)
    kind, colon, name = token.text.partition(":")
    if kind.lower() not in ("datamodel", "lookup"):
        cursor.unsupported("from takes datamodel:<model>.<dataset> or lookup:<name>", token)
    if kind.lower() == "lookup":
        start = token.start + len(kind) + len(colon)
        return compile_inputlookup(Cursor(cursor.spl, start, _to_end(cursor)), compilation)
    if not name:
        token = value(cursor)
        name = token.text
    end(cursor)
    return dataset_plan(one_dataset(cursor, token, compilation, name), flat=True)


def _to_end(cursor: Cursor) -> int:
    cursor.rest()
    return cursor.position


def one_dataset(cursor: Cursor, token: Token, compilation: Compilation, name: str) -> Dataset:
    """The dataset of this name; refuses the name of a model alone."""
    if "." not in name:
        cursor.unsupported("expected <model>.<dataset>", token)
    return named_datasets(cursor, token, compilation.environment, name)[0]


def dataset_plan(dataset: Dataset, *, flat: bool) -> Plan:
    """The plan of a command that gives the rows of a dataset; ``flat`` without the name of it before the fields."""
    constraint = dataset.constraint
    return Plan(
        lambda: _Rows(dataset, flat=flat),
        generating=True,
        could_match=None if constraint is None else dataset.possible,
        text_needs=None if constraint is None else constraint.needs,
        reads_events=dataset.rows is None,
    )


class _Rows(Operator):
    def __init__(self, dataset: Dataset, *, flat: bool) -> None:
        self._dataset = dataset
        self._prefix = f"{dataset.prefix}." if flat else ""

    def process(self, rows: Iterable[Row]) -> Iterable[Row]:
        return rows

    def read(self, events: Iterable[Row]) -> Iterable[Row]:
        return map(self._shown, self._dataset.read(events))

    def finish(self) -> Iterable[Row]:
        return map(self._shown, self._dataset.rows or ())

    def _shown(self, row: Row) -> Row:
        return {name.removeprefix(self._prefix): value for name, value in row.items()}
