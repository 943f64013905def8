"""The events of processes, connections, files, name queries, registry writes and script blocks.

A host with Sysmon writes its events 1, 3, 11, 13 and 22; any other writes Security 4688 and nothing of the rest. The
fields and their order are those of public records (Sysmon 15; OTRF and EVTX-to-MITRE-Attack).
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.company.hosts import Host, guid
from tests.company.journal import SECOND, SYSTEM, Journal, epoch, stamp

SYSTEM32 = "C:\\Windows\\System32"
WINDOWS_APPS = "C:\\Program Files\\WindowsApps"
POWERSHELL = f"{SYSTEM32}\\WindowsPowerShell\\v1.0\\powershell.exe"
CMD = f"{SYSTEM32}\\cmd.exe"
SVCHOST = f"{SYSTEM32}\\svchost.exe"
EXPLORER = "C:\\Windows\\explorer.exe"
EDGE = "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe"

# OriginalFileName where it differs from the file's name in more than case.
_ORIGINAL = {
    "powershell.exe": "PowerShell.EXE",
    "cmd.exe": "Cmd.Exe",
    "rundll32.exe": "RUNDLL32.EXE",
    "pwsh.exe": "pwsh.dll",
    "explorer.exe": "EXPLORER.EXE",
    "conhost.exe": "CONHOST.EXE",
    "reg.exe": "reg.exe",
    "certutil.exe": "CertUtil.exe",
    "dism.exe": "DISM.EXE",
    "msiexec.exe": "msiexec.exe",
    "schtasks.exe": "schtasks.exe",
}
_SCRIPT_PART = 10_000  # characters of a script block that one event holds here; Windows splits at some such length


@dataclass(frozen=True)
class Process:
    """A process: what its children, connections and registry writes name of it.

    ``above`` is the process that started it, if an event tells of it; Defender names two generations in one event.
    """

    image: str
    command: str
    pid: int
    key: str
    user: str
    above: Process | None = None

    @property
    def name(self) -> str:
        """The image's file name."""
        return self.image.rpartition("/" if self.image.startswith("/") else "\\")[2]


def in_package(full_name: str, file: str) -> str:
    """The path of a file of an installed package."""
    return f"{WINDOWS_APPS}\\{full_name}\\{file}"


def known(host: Host, image: str, command: str = "", *, service: bool = False) -> Process:
    """A process that runs since before the day began, and of which no event tells: a parent."""
    number = sum(map(ord, image + command)) % 9000
    key = f"{{{host.machine}-1c00-69a4-{number:04x}-000000003300}}"
    return Process(image, command or image, 900 + number, key, "NT AUTHORITY\\SYSTEM" if service else host.account)


def _of(process: Process, time: int) -> dict[str, object]:
    """What Sysmon's events of a process begin with."""
    return {
        "RuleName": "-",
        "UtcTime": _utc(time),
        "ProcessGuid": process.key,
        "ProcessId": process.pid,
        "Image": process.image,
    }


