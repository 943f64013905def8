"""Saved searches: what a stanza of savedsearches.conf says about the detection it holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from searchhead.conf import App, InvalidConf, Stanza
from searchhead.spl.errors import Place

# What Enterprise Security calls an event-based detection has this setting; nothing else in an app does.
_DETECTION = "action.correlationsearch.enabled"
_LABEL = "action.correlationsearch.label"
_ANNOTATIONS = "action.correlationsearch.annotations"


@dataclass(frozen=True)
class SavedSearch:
    """One saved search.

    ``title`` is its name without the app's label, ``slug`` the title as a lower-case word, ``place`` where the text of
    the search begins.
    """

    name: str
    search: str
    title: str
    slug: str
    mitre_attack: tuple[str, ...]
    place: Place


def slug(title: str) -> str:
    """A title as one lower-case word: every run of other characters than letters and digits becomes ``_``."""
    return re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")


def detections(app: App) -> list[SavedSearch]:
    """The app's detections, enabled or not, in the order of the file.

    Raises InvalidConf for one without a search or whose annotations are not JSON.
    """
    stanzas = app.conf("savedsearches").stanzas.values()
    return [_saved_search(stanza, app.label) for stanza in stanzas if stanza.boolean(_DETECTION, default=False)]


def others(app: App) -> list[SavedSearch]:
    """The app's saved searches that are no detections, in the order of the file; raises as ``detections`` does."""
    stanzas = app.conf("savedsearches").stanzas.values()
    return [_saved_search(stanza, app.label) for stanza in stanzas if not stanza.boolean(_DETECTION, default=False)]


def named(app: App, names: Iterable[str]) -> list[SavedSearch]:
    """The saved searches of these names, in their order; raises InvalidConf if the app lacks one of them."""
    stanzas = app.conf("savedsearches").stanzas
    found = []
    for name in names:
        if name not in stanzas:
            raise InvalidConf(f"savedsearches.conf: the app {app.id} has no search of the name {name!r}")
        found.append(_saved_search(stanzas[name], app.label))
    return found


def _saved_search(stanza: Stanza, app_label: str) -> SavedSearch:
    if "search" not in stanza:
        raise stanza.error("search", "has no search")
    title = stanza.get(_LABEL, stanza.name).removeprefix(f"{app_label} - ")
    return SavedSearch(
        name=stanza.name,
        search=stanza["search"],
        title=title,
        slug=slug(title),
        mitre_attack=_mitre_attack(stanza),
        place=stanza.settings["search"].text_place(stanza.name),
    )


def _mitre_attack(stanza: Stanza) -> tuple[str, ...]:
    try:
        return tuple(json.loads(stanza.get(_ANNOTATIONS, "{}")).get("mitre_attack", ()))
    except (ValueError, AttributeError) as error:
        raise stanza.error(_ANNOTATIONS, f"has annotations that are not a JSON object: {error}") from error
