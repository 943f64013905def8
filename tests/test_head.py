from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from searchhead.addons import stand_ins
from searchhead.conf import App
from searchhead.head import SearchHead, TimeRange, _Feed, _Waiting
from searchhead.inputs import Reader
from searchhead.savedsearches import SavedSearch, detections
from searchhead.spl.errors import Place, UnsupportedSpl
from searchhead.spl.values import Row

PROPS = "[source::one]\nEXTRACT-number = n=(?<number>\\d+)\nEVAL-double = number * 2\n"


def app(path: Path) -> App:
    (path / "default").mkdir()
    (path / "default" / "props.conf").write_text(PROPS)
    (path / "default" / "macros.conf").write_text("[ones]\ndefinition = source=one\n")
    return App(path)


def saved(search: str) -> SavedSearch:
    place = Place("default/savedsearches.conf", 7, "A Search")
    return SavedSearch("A Search", search, "A Search", "a_search", (), place)


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


def test_a_search_may_set_its_own_time_range(tmp_path: Path) -> None:
    head = SearchHead(app(tmp_path), now=8, time_range=TimeRange(2, 5))
    told = "stats values(_time) as t | addinfo | fields t, info_min_time, info_max_time"
    results = run(
        head,
        f"index=main | {told}",
        f"index=main earliest=4 latest=7 | {told}",
        f"index=main earliest=-1s | {told}",
        f"index=main latest=2 | appendpipe [{told}] | search t=* | fields - _*",
        "| tstats values(_time) as t where earliest=1 latest=3 by index | addinfo | fields t, info_min_time",
        "index=main | stats count as t | append [| makeresults | addinfo | fields info_min_time] | fields - _*",
        "index=main earliest=1 latest=9 | stats count as t | append [| makeresults | addinfo | fields info_min_time]"
        " | fields - _*",
    )
    assert results == [
        [{"t": ["2", "3", "4"], "info_min_time": 2, "info_max_time": 5}],
        [{"t": ["4", "5", "6"], "info_min_time": 4, "info_max_time": 7}],
        [{"t": "7", "info_min_time": 7, "info_max_time": 8}],
        [{"t": ["0", "1"], "info_min_time": 0, "info_max_time": 2}],
        [{"t": ["1", "2"], "info_min_time": 1}],
        [{"t": 3}, {"info_min_time": 2}],
        [{"t": 8}, {"info_min_time": 2}],
    ]


def test_events_count_for_the_time_range_of_the_search(tmp_path: Path) -> None:
    head = SearchHead(app(tmp_path), now=8, time_range=TimeRange(2, 5))
    searches = [head.compile(saved(f"`ones` {times} | stats count")) for times in ("", "earliest=0 latest=8")]
    outcomes = head.outcomes(searches, events(10))
    assert [(one.seen, one.in_time, one.rows) for one in outcomes] == [(5, 1, [{"count": 1}]), (5, 4, [{"count": 4}])]


def test_an_event_counts_as_indexed_when_it_happened_unless_it_says_when(tmp_path: Path) -> None:
    head = SearchHead(app(tmp_path), now=100)
    searches = [
        "index=main | stats min(_indextime) as first max(_indextime) as last",
        "index=main _index_earliest=-1m@s _index_latest=now() | table n _time _indextime",
        "index=main | fields _indextime | stats values(_indextime) as t",
        "| tstats count max(_indextime) as last where index=* _index_earliest=40 by host",
    ]
    given: list[Row] = [
        {"_time": 3.7, "_raw": "n=1", "host": "h", "source": "s", "index": "main"},
        {"_time": 4.0, "_raw": "n=2", "host": "h", "source": "s", "index": "main", "_indextime": 40.0},
        {"_time": 5.0, "_raw": "n=3", "host": "h", "source": "s", "index": "main", "_indextime": 100.0},
    ]
    results = head.run([head.compile(saved(search)) for search in searches], given)
    assert results == [
        [{"first": 3, "last": 100}],
        [{"n": "2", "_time": 4.0, "_indextime": 40.0}],
        [{"t": ["100", "3", "40"]}],
        [{"host": "h", "count": 2, "last": 100}],
    ]


