"""Searches that begin with the same commands run these once, and each gives what it gives alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from searchhead.cases import begins_with_command, read_cases
from searchhead.datamodels import DataModels, Dataset
from searchhead.lookups import Lookup, Lookups
from searchhead.spl.errors import SplError
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Environment, Operator
from searchhead.spl.pipeline import Plans, Search, compile_search, run
from searchhead.spl.sharing import Branch, grow
from searchhead.spl.terms import compile_terms
from searchhead.spl.values import Row

CASES = [case for path in sorted((Path(__file__).parent / "language").glob("*.jsonl")) for case in read_cases(path)]


class Counting(Operator):
    """Lets rows pass and counts them."""

    def __init__(self, name: str, counts: Counter[str]) -> None:
        self._name = name
        self._counts = counts

    def process(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            self._counts[self._name] += 1
            yield row

    def close(self) -> None:
        self._counts["closed"] += 1


class Counted:
    """A custom command ``count <name>``, and how often it was started, got a row and was closed."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def __contains__(self, name: object) -> bool:
        return name == "count"

    def start(self, _name: str, arguments: list[str]) -> Operator:
        self.counts["started"] += 1
        return Counting(" ".join(arguments), self.counts)


class Hunt:
    """Searches of one environment, in which there is a lookup ``state`` without rows."""

    def __init__(self, datamodels: DataModels | None = None) -> None:
        self.custom = Counted()
        self.warnings: list[str] = []
        self.state = Lookup.from_rows("state", [], {"external_type": "kvstore", "fields_list": "_key, n, seen"})
        lookups = Lookups()
        lookups.add(self.state)
        self._environment = Environment(
            lookups=lookups, commands=self.custom, warn=self.warnings.append, datamodels=datamodels
        )
        self._plans: Plans = {}

    def searches(self, *spls: str) -> list[Search]:
        return [compile_search(spl, self._environment, None, self._plans) for spl in spls]

    def run(self, *spls: str, portions: Sequence[Sequence[Row]] = (), last: Sequence[Row] = ()) -> list[list[Row]]:
        """What each search gives for the portions, and for the last one that waits for their end."""
        with ExitStack() as stack:
            ends = grow(self.searches(*spls), stack)
            feed([end.trunk for end in ends if not end.search.generating], portions, last)
            return [list(end.results()) for end in ends]


def feed(trunks: Iterable[Branch], portions: Sequence[Sequence[Row]], last: Sequence[Row] = ()) -> None:
    for trunk in dict.fromkeys(trunks):
        for portion in portions:
            trunk.feed(map(dict, portion))
        trunk.feed_last(map(dict, last))


def rows(*numbers: int) -> list[Row]:
    return [{"n": str(number)} for number in numbers]


def shape(*spls: str) -> list[list[tuple[str, ...]]]:
    """For each search the commands of its branches, from the trunk on."""
    with ExitStack() as stack:
        found = []
        for end in grow(Hunt().searches(*spls), stack):
            way: list[tuple[str, ...]] = []
            branch: Branch | None = end
            while branch is not None:
                way.insert(0, branch.search.commands)
                branch = branch.below
            found.append(way)
        return found


def trunks(*spls: str) -> int:
    """How many runs take events for these searches."""
    with ExitStack() as stack:
        return len({end.trunk for end in grow(Hunt().searches(*spls), stack)})


def test_what_searches_have_in_common_runs_once() -> None:
    hunt = Hunt()
    found = hunt.run(
        "n=* | count once | stats count by n | where n>1",
        "n=* | count once | stats count by n | eval n=n*2",
        portions=[rows(1, 2), rows(2)],
        last=rows(3),
    )
    assert found == [
        [{"n": "2", "count": 2}, {"n": "3", "count": 1}],
        [{"n": 2, "count": 1}, {"n": 4, "count": 2}, {"n": 6, "count": 1}],
    ]
    assert hunt.custom.counts == {"started": 1, "once": 4, "closed": 1}


