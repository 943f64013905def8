"""What a name looks like to people: its words, and the forms in which it may imitate another.

A name is split where people see a new word: at anything that is no letter or digit, before a capital letter
(``TeamViewer``, ``NVIDIAControlPanel``), and between letters and digits. Names are compared as *runs*, one or more
neighbouring words in lower case, with ``-`` where something stands between the words and nothing where only the case
or kind of the character changes: ``Micro-soft.TeamsApp`` has among others the runs ``micro-soft``, ``soft-teams`` and
``teamsapp``.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

# Characters looked at. A display name has at most 256 (Microsoft, element DisplayName of the package manifest), a
# package name 50; a longer text did not come from a package.
LONGEST = 256

# What nobody sees or reads: trademark signs, U+FFFD for what could not be decoded, and letters and marks that are
# blank (all of them Default_Ignorable_Code_Point but the Braille blank). The invisible controls, among them those that
# turn the direction of writing, are the category Cf.
_UNSEEN = frozenset("\u00ae\u2117\u2120\u2122\ufffd\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_UNSEEN_CATEGORIES = frozenset({"Cf", "Cn", "Co", "Cs"})

# Classes of characters, a letter for each: upper case, other letters (with their marks), digits, separators.
_WORD = re.compile("U+(?!L)|U?L+|D+|S+")
# Between the words of one part; any other separator begins the next part. Names of packages have parts joined by dots.
_INSIDE_A_PART = re.compile(r"\s+|[-_'\u2019&]")

_SKELETON = str.maketrans({"0": "o", "1": "l", "i": "l"})


class Word(NamedTuple):
    """A word in lower case; ``glued`` if nothing stands between it and the word before it; the number of its part."""

    text: str
    glued: bool
    part: int


class Run(NamedTuple):
    """Neighbouring words; ``alone`` if nothing beside them says that the name means something else."""

    text: str
    alone: bool


def visible(text: str) -> str:
    """The first ``LONGEST`` characters without those that nobody sees; letters and their marks composed."""
    return unicodedata.normalize("NFC", "".join([char for char in text[:LONGEST] if _is_seen(char)]))


def fold(text: str, confusables: Mapping[str, str]) -> str:
    """A text in the letters it looks like: no marks, no wide or styled forms, ``confusables`` replaced."""
    if text.isascii():
        return text
    # Compatibility forms may be up to 18 characters for one.
    plain = unicodedata.normalize("NFKD", text)[:LONGEST]
    return "".join([confusables.get(char, char) for char in plain if not unicodedata.category(char).startswith("M")])


def words(text: str) -> list[Word]:
    """The words of a text, in order. ``++`` is read as people say it: ``Notepad++`` has three words."""
    text = text.replace("++", "PlusPlus")
    found: list[Word] = []
    part, glued = 0, False
    for match in _WORD.finditer("".join(map(_class_of, text))):
        piece = text[match.start() : match.end()]
        if match[0][0] == "S":
            part += _INSIDE_A_PART.fullmatch(piece) is None
            glued = False
        else:
            found.append(Word(piece.lower(), glued, part))
            glued = True
    return found


def runs(found: list[Word], longest: int, meaningless: Collection[str]) -> Iterator[Run]:
    """All runs of words with up to ``longest`` characters, ``-`` not counted.

    ``meaningless`` words and numbers beside a run leave it alone: ``zoom`` stands alone in ``Zoom Installer 5``. So
    does the first part with a meaning, which in names of packages is the publisher's, beside all others together:
    ``teams`` stands alone in ``Contoso.Teams`` and ``Teams.Helper``, but not in ``Contoso.Teams.Helper``.
    """
    telling = [place for place, word in enumerate(found) if word.text not in meaningless and not word.text.isdigit()]
    head = found[telling[0]].part if telling else 0
    tail = [place for place in telling if found[place].part > head]
    last = {found[place].part: place for place in telling}
    for start, word in enumerate(found):
        text, length = word.text, len(word.text)
        end = start
        while length <= longest:
            if word.part > head:
                alone = not tail or (start <= tail[0] and tail[-1] <= end)
            else:
                alone = not telling or (start <= telling[0] and last.get(found[end].part, end) <= end)
            yield Run(text, alone)
            end += 1
            if end == len(found):
                break
            text += found[end].text if found[end].glued else "-" + found[end].text
            length += len(found[end].text)


def skeleton(text: str) -> str:
    """Equal for texts in lower case that are hard to tell apart: 0 and o; 1, l and i; rn and m; vv and w.

    0, 1, I, l, m and rn are confusable by Unicode Technical Standard 39; i and vv are our addition.
    """
    return text.replace("rn", "m").replace("vv", "w").translate(_SKELETON)


def within(one: str, other: str, edits: int) -> bool:
    """Tell whether so few edits make one text the other.

    An edit inserts, deletes or replaces a character or swaps two neighbours, and no place is edited twice (the
    restricted Damerau-Levenshtein distance). Takes at most 4 to the power of ``edits`` looks along the texts.
    """
    if abs(len(one) - len(other)) > edits:
        return False
    at = 0
    for mine, its in zip(one, other):
        if mine != its:
            break
        at += 1
    one, other = one[at:], other[at:]
    if not one or not other:  # what is left of the other one are so many insertions, and few enough
        return True
    if not edits:
        return False
    return (
        within(one[1:], other[1:], edits - 1)
        or within(one[1:], other, edits - 1)
        or within(one, other[1:], edits - 1)
        or (one[:2] == other[1::-1] and within(one[2:], other[2:], edits - 1))
    )


def _is_seen(char: str) -> bool:
    return char.isascii() or (char not in _UNSEEN and unicodedata.category(char) not in _UNSEEN_CATEGORIES)


def _class_of(char: str) -> str:
    if char.isupper():
        return "U"
    if char.isalpha() or unicodedata.category(char).startswith("M"):
        return "L"
    return "D" if char.isdigit() else "S"