def test_commands_of_one_search_may_read_events_of_different_time_ranges(tmp_path: Path) -> None:
    head = SearchHead(app(tmp_path), now=20, time_range=TimeRange(2, 5))
    tstats = "tstats prestats=true"
    results = run(
        head,
        f"| {tstats} count where index=* earliest=8 by source | {tstats} append=true count where latest=1 by source"
        " | stats count by source",
        "`ones` earliest=9 | table number | append [search two earliest=0 latest=3 | table number]"
        " | append [search `ones` | table number] | append [| tstats count where earliest=1 latest=7] | fields - _*",
        f"`ones` earliest=9 | {tstats} append=true count where index=* | stats count",
    )
    assert results == [
        [{"source": "one", "count": 1}, {"source": "two", "count": 2}],
        [{"number": "9"}, {"number": "3"}, {"count": 6}],
        [{"count": 2}],  # tstats has the time range that its search sets
    ]


WINDOW = (
    "[| makeresults | addinfo | eval earliest=if(info_max_time-info_min_time=3, info_min_time-2, info_min_time),"
    " latest=info_max_time, _index_earliest=info_min_time, _index_latest=info_max_time"
    " | return earliest latest _index_earliest _index_latest]"
)


def test_a_subsearch_that_reads_nothing_may_set_the_time_range(tmp_path: Path) -> None:
    head = SearchHead(app(tmp_path), now=20, time_range=TimeRange(2, 5))
    given: list[Row] = [{**event, "_indextime": float(event["_time"]) + 1} for event in events(10)]  # type: ignore[arg-type]
    searches = [
        f"index=main {WINDOW} | stats values(_time) as t | addinfo | table t info_min_time info_max_time",
        f"| tstats values(_time) as t where index=* {WINDOW} by index | table t",
        "index=main [| makeresults | eval earliest=0, latest=1 | fields earliest latest] | stats values(_time) as t",
        'index=main NOT [| makeresults | eval host="h" | fields host] | stats values(_time) as t',
    ]
    assert head.run([head.compile(saved(search)) for search in searches], given) == [
        [{"t": ["1", "2", "3"], "info_min_time": 0, "info_max_time": 5}],
        [{"t": ["1", "2", "3"]}],
        [{"t": "0"}],
        [{}],
    ]


def test_a_subsearch_that_reads_a_lookup_cannot_set_the_time_range(tmp_path: Path) -> None:
    (tmp_path / "lookups").mkdir()
    (tmp_path / "lookups" / "times.csv").write_text("earliest,_index_earliest\n3,4\n")
    head = SearchHead(app(tmp_path), now=0)
    one, other = (
        head.compile(saved(f"index=main [| inputlookup times.csv | return {name}] | stats count"))
        for name in ("earliest", "_index_earliest")
    )
    with pytest.raises(UnsupportedSpl, match="before it runs"):
        head.run([one], events(3))
    assert head.run([other], events(6)) == [[{"count": 2}]]


def test_what_is_wrong_in_the_terms_of_a_subsearch_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedSpl, match=r"the subsearch gives .*is no time") as caught:
        SearchHead(app(tmp_path), now=0).compile(saved('a [| makeresults | eval earliest="x" | return earliest]'))
    assert str(caught.value).splitlines()[-1].strip().startswith("^")


def test_a_wildcard_names_no_internal_index(tmp_path: Path) -> None:
    head = SearchHead(app(tmp_path), now=0)
    internal: list[Row] = [{**event, "index": "_internal"} for event in events(3)]
    searches = ["index=*", "index=_*", "index=*n*", "index=_internal", "source=*"]
    compiled = [head.compile(saved(f"{search} | stats count")) for search in searches]
    assert head.run(compiled, [*events(5), *internal]) == [[{"count": number}] for number in (5, 3, 5, 3, 8)]


def test_a_run_is_told_its_id(tmp_path: Path) -> None:
    assert run(SearchHead(app(tmp_path), now=0, sid="scheduler_x"), "| makeresults | addinfo | table info_sid") == [
        [{"info_sid": "scheduler_x"}]
    ]


