from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from searchhead.lookups import Lookup, Lookups
from searchhead.macros import Macro
from searchhead.spl.commands import COMMANDS
from searchhead.spl.errors import SplError, UnsupportedSpl
from searchhead.spl.operators import Environment, Operator
from searchhead.spl.pipeline import compile_pipeline, compile_search, run
from searchhead.spl.values import Row


def _environment(**more: object) -> Environment:
    return Environment(lookups=Lookups(), **more)  # type: ignore[arg-type]  # each test gives the right type


def _rows(count: int) -> list[Row]:
    return [{"n": str(number)} for number in range(count)]


def test_rows_flow_in_portions_through_commands_that_keep_state() -> None:
    search = compile_search("n=* | dedup n | head 3 | stats count values(n) as n", _environment())
    with search.start(traced=True) as started:
        assert list(started.feed(_rows(2))) == []
        assert list(started.feed(_rows(5))) == []
        assert list(started.finish()) == [{"count": 3, "n": ["0", "1", "2"]}]
        assert started.passed == [5, 3, 3, 1]  # head stops before the last two


def test_what_collects_in_the_middle_feeds_what_follows() -> None:
    search = compile_search("n=* | sort - n | head 2 | eval m=n+1 | sort n | table m", _environment())
    assert run(search, _rows(4)) == [{"m": 3}, {"m": 4}]


def test_streaming_rows_leave_before_the_end() -> None:
    with compile_search("n>0 | eval m=n", _environment()).start() as started:
        assert list(started.feed(_rows(2))) == [{"n": "1", "m": "1"}]


def test_head_stops_reading() -> None:
    read: list[Row] = []

    def rows() -> Iterable[Row]:
        for row in _rows(100):
            read.append(row)
            yield row

    assert run(compile_search("* | head 2", _environment()), rows()) == [{"n": "0"}, {"n": "1"}]
    assert len(read) == 2


def test_a_search_can_be_started_again() -> None:
    search = compile_search("* | stats count", _environment())
    assert [run(search, _rows(2)), run(search, _rows(3))] == [[{"count": 2}], [{"count": 3}]]


def test_a_generating_search_takes_no_rows() -> None:
    search = compile_search("| makeresults | eval a=1 | table a", _environment())
    assert search.generating
    assert not search.could_match({"_raw": "x"})
    assert run(search) == [{"a": 1}]
    with search.start() as started, pytest.raises(ValueError, match="takes no rows"):
        started.feed([])


def test_could_match_asks_the_first_search_only() -> None:
    search = compile_search("sourcetype=x code=1 | search host=other", _environment())
    assert search.could_match({"sourcetype": "X", "host": "h"})
    assert not search.could_match({"sourcetype": "y", "host": "h"})
    assert compile_pipeline("eval a=1 | search host=other", _environment()).could_match({"host": "h"})


def test_the_word_search_is_optional() -> None:
    assert run(compile_search("search n=1", _environment()), _rows(3)) == [{"n": "1"}]
    assert run(compile_search("| search n=1", _environment()), _rows(3)) == [{"n": "1"}]
    assert run(compile_search("search=1", _environment()), [{"search": "1"}, {"n": "1"}]) == [{"search": "1"}]


def test_commands_are_told_with_macros_expanded() -> None:
    macro = Macro("m", (), "a=1 | head 1", Path("macros.conf"), 1)
    assert compile_search("`m` | table a", _environment(macros={"m": macro})).commands == ("a=1", "head 1", "table a")


def test_fieldformat_is_kept_with_the_search() -> None:
    search = compile_search('* | fieldformat n=n."!" | fieldformat m="x"', _environment())
    assert {name: made.evaluate({"n": "1"}) for name, made in search.formats.items()} == {"n": "1!", "m": "x"}
    assert run(search, _rows(1)) == [{"n": "0"}]


def test_an_error_points_at_its_place_in_the_text_as_it_was_written() -> None:
    macro = Macro("m", (), "a=1", Path("macros.conf"), 1)
    with pytest.raises(UnsupportedSpl) as error:
        compile_search("`m` | eval b=frob(a)", _environment(macros={"m": macro}))
    assert error.value.spl == "`m` | eval b=frob(a)"
    assert error.value.spl[error.value.start : error.value.end] == "frob"
    assert str(error.value).splitlines()[-1].strip() == "^^^^"


