"""Write the pages that come from the project itself; with --check, only say whether they are up to date."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from docs import (  # noqa: E402 - not installed: the root is the place to import from
    comparison_page,
    coverage_page,
    detections_page,
    false_positives_page,
    language_page,
    live_checks_page,
)

PAGES = {
    "comparison.md": comparison_page.page,
    "coverage.md": coverage_page.page,
    "detections.md": detections_page.page,
    "false-positives.md": false_positives_page.page,
    "live-checks.md": live_checks_page.page,
    "spl-subset.md": language_page.page,
}


def main() -> None:
    """Write the pages, or with --check end with status 1 if one is stale."""
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit("usage: docs/generate.py [--check]")
    stale = []
    for name, page in PAGES.items():
        target, text = ROOT / "docs" / name, page()
        if not target.is_file() or target.read_text(encoding="utf-8") != text:
            stale.append(f"docs/{name}")
            if not sys.argv[1:]:
                target.write_text(text, encoding="utf-8")
    if stale and sys.argv[1:]:
        sys.exit(f"{', '.join(stale)}: stale; run docs/generate.py")


if __name__ == "__main__":
    main()
