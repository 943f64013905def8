"""The macros that read processes: one row in every form of the event, the package of a path, public addresses."""

from __future__ import annotations

from pathlib import Path

import pytest

from searchhead.head import SearchHead
from searchhead.inputs import Reader
from searchhead.savedsearches import SavedSearch
from searchhead.spl.errors import Place
from searchhead.spl.pipeline import run
from searchhead.spl.values import Row
from tests.apps import NOW, addons, package_abuse
from tests.windows_events import WindowsEvent, render

IMAGE = r"C:\Program Files\WindowsApps\Northwind.Viewer_1.4.0.0_x64__c2yjt6za8ar62\Viewer.exe"

SYSMON = WindowsEvent(
    1,
    "2026-03-02T09:00:00.123Z",
    {
        "ProcessGuid": "{5F0A7C31-0001-69A5-0000-001000000001}",
        "ProcessId": "6001",
        "Image": r"C:\Windows\System32\cmd.exe",
        "OriginalFileName": "Cmd.Exe",
        "CommandLine": 'cmd.exe /c echo "<a>" & b &lt; Image=C:\\evil.exe',
        "CurrentDirectory": "C:\\Windows\\system32\\",
        "User": r"CORP\u1104",
        "ParentProcessGuid": "{5F0A7C31-0002-69A5-0000-001000000002}",
        "ParentImage": IMAGE,
        "ParentCommandLine": f'"{IMAGE}" -x',
    },
    "sysmon",
)
SECURITY = WindowsEvent(
    4688,
    "2026-03-02T09:00:00.123Z",
    {
        "SubjectUserSid": "S-1-5-18",
        "SubjectUserName": "WS-0142$",
        "NewProcessId": "0x1771",
        "NewProcessName": r"C:\Windows\System32\cmd.exe",
        "ProcessId": "0x1004",
        "CommandLine": 'cmd.exe /c echo "<a>" & b &lt; Image=C:\\evil.exe',
        "TargetUserName": "-",
        "ParentProcessName": IMAGE,
    },
    "security",
)
BOTH = {
    "dest": "ws-0142.corp.example",
    "process": 'cmd.exe /c echo "<a>" & b &lt; Image=C:\\evil.exe',
    "process_name": "cmd.exe",
    "process_path": r"C:\Windows\System32\cmd.exe",
    "process_id": "6001",
    "parent_process_name": "Viewer.exe",
    "parent_process_path": IMAGE,
}
ROWS = {
    "sysmon": BOTH
    | {
        "user": "u1104",
        "process_guid": "5f0a7c31-0001-69a5-0000-001000000001",
        "original_file_name": "Cmd.Exe",
        "process_current_directory": "C:\\Windows\\system32\\",
        "parent_process": f'"{IMAGE}" -x',
        "parent_process_guid": "5f0a7c31-0002-69a5-0000-001000000002",
    },
    "security": BOTH | {"user": "SYSTEM", "parent_process": IMAGE},
}


def head(*names: str) -> SearchHead:
    return SearchHead(package_abuse(), addons(*names), now=NOW)


def saved(search: str) -> SavedSearch:
    return SavedSearch("processes", search, "processes", "processes", (), Place("test", 1, "search"))


def rows_of(search: str) -> list[Row]:
    return run(head().compile(saved(search)))


@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("names", [(), ("windows", "sysmon", "cim")], ids=["without_addons", "with_addons"])
@pytest.mark.parametrize("event", [SYSMON, SECURITY], ids=["sysmon", "security"])
def test_a_process_is_the_same_row_in_every_form(
    event: WindowsEvent, names: tuple[str, ...], quote: str, tmp_path: Path
) -> None:
    log = tmp_path / "log.xml"
    log.write_text(render(event, quote), encoding="utf-8")
    searches = head(*names)
    [[row]] = searches.run([searches.compile(saved('`package_processes("WindowsApps")`'))], Reader().read([log]))
    assert {name: str(value) for name, value in row.items() if name[0] != "_"} == ROWS[event.channel]


