from searchhead.spl.errors import SplError, UnsupportedSpl


def test_an_error_shows_the_line_and_a_caret_below_the_part() -> None:
    error = SplError("no such thing", "search a\n| eval b=frob(1)", 18, 22)
    assert str(error) == "no such thing\n    | eval b=frob(1)\n             ^^^^"


def test_an_error_names_its_place_once_that_is_known() -> None:
    error = UnsupportedSpl("no", "abc", 1)
    error.place = "default/macros.conf:7"
    assert str(error).splitlines() == ["default/macros.conf:7: no", "    abc", "     ^"]


def test_an_error_at_the_end_points_behind_the_text() -> None:
    assert str(SplError("more", "ab", 2)).splitlines()[1:] == ["    ab", "      ^"]


def test_a_long_line_is_cut_around_the_part() -> None:
    error = SplError("here", "x" * 300 + "BAD" + "y" * 300, 300, 303)
    _, line, carets = str(error).splitlines()
    assert len(line) == 104
    assert line[carets.index("^") : carets.rindex("^") + 1] == "BAD"
