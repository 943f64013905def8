"""Installations that are nobody's attack: what they have in common, and the account that is kept of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from tests.company.journal import MINUTE, Named, epoch, working_hour
from tests.company.rates import per_company


@dataclass(frozen=True)
class Errand:
    """Something that is installed, upgraded or built; ``story`` says in a word why. Times are epoch seconds."""

    host: str
    story: str
    first: float
    last: float


class Errands:
    """Makes errands of one kind; keeps account of all in ``done``."""

    def __init__(self, rng: Random, hosts: int, done: list[Errand]) -> None:
        self.rng, self.hosts, self.done = rng, hosts, done

    def note(self, host: Named, story: str, first: int, last: int) -> None:
        """This one is benign."""
        self.done.append(Errand(host.name, story, epoch(first), epoch(last + MINUTE)))

    def repeat(self, name: str, makers: Mapping[str, Callable[[], None]]) -> None:
        """Make so many of each as the table tells for a company of this size."""
        for key, count in per_company(name, self.hosts, self.rng).items():
            for _ in range(count):
                makers[key]()

    def working(self) -> int:
        """A moment while people work."""
        return working_hour(self.rng)

    def outside(self) -> str:
        """A public address."""
        return f"93.184.216.{self.rng.randrange(1, 255)}"
