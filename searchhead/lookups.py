"""Lookups: looking rows up in a table as a definition says, and writing to the table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from searchhead.conf import App, Setting, Stanza, layered
from searchhead.lookupdefinitions import PLAIN, Definition, definition_of, is_kvstore, is_lookup
from searchhead.lookuppatterns import Network, Pattern, Wildcard
from searchhead.spl.values import Row, Value, multivalue, number, put, text, texts
from searchhead.tables import KEY, Cells, Collection, Given, InvalidLookup, Table, collection_of, read_csv, read_records

__all__ = ["InvalidLookup", "Lookup", "Lookups", "UnknownLookup"]

_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\.csv")
_COLLECTION_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")

_Patterns = list[Pattern | None]

# So many values at most does a lookup remember; those of hostile logs are without number.
_MOST_VALUES = 1_000


class UnknownLookup(LookupError):
    """No lookup definition and no CSV file has this name."""


class Lookup:
    """One lookup: a table and how to match it. Comes from ``Lookups.get`` or ``from_rows``."""

    def __init__(self, name: str, table: Table, definition: Definition = PLAIN) -> None:
        self.name = name
        self._table = table
        self._definition = definition
        # For these rows: the patterns of each field, and the rows that a value of a field matches.
        self._prepared: tuple[object, dict[str, _Patterns], dict[tuple[str, str], list[int]]] = (None, {}, {})
        self._timed: tuple[object, list[float | None]] = (None, [])
        self._cut = False  # whether max_matches kept the last match from being complete
        self._patterns()

    @classmethod
    def from_rows(
        cls, name: str, rows: Iterable[Given], definition: Mapping[str, str | int | bool] | None = None
    ) -> Lookup:
        """A lookup in memory. ``definition`` holds settings of transforms.conf by their own names.

        With ``external_type = kvstore`` the rows are the records of a collection. Otherwise the fields are those of all
        rows, in the order in which they first occur.
        """
        path = Path(name) / "definition"
        settings = {key: Setting(str(value), path, 1) for key, value in (definition or {}).items()}
        stanza = Stanza(name, path, 1, settings)
        if is_kvstore(stanza):
            return cls(name, Collection(rows, f"lookup {name}"), definition_of(stanza))
        table = Table((), [], f"lookup {name}")
        table.write(rows, append=False)
        lookup = cls(name, table, definition_of(stanza))
        lookup.require(())
        return lookup

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns in the order of the header; none for a lookup in memory without rows."""
        return self._definition.fields or self._table.fields

    @property
    def is_collection(self) -> bool:
        """Whether its rows are records of the KV store, with a key."""
        return isinstance(self._table, Collection)

    def require(self, fields: Iterable[str]) -> None:
        """Raise InvalidLookup unless the lookup has all these fields, and those that its definition says how to match.

        The rows of a table that lacks them can be read all the same: Splunk complains only where it looks something up.
        """
        for name in (*fields, *(self._definition.match_types if self.fields else ())):
            if name not in self.fields and not (name == KEY and self.is_collection):
                raise InvalidLookup(
                    f"lookup {self.name} has no field {name!r}; it has {', '.join(self.fields) or 'none'}"
                )

    def rows(self) -> list[Row]:
        """All rows in file order; an empty cell is an absent key. Those of a collection have their ``_key`` too."""
        accepts = self._definition.accepts
        rows = [self._shown(row) for row in self._table.rows]
        return rows if accepts is None else [row for row in rows if accepts(row)]

    def match(self, keys: Mapping[str, Value | None], time: float | None = None) -> list[Row]:
        """The rows that match all keys (field of the lookup -> value), in file order, up to max_matches.

        A multivalue matches if any of its values does. A key that is null matches nothing. Of a lookup bounded by time
        only rows match whose time lies before ``time`` by no less and no more than the offsets, the latest first.
        Where fewer than min_matches rows match, rows with default_match in every field make the number up; there are
        none of these when a key is null, because Splunk then does not look the event up at all.
        """
        self.require(keys if self.fields else ())
        return [self._shown(row) for row in self._match(keys, time)]

    def enrich(
        self,
        row: Row,
        keys: Sequence[tuple[str, str]],
        outputs: Sequence[tuple[str, str]],
        *,
        overwrite: bool,
        warn: Callable[[str], None] = lambda _message: None,
    ) -> None:
        """Look a row up and put the outputs into it; both are pairs of a lookup field and a field of the row.

        ``warn`` is told when more rows match than max_matches allows, unless that is 1, as who writes it means it.

        Several matches give a multivalue. ``overwrite`` is OUTPUT, else OUTPUTNEW, which leaves fields alone that are
        there. A row that has all keys but no match loses the fields of OUTPUT; a row without one of the keys is left
        as it is (props.conf.spec, LOOKUP-<class>).
        """
        wanted = {name: row.get(event_field) for name, event_field in keys}
        if None in wanted.values():
            return
        found = self._match(wanted, number(row.get("_time")) if self._definition.time_of else None)
        for name, event_field in outputs:
            if overwrite or event_field not in row:
                put(row, event_field, multivalue(one for match in found for one in texts(match.get(name))))
        if self._cut:
            most = self._definition.max_matches
            warn(f"lookup {self.name}: more rows match than its max_matches, {most}, lets through; the others are lost")

    def with_rows(self, rows: Iterable[Row]) -> Lookup:
        """A lookup of the same definition with other rows, in memory."""
        cells: list[Cells] = [
            {name: value if isinstance(value, list) else text(value) for name, value in row.items()} for row in rows
        ]
        return Lookup(self.name, Table(self.fields, cells, f"lookup {self.name}"), self._definition)

    def write(self, rows: Iterable[Given], *, append: bool = False, updates: bool = True) -> list[str]:
        """Replace the rows, or add to them; gives a sentence for each thing that was left out.

        The app's own file is never touched. A record of a collection whose ``_key`` is there already is replaced, or,
        without ``updates``, left as it is. Of a collection only the fields of the definition are written.
        """
        problems: list[str] = []
        if self._definition.fields and self.is_collection:
            known = {*self._definition.fields, KEY}
            written = list(rows)
            unknown = dict.fromkeys(name for row in written for name in row if name not in known)
            problems = [f"lookup {self.name} has no field {name}; it is not written" for name in unknown]
            rows = [{name: value for name, value in row.items() if name in known} for row in written]
        problems += self._table.write(rows, append=append, updates=updates)
        self._patterns()
        return problems

    def _shown(self, row: Cells) -> Row:
        known = self._definition.fields
        if not known:
            return dict(row)
        return {name: row[name] for name in dict.fromkeys((*known, KEY)) if name in row}

    def _match(self, keys: Mapping[str, Value | None], time: float | None) -> list[Cells]:
        definition, table = self._definition, self._table
        fold = not definition.case_sensitive
        wanted: dict[str, list[str]] = {}
        for name, value in keys.items():
            wanted[name] = [text.lower() if fold else text for text in texts(value)]
            if not wanted[name]:
                return []
        found: list[Cells] = []
        self._cut = False
        for at in self._in_time(self._candidates(wanted, fold=fold), time):
            if all(self._test(name, at, values) for name, values in wanted.items()) and self._accepts(at):
                if len(found) == definition.max_matches:
                    self._cut = True
                    break
                found.append(table.rows[at])
                if definition.max_matches == 1:
                    break
        if len(found) < definition.min_matches:
            filler: Cells = dict.fromkeys(self.fields, definition.default_match) if definition.default_match else {}
            found.extend([filler] * (definition.min_matches - len(found)))
        return found

    def _accepts(self, at: int) -> bool:
        accepts = self._definition.accepts
        return accepts is None or accepts(dict(self._table.rows[at]))

    def _in_time(self, candidates: Iterable[int], time: float | None) -> Iterable[int]:
        """Those of the rows that the time of an event allows, the latest first; all, where time does not matter."""
        definition = self._definition
        if definition.time_of is None:
            return candidates
        if time is None:
            return []  # assumed: what has no time is in no time's bounds
        if self._timed[0] is not self._table.rows:
            self._timed = (self._table.rows, [definition.time_of(row) for row in self._table.rows])
        timed = [(self._timed[1][at], at) for at in candidates]
        near = [
            (then, at)
            for then, at in timed
            if then is not None and definition.min_offset <= time - then <= definition.max_offset
        ]
        return [at for then, at in sorted(near, key=lambda one: -one[0])]

    def _candidates(self, wanted: Mapping[str, list[str]], *, fold: bool) -> Iterable[int]:
        """Numbers of rows, in order, among which all matches are: those of the exact field that leaves the fewest.

        Where there is none, those of the first field.
        """
        exact = [
            [column[value] for value in set(values) if value in column]
            for name, values in wanted.items()
            if name not in self._definition.match_types
            for column in [self._table.column(name, fold=fold)]
        ]
        if not wanted:
            return range(len(self._table.rows))
        first, values = next(iter(wanted.items()))
        exact = exact or [[self._matching(first, value) for value in values]]
        fewest = min(exact, key=lambda found: sum(map(len, found)))
        return sorted({number for numbers in fewest for number in numbers})

    def _matching(self, name: str, value: str) -> list[int]:
        """The numbers of the rows whose cell of a WILDCARD or CIDR field matches; values come again and again."""
        patterns = self._patterns()[name]
        known = self._prepared[2]
        numbers = known.get((name, value))
        if numbers is None:
            if len(known) >= _MOST_VALUES:
                known.clear()
            numbers = [number for number, one in enumerate(patterns) if one is not None and one.matches(value)]
            known[name, value] = numbers
        return numbers

    def _test(self, name: str, at: int, values: list[str]) -> bool:
        if name in self._definition.match_types:
            pattern = self._patterns()[name][at]
            return pattern is not None and any(pattern.matches(value) for value in values)
        cells = texts(self._table.rows[at].get(name))
        return any((cell if self._definition.case_sensitive else cell.lower()) in values for cell in cells)

    def _patterns(self) -> Mapping[str, _Patterns]:
        """What each cell of a WILDCARD or CIDR field matches, None for an empty cell; made once for a table's rows."""
        rows = self._table.rows
        if self._prepared[0] is not rows:
            columns = {
                name: [self._pattern(name, kind, number) for number in range(len(rows))]
                for name, kind in self._definition.match_types.items()
            }
            self._prepared = (rows, columns, {})
        return self._prepared[1]

    def _pattern(self, name: str, kind: str, number: int) -> Pattern | None:
        cell = self._table.rows[number].get(name)
        if not isinstance(cell, str):
            return None  # empty, or an array of a collection, which is no pattern
        if kind == "CIDR":
            try:
                return Network.of(cell)
            except ValueError as error:
                raise InvalidLookup(
                    f"{self._table.shown}: row {number + 1} has {name} = {cell!r}: no network in CIDR form"
                ) from error
        return Wildcard.of(cell if self._definition.case_sensitive else cell.lower())


