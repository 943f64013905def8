r"""``msixbrand [display=<field>] <package name field> <publisher ID field>``: whose name a package bears.

One record in, one out. Every record gets both fields of ``OUTPUT_FIELDS``:

- ``package_brand``: the brand or owner whose name the package bears or imitates; empty for nobody's.
- ``package_brand_match``: ``own`` (the publisher ID is one of the brand's), ``name`` (it bears the name, and the
  publisher ID is none of the brand's, or none of the brand's is known), ``known_name`` (it is called like a known
  package, or like the account of one, of another publisher), ``lookalike`` (it resembles the name), or empty.

``display=<field>`` holds the display name, which people see. Empty, ``NULL`` and ``-`` are nothing, and so is a display
name that begins with ``ms-resource:``. Without a publisher ID both fields stay empty.

Fields with several values are taken as ``msixdecode`` writes them: the first name with the first publisher ID and so
on, and the output is aligned in the same way. A field with one value goes with all values of the others.

The publisher's class plays no part: which of these matter is for a detection to say.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

APP = Path(__file__).resolve().parent.parent  # also on a search peer, where the app runs from a knowledge bundle
sys.path.insert(0, str(APP / "bin" / "lib"))

from package_brands import read_brands  # noqa: E402
from package_textloop import Cache, Row, TextLoopCommand, WrongUsage, run  # noqa: E402
from splunklib.searchcommands import Configuration, Option  # noqa: E402 (found through the line above)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from msix.brands import Brands

OUTPUT_FIELDS = ("package_brand", "package_brand_match")


@Configuration()
class MsixBrandCommand(TextLoopCommand):
    """The search command: options in, rows out."""

    syntax = "msixbrand [display=<field>] <package name field> <publisher ID field>"
    output_fields = OUTPUT_FIELDS

    display = Option(default=None)

    def __init__(self) -> None:
        super().__init__()
        self._brands: Brands | None = None
        self._known = Cache()

    def check(self) -> None:
        """Accept exactly two fields, and a field in display= if it is given."""
        fields = [f'"{field}"' for field in self.fieldnames]
        if len(fields) != 2:
            given = f", not {len(fields)}: {', '.join(fields)}" if fields else ""
            raise WrongUsage(f"two fields are needed, the package name's and the publisher ID's{given}")
        if self.display == "":
            raise WrongUsage("option display names no field")

    def input_fields(self) -> list[str]:
        """The fields of package name and publisher ID, and the one of the display name if there is one."""
        return [*self.fieldnames, *([self.display] if self.display else [])]

    def expands(self) -> bool:
        """Records stay as many as they are."""
        return False

    def rows(self, values: Sequence[list[str]]) -> list[Row]:
        """One row for each package, which is what the values at the same position say."""
        packages = max(map(len, values))
        return [self._row(tuple([_value(texts, place) for texts in values])) for place in range(packages)]

    def _row(self, texts: tuple[str, ...]) -> Row:
        row: Row | None = self._known.get(texts)
        if row is None:
            if self._brands is None:
                self._brands, trouble = read_brands(APP / "lookups")
                if trouble:
                    self.warn(f"{self.name}: {trouble}")
            row = tuple(self._brands.judge(*texts))
            self._known.keep(texts, row, sum(map(len, texts)))
        return row


def _value(texts: list[str], place: int) -> str:
    if len(texts) == 1:
        return texts[0]
    return texts[place] if place < len(texts) else ""


if __name__ == "__main__":
    run(MsixBrandCommand)
