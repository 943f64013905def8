"""Text that an attacker may have written, made harmless for those who look at it: on a terminal, in a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from unicodedata import bidirectional, category

# C0 and C1 controls can drive a terminal, and separators of lines and paragraphs can; half of a surrogate pair is no
# text. The others are Unicode's Default_Ignorable_Code_Point and its annotations: nobody sees them, so that a name can
# look like another one; some turn the direction of reading, and terminals disagree about the width of some. Braille
# without a dot is no space, but looks like one.
_UNSAFE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)

# Unicode's categories of marks that take no room of their own. Above and below a letter they pile up, over other lines
# too; scripts have up to three on one, Hebrew for example.
_MARKS, _MOST_MARKS = frozenset({"Mn", "Me"}), 3
_MAYBE_PILED = re.compile(r"[\u0300-\U000e01ef]{4,}")

# Unicode's classes of characters that are read from right to left, and of the digits that go with them.
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})

# What spreadsheets take for the start of a formula (OWASP, "CSV Injection"; Application Security Verification Standard
# 5.0, 1.2.10), or leave out before it.
_FORMULA = re.compile(r"[=+\-@\x00\t\r\n\uff1d\uff0b\uff0d\uff20]")

_QUOTED = re.compile(r'[",\x00-\x1f]')


def printable(text: str) -> str:
    """The text with every character that could act on a terminal, or that is not seen, shown as an escape.

    So is every mark after the third on one letter.
    """
    shown = _UNSAFE.sub(lambda found: _escape(found[0]), text)
    return shown if shown.isascii() else _MAYBE_PILED.sub(_without_piles, shown)


def _without_piles(found: re.Match[str]) -> str:
    marks, shown = 0, []
    for character in found[0]:
        marks = marks + 1 if category(character) in _MARKS else 0
        shown.append(character if marks <= _MOST_MARKS else _escape(character))
    return "".join(shown)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def cell(text: str) -> str:
    """Printable text for a table on a terminal, where what is read from right to left does not move other columns.

    Each word with such characters is a left-to-right isolate (Unicode Standard Annex 9): a terminal that reorders text
    would else take it together with the next column.
    """
    shown = printable(text)
    return shown if shown.isascii() else re.sub(r"\S+", _isolated, shown)


def _isolated(word: re.Match[str]) -> str:
    turned = any(bidirectional(character) in _RIGHT_TO_LEFT for character in word[0])
    return f"\u2066{word[0]}\u2069" if turned else word[0]


def is_formula(text: str) -> bool:
    """Whether a spreadsheet may compute this CSV cell. A lone ``-`` stands for nothing everywhere in an app."""
    return text != "-" and _FORMULA.match(text) is not None


def csv_cell(text: str) -> str:
    """The text as a CSV cell that no spreadsheet computes: a quote before what looks like a formula."""
    return f"'{text}" if is_formula(text) else text


def csv_line(cells: Iterable[str]) -> str:
    """A line of CSV whose cells no spreadsheet computes.

    Any control character is reason for quotes: csv.writer leaves a carriage return without, where the line does not end
    with one, and a spreadsheet begins a new row there.
    """
    quoted = ('"{}"'.format(cell.replace('"', '""')) if _QUOTED.search(cell) else cell for cell in map(csv_cell, cells))
    return ",".join(quoted) + "\n"
