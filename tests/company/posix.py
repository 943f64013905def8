"""What Linux and macOS machines write: Sysmon for Linux (1, 3, 11), and Microsoft Defender on macOS.

Fields of Sysmon are those of a public event (SysmonLinux.Util on powershellgallery.com), where a process has no level
and no hash; that an address has no name there was chosen. Those of Defender are the columns of ``defender_events``.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from tests.company.journal import Journal, epoch, stamp
from tests.company.machines import MACOS, Machine
from tests.company.processes import Process
from tests.company.stations import Station

_IDS = {"root": 0}
_BEFORE = "2026-02-27T06:12:40.118000Z"  # when a process began that is older than the day


def station(machine: Machine, journal: Journal) -> Station:
    """The machine with the telemetry of its system."""
    return MacStation(machine, journal) if machine.system == MACOS else LinuxStation(machine, journal)


class _Posix:
    """What both systems share."""

    def __init__(self, machine: Machine, journal: Journal) -> None:
        self.machine, self.journal = machine, journal
        self.name, self.system, self.user, self.home = machine.name, machine.system, machine.user, machine.home

    def known(self, image: str, command: str = "", *, root: bool = False) -> Process:
        """See Station."""
        number = 700 + sum(map(ord, image + command)) % 1800
        key = f"{{{self.machine.machine}-1c00-69a4-{number:04x}-{number:04x}00000000}}"
        return Process(image, command or image, number, key, self._account(root))

    def _account(self, root: bool) -> str:
        return "root" if root else self.machine.login

    def _process(self, time: int, image: str, command: str, parent: Process, root: bool) -> Process:
        rng = self.journal.rng
        second = int(epoch(time))
        pid = rng.randrange(2600, 400_000)
        key = f"{{{self.machine.machine}-{second & 0xFFFF:04x}-{second >> 16 & 0xFFFF:04x}-{rng.getrandbits(16):04x}-"
        key += f"{rng.getrandbits(16):04x}{pid & 0xFFFF:04x}0000}}"
        return Process(image, command, pid, key, self._account(root), parent)


class LinuxStation(_Posix):
    """A Linux machine with Sysmon; see Station."""

    def start(
        self, time: int, image: str, command: str, parent: Process, *, root: bool = False, folder: str = ""
    ) -> Process:
        """See Station."""
        process = self._process(time, image, command, parent, root)
        number = self._id(process.user)
        data = {
            **self._of(process, time),
            "FileVersion": "-",
            "Description": "-",
            "Product": "-",
            "Company": "-",
            "OriginalFileName": "-",
            "CommandLine": command,
            "CurrentDirectory": folder or ("/" if root else self.home),
            "User": process.user,
            "LogonGuid": f"{{{self.machine.machine}-0000-0000-{number:04x}-000000000000}}",
            "LogonId": number,
            "TerminalSessionId": 4294967295 if root else 3,
            "IntegrityLevel": "no level",
            "Hashes": "-",
            "ParentProcessGuid": parent.key,
            "ParentProcessId": parent.pid,
            "ParentImage": parent.image,
            "ParentCommandLine": parent.command,
            "ParentUser": parent.user,
        }
        self._write(time, 1, data)
        return process

    def connect(self, time: int, process: Process, address: str, name: str = "-", port: int = 443) -> None:  # noqa: ARG002
        """See Station; Sysmon for Linux knows no name of an address."""
        data = {
            **self._of(process, time),
            "User": process.user,
            "Protocol": "tcp",
            "Initiated": True,
            "SourceIsIpv6": False,
            "SourceIp": self.machine.address,
            "SourceHostname": "-",
            "SourcePort": self.journal.rng.randrange(32768, 60999),
            "SourcePortName": "-",
            "DestinationIsIpv6": False,
            "DestinationIp": address,
            "DestinationHostname": "-",
            "DestinationPort": port,
            "DestinationPortName": "-",
        }
        self._write(time, 3, data)

    def file(self, time: int, process: Process, path: str) -> None:
        """See Station."""
        data = {**self._of(process, time), "TargetFilename": path, "CreationUtcTime": _utc(time), "User": process.user}
        self._write(time, 11, data)

    def _of(self, process: Process, time: int) -> dict[str, object]:
        return {
            "RuleName": "-",
            "UtcTime": _utc(time),
            "ProcessGuid": process.key,
            "ProcessId": process.pid,
            "Image": process.image,
        }

    def _id(self, user: str) -> int:
        return _IDS.get(user, 1000)

    def _write(self, time: int, code: int, data: dict[str, object]) -> None:
        self.journal.write(self.machine, time, code, data, "linux_sysmon", user=str(self._id(str(data["User"]))))


class MacStation(_Posix):
    """A macOS machine with Microsoft Defender; see Station. The key of a process is when it began."""

    def known(self, image: str, command: str = "", *, root: bool = False) -> Process:
        """See Station."""
        return replace(super().known(image, command, root=root), key=_BEFORE)

    def start(
        self,
        time: int,
        image: str,
        command: str,
        parent: Process,
        *,
        root: bool = False,
        folder: str = "",  # noqa: ARG002 - Defender tells none
    ) -> Process:
        """See Station."""
        process = replace(self._process(time, image, command, parent, root), key=stamp(time))
        data = {
            "ActionType": "ProcessCreated",
            "FileName": process.name,
            "FolderPath": image,
            "SHA256": f"{self._of_file(image).getrandbits(256):064x}",
            "ProcessId": process.pid,
            "ProcessCommandLine": command,
            "ProcessCreationTime": stamp(time),
            "AccountDomain": self.name.partition(".")[0],
            "AccountName": process.user,
            **self._by(parent),
        }
        self._write(time, "DeviceProcessEvents", data)
        return process

    def connect(self, time: int, process: Process, address: str, name: str = "-", port: int = 443) -> None:
        """See Station."""
        data = {
            "ActionType": "ConnectionSuccess",
            "RemoteIP": address,
            "RemotePort": port,
            "RemoteUrl": "" if name == "-" else name,
            "LocalIP": self.machine.address,
            "LocalPort": self.journal.rng.randrange(49152, 65536),
            "Protocol": "Tcp",
            "RemoteIPType": "Private" if address.startswith("10.") else "Public",
            **self._by(process),
        }
        self._write(time, "DeviceNetworkEvents", data)

    def file(self, time: int, process: Process, path: str) -> None:
        """See Station."""
        data = {
            "ActionType": "FileCreated",
            "FileName": path.rpartition("/")[2],
            "FolderPath": path,
            "SHA256": f"{self._of_file(path).getrandbits(256):064x}",
            **self._by(process),
        }
        self._write(time, "DeviceFileEvents", data)

    def _of_file(self, path: str) -> Random:
        return Random(path)  # noqa: S311 - the same file has the same hash

    def _by(self, process: Process) -> dict[str, object]:
        """The columns about the process that does it, and about the one above it."""
        above = process.above
        return {
            "InitiatingProcessFileName": process.name,
            "InitiatingProcessFolderPath": process.image,
            "InitiatingProcessId": process.pid,
            "InitiatingProcessCommandLine": process.command,
            "InitiatingProcessCreationTime": process.key,
            "InitiatingProcessAccountDomain": self.name.partition(".")[0],
            "InitiatingProcessAccountName": process.user,
            "InitiatingProcessParentFileName": above.name if above else "launchd",
            "InitiatingProcessParentId": above.pid if above else 1,
        }

    def _write(self, time: int, table: str, data: dict[str, object]) -> None:
        self.journal.write(self.machine, time, table, data, "defender")


def _utc(time: int) -> str:
    return stamp(time)[:23].replace("T", " ")
