from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from searchhead.conf import InvalidConf
from searchhead.console import Warnings, opened, printable_lines, problems, progress, stop, tell, time_option
from searchhead.lookups import InvalidLookup

NOW = 1_772_496_000.0  # 2026-03-03T00:00:00Z


def test_a_warning_is_told_once_and_not_too_many_are() -> None:
    warnings = Warnings()
    for number in (*range(60), 0, 1):
        warnings(f"warning {number}")
    assert list(warnings) == [
        *(f"warning {number}" for number in range(50)),
        "and others, of which there are too many to tell",
    ]


@pytest.mark.parametrize("error", [InvalidConf("a.conf:1: wrong"), InvalidLookup("a.conf:1: wrong")])
def test_what_the_app_gets_wrong_is_one_message_and_status_2(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended, problems():
        raise error
    assert ended.value.code == 2
    assert capsys.readouterr() == ("", "hunt: a.conf:1: wrong\n")


def test_a_message_cannot_act_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        stop("a\x1b[2J\nb")
    assert capsys.readouterr().err == "hunt: a\\u001b[2J\nb\n"
    assert printable_lines("a\u202e\r\nb") == "a\\u202e\nb"


def test_a_line_is_told_whole_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    line = f"  channels: {'Microsoft-Windows-Sysmon/Operational (23), ' * 9}[red]"
    tell(line)
    assert capsys.readouterr() == ("", f"{line}\n")


def test_a_terminal_gets_a_line_broken_between_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "20")
    tell("  two words [red] 中文中文 and-a-long-one-without-any-end")
    assert capsys.readouterr().err == "  two words [red]\n  中文中文\n  and-a-long-one-wit\n  hout-any-end\n"
    tell("a\n\nb")
    assert capsys.readouterr().err == "a\n\nb\n"


def test_a_time_is_epoch_seconds_whatever_its_form() -> None:
    assert time_option(None, NOW, "--latest") is None
    assert time_option("-1d@d", NOW + 5, "--latest") == NOW - 86_400
    assert time_option("2026-03-03", NOW, "--latest") == NOW
    with pytest.raises(click.UsageError, match="--latest: "):
        time_option("soon", NOW, "--latest")


def test_a_report_goes_to_its_file(tmp_path: Path) -> None:
    with opened(str(tmp_path / "report")) as file:
        file.write("bü\r\n\ud800")
    assert (tmp_path / "report").read_bytes() == "bü\r\n\\ud800".encode()
    with pytest.raises(click.UsageError, match="--output: "), opened(str(tmp_path / "no" / "report")):
        pass


class Source:
    on_progress: Callable[[int, int | None], None] | None = None


def test_without_a_terminal_there_is_no_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", io.StringIO())
    source = Source()
    with progress(source, "Reading"):
        assert source.on_progress is None
