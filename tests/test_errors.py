from searchhead.spl.errors import Place, SplError, UnsupportedSpl


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


def test_a_place_knows_the_line_of_every_position_in_its_text() -> None:
    place = Place("default/macros.conf", 40, "x(1)")
    assert [str(place.below("ab\ncd\n", at)) for at in (0, 2, 3, 6)] == [
        "default/macros.conf:40: stanza [x(1)]",
        "default/macros.conf:40: stanza [x(1)]",
        "default/macros.conf:41: stanza [x(1)]",
        "default/macros.conf:42: stanza [x(1)]",
    ]


def test_an_error_lists_the_macros_that_brought_it_in() -> None:
    error = SplError("no", "abc", 1)
    error.calls = (("`inner(\n  x)`", Place("a.conf", 2, "outer")), ("`outer`", None))
    assert str(error).splitlines()[3:] == ["    from `inner( x)` at a.conf:2: stanza [outer]", "    from `outer`"]
