"""Custom search commands: from a stanza of commands.conf to a process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain

from searchhead.conf import App, InvalidConf, Stanza
from searchhead.scp import CustomCommand
from searchhead.spl.operators import Operator
from searchhead.spl.values import Row

# commands.conf.spec: what a chunked command may say. Which Python runs it is Splunk's business; here it is our own.
_SETTINGS = frozenset({"filename", "chunked", "python.version", "python.required", "is_risky", "run_in_preview"})


class AppCommands:
    """The custom search commands of several apps; a later app's command of the same name wins.

    Searches that use a command with the same arguments at the same time share its process, as long as the command takes
    each row by itself: a process takes longer to start than most searches to run.
    """

    def __init__(self, apps: Sequence[App], *, now: float, warn: Callable[[str], None]) -> None:
        self._now = now
        self._warn = warn
        self._shared: dict[tuple[str, ...], _Shared] = {}
        self._stanzas: dict[str, tuple[App, Stanza]] = {}
        for app in apps:
            for name, stanza in app.conf("commands").stanzas.items():
                _check(app, stanza)
                self._stanzas[name] = (app, stanza)

    def __contains__(self, name: object) -> bool:
        return name in self._stanzas

    def start(self, name: str, arguments: list[str]) -> Operator:
        """The command as an operator; its process starts when the first row comes."""
        app, stanza = self._stanzas[name]
        script = app.path / "bin" / stanza["filename"]
        make = partial(CustomCommand, name, script, arguments, app=app.id, now=self._now, warn=self._warn)
        return _Use(self._shared.setdefault((name, *arguments), _Shared(make)))


class _Shared:
    """A command and how many searches use it."""

    def __init__(self, make: Callable[[], CustomCommand]) -> None:
        self.users = 0
        self._make = make
        self._command: CustomCommand | None = None

    def command(self) -> CustomCommand:
        """The command, its process started; one of its own for each search if it is stateful."""
        if self._command is not None:
            return self._command
        command = self._make()
        command.check()
        if not command.stateful:
            self._command = command
        return command

    def left(self) -> CustomCommand | None:
        """Note that a search is done with it; after the last one the command, to be ended."""
        self.users -= 1
        if self.users:
            return None
        command, self._command = self._command, None
        return command


class _Use(Operator):
    """The use of a command by one search."""

    def __init__(self, shared: _Shared) -> None:
        self._shared = shared
        self._command: CustomCommand | None = None
        self._ended = False
        shared.users += 1

    def process(self, rows: Iterable[Row]) -> Iterator[Row]:
        rows = iter(rows)
        for first in rows:  # without one the process is not started
            if self._command is None:
                self._command = self._shared.command()
            yield from self._command.process(chain((first,), rows))

    def finish(self) -> Iterator[Row]:
        command = self._end()
        if command is not None:
            try:
                yield from command.finish()
            finally:
                command.close()

    def close(self) -> None:
        command = self._end()
        if command is not None:
            command.close()

    def _end(self) -> CustomCommand | None:
        """The command if it is to be ended now."""
        if self._ended:
            return None
        self._ended = True
        last = self._shared.left()
        return self._command if self._command is not None and self._command.stateful else last


def _check(app: App, stanza: Stanza) -> None:
    """Refuse a stanza that Splunk would run in a way we do not, or could not run at all."""
    for setting in stanza:
        if setting not in _SETTINGS:
            raise stanza.error(setting, f"has {setting}, which a chunked command does not have")
    if not stanza.boolean("chunked", default=False):
        raise stanza.error("chunked", "must have chunked = true: only version 2 of the protocol is spoken")
    filename = stanza.get("filename", "")
    script = app.path / "bin" / filename
    if not filename or script.parent != app.path / "bin" or not script.is_file():
        raise InvalidConf(f"{stanza.place}: stanza [{stanza.name}] needs filename = a script in bin/, not {filename!r}")
