"""Data models: which events belong to a dataset of a model, and their fields under the model's names.

A model is a JSON file of our own in ``<app>/models/<Model>.json``; what it says of the Common Information Model is read
from that add-on's documentation. For each dataset::

    "constraint"  the search that its events match (tags, as a rule)
    "fields"      the names of its fields
    "unknown"     those of them that are the text "unknown" where they are missing or empty
    "calculated"  those of them that an expression gives, in this order, before what is missing is filled

A search sees a field as ``<dataset>.<field>``, the default fields by their own names.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from searchhead.conf import App, InvalidConf, shown
from searchhead.spl.errors import SplError
from searchhead.spl.evaluation import Evaluate, Expression
from searchhead.spl.expressions import compile_text
from searchhead.spl.lexer import Cursor
from searchhead.spl.matching import DEFAULT_FIELDS, Terms
from searchhead.spl.operators import Environment
from searchhead.spl.terms import compile_terms
from searchhead.spl.values import Row, Value, put

# The field that tells the name of the dataset.
_NODE = "nodename"

_KEYS = {"constraint", "fields", "unknown", "calculated"}


class InvalidDataModel(InvalidConf):
    """A file that describes no data model; the message begins with its place."""


class UnknownDataset(LookupError):
    """No data model, or no dataset in it, has this name."""


class SharedEvent(dict[str, Value]):
    """An event that several searches read and none changes: what one of them finds out it keeps for the others.

    That is whether it may belong to datasets and whether it does, and its rows in views, None where it does not.
    """

    __slots__ = ("belongs", "possible", "rows")

    def __init__(self, event: Row) -> None:
        super().__init__(event)
        self.possible: dict[Dataset, bool] = {}
        self.belongs: dict[Dataset, bool] = {}
        self.rows: dict[View, Row | None] = {}


@dataclass(frozen=True, eq=False)
class Dataset:
    """One dataset. ``name`` is ``<model>.<dataset>``; ``prefix``, the second part, stands before its fields.

    ``rows`` are its own, if it has any; then it reads no events. Otherwise ``constraint`` tells which events it wants,
    ``fields`` are the names of its fields without prefix, and ``calculated`` gives some of them.
    """

    name: str
    rows: tuple[Row, ...] | None = None
    constraint: Terms | None = None
    fields: tuple[str, ...] = ()
    calculated: tuple[tuple[str, Expression], ...] = ()

    @cached_property
    def _views(self) -> dict[frozenset[str], View]:
        return {}

    @cached_property
    def prefix(self) -> str:
        """What stands before a field and a dot."""
        return self.name.rpartition(".")[2]

    def has(self, field: str) -> bool:
        """Whether a search may name the field; a dataset with rows of its own is not known to lack any."""
        if self.rows is not None or field in DEFAULT_FIELDS or field == _NODE:
            return True
        prefix, _, name = field.partition(".")
        return prefix == self.prefix and name in self.fields

    def possible(self, event: Row) -> bool:
        """Whether an event, of which only default fields are known, all or some, may belong to the dataset."""
        known = event.possible if isinstance(event, SharedEvent) else {}
        if self not in known:
            known[self] = self.constraint is not None and self.constraint.possible(event) is not False
        return known[self]

    def holds(self, event: Row) -> bool:
        """Whether an event belongs to the dataset."""
        return self.constraint is not None and self.constraint.matches(event)

    def view(self, fields: Iterable[str] | None = None) -> View:
        """The rows with these of its fields, given with the name of the dataset; None: with all."""
        wanted = frozenset(f"{self.prefix}.{name}" for name in self.fields) if fields is None else frozenset(fields)
        view = self._views.get(wanted)
        if view is None:
            view = self._views[wanted] = View(self, wanted)
        return view

    def own_rows(self) -> Iterator[Row]:
        """Copies of its own rows, if it has any, which tell the name of the dataset."""
        return ({_NODE: self.prefix, **row} for row in self.rows or ())

    def read(self, events: Iterable[Row]) -> Iterator[Row]:
        """The rows of those events that belong to the dataset, with all its fields."""
        view = self.view()
        return (dict(row) for event in events if (row := view.row(event)) is not None)


class View:
    """The rows of a dataset with some of its fields, and the default fields.

    Many searches read the same dataset, and each uses few of its fields: only what gives those is computed.
    """

    def __init__(self, dataset: Dataset, wanted: frozenset[str]) -> None:
        self._dataset = dataset
        self._node = _NODE in wanted
        names = [(name, f"{dataset.prefix}.{name}") for name in dataset.fields]
        self._names = [(name, shown_name) for name, shown_name in names if shown_name in wanted]
        # From the last to the first: what a field was before its expression is needed only if some expression reads it.
        needed = {name for name, _ in self._names}
        self._steps: list[tuple[str, Evaluate]] = []
        for name, expression in reversed(dataset.calculated):
            if name in needed:
                needed.remove(name)
                needed |= expression.fields
                self._steps.insert(0, (name, expression.evaluate))
        self._inputs = tuple(needed)

    def row(self, event: Row) -> Row | None:
        """The row of an event, None if it does not belong to the dataset; to be copied before it is changed."""
        if not isinstance(event, SharedEvent):
            return self._row(event) if self._dataset.holds(event) else None
        if self not in event.rows:
            belongs = event.belongs.get(self._dataset)
            if belongs is None:
                belongs = event.belongs[self._dataset] = self._dataset.holds(event)
            event.rows[self] = self._row(event) if belongs else None
        return event.rows[self]

    def _row(self, event: Row) -> Row:
        values = {name: event[name] for name in self._inputs if name in event}
        for name, evaluate in self._steps:
            found = evaluate(values)
            put(values, name, None if isinstance(found, bool) else found)
        row: Row = {name: event[name] for name in DEFAULT_FIELDS if name in event}
        if self._node:
            row[_NODE] = self._dataset.prefix
        for name, shown_name in self._names:
            if name in values:
                row[shown_name] = values[name]
        return row


class DataModels:
    """Data models by name."""

    def __init__(self, datasets: Iterable[Dataset] = ()) -> None:
        self._models: dict[str, dict[str, Dataset]] = {}
        for dataset in datasets:
            model, _, name = dataset.name.partition(".")
            self._models.setdefault(model, {})[name] = dataset

    def __len__(self) -> int:
        return len(self._models)

    def names(self) -> list[str]:
        """The names of the models, sorted."""
        return sorted(self._models)

    def datasets(self, model: str, dataset: str = "") -> list[Dataset]:
        """The dataset, or all of the model; raises UnknownDataset with those there are."""
        found = self._models.get(model)
        if found is None:
            raise UnknownDataset(f"there is no data model {model!r}; there are: {', '.join(sorted(self._models))}")
        if dataset and dataset not in found:
            raise UnknownDataset(f"data model {model} has no dataset {dataset!r}; it has {', '.join(sorted(found))}")
        return [found[dataset]] if dataset else [found[name] for name in sorted(found)]


def datamodels_of(apps: Sequence[App], environment: Environment) -> DataModels:
    """The data models of several apps; a later app wins.

    Raises InvalidDataModel, or SplError for a constraint or expression, with the place.
    """
    files = {path.stem: path for app in apps for path in sorted((app.path / "models").glob("*.json"))}
    return DataModels(dataset for name, path in files.items() for dataset in _model(name, path, environment))


def in_memory(tables: Mapping[str, Iterable[Row]]) -> DataModels:
    """Data models that are nothing but rows, by ``<model>.<dataset>``; their fields have the prefix already."""
    return DataModels(Dataset(name, rows=tuple(rows)) for name, rows in tables.items())


def _model(model: str, path: Path, environment: Environment) -> Iterator[Dataset]:
    try:
        datasets = json.loads(path.read_bytes())
    except ValueError as error:
        raise InvalidDataModel(f"{shown(path)}: {error}") from error
    if not isinstance(datasets, dict):
        raise InvalidDataModel(f"{shown(path)}: must be an object of datasets")
    for name, described in datasets.items():
        place = f"{shown(path)}: dataset {name}"
        if not isinstance(described, dict) or not {"constraint", "fields"} <= described.keys() <= _KEYS:
            raise InvalidDataModel(f"{place}: needs constraint and fields, and may have unknown and calculated")
        try:
            yield _dataset(f"{model}.{name}", described, environment)
        except SplError as error:
            error.place = place
            raise


def _dataset(name: str, described: dict[str, Any], environment: Environment) -> Dataset:
    constraint = compile_terms(Cursor(described["constraint"]), leading=True, derived=environment.derived)
    calculated = [
        (field, compile_text(expression, environment)) for field, expression in described.get("calculated", {}).items()
    ]
    for field in described.get("unknown", ()):
        # The Common Information Model fills so with if(isnull(x) OR x="","unknown",x).
        filled = compile_text(f"if(isnull('{field}') OR '{field}'=\"\", \"unknown\", '{field}')", environment)
        calculated.append((field, filled))
    fields = dict.fromkeys((*described["fields"], *(field for field, _ in calculated)))
    return Dataset(name, None, constraint, tuple(fields), tuple(calculated))
