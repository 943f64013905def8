"""A day of a company: everything that its hosts write, and the truth about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tests.case_logs import texts_of
from tests.company.attacks import Hostile
from tests.company.deployments import ADD, APP_INSTALLER, APP_INSTALLER_UPDATE, PROVISION, REGISTER
from tests.company.developers import Developers
from tests.company.errands import Errand
from tests.company.hostile import attack_company
from tests.company.hosts import Company, company_of
from tests.company.in_house import InHouse
from tests.company.installers import Installers
from tests.company.invasion import INVASIONS, invade_company
from tests.company.journal import Journal
from tests.company.linux import Linux
from tests.company.machines import MACOS
from tests.company.macos import Mac
from tests.company.noise import Noise
from tests.company.processes import Telemetry
from tests.company.rates import chance, share, table
from tests.company.upkeep import Benign, Upkeep
from tests.company.vendors import Vendors
from tests.windows_events import WindowsEvent


@dataclass(frozen=True)
class Day:
    """One day.

    Attributes:
        seed: from which all of it is made.
        company: whose day it is.
        events: of all hosts, in the order of time.
        truth: the attacks.
        deployments: the benign deployments of packages of Windows; attackers' own are not among them.
        errands: what else is installed, upgraded and built that is nobody's attack.
    """

    seed: int
    company: Company
    events: list[WindowsEvent] = field(repr=False)
    truth: list[Hostile]
    deployments: list[Benign] = field(repr=False)
    errands: list[Errand] = field(default_factory=list, repr=False)

    @property
    def benign(self) -> int:
        """How many benign deployments there are."""
        return len(self.deployments)

    @property
    def installations(self) -> int:
        """How many benign deployments and errands there are."""
        return self.benign + len(self.errands)

    def write(self, folder: Path) -> None:
        """Write the events into files of this folder as Splunk indexes them, one a line."""
        for name, text in texts_of(self.events).items():
            (folder / name).write_text(text, encoding="utf-8", newline="")


def day(seed: int, hosts: int = 200, hostile: int = 24, invasions: int = len(INVASIONS)) -> Day:
    """The day of a seed: so many Windows hosts and the machines beside them, so many attacks by MSIX and by installers.

    The same arguments give the same bytes on every machine. The number of attacks changes nothing of what is benign.
    """
    company = company_of(seed, hosts)
    journal = Journal(chance(seed, "journal"))
    telemetry = Telemetry(journal)
    upkeep = Upkeep(company, journal, chance(seed, "upkeep"))
    counts = share(round(hosts * table("deployments_per_host")["day"]), table("operation"))
    numbers = {int(operation): count for operation, count in counts.items()}
    stories = {
        **share(numbers[ADD], table("story_1")),
        **{story: n for story, n in share(numbers[REGISTER], table("story_6")).items() if story != "store"},
        **{story: n for story, n in share(numbers[PROVISION], table("story_29")).items() if story != "store"},
        "app_installer": numbers[APP_INSTALLER],
        "app_installer_update": numbers[APP_INSTALLER_UPDATE],
    }
    updates = share(numbers[REGISTER], table("story_6"))["store"]
    upkeep.run(numbers, updates, share(numbers[PROVISION], table("story_29"))["store"])
    Vendors(company, upkeep, telemetry, chance(seed, "vendors")).run(stories)
    InHouse(company, upkeep, telemetry, chance(seed, "in_house")).run(stories)
    Noise(company, journal, telemetry, chance(seed, "noise")).run()
    errands: list[Errand] = []
    Installers(company, telemetry, chance(seed, "installers"), errands).run()
    macs = [one for one in company.machines if one.system == MACOS]
    linux = [one for one in company.machines if one.system != MACOS]
    Linux(linux, journal, chance(seed, "linux"), hosts, errands).run()
    Mac(macs, journal, chance(seed, "macos"), hosts, errands).run()
    Developers(company, telemetry, chance(seed, "developers"), errands).run()
    truth = attack_company(company, telemetry, chance(seed, "hostile"), hostile)
    truth += invade_company(company, telemetry, chance(seed, "invasion"), invasions, truth)
    return Day(seed, company, journal.events(), truth, upkeep.done, errands)
