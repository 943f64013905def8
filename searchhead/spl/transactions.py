"""Events that belong together: the pool of open transactions behind the ``transaction`` command.

Events come newest first, as in Splunk, so a transaction begins here with its last event and ends with its first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from searchhead.spl.values import Row, number, texts

Test = Callable[[Row], bool]
_Values = dict[str, set[str]]


@dataclass(frozen=True)
class Definition:
    """What makes a transaction; a negative bound is none. The defaults are the documented ones.

    The bounds of the pool are those of limits.conf, [transactions].
    """

    fields: tuple[str, ...] = ()
    maxspan: float = -1
    maxpause: float = -1
    maxevents: int = 1_000
    startswith: Test | None = None
    endswith: Test | None = None
    connected: bool = True
    unifyends: bool = True
    maxopentxn: int = 5_000
    maxopenevents: int = 100_000


@dataclass
class Transaction:
    """Events that belong together, newest first. ``closed`` and ``complete`` are known when it leaves the pool."""

    number: int
    events: list[Row] = field(default_factory=list)
    values: _Values = field(default_factory=dict)
    ended: bool = False
    closed: bool = False
    complete: bool = False

    @property
    def latest(self) -> float:
        """The time of its newest event."""
        return time_of(self.events[0])

    @property
    def earliest(self) -> float:
        """The time of its oldest event so far."""
        return time_of(self.events[-1])


def time_of(event: Row) -> float:
    """The time of an event; without one it counts as epoch 0 (assumed)."""
    return number(event.get("_time")) or 0.0


class Pool:
    """The open transactions. ``evicted`` counts those that left because the pool was full."""

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._numbers = count()
        self._created: dict[int, Transaction] = {}  # the oldest first
        self._touched: dict[int, Transaction] = {}  # the one that was added to last comes last
        self._by_value: dict[tuple[str, str], dict[int, Transaction]] = {}
        self._events = 0
        self.evicted = 0

    def add(self, event: Row) -> Iterator[Transaction | Row]:
        """Take an event; gives the transactions that leave the pool, and the event itself if it belongs to none."""
        definition = self._definition
        yield from self._expired(time_of(event))
        begins = definition.startswith is not None and definition.startswith(event)
        ends = definition.endswith is not None and definition.endswith(event)
        values = {name: set(texts(event[name])) for name in definition.fields if name in event}
        bound = definition.unifyends or not (begins or ends)
        found = self._matching(values, connected=definition.connected and bound)
        if found is None and definition.fields and not values and bound:
            yield event
            return
        if ends and found is not None:
            # Only the end was wanted, and the next one ends another transaction; or its start has not come.
            yield self._leave(found)
            found = None
        if found is None:
            found = self._opened(ends)
        self._put(found, event, values)
        if begins:
            yield self._leave(found, closed=True, started=True)
        elif 0 <= definition.maxevents <= len(found.events):
            yield self._leave(found, closed=True)
        yield from self._surplus()

    def rest(self) -> Iterator[Transaction]:
        """The transactions that are still open after the last event.

        No public source settles what becomes of them where only maxspan, maxpause or maxevents are given. Assumed:
        they are put out, with closed_txn=0, so that nothing is lost.
        """
        for found in list(self._created.values()):
            yield self._leave(found)

    def _expired(self, now: float) -> Iterator[Transaction]:
        # Assumed: maxspan itself is still allowed, as it is for maxpause.
        span, pause = self._definition.maxspan, self._definition.maxpause
        while span >= 0 and self._created and (first := next(iter(self._created.values()))).latest - now > span:
            yield self._leave(first, closed=True)
        while pause >= 0 and self._touched and (first := next(iter(self._touched.values()))).earliest - now > pause:
            yield self._leave(first, closed=True)

    def _surplus(self) -> Iterator[Transaction]:
        definition = self._definition
        while len(self._created) > definition.maxopentxn or self._events > definition.maxopenevents:
            found = self._leave(next(iter(self._touched.values())))
            found.complete = False
            self.evicted += 1
            yield found

    def _matching(self, values: _Values, *, connected: bool) -> Transaction | None:
        """The transaction, of several the one that was added to last, that the event belongs to."""
        if not self._definition.fields or not connected:
            candidates = reversed(self._touched.values())
        else:
            sharing: dict[int, Transaction] = {}
            for name, those in values.items():
                for one in those:
                    sharing |= self._by_value.get((name, one), {})
            if len(sharing) < 2:
                candidates = iter(sharing.values())
            else:
                candidates = (found for at, found in reversed(self._touched.items()) if at in sharing)
        return next((found for found in candidates if _consistent(found.values, values)), None)

    def _opened(self, ended: bool) -> Transaction:
        found = Transaction(next(self._numbers), ended=ended)
        self._created[found.number] = found
        return found

    def _put(self, found: Transaction, event: Row, values: _Values) -> None:
        found.events.append(event)
        self._events += 1
        self._touched.pop(found.number, None)
        self._touched[found.number] = found
        for name, those in values.items():
            found.values.setdefault(name, set()).update(those)
            for one in those:
                self._by_value.setdefault((name, one), {})[found.number] = found

    def _leave(self, found: Transaction, *, closed: bool = False, started: bool = False) -> Transaction:
        definition = self._definition
        del self._created[found.number], self._touched[found.number]
        self._events -= len(found.events)
        for name, those in found.values.items():
            for one in those:
                holders = self._by_value[name, one]
                del holders[found.number]
                if not holders:
                    del self._by_value[name, one]
        found.complete = (started or definition.startswith is None) and (found.ended or definition.endswith is None)
        found.closed = closed and found.complete
        return found


def _consistent(one: _Values, other: _Values) -> bool:
    return all(not one[name].isdisjoint(those) for name, those in other.items() if name in one)