def test_a_search_that_does_not_compile_names_its_place(tmp_path: Path) -> None:
    head = SearchHead(app(tmp_path), now=0)
    with pytest.raises(UnsupportedSpl) as caught:
        head.compile(saved("index=main | nosuchcommand x"))
    lines = str(caught.value).splitlines()
    assert lines[0].startswith('default/savedsearches.conf:7: stanza [A Search]: unknown command "nosuchcommand"')
    assert lines[1:] == ["    index=main | nosuchcommand x", "                 ^^^^^^^^^^^^^"]


def test_searches_that_begin_alike_run_that_once_and_are_told_of_apart(tmp_path: Path) -> None:
    warnings: list[str] = []
    head = SearchHead(app(tmp_path), now=0, warn=warnings.append)
    searches = [
        head.compile(saved(f"`ones` | sort number | {end}")) for end in ("stats count", "head 2 | table number")
    ]
    outcomes = head.outcomes(searches, events(20_004), traced=True)
    assert warnings == ["sort met 10002 rows and keeps 10000; write sort 0 to keep all"]
    assert [outcome.rows for outcome in outcomes] == [[{"count": 10_000}], [{"number": "1"}, {"number": "3"}]]
    assert [outcome.passed for outcome in outcomes] == [[10_002, 10_000, 1], [10_002, 10_000, 2, 2]]
    assert [(outcome.search, outcome.seen, outcome.in_time) for outcome in outcomes] == [
        (search, 10_002, 10_002) for search in searches
    ]
    assert [len(outcome.trace.fields) for outcome in outcomes if outcome.trace] == [3, 4]


STATE = """
[Z - writes last - Rule]
search = `ones` | stats count by host | outputlookup second.csv

[A report]
search = index=main | stats count

[A summary]
action.summary_index = 1
action.summary_index._name = summary
search = `ones` | stats count by host

[A search that tidies]
search = | inputlookup second.csv | where seen > 0 | outputlookup second.csv

[Hidden in a macro]
search = `ones` | `keep`

[A Detection]
action.correlationsearch.enabled = 1
search = `ones` | stats count by host | lookup first.csv host OUTPUT seen
"""


def with_state(path: Path) -> App:
    made = app(path)
    (path / "default" / "savedsearches.conf").write_text(STATE)
    with (path / "default" / "macros.conf").open("a") as file:
        file.write("[keep]\ndefinition = eval seen=1 | stats max(seen) as seen by host | outputlookup first.csv\n")
    (path / "lookups").mkdir()
    (path / "lookups" / "first.csv").write_text("host,seen\n")
    (path / "lookups" / "second.csv").write_text("host,count\n")
    return made


def test_searches_that_write_state_are_those_of_events_with_outputlookup_in_the_order_of_the_file(
    tmp_path: Path,
) -> None:
    head = SearchHead(with_state(tmp_path), now=0)
    assert [one.name for one in head.state_searches()] == ["Z - writes last - Rule", "Hidden in a macro"]


def test_a_search_that_writes_something_else_need_not_even_compile(tmp_path: Path) -> None:
    made = with_state(tmp_path)
    with (tmp_path / "default" / "savedsearches.conf").open("a") as file:
        file.write("[Broken]\nsearch = `ones` | nosuchcommand | outputlookup third.csv\n")
    head = SearchHead(made, now=0)
    [detection] = detections(made)
    assert [one.name for one in head.state_searches([head.compile(detection)])] == ["Hidden in a macro"]
    with pytest.raises(UnsupportedSpl, match="nosuchcommand"):
        head.state_searches()


def test_a_search_needs_those_that_write_what_it_reads(tmp_path: Path) -> None:
    (tmp_path / "default").mkdir()
    (tmp_path / "lookups").mkdir()
    for name in ("first", "second", "third"):
        (tmp_path / "lookups" / f"{name}.csv").write_text("host,seen\n")
    (tmp_path / "default" / "savedsearches.conf").write_text(
        "[A]\nsearch = x | table host, seen | outputlookup first.csv\n"
        "[B]\nsearch = x | stats count by host | lookup first.csv host | table host, seen | outputlookup second.csv\n"
        "[C]\nsearch = x | table host, seen | outputlookup third.csv\n"
        "[Package - R - Rule]\naction.correlationsearch.enabled = 1\n"
        "search = x | stats count by host | lookup second.csv host OUTPUT seen\n"
    )
    head = SearchHead(App(tmp_path), now=0)
    [reader] = detections(head.app)
    assert [one.name for one in head.state_searches([head.compile(reader)])] == ["A", "B"]
    assert head.state_searches([]) == []