class Lookups:
    """The lookups of several apps; a later app wins.

    Tables are read from ``<app>/lookups``, from ``<name>.csv.default`` where ``<name>.csv`` is missing. A collection of
    the KV store is empty at first. What is written stays in memory and, if ``scratch`` is given, in files in that
    folder (``<collection>.json`` for a collection), which are read instead of the apps' from then on. ``overrides``
    gives lookups (by name) another file to read, CSV, or JSON for a collection.

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
        self._collections = layered(apps, "collections").stanzas
        self._stanzas = {
            name: stanza for name, stanza in layered(apps, "transforms").stanzas.items() if is_lookup(stanza)
        }
        self._definitions = {name: definition_of(stanza) for name, stanza in self._stanzas.items()}
        self._tables: dict[str | Path, Table] = {}
        self._lookups: dict[str, Lookup] = {}
        for name in self._overrides:
            if name not in self.names():
                raise self._unknown(name)

    def names(self) -> list[str]:
        """Every name that ``get`` knows, sorted."""
        return sorted({*_files(self._folders), *self._definitions, *self._lookups})

    def get(self, name: str, *, create: bool = False) -> Lookup:
        """The lookup of this definition, or of this CSV file, which then is matched exactly.

        With ``create`` a file that is not there yet is an empty lookup, to be written (outputlookup does that). Raises
        UnknownLookup with the names there are, InvalidLookup for a table that cannot be read.
        """
        if name not in self._lookups:
            self._lookups[name] = Lookup(name, self._table(name, create=create), self._definitions.get(name, PLAIN))
        return self._lookups[name]

    def in_memory(self) -> list[str]:
        """The names of the lookups that no app has, sorted."""
        of_apps = _files(folder for folder in self._folders if folder != self._scratch)
        return sorted(self._lookups.keys() - self._definitions.keys() - set(of_apps))

    def replaced(self, file_name: str) -> bool:
        """Whether another file is read than those that the apps have: one that was given, or that a search wrote."""
        given = (self._stanzas[name].get("filename", "") if name in self._stanzas else name for name in self._overrides)
        return file_name in given or (self._scratch is not None and (self._scratch / file_name).is_file())

    def add(self, lookup: Lookup) -> None:
        """Make a lookup in memory known by its name."""
        self._lookups[lookup.name] = lookup

    def _unknown(self, name: str) -> UnknownLookup:
        return UnknownLookup(f"there is no lookup {name!r}; known are {', '.join(self.names()) or 'none'}")

    def _table(self, name: str, *, create: bool) -> Table:
        stanza = self._stanzas.get(name)
        if stanza is not None and is_kvstore(stanza):
            return self._collection(name, stanza)
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
                self._tables[key] = read_csv(path, target)
            elif create:
                self._tables[key] = Table((), [], file_name, target)
            elif stanza is None:
                raise self._unknown(name)
            else:
                raise stanza.error("filename", f"names {file_name}, which is in no lookups folder, nor as .default")
        return self._tables[key]

    def _collection(self, name: str, stanza: Stanza) -> Table:
        """The collection that a definition names; all definitions of it share its records."""
        collection = stanza.get("collection", "")
        described = self._collections.get(collection)
        if described is None or not _COLLECTION_NAME.fullmatch(collection):
            known = ", ".join(sorted(self._collections)) or "none"
            raise stanza.error(
                "collection", f"has collection = {collection!r}, which no collections.conf has; there are: {known}"
            )
        key = f"collection {collection}"
        if key not in self._tables:
            target = None if self._scratch is None else self._scratch / f"{collection}.json"
            override = self._overrides.get(name)
            seed = override or (target if target is not None and target.is_file() else None)
            records = read_records(seed) if seed is not None else []
            if override is not None:
                _require_known(records, definition_of(stanza).fields, f"{override.name}: lookup {name}")
            self._tables[key] = collection_of(described, records, f"collection {collection}", target)
        return self._tables[key]

    def _find(self, file_name: str) -> Path | None:
        for folder in self._folders:
            for path in (folder / file_name, folder / f"{file_name}.default"):
                if path.is_file():
                    return path
        return None


def _files(folders: Iterable[Path]) -> Iterator[str]:
    """The names of the files in the folders, without ``.default``; some perhaps twice."""
    for folder in folders:
        for path in folder.glob("*.csv*"):
            if _FILE_NAME.fullmatch(name := path.name.removesuffix(".default")):
                yield name


def _require_known(records: Iterable[Given], fields: Sequence[str], shown: str) -> None:
    """Raise InvalidLookup for records that somebody gave of something else; the KV store's own fields begin with _."""
    for field in (field for record in records for field in record):
        if field not in fields and not field.startswith("_"):
            raise InvalidLookup(f"{shown} has no field {field!r}; it has {', '.join(fields)}")
