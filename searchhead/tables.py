"""The tables behind lookups: CSV files, and collections of the KV store, which here live in memory.

A row maps field names to cells: a text, or in a collection also a list of texts. An empty cell is an absent key.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from searchhead.conf import Stanza
from searchhead.spl.values import Value, number, text, texts

Cells = dict[str, str | list[str]]
Given = Mapping[str, Value | None]

KEY = "_key"


class InvalidLookup(ValueError):
    """The table of a lookup cannot be read, or has no such field."""


class Table:
    """The rows of one CSV file, shared by every definition that names the file.

    ``shown`` is its place, for errors; ``target`` the file that is written as well as memory.
    """

    def __init__(self, fields: Iterable[str], rows: list[Cells], shown: str, target: Path | None = None) -> None:
        self.fields = tuple(fields)
        self.rows = rows
        self.shown = shown
        self._target = target
        self._columns: dict[tuple[str, bool], dict[str, list[int]]] = {}

    def column(self, name: str, *, fold: bool) -> dict[str, list[int]]:
        """The numbers of the rows that hold a value, by the value (in lower case if ``fold``); built once."""
        found = self._columns.get((name, fold))
        if found is None:
            found = self._columns[name, fold] = {}
            for at, row in enumerate(self.rows):
                for one in dict.fromkeys(texts(row.get(name))):
                    found.setdefault(one.lower() if fold else one, []).append(at)
        return found

    def write(self, rows: Iterable[Given], *, append: bool, updates: bool = True) -> list[str]:
        """Replace the rows, or add to them; gives a sentence for each thing that was left out.

        A multivalue becomes one cell with a line a value. Fields that the table does not have are left out when rows
        are added (Search Reference, outputlookup). ``updates`` is for collections.
        """
        del updates
        new: list[Cells] = [
            {name: "\n".join(texts(value)) for name, value in row.items() if _has(value)} for row in rows
        ]
        names = tuple(dict.fromkeys(name for row in new for name in row))
        if not (append and self.fields):
            self._replace(names or self.fields, new)
            return []
        unknown = [name for name in names if name not in self.fields]
        kept = [{name: cell for name, cell in row.items() if name in self.fields} for row in new]
        self._replace(self.fields, self.rows + kept)
        return [f"{self.shown} has no field {name}; it is not written" for name in unknown]

    def _replace(self, fields: tuple[str, ...], rows: list[Cells]) -> None:
        self.fields, self.rows = fields, rows
        self._columns.clear()
        if self._target is not None:
            self._target.parent.mkdir(parents=True, exist_ok=True)
            self._save(self._target)

    def _save(self, target: Path) -> None:
        with target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, self.fields, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.rows)


class Collection(Table):
    """A collection of the KV store: records with a unique ``_key``, of which writing one again replaces the other.

    ``types`` are those of collections.conf. A value of the wrong type is left out, or the whole record if ``enforced``
    (collections.conf.spec, enforceTypes). Which fields it has is the business of the lookup definitions.
    """

    def __init__(
        self,
        records: Iterable[Given],
        shown: str,
        target: Path | None = None,
        types: Mapping[str, str] | None = None,
        *,
        enforced: bool = False,
    ) -> None:
        super().__init__((), [], shown)
        self._types = types or {}
        self._enforced = enforced
        self._made = 0
        for problem in self.write(records, append=False):
            raise InvalidLookup(problem)
        self._target = target

    def write(self, rows: Iterable[Given], *, append: bool, updates: bool = True) -> list[str]:
        """Replace the records, or add to them; one whose ``_key`` is there already replaces it if ``updates``."""
        problems: dict[str, None] = {}
        records = {str(row[KEY]): row for row in self.rows} if append else {}
        for row in rows:
            record = self._record(row, problems)
            if record is None:
                continue
            key = str(record.get(KEY) or self._new_key(records))
            if updates or key not in records:
                records[key] = {**record, KEY: key}
        self._replace((), list(records.values()))
        return list(problems)

    def _record(self, row: Given, problems: dict[str, None]) -> Cells | None:
        record: Cells = {}
        for name, value in row.items():
            if value is None or not _has(value):
                continue
            kind = self._types.get(name)
            if kind is None or _TYPES[kind](value):
                record[name] = list(value) if isinstance(value, list) else text(value)
                continue
            what = "the record is" if self._enforced else "it is"
            problems[f"{self.shown}: {name} = {value!r} is no {kind}; {what} not written"] = None
            if self._enforced:
                return None
        return record

    def _new_key(self, records: Mapping[str, Cells]) -> str:
        """A key of 24 hexadecimal digits, as the KV store makes them, counted up so that a run can be repeated."""
        while True:
            self._made += 1
            key = f"{self._made:024x}"
            if key not in records:
                return key

    def _save(self, target: Path) -> None:
        target.write_text(json.dumps(self.rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _has(value: Value | None) -> bool:
    return value not in (None, "", [])


def _is_number(value: Value) -> bool:
    return number(value) is not None


def _is_bool(value: Value) -> bool:
    return not isinstance(value, list) and text(value).lower() in ("true", "false", "0", "1")


def _is_cidr(value: Value) -> bool:
    try:
        return not isinstance(value, list) and bool(ip_network(text(value), strict=False))
    except ValueError:
        return False


_TYPES: dict[str, Callable[[Value], bool]] = {
    "array": lambda _value: True,
    "bool": _is_bool,
    "cidr": _is_cidr,
    "number": _is_number,
    "string": lambda _value: True,
    "time": _is_number,
}

# The other settings of collections.conf say how the store works, not what it holds.
_COLLECTION = (
    "enforceTypes", "replicate", "replication_dump_maximum_file_size", "replication_dump_strategy", "profilingEnabled",
    "profilingThresholdMs", "type",
)  # fmt: skip


def collection_of(stanza: Stanza, records: Iterable[Given], shown: str, target: Path | None) -> Collection:
    """The collection that a stanza of collections.conf describes, with these records.

    Raises InvalidConf for a setting that there is not, InvalidLookup for a record of another type.
    """
    types: dict[str, str] = {}
    for name in stanza:
        kind, dot, field = name.partition(".")
        if dot and kind == "field":
            if stanza[name] not in _TYPES:
                raise stanza.error(name, f"has {name} = {stanza[name]}: write one of {', '.join(sorted(_TYPES))}")
            types[field] = stanza[name]
        elif name not in _COLLECTION and not (dot and kind == "accelerated_fields"):
            raise stanza.error(name, f'has setting "{name}", which is not supported')
    enforced = stanza.boolean("enforceTypes", default=False)
    return Collection(records, shown, target, types, enforced=enforced)


def read_csv(path: Path, target: Path | None = None) -> Table:
    """Read a CSV file; raises InvalidLookup, with file and line, for one that is not a table."""
    shown = _shown(path)
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        header = next(reader, [])
        if not header or "" in header or len(set(header)) < len(header):
            raise InvalidLookup(f"{shown}:1: the header {header!r} must name every column, and each once")
        rows: list[Cells] = []
        for cells in reader:
            if not cells:
                continue  # a blank line
            if len(cells) != len(header):
                raise InvalidLookup(
                    f"{shown}:{reader.line_num}: the row has {len(cells)} cells, the header has {len(header)}"
                )
            # Assumed of Splunk: an empty cell is null, it matches nothing and puts out nothing.
            rows.append({name: cell for name, cell in zip(header, cells, strict=True) if cell})
    except csv.Error as error:
        raise InvalidLookup(f"{shown}:{reader.line_num}: {error}") from error
    return Table(header, rows, shown, target)


def read_records(path: Path) -> list[Given]:
    """Read the records of a collection from CSV, or from JSON: an array of objects, as the KV store's REST gives it.

    Raises InvalidLookup, with the file, for anything else.
    """
    if path.suffix != ".json":
        return list(read_csv(path).rows)
    try:
        records = json.loads(_text(path))
        if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
            raise InvalidLookup(f"{_shown(path)}: must be an array of objects")
        return [{name: _value(value) for name, value in record.items()} for record in records]
    except (ValueError, RecursionError) as error:
        raise error if isinstance(error, InvalidLookup) else InvalidLookup(f"{_shown(path)}: {error}") from None


def _value(value: Any) -> Value | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in value]
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return value  # type: ignore[no-any-return]  # what else JSON has: text, a number, null


def _shown(path: Path) -> str:
    return "/".join(path.parts[-2:])


def _text(path: Path) -> str:
    try:
        # A byte order mark is what Excel puts before "CSV UTF-8", and people edit these files with Excel.
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidLookup(f"{_shown(path)}: {error}; save the file as UTF-8") from error
