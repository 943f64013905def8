from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw

from tests.screenshots import COLOURS, MOST_HEIGHT, small_png


def picture(height: int) -> bytes:
    """A picture with two surfaces and a thousand shades of grey."""
    image = Image.new("RGB", (300, height), "#ffffff")
    drawn = ImageDraw.Draw(image)
    drawn.rectangle((0, 0, 299, 19), fill="#d41f1f")
    drawn.rectangle((0, 20, 299, 39), fill="#f1813f")
    drawn.text((10, 50), "Text in many shades of grey", fill="#1a1c20")
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def test_a_small_picture_has_the_surfaces_of_the_large_one() -> None:
    with Image.open(BytesIO(small_png(picture(100)))) as small:
        assert (small.format, small.mode, small.size) == ("PNG", "P", (300, 100))
        colours = small.convert("RGB")
    assert [colours.getpixel(place) for place in ((5, 5), (295, 30), (299, 99))] == [
        (0xD4, 0x1F, 0x1F),
        (0xF1, 0x81, 0x3F),
        (0xFF, 0xFF, 0xFF),
    ]
    assert 3 < len(colours.getcolors() or []) <= COLOURS  # the letters' edges, too


def test_of_a_long_picture_the_upper_part_is_kept() -> None:
    with Image.open(BytesIO(small_png(picture(3 * MOST_HEIGHT)))) as small:
        assert small.size == (300, MOST_HEIGHT)
