"""Search macros: their definitions. Expansion belongs to the language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from searchhead.conf import App, Stanza, shown
from searchhead.spl.errors import Place

_NAME = re.compile(r"(?P<name>[^\s`()\"]+)(?:\((?P<count>[1-9][0-9]?)\))?")
_ARGUMENT = re.compile(r"[A-Za-z0-9_-]+")
_SETTINGS = ("args", "definition", "description", "iseval")


@dataclass(frozen=True, slots=True)
class Macro:
    """A search macro: what it is called, its arguments, the text it stands for, and the place of that text."""

    name: str
    arguments: tuple[str, ...]
    definition: str
    path: Path
    line: int

    @property
    def key(self) -> str:
        """How a search names it: ``name``, or ``name(2)`` with the number of arguments."""
        return f"{self.name}({len(self.arguments)})" if self.arguments else self.name

    @property
    def place(self) -> Place:
        """Where the definition begins."""
        return Place(shown(self.path), self.line, self.key)


def _macro(stanza: Stanza) -> Macro:
    for setting in stanza:
        if setting in ("validation", "errormsg"):
            # Splunk evaluates the validation and stops the search; to ignore it would run what Splunk refuses.
            raise stanza.error(setting, f"has {setting}: the validation of arguments is not supported, remove it")
        if setting not in _SETTINGS:
            raise stanza.error(setting, f'has setting "{setting}"; a macro may have {", ".join(_SETTINGS)}')
    if stanza.boolean("iseval", default=False):
        raise stanza.error("iseval", "has iseval = true: macros that are eval expressions are not supported")
    if "definition" not in stanza:
        raise stanza.error("", "has no definition")
    name = _NAME.fullmatch(stanza.name)
    if name is None:
        raise stanza.error("", "is no macro name: write [name], or [name(2)] for two arguments")
    arguments = tuple(part.strip() for part in stanza["args"].split(",")) if stanza.get("args") else ()
    for argument in arguments:
        # The characters are those of macros.conf.spec.
        if not _ARGUMENT.fullmatch(argument):
            raise stanza.error("args", f"has the argument {argument!r}: letters, digits, _ and - are allowed")
    if len(set(arguments)) < len(arguments):
        raise stanza.error("args", "names an argument twice")
    count = int(name["count"] or 0)
    if count != len(arguments):
        raise stanza.error("args", f"takes {count} arguments by its name, but args names {len(arguments)}")
    definition = stanza.settings["definition"]
    return Macro(name["name"], arguments, definition.value, definition.path, definition.text_place(stanza.name).line)


def macros_of(app: App) -> dict[str, Macro]:
    """The macros of an app by the key under which a search names them.

    Supported settings: args, definition, description, iseval = false. Raises InvalidConf for any other.
    """
    macros = (_macro(stanza) for stanza in app.conf("macros").stanzas.values())
    return {macro.key: macro for macro in macros}
