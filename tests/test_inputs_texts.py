import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchhead.inputs.texts import portions


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ""),
        (b"\xef\xbb\xbf", ""),  # only a byte order mark
        ("ä\r\n€\n𐀀".encode(), "ä\r\n€\n𐀀"),
        ("ä\r\n𐀀".encode("utf-16"), "ä\r\n𐀀"),
        (b"<\xff>", "<\ufffd>"),  # no UTF-8
        (b"<\0a\0b", "<a\ufffd"),  # half a character at the end
    ],
)
def test_text_is_decoded_and_keeps_its_line_ends(content: bytes, expected: str) -> None:
    assert "".join(portions(io.BytesIO(content))) == expected


def test_characters_that_stand_over_a_portions_end_stay_whole() -> None:
    text = "<" + "€" * 400_000
    found = list(portions(io.BytesIO(text.encode())))
    assert len(found) > 1
    assert "".join(found) == text


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.sampled_from(["utf-8-sig", "utf-16"]))
def test_any_marked_text_comes_through(text: str, encoding: str) -> None:
    assert "".join(portions(io.BytesIO(text.encode(encoding)))) == text
