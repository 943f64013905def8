"""What a site makes of LAUREL's events for the data model Endpoint, told in searchhead/addons/auditd."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from searchhead.head import SearchHead
from searchhead.inputs import Reader
from searchhead.savedsearches import SavedSearch
from searchhead.spl.errors import Place
from searchhead.spl.values import Row
from tests.apps import NOW, STAND_INS, addons
from tests.auditd_events import render
from tests.windows_events import LINUX_HOST, WindowsEvent

*BEFORE, LAST = addons(*STAND_INS)
HEAD = SearchHead(LAST, BEFORE, now=NOW)
DEFAULT = {"_time", "_indextime", "_raw", "host", "source", "sourcetype", "index", "tag"}
SCRIPT = "/var/lib/dpkg/info/viewer.postinst"


def processes(folder: Path, **data: Any) -> list[Row]:
    """The rows of Endpoint.Processes for one event, without default fields, tags and what is unknown."""
    event = WindowsEvent("execve", "2026-03-02T09:00:00.123Z", data, "auditd", LINUX_HOST)
    (folder / "log.jsonl").write_text(render(event), encoding="utf-8")
    spl = "| datamodel Endpoint Processes flat"
    search = HEAD.compile(SavedSearch("x", spl, "x", "x", (), Place("savedsearches.conf", 1, "x")))
    [rows] = HEAD.run([search], Reader().read([folder]))
    return [{name: value for name, value in row.items() if name not in DEFAULT and value != "unknown"} for row in rows]


def test_an_execve_is_a_process(tmp_path: Path) -> None:
    argv = ["/bin/sh", SCRIPT, "configure", ""]
    [row] = processes(
        tmp_path, exe="/usr/bin/dash", argv=argv, pid=812, ppid=800, script=SCRIPT, parent_exe="/usr/bin/dpkg"
    )
    assert row == {
        "action": "allowed",
        "dest": LINUX_HOST,
        "os": "Linux",
        "parent_process": "/usr/bin/dpkg",
        "parent_process_exec": "dpkg",
        "parent_process_id": "800",
        "parent_process_name": "dpkg",
        "parent_process_path": "/usr/bin/dpkg",
        "process": f"/bin/sh {SCRIPT} configure ",
        "process_current_directory": "/",
        "process_exec": "dash",
        "process_id": "812",
        "process_name": "dash",
        "process_path": "/usr/bin/dash",
        "user": "root",
        "user_id": "0",
        "vendor_product": "Linux Audit",
    }


def test_a_parent_that_nobody_saw_start_is_known_by_its_number_alone(tmp_path: Path) -> None:
    [row] = processes(tmp_path, exe="/usr/bin/id", argv="id", pid=2, ppid=1)
    assert {name: value for name, value in row.items() if name.startswith("parent_")} == {"parent_process_id": "1"}
