from __future__ import annotations

import csv
import io
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchhead.scp import CommandFailed, CustomCommand, decode_rows, encode_chunk, encode_rows
from searchhead.spl.values import Row
from tests.search_command import ROOT

FAKE = Path(__file__).with_name("fake_command.py")


class Session:
    """A fake command of one manner, and what it made us warn."""

    def __init__(self, *arguments: str, timeout: float = 20, maxresultrows: int = 50_000) -> None:
        self.warnings: list[str] = []
        self.command = CustomCommand(
            "fake",
            FAKE,
            arguments,
            app="package_abuse",
            now=1_700_000_000.5,
            maxresultrows=maxresultrows,
            warn=self.warnings.append,
            timeout=timeout,
        )

    def run(self, *rows: Row) -> list[Row]:
        try:
            return [*self.command.process(rows), *self.command.finish()]
        finally:
            self.command.close()


def test_a_message_has_its_lengths_in_bytes() -> None:
    assert encode_chunk({"action": "x\u00e9"}, b"a\n") == b'chunked 1.0,20,2\n{"action":"x\\u00e9"}a\n'


def test_rows_are_written_as_splunkd_writes_them() -> None:
    rows: list[Row] = [
        {"a": "x1", "b c": 'say "hi", you'},
        {"a": ["p$", "q\nr", ""], "b c": 1.5},
        {"b c": 3.0, "other": "not asked for"},
        {"a": 0, "b c": ""},
    ]
    assert encode_rows(["a", "b c"], rows).decode() == (
        'a,"b c","__mv_a","__mv_b c"\nx1,"say ""hi"", you",,\n"p$\nq\nr\n","1.5","$p$$$;$q\nr$;$$",\n,3,,\n0,,,\n'
    )


def test_rows_of_a_reply_lose_empty_cells_and_gain_multivalues() -> None:
    body = 'a,__mv_a,"b c"\r\n"x\ny",$x$;$y$,\r\nz,,"1"\r\n"$",$$$$,2\r\n'
    assert decode_rows(body.encode()) == (
        ["a", "b c"],
        [{"a": ["x", "y"]}, {"a": "z", "b c": "1"}, {"a": "$", "b c": "2"}],
    )


def test_a_reply_without_a_body_has_no_rows() -> None:
    assert decode_rows(b"") == ([], [])


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@given(rows=st.lists(st.dictionaries(TEXT, TEXT | st.lists(TEXT, min_size=2, max_size=3), max_size=4), max_size=4))
def test_reading_undoes_writing(rows: list[Row]) -> None:
    fields = sorted({field for row in rows for field in row if not field.startswith("__mv_")})
    kept = [{field: row[field] for field in fields if field in row} for row in rows]
    if fields:
        assert decode_rows(encode_rows(fields, kept)) == (fields, kept)


@given(rows=st.lists(st.lists(TEXT, min_size=2, max_size=2), max_size=4))
def test_the_csv_module_reads_the_same(rows: list[list[str]]) -> None:
    body = encode_rows(["a", "b"], [dict(zip("ab", row, strict=True)) for row in rows])
    read = list(csv.reader(io.StringIO(body.decode(), newline="")))
    assert read == [["a", "b", "__mv_a", "__mv_b"], *[[*row, "", ""] for row in rows]]


def test_without_selected_fields_the_rows_are_those_of_the_reply() -> None:
    rows: list[Row] = [{"a": "1", "b": ["x", "y"]}, {"c": 2}, {"a": "", "d": "$"}]
    assert Session("echo").run(*rows) == [{"a": "1", "b": ["x", "y"]}, {"c": "2"}, {"d": "$"}]


def test_with_selected_fields_the_reply_is_joined_with_what_was_kept() -> None:
    rows: list[Row] = [
        {"a": "one", "_time": 1.5, "b": "replaced"},
        {"a": "two"},
        {"_time": 3, "mv": ["x", "y"]},
    ]
    assert Session("select").run(*rows) == [
        {"_time": 3, "mv": ["x", "y"], "b": "!"},
        {"_time": 1.5, "b": "one!"},
        {"_time": 1.5, "b": "one!"},
    ]


def test_no_chunk_has_more_rows_than_allowed() -> None:
    rows: list[Row] = [{"a": str(number)} for number in range(7)]
    counts = Session("count", maxresultrows=3).run(*rows)
    assert [row["rows"] for row in counts] == ["3", "3", "1"]


def test_rows_are_asked_for_only_as_the_chunks_go() -> None:
    session = Session("echo", maxresultrows=2)
    asked: list[int] = []

    def rows() -> Iterator[Row]:
        for number in range(6):
            asked.append(number)
            yield {"a": "x"}

    next(session.command.process(rows()))
    assert asked == [0, 1]
    session.command.close()


def test_rows_may_come_with_the_last_reply() -> None:
    assert Session("late").run({"a": "1"}) == [{"a": "1"}, {"n": "late"}]


def test_a_command_without_rows_is_never_started() -> None:
    command = CustomCommand("x", FAKE, [], python="/nowhere/python", app="x", now=0, warn=print)
    assert [*command.process([]), *command.finish()] == []


