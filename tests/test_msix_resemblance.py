from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msix.resemblance import LONGEST, Run, fold, runs, skeleton, visible, within, words

# Cyrillic, Greek and others by Unicode Technical Standard 39, confusables.txt.
CONFUSABLES = {"\u043e": "o", "\u0410": "A", "\u0131": "i", "\u00f8": "o"}


def split(text: str) -> list[str]:
    """The words of a text, glued ones joined by "+", parts by "|"."""
    parts: dict[int, str] = {}
    for word in words(text):
        before = parts.get(word.part, "")
        parts[word.part] = before + ("" if not before else "+" if word.glued else " ") + word.text
    return list(parts.values())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CiscoSystems.Webex", ["cisco+systems", "webex"]),
        ("NVIDIACorp.NVIDIAControlPanel", ["nvidia+corp", "nvidia+control+panel"]),
        ("45273LiamForsyth.PawsforTrello", ["45273+liam+forsyth", "pawsfor+trello"]),
        ("OpenAI.ChatGPT-Desktop", ["open+ai", "chat+gpt desktop"]),
        ("HULULLC.HULUPLUS", ["hulullc", "huluplus"]),
        ("MSTeams", ["ms+teams"]),
        ("ZoomIt", ["zoom+it"]),
        ("zoomable", ["zoomable"]),
        ("Z00m", ["z+00+m"]),
        ("4DF9E0F8.Netflix", ["4+df+9+e+0+f+8", "netflix"]),
        ("Zoom Workplace (64-bit)", ["zoom workplace", "64 bit"]),
        ("Brave - private browser", ["brave", "private browser"]),
        ("What's App & more", ["what s app", "more"]),
        ("Notepad++", ["notepad+plus+plus"]),
        ("Notepad++ Setup", ["notepad+plus+plus setup"]),
        ("\u00c4rger\u00dcberall", ["\u00e4rger+\u00fcberall"]),
        ("\u03a9mega\u0416urnal", ["\u03c9mega+\u0436urnal"]),
        ("e\u0301clair", ["e\u0301clair"]),  # a mark belongs to its letter
        ("", []),
        (" .-", []),
    ],
)
def test_a_name_is_split_where_people_see_a_new_word(text: str, expected: list[str]) -> None:
    assert split(text) == expected


def test_runs_are_neighbouring_words_with_a_hyphen_where_something_stands_between() -> None:
    found = {run.text for run in runs(words("Micro-soft.TeamsApp"), 99, ())}
    assert found == {
        *("micro", "micro-soft", "micro-soft-teams", "micro-soft-teamsapp", "soft", "soft-teams", "soft-teamsapp"),
        *("teams", "teamsapp", "app"),
    }


def test_runs_are_no_longer_than_wanted_hyphens_not_counted() -> None:
    assert [run.text for run in runs(words("ab-cd-ef"), 4, ())] == ["ab", "ab-cd", "cd", "cd-ef", "ef"]


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("Teams", True),
        ("Contoso.Teams", True),  # beside the publisher's part
        ("Teams.Helper", True),
        ("Contoso.Teams.Setup", True),
        ("Contoso.Teams.5", True),
        ("com.contoso.Teams", True),
        ("Teams Setup 5.17", True),
        ("Setup for Teams", True),
        ("Contoso.Teams.Helper", False),
        ("Contoso.DreamTeams", False),
        ("Dream Teams", False),
        ("DreamTeams.Game", False),
        ("Contoso.Teams.Teams", False),
    ],
)
def test_a_run_stands_alone_where_nothing_beside_it_has_a_meaning(text: str, alone: bool) -> None:
    found = [run for run in runs(words(text), 99, {"setup", "for", "com"}) if run.text == "teams"]
    assert found[0] == Run("teams", alone)


