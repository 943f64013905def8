"""Write docs/detections.md from the app's conf files; with --check, only say whether it is up to date."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from searchhead.conf import App  # noqa: E402 - the project is not installed, its root is the place to import from
from searchhead.savedsearches import SavedSearch, detections  # noqa: E402 - as above

TARGET = ROOT / "docs" / "detections.md"


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
        _plain(stanza["description"]),
        f"- **ATT&CK:** {', '.join(one.mitre_attack)}",
        f"- **Name in exceptions:** `{one.slug}`",
        f"- **Schedule:** `{stanza['cron_schedule']}`, {times}, disabled as shipped",
        f"- **How to implement:** {_plain(stanza['action.escu.how_to_implement'])}",
        f"- **Known false positives:** {_plain(stanza['action.escu.known_false_positives'])}",
        f"```\n{stanza['search']}\n```",
    ]
    return "\n\n".join(lines[:2]) + "\n\n" + "\n".join(lines[2:-1]) + "\n\n" + lines[-1]


def _plain(text: str) -> str:
    return " ".join(text.split())


def main() -> None:
    """Write the page, or with --check end with status 1 if the page is stale."""
    if sys.argv[1:] == ["--check"]:
        if not TARGET.is_file() or TARGET.read_text(encoding="utf-8") != page():
            sys.exit("docs/detections.md is stale: run docs/generate.py")
    elif sys.argv[1:]:
        sys.exit("usage: docs/generate.py [--check]")
    else:
        TARGET.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
