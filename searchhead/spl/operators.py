"""What a compiled search is made of: operators that rows flow through, and the environment it is compiled in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Protocol

from searchhead.spl.values import Row

if TYPE_CHECKING:
    from searchhead.datamodels import DataModels
    from searchhead.lookups import Lookups
    from searchhead.macros import Macro
    from searchhead.rest import Rest
    from searchhead.spl.lexer import Cursor, Token
    from searchhead.spl.terms import Derived


class Operator:
    """One command of a running search.

    Rows come in portions: ``process`` is called once a portion and yields what leaves the command for it, ``finish``
    is called once after the last portion. A streaming command overrides ``process`` alone; a command that needs all
    rows keeps what it needs in ``process``, yields nothing there, and yields its results in ``finish``.
    """

    def process(self, rows: Iterable[Row]) -> Iterable[Row]:
        """What leaves the command for these rows. Rows may be changed in place: they belong to this search."""
        raise NotImplementedError(type(self).__name__)

    def read(self, events: Iterable[Row]) -> Iterable[Row]:
        """What leaves the command for events that it reads itself, beside the rows that come to it from others.

        Called once a portion of events, for a command whose plan reads events. The events belong to others as well.
        """
        raise NotImplementedError(type(self).__name__)

    def finish(self) -> Iterable[Row]:
        """What leaves the command after the last row."""
        return ()

    def close(self) -> None:
        """Give back what the command holds, a process for example. Called exactly once, also after an error."""


class Streaming(Operator):
    """A command that turns each row into rows without looking at others; made from a plain function."""

    def __init__(self, function: Callable[[Iterable[Row]], Iterable[Row]]) -> None:
        self._function = function

    def process(self, rows: Iterable[Row]) -> Iterable[Row]:
        """What the function yields."""
        return self._function(rows)


class Collecting(Operator):
    """A command that needs all rows before it yields any: they are kept in ``_rows``; it overrides ``finish``."""

    def __init__(self) -> None:
        self._rows: list[Row] = []

    def process(self, rows: Iterable[Row]) -> Iterable[Row]:
        """Nothing yet."""
        self._rows.extend(rows)
        return ()


class CustomCommands(Protocol):
    """Where custom search commands come from (their ``commands.conf`` stanzas)."""

    def __contains__(self, name: object) -> bool:
        """Whether there is a custom search command of this name."""

    def start(self, name: str, arguments: list[str]) -> Operator:
        """An operator that runs the command as a process, started when its first row comes."""


@dataclass
class Environment:
    """What a search may refer to and what it runs under.

    ``macros`` is keyed by ``name`` or, with arguments, ``name(2)``. ``now`` is the epoch time that ``now()`` gives,
    ``earliest`` and ``latest`` the time range that ``addinfo`` tells (None: open). ``events`` gives the rows that a
    search reads which does not begin with a generating command; None where events are fed in from outside.
    ``subsearch``, set while a pipeline is compiled, compiles the text between the brackets of a token for an expression
    and gives a function that runs it and gives the text that it stands for. ``inner_lookups`` collects, while commands
    are compiled, the names of the lookups that their functions and subsearches use. ``warn`` takes a sentence about a
    limit that was met or a value that was given up. ``datamodels`` are the data models, ``rest`` tells what the
    REST API would, ``derived`` tells of fields that knowledge makes of others.
    """

    lookups: Lookups
    macros: Mapping[str, Macro] = field(default_factory=dict)
    commands: CustomCommands | None = None
    now: float = 0.0
    timezone: tzinfo = UTC
    earliest: float | None = None
    latest: float | None = None
    sid: str = "embedded_1"
    events: Callable[[], Iterator[Row]] | None = None
    subsearch: Callable[[Cursor, Token], Callable[[], str]] | None = None
    inner_lookups: list[str] = field(default_factory=list)
    datamodels: DataModels | None = None
    rest: Rest | None = None
    derived: Derived | None = None
    warn: Callable[[str], None] = lambda _message: None
