from pathlib import Path

import pytest

from searchhead.conf import Setting, Stanza
from searchhead.spl.values import Value
from searchhead.tables import Collection, InvalidLookup, Table, collection_of, read_csv, read_records


def test_a_column_knows_the_rows_of_each_value() -> None:
    table = Table(("a",), [{"a": "X"}, {"a": ["x", "y", "x"]}, {}], "t")
    assert table.column("a", fold=False) == {"X": [0], "x": [1], "y": [1]}
    assert table.column("a", fold=True) == {"x": [0, 1], "y": [1]}


def test_writing_forgets_the_columns() -> None:
    table = Table(("a",), [{"a": "1"}], "t")
    assert table.column("a", fold=False) == {"1": [0]}
    assert table.write([{"a": "2"}], append=True) == []
    assert table.column("a", fold=False) == {"1": [0], "2": [1]}


def test_a_multivalue_is_one_cell_of_lines_in_a_file_and_a_list_in_a_collection(tmp_path: Path) -> None:
    rows: list[dict[str, Value | None]] = [{"a": ["x", "y"], "b": "", "c": None}]
    table = Table((), [], "t", tmp_path / "t.csv")
    table.write(rows, append=False)
    assert read_csv(tmp_path / "t.csv").rows == [{"a": "x\ny"}]
    collection = Collection([], "c", tmp_path / "c.json")
    collection.write(rows, append=False)
    assert read_records(tmp_path / "c.json") == [{"_key": "000000000000000000000001", "a": ["x", "y"]}]


def test_new_keys_are_not_those_that_are_there() -> None:
    collection = Collection([{"_key": "000000000000000000000001"}, {"a": "x"}], "c")
    collection.write([{"a": "y"}], append=True)
    assert [str(row["_key"])[-1] for row in collection.rows] == ["1", "2", "3"]


# type, values that are of it, values that are not
TYPES: list[tuple[str, list[Value], list[Value]]] = [
    ("number", [1, "1.5", "-2"], ["x", ["1", "2"], "0x1"]),
    ("time", [1.5, "1700000000"], ["today"]),
    ("bool", ["true", "False", 1, "0"], ["yes", 2, ["true", "true"]]),
    ("cidr", ["10.0.0.0/8", "10.0.0.1"], ["10.0.0", ["10.0.0.1", "x"]]),
    ("string", ["", "x", 1], []),
    ("array", [["a", "b"], "a"], []),
]


@pytest.mark.parametrize(("kind", "right", "wrong"), TYPES)
def test_values_of_another_type_are_left_out_or_their_record(kind: str, right: list[Value], wrong: list[Value]) -> None:
    lenient = Collection([], "c", types={"v": kind})
    strict = Collection([], "c", types={"v": kind}, enforced=True)
    for value in right:
        assert lenient.write([{"v": value, "w": "1"}], append=False) == []
        assert strict.write([{"v": value, "w": "1"}], append=False) == []
    for value in wrong:
        assert lenient.write([{"v": value, "w": "1"}], append=False) == [
            f"c: v = {value!r} is no {kind}; it is not written"
        ]
        assert [row.get("v") for row in lenient.rows] == [None]
        assert strict.write([{"v": value, "w": "1"}], append=False) == [
            f"c: v = {value!r} is no {kind}; the record is not written"
        ]
        assert strict.rows == []


def test_a_stanza_describes_a_collection(tmp_path: Path) -> None:
    settings = {"field.n": "number", "enforceTypes": "true", "accelerated_fields.n": "{}", "replicate": "0"}
    stanza = Stanza("c", tmp_path, 1, {name: Setting(value, tmp_path, 2) for name, value in settings.items()})
    assert collection_of(stanza, [{"n": "1"}], "c", None).rows == [{"_key": "000000000000000000000001", "n": "1"}]
    with pytest.raises(InvalidLookup, match=r"^c: n = 'x' is no number; the record is not written$"):
        collection_of(stanza, [{"n": "x"}], "c", None)


# the file, and what its records are
RECORDS: list[tuple[str, list[dict[str, Value | None]]]] = [
    ('[{"a": "x", "b": 1.5, "c": null, "d": true}]', [{"a": "x", "b": 1.5, "c": None, "d": "true"}]),
    ('[{"a": ["x", 1, {"y": 2}], "b": {"c": "d"}}]', [{"a": ["x", "1", '{"y": 2}'], "b": '{"c": "d"}'}]),
    ("[]", []),
]


@pytest.mark.parametrize(("text", "records"), RECORDS)
def test_records_are_read_from_json(tmp_path: Path, text: str, records: list[dict[str, Value | None]]) -> None:
    (tmp_path / "r.json").write_text(text, encoding="utf-8")
    assert read_records(tmp_path / "r.json") == records


INVALID_RECORDS = [
    # not JSON, not an array, not objects, too deep, Latin-1
    (b"{", "r.json: Expecting"),
    (b"{}", "r.json: must be an array of objects"),
    (b"[1]", "r.json: must be an array of objects"),
    (b"[" * 200_000, "r.json: "),
    (b"\xe4", "r.json: 'utf-8' codec can't decode byte 0xe4"),
]


@pytest.mark.parametrize(("data", "message"), INVALID_RECORDS)
def test_a_file_without_records_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "r.json").write_bytes(data)
    with pytest.raises(InvalidLookup) as refused:
        read_records(tmp_path / "r.json")
    assert message in str(refused.value)