def test_getinfo_says_what_a_command_may_ask_for() -> None:
    session = Session("getinfo", "a b", "x=1")
    session.command.check()
    session.command.check()  # the second time there is nothing to do
    session.command.close()
    (warning,) = session.warnings
    request = json.loads(warning.removeprefix("fake: "))
    info = request["searchinfo"]
    assert (request["action"], request["preview"]) == ("getinfo", False)
    assert info["args"] == ["getinfo", "a b", "x=1"]
    assert info["raw_args"] == ["getinfo", '"a b"', "x=1"]
    assert (info["command"], info["app"], info["sid"]) == ("fake", "package_abuse", "1700000000.500")
    assert (info["maxresultrows"], info["earliest_time"], info["latest_time"]) == (50_000, "0", "0")


def test_warnings_and_standard_error_are_passed_on() -> None:
    session = Session("warn")
    assert session.run({"a": "1"}) == [{"a": "1"}]
    assert sorted(session.warnings) == ["fake: a line", "fake: another", "fake: be careful"]


def test_debug_messages_are_not_passed_on() -> None:
    session = Session("debug")
    session.run({"a": "1"})
    assert session.warnings == []


def test_full_pipes_do_not_block() -> None:
    session = Session("noisy")
    rows: list[Row] = [{"a": "x" * 1000} for _ in range(2000)]
    assert session.run(*rows) == rows
    assert session.warnings == ["fake: " + "x" * 300_000]


@pytest.mark.parametrize(
    ("manner", "said"),
    [
        ("refuse", "command fake: no field"),
        ("events", "command fake: is of type events; only streaming and stateful commands can be run here"),
        ("generating", "command fake: generates rows; only commands that stream can be run here"),
    ],
)
def test_check_tells_a_command_that_cannot_run(manner: str, said: str) -> None:
    session = Session(manner)
    with pytest.raises(CommandFailed) as failure:
        session.command.check()
    session.command.close()
    assert str(failure.value) == said


@pytest.mark.parametrize(
    ("manner", "said"),
    [
        ("error", "out of {order}"),
        ("early", "said that it had finished while there were rows to come"),
        ("die", "ended without a reply"),
        ("cut", "ended in the middle of a reply"),
        ("print", "wrote b'hello\\n', which is no reply of the protocol"),
        ("huge", "announced a reply of 99999999999999 bytes, more than 2147483647"),
        ("no json", "sent metadata that is not JSON"),
        ("no object", "sent metadata that is no object: b'[]'"),
        ("ragged", "sent a row of 1 cells under a header of 2"),
        ("no csv", "sent a body that is not CSV"),
        ("wrong index", "sent a row with _chunked_idx '99': it has to come back as it was"),
        ("status", "exited with status 3"),
    ],
)
def test_a_command_that_fails_is_named_with_what_it_said(manner: str, said: str) -> None:
    with pytest.raises(CommandFailed) as failure:
        Session(manner).run({"a": "1"})
    assert str(failure.value).startswith(f"command fake: {said}")


@pytest.mark.parametrize("manner", ["silent at getinfo", "silent", "deaf"])
def test_a_command_that_hangs_is_ended_in_time(manner: str) -> None:
    session = Session(manner, timeout=1)
    started = time.monotonic()
    with pytest.raises(CommandFailed, match=r"^command fake: gave no reply within 1 seconds and was ended$"):
        session.run({"a": "x" * 1_000_000})  # more than a pipe holds
    assert time.monotonic() - started < 30


def test_a_later_request_to_a_command_that_is_gone_fails_at_once() -> None:
    session = Session("die")
    for _ in range(2):
        with pytest.raises(CommandFailed, match="ended without a reply"):
            session.run({"a": "1"})


def test_a_script_that_is_not_there_is_named_by_the_interpreter() -> None:
    warnings: list[str] = []
    command = CustomCommand("gone", Path("nowhere.py"), [], app="x", now=0, warn=warnings.append)
    with pytest.raises(CommandFailed, match=r"^command gone: ended without a reply"):
        command.check()
    assert any("nowhere.py" in warning for warning in warnings)


def test_an_interpreter_that_is_not_there_is_an_error() -> None:
    command = CustomCommand("x", FAKE, [], python="/nowhere/python", app="x", now=0, warn=print)
    with pytest.raises(CommandFailed, match=r"^command x: cannot be started: "):
        command.check()


@pytest.mark.skipif(os.name == "nt", reason="signal 0 ends a process on Windows instead of asking for it")
def test_no_process_stays_behind(tmp_path: Path) -> None:
    script = tmp_path / "sleeper.py"
    script.write_text(
        f"import os, time\nopen({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)\n"
    )
    command = CustomCommand("sleeper", script, [], app="x", now=0, warn=print, timeout=1)
    with pytest.raises(CommandFailed, match="gave no reply"):
        command.check()
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_the_callers_python_settings_do_not_reach_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONSTARTUP", "x")
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    assert Session("echo").run({"a": "1"}) == [{"a": "1"}]


def test_the_apps_own_command_runs_and_is_joined() -> None:
    warnings: list[str] = []
    command = CustomCommand(
        "msixdecode",
        ROOT / "bin" / "msixdecode.py",
        ["Packages"],
        python=sys.executable,
        app="package_abuse",
        now=0,
        warn=warnings.append,
    )
    rows: list[Row] = [{"_time": 1.5, "Packages": "Foo.Bar_8wekyb3d8bbwe"}, {"_time": 2}]
    results = [*command.process(rows), *command.finish()]
    assert results[0]["_time"] == 1.5
    assert results[0]["package_kind"] == "family"
    assert results[1] == {"_time": 2}
    assert warnings == []
