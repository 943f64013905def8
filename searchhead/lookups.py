"""Lookups: tables in CSV files, the definitions that say how they are matched, and writing to them.

Settings and their defaults are those of transforms.conf.spec. Lookups in the KV store and lookups bounded by time are
refused.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

from searchhead.conf import App, Setting, Stanza, layered
from searchhead.spl.values import Row, Value, multivalue, put, texts, wildcard

_SETTINGS = ("filename", "match_type", "case_sensitive_match", "min_matches", "max_matches", "default_match")
_KINDS = ("filename", "collection", "external_cmd", "external_type")
_MOST_MATCHES = 1000  # transforms.conf.spec: the default, and no more are allowed
_MATCH_TYPE = re.compile(r"(WILDCARD|CIDR|EXACT)\(\s*([^()\s,]+)\s*\)[\s,]*")
_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\.csv")


class UnknownLookup(LookupError):
    """No lookup definition and no CSV file has this name."""


class InvalidLookup(ValueError):
    """The table of a lookup cannot be read, or has no such field."""


@dataclass
class _Table:
    """The rows of one CSV file, without their empty cells, shared by every definition that names the file."""

    fields: tuple[str, ...]
    rows: list[dict[str, str]]
    shown: str  # the place, for errors
    target: Path | None = None  # where writes go as well as to memory
    columns: dict[tuple[str, bool], dict[str, list[int]]] = field(default_factory=dict)

    def column(self, name: str, *, fold: bool) -> dict[str, list[int]]:
        """The numbers of the rows that hold a cell, by the cell (in lower case if ``fold``); built once."""
        found = self.columns.get((name, fold))
        if found is None:
            found = self.columns[name, fold] = {}
            for number, row in enumerate(self.rows):
                if name in row:
                    found.setdefault(row[name].lower() if fold else row[name], []).append(number)
        return found

    def replace(self, fields: tuple[str, ...], rows: list[dict[str, str]]) -> None:
        """Give the table other rows, in its file too if it has one."""
        self.fields, self.rows = fields, rows
        self.columns.clear()
        if self.target is None:
            return
        self.target.parent.mkdir(parents=True, exist_ok=True)
        with self.target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fields, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def _read_table(path: Path, target: Path | None) -> _Table:
    """Read a CSV file; raises InvalidLookup, with file and line, for one that is not a table."""
    shown = "/".join(path.parts[-2:])
    try:
        # A byte order mark is what Excel puts before "CSV UTF-8", and people edit these files with Excel.
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidLookup(f"{shown}: {error}; save the file as UTF-8") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        if not header or "" in header or len(set(header)) < len(header):
            raise InvalidLookup(f"{shown}:1: the header {header!r} must name every column, and each once")
        rows = []
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
    return _Table(tuple(header), rows, shown, target)


@dataclass(frozen=True)
class _Definition:
    """How a lookup is matched: what a stanza of transforms.conf says."""

    match_types: Mapping[str, str]  # field -> WILDCARD or CIDR; every other field is EXACT
    case_sensitive: bool
    min_matches: int
    max_matches: int
    default_match: str


_PLAIN = _Definition({}, case_sensitive=True, min_matches=0, max_matches=_MOST_MATCHES, default_match="")


def is_lookup(stanza: Stanza) -> bool:
    """Whether a stanza of transforms.conf defines a lookup, not an extraction."""
    return any(name in stanza for name in _KINDS)


def _definition(stanza: Stanza) -> _Definition:
    for name in stanza:
        if name not in _SETTINGS:
            raise stanza.error(
                name, f'has setting "{name}", which is not supported; a lookup may have {", ".join(_SETTINGS)}'
            )
    text, at = stanza.get("match_type", ""), 0
    match_types: dict[str, str] = {}
    while at < len(text):
        found = _MATCH_TYPE.match(text, at)
        if found is None:
            raise stanza.error("match_type", f"has match_type {text[at:]!r}: write WILDCARD(field) or CIDR(field)")
        match_types[found[2]] = found[1]
        at = found.end()
    highest = stanza.integer("max_matches", _MOST_MATCHES, 1, _MOST_MATCHES)
    return _Definition(
        {name: kind for name, kind in match_types.items() if kind != "EXACT"},
        stanza.boolean("case_sensitive_match", default=True),
        stanza.integer("min_matches", 0, 0, highest),
        highest,
        stanza.get("default_match", ""),
    )


def _cells(rows: Iterable[Mapping[str, Value | None]]) -> tuple[tuple[str, ...], list[dict[str, str]]]:
    """The fields of these rows in the order in which they first occur, and the rows as cells of a table."""
    cells = [
        {name: "\n".join(texts(value)) for name, value in row.items() if value not in (None, "", [])} for row in rows
    ]
    return tuple(dict.fromkeys(name for row in cells for name in row)), cells


class Lookup:
    """One lookup: a table and how to match it. Comes from ``Lookups.get`` or ``from_rows``."""

    def __init__(self, name: str, table: _Table, definition: _Definition = _PLAIN) -> None:
        self.name = name
        self._table = table
        self._definition = definition
        self._prepared: tuple[object, dict[str, list[re.Pattern[str] | _Network | None]]] = (None, {})
        if table.fields:
            self.require(definition.match_types)
        self._patterns()

    @classmethod
    def from_rows(
        cls,
        name: str,
        rows: Iterable[Mapping[str, Value | None]],
        definition: Mapping[str, str | int | bool] | None = None,
    ) -> Lookup:
        """A lookup in memory. ``definition`` holds settings of transforms.conf by their own names.

        The fields are those of all rows, in the order in which they first occur.
        """
        path = Path(name) / "definition"
        settings = {key: Setting(str(value), path, 1) for key, value in (definition or {}).items()}
        table = _Table(*_cells(rows), f"lookup {name}")
        return cls(name, table, _definition(Stanza(name, path, 1, settings)))

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns in the order of the header; none for a lookup in memory without rows."""
        return self._table.fields

    def require(self, fields: Iterable[str]) -> None:
        """Raise InvalidLookup unless the lookup has all these fields."""
        for name in fields:
            if name not in self._table.fields:
                raise InvalidLookup(
                    f"lookup {self.name} has no field {name!r}; it has {', '.join(self._table.fields) or 'none'}"
                )

    def rows(self) -> list[dict[str, str]]:
        """All rows in file order; an empty cell is an absent key."""
        return [dict(row) for row in self._table.rows]

    def match(self, keys: Mapping[str, Value | None]) -> list[dict[str, str]]:
        """The rows that match all keys (field of the lookup -> value), in file order, up to max_matches.

        A multivalue matches if any of its values does. A key that is null matches nothing. Where fewer than
        min_matches rows match, rows with default_match in every field make the number up; there are none of these
        when a key is null, because Splunk then does not look the event up at all.
        """
        self.require(keys if self.fields else ())
        return [dict(row) for row in self._match(keys)]

    def enrich(
        self,
        row: Row,
        keys: Sequence[tuple[str, str]],
        outputs: Sequence[tuple[str, str]],
        *,
        overwrite: bool,
    ) -> None:
        """Look a row up and put the outputs into it; both are pairs of a lookup field and a field of the row.

        Several matches give a multivalue. ``overwrite`` is OUTPUT, else OUTPUTNEW, which leaves fields alone that are
        there. A row that has all keys but no match loses the fields of OUTPUT; a row without one of the keys is left
        as it is (props.conf.spec, LOOKUP-<class>).
        """
        wanted = {name: row.get(event_field) for name, event_field in keys}
        if None in wanted.values():
            return
        found = self._match(wanted)
        for name, event_field in outputs:
            if overwrite or event_field not in row:
                put(row, event_field, multivalue(match[name] for match in found if name in match))

    def write(self, rows: Iterable[Mapping[str, Value | None]], *, append: bool = False) -> None:
        """Replace the rows, or add to them. The app's own file is never touched.

        A multivalue becomes one cell with a line a value. Raises InvalidLookup when rows to append have a field that
        the lookup does not have: Splunk would drop it without a word.
        """
        names, new = _cells(rows)
        if append and self.fields:
            self.require(names)
            self._table.replace(self.fields, self._table.rows + new)
        else:
            self._table.replace(names or self.fields, new)
        self._patterns()

    def _match(self, keys: Mapping[str, Value | None]) -> list[dict[str, str]]:
        definition, table = self._definition, self._table
        fold = not definition.case_sensitive
        wanted: dict[str, list[str]] = {}
        for name, value in keys.items():
            wanted[name] = [text.lower() if fold else text for text in texts(value)]
            if not wanted[name]:
                return []
        found: list[dict[str, str]] = []
        for number in self._candidates(wanted, fold=fold):
            if all(self._test(name, number, values) for name, values in wanted.items()):
                found.append(table.rows[number])
                if len(found) == definition.max_matches:
                    break
        if len(found) < definition.min_matches:
            filler = dict.fromkeys(table.fields, definition.default_match) if definition.default_match else {}
            found.extend([filler] * (definition.min_matches - len(found)))
        return found

    def _candidates(self, wanted: Mapping[str, list[str]], *, fold: bool) -> Iterable[int]:
        """Numbers of rows, in order, among which all matches are: those of the exact field that leaves the fewest."""
        exact = [
            [column[value] for value in set(values) if value in column]
            for name, values in wanted.items()
            if name not in self._definition.match_types
            for column in [self._table.column(name, fold=fold)]
        ]
        if not exact:
            return range(len(self._table.rows))
        fewest = min(exact, key=lambda found: sum(map(len, found)))
        return sorted(number for numbers in fewest for number in numbers)

    def _test(self, name: str, number: int, values: list[str]) -> bool:
        if name in self._definition.match_types:
            pattern = self._patterns()[name][number]
            return pattern is not None and any(pattern.fullmatch(value) for value in values)
        cell = self._table.rows[number].get(name)
        return cell is not None and (cell if self._definition.case_sensitive else cell.lower()) in values

    def _patterns(self) -> Mapping[str, list[re.Pattern[str] | _Network | None]]:
        """What each cell of a WILDCARD or CIDR field matches, None for an empty cell; made once for a table's rows."""
        rows = self._table.rows
        if self._prepared[0] is not rows:
            columns = {
                name: [self._pattern(name, kind, number) for number in range(len(rows))]
                for name, kind in self._definition.match_types.items()
            }
            self._prepared = (rows, columns)
        return self._prepared[1]

    def _pattern(self, name: str, kind: str, number: int) -> re.Pattern[str] | _Network | None:
        cell = self._table.rows[number].get(name)
        if cell is None:
            return None
        if kind == "CIDR":
            try:
                return _Network(ip_network(cell, strict=False))
            except ValueError as error:
                raise InvalidLookup(
                    f"{self._table.shown}: row {number + 1} has {name} = {cell!r}: no network in CIDR form"
                ) from error
        return wildcard(cell if self._definition.case_sensitive else cell.lower(), ignore_case=False)


