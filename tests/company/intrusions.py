"""What an attacker does by way of an installer, step by step, on any computer; and the record of what it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random

from tests.company.attacks import Hostile
from tests.company.journal import MINUTE, SECOND, epoch
from tests.company.msi import Msi, Run
from tests.company.processes import EDGE, Process, known
from tests.company.stations import Station, WindowsStation

_WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "inlet", "juniper")

# What of an event's data tells attacks from the rest of a host's day.
_TELLING = (
    *("CommandLine", "Image", "TargetFilename", "TargetObject", "Details", "DestinationIp", "DestinationHostname"),
    *("QueryName", "NewProcessName", "ProcessCommandLine", "FolderPath", "RemoteIP", "RemoteUrl", "ScriptBlockText"),
)


class Intrusion:
    """One attack on one computer; time passes with each step."""

    def __init__(self, place: Station, rng: Random, start: int) -> None:
        self.place, self.rng, self.time = place, rng, start
        self._first, self._mark = start, place.journal.mark()
        self._shows: list[str] = []
        self.host = f"{rng.choice(_WORDS)}-{rng.randrange(100)}.example"
        self.address = f"93.184.216.{rng.randrange(1, 255)}"

    def record(self, number: str, scenario: str, techniques: tuple[str, ...]) -> Hostile:
        """The truth, when all is done."""
        written = self.place.journal.since(self._mark)
        return Hostile(
            id=number,
            scenario=scenario,
            techniques=techniques,
            host=self.place.name,
            user=self.place.user,
            packages=(),
            companions=(),
            activities=(),
            first=epoch(self._first),
            last=epoch(self.time + MINUTE),
            shows=tuple(dict.fromkeys(self._shows)),
            marks=frozenset(mark for _time, data in written for mark in _marks(data)),
            moments=tuple(epoch(time) for time, _data in written),
        )

    def waits(self, least: int, most: int) -> None:
        """Some seconds pass."""
        self.time += self.rng.randrange(least * SECOND, most * SECOND)

    def shows(self, *what: str) -> None:
        """Note what can be seen."""
        self._shows.extend(what)

    def start(
        self, image: str, command: str, parent: Process, *, root: bool = False, folder: str = "", shows: str = ""
    ) -> Process:
        """A process starts."""
        self.waits(1, 4)
        if shows:
            self.shows(shows)
        return self.place.start(self.time, image, command, parent, root=root, folder=folder)

    def calls(self, process: Process, *, port: int = 443) -> None:
        """A process calls the attacker's server."""
        self.waits(1, 6)
        self.place.connect(self.time, process, self.address, self.host, port)
        self.shows("a connection to a public address")

    def file(self, process: Process, path: str) -> None:
        """A process writes a file."""
        self.waits(0, 2)
        self.place.file(self.time, process, path)


class WindowsIntrusion(Intrusion):
    """One attack on a Windows host."""

    place: WindowsStation

    def __init__(self, place: WindowsStation, rng: Random, start: int) -> None:
        super().__init__(place, rng, start)
        self.place = place

    @property
    def profile(self) -> str:
        """The person's folder."""
        return self.place.home

    def known(self, image: str, *, service: bool = False) -> Process:
        """A process that runs since before the day."""
        return known(self.place.host, image, service=service)

    def downloads(self, file: str) -> str:
        """The browser brings a file; returns its path."""
        path = f"{self.profile}\\Downloads\\{file}"
        self.file(self.known(EDGE), path)
        self.waits(20, 120)
        return path

    def run(self, path: str, product: str, maker: str, version: str = "1.0.0") -> Run:
        """The Windows Installer begins with this package; its steps are those of Run."""
        self.shows(f"MsiInstaller names {product} of {maker}")
        return Run(self.place.telemetry, self.place.host, self.time, Msi(product, version, maker, path))

    def after(self, run: Run) -> None:
        """Go on where a run of the Windows Installer is."""
        self.time = max(self.time, run.time)

    def ends(self, run: Run, kind: str = "install") -> None:
        """The Windows Installer ends."""
        run.time = max(run.time, self.time)
        run.finish(kind)
        self.after(run)


def _marks(data: Mapping[str, object] | Iterable[object]) -> Iterable[str]:
    values = [data.get(name) for name in _TELLING] if isinstance(data, Mapping) else list(data)[:1]
    for value in values:
        text = str(value).lower() if value else ""
        if len(text) > 3 and text != "(null)":
            yield text
