"""What all hosts of a company write on one day, in the order of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random
from typing import NamedTuple, Protocol

from tests.company.hosts import Host
from tests.windows_events import SYSTEM, WindowsEvent

DATE = "2026-03-02"  # a Monday, the day of the tests' constructed world
START = 1_772_409_600  # its first second, in epoch seconds
MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

SECOND = 1_000_000
"""Times of a day are whole microseconds since its begin, so that no rounding depends on the machine."""


class Named(Protocol):
    """What writes events: a Windows host, or a machine with another system."""

    @property
    def name(self) -> str:
        """The full name, as its events tell it."""


class _Entry(NamedTuple):
    time: int
    number: int
    code: int | str
    channel: str
    host: str
    user: str | None
    activity: str
    data: Mapping[str, object] | Sequence[object]


class Journal:
    """Takes what hosts write. ``rng`` decides what is arbitrary: process IDs, GUIDs, small delays."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self._entries: list[_Entry] = []

    def write(
        self,
        host: Named,
        time: int,
        code: int | str,
        data: Mapping[str, object] | Sequence[object],
        channel: str = "deployment",
        *,
        user: str | None = None,
        activity: str = "",
    ) -> None:
        """Note an event; ``time`` in microseconds since the begin of the day, later ones stand in the last second."""
        moment = min(max(time, 0), DAY - 1)
        self._entries.append(_Entry(moment, len(self._entries), code, channel, host.name, user, activity, data))

    def mark(self) -> int:
        """How much is written so far; see ``since``."""
        return len(self._entries)

    def since(self, mark: int) -> list[tuple[int, Mapping[str, object] | Sequence[object]]]:
        """Time and data of what was written since then, in the order of writing."""
        return [(entry.time, entry.data) for entry in self._entries[mark:]]

    def activity(self, host: Host) -> str:
        """A new ActivityID: it begins as others of that host do, as Windows makes them."""
        rng = self.rng
        middle = f"{rng.randrange(1, 7):04x}-{rng.getrandbits(16):04x}"
        return f"{{{host.boot}-{middle}-{rng.getrandbits(24):06x}{host.boot[2:8]}}}"

    def events(self) -> list[WindowsEvent]:
        """All events in the order of time, with the record numbers that their channels give them."""
        numbers: Counter[tuple[str, str]] = Counter()
        found = []
        for entry in sorted(self._entries):
            place = (entry.host, entry.channel)
            numbers[place] += 1
            found.append(
                WindowsEvent(
                    code=entry.code,
                    time=stamp(entry.time),
                    data=entry.data,
                    channel=entry.channel,
                    host=entry.host,
                    user=entry.user,
                    activity=entry.activity,
                    record=4000 + numbers[place],
                )
            )
        return found


def stamp(time: int) -> str:
    """A time of the day as Windows writes it."""
    minutes, microseconds = divmod(time, MINUTE)
    hours, minute = divmod(minutes, 60)
    second, fraction = divmod(microseconds, SECOND)
    return f"{DATE}T{hours:02}:{minute:02}:{second:02}.{fraction:06}Z"


def epoch(time: int) -> float:
    """A time of the day in epoch seconds."""
    return START + time / SECOND


def working_hour(rng: Random) -> int:
    """A moment while people work: most of them between eight and six, UTC."""
    return int(rng.triangular(6.5, 18.5, rng.choice((9.5, 14.0))) * HOUR)


def any_hour(rng: Random) -> int:
    """A moment at which services do their work: often while the host is in use, else at any time."""
    return working_hour(rng) if rng.random() < 0.6 else rng.randrange(DAY - HOUR)


__all__ = ["DAY", "HOUR", "MINUTE", "SECOND", "SYSTEM", "Journal", "Named", "any_hour"]
__all__ += ["epoch", "stamp", "working_hour"]
