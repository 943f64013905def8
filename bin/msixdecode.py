r"""``msixdecode [expand=<bool>] [publisher=<field>] <field>``: the packages that a field names, one fact a field.

The field may hold a package full name, a package family name, the package lists of event 855, or anything else; all
values of a multivalue are decoded, in order. Every record gets every field of ``OUTPUT_FIELDS``:

- ``expand=false`` (default): one record in, one out. With several packages the fields are multivalues aligned by
  position (an empty text where one package has no value); a field that no package fills is empty.
- ``expand=true``: one record a package; a record without a package passes through once.
- ``publisher=<field>`` holds a distinguished name: ``publisher_verified`` is ``true`` if the package's publisher ID is
  the one computed from it (from one of them, if there are several), else ``false``. Empty without a name or a package.

A field of the same name that a record already has is replaced, also when it is the input field itself.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

APP = Path(__file__).resolve().parent.parent  # also on a search peer, where the app runs from a knowledge bundle
sys.path.insert(0, str(APP / "bin" / "lib"))

from msix.decode import decode_part, split  # noqa: E402
from msix.publisher import InvalidPublisher, publisher_id  # noqa: E402
from package_publishers import UNKNOWN, Publishers, read_publishers  # noqa: E402
from package_textloop import Cache, Row, TextLoopCommand, WrongUsage, run  # noqa: E402
from splunklib.searchcommands import Configuration, Option, validators  # noqa: E402 (found through the line above)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from msix.actions import PackageAction

OUTPUT_FIELDS = (
    "package_action",
    "package_previous_full_name",
    "package_full_name",
    "package_name",
    "package_version",
    "package_architecture",
    "package_resource_id",
    "package_publisher_id",
    "package_family_name",
    "package_kind",
    "publisher_class",
    "publisher_name",
    "publisher_verified",
    "msixdecode_warning",
    "msixdecode_error",
)
NOBODY = ("", "")  # class and name where there is no publisher ID
NOT_VERIFIED = ("",)
NOTHING = ("", "NULL", "-")  # what events and searches write where there is no distinguished name


@Configuration()
class MsixDecodeCommand(TextLoopCommand):
    """The search command: options in, rows out."""

    syntax = "msixdecode [expand=<bool>] [publisher=<field>] <field>"
    output_fields = OUTPUT_FIELDS

    expand = Option(default=False, validate=validators.Boolean())
    publisher = Option(default=None)

    def __init__(self) -> None:
        super().__init__()
        self._publishers: Publishers | None = None
        self._known = Cache()

    def check(self) -> None:
        """Accept exactly one field, and a field in publisher= if it is given."""
        fields = [f'"{field}"' for field in self.fieldnames]
        if not fields:
            raise WrongUsage("the field to decode is missing")
        if len(fields) > 1:
            raise WrongUsage(f"one field can be decoded, not {len(fields)}: {', '.join(fields)}")
        if self.publisher == "":
            raise WrongUsage("option publisher names no field")

    def input_fields(self) -> list[str]:
        """The field to decode, and the one that holds the distinguished name if there is one."""
        return [*self.fieldnames, *([self.publisher] if self.publisher else [])]

    def expands(self) -> bool:
        """Tell whether each package becomes a record of its own."""
        return bool(self.expand)

    def rows(self, values: Sequence[list[str]]) -> list[Row]:
        """One row for each package that the values of the field name."""
        texts = values[0]
        parts = split(texts[0]) if len(texts) == 1 else [part for text in texts for part in split(text)]
        # The text loop remembers what a whole value becomes; in lists and multivalues the single packages repeat.
        rows = [self._row(parts[0])] if len(parts) == 1 else list(map(self._recall, parts))
        if len(values) == 1:
            return rows
        names = [name for name in values[1] if name.strip() not in NOTHING]
        claimed = _publisher_ids(names)
        return [_verified(row, claimed) for row in rows] if names else rows

    def _recall(self, part: PackageAction | str) -> Row:
        row: Row | None = self._known.get(part)
        if row is None:
            row = self._row(part)
            self._known.keep(part, row, len(part) if isinstance(part, str) else sum(map(len, part)))
        return row

    def _row(self, part: PackageAction | str) -> Row:
        if self._publishers is None:
            self._publishers, trouble = read_publishers(APP / "lookups")
            if trouble:
                self.warn(f"{self.name}: {trouble}")
        package = decode_part(part)
        identifier = package.publisher_id
        known = self._publishers.get(identifier, UNKNOWN) if identifier else NOBODY
        return package[:-2] + known + NOT_VERIFIED + package[-2:]


def _verified(row: Row, claimed: set[str]) -> Row:
    place = OUTPUT_FIELDS.index("publisher_verified")
    found = row[OUTPUT_FIELDS.index("package_publisher_id")]
    answer = "" if not found else "true" if found in claimed else "false"
    return (*row[:place], answer, *row[place + 1 :])


def _publisher_ids(names: list[str]) -> set[str]:
    """The IDs computed from distinguished names; text that cannot be the name of a publisher has none."""
    found = set()
    for name in names:
        with suppress(InvalidPublisher):
            found.add(publisher_id(name))
    return found


if __name__ == "__main__":
    run(MsixDecodeCommand)
