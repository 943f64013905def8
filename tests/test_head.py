from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from searchhead.conf import App
from searchhead.head import SearchHead, TimeRange
from searchhead.savedsearches import SavedSearch
from searchhead.spl.errors import UnsupportedSpl
from searchhead.spl.values import Row

PROPS = "[source::one]\nEXTRACT-number = n=(?<number>\\d+)\nEVAL-double = number * 2\n"


def app(path: Path) -> App:
    (path / "default").mkdir()
    (path / "default" / "props.conf").write_text(PROPS)
    (path / "default" / "macros.conf").write_text("[ones]\ndefinition = source=one\n")
    return App(path)


def saved(search: str) -> SavedSearch:
    return SavedSearch(
        "A Search", search, "A Search", "a_search", (), "default/savedsearches.conf:7: stanza [A Search]"
    )


def events(count: int, read: list[int] | None = None) -> Iterator[Row]:
    for number in range(count):
        if read is not None:
            read.append(number)
        source = "one" if number % 2 else "two"
        yield {"_time": float(number), "_raw": f"n={number}", "host": "h", "source": source, "index": "main"}


def run(head: SearchHead, *searches: str, count: int = 10) -> list[list[Row]]:
    return head.run([head.compile(saved(search)) for search in searches], events(count))


def test_an_event_goes_from_macro_to_extraction_to_calculated_field_to_result(tmp_path: Path) -> None:
    [rows] = run(SearchHead(app(tmp_path), now=0), "`ones` double>10 | fields number, double | fields - _*")
    assert rows == [{"number": "7", "double": 14}, {"number": "9", "double": 18}]


def test_several_searches_share_one_pass_and_no_row(tmp_path: Path) -> None:
    head = SearchHead(app(tmp_path), now=0)
    read: list[int] = []
    searches = [
        "`ones` | eval number=0 | stats sum(number) as n",
        "`ones` | stats sum(number) as n",
        "two | stats count",
    ]
    results = head.run([head.compile(saved(search)) for search in searches], events(12_000, read))
    assert read == list(range(12_000))
    assert results == [[{"n": 0}], [{"n": sum(range(1, 12_000, 2))}], [{"count": 0}]]


def test_only_events_of_the_time_range_are_searched(tmp_path: Path) -> None:
    head = SearchHead(app(tmp_path), now=0, time_range=TimeRange(2, 5))
    search = "index=main | stats values(_time) as t | addinfo | fields t, info_min_time, info_max_time"
    assert run(head, search) == [[{"t": ["2", "3", "4"], "info_min_time": 2, "info_max_time": 5}]]


def test_a_search_that_does_not_compile_names_its_place(tmp_path: Path) -> None:
    head = SearchHead(app(tmp_path), now=0)
    with pytest.raises(UnsupportedSpl) as caught:
        head.compile(saved("index=main | nosuchcommand x"))
    lines = str(caught.value).splitlines()
    assert lines[0].startswith('default/savedsearches.conf:7: stanza [A Search]: unknown command "nosuchcommand"')
    assert lines[1:] == ["    index=main | nosuchcommand x", "                 ^^^^^^^^^^^^^"]
