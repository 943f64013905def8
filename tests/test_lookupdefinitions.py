from pathlib import Path

import pytest

from searchhead.conf import Setting, Stanza
from searchhead.lookupdefinitions import PLAIN, definition_of, is_kvstore, is_lookup
from searchhead.tables import Cells


def stanza(**settings: str) -> Stanza:
    path = Path("default/transforms.conf")
    return Stanza("l", path, 1, {name: Setting(value, path, 2) for name, value in settings.items()})


# settings of a stanza, and whether it is a lookup, and one over a collection
KINDS = [
    ({"filename": "a.csv"}, True, False),
    ({"external_type": "kvstore", "collection": "a"}, True, True),
    ({"external_cmd": "a.py"}, True, False),
    ({"REGEX": "a"}, False, False),
]


@pytest.mark.parametrize(("settings", "lookup", "kvstore"), KINDS)
def test_a_lookup_is_told_by_its_settings(settings: dict[str, str], lookup: bool, kvstore: bool) -> None:
    assert (is_lookup(stanza(**settings)), is_kvstore(stanza(**settings))) == (lookup, kvstore)


def test_without_settings_a_lookup_is_matched_as_a_file_that_is_named_directly() -> None:
    assert definition_of(stanza(filename="a.csv")) == PLAIN


def test_settings_that_change_no_result_are_taken() -> None:
    settings = {"allow_caching": "0", "batch_index_query": "1", "index_fields_list": "a", "replicate": "true"}
    assert definition_of(stanza(filename="a.csv", **settings)) == PLAIN


def test_the_fields_of_a_collection_are_listed_with_commas_or_blanks() -> None:
    assert definition_of(stanza(collection="c", fields_list="_key, a b,c")).fields == ("_key", "a", "b", "c")


def test_a_lookup_bounded_by_time_takes_one_match_and_any_age() -> None:
    definition = definition_of(stanza(filename="a.csv", time_field="t"))
    assert (definition.max_matches, definition.min_offset, definition.max_offset) == (1, 0, 2_000_000_000)


# the format, the cell, its time
TIMES: list[tuple[str, str, float | None]] = [
    ("", "100", 100.0),
    ("", "100.5", 100.5),
    ("", "today", None),
    ("%Y-%m-%d", "1970-01-02", 86_400.0),
    ("%Y-%m-%d", "100", None),
]


@pytest.mark.parametrize(("time_format", "cell", "time"), TIMES)
def test_the_time_of_a_row_is_read(time_format: str, cell: str, time: float | None) -> None:
    settings = {"time_format": time_format} if time_format else {}
    time_of = definition_of(stanza(filename="a.csv", time_field="t", **settings)).time_of
    row: Cells = {"t": cell}
    assert time_of is not None
    assert (time_of(row), time_of({})) == (time, None)


def test_a_filter_is_a_search() -> None:
    accepts = definition_of(stanza(filename="a.csv", filter="a=x* OR b>1")).accepts
    assert accepts is not None
    assert [accepts({"a": "xy"}), accepts({"b": "2"}), accepts({"b": "1"})] == [True, True, False]
