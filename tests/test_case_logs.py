from __future__ import annotations

from pathlib import Path

import pytest

from searchhead.inputs import Reader
from searchhead.spl.values import Row
from tests.case_logs import logs_of, moved, moved_logs_of

EVENTS = {
    "events": [
        {"code": 603, "time": "2026-03-02T09:00:00Z"},
        {"code": 1, "time": "2026-03-02T09:00:01Z", "channel": "linux_sysmon"},
        {"code": "DeviceFileEvents", "time": "2026-03-02T09:00:02Z", "channel": "defender", "host": "mac-0031"},
        {
            "code": "execve",
            "time": "2026-03-02T09:00:03Z",
            "channel": "auditd",
            "data": {"exe": "/bin/sh", "argv": "sh", "pid": 2, "ppid": 1},
        },
    ]
}


def read(folder: Path, logs: dict[str, str]) -> list[Row]:
    for name, text in logs.items():
        (folder / name).write_text(text, encoding="utf-8")
    reader = Reader()
    rows = list(reader.read([folder]))
    assert reader.stats.damages == []
    return rows


def test_a_case_of_several_kinds_of_events_is_a_log_of_each_form(tmp_path: Path) -> None:
    logs = logs_of(tmp_path / "a.toml", EVENTS)
    assert {name: text.count("\n") for name, text in logs.items()} == {"log.xml": 2, "log.jsonl": 2}
    rows = read(tmp_path, logs)
    assert {str(row["host"]) for row in rows} == {
        *("ws-0142.corp.example", "lx-0007.corp.example", "splunk-hf.corp.example"),
    }
    assert sorted(float(str(row["_time"])) - 1772442000 for row in rows) == [0, 1, 2, 3]


def test_all_of_them_can_be_moved(tmp_path: Path) -> None:
    rows = read(tmp_path, moved_logs_of(tmp_path / "a.toml", EVENTS, "x-1", 60.5))
    assert sorted(float(str(row["_time"])) - 1772442000 for row in rows) == [60.5, 61.5, 62.5, 63.5]
    assert [str(row["host"]) for row in rows].count("x-1") == 3
    assert ['"DeviceName": "x-1"' in str(row["_raw"]) for row in rows].count(True) == 1


def test_a_log_that_is_a_file_is_moved_as_text(tmp_path: Path) -> None:
    text = '<TimeCreated SystemTime="2026-03-02T09:00:00.1234567Z"/><Computer>a</Computer>'
    (tmp_path / "a.xml").write_text(text, encoding="utf-8")
    assert logs_of(tmp_path / "a.toml", {"log": "a.xml"}) == {"a.xml": text}
    expected = "<TimeCreated SystemTime='2026-03-02T09:01:00.123456Z'/><Computer>b</Computer>"
    assert moved(text, "b", 60) == expected
    assert moved_logs_of(tmp_path / "a.toml", {"log": "a.xml"}, "b", 60) == {"a.xml": expected}


def test_a_log_of_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.evtx").write_bytes(b"ElfFile\x00\xff")
    with pytest.raises(UnicodeDecodeError):
        logs_of(tmp_path / "a.toml", {"log": "a.evtx"})
