"""Conf files: one file, a file with its local layer, an app.

The format is Splunk's (its manual page "How to edit a configuration file" and the spec files), read strictly: what
Splunk would accept and quietly resolve, a repeated setting for example, is refused with its place, because in an app
that ships it is a mistake.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from searchhead.spl.errors import Place

_TRUE = frozenset({"1", "true", "t", "yes", "y"})
_FALSE = frozenset({"0", "false", "f", "no", "n"})


def truth(text: str) -> bool | None:
    """What a text says in one of Splunk's spellings of true and false; None for any other text."""
    return True if text.lower() in _TRUE else False if text.lower() in _FALSE else None


class InvalidConf(ValueError):
    """A conf file, or a setting in one, cannot be used; the message begins with ``folder/file.conf:line``."""


def shown(path: Path) -> str:
    """A file as errors show it: ``default/macros.conf``."""
    # The folder tells default from local; more of the path would only tell whose computer this is.
    return "/".join(path.parts[-2:])


def _place(path: Path, line: int) -> str:
    return f"{shown(path)}:{line}"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its value, the file it stands in, the line (from 1) on which it begins.

    ``blank`` is how many lines lie between its name and the first character of its value.
    """

    value: str
    path: Path
    line: int
    blank: int = 0

    @property
    def place(self) -> str:
        """Where the setting stands, as errors show it: ``default/macros.conf:41``."""
        return _place(self.path, self.line)

    def text_place(self, stanza: str) -> Place:
        """Where the value begins, for errors that stand in its text."""
        return Place(shown(self.path), self.line + self.blank, stanza)


class Stanza(Mapping[str, str]):
    """The settings of one stanza as a mapping from name to value, with the place of each."""

    def __init__(self, name: str, path: Path, line: int, settings: Mapping[str, Setting]) -> None:
        self.name = name
        self.path = path
        self.header_line = line
        self.settings = settings

    def __getitem__(self, name: str) -> str:
        return self.settings[name].value

    def __iter__(self) -> Iterator[str]:
        return iter(self.settings)

    def __len__(self) -> int:
        return len(self.settings)

    @property
    def place(self) -> str:
        """Where the stanza begins: ``default/macros.conf:40``."""
        return _place(self.path, self.header_line)

    def line(self, name: str) -> int:
        """The line on which a setting begins; raises KeyError for a setting that is not there."""
        return self.settings[name].line

    def error(self, name: str, problem: str) -> InvalidConf:
        """An error about one setting, or about the whole stanza if it has no such setting."""
        setting = self.settings.get(name)
        return InvalidConf(f"{setting.place if setting else self.place}: stanza [{self.name}] {problem}")

    def boolean(self, name: str, default: bool) -> bool:
        """A setting that is true or false in one of Splunk's spellings; raises InvalidConf for another value."""
        value = self.get(name)
        if value is None:
            return default
        found = truth(value)
        if found is not None:
            return found
        raise self.error(name, f"has {name} = {value!r}: write true or false")

    def integer(self, name: str, default: int, lowest: int, highest: int) -> int:
        """A setting that is a whole number within bounds; raises InvalidConf for another value."""
        value = self.get(name)
        if value is None:
            return default
        # The length bound keeps int() away from texts of thousands of digits.
        if value.isascii() and value.isdigit() and len(value) < 10 and lowest <= int(value) <= highest:
            return int(value)
        raise self.error(name, f"has {name} = {value!r}: write a whole number from {lowest} to {highest}")

    def over(self, lower: Mapping[str, Setting]) -> Stanza:
        """This stanza with the settings of a lower layer wherever it has none of its own."""
        return Stanza(self.name, self.path, self.header_line, {**lower, **self.settings})


class Conf:
    """A conf file, or several layers of one.

    ``stanzas`` maps a name to its stanza, in file order. ``default`` holds the settings of [default] and those before
    any stanza; every stanza already has them where it does not set its own.
    """

    def __init__(self, stanzas: Mapping[str, Stanza], default: Stanza) -> None:
        self._own = stanzas
        self.default = default
        self.stanzas: dict[str, Stanza] = {name: stanza.over(default.settings) for name, stanza in stanzas.items()}

    def over(self, lower: Conf) -> Conf:
        """This layer merged over a lower one, setting by setting: what stands here wins."""
        merged = dict(lower._own)
        for name, stanza in self._own.items():
            merged[name] = stanza.over(merged[name].settings) if name in merged else stanza
        return Conf(merged, self.default.over(lower.default.settings))


def _text(path: Path) -> str:
    """The text of a conf file; raises InvalidConf where Splunk would read something else than the author sees."""
    data = path.read_bytes()
    if data.startswith(b"\xef\xbb\xbf"):
        raise InvalidConf(f"{_place(path, 1)}: begins with a byte order mark; save the file as UTF-8 without it")
    if b"\r" in data:
        line = data.count(b"\n", 0, data.index(b"\r")) + 1
        # Before a CR a backslash continues nothing on Linux: the value would end there without a word.
        raise InvalidConf(f"{_place(path, line)}: has a carriage return; save the file with LF line ends")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidConf(
            f"{_place(path, line)}: byte {data[error.start]:#04x} is not UTF-8; save the file as UTF-8"
        ) from error


