"""Whether a finding is of an attack of the day, and if not, what benign deployment it is of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from searchhead.spl.values import Row, number, texts
from tests.company.attacks import Hostile
from tests.company.day import Day
from tests.company.upkeep import Benign

_MARGIN = 120.0  # seconds: a finding tells times of what stands around an attack too
_NAMES = ("package_full_name", "package_family_name", "package_previous_full_name")


class Verdicts:
    """Compares findings with the truth about a day.

    A finding that names a package counts for the attack on that host whose package it is; a framework that came along
    counts too, while the attack goes on. One that names no package counts by its host and its time.
    """

    def __init__(self, day: Day) -> None:
        self._attacks: dict[str, list[Hostile]] = defaultdict(list)
        for attack in day.truth:
            self._attacks[_short(attack.host)].append(attack)
        self._stories: dict[tuple[str, str], Benign] = {}
        for benign in day.deployments:
            for key in (bare(benign.activity), *benign.packages):
                self._stories.setdefault((_short(benign.host), key), benign)

    def attack(self, row: Row) -> Hostile | None:
        """The attack that one of our findings is of."""
        host = _short(_text(row, "dest"))
        named = {name for field in _NAMES for name in texts(row.get(field)) if name not in {"", "-"}}
        first = number(row.get("first_time")) or 0.0
        last = number(row.get("last_time")) or first
        for attack in self._attacks[host]:
            together = first <= attack.last + _MARGIN and last >= attack.first - _MARGIN
            mine = {*attack.packages, *map(family, attack.packages)}
            beside = {*attack.companions, *map(family, attack.companions)}
            if named & mine or (together and (not named or named & beside)):
                return attack
        return None

    def story(self, row: Row) -> str:
        """What a finding that is of no attack is about: the story of a benign deployment, else what the row names."""
        host = _short(_text(row, "dest"))
        keys = [
            bare(_text(row, "package_deployment_id")),
            *(name for field in _NAMES for name in texts(row.get(field))),
        ]
        for key in keys:
            if (host, key) in self._stories:
                return self._stories[host, key].story
        shown = ("package_name", "parent_process_name", "process_name", "registry_path", "script_name")
        return next((_text(row, field) for field in shown if _text(row, field) not in {"", "-"}), "no deployment")

    def attack_of_event(self, event: Row) -> Hostile | None:
        """The attack that an event is of: by its ActivityID, else, where deployments do not tell, by host and time."""
        attacks = self._attacks[_short(_text(event, "Computer") or _text(event, "host"))]
        activity = bare(_text(event, "ActivityID"))
        time = number(event.get("_time")) or 0.0
        for attack in attacks:
            if activity and activity in map(bare, attack.activities):
                return attack
        if "AppX" in _text(event, "source") or "Appx" in _text(event, "source"):
            return None
        return next((one for one in attacks if one.first - _MARGIN <= time <= one.last + _MARGIN), None)


def family(full_name: str) -> str:
    """The package family name of a full name."""
    name, *_middle, publisher = full_name.split("_")
    return f"{name}_{publisher}"


def bare(activity: str) -> str:
    """An ActivityID without braces and quotes, in lower case."""
    return activity.strip("{}\"'").lower()


def found_by(attacks: Iterable[Hostile | None]) -> set[str]:
    """The ids of attacks, each once."""
    return {attack.id for attack in attacks if attack is not None}


def _short(host: str) -> str:
    return host.partition(".")[0].lower()


def _text(row: Row, field: str) -> str:
    return next(iter(texts(row.get(field))), "")
