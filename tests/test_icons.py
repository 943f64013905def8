"""The icons: what Splunk asks of the files, and what people ask of the drawing."""

from __future__ import annotations

import pytest
from PIL import Image

from docs.icons import DARK, ICONS, LIGHT, SIDE, STATIC, Colour, icon

Pixel = tuple[int, int, int, int]

WHITE, BLACK = (0xFF, 0xFF, 0xFF), (0x1A, 0x1C, 0x20)


def luminance(colour: Colour) -> float:
    """The relative luminance of WCAG 2.2."""
    parts = [value / 255 for value in colour]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def rows_of(image: Image.Image) -> list[list[Pixel]]:
    """Red, green, blue and opacity of each pixel, line by line."""
    assert image.mode == "RGBA"
    data = image.tobytes()
    pixels = [(data[at], data[at + 1], data[at + 2], data[at + 3]) for at in range(0, len(data), 4)]
    return [pixels[start : start + image.width] for start in range(0, len(pixels), image.width)]


def read(name: str) -> list[list[Pixel]]:
    with Image.open(STATIC / name) as image:
        assert image.format == "PNG"
        return rows_of(image)


def opaque(rows: list[list[Pixel]]) -> set[Colour]:
    """The colours that cover more than an edge."""
    found = [pixel[:3] for row in rows for pixel in row if pixel[3] == 255]
    return {colour for colour in found if found.count(colour) > len(found) / 50}


def test_there_is_nothing_but_the_icons() -> None:
    assert {path.name for path in STATIC.iterdir()} == set(ICONS)


@pytest.mark.parametrize("name", ICONS)
def test_an_icon_is_what_its_source_draws(name: str) -> None:
    colours, scale = ICONS[name]
    assert read(name) == rows_of(icon(colours, scale))


@pytest.mark.parametrize(
    ("name", "side"), [("appIcon", 36), ("appIconAlt", 36), ("appIcon_2x", 72), ("appIconAlt_2x", 72)]
)
def test_an_icon_has_its_size_and_lets_the_background_through(name: str, side: int) -> None:
    rows = read(f"{name}.png")
    assert (len(rows), {len(row) for row in rows}) == (side, {side})
    corners = [rows[y][x][3] for y in (0, -1) for x in (0, -1)]
    assert corners == [0, 0, 0, 0]
    drawn = sum(pixel[3] for row in rows for pixel in row) / 255 / side**2
    assert 0.4 < drawn < 0.8


@pytest.mark.parametrize("name", ["appIcon", "appIconAlt"])
def test_the_large_icon_shows_the_same_as_the_small_one(name: str) -> None:
    small, large = read(f"{name}.png"), read(f"{name}_2x.png")
    for y in range(SIDE):
        for x in range(SIDE):
            four = [large[2 * y + down][2 * x + right] for down in (0, 1) for right in (0, 1)]
            assert small[y][x][3] == pytest.approx(sum(pixel[3] for pixel in four) / 4, abs=255 / 8)


def test_the_two_kinds_show_the_same_in_other_colours() -> None:
    light, dark = read("appIcon_2x.png"), read("appIconAlt_2x.png")
    assert [[pixel[3] for pixel in row] for row in light] == [[pixel[3] for pixel in row] for row in dark]
    assert opaque(light) == set(LIGHT)
    assert opaque(dark) == set(DARK)


def test_the_colours_can_be_told_from_each_other_and_from_what_is_behind_them() -> None:
    assert contrast(*LIGHT) > 3
    assert contrast(*DARK) > 3
    assert min(contrast(LIGHT[0], WHITE), contrast(LIGHT[0], BLACK)) > 3
    assert contrast(DARK[0], BLACK) > 12