MODELS = """
[Over a data model]
search = | tstats count from datamodel=Endpoint.Processes by Processes.dest | rename Processes.dest as host \\
| table host, count | outputlookup second.csv

[Hidden in a macro]
search = `keep_model`

[A Detection]
action.correlationsearch.enabled = 1
search = | tstats count from datamodel=Endpoint.Processes by Processes.dest
"""


def test_a_search_over_a_data_model_reads_events_and_is_left_out_only_where_there_is_no_data_model(
    tmp_path: Path,
) -> None:
    made = with_state(tmp_path)
    (tmp_path / "default" / "savedsearches.conf").write_text(MODELS)
    with (tmp_path / "default" / "macros.conf").open("a") as file:
        file.write("[keep_model]\ndefinition = | from datamodel:Nosuch.Model | table host | outputlookup second.csv\n")
    without = SearchHead(made, now=0)
    assert without.state_searches() == []
    assert [without.finds_nothing(one) for one in detections(made)] == [True]
    with_models = SearchHead(made, stand_ins("cim"), now=0)
    assert [with_models.over_data_models(one) for one in detections(made)] == [True]
    assert [with_models.finds_nothing(one) for one in detections(made)] == [False]
    # A wrong name is no reason to leave a search out.
    with pytest.raises(UnsupportedSpl, match="there is no data model 'Nosuch'"):
        with_models.state_searches()
    (tmp_path / "default" / "savedsearches.conf").write_text(MODELS.replace("`keep_model`", "index=main"))
    assert [one.name for one in SearchHead(App(tmp_path), stand_ins("cim"), now=0).state_searches()] == [
        "Over a data model"
    ]


PROCESS = "process_name=a.exe dest=d parent_process_name="
OVER_MODELS = [
    "| tstats count from datamodel=Endpoint.Processes where Processes.parent_process_name=p1.exe by Processes.dest",
    "| tstats count from datamodel=Endpoint.Processes by Processes.parent_process_name Processes.user",
    "source=one process_name=* | eval process_name=dest, dest=null() | stats count by process_name",
    "| from datamodel:Endpoint.Processes | eval process_name=upper(process_name) | stats values(process_name) as p",
    "| tstats count from datamodel=Endpoint where nodename=Processes by nodename",
    "| tstats count from datamodel=Network_Traffic.All_Traffic",
]


def test_searches_over_data_models_find_together_what_each_finds_alone(tmp_path: Path) -> None:
    made = app(tmp_path)
    (tmp_path / "default" / "eventtypes.conf").write_text("[started]\nsearch = source=one process_name=*\n")
    (tmp_path / "default" / "tags.conf").write_text("[eventtype=started]\nprocess = enabled\nreport = enabled\n")
    head = SearchHead(made, stand_ins("cim"), now=0)
    given: list[Row] = [
        {
            "_time": float(number), "_raw": f"{PROCESS}p{number % 2}.exe" if number % 3 else "n=1",
            "host": "h", "source": "one", "index": "main",
        }
        for number in range(9)
    ]  # fmt: skip
    together = head.run([head.compile(saved(search)) for search in OVER_MODELS], given)
    alone = [head.run([head.compile(saved(search))], given)[0] for search in OVER_MODELS]
    # 1, 2, 4, 5, 7 and 8 are processes; 1, 5 and 7 those of p1.exe.
    assert (
        together
        == alone
        == [
            [{"Processes.dest": "d", "count": 3}],
            [
                {"Processes.parent_process_name": f"p{number}.exe", "Processes.user": "unknown", "count": 3}
                for number in range(2)
            ],
            [{"process_name": "d", "count": 6}],
            [{"p": "A.EXE"}],
            [{"nodename": "Processes", "count": 6}],
            [{"count": 0}],
        ]
    )


