"""One way to tell what happens on any computer of the company: processes, connections and files.

A developer installs packages, and an attacker hides in them, much the same on Windows, Linux and macOS; only the events
differ. Windows writes what ``processes`` says, Linux and macOS what ``posix`` does.
"""

from __future__ import annotations

from typing import Protocol

from tests.company.hosts import Host
from tests.company.journal import SECOND, Journal
from tests.company.processes import Process, Telemetry, known

WINDOWS = "windows"


class Station(Protocol):
    """A computer and its telemetry. Times are those of the journal; ``root`` is root, or SYSTEM on Windows."""

    @property
    def name(self) -> str:
        """The full name, as its events tell it."""

    @property
    def system(self) -> str:
        """``windows``, or the system of a machine."""

    @property
    def user(self) -> str:
        """The person: a SID on Windows, else the name of the account."""

    @property
    def home(self) -> str:
        """The person's folder."""

    @property
    def journal(self) -> Journal:
        """Where it writes."""

    def known(self, image: str, command: str = "", *, root: bool = False) -> Process:
        """A process that runs since before the day began: a parent."""

    def start(
        self, time: int, image: str, command: str, parent: Process, *, root: bool = False, folder: str = ""
    ) -> Process:
        """A process starts."""

    def connect(self, time: int, process: Process, address: str, name: str = "-", port: int = 443) -> None:
        """A process connects to an address."""

    def file(self, time: int, process: Process, path: str) -> None:
        """A process creates a file."""


class WindowsStation:
    """A Windows host as a Station."""

    system = WINDOWS

    def __init__(self, host: Host, telemetry: Telemetry) -> None:
        self.host, self.telemetry = host, telemetry
        self.name, self.user, self.home, self.journal = host.name, host.user, host.profile, telemetry.journal

    def known(self, image: str, command: str = "", *, root: bool = False) -> Process:
        """See Station."""
        return known(self.host, image, command, service=root)

    def start(
        self, time: int, image: str, command: str, parent: Process, *, root: bool = False, folder: str = ""
    ) -> Process:
        """See Station."""
        where = folder or f"{self.home}\\"
        return self.telemetry.start(self.host, time, image, command, parent, service=root, folder=where)

    def connect(self, time: int, process: Process, address: str, name: str = "-", port: int = 443) -> None:
        """See Station; a name is asked for first."""
        if name != "-":
            self.telemetry.query(self.host, time, process, name, address)
        self.telemetry.connect(self.host, time + SECOND // 10, process, address, name, port)

    def file(self, time: int, process: Process, path: str) -> None:
        """See Station."""
        self.telemetry.file(self.host, time, process, path)
