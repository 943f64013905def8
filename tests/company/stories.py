"""What all makers of deployments from elsewhere than the Store have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from tests.company.deployments import Deployment
from tests.company.hosts import Company, Host
from tests.company.journal import working_hour
from tests.company.processes import Telemetry
from tests.company.upkeep import Upkeep

REPUTATION = 32 << 32  # FlagsHigh RequestReputationCheck
FORCE = 64  # ForceTargetApplicationShutdown


class Stories:
    """Makes deployments of a company, each with what belongs to it; an Upkeep keeps the account."""

    def __init__(self, company: Company, upkeep: Upkeep, telemetry: Telemetry, rng: Random) -> None:
        self.company, self.upkeep, self.telemetry, self.rng = company, upkeep, telemetry, rng
        self.developers = company.of_role("developer")
        self.admins = company.of_role("admin")

    def repeat(self, makers: Mapping[str, Callable[[], None]], stories: Mapping[str, int]) -> None:
        """Make so many of each story that there is a maker of."""
        for story, make in makers.items():
            for _ in range(stories.get(story, 0)):
                make()

    def add(self, host: Host, story: str, one: Deployment, time: int | None = None) -> None:
        """Let a benign deployment happen, while people work if no time is given."""
        self.upkeep.deploy(host, working_hour(self.rng) if time is None else time, story, one)