def test_what_a_search_writes_is_there_for_those_after_it(tmp_path: Path) -> None:
    warnings: list[str] = []
    made = with_state(tmp_path)
    head = SearchHead(made, now=0, scratch=tmp_path / "scratch", warn=warnings.append)
    saved_searches = [*head.state_searches(), *detections(made)]
    *_, rows = head.run([head.compile(one) for one in saved_searches], events(10))
    assert rows == [{"host": "h", "count": 5, "seen": "1"}]
    assert warnings == []
    assert (tmp_path / "lookups" / "first.csv").read_text() == "host,seen\n"


CHAIN = """
[A Detection]
action.correlationsearch.enabled = 1
search = source=two | stats max(_time) as last_time by host \\
| lookup local=true chain kind AS host OUTPUT time \\
| eval before=mvmap(time, if(time<=last_time, time, null())) \\
| where mvcount(before)>0 \\
| table host, last_time, before

[State of ones]
search = `ones` | eval kind=host, time=_time, _key=host."|"._time \\
| table _key, kind, time | outputlookup append=true key_field=_key chain
"""


def test_a_detection_finds_in_the_kv_store_what_a_state_search_of_another_source_wrote(tmp_path: Path) -> None:
    warnings: list[str] = []
    made = app(tmp_path)
    (tmp_path / "default" / "savedsearches.conf").write_text(CHAIN)
    (tmp_path / "default" / "collections.conf").write_text("[chain]\nfield.time = number\n")
    (tmp_path / "default" / "transforms.conf").write_text(
        "[chain]\nexternal_type = kvstore\ncollection = chain\nfields_list = _key, kind, time\n"
    )
    head = SearchHead(made, now=0, scratch=tmp_path / "scratch", warn=warnings.append)
    # Of the ten events those of source one are 1, 3, 5, 7, 9 and those of source two 0, 2, 4, 6, 8.
    chain = [*head.state_searches(), *detections(made)]
    assert [one.name for one in chain] == ["State of ones", "A Detection"]
    for _repeated in range(2):
        *_, rows = head.run([head.compile(one) for one in chain], events(10))
        assert rows == [{"host": "h", "last_time": 8.0, "before": ["1", "3", "5", "7"]}]
    assert warnings == []


def test_a_search_that_reads_state_before_all_events_are_read_is_told_of(tmp_path: Path) -> None:
    warnings: list[str] = []
    head = SearchHead(with_state(tmp_path), now=0, warn=warnings.append)
    run(head, "`ones` | `keep`", "`ones` | lookup first.csv host OUTPUT seen | stats count by seen")
    assert warnings == [
        (
            "a search that begins with 'source=one' reads the lookup first.csv while events still come: it does not "
            "see what other searches of this hunt write into it at the end"
        )
    ]


def test_the_reader_is_told_what_the_searches_want(tmp_path: Path) -> None:
    head = SearchHead(app(tmp_path), now=0)
    compiled = [
        head.compile(saved(one))
        for one in ("`ones` 855 double>1", "source=one installer", "source=three", "| makeresults")
    ]
    wanted = head.wanted(compiled)
    assert wanted("two") is None
    one = wanted("one")
    assert one is not None
    assert [one(text) for text in ("x855x", "an INSTALLER", "nothing")] == [True, True, False]
    three = wanted("three")
    assert three is not None
    assert three("anything")


def test_what_the_reader_drops_no_search_would_have_found(tmp_path: Path) -> None:
    head = SearchHead(app(tmp_path), now=0)
    searches = [head.compile(saved(one)) for one in ("`ones` 7 | table number", "source=two 44 NOT 45 | table _raw")]
    wanted = head.wanted(searches)
    kept = [event for event in events(100) if (test := wanted(str(event["source"]))) and test(str(event["_raw"]))]
    assert len(kept) < 100
    assert head.run(searches, kept) == head.run(searches, events(100))


def test_rows_that_wait_are_bounded_over_all_searches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    most = 0
    waiting: dict[int, int] = {}
    add = _Waiting.add

    def watched(self: _Waiting, feed: _Feed, row: Row) -> None:
        nonlocal most
        add(self, feed, row)
        waiting[id(feed)] = len(feed.waiting)
        most = max(most, sum(waiting.values()))

    monkeypatch.setattr(_Waiting, "add", watched)
    head = SearchHead(app(tmp_path), now=0)
    results = run(head, *["index=main | stats count"] * 5, count=10_000)
    assert results == [[{"count": 10_000}]] * 5
    assert most < 10_000


