"""Our own stand-ins for the add-ons that the app's searches rely on: one folder, an app of its own, for each."""

from __future__ import annotations

from pathlib import Path

from searchhead.conf import App

_FOLDER = Path(__file__).resolve().parent

NAMES = tuple(sorted(path.name for path in _FOLDER.iterdir() if path.is_dir() and path.name[0] != "_"))
"""The names of all stand-ins, in the order in which they stand beside an app."""


def stand_ins(*names: str) -> list[App]:
    """The stand-ins of these names, or all."""
    return [App(_FOLDER / name) for name in names or NAMES]
