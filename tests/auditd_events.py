"""Constructed records of execve of the Linux audit system, as LAUREL writes them and Splunk exports them.

LAUREL (threathunters-io/laurel, laurel-about(7)) is a plug-in of auditd which writes one JSON object for all records of
an event. What auditd alone writes, several lines of which none is complete, is no source of processes: see
searchhead/addons/auditd.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

from searchhead.inputs import windowsxml
from tests.defender_events import exported
from tests.windows_events import WindowsEvent

KEYS = {"exe", "argv", "pid", "ppid", "user", "uid", "parent_exe", "cwd", "script"}


def render(event: WindowsEvent) -> str:
    """One line of a Splunk export. Raises ValueError for anything unknown.

    ``code`` is ``execve``. ``data`` has ``exe``, ``argv`` (a list, or a text as a shell reads it), ``pid``, ``ppid``;
    it may have ``parent_exe`` (else LAUREL does not know the parent), ``user`` (root), ``uid`` (0), ``cwd`` (/) and
    ``script``, the path of the script that ``exe`` runs.
    """
    data = event.data
    if event.code != "execve" or not isinstance(data, Mapping) or not {"exe", "argv", "pid", "ppid"} <= data.keys():
        raise ValueError("an event of auditd has the code execve and in its data exe, argv, pid and ppid")
    if not data.keys() <= KEYS:
        raise ValueError(f"data of an event of auditd is of {', '.join(sorted(KEYS))}: {sorted(data.keys() - KEYS)}")
    exe, given = str(data["exe"]), data["argv"]
    arguments = [str(one) for one in given] if isinstance(given, list) else shlex.split(str(given))
    call: dict[str, object] = {
        "arch": "0xc000003e",
        "syscall": 59,
        "success": "yes",
        "exit": 0,
        "items": 2,
        "ppid": data["ppid"],
        "pid": data["pid"],
        "uid": data.get("uid", 0),
        "tty": "(none)",
        # The kernel cuts a task's name at 15 bytes; it is that of the script where one runs.
        "comm": str(data.get("script", exe)).rpartition("/")[2][:15],
        "exe": exe,
        "key": "exec",
        "ARCH": "x86_64",
        "SYSCALL": "execve",
        "UID": data.get("user", "root"),
    }
    if "script" in data:
        call["SCRIPT"] = {"path": data["script"]}
    moment = windowsxml.epoch(event.time)
    if moment is None:
        raise ValueError(f"a time is written as 2026-03-02T09:00:00.123Z, not {event.time!r}")
    if "parent_exe" in data:
        parent = str(data["parent_exe"])
        started = f"{moment - 1:.3f}:{event.record - 1}"
        call["PPID"] = {"EVENT_ID": started, "comm": parent.rpartition("/")[2][:15], "exe": parent}
    raw = {
        "ID": f"{moment:.3f}:{event.record}",
        "SYSCALL": call,
        "EXECVE": {"argc": len(arguments), "ARGV": arguments},
        "CWD": {"cwd": data.get("cwd", "/")},
        "PROCTITLE": {"ARGV": arguments},
    }
    text = json.dumps(raw, ensure_ascii=False, separators=(",", ":"))
    return exported(text, event.time, event.host, "/var/log/laurel/audit.log", "laurel")
