from __future__ import annotations

import pytest

from searchhead.harmless import cell, csv_cell, printable

HOSTILE = '=HYPERLINK("http://example/")\x1b]0;owned\x07\u202egpj.exe<script>'


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("ws-0142", "ws-0142"),
        ("-", "-"),  # stands for nothing in the app
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("\x00=1", "'\x00=1"),
        ("\uff1d1+1", "'\uff1d1+1"),  # the wide form, which Excel takes for a formula where people write so
        ("", ""),
    ],
)
def test_a_csv_cell_is_never_a_formula(text: str, cell: str) -> None:
    assert csv_cell(text) == cell


def test_nothing_printed_acts_on_a_terminal_or_turns_the_reading_direction() -> None:
    assert printable(HOSTILE) == '=HYPERLINK("http://example/")\\u001b]0;owned\\u0007\\u202egpj.exe<script>'
    assert printable("[bold]Zürich 中文[/bold]") == "[bold]Zürich 中文[/bold]"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Vie\u0302\u0323t", "Vie\u0302\u0323t"),  # two marks on one letter, as Vietnamese has them
        ("\u05e9\u05c1\u05bc\u05b8", "\u05e9\u05c1\u05bc\u05b8"),  # three, as Hebrew has them
        ("e" + "\u0301" * 5 + "x", "e" + "\u0301" * 3 + "\\u0301\\u0301x"),
        ("\u0e01" + "\u0e47" * 4, "\u0e01" + "\u0e47" * 3 + "\\u0e47"),  # of no class, and yet piled up
        ("e" + "\u0301\u20dd" * 2, "e\u0301\u20dd\u0301\\u20dd"),  # one that encloses
        ("e" + "\u0301" * 3 + "\u200d" + "\u0301", "e" + "\u0301" * 3 + "\\u200d\u0301"),  # stands on the escape
        ("\u4e2d\u6587" * 4, "\u4e2d\u6587" * 4),
        ("a\u2800b", "a\\u2800b"),  # Braille without a dot
    ],
)
def test_marks_do_not_pile_up_over_other_lines(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("\u00ad", "\\u00ad"),  # soft hyphen
        ("\u034f", "\\u034f"),  # combining grapheme joiner
        ("\u115f", "\\u115f"),  # Hangul filler
        ("\u180e", "\\u180e"),  # Mongolian vowel separator
        ("\u200b", "\\u200b"),  # zero width space
        ("\u200d", "\\u200d"),  # zero width joiner
        ("\u2028", "\\u2028"),  # line separator
        ("\u2060", "\\u2060"),  # word joiner
        ("\u3164", "\\u3164"),  # Hangul filler
        ("\ufe0f", "\\ufe0f"),  # variation selector 16
        ("\ufeff", "\\ufeff"),  # zero width no-break space
        ("\uffa0", "\\uffa0"),  # halfwidth Hangul filler
        ("\ufff9", "\\ufff9"),  # interlinear annotation anchor
        ("\ud83d", "\\ud83d"),  # half of a surrogate pair
        ("\U000e0041", "\\U000e0041"),  # tag latin capital letter A
    ],
)
def test_a_character_that_nobody_sees_is_shown(hidden: str, shown: str) -> None:
    assert printable(f"Microsoft{hidden}.Teams") == f"Microsoft{shown}.Teams"


def test_what_is_read_from_right_to_left_is_isolated_word_by_word() -> None:
    assert cell("Zürich 中文 e\u0301 12") == "Zürich 中文 e\u0301 12"
    assert cell("On מחשב-12 נשר\u202e 3") == "On \u2066מחשב-12\u2069 \u2066נשר\\u202e\u2069 3"
    assert cell("سوب\tx ٣٤") == "\u2066سوب\\u0009x\u2069 \u2066٣٤\u2069"
