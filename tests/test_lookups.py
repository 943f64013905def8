from pathlib import Path

import pytest

from searchhead.conf import App, InvalidConf
from searchhead.lookups import InvalidLookup, Lookup, Lookups, UnknownLookup
from searchhead.spl.values import Row, Value, texts

PEOPLE = [
    {"name": "Ann", "host": "srv-*", "role": "admin"},
    {"name": "ann", "host": "srv-1", "role": "user"},
    {"name": "Bob", "host": "*", "role": "guest"},
    {"name": "Eve", "host": "", "role": "nobody"},
    {"name": "", "host": "x*y*", "role": ""},
]


def app_with(folder: Path, transforms: str = "", **tables: str) -> App:
    """An app with lookup tables given as file_csv="text" or file_csv_default="text"."""
    for name in ("default", "lookups"):
        (folder / name).mkdir(parents=True)
    (folder / "default" / "transforms.conf").write_text(transforms, encoding="utf-8")
    for name, text in tables.items():
        (folder / "lookups" / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return App(folder)


def people(**definition: str | int | bool) -> Lookup:
    return Lookup.from_rows("people", PEOPLE, definition)


def roles(lookup: Lookup, **keys: Value | None) -> list[Value | None]:
    return [row.get("role") for row in lookup.match(keys)]


# definition, keys, roles of the matching rows in file order
MATCHES: list[tuple[dict[str, str | int | bool], dict[str, Value | None], list[str | None]]] = [
    ({}, {"name": "Ann"}, ["admin"]),
    ({}, {"name": "nobody"}, []),
    ({"case_sensitive_match": False}, {"name": "ANN"}, ["admin", "user"]),
    ({"case_sensitive_match": "false", "max_matches": 1}, {"name": "ANN"}, ["admin"]),
    # several keys, exact and with wildcards
    ({}, {"name": "Ann", "host": "srv-*"}, ["admin"]),
    ({}, {"name": "Ann", "host": "srv-1"}, []),
    ({"match_type": "WILDCARD(host)"}, {"host": "srv-1"}, ["admin", "user", "guest"]),
    ({"match_type": "WILDCARD(host)"}, {"host": "srv-1", "name": "Bob"}, ["guest"]),
    ({"match_type": "WILDCARD(host)"}, {"host": "SRV-2"}, ["guest"]),
    ({"match_type": "WILDCARD(host)", "case_sensitive_match": 0}, {"host": "SRV-2"}, ["admin", "guest"]),
    ({"match_type": "WILDCARD(name), WILDCARD(host)"}, {"host": "srv-1", "name": "ann"}, ["user"]),
    ({"match_type": "EXACT(name) WILDCARD( host )"}, {"host": "x\ny\n", "name": "Bob"}, ["guest"]),
    # a pattern matches the whole value; only * is special
    ({"match_type": "WILDCARD(host)"}, {"host": "xay"}, ["guest", None]),
    ({"match_type": "WILDCARD(host)"}, {"host": "axay"}, ["guest"]),
    # null matches nothing, and so does an empty cell, whatever the value
    ({"match_type": "WILDCARD(host)"}, {"host": None}, []),
    ({"match_type": "WILDCARD(host)"}, {"host": None, "name": "Bob"}, []),
    ({"match_type": "WILDCARD(host)"}, {"name": "Eve", "host": "h"}, []),
    ({}, {"name": ""}, []),
    # of a multivalue any value matches, each row once
    ({}, {"name": ["Bob", "x", "Ann", "Bob"]}, ["admin", "guest"]),
    ({"match_type": "WILDCARD(host)"}, {"host": ["srv-2", "srv-1"], "name": ["Ann", "ann"]}, ["admin", "user"]),
    # default_match makes up the number of min_matches
    ({"min_matches": 1, "default_match": "none"}, {"name": "x"}, ["none"]),
    ({"min_matches": 2, "default_match": "none"}, {"name": "Ann"}, ["admin", "none"]),
    ({"min_matches": 1}, {"name": "x"}, [None]),
    ({"min_matches": 1, "default_match": "none"}, {"name": None}, []),
]


@pytest.mark.parametrize(("definition", "keys", "expected"), MATCHES)
def test_rows_match_as_the_definition_says(
    definition: dict[str, str | int | bool], keys: dict[str, Value | None], expected: list[str | None]
) -> None:
    assert roles(people(**definition), **keys) == expected


def test_a_lookup_without_rows_has_no_fields_and_matches_nothing() -> None:
    lookup = Lookup.from_rows("none", [], {"match_type": "WILDCARD(a)"})
    row: Row = {"a": "1", "b": "old"}
    lookup.enrich(row, [("a", "a")], [("b", "b")], overwrite=True)
    assert (lookup.fields, lookup.match({"a": "1"}), row) == ((), [], {"a": "1"})


def test_numbers_match_as_text() -> None:
    lookup = Lookup.from_rows("codes", [{"code": 855, "text": "a"}, {"code": "1.5", "text": "b"}])
    assert [row["text"] for value in (855, 855.0, 1.5, "855") for row in lookup.match({"code": value})] == list("aaba")


NETWORKS = [
    ("10.0.0.7", ["all", "small"]),
    ("10.200.0.1", ["all"]),
    ("11.0.0.1", []),
    ("2001:db8::1", ["six"]),
    ("192.0.2.5", ["one"]),
    ("no address", []),
    (["no address", "192.0.2.5"], ["one"]),
]


@pytest.mark.parametrize(("address", "expected"), NETWORKS)
def test_a_cidr_field_matches_addresses_in_the_network(address: Value, expected: list[str]) -> None:
    rows = [
        {"net": "10.0.0.0/8", "name": "all"},
        {"net": "10.0.0.0/24", "name": "small"},
        {"net": "2001:db8::/32", "name": "six"},
        {"net": "192.0.2.5", "name": "one"},
        {"net": "", "name": "empty"},
    ]
    lookup = Lookup.from_rows("nets", rows, {"match_type": "CIDR(net)"})
    assert [row["name"] for row in lookup.match({"net": address})] == expected


def test_a_cell_that_is_no_network_is_refused() -> None:
    with pytest.raises(InvalidLookup, match=r"^lookup nets: row 2 has net = '10\.0\.0\.0/99': no network"):
        Lookup.from_rows("nets", [{"net": "10.0.0.0/8"}, {"net": "10.0.0.0/99"}], {"match_type": "CIDR(net)"})


# the row before, keys, outputs, OUTPUT or OUTPUTNEW, the row after
ENRICHED: list[tuple[Row, bool, Row]] = [
    ({"who": "Ann"}, True, {"who": "Ann", "role": "admin"}),
    ({"who": "Ann", "role": "old"}, True, {"who": "Ann", "role": "admin"}),
    ({"who": "Ann", "role": "old"}, False, {"who": "Ann", "role": "old"}),
    ({"who": ["Ann", "Bob"]}, True, {"who": ["Ann", "Bob"], "role": ["admin", "guest"]}),
    # looked up, nothing found: OUTPUT clears, OUTPUTNEW does not
    ({"who": "x", "role": "old"}, True, {"who": "x"}),
    ({"who": "x", "role": "old"}, False, {"who": "x", "role": "old"}),
    # without the key the row is not looked up
    ({"role": "old"}, True, {"role": "old"}),
]


@pytest.mark.parametrize(("row", "overwrite", "expected"), ENRICHED)
def test_a_row_is_enriched(row: Row, overwrite: bool, expected: Row) -> None:
    people().enrich(row, [("name", "who")], [("role", "role")], overwrite=overwrite)
    assert row == expected


def test_an_empty_cell_puts_out_nothing() -> None:
    lookup = Lookup.from_rows("t", [{"k": "a", "v": ""}, {"k": "a", "v": "1"}, {"k": "b", "v": ""}])
    one: Row = {"k": "a"}
    other: Row = {"k": "b", "v": "old"}
    for row in (one, other):
        lookup.enrich(row, [("k", "k")], [("v", "v")], overwrite=True)
    assert (one, other) == ({"k": "a", "v": "1"}, {"k": "b"})


def test_a_field_that_the_lookup_does_not_have_is_refused() -> None:
    with pytest.raises(InvalidLookup, match=r"^lookup people has no field 'nam'; it has name, host, role$"):
        people().match({"nam": "Ann"})
    with pytest.raises(InvalidLookup, match=r"^lookup people has no field 'hosts'"):
        people(match_type="WILDCARD(hosts)")


INVALID_DEFINITIONS = [
    # a match type that Splunk does not have
    ("match_type = REGEX(a)", "has match_type 'REGEX(a)': write WILDCARD(field) or CIDR(field)"),
    # more matches than Splunk allows
    ("max_matches = 1001", "has max_matches = '1001': write a whole number from 1 to 1000"),
    # more matches asked for than allowed
    ("max_matches = 2\nmin_matches = 3", "has min_matches = '3': write a whole number from 0 to 2"),
    # no truth value
    ("case_sensitive_match = no way", "has case_sensitive_match = 'no way': write true or false"),
    # a time format that reads no time, offsets without a time, or out of bounds
    ("time_field = t\ntime_format = %d", "has time_format = '%d': "),
    ("max_offset_secs = 1", "has max_offset_secs without time_field"),
    ("time_field = t\nmin_offset_secs = -1", "has min_offset_secs = '-1': write a whole number from 0 to 2000000000"),
    # a filter that is no search
    ("filter = (a=1", "has a filter that is not understood: expected"),
    # a script, which is not run
    ("external_type = python", "has external_type = python; only kvstore is supported"),
    # misspelt
    ("case_sensitive = false", 'has setting "case_sensitive", which is not supported'),
]


@pytest.mark.parametrize(("settings", "message"), INVALID_DEFINITIONS)
def test_a_definition_that_is_not_supported_is_refused_with_its_place(
    tmp_path: Path, settings: str, message: str
) -> None:
    app = app_with(tmp_path / "app", f"[t]\nfilename = t.csv\n{settings}\n")
    with pytest.raises(InvalidConf) as refused:
        Lookups([app])
    line = 2 + len(settings.splitlines())
    assert str(refused.value).startswith(f"default/transforms.conf:{line}: stanza [t] {message}")


TIMES = [{"host": "h", "at": at, "role": role} for at, role in (("100", "b"), ("200", "c"), ("50.5", "a"), ("x", "?"))]

# definition, the time of the event, roles of the matching rows
TIMED: list[tuple[dict[str, str | int | bool], float | None, list[str]]] = [
    # the latest row that is not later than the event, and only that one
    ({}, 250.0, ["c"]),
    ({}, 200.0, ["c"]),
    ({}, 199.9, ["b"]),
    ({}, 50.4, []),
    ({"max_matches": 2}, 250.0, ["c", "b"]),
    ({"max_matches": 9}, 250.0, ["c", "b", "a"]),
    # no earlier and no later than the offsets say
    ({"max_matches": 9, "max_offset_secs": 150}, 250.0, ["c", "b"]),
    ({"max_matches": 9, "min_offset_secs": 51}, 250.0, ["b", "a"]),
    ({"max_offset_secs": 2_000_000_000}, 250.0, ["c"]),
    # an event without a time matches nothing
    ({}, None, []),
    ({"time_format": "%s"}, 150.0, ["b"]),
]


@pytest.mark.parametrize(("definition", "time", "expected"), TIMED)
def test_a_lookup_bounded_by_time_matches_by_the_time_of_the_event(
    definition: dict[str, str | int | bool], time: float | None, expected: list[str]
) -> None:
    lookup = Lookup.from_rows("t", TIMES, {"time_field": "at", **definition})
    assert [row["role"] for row in lookup.match({"host": "h"}, time)] == expected
    row: Row = {"host": "h"} if time is None else {"host": "h", "_time": time}
    lookup.enrich(row, [("host", "host")], [("role", "role")], overwrite=True)
    assert texts(row.get("role")) == expected


def test_the_time_of_a_row_is_read_as_its_format_says() -> None:
    rows = [{"host": "h", "at": "1970-01-01 00:01:40", "role": "b"}, {"host": "h", "at": "100", "role": "?"}]
    lookup = Lookup.from_rows("t", rows, {"time_field": "at", "time_format": "%Y-%m-%d %H:%M:%S"})
    assert [row["role"] for row in lookup.match({"host": "h"}, 100)] == ["b"]


def test_a_filter_leaves_only_some_rows() -> None:
    lookup = people(filter='host=srv* OR role="guest"')
    assert [row["role"] for row in lookup.rows()] == ["admin", "user", "guest"]
    assert roles(lookup, name="Eve") == []
    assert roles(lookup, name="Bob") == ["guest"]


STATE = "[state]\nexternal_type = kvstore\ncollection = state\nfields_list = _key, name, count\n"
COLLECTIONS = "[state]\nfield.count = number\nenforceTypes = false\naccelerated_fields.a = {}\nreplicate = false\n"


def app_with_collection(folder: Path, transforms: str = STATE, collections: str = COLLECTIONS) -> App:
    app = app_with(folder, transforms)
    (folder / "default" / "collections.conf").write_text(collections, encoding="utf-8")
    return app


def test_a_collection_is_empty_at_first_and_shared_by_its_definitions(tmp_path: Path) -> None:
    other = STATE.replace("[state]", "[names]").replace(", count", "")
    lookups = Lookups([app_with_collection(tmp_path / "app", STATE + other)])
    state, names = lookups.get("state"), lookups.get("names")
    assert (state.fields, state.rows(), state.is_collection) == (("_key", "name", "count"), [], True)
    assert state.write([{"_key": "k", "name": ["a", "b"], "count": 2, "more": 1}, {"name": "c"}]) == [
        "lookup state has no field more; it is not written"
    ]
    assert state.rows() == [
        {"_key": "k", "name": ["a", "b"], "count": "2"},
        {"_key": "000000000000000000000001", "name": "c"},
    ]
    assert names.rows() == [{"_key": "k", "name": ["a", "b"]}, {"_key": "000000000000000000000001", "name": "c"}]
    assert names.match({"name": "b"}) == [{"_key": "k", "name": ["a", "b"]}]
    assert state.match({"_key": "k"})[0]["count"] == "2"


def test_a_record_with_the_key_of_another_replaces_it(tmp_path: Path) -> None:
    state = Lookups([app_with_collection(tmp_path / "app")]).get("state")
    state.write([{"_key": "1", "name": "a", "count": 1}, {"_key": "2", "name": "b"}])
    state.write([{"_key": "1", "name": "c"}, {"_key": "3"}], append=True)
    assert state.rows() == [{"_key": "1", "name": "c"}, {"_key": "2", "name": "b"}, {"_key": "3"}]
    state.write([{"_key": "1", "name": "d"}, {"_key": "4"}], append=True, updates=False)
    assert [row.get("name") for row in state.rows()] == ["c", "b", None, None]
    state.write([{"_key": "9"}])
    assert state.rows() == [{"_key": "9"}]


def test_the_scratch_folder_keeps_a_collection(tmp_path: Path) -> None:
    app = app_with_collection(tmp_path / "app")
    Lookups([app], scratch=tmp_path / "s").get("state").write([{"_key": "k", "name": ["a", "b"]}])
    assert Lookups([app], scratch=tmp_path / "s").get("state").rows() == [{"_key": "k", "name": ["a", "b"]}]
    assert Lookups([app]).get("state").rows() == []


@pytest.mark.parametrize(("name", "text"), [("a.json", '[{"name": "a", "count": 1}]'), ("a.csv", "name,count\na,1\n")])
def test_an_override_seeds_a_collection(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    lookups = Lookups([app_with_collection(tmp_path / "app")], overrides={"state": tmp_path / name})
    assert lookups.get("state").match({"name": "a"}) == [
        {"_key": "000000000000000000000001", "name": "a", "count": "1"}
    ]


def test_an_override_of_something_else_is_refused_but_not_for_the_stores_own_fields(tmp_path: Path) -> None:
    app = app_with_collection(tmp_path / "app")
    (tmp_path / "a.csv").write_text("_key,_user,name,place\n1,nobody,a,b\n", encoding="utf-8")
    with pytest.raises(InvalidLookup, match=r"a\.csv: lookup state has no field 'place'; it has _key, name, count"):
        Lookups([app], overrides={"state": tmp_path / "a.csv"}).get("state")
    (tmp_path / "a.csv").write_text("_key,_user,name\n1,nobody,a\n", encoding="utf-8")
    rows = Lookups([app], overrides={"state": tmp_path / "a.csv"}).get("state").rows()
    assert rows == [{"_key": "1", "name": "a"}]


INVALID_COLLECTIONS = [
    # a definition without its fields, and one of a collection that there is not
    (STATE.replace("fields_list = _key, name, count", ""), "", "transforms.conf:1: stanza [state] needs fields_list"),
    (STATE, "[x]\n", "transforms.conf:3: stanza [state] has collection = 'state', which no collections.conf has"),
    # a type and a setting that there are not
    (STATE, "[state]\nfield.a = text\n", "collections.conf:2: stanza [state] has field.a = text: write one of array"),
    (STATE, "[state]\nfields.a = x\n", 'collections.conf:2: stanza [state] has setting "fields.a", which is not'),
]


@pytest.mark.parametrize(("transforms", "collections", "message"), INVALID_COLLECTIONS)
def test_a_collection_that_is_wrongly_described_is_refused(
    tmp_path: Path, transforms: str, collections: str, message: str
) -> None:
    with pytest.raises(InvalidConf) as refused:
        Lookups([app_with_collection(tmp_path / "app", transforms, collections)]).get("state")
    assert str(refused.value).startswith(f"default/{message}")


def test_a_table_is_read_through_its_definition_or_by_its_file_name(tmp_path: Path) -> None:
    app = app_with(
        tmp_path / "app",
        "[by_name]\nfilename = t.csv\ncase_sensitive_match = false\n[extraction]\nREGEX = (?<a>.)\n",
        t_csv="k,v\nA,1\n\nB,\n",
        other_csv_default="x\n1\n",
    )
    lookups = Lookups([app])
    assert lookups.names() == ["by_name", "other.csv", "t.csv"]
    assert lookups.get("by_name").fields == ("k", "v")
    assert lookups.get("by_name").rows() == [{"k": "A", "v": "1"}, {"k": "B"}]
    assert lookups.get("by_name").match({"k": "a"}) == [{"k": "A", "v": "1"}]
    assert lookups.get("t.csv").match({"k": "a"}) == []
    assert lookups.get("other.csv").rows() == [{"x": "1"}]
    assert lookups.get("by_name") is lookups.get("by_name")


def test_the_sites_own_file_wins_over_the_default_one(tmp_path: Path) -> None:
    app = app_with(tmp_path / "app", "[t]\nfilename = t.csv\n", t_csv="k\nsite\n", t_csv_default="k\nshipped\n")
    assert Lookups([app]).get("t").rows() == [{"k": "site"}]


def test_a_later_app_wins(tmp_path: Path) -> None:
    first = app_with(tmp_path / "a", "[t]\nfilename = t.csv\nmax_matches = 1\n", t_csv="k\n1\n", u_csv="k\n1\n")
    second = app_with(tmp_path / "b", "[t]\nmax_matches = 2\n", t_csv="k\n2\n2\n2\n")
    lookups = Lookups([first, second])
    assert lookups.get("t").match({"k": "2"}) == [{"k": "2"}, {"k": "2"}]
    assert lookups.get("u.csv").rows() == [{"k": "1"}]


def test_an_unknown_lookup_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    lookups = Lookups([app_with(tmp_path / "app", "[t]\nfilename = t.csv\n", t_csv="k\n")])
    for name in ("x", "x.csv", "../t.csv", "/etc/t.csv", ""):
        with pytest.raises(UnknownLookup) as refused:
            lookups.get(name)
        assert str(refused.value) == f"there is no lookup {name!r}; known are t, t.csv"


def test_a_definition_without_its_file_is_refused(tmp_path: Path) -> None:
    lookups = Lookups([app_with(tmp_path / "app", "[t]\nfilename = t.csv\n[u]\nfilename = ../u.csv\n")])
    with pytest.raises(InvalidConf, match=r"^default/transforms\.conf:2: stanza \[t\] names t\.csv, which is in no"):
        lookups.get("t")
    with pytest.raises(InvalidConf, match=r"has filename = '\.\./u\.csv': write the bare name of a \.csv file"):
        lookups.get("u")


INVALID_TABLES = [
    # too few cells, after a cell with a line break
    (b'a,b\n"x\ny",1\n2\n', "lookups/t.csv:4: the row has 1 cells, the header has 2"),
    # too many cells
    (b"a,b\n1,2,3\n", "lookups/t.csv:2: the row has 3 cells, the header has 2"),
    # no header
    (b"", "lookups/t.csv:1: the header [] must name every column, and each once"),
    # a column twice
    (b"a,a\n1,2\n", "lookups/t.csv:1: the header ['a', 'a'] must name every column, and each once"),
    # a column without a name
    (b"a,\n1,2\n", "lookups/t.csv:1: the header ['a', ''] must name every column, and each once"),
    # a quote that is not closed
    (b'a,b\n1,"2\n', "lookups/t.csv:2: unexpected end of data"),
    # text after a closing quote
    (b'a,b\n"1"x,2\n', "lookups/t.csv:2: ',' expected after '\"'"),
    # Latin-1
    (b"a\n\xe4\n", "lookups/t.csv: 'utf-8' codec can't decode byte 0xe4"),
]


@pytest.mark.parametrize(("data", "message"), INVALID_TABLES)
def test_a_file_that_is_no_table_is_refused_with_its_place(tmp_path: Path, data: bytes, message: str) -> None:
    app = app_with(tmp_path / "app")
    (app.lookups_folder / "t.csv").write_bytes(data)
    with pytest.raises(InvalidLookup) as refused:
        Lookups([app]).get("t.csv")
    assert str(refused.value).startswith(message)


def test_a_table_from_excel_is_read(tmp_path: Path) -> None:
    app = app_with(tmp_path / "app")
    (app.lookups_folder / "t.csv").write_bytes('\ufeffk,v\r\nä,"1\r\n2"\r\n'.encode())
    assert Lookups([app]).get("t.csv").rows() == [{"k": "ä", "v": "1\r\n2"}]


def test_an_override_replaces_the_table_of_one_definition(tmp_path: Path) -> None:
    app = app_with(tmp_path / "app", "[t]\nfilename = t.csv\ncase_sensitive_match = 0\n", t_csv="k\nshipped\n")
    other = tmp_path / "mine"
    other.write_text("k\nMine\n", encoding="utf-8")
    lookups = Lookups([app], overrides={"t": other})
    assert lookups.get("t").match({"k": "mine"}) == [{"k": "Mine"}]
    assert lookups.get("t.csv").rows() == [{"k": "shipped"}]
    with pytest.raises(UnknownLookup, match="there is no lookup 'x'"):
        Lookups([app], overrides={"x": other})


def test_what_a_pattern_matches_changes_with_the_rows() -> None:
    lookup = Lookup.from_rows("l", [{"p": "a*", "n": "1"}], {"match_type": "WILDCARD(p)"})
    for _ in range(2):
        assert [row["n"] for row in lookup.match({"p": "abc"})] == ["1"]
    lookup.write([{"p": "*c", "n": "2"}], append=True)
    assert [row["n"] for row in lookup.match({"p": "abc"})] == ["1", "2"]
    lookup.write([])
    assert lookup.match({"p": "abc"}) == []


def test_of_values_without_number_few_are_remembered() -> None:
    lookup = Lookup.from_rows("l", [{"p": "1*", "n": "1"}, {"p": "*2", "n": "2"}], {"match_type": "WILDCARD(p)"})
    for number in (*range(2_000), *range(2_000)):
        expected = ["1"] * str(number).startswith("1") + ["2"] * str(number).endswith("2")
        assert [row["n"] for row in lookup.match({"p": str(number)})] == expected
    assert len(lookup._prepared[2]) <= 1_000


def test_writing_replaces_or_appends_and_all_definitions_of_the_file_see_it(tmp_path: Path) -> None:
    app = app_with(
        tmp_path / "app",
        "[t]\nfilename = t.csv\n[folded]\nfilename = t.csv\ncase_sensitive_match = 0\nmatch_type = WILDCARD(k)\n",
        t_csv="k,v\na,1\n",
    )
    lookups = Lookups([app])
    table, folded = lookups.get("t"), lookups.get("folded")
    assert folded.match({"k": "B1"}) == []
    table.write([{"k": "b*", "v": 2.0}, {"v": ["x", "y"]}], append=True)
    assert folded.rows() == [{"k": "a", "v": "1"}, {"k": "b*", "v": "2"}, {"v": "x\ny"}]
    assert folded.match({"k": "B1"}) == [{"k": "b*", "v": "2"}]
    folded.write([{"w": "1", "k": None}, {"k": "c"}])
    assert table.fields == ("w", "k")
    assert table.match({"k": "a"}) == []
    assert table.match({"k": "c"}) == [{"k": "c"}]
    folded.write([])
    assert (table.fields, table.rows()) == (("w", "k"), [])
    assert (app.lookups_folder / "t.csv").read_text(encoding="utf-8") == "k,v\na,1\n"


def test_a_field_that_the_lookup_does_not_have_is_not_appended_but_told() -> None:
    lookup = people()
    told = lookup.write([{"name": "New", "age": "1"}], append=True)
    assert told == ["lookup people has no field age; it is not written"]
    assert lookup.rows()[-1] == {"name": "New"}


def test_the_scratch_folder_holds_what_was_written_and_is_read_from_then_on(tmp_path: Path) -> None:
    app = app_with(tmp_path / "app", "[t]\nfilename = t.csv\n", t_csv="k,v\na,1\n")
    scratch = tmp_path / "scratch"
    Lookups([app], scratch=scratch).get("t").write([{"k": 'x "y"\n', "v": "1,2"}, {"k": "z"}])
    assert (scratch / "t.csv").read_text(encoding="utf-8") == 'k,v\n"x ""y""\n","1,2"\nz,\n'
    assert Lookups([app], scratch=scratch).get("t").rows() == [{"k": 'x "y"\n', "v": "1,2"}, {"k": "z"}]
    assert Lookups([app]).get("t").rows() == [{"k": "a", "v": "1"}]


def test_a_file_that_is_not_there_can_be_created(tmp_path: Path) -> None:
    app = app_with(tmp_path / "app", "[t]\nfilename = new.csv\n")
    lookups = Lookups([app])
    lookups.get("new.csv", create=True).write([{"a": "1"}])
    assert lookups.get("t").rows() == [{"a": "1"}]
    assert lookups.get("new.csv").rows() == [{"a": "1"}]
    with pytest.raises(UnknownLookup):
        lookups.get("new", create=True)


def test_a_lookup_in_memory_is_known_by_its_name() -> None:
    lookups = Lookups()
    lookups.add(people())
    assert lookups.names() == ["people"]
    assert roles(lookups.get("people"), name="Bob") == ["guest"]


def test_rows_that_come_out_are_copies() -> None:
    lookup = people()
    lookup.rows()[0]["role"] = "changed"
    lookup.match({"name": "Ann"})[0]["role"] = "changed"
    assert roles(lookup, name="Ann") == ["admin"]


def test_each_of_many_rows_is_found_by_its_own_key() -> None:
    rows = [{"k": f"key{number}", "group": "g", "p": "*x*"} for number in range(20_000)]
    lookup = Lookup.from_rows("big", rows, {"match_type": "WILDCARD(p)"})
    found = [lookup.match({"group": "g", "k": f"key{number}", "p": "axb"}) for number in range(0, 20_000, 2)]
    assert [row["k"] for rows in found for row in rows] == [f"key{number}" for number in range(0, 20_000, 2)]


def test_a_lookup_with_other_rows_has_the_same_definition_and_the_first_stays_as_it_is() -> None:
    lookup = Lookup.from_rows("l", [{"k": "a*", "v": "1"}, {"k": "b", "v": "2"}], {"match_type": "WILDCARD(k)"})
    assert lookup.with_rows(lookup.rows()[:1]).match({"k": "abc"}) == [{"k": "a*", "v": "1"}]
    assert lookup.with_rows([]).match({"k": "abc"}) == []
    assert len(lookup.rows()) == 2


def test_enriching_tells_of_matches_that_max_matches_leaves_out() -> None:
    told: list[str] = []
    lookup = Lookup.from_rows(
        "l", [{"k": "a", "v": "1"}, {"k": "a", "v": "2"}, {"k": "b", "v": "3"}], {"max_matches": 1}
    )
    lookup.enrich({"k": "a"}, [("k", "k")], [("v", "v")], overwrite=True, warn=told.append)
    assert told == []
    lookup = Lookup.from_rows("l", lookup.rows() * 2, {"max_matches": 3})
    lookup.enrich({"k": "b"}, [("k", "k")], [("v", "v")], overwrite=True, warn=told.append)
    assert told == []
    lookup.enrich({"k": "a"}, [("k", "k")], [("v", "v")], overwrite=True, warn=told.append)
    assert told == ["lookup l: more rows match than its max_matches, 3, lets through; the others are lost"]
