from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from searchhead.inputs import Reader
from tests.auditd_events import render
from tests.windows_events import LINUX_HOST, WindowsEvent, from_case

TIME = "2026-03-02T09:00:00.123Z"
DATA = {"exe": "/usr/bin/perl", "argv": "perl -e 'a b'", "pid": 724395, "ppid": 722076}


def test_an_execve_is_one_object_as_laurel_writes_it(tmp_path: Path) -> None:
    data = {**DATA, "parent_exe": "/bin/bash", "cwd": "/root"}
    [event] = from_case([{"code": "execve", "time": TIME, "channel": "auditd", "data": data}])
    (tmp_path / "log.jsonl").write_text(render(event), encoding="utf-8")
    [read] = Reader().read([tmp_path])
    assert (read["host"], read["sourcetype"], read["_time"]) == (LINUX_HOST, "laurel", pytest.approx(1772442000.123))
    # The keys are those of the example in laurel-about(7).
    raw = json.loads(read["_raw"])
    assert raw["ID"] == "1772442000.123:1000"
    call = raw["SYSCALL"]
    assert (call["syscall"], call["SYSCALL"], call["success"], call["uid"], call["UID"]) == (
        *(59, "execve", "yes", 0, "root"),
    )
    assert (call["pid"], call["ppid"], call["comm"], call["exe"]) == (724395, 722076, "perl", "/usr/bin/perl")
    assert call["PPID"] == {"EVENT_ID": "1772441999.123:999", "comm": "bash", "exe": "/bin/bash"}
    assert raw["EXECVE"] == {"argc": 3, "ARGV": ["perl", "-e", "a b"]}
    assert raw["CWD"] == {"cwd": "/root"}


def test_a_script_is_told_beside_its_interpreter() -> None:
    script = "/var/lib/dpkg/info/viewer-tools.postinst"
    data = {**DATA, "exe": "/usr/bin/dash", "argv": ["/bin/sh", script, "configure"], "script": script, "user": "ann"}
    raw = json.loads(json.loads(render(WindowsEvent("execve", TIME, data, "auditd")))["result"]["_raw"])
    assert raw["SYSCALL"]["SCRIPT"] == {"path": script}
    assert raw["SYSCALL"]["comm"] == "viewer-tools.po"
    assert raw["SYSCALL"]["UID"] == "ann"
    assert "PPID" not in raw["SYSCALL"]
    assert raw["EXECVE"]["ARGV"] == ["/bin/sh", script, "configure"]


@pytest.mark.parametrize(
    ("code", "data", "time", "says"),
    [
        ("SYSCALL", DATA, TIME, "has the code execve"),
        ("execve", {"exe": "/bin/sh"}, TIME, "in its data exe, argv, pid and ppid"),
        ("execve", ["/bin/sh"], TIME, "in its data exe, argv, pid and ppid"),
        ("execve", {**DATA, "parent": "x"}, TIME, r"\['parent'\]"),
        ("execve", DATA, "2026-03-02", "a time is written as"),
    ],
)
def test_what_is_no_execve_is_refused(code: str, data: Any, time: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        render(WindowsEvent(code, time, data, "auditd"))