@pytest.mark.parametrize("term", ["SystemApps", "WindowsAppsX"])
def test_terms_narrow_what_is_read(term: str, tmp_path: Path) -> None:
    log = tmp_path / "log.xml"
    log.write_text(f"{render(SYSMON)}\n{render(SECURITY)}", encoding="utf-8")
    searches = head()
    assert searches.run([searches.compile(saved(f'`package_processes("{term}")`'))], Reader().read([log])) == [[]]


# The ranges are those of IANA's registries of special-purpose IPv4 and IPv6 addresses; beside each its neighbour.
@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("0.255.255.255", False),
        ("1.0.0.0", True),
        ("9.255.255.255", True),
        ("10.0.0.0", False),
        ("11.0.0.0", True),
        ("100.63.255.255", True),
        ("100.64.0.0", False),
        ("100.127.255.255", False),
        ("100.128.0.0", True),
        ("127.0.0.1", False),
        ("128.0.0.0", True),
        ("169.254.169.254", False),
        ("169.255.0.0", True),
        ("172.15.255.255", True),
        ("172.16.0.0", False),
        ("172.31.255.255", False),
        ("172.32.0.0", True),
        ("192.0.0.8", False),
        ("192.0.2.1", False),
        ("192.168.255.255", False),
        ("192.169.0.0", True),
        ("198.17.255.255", True),
        ("198.19.255.255", False),
        ("198.51.100.1", False),
        ("203.0.113.1", False),
        ("203.110.1.1", True),
        ("223.255.255.255", True),
        ("224.0.0.1", False),
        ("239.255.255.255", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("::ffff:10.1.2.3", False),
        ("::ffff:93.184.216.34", True),
        ("0:0:0:0:0:ffff:192.168.1.1", False),
        ("0:0:0:0:0:FFFF:93.184.216.34", True),
        ("64:ff9b::5db8:d822", True),
        ("64:ff9b:1::1", False),
        ("100::1", False),
        ("2001:2::1", False),
        ("2001:10::1", False),
        ("2001:db8::1", False),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("3fff::1", False),
        ("fc00::1", False),
        ("fdff::1", False),
        ("fe80::1", False),
        ("ff02::1", False),
        ("256.1.1.1", False),
        ("1.2.3", False),
        ("example.com", False),
        ("-", False),
        ("", False),
    ],
)
def test_an_address_is_public_or_not(address: str, public: bool) -> None:
    [row] = rows_of(f'| makeresults | eval a="{address}", public=if(`package_public_address(a)`, "yes", "no")')
    assert (row["public"] == "yes") == public
    [row] = rows_of(
        f'| makeresults | eval a=mvappend("10.0.0.1", "{address}"), b=mvfilter(`package_public_address(a)`)'
    )
    assert row.get("b") == (address if public else None)


PACKAGE = "Northwind.Viewer_1.4.0.0_x64__c2yjt6za8ar62"


@pytest.mark.parametrize(
    ("path", "root", "package"),
    [
        (rf"C:\Program Files\WindowsApps\{PACKAGE}\a.exe", "C:\\Program Files\\WindowsApps\\", PACKAGE),
        (rf"C:\Program Files\WindowsApps\{PACKAGE}", "C:\\Program Files\\WindowsApps\\", PACKAGE),
        (rf"\\?\D:\WindowsApps\{PACKAGE}\VFS\a.exe", "D:\\WindowsApps\\", PACKAGE),
        (rf"C:\Temp\{PACKAGE.upper()}\a.exe", "C:\\Temp\\", PACKAGE.upper()),
        (rf"\\files\share\{PACKAGE}\a.exe", r"\files" + "\\share\\", PACKAGE),
        (rf"C:\a\{PACKAGE}x\a.exe", None, None),
        (r"C:\Windows\SystemApps\Microsoft.Windows.Search_cw5n1h2txyewy\SearchApp.exe", None, None),
        (r"C:\Users\u1104\AppData\Local\Microsoft\WindowsApps\python.exe", None, None),
    ],
)
def test_a_path_names_the_package_in_whose_folder_it_lies(path: str, root: str | None, package: str | None) -> None:
    text = path.replace("\\", "\\\\")
    [row] = rows_of(f'| makeresults | eval process_path="{text}" | `package_in_path(process_path, process)`')
    assert (row.get("package_root_process"), row.get("package_of_process")) == (root, package)
