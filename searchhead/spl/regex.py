r"""Regular expressions: from PCRE, which Splunk uses, to Python's ``re``.

What both spell alike passes unchanged. What PCRE spells in its own way is rewritten. What Python cannot do, or would do
differently, is refused. Source of the PCRE facts: its manual page pcrepattern(3).

``\d \w \s \b`` know ASCII only, as in PCRE without UCP. One difference stays: within ``(?i)`` Python then folds the
case of ASCII letters only, PCRE that of all; a pattern that names a letter beyond ASCII within ``(?i)`` is refused.

Unlike Splunk, which gives a match up that backtracks too often (MATCH_LIMIT), it has no such limit, so that patterns
over hostile text must be possessive or bounded.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

_POSIX = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7f",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t-\r ",
    "upper": "A-Z",
    "word": r"\w",
    "xdigit": "0-9A-Fa-f",
}
_HORIZONTAL = r"\t \xa0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000"
_VERTICAL = r"\n-\r\x85\u2028\u2029"

# Outside a class; the letters that Python has no equal for are in none of these tables.
_ESCAPES = {
    **{letter: f"\\{letter}" for letter in "AbBdDsSwWnrtfa"},
    "z": r"\Z",
    "Z": r"(?=\n?\Z)",
    "h": f"[{_HORIZONTAL}]",
    "H": f"[^{_HORIZONTAL}]",
    "v": f"[{_VERTICAL}]",
    "V": f"[^{_VERTICAL}]",
    "R": rf"(?>\r\n|[{_VERTICAL}])",
    "N": r"[^\n]",
    "e": r"\x1b",
}
_CLASS_ESCAPES = {
    **{letter: f"\\{letter}" for letter in "dDsSwW"},
    "h": _HORIZONTAL,
    "v": _VERTICAL,
}
_CLASS_CHARACTERS = {"b": "\b", "n": "\n", "r": "\r", "t": "\t", "f": "\f", "a": "\a", "e": "\x1b"}

_QUOTED = re.compile(r"\\Q(.*?)(?:\\E|\Z)|\\.|[^\\]+|\\", re.DOTALL)
_NAME = r"[A-Za-z_][A-Za-z0-9_]{0,31}"
_GROUP = re.compile(
    rf"""\(\?(?:
        (?P<plain>:|=|!|<=|<!|>)
      | (?P<comment>\#[^)]*\))
      | P?<(?P<angle>{_NAME})>
      | '(?P<quoted>{_NAME})'
      | P=(?P<same>{_NAME})\)
      | \((?:(?P<number>[1-9][0-9]?) | <(?P<if_angle>{_NAME})> | '(?P<if_quoted>{_NAME})')\)
      | (?P<flags>[imsx]*(?:-[imsx]+)?)(?P<scope>[:)])
    )""",
    re.VERBOSE,
)
_HEX = re.compile(r"\\x(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{0,2}))")
_OCTAL = re.compile(r"\\(0[0-7]{0,2})")
_CONTROL = re.compile(r"\\c([\x20-\x7e])")
_REFERENCE = re.compile(
    rf"""\\(?:
        (?P<plain>[1-9][0-9]?)
      | g(?:\{{(?P<braced>-?[1-9][0-9]?)\}} | (?P<bare>-?[1-9][0-9]?))
      | [gk]\{{(?P<braced_name>{_NAME})\}} | k<(?P<angle>{_NAME})> | k'(?P<quoted>{_NAME})'
    )""",
    re.VERBOSE,
)
_QUANTIFIER = re.compile(r"\{[0-9]{1,5}(?:,[0-9]{0,5})?\}")
_POSIX_CLASS = re.compile(r"\[:(\^?)([a-z]+):\]")


class InvalidRegex(ValueError):
    """A pattern is no regular expression, or one that Python cannot match as Splunk would."""


class _Level:
    """A group that is open: its flags, and the scoped flag groups opened within its present branch."""

    def __init__(self, flags: frozenset[str]) -> None:
        self.flags = flags
        self.opened: list[str] = []


class _Translator:
    """One pass over a pattern, writing Python's spelling."""

    def __init__(self, pattern: str) -> None:
        self._shown = pattern
        self._text = "".join(
            re.sub(r"([^A-Za-z0-9])", r"\\\1", found[1]) if found[1] is not None else found[0]
            for found in _QUOTED.finditer(pattern)
        )
        self._at = 0
        self._out: list[str] = []
        self._levels = [_Level(frozenset())]
        self._groups = 0

    def _refuse(self, problem: str) -> InvalidRegex:
        return InvalidRegex(f"{problem}, at character {self._at + 1} of the regular expression {self._shown!r}")

    def _take(self, length: int) -> str:
        taken = self._text[self._at : self._at + length]
        self._at += length
        return taken

    @property
    def _flags(self) -> frozenset[str]:
        return self._levels[-1].flags

    def translate(self) -> str:
        while self._at < len(self._text):
            self._step()
        if len(self._levels) > 1:
            raise self._refuse("a ( is not closed")
        return "".join(self._out) + ")" * len(self._levels[0].opened)

    def _step(self) -> None:
        character = self._text[self._at]
        if character == "\\":
            self._out.append(self._escape())
        elif character == "[":
            self._out.append(self._class())
        elif character == "(":
            self._open()
        elif character == ")":
            self._close()
        elif character == "|":
            self._take(1)
            opened = self._levels[-1].opened
            # Flags set in the middle of a branch hold in the branches after it too.
            self._out.append(")" * len(opened) + "|" + "".join(opened))
        elif character == "{":
            self._brace()
        elif character == "#" and "x" in self._flags:
            end = self._text.find("\n", self._at)
            self._at = len(self._text) if end < 0 else end
        else:
            self._out.append(self._literal(self._take(1)))

    def _literal(self, character: str) -> str:
        if "i" in self._flags and not character.isascii() and character.lower() != character.upper():
            raise self._refuse(f"the letter {character!r} within (?i) is not supported")
        return character

    def _brace(self) -> None:
        if quantifier := _QUANTIFIER.match(self._text, self._at):
            self._out.append(self._take(len(quantifier[0])))
        elif self._text.startswith("{,", self._at):
            # Plain text to PCRE before 10.43, "up to" after it and in Python.
            raise self._refuse("{,n} is read in two ways: write {0,n}, or \\{ for the character")
        else:
            self._take(1)
            self._out.append("\\{")

    # Groups

    def _open(self) -> None:
        if self._text.startswith("(*", self._at):
            raise self._refuse("verbs such as (*SKIP) are not supported")
        if not self._text.startswith("(?", self._at):
            self._groups += 1
            self._take(1)
            self._enter("(")
            return
        group = _GROUP.match(self._text, self._at)
        if group is None:
            raise self._refuse(f"{self._text[self._at : self._at + 4]!r} is a group that is not supported")
        self._at = group.end()
        if name := group["angle"] or group["quoted"]:
            self._groups += 1
            self._enter(f"(?P<{name}>")
        elif group["plain"]:
            self._enter(f"(?{group['plain']}")
        elif group["same"]:
            self._out.append(f"(?P={group['same']})")
        elif condition := group["number"] or group["if_angle"] or group["if_quoted"]:
            self._enter(f"(?({condition})")
        elif group["flags"] is not None:
            self._set_flags(group["flags"], group["scope"])

    def _enter(self, opening: str) -> None:
        self._out.append(opening)
        self._levels.append(_Level(self._flags))

    def _close(self) -> None:
        if len(self._levels) == 1:
            raise self._refuse("a ) closes nothing")
        self._take(1)
        self._out.append(")" * (len(self._levels.pop().opened) + 1))

    def _set_flags(self, letters: str, scope: str) -> None:
        on, _, off = letters.partition("-")
        flags = (self._flags | set(on)) - set(off)
        opening = f"(?{letters}:" if letters else "(?:"
        if scope == ":":
            self._enter(opening)
        else:
            # Python knows (?i) at the very start only; as a group to the end of the branch it may stand anywhere.
            self._out.append(opening)
            self._levels[-1].opened.append(opening)
        self._levels[-1].flags = flags

    # Escapes

    def _character(self) -> str | None:
        """A character written by its number or as a control character, consumed; None if here is none."""
        if found := _HEX.match(self._text, self._at):
            code = int(found[1] or found[2] or "0", 16)
        elif found := _OCTAL.match(self._text, self._at):
            code = int(found[1], 8)
        elif found := _CONTROL.match(self._text, self._at):
            code = ord(found[1].upper()) ^ 0x40
        else:
            return None
        if code > 0x10FFFF:
            raise self._refuse(f"{found[0]} is no character")
        self._at = found.end()
        return chr(code)

    def _escape(self) -> str:
        character = self._character()
        if character is not None:
            return re.escape(self._literal(character))
        if reference := _REFERENCE.match(self._text, self._at):
            self._at = reference.end()
            return self._back_reference(reference)
        letter = self._text[self._at + 1 : self._at + 2]
        if letter in _ESCAPES:
            self._take(2)
            return _ESCAPES[letter]
        return re.escape(self._literal(self._plain_escape(letter)))

    def _plain_escape(self, letter: str) -> str:
        if not letter:
            raise self._refuse("a backslash stands at the end")
        if letter.isascii() and letter.isalnum():
            raise self._refuse(f"\\{letter} is not supported")
        self._take(2)
        return letter

    def _back_reference(self, reference: re.Match[str]) -> str:
        if name := reference["braced_name"] or reference["angle"] or reference["quoted"]:
            return f"(?P={name})"
        number = int(reference["plain"] or reference["braced"] or reference["bare"])
        number = number if number > 0 else self._groups + 1 + number
        if not 0 < number <= self._groups:
            raise self._refuse(f"{reference[0]} refers to a group that has not begun before it")
        # The group keeps a digit that follows from being read as part of the number.
        return f"(?:\\{number})"

    # Classes

    def _class(self) -> str:
        self._take(1)
        out = ["["]
        if self._text.startswith("^", self._at):
            out.append(self._take(1))
        first = True
        while first or not self._text.startswith("]", self._at):
            if self._at >= len(self._text):
                raise self._refuse("a [ is not closed")
            out.append(self._class_item())
            first = False
        self._take(1)
        return "".join(out) + "]"

    def _class_item(self) -> str:
        low, is_set = self._class_atom()
        if is_set or not self._text.startswith("-", self._at) or self._text.startswith("-]", self._at):
            return low
        hyphen = self._at
        self._take(1)
        if self._at < len(self._text):
            high, is_set = self._class_atom()
            if not is_set:
                return f"{low}-{high}"
        self._at = hyphen  # before a set a hyphen is an ordinary character
        return low

    def _class_atom(self) -> tuple[str, bool]:
        """One member of a class, consumed, in Python's spelling, and whether it is a set of characters."""
        if self._text.startswith("[:", self._at) and (found := _POSIX_CLASS.match(self._text, self._at)):
            if found[2] not in _POSIX or found[1]:
                raise self._refuse(f"{found[0]} is not supported in a class")
            self._at = found.end()
            return _POSIX[found[2]], True
        if self._text[self._at] != "\\":
            return self._class_literal(self._take(1)), False
        character = self._character()
        if character is not None:
            return self._class_literal(character), False
        letter = self._text[self._at + 1 : self._at + 2]
        if letter in _CLASS_ESCAPES:
            self._take(2)
            return _CLASS_ESCAPES[letter], True
        if letter in _CLASS_CHARACTERS:
            self._take(2)
            return self._class_literal(_CLASS_CHARACTERS[letter]), False
        return self._class_literal(self._plain_escape(letter)), False

    def _class_literal(self, character: str) -> str:
        # Everything but letters and digits is escaped: Python gives [[ -- && || ~~ in a class a meaning of their own.
        character = self._literal(character)
        return character if character.isalnum() else f"\\{character}"


