"""The public rules about installers behave as the reference on them says: what each misses, and at what it cries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.case_logs import texts_of
from tests.published import INSTALLER_RULES, Telemetry, found, rules
from tests.windows_events import SYSTEM, WindowsEvent, from_case

ALL = {rule.id: rule for rule in rules(INSTALLER_RULES)}
TELEMETRY = Telemetry()
MSIEXEC = r"C:\Windows\System32\msiexec.exe"
SERVICE = r"C:\Windows\system32\msiexec.exe /V"
ELEVATED_SERVER = r"C:\Windows\System32\MsiExec.exe -Embedding 5A0F6C1B2D3E4F50A1B2C3D4E5F60718 E Global\MSI0000"
SERVER = r"C:\Windows\syswow64\MsiExec.exe -Embedding 0123456789ABCDEF0123456789ABCDEF"
POWERSHELL = r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe"
CMD = r"C:\Windows\System32\cmd.exe"
EXPLORER = r"C:\Windows\explorer.exe"
CUSTOM_ACTION = r"C:\Windows\Installer\MSI4FFD.tmp"
SCRIPT_SERVICE = (
    "/System/Library/PrivateFrameworks/PackageKit.framework/Versions/A/XPCServices/package_script_service.xpc"
    "/Contents/MacOS/package_script_service"
)
POSTINSTALL = "/tmp/PKInstallSandbox.a1B2c3/Scripts/com.example.app.Xy12Zz/postinstall"  # noqa: S108 - in a command line
SETUP = "python3 setup.py install"
PUBLIC = "93.184.216.34"


def event(code: int, channel: str, user: str | None = None, **data: str) -> WindowsEvent:
    table: dict[str, Any] = {"code": code, "time": "2026-03-02T09:00:00.123Z", "channel": channel, "data": data}
    [one] = from_case([table if user is None else {**table, "user": user}])
    return one


def process(image: str, command: str, parent: str = EXPLORER, parent_command: str = "", **more: str) -> WindowsEvent:
    channel = "linux_sysmon" if image.startswith("/") else "sysmon"
    lines = {"CommandLine": command, "ParentImage": parent, "ParentCommandLine": parent_command or parent}
    return event(1, channel, Image=image, **lines, **more)


def msiexec(options: str, parent: str = EXPLORER, **more: str) -> WindowsEvent:
    return process(MSIEXEC, f"msiexec.exe {options}", parent, **more)


def renamed(options: str, channel: str = "sysmon") -> WindowsEvent:
    if channel == "security":
        return event(4688, channel, NewProcessName=r"C:\Users\Public\upd.exe", CommandLine=f"upd.exe {options}")
    return process(r"C:\Users\Public\upd.exe", f"upd.exe {options}", OriginalFileName="msiexec.exe")


def connection(address: str, port: int = 443, image: str = MSIEXEC) -> WindowsEvent:
    to = {"DestinationIp": address, "DestinationPort": str(port)}
    return event(3, "sysmon", Image=image, Initiated="true", **to)


def installer(code: int, *data: str) -> WindowsEvent:
    return WindowsEvent(code, "2026-03-02T09:00:00.123Z", [*data, ""], "application", user=SYSTEM)


def transaction(path: str) -> WindowsEvent:
    return installer(1040, path, "6001", "(NULL)", "(NULL)", "(NULL)", "(NULL)")


def script(text: str) -> WindowsEvent:
    return event(4104, "powershell", MessageNumber="1", MessageTotal="1", ScriptBlockText=text)


def defender(table: str, **columns: str) -> WindowsEvent:
    time, host = "2026-03-02T09:00:00.123Z", "mac-0031.corp.example"
    [one] = from_case([{"code": table, "time": time, "channel": "defender", "host": host, "data": columns}])
    return one


def audited(exe: str, argv: str, parent: str) -> WindowsEvent:
    data = {"exe": exe, "argv": argv, "pid": 7, "ppid": 6, "parent_exe": parent}
    [one] = from_case([{"code": "execve", "time": "2026-03-02T09:00:00.123Z", "channel": "auditd", "data": data}])
    return one


def written(image: str, path: str) -> WindowsEvent:
    return event(11, "linux_sysmon" if image.startswith("/") else "sysmon", Image=image, TargetFilename=path)


# What each rule finds: events, and the rules that match them; all others do not.
CASES = {
    # from an address, as the package
    "a package of the web": (msiexec("/q /i https://cdn.example/a.msi"), "E10 S28 S29 L1 A2"),
    "the same, not quiet": (msiexec("/i https://cdn.example/a.msi"), "E10 A2"),
    "the same by a shell": (
        process(CMD, "cmd /c msiexec /q /i https://cdn.example/a.msi"),
        "S30 A2",
    ),
    "an address without a file": (msiexec("/q /i http://cdn.example/staterepository"), "E10 S28 S29 L1 A1"),
    "WebDAV": (msiexec(r"/q /i \\cdn.example@SSL\DavWWWRoot\a.msi"), "S28 S29"),
    "a property that is an address": (
        msiexec(r'/i "C:\Packages\agent.msi" /qn SERVERURL=https://mgmt.corp.example/x.msi'),
        "E10 S28 S29 L1 A2",
    ),
    "a property that Elastic knows": (
        msiexec(r"/i C:\Packages\agent.msi /qn START_URL=https://corp.example"),
        "E10 S28 S29",
    ),
    "from the web, renamed": (renamed("/q /i https://cdn.example/a.msi"), "E10 S28 S29 A2"),
    "from the web, renamed, as 4688 tells it": (renamed("/q /i https://cdn.example/a.msi", "security"), "A2 A3"),
    "an uninstallation whose GUID holds -A": (msiexec("/x {1D8E6291-B0D5-35EC-A441-6616F567A0F7} /qn"), "S28 A1"),
    "an installation out of Temp": (
        msiexec(r"/i C:\a.msi /qn", r"C:\Users\jdoe\AppData\Local\Temp\invoice.exe"),
        "",
    ),
    "an old product removed": (msiexec("/X{1D8E6291-B0D5-35EC-0441-6616F567A0F7} /qn REBOOT=R"), "E17 A1"),
    "a transaction from the web": (transaction("https://cdn.example/a.msi"), "S24"),
    "a transaction from WebDAV": (transaction(r"\\cdn.example@SSL\DavWWWRoot\a.msi"), "S23"),
    "a transaction from a share of the company": (transaction(r"\\fs01\software$\agent.msi"), "S23"),
    "a transaction from Downloads": (transaction(r"C:\Users\jdoe\Downloads\Invoice.msi"), ""),
    "a transaction of winget": (transaction(r"C:\Users\Public\AppData\Local\Temp\WinGet\a.msi"), ""),
    "a removal": (installer(1034, "Vendor Agent", "1.0", "1033", "0", "Vendor"), "S25"),
    "a remote-access tool": (installer(1033, "AteraAgent", "1.8.7.2", "1033", "0", "Atera networks"), ""),
    "a configuration": (installer(11728, "Product: Vendor Agent -- Configuration completed successfully."), "S27"),
    "the proof of concept": (installer(1033, "test pkg", "1.0", "1033", "0", "Vendor"), "S39"),
    # by something else than msiexec
    "COM as it is documented": (
        process(POWERSHELL, "powershell -c $i=New-Object -ComObject X;$i.InstallProduct('https://cdn.example/a')"),
        "S35",
    ),
    "COM cut short": (
        process(POWERSHELL, "powershell -c $i=New-Object -Com X;$i.InstallProduct('https://cdn.example/a')"),
        "",
    ),
    "WMI as the cmdlet is documented": (
        script(
            r"Invoke-CimMethod -ClassName Win32_Product -MethodName Install -Arguments @{PackageLocation='C:\a.msi'}"
        ),
        "S36",
    ),
    "WMI with a quoted class": (
        script(r"Invoke-CimMethod -ClassName 'Win32_Product' -MethodName Install C:\a.msi"),
        "",
    ),
    "WMI by its older cmdlet": (script(r"Invoke-WmiMethod -Class Win32_Product -Name Install C:\a.msi"), ""),
    "WMI by its program": (process(r"C:\w\wmic.exe", r'wmic product call install true,"","C:\a.msi"'), ""),
    "the same as 4688 tells it": (
        event(4688, "security", NewProcessName=r"C:\w\wmic.exe", CommandLine=r'wmic product call install "C:\a.msi"'),
        "A3",
    ),
    "the certification kit": (
        process(r"C:\k\appcert.exe", r'appcert.exe test -setuppath C:\a.msi -setupcommandline "/qn"'),
        "A4",
    ),
    # a DLL by msiexec
    "a DLL registered": (msiexec(r"/y C:\Users\Public\a.dll"), "E13 S32 A1"),
    "a DLL registered behind another dash": (msiexec("\N{EN DASH}y C:\\Users\\Public\\a.dll"), "A1"),
    "a DLL unregistered": (msiexec(r"/z C:\Users\Public\a.dll"), "E14 S31 A1"),
    "a DLL of another name unregistered": (msiexec(r"/z C:\Users\Public\a.ocx"), "E14 A1"),
    "a DLL unregistered by a renamed program": (renamed(r"/z C:\Users\Public\a.dll"), "E14"),
    "a DLL through a path that is filtered": (
        process(MSIEXEC, r'"C:\Windows\System32\MsiExec.exe" /Y "C:\Windows\CCM\..\Temp\a.dll"'),
        "E13 A1",
    ),
    "-y in a name": (msiexec(r'/i "C:\Packages\node-yarn.msi"'), "E13"),
    "-y as a word of a name": (msiexec(r'/i "C:\Packages\Report -yearly.msi"'), "E13 S32"),
    "-z in a name": (msiexec(r'/i "C:\Packages\7-zip.msi"'), "E14"),
    "msiexec elsewhere": (process(r"D:\x\msiexec.exe", "msiexec.exe"), "S34 A1"),
    "msiexec in a folder of Windows that users write": (
        process(r"C:\Windows\System32\spool\drivers\color\msiexec.exe", r"msiexec /i C:\a.msi"),
        "",
    ),
    "the service itself": (process(MSIEXEC, SERVICE, r"C:\Windows\System32\services.exe"), "A1"),
    # children
    "a shell of the service": (process(CMD, "cmd /c ver", MSIEXEC, SERVICE), "E12 D1 D3"),
    "PowerShell of the server": (process(POWERSHELL, "powershell -enc A", MSIEXEC, SERVER), "E12 S33 D1 D3"),
    "PowerShell of the elevated server": (
        process(POWERSHELL, "powershell -enc A", MSIEXEC, ELEVATED_SERVER),
        "E12 D1 D3",
    ),
    "a shell as 4688 tells it": (
        event(4688, "security", NewProcessName=CMD, CommandLine="cmd /c ver", ParentProcessName=MSIEXEC),
        "E12 D1",
    ),
    "another child": (process(r"C:\Windows\System32\rundll32.exe", "rundll32 a.dll,Run", MSIEXEC, SERVICE), ""),
    "a grandchild": (process(POWERSHELL, "powershell -enc A", CUSTOM_ACTION), "S38 D3"),
    "the grandchild of a DLL": (process(POWERSHELL, "powershell -enc A", r"C:\Windows\System32\rundll32.exe"), ""),
    "a hidden window": (process(r"C:\a\MSI1A2.tmp", "MSI1A2.tmp /HideWindow rundll32 a.dll,Run", MSIEXEC), "E15"),
    "a hidden window with a path": (
        process(r"C:\a\MSI1A2.tmp", r"MSI1A2.tmp /HideWindow C:\Windows\System32\rundll32.exe a.dll,Run", MSIEXEC),
        "",
    ),
    "the debugger": (process(r"C:\a\windbg.exe", "windbg.exe", MSIEXEC, SERVICE), "E16"),
    "a program of a folder with such a name": (
        process(CMD, "cmd /c ver", r"C:\Program Files (x86)\Microsoft Visual Studio\Installer\setup.exe"),
        "D3",
    ),
    # as SYSTEM
    "a custom action as SYSTEM": (
        process(CUSTOM_ACTION, CUSTOM_ACTION, MSIEXEC, SERVICE, User=r"NT AUTHORITY\SYSTEM", IntegrityLevel="System"),
        "",
    ),
    "a custom action as SYSTEM of another parent": (
        process(CUSTOM_ACTION, CUSTOM_ACTION, MSIEXEC, SERVER, User=r"NT AUTHORITY\SYSTEM", IntegrityLevel="System"),
        "S37",
    ),
    "a management agent": (
        msiexec(
            r"/i C:\a.msi /qn",
            r"C:\Windows\CCM\CcmExec.exe",
            User=r"NT AUTHORITY\SYSTEM",
            IntegrityLevel="System",
        ),
        "S28 S37",
    ),
    "a program of the proof of concept": (
        process(CMD, "cmd", r"C:\Edge\elevation_service.exe", IntegrityLevel="System"),
        "S40",
    ),
    "a file of the proof of concept": (
        written(MSIEXEC, r"C:\Program Files (x86)\Microsoft\Edge\Application\1.2\elevation_service.exe"),
        "S41",
    ),
    # connections
    "a connection": (connection(PUBLIC), "E11 S42 D2 D4"),
    "a connection to another port": (connection(PUBLIC, 8080), "D2 D4"),
    "a connection of a custom action": (connection(PUBLIC, image=CUSTOM_ACTION), "D4"),
    "a connection of its child": (connection(PUBLIC, image=POWERSHELL), ""),
    "a connection inside": (connection("10.1.2.3", 80), "E11 S42"),
    "a connection inside that is taken for public": (connection("172.20.5.9"), "E11 S42 D4"),
    "a connection that is taken for private": (connection("203.110.1.1"), "E11 S42 D2"),
    # what stays
    "a task": (written(MSIEXEC, r"C:\Windows\System32\Tasks\Update"), "L2"),
    "a task of a child": (written(POWERSHELL, r"C:\Windows\System32\Tasks\Update"), ""),
    "a run key": (
        event(13, "sysmon", Image=MSIEXEC, TargetObject=r"HKU\S-1\Software\Microsoft\Windows\CurrentVersion\Run\a"),
        "L3",
    ),
    "a path file of Python by Python": (
        written("/usr/bin/python3.11", "/usr/local/lib/python3.11/dist-packages/a.pth"),
        "",
    ),
    "a path file of Python": (written("/usr/bin/bash", "/usr/local/lib/python3.11/dist-packages/a.pth"), "L8"),
    "a path file of an environment": (written("/usr/bin/bash", "/srv/app/venv/lib/python3.11/site-packages/a.pth"), ""),
    # Linux
    "a maintainer script of bash": (
        process("/usr/bin/bash", "/bin/bash /var/lib/dpkg/info/man-db.postinst configure", "/usr/bin/dpkg"),
        "D1",
    ),
    "a maintainer script of Debian's shell": (
        process("/usr/bin/dash", "/bin/sh /var/lib/dpkg/info/man-db.postinst configure", "/usr/bin/dpkg"),
        "",
    ),
    "a maintainer script by hand": (
        process("/usr/bin/dash", "/bin/sh /var/lib/dpkg/info/man-db.postinst configure", "/usr/bin/bash"),
        "L4",
    ),
    "what a maintainer script downloads": (
        process("/usr/bin/curl", "curl -o /tmp/a https://cdn.example/a", "/usr/bin/dash"),
        "",
    ),
    "a scriptlet of rpm": (process("/usr/bin/bash", "/bin/sh /var/tmp/rpm-tmp.aB3dE1 1", "/usr/bin/rpm"), "D1"),
    "a scriptlet of dnf": (process("/usr/bin/bash", "/bin/sh /var/tmp/rpm-tmp.aB3dE1 1", "/usr/bin/python3.9"), ""),
    "a package of a writable folder": (process("/usr/bin/dpkg", "dpkg -i /tmp/update.deb", "/usr/bin/bash"), "L5"),
    "the same by apt": (process("/usr/bin/apt", "apt install ./update.deb", "/usr/bin/bash"), ""),
    "the same by rpm": (process("/usr/bin/rpm", "rpm -i /tmp/x.rpm", "/usr/bin/bash"), "L6"),
    "the same by rpm as people write it": (process("/usr/bin/rpm", "rpm -Uvh /tmp/x.rpm", "/usr/bin/bash"), ""),
    "a tool": (process("/usr/bin/apt-get", "apt-get install nmap", "/usr/bin/bash"), "S43"),
    "a library whose name begins alike": (process("/usr/bin/apt-get", "apt-get install ncurses-term"), "S43"),
    "a hook on the command line": (
        process("/usr/bin/apt-get", "apt-get update -o APT::Update::Pre-Invoke::=/bin/sh", "/usr/bin/bash"),
        "S44",
    ),
    "the same with sudo": (
        process("/usr/bin/sudo", "sudo apt-get update -o APT::Update::Pre-Invoke::=/bin/sh", "/usr/bin/bash"),
        "E18",
    ),
    "another hook": (process("/usr/bin/apt-get", "sudo apt-get update -o DPkg::Pre-Invoke::=/bin/sh"), ""),
    "rpm's own language with sudo": (process("/usr/bin/sudo", "sudo rpm --eval %{lua:os.execute('/bin/sh')}"), "E19"),
    "rpm's own language": (process("/usr/bin/rpm", "rpm --eval %{lua:os.execute('/bin/sh')}"), ""),
    # hooks of package managers
    "the published second test": (
        process("/usr/bin/curl", "curl https://cdn.example/a", "/usr/bin/python3.11", SETUP),
        "",
    ),
    "pip": (process("/usr/bin/pip", "pip install requests", "/usr/bin/bash"), "A5"),
    "pip by its path": (process("/usr/bin/python3.11", "/usr/bin/python3 /usr/bin/pip install requests"), ""),
    "a lifecycle script": (
        process("/usr/bin/dash", "sh -c node a.js", "/usr/bin/node", "node /usr/bin/npm install"),
        "L7",
    ),
    "a lifecycle script by a short command": (
        process("/usr/bin/dash", "sh -c node a.js", "/usr/bin/node", "node /usr/bin/npm ci"),
        "",
    ),
    # macOS, as a sensor with Sysmon's names tells it
    "a script of bash": (process("/bin/bash", f"/bin/bash {POSTINSTALL} /a.pkg / / /", SCRIPT_SERVICE), "S45"),
    "a script of zsh": (process("/bin/zsh", f"/bin/zsh {POSTINSTALL} /a.pkg / / /", SCRIPT_SERVICE), ""),
    "a script of the installer in bash": (
        process("/bin/bash", f"/bin/bash {POSTINSTALL}", "/usr/sbin/installer"),
        "S45 D1",
    ),
    "a program of the service": (process("/usr/bin/curl", "curl https://cdn.example/a", SCRIPT_SERVICE), "L9"),
    "what a script downloads": (process("/usr/bin/curl", "curl https://cdn.example/a", "/bin/zsh", POSTINSTALL), ""),
}


def matching(one: WindowsEvent, folder: Path) -> dict[str, int]:
    for name, text in texts_of([one]).items():
        (folder / name).write_text(text, encoding="utf-8")
    return found(ALL.values(), TELEMETRY.events([folder]))


@pytest.mark.parametrize("case", CASES)
def test_a_rule_finds_and_misses_what_the_reference_says(case: str, tmp_path: Path) -> None:
    one, expected = CASES[case]
    assert " ".join(matching(one, tmp_path)) == expected


def test_every_rule_finds_something_here() -> None:
    # What S26 reads no event in XML has.
    assert {one for _, expected in CASES.values() for one in expected.split()} | {"S26"} == set(ALL)


OTHERS: dict[str, tuple[WindowsEvent, str]] = {
    "a child, by Defender": (
        defender(
            "DeviceProcessEvents",
            FolderPath="/bin/bash",
            FileName="bash",
            ProcessCommandLine="bash -c id",
            InitiatingProcessFolderPath=SCRIPT_SERVICE,
            InitiatingProcessFileName="package_script_service",
        ),
        "L9",
    ),
    "a child on Windows, by Defender": (
        defender(
            "DeviceProcessEvents",
            FolderPath=CMD,
            FileName="cmd.exe",
            ProcessCommandLine="cmd /c ver",
            InitiatingProcessFolderPath=MSIEXEC,
            InitiatingProcessFileName="msiexec.exe",
        ),
        "E12 D1",
    ),
    "a connection, by Defender": (
        defender("DeviceNetworkEvents", InitiatingProcessFolderPath=MSIEXEC, RemoteIP=PUBLIC, RemotePort="443"),
        "D2",
    ),
    "a connection inside, by Defender": (
        defender("DeviceNetworkEvents", InitiatingProcessFolderPath=MSIEXEC, RemoteIP="10.1.2.3", RemotePort="443"),
        "",
    ),
    "a file, by Defender": (
        defender(
            "DeviceFileEvents",
            InitiatingProcessFolderPath=MSIEXEC,
            FolderPath=r"C:\Windows\System32\Tasks\Update",
        ),
        "L2",
    ),
    "a value, by Defender": (
        defender(
            "DeviceRegistryEvents",
            InitiatingProcessFolderPath=MSIEXEC,
            RegistryKey=r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Run\a",
        ),
        "L3",
    ),
    "a maintainer script, by auditd": (
        audited("/usr/bin/bash", "/bin/bash /var/lib/dpkg/info/man-db.postinst configure", "/usr/bin/dpkg"),
        "D1",
    ),
    "a package, by auditd": (audited("/usr/bin/dpkg", "dpkg -i /tmp/update.deb", "/usr/bin/bash"), "L5"),
}


@pytest.mark.parametrize("case", OTHERS)
def test_the_rules_read_other_sensors_by_the_names_of_sigma(case: str, tmp_path: Path) -> None:
    one, expected = OTHERS[case]
    assert " ".join(matching(one, tmp_path)) == expected
