"""Whether a finding is of an attack of the day, and if not, what benign deployment it is of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from searchhead.spl.values import Row, number, texts
from tests.company.attacks import Hostile
from tests.company.day import Day
from tests.company.errands import Errand
from tests.company.upkeep import Benign

_MARGIN = 120.0  # seconds: a finding tells times of what stands around an attack too
_NAMES = ("package_full_name", "package_family_name", "package_previous_full_name")
_COMPUTER = ("Computer", "properties.DeviceName", "host")
# What a finding about an installer may name: command lines, files, products, places.
_DEEDS = (
    *("process", "process_path", "parent_process", "installer_process", "file_path", "registry_path", "destination"),
    *("destination_host", "package_source_uri", "msi_source", "msi_product", "remote_tool_path"),
)
_ENOUGH = 12  # characters of a command line that make it the same, if one is a part of the other
_MOMENT = 0.001  # seconds: times are told in more digits than floating point keeps


class Verdicts:
    """Compares findings with the truth about a day.

    A finding that names a package counts for the attack on that host whose package it is; a framework that came along
    counts too, while the attack goes on. One that names no package counts by its host and its time; if the attack came
    by an installer, a command line, a file, a product or a place that the finding names must be the attack's too.
    """

    def __init__(self, day: Day) -> None:
        self._attacks: dict[str, list[Hostile]] = defaultdict(list)
        for attack in day.truth:
            self._attacks[_short(attack.host)].append(attack)
        self._errands: dict[str, list[Errand]] = defaultdict(list)
        for errand in day.errands:
            self._errands[_short(errand.host)].append(errand)
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
            if attack.marks:
                if not named and _together(attack, first, last) and _is_deed(row, attack.marks):
                    return attack
                continue
            together = _together(attack, first, last)
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
        if not any(texts(row.get(field)) for field in _NAMES):
            first = number(row.get("first_time")) or 0.0
            last = number(row.get("last_time")) or first
            for errand in self._errands[host]:
                if first <= errand.last and last >= errand.first - _MARGIN:
                    return errand.story
        shown = ("package_name", "parent_process_name", "process_name", "registry_path", "script_name")
        return next((_text(row, field) for field in shown if _text(row, field) not in {"", "-"}), "no deployment")

    def attack_of_event(self, event: Row) -> Hostile | None:
        """The attack that an event is of: by its ActivityID, else, where deployments do not tell, by host and time."""
        attacks = self._attacks[_short(computer_of(event))]
        activity = bare(_text(event, "ActivityID"))
        time = number(event.get("_time")) or 0.0
        for attack in attacks:
            if activity and activity in map(bare, attack.activities):
                return attack
            if any(abs(time - moment) < _MOMENT for moment in attack.moments):
                return attack
        if "AppX" in _text(event, "source") or "Appx" in _text(event, "source"):
            return None
        return next((one for one in attacks if not one.marks and _together(one, time, time)), None)


def _together(attack: Hostile, first: float, last: float) -> bool:
    return first <= attack.last + _MARGIN and last >= attack.first - _MARGIN


def _is_deed(row: Row, marks: Iterable[str]) -> bool:
    """Whether something that a row names is what the attack did."""
    named = {text.lower() for field in _DEEDS for text in texts(row.get(field)) if text not in {"", "-"}}
    return any(_same(text, mark) for text in named for mark in marks)


def _same(text: str, mark: str) -> bool:
    """Whether both are the same, or nearly: some telemetry writes the folder of the image before a command line."""
    if text == mark:
        return True
    rest = mark.partition(" ")[2] or mark
    return (len(rest) >= _ENOUGH and rest in text) or (len(text) >= _ENOUGH and text in mark)


def family(full_name: str) -> str:
    """The package family name of a full name."""
    name, *_middle, publisher = full_name.split("_")
    return f"{name}_{publisher}"


def computer_of(event: Row) -> str:
    """The computer that an event is of; the host of Defender's events is that of the one who reads them."""
    return next((_text(event, field) for field in _COMPUTER if _text(event, field)), "")


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