@pytest.mark.parametrize(
    ("spl", "message"),
    [
        ("", "expected a search"),  # nothing
        ("a=1 |", "expected a command"),  # nothing after the pipe
        ("a=1 | 'x'", "unknown command"),  # no name
        ('a=1 | "x"', "expected the name of a command"),  # quoted
        ("a=1 | makeresults", "must be the first command"),  # generating in the middle
        ("| table a", "makes no rows"),  # nothing generates
        ("a=1 | search [table a]", "a subsearch over events cannot run here"),  # no events to run it over
    ],
)
def test_wrong_pipelines_are_refused(spl: str, message: str) -> None:
    with pytest.raises(SplError) as error:
        compile_search(spl, _environment())
    assert message in error.value.message


def test_an_unknown_command_is_refused_with_what_is_known() -> None:
    with pytest.raises(UnsupportedSpl, match=r'unknown command "foo"; supported: .*addinfo, .*convert, .*where'):
        compile_search("a=1 | foo bar", _environment())


def test_an_error_in_a_subsearch_is_found_before_anything_runs() -> None:
    with pytest.raises(UnsupportedSpl) as error:
        compile_search("a=1 [| makeresults | frob]", _environment())
    assert error.value.start == 21


def test_a_subsearch_runs_when_the_search_starts() -> None:
    lookups = Lookups()
    lookup = Lookup.from_rows("l", [{"n": "1"}])
    lookups.add(lookup)
    search = compile_search("[| inputlookup l]", Environment(lookups=lookups))
    lookup.write([{"n": "2"}])
    assert run(search, _rows(3)) == [{"n": "2"}]


def test_a_subsearch_gives_ten_thousand_rows_and_warns() -> None:
    warnings: list[str] = []
    events = _rows(10_001)
    environment = _environment(events=lambda: iter(events), warn=warnings.append)
    assert len(run(compile_search("search [search n=* | fields n]", environment), events)) == 10_000
    assert warnings == ["a subsearch gave 10001 rows, only the first 10000 count"]


def test_sort_warns_when_it_cuts() -> None:
    warnings: list[str] = []
    run(compile_search("* | sort n", _environment(warn=warnings.append)), _rows(10_001))
    assert warnings == ["sort met 10001 rows and keeps 10000; write sort 0 to keep all"]


def test_addinfo_tells_the_time_range() -> None:
    environment = _environment(earliest=5.0, latest=9.0, now=10.0, sid="s")
    assert run(compile_search("* | addinfo", environment), [{}]) == [
        {"info_min_time": 5, "info_max_time": 9, "info_sid": "s", "info_search_time": 10}
    ]


def test_a_field_without_a_name_does_no_harm() -> None:
    search = compile_search(
        "* | fields * | rename a* as b* | foreach * [eval n=1] | stats values(*) as *", _environment()
    )
    assert run(search, [{"": "x", "a1": "1"}]) == [{"": "x", "b1": "1", "n": "1"}]


class _Echo(Operator):
    def __init__(self, log: list[str], arguments: list[str]) -> None:
        self._log = log
        self._arguments = arguments

    def process(self, rows: Iterable[Row]) -> Iterable[Row]:
        return ({**row, "arguments": self._arguments} for row in rows)

    def close(self) -> None:
        self._log.append("closed")


class _Commands:
    def __init__(self) -> None:
        self.log: list[str] = []

    def __contains__(self, name: object) -> bool:
        return name == "echo"

    def start(self, name: str, arguments: list[str]) -> Operator:
        self.log.append(f"started {name}")
        return _Echo(self.log, arguments)


def test_a_custom_command_gets_its_arguments_without_quotes_and_is_closed() -> None:
    commands = _Commands()
    search = compile_search('* | echo expand=true name="a b" "c \\"d" e,f', _environment(commands=commands))
    assert commands.log == []
    assert run(search, [{}]) == [{"arguments": ["expand=true", "name=a b", 'c "d', "e,f"]}]
    assert commands.log == ["started echo", "closed"]


def test_operators_are_closed_after_an_error() -> None:
    commands = _Commands()

    def broken() -> Iterable[Row]:
        yield {}
        raise OSError("broken input")

    with pytest.raises(OSError, match="broken input"):
        run(compile_search("* | echo | echo", _environment(commands=commands)), broken())
    assert commands.log == ["started echo", "started echo", "closed", "closed"]


def test_every_command_of_the_table_is_there() -> None:
    assert [name for name in COMMANDS if not callable(COMMANDS[name])] == []
    assert COMMANDS.get("nosuchcommand") is None