def test_searches_go_on_together_as_far_as_they_are_the_same() -> None:
    assert shape(
        "n=* | stats count by n | eval a=1 | where n=1",
        "n=* | stats count by n | eval a=1 | where n=2",
        "n=* | stats count by n | eval a=2 | where n=1",
        "n=1 | stats count by n | eval a=1 | where n=1",
    ) == [
        [("n=*", "stats count by n"), ("eval a=1",), ("where n=1",)],
        [("n=*", "stats count by n"), ("eval a=1",), ("where n=2",)],
        [("n=*", "stats count by n"), ("eval a=2", "where n=1")],
        [("n=1", "stats count by n", "eval a=1", "where n=1")],
    ]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("n=* | table n", "n=* | table n", 1),  # the same search twice
        ("n=* | eval a=1", "n=* | eval a=1 | eval a=2", 1),  # one is how the other begins
        ("n=* | table n", "n=1 | table n", 2),  # another beginning
        ("n=*", "n=*", 2),  # nothing but the last command, which each has for itself
        ("n=* | search n=1 | table n", "search n=* | search n=1 | table n", 2),  # the same in other words
        ("| makeresults | eval a=1", "| makeresults | eval a=1", 2),  # they take no events
    ],
)
def test_only_what_takes_events_in_the_same_words_has_one_trunk(one: str, other: str, expected: int) -> None:
    assert trunks(one, other) == expected
    hunt = Hunt()
    assert hunt.run(one, other, portions=[rows(1, 2)]) == [
        hunt.run(spl, portions=[rows(1, 2)])[0] for spl in (one, other)
    ]


MULTIVALUE: Row = {"n": "1", "m": ["b", "a", "b"], "o": ["x", "y"]}
CHANGES = [
    'eval n="changed", m=mvappend(m, "c")',
    "eval m=mvsort(m), o=mvmap(o, o.m)",
    "mvexpand m | eval m=n",
    'nomv m | makemv delim="b" m',
    "mvcombine n",
    "rename m as n | fields - o",
    "foreach * [eval <<FIELD>>=mvdedup('<<FIELD>>')]",
    'rex field=m mode=sed "s/b/z/g"',
    "fillnull value=0 q | filldown | streamstats list(m) as m | addtotals",
    "eventstats list(m) as m, values(o) as o",
]


CHANGE_ALL = "foreach * [eval <<FIELD>>=mvappend('<<FIELD>>', \"x\")]"


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("common", ["n=*", "n=* | sort n"])  # rows that flow, and rows that come at the end
def test_what_one_search_does_to_its_rows_no_other_sees(common: str, change: str) -> None:
    kept = f"{common} | head 5"
    found = Hunt().run(f"{common} | {change}", kept, f"{common} | {change}", portions=[[MULTIVALUE]], last=[MULTIVALUE])
    assert found[1] == [MULTIVALUE, MULTIVALUE]
    assert found[0] == found[2] == Hunt().run(f"{common} | {change}", portions=[[MULTIVALUE]], last=[MULTIVALUE])[0]


def test_a_search_that_wants_no_more_rows_leaves_them_to_the_others() -> None:
    hunt = Hunt()
    found = hunt.run(
        "n=* | count once | head 1",
        "n=* | count once | stats count",
        "n=* | count once | dedup n | head 2",
        portions=[rows(1, 2), rows(3)],
        last=rows(4, 5),
    )
    assert found == [rows(1), [{"count": 5}], rows(1, 2)]
    assert hunt.custom.counts["once"] == 5


def test_each_search_that_writes_writes_for_itself() -> None:
    hunt = Hunt()
    write = "n=* | count once | table n | outputlookup append=true state | where n=1"
    assert hunt.run(write, write, portions=[rows(1, 2)]) == [rows(1), rows(1)]
    assert [row["n"] for row in hunt.state.rows()] == ["1", "2", "1", "2"]
    assert hunt.custom.counts["once"] == 2


WRITE = "n=* | table n | eval seen=1 | outputlookup append=true state"
COUNT = "n=* | stats count by n"
SHOW = "count look | table n, seen"
LOOK = f"{COUNT} | lookup state n OUTPUT seen | {SHOW}"
SEEN = 'json_extract(lookup("state", json_object("n", n), json_array("seen")), "seen")'
READS = [
    LOOK,
    f"{COUNT} | eval seen={SEEN} | {SHOW}",
    f"{COUNT} | join type=left n [| inputlookup state] | {SHOW}",
    f"{COUNT} | foreach n [lookup state n OUTPUT seen] | {SHOW}",
    f"{COUNT} | inputlookup append=true state | stats max(seen) as seen by n | {SHOW}",
]


@pytest.mark.parametrize("look", READS)
def test_a_lookup_is_read_again_after_a_search_has_written_it(look: str) -> None:
    assert Hunt().run(look, WRITE, look, look, last=rows(7)) == [
        rows(7),
        [{"n": "7", "seen": 1}],
        [{"n": "7", "seen": "1"}],
        [{"n": "7", "seen": "1"}],
    ]


