"""Pictures of the app's views for README.md: ``python -m tests.screenshots [VIEW ...]`` writes docs/images/<view>.png.

``--theme dark``, ``--width 1920`` and ``--to FOLDER`` make others, to look at.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image

from tests.apps import ROOT
from tests.browser import browser
from tests.dashboards import dashboards
from tests.drawn import context, drawn, site

IMAGES = ROOT / "docs" / "images"

MOST_HEIGHT, COLOURS = 2_000, 128
"""Of a long view the pictures show so many pixels from the top; and how many colours they have."""

TOKENS = {"investigate": {"host": "ws-0217*"}}
"""With which values of tokens a view is pictured, where its defaults show too much."""


def take(names: Sequence[str], theme: str, width: int, folder: Path) -> None:
    """Draw views and write their pictures into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with site() as server, browser() as opened, context(opened, width) as within, drawn(within) as page:
        for name in names:
            page.open(server.view(name), TOKENS.get(name), theme)
            page.show(theme, width)
            content = small_png(page.picture())
            (folder / f"{name}.png").write_bytes(content)
            sys.stdout.write(f"{folder / name}.png: {len(content) // 1000} kB\n")


def small_png(png: bytes) -> bytes:
    """The upper part of a picture in few colours, which suffice for text and charts: a third of the size."""
    with Image.open(BytesIO(png)) as picture:
        upper = picture.convert("RGB").crop((0, 0, picture.width, min(picture.height, MOST_HEIGHT)))
    # MAXCOVERAGE keeps colours of small surfaces, such as bars of a chart.
    few = upper.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    small = BytesIO()
    few.save(small, "PNG", optimize=True)
    return small.getvalue()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description="Pictures of the app's views.")
    known = [view.name for view in dashboards()]
    parser.add_argument("views", metavar="VIEW", nargs="*", default=known, help=f"some of {', '.join(known)}")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--width", type=int, default=1280, help="of the window in pixels")
    parser.add_argument("--to", type=Path, default=IMAGES, help="the folder, docs/images unless given")
    given = parser.parse_args()
    take(given.views, given.theme, given.width, given.to)


if __name__ == "__main__":
    main()
