"""The time range of a search, and the time modifiers with which a search sets its own.

``earliest``, ``latest``, ``_index_earliest`` and ``_index_latest`` stand among the terms at the beginning of a search
and behind WHERE in tstats, beside other terms, not within OR or NOT. A time is a modifier (``-1d@d``), epoch seconds,
``now`` or ``now()``, or of the form ``10/19/2018:00:00:00``. The earliest one counts in, the latest one does not.

The first two set the range of ``_time`` in place of the range that the run has: without ``latest`` it ends now, without
``earliest`` it is open. The other two bound ``_indextime`` and leave the range as it is. They hold for the search
itself and for ``addinfo``, not for its subsearches.

A subsearch may give them too. It then makes its rows of nothing, with makeresults and eval for example; one that reads
a lookup may only give those of ``_indextime``, because events are chosen before it runs.

Unlike Splunk it has not seen events being indexed: ``_indextime`` is the whole second of ``_time``, unless the event
brings it, as Splunk's export of it does.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import tzinfo

from searchhead.spl.matching import Terms, number_terms
from searchhead.spl.times import InvalidTime, TimePattern, parse_time

EVENT_TIME = "_time"
INDEX_TIME = "_indextime"

# The modifiers, each with the field that it bounds and how.
_BOUNDS: dict[str, tuple[str, Callable[[float, float], bool]]] = {
    "earliest": (EVENT_TIME, operator.ge),
    "latest": (EVENT_TIME, operator.lt),
    "_index_earliest": (INDEX_TIME, operator.ge),
    "_index_latest": (INDEX_TIME, operator.lt),
}
# Search Manual, "Specify time modifiers in your search": the form of an absolute time.
_ABSOLUTE = TimePattern("%m/%d/%Y:%H:%M:%S")


@dataclass(frozen=True)
class TimeRange:
    """The time range of a search, in epoch seconds: ``earliest`` counts in, ``latest`` does not; None is open."""

    earliest: float | None = None
    latest: float | None = None

    def holds(self, time: float) -> bool:
        """Whether the time lies in the range."""
        return (self.earliest is None or time >= self.earliest) and (self.latest is None or time < self.latest)

    @classmethod
    def over(cls, ranges: Collection[TimeRange]) -> TimeRange:
        """The range that reaches over all of these; all time without any."""
        earliest = [one.earliest for one in ranges if one.earliest is not None]
        latest = [one.latest for one in ranges if one.latest is not None]
        return cls(
            min(earliest) if ranges and len(earliest) == len(ranges) else None,
            max(latest) if ranges and len(latest) == len(ranges) else None,
        )


ALL_TIME = TimeRange()


class TimeModifiers:
    """The time modifiers of one search, collected while its terms are compiled; ``now`` is in epoch seconds."""

    NAMES = frozenset(_BOUNDS)

    def __init__(self, now: float, zone: tzinfo) -> None:
        self._now = now
        self._zone = zone
        self._times: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._times)

    def add(self, name: str, written: str) -> None:
        """Take a modifier; raises InvalidTime for what is no time, and for one that is there already."""
        if name in self._times:
            raise InvalidTime(f"{name} is there already: one search has one time range")
        self._times[name] = self._time(written)

    def _time(self, written: str) -> float:
        if "/" in written:
            found = _ABSOLUTE.read(written, self._zone, self._now)
            if found is None:
                raise InvalidTime(f"{written!r} is no time; write it as 10/19/2018:00:00:00, month first")
            return found
        if "-" in written[1:] and written[:1].isdigit():
            raise InvalidTime(f"{written!r} is no time here: ISO 8601 is not read, write it as 10/19/2018:00:00:00")
        return parse_time(written, self._now, self._zone)

    @property
    def time_range(self) -> TimeRange | None:
        """The range of ``_time`` in place of that of the run; None if these set none."""
        if "earliest" not in self._times and "latest" not in self._times:
            return None
        # Search Reference, "Time modifiers": latest is now by default. Assumed: earliest is open.
        return TimeRange(self._times.get("earliest"), self._times.get("latest", self._now))

    def terms(self) -> list[Terms]:
        """What an event must fulfil."""
        times = dict(self._times)
        if "earliest" in times:
            times.setdefault("latest", self._now)
        return [_bound(*_BOUNDS[name], time) for name, time in times.items()]


def _bound(field: str, holds: Callable[[float, float], bool], time: float) -> Terms:
    return number_terms(field, lambda found: holds(found, time))