def test_words_without_a_meaning_are_alone() -> None:
    assert list(runs(words("Setup.5"), 99, {"setup"})) == [Run("setup", True), Run("setup-5", True), Run("5", True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Te\u200ble\u2060gram", "Telegram"),  # zero width
        ("\u202eZoom\u202c\u200f", "Zoom"),  # direction of writing
        ("\ufeffZo\u00adom", "Zoom"),  # byte order mark, soft hyphen
        ("Zoom\u2122 \u00ae", "Zoom "),
        ("Zo\ud800om\ufffd", "Zoom"),  # half of a surrogate pair, and what stands for bytes that are not UTF-8
        ("Zo\u3164o\u115fm\u034f", "Zoom"),  # blank letters and marks
        ("e\u0301", "\u00e9"),
        ("Zo\tom", "Zo\tom"),
        ("x" * 1000, "x" * LONGEST),
    ],
)
def test_what_nobody_sees_is_left_out(text: str, expected: str) -> None:
    assert visible(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zoom", "Zoom"),
        ("Z\u043eom", "Zoom"),
        ("\u0410dobe", "Adobe"),
        ("W\u0131nRAR", "WinRAR"),
        ("Zo\u00f8m", "Zoom"),
        ("T\u00e9l\u00e9gram", "Telegram"),
        ("Zo\u0336om", "Zoom"),  # struck out
        ("\uff3a\uff4f\uff4f\uff4d", "Zoom"),  # full width
        ("\U0001d419\U0001d428\U0001d428\U0001d426", "Zoom"),  # mathematical bold
        ("\u24cf\u24de\u24de\u24dc", "Zoom"),  # in circles
        ("\u0136eePass", "KeePass"),
    ],
)
def test_a_text_is_folded_to_the_letters_it_looks_like(text: str, expected: str) -> None:
    assert fold(text, CONFUSABLES) == expected


def test_folding_makes_no_text_much_longer() -> None:
    assert len(fold("\ufdfa" * LONGEST, {})) <= LONGEST  # eighteen letters in one


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("zoom", "z00m"),
        ("microsoft", "mlcrosoft"),
        ("microsoft", "m1cr0soft"),
        ("chrome", "chrorne"),
        ("webex", "vvebex"),
        ("paypal", "paypai"),
    ],
)
def test_a_skeleton_is_equal_for_what_is_hard_to_tell_apart(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(("one", "other"), [("zoom", "zaam"), ("modern", "moder-n"), ("notion", "notions")])
def test_a_skeleton_differs_otherwise(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("telegram", "telegram", 0),
        ("telegram", "telegam", 1),  # one left out
        ("telegram", "tellegram", 1),  # one too many
        ("telegram", "tolegram", 1),  # another one
        ("telegram", "telgeram", 1),  # two swapped
        ("teamviewer", "taemviewr", 2),
        ("teamviewer", "teamvieewer", 1),
        ("ca", "abc", 3),  # restricted: no place is edited twice (the unrestricted distance is 2)
        ("abcdef", "badcfe", 3),
        ("", "ab", 2),
    ],
)
def test_edits_are_counted(one: str, other: str, distance: int) -> None:
    for edits in range(4):
        assert within(one, other, edits) == (distance <= edits)
        assert within(other, one, edits) == (distance <= edits)


def table_distance(one: str, other: str) -> int:
    """The textbook's restricted Damerau-Levenshtein distance."""
    rows = [[max(i, j) if 0 in (i, j) else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            cost = one[i - 1] != other[j - 1]
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + cost)
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


@given(st.text("abc", max_size=9), st.text("abc", max_size=9), st.integers(0, 3))
def test_edits_are_those_of_the_textbook(one: str, other: str, edits: int) -> None:
    assert within(one, other, edits) == (table_distance(one, other) <= edits)


@given(st.text(st.characters(), max_size=300))
def test_any_text_has_words(text: str) -> None:
    seen = visible(text)
    for form in (seen, fold(seen, CONFUSABLES)):
        found = words(form)
        assert all(word.text for word in found)
        assert all(len(run.text.replace("-", "")) <= 12 for run in runs(found, 12, ()))


@pytest.mark.parametrize("unit", ["aB", "a ", "\u0301", "\ufdfa", "x", "\u202e", "A1"])
def test_a_very_long_text_is_no_more_work_than_its_beginning(unit: str) -> None:
    found = words(fold(visible(unit * 100_000), CONFUSABLES))
    assert len(found) <= LONGEST
    assert len(list(runs(found, 20, ()))) <= 20 * LONGEST
