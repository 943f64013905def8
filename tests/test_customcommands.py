from __future__ import annotations

from pathlib import Path

import pytest

from searchhead.conf import App, InvalidConf
from searchhead.customcommands import AppCommands
from searchhead.scp import CommandFailed
from searchhead.spl.operators import Operator
from searchhead.spl.values import Row
from tests.apps import package_abuse

FAKE = Path(__file__).with_name("fake_command.py")


def app(path: Path, settings: str) -> App:
    for folder in ("default", "bin"):
        (path / folder).mkdir()
    (path / "bin" / "mine.py").write_text("")
    (path / "default" / "commands.conf").write_text(f"[mine]\n{settings}\n")
    return App(path)


def commands(*apps: App) -> AppCommands:
    return AppCommands(apps, now=0, warn=lambda _message: None)


def test_the_commands_of_an_app_are_known_by_name() -> None:
    known = commands(package_abuse())
    assert "msixdecode" in known
    assert "stats" not in known


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("filename = mine.py", "must have chunked = true"),  # version 1 of the protocol
        ("filename = mine.py\nchunked = false", "must have chunked = true"),
        (
            "filename = mine.py\nchunked = true\nstreaming = true",
            "has streaming, which a chunked command does not have",
        ),
        ("chunked = true", "needs filename"),
        ("chunked = true\nfilename = other.py", "needs filename = a script in bin/, not 'other.py'"),
        ("chunked = true\nfilename = ../bin/mine.py", "needs filename"),  # leads out of the folder
    ],
)
def test_a_command_that_cannot_be_run_as_splunk_would_is_refused(settings: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidConf, match=rf"^default/commands\.conf:\d+: stanza \[mine\] .*{message}"):
        commands(app(tmp_path, settings))


class Fake:
    """The fake command in an app of its own, and how often its process was started."""

    def __init__(self, path: Path) -> None:
        made = app(path, "filename = mine.py\nchunked = true")
        self._started = path / "started"
        (path / "bin" / "mine.py").write_text(
            f"import runpy\nwith open({str(self._started)!r}, 'a') as file: file.write('x')\n"
            f"runpy.run_path({str(FAKE)!r})\n"
        )
        self.commands = commands(made)

    def use(self, *arguments: str) -> Operator:
        return self.commands.start("mine", list(arguments))

    @property
    def started(self) -> int:
        return len(self._started.read_text()) if self._started.exists() else 0


ROW: Row = {"a": "x"}


def test_searches_share_the_process_of_a_command_with_the_same_arguments(tmp_path: Path) -> None:
    fake = Fake(tmp_path)
    first, second, other, idle = (
        fake.use(*arguments) for arguments in (["count"], ["count"], ["count", "b"], ["count"])
    )
    assert fake.started == 0
    assert list(idle.process([])) == []
    assert fake.started == 0
    assert list(first.process([ROW])) == [{"chunk": "1", "rows": "1"}]
    assert list(second.process([ROW, ROW])) == [{"chunk": "2", "rows": "2"}]
    assert fake.started == 1
    assert list(other.process([ROW])) == [{"chunk": "1", "rows": "1"}]
    assert fake.started == 2
    assert list(first.finish()) == []
    first.close()
    assert list(second.process([ROW])) == [{"chunk": "3", "rows": "1"}]  # the end of one is not the end of all
    for one in (second, other, idle):
        list(one.finish())
        one.close()
    assert fake.started == 2
    again = fake.use("count")
    assert list(again.process([ROW])) == [{"chunk": "1", "rows": "1"}]
    assert fake.started == 3
    again.close()


def test_a_stateful_command_has_a_process_for_each_search(tmp_path: Path) -> None:
    fake = Fake(tmp_path)
    first, second = fake.use("stateful"), fake.use("stateful")
    assert list(first.process([ROW])) == [{"chunk": "1", "rows": "1"}]
    assert list(second.process([ROW])) == [{"chunk": "1", "rows": "1"}]
    assert list(first.process([ROW])) == [{"chunk": "2", "rows": "1"}]
    assert fake.started == 2
    for one in (first, second):
        assert list(one.finish()) == []
        one.close()


def test_the_process_ends_when_the_last_search_gives_up(tmp_path: Path) -> None:
    fake = Fake(tmp_path)
    first, second = fake.use("error"), fake.use("error")
    with pytest.raises(CommandFailed, match=r"out of \{order\}"):
        list(first.process([ROW]))
    first.close()
    second.close()
    second.close()
    third = fake.use("count")
    assert list(third.process([ROW])) == [{"chunk": "1", "rows": "1"}]
    third.close()
