"""Custom search commands: from a stanza of commands.conf to a process."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from searchhead.conf import App, InvalidConf, Stanza
from searchhead.scp import CustomCommand
from searchhead.spl.operators import Operator

# commands.conf.spec: what a chunked command may say. Which Python runs it is Splunk's business; here it is our own.
_SETTINGS = frozenset({"filename", "chunked", "python.version", "python.required", "is_risky", "run_in_preview"})


class AppCommands:
    """The custom search commands of several apps; a later app's command of the same name wins."""

    def __init__(self, apps: Sequence[App], *, now: float, warn: Callable[[str], None]) -> None:
        self._now = now
        self._warn = warn
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
        return CustomCommand(name, script, arguments, app=app.id, now=self._now, warn=self._warn)


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
