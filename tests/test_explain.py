"""What ``--explain`` tells: what passed each command, and the reason for no findings, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from searchhead.conf import App
from searchhead.explain import explain, reason
from searchhead.head import Outcome, SearchHead, TimeRange
from searchhead.savedsearches import SavedSearch
from searchhead.spl.errors import Place
from searchhead.spl.values import Row

MACROS = r"""
[allowed]
definition = lookup allow name OUTPUT expires \
| where isnull(mvfilter(expires="never"))

[mine_filter]
definition = search NOT name=*

[needed]
definition = where size>1 AND color="red"
"""
TRANSFORMS = "[allow]\nfilename = allow.csv\nmatch_type = WILDCARD(name)\n"
ALWAYS = TimeRange()
ALLOW = "name,expires,owner\nx*,never,soc\nab*,2020-01-01,soc\nab*,never,ir\n"


@pytest.fixture
def app(tmp_path: Path) -> App:
    for folder in ("default", "lookups"):
        (tmp_path / folder).mkdir()
    (tmp_path / "default" / "macros.conf").write_text(MACROS)
    (tmp_path / "default" / "transforms.conf").write_text(TRANSFORMS)
    (tmp_path / "default" / "props.conf").write_text("[source::one]\nEXTRACT-name = name=(?<name>\\w+)\n")
    (tmp_path / "lookups" / "allow.csv").write_text(ALLOW)
    return App(tmp_path)


def outcome(app: App, spl: str, events: Sequence[tuple[str, str]], time_range: TimeRange = ALWAYS) -> Outcome:
    head = SearchHead(app, now=0, time_range=time_range)
    search = head.compile(SavedSearch("S", spl, "S", "s", (), Place("default/savedsearches.conf", 1, "S")))
    rows: list[Row] = [
        {"_time": float(time), "_raw": raw, "source": source, "host": "h"} for time, (source, raw) in enumerate(events)
    ]
    [found] = head.outcomes([search], rows, traced=True)
    return found


def reasons(app: App, spl: str, events: Sequence[tuple[str, str]], time_range: TimeRange = ALWAYS) -> list[str]:
    sources = Counter(source for source, _ in events)
    return list(reason(outcome(app, spl, events, time_range), sources))


ONES = [("one", "name=abc"), ("one", "name=abd")]


def test_each_command_shows_how_many_rows_left_it_and_its_macro(app: App) -> None:
    events = [*ONES, ("one", "other"), ("two", "name=abc")]
    told = list(
        explain(
            "Title", outcome(app, 'source=one name | fields name | where name="abc"', events), Counter(one=3, two=1)
        )
    )
    assert told == [
        "Title: 1 row",
        "          4 events read",
        "          3 of a source that the search may want",
        "          3 of them hold a text that it needs",
        "          3 of them lie in the time range",
        "          2 left: source=one name",
        "          2 left: fields name",
        '          1 left: where name="abc"',
    ]


def test_what_follows_the_last_row_is_one_line_and_then_the_reason(app: App) -> None:
    told = list(explain("T", outcome(app, "source=one | `mine_filter` | fields name | head 1", ONES), Counter(one=2)))
    assert told[5:] == [
        "          2 left: source=one",
        "                  `mine_filter`",
        "          0 left:   search NOT name=*",
        "                  and nothing came to the 2 commands after it",
        (
            "  why: of the 2 rows that came so far none passed search NOT name=* in the macro `mine_filter` "
            "(default/macros.conf:7: stanza [mine_filter])"
        ),
    ]


def test_no_event_of_the_source(app: App) -> None:
    assert reasons(app, "source=three name", [*ONES, ("two", "b")]) == [
        "no event is of a source that this search wants; read were: one (2), two (1)"
    ]
    assert reasons(app, "source=three name", []) == ["no event is of a source that this search wants; read were: none"]


def test_no_event_with_the_text(app: App) -> None:
    # The reader has dropped what lacks the text, so that the search has not seen any.
    head = SearchHead(app, now=0)
    search = head.compile(SavedSearch("S", "source=one 855", "S", "s", (), Place("f", 1, "S")))
    [found] = head.outcomes([search], [], traced=True)
    assert list(reason(found, Counter(one=5))) == ["none of the 5 events of the source one holds the text 855"]


def test_no_event_in_the_time_range(app: App) -> None:
    assert reasons(app, "source=one name", ONES, TimeRange(earliest=10)) == [
        "of the 2 events that could be wanted none lies in the time range"
    ]


def test_no_event_with_the_field(app: App) -> None:
    assert reasons(app, "source=one color=red size>1 name=a*", ONES) == [
        "none of the 2 events has the fields color, size"
    ]


def test_no_event_with_all_of_it(app: App) -> None:
    assert reasons(app, "source=one name=zzz", ONES) == ["none of the 2 events has all that the first command asks for"]


def test_the_first_command_that_needs_a_field_nobody_had(app: App) -> None:
    assert reasons(app, "source=one | eval size=2 | `needed` | where shape=1", ONES) == [
        (
            'of the 2 rows that came so far none passed where size>1 AND color="red" in the macro `needed` '
            "(default/macros.conf:10: stanza [needed])"
        ),
        "none of them has the field color",
    ]


def test_the_rows_of_the_lookup_that_filtered_are_named_and_others_that_match_are_not(app: App) -> None:
    assert reasons(app, "source=one | `allowed`", ONES) == [
        (
            'of the 2 rows that came so far none passed where isnull(mvfilter(expires="never")) in the macro `allowed` '
            "(default/macros.conf:3: stanza [allowed])"
        ),
        "row 3 of the lookup allow filtered 2 of 2 rows: name=ab*, expires=never, owner=ir",
    ]


def test_what_reads_other_lookups_on_the_way_is_not_taken_for_the_reason(app: App) -> None:
    drop = '| where isnull(mvfilter(expires="never"))'
    count = "| appendpipe [lookup allow name OUTPUT owner | lookup seen.csv owner OUTPUT times | where false()]"
    (app.path / "default" / "macros.conf").write_text(MACROS.replace(drop, f"{count} {drop}"))
    (app.path / "lookups" / "seen.csv").write_text("owner,times\nir,1\n")
    assert reasons(App(app.path), "source=one | `allowed`", ONES)[1:] == [
        "row 3 of the lookup allow filtered 2 of 2 rows: name=ab*, expires=never, owner=ir",
    ]


def test_nothing_is_explained_where_there_are_rows(app: App) -> None:
    assert reasons(app, "source=one", ONES) == []


def test_a_search_that_makes_its_rows_is_explained_from_its_commands(app: App) -> None:
    told = list(explain("T", outcome(app, "| makeresults | eval a=1 | where a=2", []), Counter()))
    assert told == [
        "T: 0 rows",
        "          1 left: makeresults",
        "          1 left: eval a=1",
        "          0 left: where a=2",
        "  why: of the 1 row that came so far none passed where a=2",
    ]