def test_searches_after_the_one_that_writes_share_again() -> None:
    hunt = Hunt()
    hunt.run(LOOK, WRITE, LOOK, LOOK, last=rows(7))
    assert hunt.custom.counts["look"] == 2  # before and after


def test_a_subsearch_that_writes_does_so_for_each_search() -> None:
    hunt = Hunt()
    append = "n=* | append [| makeresults | eval n=1 | table n | outputlookup append=true state] | table n"
    assert hunt.run(append, append, last=rows(7)) == [[*rows(7), {"n": 1}]] * 2
    assert len(hunt.state.rows()) == 2


def test_display_formats_belong_to_every_search() -> None:
    formats = [search.formats.keys() for search in Hunt().searches(*['n=* | fieldformat n=n."!" | table n'] * 2)]
    assert formats == [{"n"}, {"n"}]


def test_what_the_common_commands_warn_of_is_told_once() -> None:
    hunt = Hunt()
    hunt.run("n=* | sort n | table n", "n=* | sort n | head 1", portions=[rows(*range(10_001))])
    assert hunt.warnings == ["sort met 10001 rows and keeps 10000; write sort 0 to keep all"]


def test_what_passed_and_what_met_each_command_is_told_of_the_whole_search() -> None:
    spls = ["n=* | where n>1 | stats count by n | where n>2", "n=* | where n>1 | stats count by n | eval m=1 | table m"]
    with ExitStack() as stack:
        ends = grow(Hunt().searches(*spls), stack, traced=True)
        feed([end.trunk for end in ends], [rows(1, 2, 3)])
        for end, spl in zip(ends, spls, strict=True):
            [search] = Hunt().searches(spl)
            with search.start(traced=True) as alone:
                expected = [*alone.feed(rows(1, 2, 3)), *alone.finish()]
                assert list(end.results()) == expected
                assert (end.passed, end.trace) == (alone.passed, alone.trace)


def test_everything_is_closed_after_an_error() -> None:
    hunt = Hunt()

    def broken() -> Iterator[Row]:
        yield {"n": "1"}
        raise OSError("broken input")

    with ExitStack() as stack:
        end, _ = grow(hunt.searches("n=* | count a | table n", "n=* | count a | count b"), stack)
        with pytest.raises(OSError, match="broken input"):
            end.trunk.feed(broken())
    assert hunt.custom.counts == {"started": 2, "a": 1, "closed": 2}


def test_what_no_search_waits_for_any_more_is_given_back() -> None:
    hunt = Hunt()
    with ExitStack() as stack:
        ends = grow(hunt.searches("n=* | count a | sort n | table n", "n=* | count a | sort n | head 1"), stack)
        feed([end.trunk for end in ends], [rows(1, 2)])
        assert len(list(ends[0].results())) == 2
        assert (hunt.custom.counts["closed"], ends[0].trunk._rest) == (1, rows(1, 2))
        assert len(list(ends[1].results())) == 1
        assert ends[0].trunk._rest == []


def test_searches_with_a_command_that_takes_events_by_itself_share_nothing() -> None:
    read = "tstats prestats=t append=t count where host=h | stats count"
    spls = [f"n=* | where n={number} | {read}" for number in (1, 2)]
    events: list[Row] = [{"n": "1", "host": "g"}, {"n": "2", "host": "h"}, {"n": "1", "host": "h"}]
    assert Hunt().run(*spls, portions=[events]) == [run(search, events) for search in Hunt().searches(*spls)]
    assert trunks(*spls) == 2


COUNTED = "| tstats count where host=h by source | count once"


def test_searches_that_begin_with_the_same_command_over_events_share_it_and_what_follows() -> None:
    spls = [f"{COUNTED} | where source=1", f"{COUNTED} | eval source=source*2", "| tstats count where host=h by host"]
    events: list[Row] = [{"source": str(number % 2), "host": host} for number, host in enumerate("hghhhg")]
    hunt = Hunt()
    assert hunt.run(*spls, portions=[events[:3], events[3:5]], last=events[5:]) == [
        [{"source": "1", "count": 1}],
        [{"source": 0, "count": 3}, {"source": 2, "count": 1}],
        [{"host": "h", "count": 4}],
    ]
    assert hunt.custom.counts == {"started": 1, "once": 2, "closed": 1}
    assert (trunks(*spls), shape(*spls)[0]) == (
        2,
        [("tstats count where host=h by source", "count once"), ("where source=1",)],
    )


