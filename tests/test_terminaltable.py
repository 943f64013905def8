from __future__ import annotations

import io
import os
import pty
import re
import struct
import subprocess
import sys
from contextlib import suppress
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ
from unicodedata import category, east_asian_width

import pytest

from searchhead.conf import App
from searchhead.findings import Finding
from searchhead.hunted import Hunted
from searchhead.reports import FORMATS
from searchhead.spl.values import Row
from tests.apps import ROOT

LONG = "C:\\Users\\" + "verylongname" * 30
ROWS: list[Row] = [
    {"dest": "ws-1.corp", "user": "u1", "why": "one two three " * 40, "risk_score": 90, "first_time": 1772442840},
    {"dest": "工作站-一二三.公司", "user": "管理员", "why": "部署了" * 50, "risk_score": 70, "first_time": 1772442840},
    {"dest": "מחשב-12", "user": "משתמש-34", "why": "On מחשב 12 ran חבלה_1.0 at 12:30", "first_time": 1772442840},
    {"dest": "e\u0301cran", "user": "n\u0303", "why": "a\u0338b\u0335\u0321c", "risk_score": 45, "first_time": "soon"},
    {"dest": "x\u202ey\u200bz", "user": "a\u3164b", "why": "👨\u200d👩\u200d👧 ❤\ufe0f \x1b[31m", "risk_score": 25},
    {"dest": "h" * 70, "user": "S-1-5-21-1111111111-2222222222-3333333333-1127", "why": LONG, "risk_score": 55},
]


def cells(text: str) -> int:
    """How many cells of a terminal the text takes: none for marks and format characters, two for wide characters."""
    return sum(
        0 if category(one) in {"Mn", "Me", "Cf"} else 2 if east_asian_width(one) in {"W", "F"} else 1 for one in text
    )


def hunted(*rows: Row) -> Hunted:
    return Hunted(App(Path()), findings=[Finding("a_detection", "A Detection", ("T1204.002",), row) for row in rows])


def table(monkeypatch: pytest.MonkeyPatch, width: int, *rows: Row) -> str:
    monkeypatch.setenv("COLUMNS", str(width))
    output = io.StringIO()
    FORMATS["table"](hunted(*rows), output)
    return "".join(f"{line.rstrip()}\n" for line in output.getvalue().splitlines())


def without_rules(written: str) -> str:
    return re.sub("─+", "─", written)


