"""What a run keeps account of, to tell where rows disappear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from searchhead.spl.values import Row

# So many rows of each command a trace shows.
SAMPLES = 20


@dataclass(frozen=True)
class Trace:
    """What met the commands of a run: the names of the fields that any row had on its way in, and the first rows."""

    fields: list[set[str]]
    samples: list[list[Row]]

    @classmethod
    def of(cls, commands: int) -> Trace:
        """An empty account of so many commands."""
        return cls([set() for _ in range(commands)], [[] for _ in range(commands)])

    def noted(self, index: int, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows that meet a command, with account kept of each as it passes."""
        fields, samples = self.fields[index], self.samples[index]
        for row in rows:
            fields.update(row)
            if len(samples) < SAMPLES:
                samples.append(dict(row))
            yield row