def test_rows_of_a_dataset_that_flow_at_once_are_a_copy_for_each_search() -> None:
    dataset = Dataset("M.One", None, compile_terms(Cursor("n=*"), leading=True), ("n",))
    spls = [f"| from datamodel:M.One | count once | {end}" for end in (CHANGE_ALL, "table n", CHANGE_ALL)]
    hunt = Hunt(DataModels([dataset]))
    events = rows(1, 2)
    found = hunt.run(*spls, portions=[events], last=[{"m": "3"}])
    assert found == [[{"n": ["1", "x"]}, {"n": ["2", "x"]}], rows(1, 2), [{"n": ["1", "x"]}, {"n": ["2", "x"]}]]
    assert (hunt.custom.counts["once"], events) == (2, rows(1, 2))


@pytest.mark.parametrize("command", ["| tstats count where host={} by source", "host={} | stats count by source"])
def test_what_a_subsearch_reads_before_the_first_event_is_the_same_for_all(command: str) -> None:
    hunt = Hunt()
    hunt.state.write([{"n": "h"}])
    spl = command.replace("host={}", "[| inputlookup state | rename n as host | fields host] ")
    write = "host=* | rename host as n | table n | outputlookup append=true state"
    events: list[Row] = [{"source": "1", "host": "h"}, {"source": "2", "host": "g"}]
    found = hunt.run(write, f"{spl} | count once | table source", f"{spl} | count once | where count>1", last=events)
    assert found == [[{"n": "h"}, {"n": "g"}], [{"source": "1"}], []]
    assert hunt.custom.counts["once"] == 1


def test_what_a_subsearch_within_a_pipeline_reads_at_the_end_is_read_again() -> None:
    look = f"{COUNT} | appendpipe [search [| inputlookup state | fields n]] | count look | table n"
    assert Hunt().run(look, WRITE, look, look, last=rows(7)) == [
        rows(7),
        [{"n": "7", "seen": 1}],
        rows(7, 7),
        rows(7, 7),
    ]


LOOK_AT_COUNTED = f"{COUNTED} | rename source as n | lookup state n OUTPUT seen | {SHOW}"
WRITE_COUNTED = f"{COUNTED} | rename source as n | table n | eval seen=1 | outputlookup append=true state"


def test_after_a_command_over_events_a_lookup_is_read_again_when_a_search_has_written_it() -> None:
    hunt = Hunt()
    spls = [LOOK_AT_COUNTED, WRITE_COUNTED, LOOK_AT_COUNTED, LOOK_AT_COUNTED]
    assert hunt.run(*spls, last=[{"source": "7", "host": "h"}]) == [
        rows(7),
        [{"n": "7", "seen": 1}],
        [{"n": "7", "seen": "1"}],
        [{"n": "7", "seen": "1"}],
    ]
    assert hunt.custom.counts == {"started": 3, "once": 1, "look": 2, "closed": 3}


@pytest.mark.parametrize(
    "spl",
    [
        "| tstats count where host=h by source | tstats prestats=t append=t count where host=g | table source",
        "| makeresults | tstats prestats=t append=t count where host=g | table source",
        "| tstats count where [| makeresults | eval n=1 | table n | outputlookup state] by source | table source",
    ],
)
def test_what_takes_more_or_other_than_events_is_not_shared(spl: str) -> None:
    assert trunks(spl, spl) == 2


def test_every_command_of_the_language_can_be_shared() -> None:
    """Each case is run twice with commands after it that change all rows, and in between as it is."""
    shared = 0
    for case in CASES:
        if case.error or case.datamodels or case.lookups_after or case.spl.startswith("|"):
            continue
        lookups = Lookups()
        for lookup in case.lookups:
            lookups.add(lookup)
        environment = Environment(lookups, macros=case.macros, now=case.now, timezone=case.timezone)
        common = f"* | {case.spl}" if begins_with_command(case.spl) else case.spl
        spls = [f"{common} | {end}" for end in (CHANGE_ALL, "fields *", CHANGE_ALL)]
        plans: Plans = {}
        try:
            searches = [compile_search(spl, environment, None, plans) for spl in spls]
        except SplError:  # a subsearch over events
            continue
        with ExitStack() as stack:
            ends = grow(searches, stack)
            feed([end.trunk for end in ends], [case.input])
            found = [list(end.results()) for end in ends]
        assert found == [run(search, [dict(row) for row in case.input]) for search in searches], case.id
        shared += len(ends[0].search.commands) == 1
    assert shared > len(CASES) / 2