class Telemetry:
    """Writes the telemetry of processes into a journal."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    def start(
        self,
        host: Host,
        time: int,
        image: str,
        command: str = "",
        parent: Process | None = None,
        *,
        original: str = "",
        folder: str = f"{SYSTEM32}\\",
        service: bool = False,
        level: str = "Medium",
    ) -> Process:
        """A process starts: Sysmon 1 or Security 4688. Without a parent it is the person's Explorer."""
        rng = self.journal.rng
        above = parent or known(host, EXPLORER)
        user = "NT AUTHORITY\\SYSTEM" if service else host.account
        second = int(epoch(time))
        key = f"{{{host.machine}-{second >> 16 & 0xFFFF:04x}-{second & 0xFFFF:04x}-{rng.getrandbits(16):04x}-"
        process = Process(
            image, command or f'"{image}"', rng.randrange(400, 16000) * 4, f"{key}000000003300}}", user, above
        )
        if host.sysmon:
            self._created(host, time, process, above, original, folder, "System" if service else level)
        else:
            self._started(host, time, process, above, "System" if service else level)
        return process

    def _created(
        self, host: Host, time: int, process: Process, parent: Process, original: str, folder: str, level: str
    ) -> None:
        rng = self.journal.rng
        logon = "0x3e7" if process.user.endswith("SYSTEM") else f"0x{int(host.user[-4:]):x}c3a"
        data = {
            **_of(process, time),
            "FileVersion": "-",
            "Description": "-",
            "Product": "-",
            "Company": "-",
            "OriginalFileName": original or _ORIGINAL.get(process.name.lower(), process.name),
            "CommandLine": process.command,
            "CurrentDirectory": folder,
            "User": process.user,
            "LogonGuid": f"{{{host.machine}-1c02-69a4-{int(host.user[-4:]):04x}-000000000000}}",
            "LogonId": logon,
            "TerminalSessionId": 0 if process.user.endswith("SYSTEM") else 1,
            "IntegrityLevel": level,
            "Hashes": f"SHA256={rng.getrandbits(256):064X}",
            "ParentProcessGuid": parent.key,
            "ParentProcessId": parent.pid,
            "ParentImage": parent.image,
            "ParentCommandLine": parent.command,
            "ParentUser": parent.user,
        }
        self.journal.write(host, time, 1, data, "sysmon", user=SYSTEM)

    def _started(self, host: Host, time: int, process: Process, parent: Process, level: str) -> None:
        service = process.user.endswith("SYSTEM")
        label = {"System": "S-1-16-16384", "High": "S-1-16-12288"}.get(level, "S-1-16-8192")
        data = {
            "SubjectUserSid": SYSTEM if service else host.user,
            "SubjectUserName": f"{host.short}$" if service else host.login,
            "SubjectDomainName": "CORP",
            "SubjectLogonId": "0x3e7" if service else f"0x{int(host.user[-4:]):x}c3a",
            "NewProcessId": f"0x{process.pid:x}",
            "NewProcessName": process.image,
            "TokenElevationType": "%%1936",
            "ProcessId": f"0x{parent.pid:x}",
            "CommandLine": process.command,
            "TargetUserSid": "S-1-0-0",
            "TargetUserName": "-",
            "TargetDomainName": "-",
            "TargetLogonId": "0x0",
            "ParentProcessName": parent.image,
            "MandatoryLabel": label,
        }
        self.journal.write(host, time, 4688, data, "security", user="")

    def connect(self, host: Host, time: int, process: Process, address: str, name: str = "-", port: int = 443) -> None:
        """A process connects to an address: Sysmon 3."""
        if not host.sysmon:
            return
        data = {
            **_of(process, time),
            "User": process.user,
            "Protocol": "tcp",
            "Initiated": True,
            "SourceIsIpv6": False,
            "SourceIp": host.address,
            "SourceHostname": host.name,
            "SourcePort": self.journal.rng.randrange(49152, 65536),
            "SourcePortName": "-",
            "DestinationIsIpv6": False,
            "DestinationIp": address,
            "DestinationHostname": name,
            "DestinationPort": port,
            "DestinationPortName": "https" if port == 443 else "-",
        }
        self.journal.write(host, time, 3, data, "sysmon", user=SYSTEM)

    def query(self, host: Host, time: int, process: Process, name: str, address: str) -> None:
        """A process asks for a name: Sysmon 22."""
        if host.sysmon:
            asked = {"QueryName": name, "QueryStatus": "0", "QueryResults": f"::ffff:{address};"}
            data = {"RuleName": "-", **_who(process, time), **asked, "Image": process.image, "User": process.user}
            self.journal.write(host, time, 22, data, "sysmon", user=SYSTEM)

    def call(self, host: Host, time: int, process: Process, name: str, address: str = "") -> None:
        """A process asks for a name and connects to what it gets; without an address, to one outside."""
        reached = address or f"93.184.216.{self.journal.rng.randrange(1, 255)}"
        self.query(host, time, process, name, reached)
        self.connect(host, time + SECOND, process, reached, name)

    def registry(self, host: Host, time: int, process: Process, value: str, details: str) -> None:
        """A process sets a registry value: Sysmon 13."""
        if host.sysmon:
            data = {"RuleName": "-", "EventType": "SetValue", **_who(process, time), "Image": process.image}
            data |= {"TargetObject": value, "Details": details, "User": process.user}
            self.journal.write(host, time, 13, data, "sysmon", user=SYSTEM)

    def file(self, host: Host, time: int, process: Process, path: str) -> None:
        """A process creates a file: Sysmon 11."""
        if host.sysmon:
            created = {"TargetFilename": path, "CreationUtcTime": _utc(time), "User": process.user}
            self.journal.write(host, time, 11, {**_of(process, time), **created}, "sysmon", user=SYSTEM)

    def script(self, host: Host, time: int, text: str, path: str = "", *, user: str = "") -> None:
        """A script block is compiled: 4104, in several parts where it is long."""
        if not host.scripts:
            return
        activity = self.journal.activity(host)
        block = guid(self.journal.rng)
        parts = [text[at : at + _SCRIPT_PART] for at in range(0, len(text), _SCRIPT_PART)]
        for number, part in enumerate(parts, start=1):
            data = {"MessageNumber": number, "MessageTotal": len(parts), "ScriptBlockText": part}
            data |= {"ScriptBlockId": block, "Path": path}
            self.journal.write(
                host, time + number * 1000, 4104, data, "powershell", user=user or host.user, activity=activity
            )


def _who(process: Process, time: int) -> dict[str, object]:
    """What Sysmon tells of a process that does something."""
    return {"UtcTime": _utc(time), "ProcessGuid": process.key, "ProcessId": process.pid}


def _utc(time: int) -> str:
    return stamp(time - SECOND // 200)[:23].replace("T", " ")
