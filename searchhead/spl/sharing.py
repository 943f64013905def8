"""Searches that begin with the same commands: those run once for all of them.

The searches of a hunt make trees. A trunk takes events; where searches go different ways a branch forks, and each
search ends in a branch of its own. Every branch is a run of some commands.

While events come, rows flow at once from a branch into those it forks into. What leaves a branch only at the end waits
until a search asks for it, because the searches end one after the other: what one of them then writes into a lookup is
there for what the next one has for itself. A row that several searches get is a copy for each of them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import islice

from searchhead.spl.compiling import Plan
from searchhead.spl.pipeline import Run, Search
from searchhead.spl.traces import Trace
from searchhead.spl.values import Row

# So many rows at most wait to be copied while events come.
_PORTION = 10_000


class Branch:
    """Commands that run once for all searches that have them there, as a part of a tree.

    ``search`` is made of these commands alone. The rows come from the branch ``below``; a trunk, where the events come
    in, has none.
    """

    def __init__(self, run: Run, below: Branch | None) -> None:
        self.search = run.search
        self._run = run
        self.below = below
        self._forks: list[Branch] = []
        self._last: Iterable[Row] = ()
        self._results: list[Row] = []
        self._rest: list[Row] | None = None
        self._asked = 0
        if below is not None:
            below._forks.append(self)

    @property
    def trunk(self) -> Branch:
        """The branch at the bottom."""
        return self if self.below is None else self.below.trunk

    @property
    def passed(self) -> list[int]:
        """The rows that have left each command so far, from the trunk to the end of this branch."""
        return [*(self.below.passed if self.below else ()), *self._run.passed]

    @property
    def trace(self) -> Trace | None:
        """What met each of these commands, if that was asked for."""
        below, own = self.below.trace if self.below else None, self._run.trace
        return Trace(below.fields + own.fields, below.samples + own.samples) if below and own else own

    def feed(self, rows: Iterable[Row]) -> None:
        """Send rows through these commands and on; they may be changed in place."""
        found = self._run.feed(rows)
        if not self._forks:
            self._results.extend(found)
            return
        while portion := list(islice(found, _PORTION)):
            for fork in self._forks:
                fork.feed(map(dict, portion))

    def feed_last(self, rows: Iterable[Row]) -> None:
        """Let rows wait in the trunk until the first search ends."""
        self._last = rows

    def results(self) -> Iterator[Row]:
        """All rows of the one search that goes to the end of this branch; it ends with that."""
        yield from self._results
        yield from self._at_end()

    def _at_end(self) -> Iterable[Row]:
        """The rows that leave these commands from when the first search ends; each fork asks for them once."""
        if self._rest is None:
            last, self._last = self.below._at_end() if self.below else self._last, ()
            came = () if self.search.generating else self._run.feed(last)
            self._rest = [*came, *self._run.finish()]
            self._run.close()
        self._asked += 1
        if self._asked < len(self._forks):
            return map(dict, self._rest)
        rest, self._rest = self._rest, []
        return rest


def grow(searches: Sequence[Search], held: ExitStack, *, traced: bool = False) -> list[Branch]:
    """Start searches that were compiled in one environment; gives the branch in which each of them ends.

    They must end in this order (``Branch.results``). ``held`` closes the runs, ``traced`` keeps account of what passes.
    """
    ways = _ways(searches)
    ends: dict[int, Branch] = {}

    def fork(numbers: Iterable[int], first: int, below: Branch | None) -> None:
        groups: dict[Hashable, list[int]] = {}
        for number in numbers:
            groups.setdefault(ways[number][first], []).append(number)
        for group in groups.values():
            stop = first + 1
            while stop < len(ways[group[0]]) and len({ways[number][stop] for number in group}) == 1:
                stop += 1
            run = _part(searches[group[0]], first, stop).start(traced=traced)
            held.callback(run.close)
            branch = Branch(run, below)
            if len(group) == 1:
                ends[group[0]] = branch
            else:
                fork(group, stop, branch)

    fork(range(len(searches)), 0, None)
    return [ends[number] for number in range(len(searches))]


def _ways(searches: Sequence[Search]) -> list[list[Hashable]]:
    """For each command of each search what is equal where one run does for both.

    That is so for the same plan, unless its command makes rows of no events or writes a lookup, or reads a lookup that
    one of the searches from the first of the two to before the second writes. A search of which a command takes events
    by itself, but for the first one, shares nothing, and the last command each search has for itself.
    """
    written = [search.writes for search in searches]

    def way(number: int, plan: Plan) -> Hashable:
        makes_rows = plan.generating and not plan.reads_events
        reads_beside = searches[number].readers not in ((), (0,))
        if makes_rows or plan.writes or reads_beside:
            return number
        return id(plan), sum(not plan.reads.isdisjoint(names) for names in written[:number])

    return [[*(way(number, plan) for plan in search.plans[:-1]), number] for number, search in enumerate(searches)]


def _part(search: Search, first: int, stop: int) -> Search:
    """The search made of some of its commands."""
    return replace(
        search,
        commands=search.commands[first:stop],
        macros=search.macros[first:stop],
        plans=search.plans[first:stop],
    )