@dataclass(frozen=True, slots=True)
class _Network:
    """The cell of a CIDR field, matched as a pattern is."""

    network: IPv4Network | IPv6Network

    def fullmatch(self, value: str) -> bool:
        try:
            return ip_address(value) in self.network
        except ValueError:
            return False  # the value of an event need not be an address


class Lookups:
    """The lookups of several apps; a later app wins.

    Tables are read from ``<app>/lookups``, from ``<name>.csv.default`` where ``<name>.csv`` is missing. What is written
    stays in memory and, if ``scratch`` is given, in files in that folder, which are read instead of the apps' from then
    on. ``overrides`` gives lookups (by name) another CSV file to read.

    Raises InvalidConf for a definition with a setting that is not supported, UnknownLookup for an override of a lookup
    that is not there.
    """

    def __init__(
        self,
        apps: Sequence[App] = (),
        scratch: Path | None = None,
        overrides: Mapping[str, Path] | None = None,
    ) -> None:
        self._scratch = scratch
        self._folders = [app.lookups_folder for app in reversed(apps)]
        if scratch is not None:
            self._folders.insert(0, scratch)
        self._overrides = dict(overrides or {})
        self._stanzas = {
            name: stanza for name, stanza in layered(apps, "transforms").stanzas.items() if is_lookup(stanza)
        }
        self._definitions = {name: _definition(stanza) for name, stanza in self._stanzas.items()}
        self._tables: dict[str | Path, _Table] = {}
        self._lookups: dict[str, Lookup] = {}
        for name in self._overrides:
            if name not in self.names():
                raise self._unknown(name)

    def names(self) -> list[str]:
        """Every name that ``get`` knows, sorted."""
        files = {path.name.removesuffix(".default") for folder in self._folders for path in folder.glob("*.csv*")}
        files = {name for name in files if _FILE_NAME.fullmatch(name)}
        return sorted(files | self._definitions.keys() | self._lookups.keys())

    def get(self, name: str, *, create: bool = False) -> Lookup:
        """The lookup of this definition, or of this CSV file, which then is matched exactly.

        With ``create`` a file that is not there yet is an empty lookup, to be written (outputlookup does that). Raises
        UnknownLookup with the names there are, InvalidLookup for a table that cannot be read.
        """
        if name not in self._lookups:
            self._lookups[name] = Lookup(name, self._table(name, create=create), self._definitions.get(name, _PLAIN))
        return self._lookups[name]

    def add(self, lookup: Lookup) -> None:
        """Make a lookup in memory known by its name."""
        self._lookups[lookup.name] = lookup

    def _unknown(self, name: str) -> UnknownLookup:
        return UnknownLookup(f"there is no lookup {name!r}; known are {', '.join(self.names()) or 'none'}")

    def _table(self, name: str, *, create: bool) -> _Table:
        stanza = self._stanzas.get(name)
        file_name = stanza.get("filename", "") if stanza else name
        if not _FILE_NAME.fullmatch(file_name):
            if stanza is None:
                raise self._unknown(name)
            raise stanza.error("filename", f"has filename = {file_name!r}: write the bare name of a .csv file")
        key = self._overrides.get(name, file_name)
        if key not in self._tables:
            target = None if self._scratch is None else self._scratch / file_name
            path = self._overrides.get(name) or self._find(file_name)
            if path is not None:
                self._tables[key] = _read_table(path, target)
            elif create:
                self._tables[key] = _Table((), [], file_name, target)
            elif stanza is None:
                raise self._unknown(name)
            else:
                raise stanza.error("filename", f"names {file_name}, which is in no lookups folder, nor as .default")
        return self._tables[key]

    def _find(self, file_name: str) -> Path | None:
        for folder in self._folders:
            for path in (folder / file_name, folder / f"{file_name}.default"):
                if path.is_file():
                    return path
        return None