@lru_cache(maxsize=1024)
def compile_regex(pattern: str) -> re.Pattern[str]:
    r"""A compiled Python pattern that matches what the PCRE pattern matches.

    Raises InvalidRegex, which names the place, for what is no regular expression or is not supported: ``\K``, ``\G``,
    ``\X``, ``\p{…}``, recursion, branch reset, verbs, look-behind of more than one length.
    """
    try:
        return re.compile(_Translator(pattern).translate(), re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        raise InvalidRegex(f"{error} in the regular expression {pattern!r}") from error


_BACKTRACKING = ("MAX_REPEAT", "MIN_REPEAT")
_LONGEST_FROM_DATA = 1000


def compile_regex_from_data(pattern: str) -> re.Pattern[str]:
    """As ``compile_regex``, for a pattern that an event or a lookup brings.

    Raises InvalidRegex also for one that is very long or repeats what repeats itself, ``(a+)+``: over hostile text it
    could run for hours, where Splunk gives a match up.
    """
    if len(pattern) > _LONGEST_FROM_DATA:
        raise InvalidRegex(f"a regular expression of {len(pattern)} characters is too long to come from data")
    compiled = compile_regex(pattern)
    if _repeats_repeats(_tree(compiled.pattern, compiled.flags), within=False):
        raise InvalidRegex(f"the regular expression {pattern!r} comes from data and repeats what repeats itself")
    return compiled


def _tree(pattern: str, flags: int) -> Any:
    # The parser of Python's re; it has no public name.
    return re._parser.parse(pattern, flags)  # type: ignore[attr-defined]  # see above


def _repeats_repeats(node: Any, *, within: bool) -> bool:
    """Whether a part that matches more than one length stands inside another that does and can be tried again."""
    if isinstance(node, (list, tuple)) or hasattr(node, "data"):
        parts = list(node)
        name = str(parts[0]) if len(parts) == 2 else ""
        if name == "ATOMIC_GROUP":
            within = False
        if name in _BACKTRACKING:
            least, most, inner = parts[1]
            varies = least != most
            return (within and varies) or _repeats_repeats(inner, within=within or (varies and most > 1))
        return any(_repeats_repeats(part, within=within) for part in parts)
    return False
