"""The packages that companies have, with real publisher IDs; ``catalogue.csv`` says where each was found.

A publisher is there only if the hash of its name is the ID: of the others no event tells a signer.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

_FILE = Path(__file__).with_name("catalogue.csv")

MICROSOFT = "CN=Microsoft Corporation, O=Microsoft Corporation, L=Redmond, S=Washington, C=US"
WINDOWS = "CN=Microsoft Windows, O=Microsoft Corporation, L=Redmond, S=Washington, C=US"
_SHORT = {"MS": MICROSOFT, "WIN": WINDOWS}
_FRAMEWORKS = {
    "vclibs": ("Microsoft.VCLibs.140.00",),
    "ui": ("Microsoft.UI.Xaml.2.8", "Microsoft.VCLibs.140.00"),
    "runtime": ("Microsoft.WindowsAppRuntime.1.6",),
}


@dataclass(frozen=True)
class Package:
    """A package of the catalogue; ``form`` is bundle, package, framework or system, ``origin`` who brings it."""

    name: str
    publisher: str
    publisher_id: str
    version: str
    form: str
    full_trust: bool
    needs: tuple[str, ...]
    origin: str

    @property
    def bundled(self) -> bool:
        """Whether it comes as a bundle, its app package within."""
        return self.form == "bundle"

    def full_name(self, version: str = "", *, architecture: str = "x64", resource: str = "") -> str:
        """The full name of its app package, or of another one of its packages."""
        if self.form == "system":
            architecture, resource = "neutral", "neutral"
        return f"{self.name}_{version or self.version}_{architecture}_{resource}_{self.publisher_id}"

    def bundle(self, version: str = "") -> str:
        """The full name of the bundle itself."""
        return self.full_name(version, architecture="neutral", resource="~")

    @property
    def family(self) -> str:
        """The package family name."""
        return f"{self.name}_{self.publisher_id}"

    def before(self) -> str:
        """The version that was there before."""
        first, second, *rest = self.version.split(".")
        lower = int(second) - 1 if int(second) else 0
        return ".".join((first if int(second) else str(int(first) - 1), str(lower), *rest))


@cache
def packages(*origins: str) -> tuple[Package, ...]:
    """The packages that these bring, all if none is named."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        Package(
            name=row["name"],
            publisher=_SHORT.get(row["publisher"], row["publisher"]),
            publisher_id=row["publisher_id"],
            version=row["version"],
            form=row["form"],
            full_trust=row["full_trust"] == "true",
            needs=_FRAMEWORKS.get(row["needs"], ()),
            origin=row["from"],
        )
        for row in rows
        if not origins or row["from"] in origins
    )


def package(name: str) -> Package:
    """A package by its name; raises KeyError if the catalogue does not have it."""
    return _by_name()[name]


@cache
def _by_name() -> dict[str, Package]:
    return {one.name: one for one in packages()}


def frameworks(needs: tuple[str, ...]) -> tuple[str, ...]:
    """Full names of the frameworks that a package needs."""
    return tuple(package(name).full_name() for name in needs)


def update_uri(rng: Random) -> str:
    """Where the Store and Windows Update bring a package from; ends with the hash of its content [ESCU]."""
    digits = f"{rng.getrandbits(256):064x}".upper()
    ids = ("-".join((one[:8], one[8:12], one[12:16], one[16:20], one[20:32])) for one in (digits[:32], digits[32:]))
    return f"x-windowsupdate://{'/'.join(ids)}/{rng.getrandbits(160):040x}"
