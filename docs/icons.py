"""The app's icons, static/*.png: an open parcel with a warning mark, drawn from a few polygons.

Splunk wants PNG files of 36 pixels a side and, for dense screens, of 72: appIcon for light backgrounds, appIconAlt for
dark ones. What they are made of stands here; ``python docs/icons.py`` draws them again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

STATIC = Path(__file__).resolve().parent.parent / "static"

Point = tuple[float, float]
Polygon = Sequence[Point]
Colour = tuple[int, int, int]

SIDE = 36
"""The square in which the shapes are given, y downwards; a unit is a pixel of the small icon."""
_FINER = 16  # how much larger it is drawn before it is made small, so that edges are smooth


def _circle(x: float, y: float, radius: float) -> list[Point]:
    turns = [math.tau * step / 48 for step in range(48)]
    return [(x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns]


PARCEL: Sequence[Polygon] = (
    [(6, 13), (30, 13), (30, 32), (29, 33), (7, 33), (6, 32)],  # the box, with its two flaps
    [(6, 11), (17, 11), (13, 5), (1, 5)],
    [(30, 11), (19, 11), (23, 5), (35, 5)],
)
MARK: Sequence[Polygon] = ([(15.5, 16), (20.5, 16), (19.5, 25), (16.5, 25)], _circle(18, 28.5, 2.25))

# The parcel and the mark, for light and for dark backgrounds. The mark stands out from the parcel, and the parcel from
# what is behind it, by at least the 3:1 that WCAG 2.2 asks of graphics (success criterion 1.4.11). The first does so on
# either background, for Splunk does not say what it shows where.
LIGHT: tuple[Colour, Colour] = ((0x59, 0x69, 0x80), (0xFF, 0xC9, 0x4D))
DARK: tuple[Colour, Colour] = ((0xF2, 0xF4, 0xF5), (0xC4, 0x1A, 0x1A))

ICONS = {
    "appIcon.png": (LIGHT, 1),
    "appIcon_2x.png": (LIGHT, 2),
    "appIconAlt.png": (DARK, 1),
    "appIconAlt_2x.png": (DARK, 2),
}
"""The colours of each file, and by what it is larger than the small icon."""


def icon(colours: tuple[Colour, Colour], scale: int) -> Image.Image:
    """An icon with these colours of parcel and mark, with opacity; ``scale`` pixels to a unit."""
    below, above = colours
    parcel, mark = _covered(PARCEL, scale), _covered(MARK, scale)
    drawn = Image.composite(Image.new("RGB", mark.size, above), Image.new("RGB", mark.size, below), mark)
    drawn.putalpha(parcel)
    return drawn


def _covered(shapes: Sequence[Polygon], scale: int) -> Image.Image:
    """How much of each pixel the shapes cover: 0 to 255."""
    finer = scale * _FINER
    mask = Image.new("L", (SIDE * finer, SIDE * finer))
    for shape in shapes:
        # The last pixel of a polygon is drawn, too.
        ImageDraw.Draw(mask).polygon([(x * finer - 0.5, y * finer - 0.5) for x, y in shape], fill=255)
    return mask.resize((SIDE * scale, SIDE * scale), Image.Resampling.BOX)


def main() -> None:
    """Write the icons."""
    for name, (colours, scale) in ICONS.items():
        icon(colours, scale).save(STATIC / name, optimize=True)


if __name__ == "__main__":
    main()