def test_a_command_of_many_searches_is_compiled_once(tmp_path: Path) -> None:
    head = SearchHead(app(tmp_path), now=0)
    one, two = (head.compile(saved(f'`ones` {more} | eval a=1 | fieldformat a=a."!"')) for more in ("x", "y"))
    assert one.plans[1] is two.plans[1]
    assert one.plans[0] is not two.plans[0]
    assert set(one.formats) == set(two.formats) == {"a"}


def test_a_search_is_compiled_once(tmp_path: Path) -> None:
    head = SearchHead(app(tmp_path), now=0)
    assert head.compile(saved("`ones`")) is head.compile(saved("`ones`"))
    assert head.compile(saved("`ones`")) is not head.compile(saved("`ones`"), TimeRange(1.0, 2.0))


def test_what_stands_in_brackets_is_compiled_for_the_time_range_around_it(tmp_path: Path) -> None:
    ends = "| stats count | appendpipe [addinfo | eval count=info_min_time] | table count"
    always, later, again = run(
        SearchHead(app(tmp_path), now=10), f"`ones` {ends}", f"`ones` earliest=4 {ends}", f"x {ends}"
    )
    assert always == [{"count": 5}, {"count": 0}]
    assert later == [{"count": 3}, {"count": 4}]
    assert again == [{"count": 0}, {"count": 0}]


def test_a_command_that_was_compiled_in_a_search_is_refused_in_a_pipeline_that_gets_no_events(tmp_path: Path) -> None:
    head = SearchHead(app(tmp_path), now=0)
    head.compile(saved("`ones` | append [search `ones`]"))
    with pytest.raises(UnsupportedSpl, match="a subsearch over events cannot run here"):
        head.compile(saved("`ones` | stats count | appendpipe [append [search `ones`]]"))


def test_an_outcome_tells_what_came_and_what_passed(tmp_path: Path) -> None:
    head = SearchHead(app(tmp_path), now=0, time_range=TimeRange(2, 9))
    search = head.compile(saved("`ones` number>3 | stats count | where count>5"))
    for traced, passed in ((True, [2, 1, 0]), (False, [0, 0, 0])):  # nothing is counted unless asked for
        [outcome] = head.outcomes([search], events(10), traced=traced)
        assert (outcome.seen, outcome.in_time, outcome.passed, outcome.rows) == (5, 3, passed, [])
        assert (outcome.trace is not None) == traced


REAL = [
    "source=*Sysmon* msiexec | stats count",
    "4688 OR 4104 | stats count by source",
    "source=*:Security 4688 cmd.exe | stats count",
    'source="*:System" NOT 7036 | stats count',
    "Micro*Operational 3 | stats count by source",
    "{*} | stats count",
    "EventID=1 OR 11707 | stats count",
    "TERM(0) CASE(System) | stats count",
]


def test_real_logs_give_the_same_with_and_without_what_the_reader_drops(samples: Path, tmp_path: Path) -> None:
    head = SearchHead(app(tmp_path), now=0)
    searches = [head.compile(saved(one)) for one in REAL]
    everything = Reader()
    expected = head.run(searches, everything.read([samples]))
    for search in range(len(searches)):  # together one of them would keep what another needs
        alone = searches[search : search + 1]
        reader = Reader(head.wanted(alone))
        assert head.run(alone, reader.read([samples])) == [expected[search]]
        assert reader.stats.channels == everything.stats.channels
    assert [rows[0]["count"] if rows else 0 for rows in expected] != [0] * len(expected)


def test_append_over_events_gives_at_most_so_many_rows_and_says_so(tmp_path: Path) -> None:
    said: list[str] = []
    head = SearchHead(app(tmp_path), now=0, warn=said.append)
    [rows] = run(head, "source=two | stats count | append maxout=3 [search `ones` | fields number | fields - _*]")
    assert rows == [{"count": 5}, {"number": "1"}, {"number": "3"}, {"number": "5"}]
    assert said == ["the subsearch of append gave 5 rows, only the first 3 count"]


def test_append_over_events_within_a_pipeline_of_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedSpl, match="the events come only once"):
        run(SearchHead(app(tmp_path), now=0), "two | appendpipe [stats count | append [search `ones`]]")
