"""The stand-in for the add-on that reads Microsoft Defender's tables: which fields of the data models it gives.

What is expected follows from the settings that the add-on publishes, told in searchhead/addons/defender.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from searchhead.head import SearchHead
from searchhead.inputs import Reader
from searchhead.savedsearches import SavedSearch
from searchhead.spl.errors import Place
from searchhead.spl.values import Row
from tests.apps import NOW, STAND_INS, addons
from tests.defender_events import render
from tests.windows_events import WindowsEvent

*BEFORE, LAST = addons(*(name for name in STAND_INS if name != "defender_connections"))
HEAD = SearchHead(LAST, BEFORE, now=NOW)
DEFAULT = {"_time", "_indextime", "_raw", "host", "source", "sourcetype", "index", "tag"}
TIME = "2026-03-02T09:00:00.123Z"
MAC = "mac-0031.corp.example"

MSIEXEC: dict[str, Any] = {
    "InitiatingProcessFileName": "msiexec.exe",
    "InitiatingProcessFolderPath": r"c:\windows\system32\msiexec.exe",
    "InitiatingProcessCommandLine": r"C:\Windows\System32\msiexec.exe /V",
    "InitiatingProcessId": 6100,
    "InitiatingProcessAccountName": "system",
    "InitiatingProcessVersionInfoOriginalFileName": "msiexec.exe",
}


def rows_of(dataset: str, folder: Path, table: str, host: str = MAC, head: SearchHead = HEAD, **data: Any) -> list[Row]:
    """The rows of a dataset for one event, without default fields, tags, hashes and what is unknown."""
    (folder / "log.jsonl").write_text(render(WindowsEvent(table, TIME, data, "defender", host)), encoding="utf-8")
    spl = f"| datamodel {dataset.replace('.', ' ')} flat"
    search = head.compile(SavedSearch("x", spl, "x", "x", (), Place("savedsearches.conf", 1, "x")))
    [rows] = head.run([search], Reader().read([folder]))
    left = DEFAULT | {"process_hash", "action", "vendor_product", "user_id", "process_integrity_level"}
    return [{name: value for name, value in row.items() if name not in left and value != "unknown"} for row in rows]


def test_a_process_of_windows(tmp_path: Path) -> None:
    account = "1f0c0001-0000-4000-8000-000000000001"
    [row] = rows_of(
        "Endpoint.Processes", tmp_path, "DeviceProcessEvents", "ws-0142.corp.example", **MSIEXEC,
        FileName="powershell.exe", FolderPath=r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe",
        ProcessId=6200, ProcessCommandLine='"powershell.exe" -enc AA==', AccountName="jdoe", AccountObjectId=account,
        ProcessVersionInfoOriginalFileName="PowerShell.EXE",
    )  # fmt: skip
    assert row == {
        "dest": "ws-0142.corp.example",
        "user": "jdoe",
        "process": r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe -enc AA==",
        "process_exec": "powershell.exe",
        "process_guid": "{1F0C0001-0000-4000-8000-000000000001}",
        "process_id": "6200",
        "process_name": "powershell.exe",
        "process_path": r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe",
        "original_file_name": "msiexec.exe",
        "parent_process": r"c:\windows\system32\C:\Windows\System32\msiexec.exe /V",
        "parent_process_exec": "msiexec.exe",
        "parent_process_id": "6100",
        "parent_process_name": "msiexec.exe",
        "parent_process_path": r"c:\windows\system32\msiexec.exe",
    }


def test_a_process_of_macos(tmp_path: Path) -> None:
    [row] = rows_of(
        "Endpoint.Processes", tmp_path, "DeviceProcessEvents",
        FileName="curl", FolderPath="/usr/bin/curl", ProcessId=512, ProcessCommandLine="curl -s https://a.example/x",
        AccountName="root", InitiatingProcessFileName="bash", InitiatingProcessFolderPath="/bin/bash",
        InitiatingProcessCommandLine="/bin/bash /tmp/PKInstallSandbox.x/Scripts/com.a.b/postinstall /x.pkg / / /",
        InitiatingProcessId=511,
    )  # fmt: skip
    assert row == {
        "dest": MAC,
        "user": "root",
        "process": r"/usr/bin\curl -s https://a.example/x",
        "process_exec": "/usr/bin/curl",
        "process_id": "512",
        "process_name": "curl",
        "process_path": "/usr/bin/curl",
        "parent_process": r"/bin\/bin/bash /tmp/PKInstallSandbox.x/Scripts/com.a.b/postinstall /x.pkg / / /",
        "parent_process_exec": "/bin/bash",
        "parent_process_id": "511",
        "parent_process_name": "bash",
        "parent_process_path": "/bin/bash",
    }


@pytest.mark.parametrize(
    ("command", "process"),
    [
        # one word is the name of the file, or follows it
        ("whoami.exe", r"C:\b\whoami.exe"),
        ('"whoami.exe"', r"C:\b\whoami.exe"),
        ("whoami", r"C:\b\whoami.exe whoami"),
        ('"C:\\b c\\whoami.exe"', r'C:\b\whoami.exe "C:\b c\whoami.exe"'),
        # a word with blanks stands in quotes, which go
        ('"C:\\b c\\whoami.exe" /user "a b"', r'C:\b\C:\b c\whoami.exe /user "a b"'),
        ("whoami.exe ", r"C:\b\whoami.exe"),
        (None, r"C:\b\whoami.exe"),
        ("", r"C:\b\whoami.exe"),
    ],
)
def test_the_folder_stands_before_the_command_line(command: str | None, process: str, tmp_path: Path) -> None:
    [row] = rows_of(
        "Endpoint.Processes", tmp_path, "DeviceProcessEvents",
        FileName="whoami.exe", FolderPath=r"C:\b\whoami.exe", ProcessCommandLine=command,
    )  # fmt: skip
    assert row["process"] == process


def test_a_file_is_told_by_the_name_of_the_process_and_who_wrote_it_as_its_parent(tmp_path: Path) -> None:
    [row] = rows_of(
        "Endpoint.Filesystem", tmp_path, "DeviceFileEvents",
        **{**MSIEXEC, "InitiatingProcessCommandLine": "msiexec.exe /V"},
        FileName="a.lnk", FolderPath=r"C:\Users\jdoe\Startup\a.lnk",
    )  # fmt: skip
    assert (
        row
        == {
            "dest": MAC,
            "user": "system",
            "file_create_time": TIME,
            "file_name": "a.lnk",
            "file_path": r"C:\Users\jdoe\Startup\a.lnk",
            "process": r"C:\Users\jdoe\Startup\a.lnk",
            "process_exec": "a.lnk",
            "process_name": "a.lnk",
            "process_path": r"C:\Users\jdoe\Startup\a.lnk",
            "parent_process": r"c:\windows\system32\msiexec.exe /V",
            "parent_process_exec": "msiexec.exe",
            "parent_process_id": "6100",
            "parent_process_name": "msiexec.exe",
            "parent_process_path": r"c:\windows\system32\msiexec.exe",
        }
        or "process_id" not in row
    )


def test_a_value_of_the_registry_is_not_in_its_path(tmp_path: Path) -> None:
    [row] = rows_of(
        "Endpoint.Registry", tmp_path, "DeviceRegistryEvents", **MSIEXEC,
        RegistryKey=r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Run", RegistryValueName="Viewer",
        RegistryValueData=r"C:\v.exe", RegistryValueType="String",
    )  # fmt: skip
    assert {name: value for name, value in row.items() if not name.startswith("parent_")} == {
        "dest": MAC,
        "user": "system",
        "registry_hive": r"HKEY_LOCAL_MACHINE\SOFTWARE",
        "registry_key_name": "Run",
        "registry_path": r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Run",
        "registry_value_data": r"C:\v.exe",
        "registry_value_name": "Viewer",
        "registry_value_type": "String",
    }
    assert row["parent_process_name"] == "msiexec.exe"


def test_a_connection_has_no_process_and_the_device_as_its_end(tmp_path: Path) -> None:
    [row] = rows_of(
        "Network_Traffic.All_Traffic", tmp_path, "DeviceNetworkEvents", **MSIEXEC,
        RemoteIP="::ffff:203.0.113.9", RemotePort=443, RemoteUrl="a.example", LocalIP="192.0.2.7", LocalPort=50000,
        Protocol="Tcp",
    )  # fmt: skip
    assert row == {
        "dest": MAC,
        "dest_ip": "203.0.113.9",
        "dest_port": 443.0,
        "src": "192.0.2.7",
        "src_ip": "192.0.2.7",
        "src_port": 50000.0,
        "transport": "tcp",
        "user": "system",
    }


def test_a_site_can_say_which_process_a_connection_is_of(tmp_path: Path) -> None:
    *before, last = addons(*STAND_INS)
    head = SearchHead(last, before, now=NOW)
    [row] = rows_of(
        "Network_Traffic.All_Traffic", tmp_path, "DeviceNetworkEvents", head=head, **MSIEXEC,
        RemoteIP="203.0.113.9", RemotePort=443, RemoteUrl="a.example", LocalIP="192.0.2.7", LocalPort=50000,
    )  # fmt: skip
    told = {name: row.get(name) for name in ("dvc", "app", "process_id", "dest", "dest_ip", "dest_port", "direction")}
    assert told == {
        "dvc": MAC,
        "app": r"c:\windows\system32\msiexec.exe",
        "process_id": "6100",
        "dest": "a.example",
        "dest_ip": "203.0.113.9",
        "dest_port": 443,
        "direction": "outbound",
    }


@pytest.mark.parametrize("command", ["a" * 9000, '"' * 9000, '"a' * 4500, "a\\" * 4500, " " * 9000])
def test_a_hostile_command_line_costs_no_more_than_its_length(command: str, tmp_path: Path) -> None:
    began = time.perf_counter()
    rows_of(
        "Endpoint.Processes", tmp_path, "DeviceProcessEvents", FileName="a", FolderPath="/a", ProcessCommandLine=command
    )
    assert time.perf_counter() - began < 2
