from __future__ import annotations

from pathlib import Path

import pytest

from searchhead.conf import App, InvalidConf
from searchhead.customcommands import AppCommands
from tests.apps import package_abuse


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
