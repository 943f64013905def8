"""The company, its hosts, people and packages of its own: another one for each seed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from msix.publisher import publisher_id

from tests.company.machines import DOMAIN, Machine, machines_of
from tests.company.rates import chance, share, table

ADMIN_RID = 1190

# Companies that Microsoft's documentation invented, and towns: what a publisher is made of.
_COMPANIES = (
    *("Woodgrove Bank", "Litware, Inc.", "Adatum Corporation", "Fourth Coffee", "Graphic Design Institute"),
    *("Humongous Insurance", "Lucerne Publishing", "Proseware, Inc.", "Trey Research", "Wide World Importers"),
    *("Wingtip Toys", "Relecloud", "Munson's Pickles", "Bellows College", "Lamna Healthcare"),
)
_TOWNS = (
    *(("Leeds", "England", "GB"), ("Lyon", "Rhone", "FR"), ("Graz", "Steiermark", "AT"), ("Boise", "Idaho", "US")),
    *(("Utrecht", "Utrecht", "NL"), ("Hamilton", "Ontario", "CA"), ("Aarhus", "Midtjylland", "DK")),
)
_APPS = (
    *("Ledger", "Timesheets", "FieldService", "Inventory", "PrintPortal", "VisitorDesk", "Signage", "TravelClaims"),
    *("LabNotes", "FleetPlanner", "ContractDesk", "ScanStation"),
)
_MAKERS = ("hp", "dell", "lenovo")


@dataclass(frozen=True)
class Host:
    """A Windows host and the person who works on it.

    ``sysmon``, ``scripts`` and ``packaging`` say which telemetry is collected of it beside the deployment channel.
    ``boot`` begins the ActivityIDs of its services until it starts anew.
    """

    name: str
    role: str
    maker: str
    user: str
    login: str
    address: str
    volume: str
    machine: str
    boot: str
    sysmon: bool
    scripts: bool
    packaging: bool

    @property
    def short(self) -> str:
        """The name without its domain, as NetBIOS has it."""
        return self.name.partition(".")[0].upper()

    @property
    def account(self) -> str:
        """The person's account, as Sysmon writes it."""
        return f"CORP\\{self.login}"

    @property
    def profile(self) -> str:
        """The person's folder."""
        return f"C:\\Users\\{self.login}"

    @property
    def profile_uri(self) -> str:
        """The same folder as a URI."""
        return f"file:///C:/Users/{self.login}"


@dataclass(frozen=True)
class Company:
    """What the company brings: a publisher that no list knows, with its apps, and computers in order of their names.

    ``apps`` are package names; the app in place 0 gets a new version today, 1 uses the Package Support Framework, 2 the
    same with a script, 3 a stub of Advanced Installer, 4 has an app-installer file, 5 is provisioned for all users.
    ``hosts`` run Windows, ``machines`` do not.
    """

    name: str
    publisher: str
    publisher_id: str
    apps: tuple[str, ...]
    hosts: tuple[Host, ...]
    admin: str
    machines: tuple[Machine, ...] = ()

    def full_name(self, app: int, version: str = "4.2.0.0") -> str:
        """The full name of one of the apps."""
        return f"{self.apps[app]}_{version}_x64__{self.publisher_id}"

    def of_role(self, *roles: str) -> list[Host]:
        """The hosts of these roles; all hosts if there is none, as in a very small company."""
        return [host for host in self.hosts if host.role in roles] or list(self.hosts)


def sid(rid: int) -> str:
    """The SID of an account of the domain."""
    return f"S-1-5-21-1111111111-2222222222-3333333333-{rid}"


def quoted(text: str) -> str:
    """A value as it stands in a distinguished name: in quotation marks if it holds a comma."""
    return f'"{text}"' if "," in text else text


def distinguished_name(name: str, town: str, state: str, country: str) -> str:
    """A publisher in the form of the manifest; an empty state is left out, as many authorities do."""
    parts = [f"CN={quoted(name)}", f"O={quoted(name)}", f"L={town}", f"S={state}" if state else "", f"C={country}"]
    return ", ".join(part for part in parts if part)


def any_publisher(rng: Random, names: tuple[str, ...]) -> tuple[str, str]:
    """A name and the publisher that goes with it, of a town by chance."""
    name = rng.choice(names)
    return name, distinguished_name(name, *rng.choice(_TOWNS))


def guid(rng: Random) -> str:
    """A GUID in lower case, without braces."""
    digits = f"{rng.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def company_of(seed: int, hosts: int) -> Company:
    """The company of a seed."""
    rng = chance(seed, "company")
    name, publisher = any_publisher(rng, _COMPANIES)
    prefix = "".join(letter for letter in name if letter.isalnum())
    apps = tuple(f"{prefix}.{app}" for app in rng.sample(_APPS, 6))
    roles = [role for role, count in share(hosts, table("role")).items() for _ in range(count)]
    rng.shuffle(roles)
    made = tuple(_host(rng, number, role) for number, role in enumerate(roles))
    return Company(name, publisher, publisher_id(publisher), apps, made, sid(ADMIN_RID), machines_of(seed, hosts))


def _host(rng: Random, number: int, role: str) -> Host:
    telemetry = {key: rng.random() * 100 < weight for key, weight in table("telemetry").items()}
    return Host(
        name=f"ws-{101 + number:04}.{DOMAIN}",
        role=role,
        maker=rng.choice(_MAKERS),
        user=sid(1201 + number),
        login=f"u{1201 + number}",
        address=f"10.20.{number // 200}.{10 + number % 200}",
        volume=guid(rng),
        machine=f"{rng.getrandbits(32):08x}",
        boot=f"{rng.getrandbits(32):08x}-{rng.getrandbits(16):04x}",
        sysmon=telemetry["sysmon"],
        scripts=telemetry["scripts"],
        packaging=telemetry["packaging"],
    )
