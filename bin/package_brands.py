"""The names that packages may imitate: brands, known packages, and characters that look like Latin letters.

Three CSV files of ours in the app's ``lookups`` folder, each with its data version in its name; the newest is read:

- ``package_brands``: a brand, its publisher IDs, package names and aliases, separated by blanks.
- ``package_publishers``: its column ``example_package`` names packages of known publishers, separated by ``; ``.
- ``package_confusables``: a character as U+XXXX and the Latin letter that it looks like.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msix.brands import Brand, Brands, KnownPackage
from package_tables import PUBLISHER_ID, join_troubles, newest, read_table

if TYPE_CHECKING:
    from pathlib import Path

BRAND_COLUMNS = ("brand", "publisher_ids", "package_names", "aliases", "ordinary_aliases", "other_words")
PUBLISHER_COLUMNS = ("publisher_id", "publisher_class", "publisher_name", "example_package")
CONFUSABLE_COLUMNS = ("character", "latin")

# Publishers whose package names nobody needs to imitate.
_NO_KNOWN_NAMES = ("development", "malicious", "unknown")

# Runs of words as msix.resemblance makes them; the bounds keep every comparison short.
_ALIAS = re.compile(r"[a-z0-9]{1,30}(?:-[a-z0-9]{1,30}){0,4}", re.ASCII)
_CODE_POINT = re.compile(r"U\+[0-9A-F]{4,5}", re.ASCII)
_LETTER = re.compile(r"[A-Za-z]", re.ASCII)


def read_brands(lookups: Path) -> tuple[Brands, str]:
    """Read the three tables; the second item is empty or one text for the admin. Nothing is raised.

    The text names each file, what is wrong with it and what to do; what could be read is used.
    """
    brands: list[Brand] = []
    known: list[KnownPackage] = []
    confusables: dict[str, str] = {}

    def add_brand(cells: list[str]) -> str:
        name = cells[0]
        ids, packages, aliases, ordinary, others = (cell.lower().split() for cell in cells[1:])
        wrong = [text for text in ids if not PUBLISHER_ID.fullmatch(text)]
        if wrong:
            return f"{wrong[0][:40]!r} is not a publisher ID"
        wrong = [text for text in aliases if not _ALIAS.fullmatch(text)]
        if wrong:
            return f"{wrong[0][:40]!r} is not an alias: words of letters a to z and digits, joined by '-'"
        wrong = [text for text in ordinary if text not in aliases]
        if wrong:
            return f"{wrong[0][:40]!r} is an ordinary alias, but not an alias"
        if not name or not aliases:
            return "has no brand or no alias"
        brands.append(
            Brand(name, frozenset(ids), frozenset(packages), tuple(aliases), frozenset(ordinary), frozenset(others))
        )
        return ""

    def add_packages(cells: list[str]) -> str:
        identifier, publisher_class, publisher, packages = cells
        # Wrong rows of this table are msixdecode's to report, which reads it for what it is.
        if PUBLISHER_ID.fullmatch(identifier.lower()) and publisher_class.lower() not in _NO_KNOWN_NAMES:
            names = [name.strip() for name in packages.split(";")]
            known.extend([KnownPackage(name, identifier.lower(), publisher) for name in names if name])
        return ""

    def add_confusable(cells: list[str]) -> str:
        character, latin = cells
        if not _CODE_POINT.fullmatch(character):
            return f"{character[:40]!r} is not a character written as U+XXXX"
        if not _LETTER.fullmatch(latin):
            return f"{latin[:40]!r} is not a letter A to Z"
        confusables.setdefault(chr(int(character[2:], 16)), latin)
        return ""

    troubles = [
        read_table(newest(lookups, "package_brands"), BRAND_COLUMNS, add_brand),
        read_table(newest(lookups, "package_publishers"), PUBLISHER_COLUMNS, add_packages),
        read_table(newest(lookups, "package_confusables"), CONFUSABLE_COLUMNS, add_confusable),
    ]
    return Brands(brands, known, confusables), join_troubles(lookups, troubles)