@pytest.mark.parametrize("width", [20, 40, 59, 60, 80, 159, 160, 200, 300])
def test_no_line_is_wider_than_the_terminal_and_nothing_is_cut(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    for row in ROWS:
        written = table(monkeypatch, width, row)
        assert max(map(cells, written.splitlines())) <= width
        assert "…" not in written
    # Of the last column every character is there, in order: only this row's other columns have one line.
    said = re.sub(r"\s", "", table(monkeypatch, width, {**ROWS[1], "dest": "a", "user": "b"}))
    assert "部署了" * 50 in said


def test_a_usual_terminal_has_two_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    row: Row = {"dest": "ws-1", "user": "u1", "why": "it is known", "risk_score": 62.5, "first_time": "1772442840.5"}
    assert without_rules(table(monkeypatch, 80, row)) == (
        " ─\n"
        "  Risk        Finding\n"
        " ─\n"
        "  62.5 high   A Detection\n"
        "              2026-03-02 09:14:00 UTC  ws-1\n"
        "              it is known\n"
        " ─\n"
    )


def test_a_narrow_terminal_has_one_column(monkeypatch: pytest.MonkeyPatch) -> None:
    written = table(monkeypatch, 40, {"dest": "ws-1", "why": "it is known", "first_time": "soon"})
    assert without_rules(written) == " ─\n  Finding\n ─\n  0 informational\n  A Detection\n  ws-1\n  it is known\n ─\n"


def test_a_wide_terminal_has_columns_for_time_host_and_user(monkeypatch: pytest.MonkeyPatch) -> None:
    row: Row = {"dest": "ws-1", "user": "u1", "why": "it is known", "risk_score": 90, "first_time": 1772442840}
    written = table(monkeypatch, 160, {**row, "last_time": 1772442900}, {**row, "first_time": "-"})
    assert without_rules(written) == (
        " ─\n"
        "  Risk          First, last (UTC)     Host   User   Finding\n"
        " ─\n"
        "  90 critical   2026-03-02 09:14:00   ws-1   u1     A Detection\n"
        "                2026-03-02 09:15:00                 it is known\n"
        " ─\n"
        "  90 critical   -                     ws-1   u1     A Detection\n"
        "                                                    it is known\n"
        " ─\n"
    )


def test_wide_and_right_to_left_characters_keep_the_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    written = table(monkeypatch, 200, *ROWS[:5])
    lines = [line for line in written.splitlines() if "A Detection" in line]
    assert len({cells(line[: line.index("A Detection")]) for line in lines}) == 1
    users = [cells(line[: line.index(user)]) for line, user in zip(lines, ("u1", "管理员", "משתמש"), strict=False)]
    assert len(set(users)) == 1
    # A terminal that reorders text takes what is isolated for itself, so that no digit of one column goes into another.
    assert "\u2066מחשב-12\u2069 " in lines[2]
    assert " \u2066משתמש-34\u2069 " in lines[2]
    assert "On \u2066מחשב\u2069 12 ran \u2066חבלה_1.0\u2069 at 12:30" in written


def test_what_is_not_seen_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    written = table(monkeypatch, 80, ROWS[4])
    assert "x\\u202ey\\u200bz" in written
    assert "👨\\u200d👩\\u200d👧 ❤\\ufe0f \\u001b[31m" in written


def received(terminal: int) -> str:
    """What a terminal gets until nobody writes to it any more."""
    read = b""
    with suppress(OSError):  # a terminal that was closed on the other side says EIO
        while block := os.read(terminal, 65536):
            read += block
    os.close(terminal)
    return read.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("environment", "bold", "colored"),
    [
        ({"TERM": "xterm-256color"}, True, True),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, True, False),
        ({"TERM": "dumb"}, False, False),
    ],
)
def test_colours_can_be_switched_off_and_say_nothing_alone(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], *, bold: bool, colored: bool
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"COLUMNS": "80", **environment}.items():
        monkeypatch.setenv(name, value)
    row: Row = {"dest": "ws-1", "why": "it is known", "risk_score": 90}
    plain = table(monkeypatch, 80, row)
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as terminal:
        FORMATS["table"](hunted(row), terminal)
    written = received(ours)
    assert (re.search(r"\x1b\[[0-9;]*1m|\x1b\[1;", written) is not None) == bold
    assert (re.search(r"\x1b\[[0-9;]*3[0-7]m", written) is not None) == colored
    words = re.sub(r"\x1b\[[0-9;]*m", "", written)
    assert "".join(f"{line.rstrip()}\n" for line in words.splitlines()) == plain


def test_a_terminal_gets_lines_of_its_width_on_both_outputs() -> None:
    ours, theirs = pty.openpty()
    ioctl(theirs, TIOCSWINSZ, struct.pack("HHHH", 50, 100, 0, 0))  # lines, columns
    log, only = ROOT / "tests" / "demo" / "workstations.xml", "windows_known_malicious_msix_publisher"
    command = [sys.executable, str(ROOT / "hunt"), str(log), "--detection", only]
    environment = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env={**environment, "TERM": "xterm-256color"}
    ):
        os.close(theirs)
        written = received(ours)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written)
    report = shown[shown.rindex("  Risk") :].splitlines()
    assert "Windows Known Malicious MSIX Publisher" in report[2]
    assert max(map(cells, report)) <= 100
    channels = next(at for at, line in enumerate(report) if line.startswith("channels: "))
    assert report[channels].endswith("),")  # it goes on in the next line, after a word
    assert cells(report[channels]) > 60
