"""docs/detections.md: what an analyst and an admin need to know of each detection, from the app's conf files."""

from __future__ import annotations

from pathlib import Path

from docs.pieces import plain
from searchhead.conf import App
from searchhead.savedsearches import SavedSearch, detections

ROOT = Path(__file__).resolve().parent.parent


def page() -> str:
    """The text of docs/detections.md."""
    app = App(ROOT)
    parts = [
        "# Detections",
        "Generated from default/savedsearches.conf by `docs/generate.py`; do not edit.",
        *(_detection(app, one) for one in detections(app)),
    ]
    return "\n\n".join(parts) + "\n"


def _detection(app: App, one: SavedSearch) -> str:
    stanza = app.conf("savedsearches").stanzas[one.name]
    times = f"`{stanza['dispatch.earliest_time']}` to `{stanza['dispatch.latest_time']}`"
    lines = [
        f"## {one.title}",
        plain(stanza["description"]),
        f"- **ATT&CK:** {', '.join(one.mitre_attack)}",
        f"- **Name in exceptions:** `{one.slug}`",
        f"- **Schedule:** `{stanza['cron_schedule']}`, {times}, disabled as shipped",
        f"- **How to implement:** {plain(stanza['action.escu.how_to_implement'])}",
        f"- **Known false positives:** {plain(stanza['action.escu.known_false_positives'])}",
        f"```\n{stanza['search']}\n```",
    ]
    return "\n\n".join(lines[:2]) + "\n\n" + "\n".join(lines[2:-1]) + "\n\n" + lines[-1]