def _logical_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Number and text of each line with its continuations joined by newlines; blank lines and comments left out."""
    lines = _text(path).split("\n")
    index = 0
    while index < len(lines):
        first, line = index, lines[index]
        index += 1
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        while line.endswith("\\"):
            if index == len(lines) or (index == len(lines) - 1 and not lines[index]):
                raise InvalidConf(f"{_place(path, index)}: ends with a backslash, but no line follows")
            line = f"{line[:-1]}\n{lines[index]}"
            index += 1
        if line.rstrip().endswith("\\"):
            raise InvalidConf(
                f"{_place(path, index)}: has blanks after the backslash at its end; remove them to continue the line"
            )
        yield first + 1, line


class _Reader:
    """Collects the stanzas of one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._headers: dict[str, int] = {"default": 1}
        self._settings: dict[str, dict[str, Setting]] = {"default": {}}
        self._default_seen = False

    def _header(self, line: str, number: int) -> str:
        if not line.endswith("]"):
            raise InvalidConf(f"{_place(self._path, number)}: {line!r} is no stanza header: it must end with ]")
        name = line[1:-1]
        if name in self._headers and (name != "default" or self._default_seen):
            raise InvalidConf(
                f"{_place(self._path, number)}: stanza [{name}] stands twice, first at line {self._headers[name]}"
            )
        self._default_seen = self._default_seen or name == "default"
        self._headers[name] = number
        self._settings.setdefault(name, {})
        return name

    def _setting(self, stanza: str, line: str, number: int) -> None:
        before, equals, value = line.partition("=")
        name = before.strip()
        if not equals or not name or "\n" in before:
            shown = line.partition("\n")[0]
            raise InvalidConf(
                f"{_place(self._path, number)}: {shown!r} is neither a [stanza], a setting = value nor a # comment"
            )
        if name in self._settings[stanza]:
            raise InvalidConf(f'{_place(self._path, number)}: stanza [{stanza}] has setting "{name}" twice')
        blank = value[: len(value) - len(value.lstrip())].count("\n")
        self._settings[stanza][name] = Setting(value.strip(), self._path, number, blank)

    def read(self) -> Conf:
        stanza = "default"
        for number, line in _logical_lines(self._path):
            if line.lstrip().startswith("["):
                stanza = self._header(line.strip(), number)
            else:
                self._setting(stanza, line, number)
        stanzas = {
            name: Stanza(name, self._path, self._headers[name], settings) for name, settings in self._settings.items()
        }
        return Conf(stanzas, stanzas.pop("default"))


def read_conf(path: Path) -> Conf:
    r"""Read one conf file.

    ``\`` at the end of a line continues it: the backslash goes, the line break stays in the value. ``#`` begins a
    comment only where it is the first character that is not blank, and not within a continued value. Blanks round a
    name and round a whole value are dropped, everything inside is kept.

    Raises InvalidConf for what is not of this form and for a stanza or setting that stands twice, OSError for a file
    that cannot be read.
    """
    return _Reader(path).read()


class App:
    """A Splunk app or add-on in its folder; it may lack any of its files."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lookups_folder = path / "lookups"
        self._confs: dict[str, Conf] = {}

    def conf(self, name: str) -> Conf:
        """The conf ``<name>.conf``: local over default, empty where the app has neither. Read once."""
        if name not in self._confs:
            conf = Conf({}, Stanza("default", self.path / "default" / f"{name}.conf", 1, {}))
            for layer in ("default", "local"):
                path = self.path / layer / f"{name}.conf"
                if path.is_file():
                    conf = read_conf(path).over(conf)
            self._confs[name] = conf
        return self._confs[name]

    def _told(self, stanza: str, setting: str) -> str | None:
        found = self.conf("app").stanzas.get(stanza)
        return found.get(setting) if found else None

    @property
    def id(self) -> str:
        """The app's id: what app.conf says, else the name of its folder (as Splunk has it)."""
        return self._told("package", "id") or self._told("id", "name") or self.path.resolve().name

    @property
    def label(self) -> str:
        """The name that people see; the id where app.conf has none."""
        return self._told("ui", "label") or self.id

    @property
    def version(self) -> str | None:
        """Its version, if app.conf has one."""
        return self._told("id", "version") or self._told("launcher", "version")


def layered(apps: Sequence[App], name: str) -> Conf:
    """One conf of several apps as one, merged setting by setting; a later app wins."""
    conf = Conf({}, Stanza("default", Path(f"{name}.conf"), 1, {}))
    for app in apps:
        conf = app.conf(name).over(conf)
    return conf
