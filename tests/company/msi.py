"""One run of the Windows Installer: its processes, files, registry values and events of MsiInstaller.

The client that was asked, the service ``msiexec.exe /V``, a custom action server ``MsiExec.exe -Embedding`` and what
they start; events 1040, 11707, 1033, 1042 in the order of a public log (DeepBlueCLI), with its unnamed data.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.company.hosts import Host
from tests.company.journal import SECOND, SYSTEM
from tests.company.processes import SYSTEM32, Process, Telemetry, known

MSIEXEC = f"{SYSTEM32}\\msiexec.exe"
_SERVER = "C:\\Windows\\SysWOW64\\msiexec.exe"
_SERVICES = f"{SYSTEM32}\\services.exe"
_USER_DATA = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Installer\\UserData\\S-1-5-18\\Products"

# What ends an installation, and the sentence of the event beside it.
_ENDINGS = {
    "install": (1033, 11707, "Installation completed successfully."),
    "failed": (1033, 11708, "Installation failed."),
    "reconfigure": (1035, 11728, "Configuration completed successfully."),
    "update": (1036, 1022, ""),
    "remove": (1034, 11724, "Removal completed successfully."),
}


@dataclass(frozen=True)
class Msi:
    """A package of the Windows Installer, and the file or URL that it is installed from."""

    product: str
    version: str
    manufacturer: str
    path: str
    language: int = 1033


class Run:
    """One run on one host; time passes with each step.

    Attributes:
        time: of the next step, in microseconds since the begin of the day.
        service: ``msiexec.exe /V``, once it runs.
    """

    def __init__(self, telemetry: Telemetry, host: Host, time: int, msi: Msi, *, machine: bool = False) -> None:
        self.telemetry, self.host, self.time, self.msi, self.machine = telemetry, host, time, msi, machine
        self.rng = telemetry.journal.rng
        self.service: Process | None = None
        self._client: int | None = None

    # ------------------------------------------------------------ steps

    def client(self, command: str, parent: Process, *, image: str = MSIEXEC, level: str = "High") -> Process:
        """Somebody asks msiexec; the run begins."""
        started = self.telemetry.start(
            self.host,
            self.time,
            image,
            command,
            parent,
            service=self.machine,
            level=level,
            original="msiexec.exe",
        )
        self.begin(started.pid)
        return started

    def begin(self, client: int) -> Process:
        """The service starts and opens the package for this client, by its process ID: 1040."""
        self._passes(1, 3)
        above = known(self.host, _SERVICES, service=True)
        self.service = self.telemetry.start(
            self.host, self.time, MSIEXEC, "C:\\Windows\\system32\\msiexec.exe /V", above, service=True
        )
        self.opens(client)
        progress = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Installer\\InProgress\\(Default)"
        self.sets(progress, f"C:\\Windows\\Installer\\{self.rng.getrandbits(24):x}.ipi")
        return self.service

    def opens(self, client: int) -> None:
        """The package is opened for this client: 1040."""
        self._client = client
        self._event(1040, [self.msi.path, str(client), *["(NULL)"] * 4])

    def server(self, *, elevated: bool = False) -> Process:
        """A custom action server, for DLLs in the package; the elevated one belongs to the service's side."""
        self._passes(0, 2)
        command = f"C:\\Windows\\syswow64\\MsiExec.exe -Embedding {self.rng.getrandbits(128):032X}"
        return self._child(_SERVER, f"{command} E Global\\MSI0000" if elevated else command, elevated or self.machine)

    def action(self, image: str, command: str, by: Process | None = None, *, system: bool | None = None) -> Process:
        """A custom action starts a program: a child of the service, or of a custom action server whose user it has."""
        self._passes(0, 3)
        as_system = system if system is not None else by is None or by.user.endswith("SYSTEM")
        return self._child(image, command, as_system, by)

    def temporary(self) -> str:
        """The path of a file that a custom action runs from, in the form of Windows."""
        return f"C:\\Windows\\Installer\\MSI{self.rng.getrandbits(16):X}.tmp"

    def sets(self, value: str, details: str) -> None:
        """The service sets a registry value."""
        if self.service:
            self.telemetry.registry(self.host, self.time, self.service, value, details)

    def writes(self, path: str) -> None:
        """The service writes a file."""
        if self.service:
            self.telemetry.file(self.host, self.time, self.service, path)

    def calls(self, name: str, *, port: int = 443, address: str = "") -> None:
        """The service asks for a name and connects."""
        if self.service:
            reached = address or f"93.184.216.{self.rng.randrange(1, 255)}"
            self.telemetry.query(self.host, self.time, self.service, name, reached)
            self.telemetry.connect(self.host, self.time + SECOND, self.service, reached, name, port)
            self._passes(1, 4)

    def keeps(self, program: str) -> None:
        """The files and the values that every installed product leaves."""
        self.writes(f"C:\\Windows\\Installer\\{self.rng.getrandbits(24):x}.msi")
        self.writes(program)
        folder = self.msi.path.replace("/", "\\").rpartition("\\")[0] + "\\"
        self.sets(f"{_USER_DATA}\\{self.rng.getrandbits(128):032X}\\InstallProperties\\InstallSource", folder)

    def finish(self, kind: str = "install") -> None:
        """What the events say at the end: install, failed, reconfigure, update or remove; 1042 if it was opened."""
        self._passes(2, 30)
        code, sentence_code, sentence = _ENDINGS[kind]
        msi, none = self.msi, "(NULL)"
        if sentence:
            self._event(sentence_code, [f"Product: {msi.product} -- {sentence}", *[none] * 5])
        status = "1603" if kind == "failed" else "0"
        facts = [msi.product, msi.version, str(msi.language)]
        if kind == "update":
            patch = "{" + f"{self.rng.getrandbits(128):032X}" + "}"
            self._event(sentence_code, [msi.product, patch, *[none] * 4])
            self._event(code, [*facts, patch, status, msi.manufacturer])
        else:
            self._event(code, [*facts, status, msi.manufacturer, none])
        if self._client is not None:
            self._event(1042, [msi.path, str(self._client), *[none] * 4])

    # ------------------------------------------------------------ parts

    def _child(self, image: str, command: str, system: bool, by: Process | None = None) -> Process:
        above = by or self.service or known(self.host, MSIEXEC, "C:\\Windows\\system32\\msiexec.exe /V", service=True)
        return self.telemetry.start(self.host, self.time, image, command, above, service=system)

    def _event(self, code: int, data: list[str]) -> None:
        user = SYSTEM if self.machine else self.host.user
        self.telemetry.journal.write(self.host, self.time, code, [*data, ""], "application", user=user)
        self._passes(0, 1)

    def _passes(self, least: int, most: int) -> None:
        self.time += self.rng.randrange(least * SECOND + 1000, most * SECOND + 2000)
