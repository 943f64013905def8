"""The attacks of a day by way of installers: which there are, what each is made after, and where it happens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from tests.company import installer_attacks as msi
from tests.company import script_attacks as scripts
from tests.company.attacks import Hostile
from tests.company.hosts import Company
from tests.company.intrusions import Intrusion, WindowsIntrusion
from tests.company.journal import HOUR, epoch
from tests.company.machines import DEBIAN, FEDORA, MACOS
from tests.company.posix import station
from tests.company.processes import Telemetry
from tests.company.stations import WindowsStation

_APART = 5400.0  # seconds between two attacks on one computer, so that findings can be told apart

_WINDOWS, _DEVELOPER = "windows", "developer"


class Invasion(NamedTuple):
    """What an attacker does; where: any Windows host, a developer's, or a machine of these systems and roles."""

    act: Callable[[WindowsIntrusion], None] | Callable[[Intrusion], None]
    where: str
    techniques: tuple[str, ...]
    model: str

    @property
    def name(self) -> str:
        """Its name."""
        return self.act.__name__


_T = "T1546.016"
_MSIEXEC = "T1218.007"
INVASIONS = (
    Invasion(msi.custom_action_powershell, _WINDOWS, (_T, "T1059.001"), "the published test 1"),
    Invasion(scripts.pip_setup_curl, f"{DEBIAN} developer", (_T, "T1195.002"), "the published test 2"),
    Invasion(msi.silent_with_tracking, _WINDOWS, (_T, _MSIEXEC), "the published test 3"),
    Invasion(msi.from_url, _WINDOWS, (_MSIEXEC, "T1105"), "a public log of an MSI from a URL"),
    Invasion(msi.by_wmi, _WINDOWS, (_MSIEXEC, "T1047"), "Atomic Red Team; no client of msiexec"),
    Invasion(msi.transform_from_share, _WINDOWS, (_MSIEXEC, "T1218.007"), "public rules look at the package alone"),
    Invasion(msi.over_webdav, _WINDOWS, (_MSIEXEC, "T1105"), "Latrodectus, 2024"),
    Invasion(msi.registers_dll, _WINDOWS, (_MSIEXEC, "T1574"), "Atomic Red Team; upper case, dash for slash"),
    Invasion(msi.renamed, _WINDOWS, (_MSIEXEC, "T1036.003"), "public rules compare with a backslash too much"),
    Invasion(msi.netsupport, _WINDOWS, (_T, "T1219"), "FakeUpdates"),
    Invasion(msi.anydesk, _WINDOWS, (_T, "T1219"), "ransomware crews"),
    Invasion(msi.always_install_elevated, _WINDOWS, (_T, "T1548"), "PowerUp's UserAdd.msi"),
    Invasion(msi.policy_then_install, _WINDOWS, (_T, "T1548", "T1112"), "as above, and the policy is set first"),
    Invasion(msi.repair_shell, _WINDOWS, ("T1068",), "CVE-2024-38014"),
    Invasion(msi.run_key, _WINDOWS, (_T, "T1547.001"), "fake tax forms"),
    Invasion(scripts.pip_other_index, _DEVELOPER, ("T1195.001",), "dependency confusion"),
    Invasion(scripts.postinst_curl_sh, f"{DEBIAN} developer", (_T, "T1059.004"), "public rules know no postinst"),
    Invasion(scripts.apt_from_home, f"{DEBIAN} developer", (_T, "T1543.002"), "Elastic's rules want dpkg -i"),
    Invasion(scripts.rpm_reverse_shell, f"{FEDORA} server", (_T, "T1059.004"), "no public rule looks at rpm-tmp"),
    Invasion(scripts.rpm_from_tmp, f"{FEDORA} server", (_T, "T1053.003"), "Elastic's rules want rpm -i"),
    Invasion(scripts.npm_postinstall_steals, _DEVELOPER, ("T1195.002", "T1552.001"), "npm campaigns of 2025"),
    Invasion(scripts.npm_preinstall_bun, f"{MACOS} developer", ("T1195.002",), "Shai-Hulud, 2025-11"),
    Invasion(scripts.pip_path_file, f"{DEBIAN} developer", ("T1195.002", "T1546.018"), "LiteLLM, 2026-03"),
    Invasion(scripts.gem_extension, f"{DEBIAN} developer", ("T1195.002",), "gems that build with a shell"),
    Invasion(scripts.cargo_build_script, f"{DEBIAN} developer", ("T1195.002",), "crates with a build script"),
    Invasion(scripts.macos_zsh_osascript, f"{MACOS} office", (_T, "T1056.002"), "Sigma's list has no zsh"),
    Invasion(scripts.macos_python_daemon, f"{MACOS} office", (_T, "T1543.004"), "Sigma's list has no python3"),
)


class _Places:
    """Hands out computers: those first that nobody attacked yet, and never for two attacks close together."""

    def __init__(self, company: Company, telemetry: Telemetry, rng: Random, before: Sequence[Hostile]) -> None:
        self.company, self.telemetry, self.rng = company, telemetry, rng
        self._busy: dict[str, list[float]] = {}
        for attack in before:
            self._busy.setdefault(attack.host, []).append(attack.first)

    def intrusion(self, where: str) -> Intrusion:
        """An attack that begins at a time by chance, on a computer of this kind."""
        if where in {_WINDOWS, _DEVELOPER}:
            hosts = self.company.hosts if where == _WINDOWS else self.company.of_role(_DEVELOPER)
            host = {one.name: one for one in hosts}[self._pick([one.name for one in hosts])]
            return WindowsIntrusion(WindowsStation(host, self.telemetry), self.rng, self._time(host.name))
        system, role = where.split()
        machines = {one.name: one for one in self.company.machines if (one.system, one.role) == (system, role)}
        machine = machines[self._pick(list(machines))]
        return Intrusion(station(machine, self.telemetry.journal), self.rng, self._time(machine.name))

    def _pick(self, names: list[str]) -> str:
        least = min(len(self._busy.get(name, ())) for name in names)
        return self.rng.choice([name for name in names if len(self._busy.get(name, ())) == least])

    def _time(self, name: str) -> int:
        """A time of the day, well apart from other attacks on this computer; less so where it has many of them."""
        apart = _APART
        while True:
            start = int(self.rng.triangular(7.0, 18.0, 11.0) * HOUR)
            if all(abs(epoch(start) - other) > apart for other in self._busy.get(name, ())):
                self._busy.setdefault(name, []).append(epoch(start))
                return start
            apart *= 0.98


def invade_company(
    company: Company, telemetry: Telemetry, rng: Random, number: int, before: Sequence[Hostile]
) -> list[Hostile]:
    """So many attacks beside those before, scenarios in turn, from one by chance."""
    begin = rng.randrange(len(INVASIONS))
    places = _Places(company, telemetry, rng, before)
    done = []
    for at in range(number):
        invasion = INVASIONS[(begin + at) % len(INVASIONS)]
        intrusion = places.intrusion(invasion.where)
        invasion.act(intrusion)  # type: ignore[arg-type]  # where tells on which kind of computer it happens
        done.append(intrusion.record(f"attack-{len(before) + at + 1:02}", invasion.name, invasion.techniques))
    return done
