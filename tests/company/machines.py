"""The company's machines that run no Windows: Linux servers, and the Linux and macOS machines of its people."""

from __future__ import annotations

from dataclasses import dataclass

from tests.company.rates import chance, per_company

DOMAIN = "corp.example"
DEBIAN, FEDORA, MACOS = "debian", "fedora", "macos"
"""Families of systems, by the package manager that they use."""

_PREFIXES = {"server": "lx", "developer": "dv", "office": "mac"}


@dataclass(frozen=True)
class Machine:
    """A machine and the person who works on it; on a server an admin who logs in.

    ``machine`` begins the GUIDs of its processes.
    """

    name: str
    system: str
    role: str
    login: str
    address: str
    machine: str

    @property
    def user(self) -> str:
        """The person's account; these systems have no domain."""
        return self.login

    @property
    def home(self) -> str:
        """The person's folder."""
        return f"/Users/{self.login}" if self.system == MACOS else f"/home/{self.login}"


def machines_of(seed: int, hosts: int) -> tuple[Machine, ...]:
    """The machines beside so many Windows hosts; at least one of each kind, so that each attack has a place."""
    rng = chance(seed, "machines")
    made: list[Machine] = []
    for kind, count in per_company("machine", hosts, rng).items():
        system, role = kind.split()
        for _ in range(max(count, 1)):
            number = len(made)
            prefix = "mac" if system == MACOS else _PREFIXES[role]
            made.append(
                Machine(
                    name=f"{prefix}-{201 + number:04}.{DOMAIN}",
                    system=system,
                    role=role,
                    login=f"u{2201 + number}" if role != "server" else rng.choice(("opsadm", "deploy", "root")),
                    address=f"10.30.{number // 200}.{10 + number % 200}",
                    machine=f"{rng.getrandbits(32):08x}",
                )
            )
    return tuple(made)
