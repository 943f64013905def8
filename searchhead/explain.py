"""The account of a hunt: for each search the rows that left each command, and why nothing is left at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from searchhead.head import Outcome
from searchhead.lookups import Lookup, Lookups
from searchhead.spl.operators import Environment
from searchhead.spl.pipeline import compile_pipeline, run
from searchhead.spl.traces import SAMPLES, Trace
from searchhead.spl.values import Row, texts

# As much of a command as still shows what it does.
_WIDTH = 96
# How many sources, fields and rows of a lookup a reason names.
_MOST = 6


def explain(name: str, outcome: Outcome, sources: Mapping[str, int]) -> Iterator[str]:
    """The lines about one search; its outcome must have a trace.

    ``sources`` counts the events that were read, wanted or not, by their source.
    """
    search = outcome.search
    yield f"{name}: {_many(len(outcome.rows), 'row')}"
    if not search.generating:
        may = [source for source in sources if search.could_match({"source": source})]
        yield f"  {sum(sources.values()):>9} events read"
        yield f"  {sum(sources[source] for source in may):>9} of a source that the search may want"
        yield f"  {outcome.seen:>9} of them hold a text that it needs"
        yield f"  {outcome.in_time:>9} of them lie in the time range"
    previous: tuple[str, ...] = ()
    shown = len(outcome.passed)
    while shown > 1 and not outcome.passed[shown - 1] and not outcome.passed[shown - 2]:
        shown -= 1
    for command, macros, count in list(zip(search.commands, search.macros, outcome.passed, strict=True))[:shown]:
        if macros and macros[:1] != previous[:1]:
            yield f"{'':18}`{macros[0]}`"
        previous = macros
        yield f"  {count:>9} left: {'  ' if macros else ''}{_short(command)}"
    if shown < len(outcome.passed):
        yield f"{'':18}and nothing came to the {_many(len(outcome.passed) - shown, 'command')} after it"
    if not outcome.rows:
        for line in reason(outcome, sources):
            yield f"  why: {line}"


def reason(outcome: Outcome, sources: Mapping[str, int]) -> Iterator[str]:
    """Why a search gave no row, in sentences."""
    search, trace = outcome.search, outcome.trace
    stage = next((index for index, count in enumerate(outcome.passed) if not count), None)
    if trace is None or stage is None:
        return
    if stage == 0 and not search.generating:
        yield from _not_begun(outcome, trace, sources)
        return
    came = outcome.passed[stage - 1] if stage else 0
    macros = search.macros[stage]
    where = f" in the macro {_macros(search.environment, macros)}" if macros else ""
    yield f"of the {_many(came, 'row')} that came so far none passed {_short(search.commands[stage])}{where}"
    missing = sorted(search.fields[stage] - trace.fields[stage])
    if missing:
        yield f"none of them has {_listed('the field', missing)}"
    yield from _rows_of_lookup(outcome, trace, stage)


def _not_begun(outcome: Outcome, trace: Trace, sources: Mapping[str, int]) -> Iterator[str]:
    """Why no event passed the first command."""
    search = outcome.search
    may = [source for source in sources if search.could_match({"source": source})]
    count = sum(sources[source] for source in may)
    if not may:
        read = ", ".join(f"{source} ({number})" for source, number in Counter(sources).most_common(_MOST))
        more = f" and {len(sources) - _MOST} more" if len(sources) > _MOST else ""
        yield f"no event is of a source that this search wants; read were: {read or 'none'}{more}"
    elif not outcome.seen:
        needs: set[str] = set()
        for source in may:
            needs |= search.text_needs({"source": source}) or set()
        yield f"none of the {_many(count, 'event')} of {_listed('the source', may)} holds {_listed('the text', needs)}"
    elif not outcome.in_time:
        yield f"of the {_many(outcome.seen, 'event')} that could be wanted none lies in the time range"
    elif missing := sorted(search.fields[0] - trace.fields[0]):
        yield f"none of the {_many(outcome.in_time, 'event')} has {_listed('the field', missing)}"
    else:
        yield f"none of the {_many(outcome.in_time, 'event')} has all that the first command asks for"


class _Instead(Lookups):
    """Lookups as they are, but one of them another one."""

    def __init__(self, others: Lookups, lookup: Lookup) -> None:
        super().__init__()
        self._others = others
        self._one = lookup

    def get(self, name: str, *, create: bool = False) -> Lookup:
        """The other one by its name, else the lookup as it is."""
        return self._one if name == self._one.name else self._others.get(name, create=create)


@dataclass(frozen=True)
class _Part:
    """The commands of a search from one that reads a lookup to the one that lets nothing pass, ready to run again."""

    lookup: Lookup
    commands: str
    environment: Environment

    def drops(self, row: Row, rows: Sequence[Row]) -> bool:
        """Whether a row ends in these commands when the lookup has only these rows."""
        lookups = _Instead(self.environment.lookups, self.lookup.with_rows(rows))
        return not run(compile_pipeline(self.commands, replace(self.environment, lookups=lookups)), [dict(row)])


def _rows_of_lookup(outcome: Outcome, trace: Trace, stage: int) -> Iterator[str]:
    """The rows of the lookup, read in the same macro, because of which the rows of the search ended there.

    Each of the rows that the trace kept is sent once more through the commands in question, with fewer and fewer rows
    of the lookup.
    """
    search = outcome.search
    macro = search.macros[stage][:1]
    reading = [at for at in range(stage) if macro and search.macros[at][:1] == macro and search.reads[at]]
    for first in reversed(reading):
        for name in sorted(search.reads[first]):
            lookup = search.environment.lookups.get(name)
            part = _Part(lookup, " | ".join(search.commands[first : stage + 1]), search.environment)
            rows = lookup.rows()
            found: Counter[int] = Counter()
            for row in trace.samples[first]:
                if not part.drops(row, []):
                    found.update(_responsible(part, row, rows, range(len(rows))))
            for number, _ in found.most_common(_MOST):
                cells = ", ".join(f"{field}={' '.join(texts(value))}" for field, value in rows[number].items())
                told = _count(found[number], trace.samples[first])
                yield f"row {number + 1} of the lookup {name} filtered {told}: {cells}"
            if found:
                return


def _count(count: int, samples: Sequence[Row]) -> str:
    return f"{count} of {'the first ' if len(samples) == SAMPLES else ''}{_many(len(samples), 'row')}"


def _responsible(part: _Part, row: Row, rows: Sequence[Row], numbers: range) -> Iterator[int]:
    """The numbers of the rows of a lookup each of which alone lets a row end."""
    if not part.drops(row, [rows[number] for number in numbers]):
        return
    if len(numbers) == 1:
        yield numbers[0]
        return
    middle = len(numbers) // 2
    yield from _responsible(part, row, rows, numbers[:middle])
    yield from _responsible(part, row, rows, numbers[middle:])


def _macros(environment: Environment, macros: Iterable[str]) -> str:
    """Macros with the place of the last one, which holds the text."""
    names = list(macros)
    return " in ".join(f"`{name}`" for name in reversed(names)) + f" ({environment.macros[names[-1]].place})"


def _short(command: str) -> str:
    text = " ".join(command.split())
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]}…"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _listed(noun: str, names: Iterable[str]) -> str:
    found = sorted(names)
    more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    plural = "s" if len(found) > 1 else ""
    return (
        f"{noun}{plural} {', '.join(found[:_MOST])}{more}"
        if len(found) < 2 or noun != "the text"
        else (f"any of the texts {', '.join(found[:_MOST])}{more}")
    )
