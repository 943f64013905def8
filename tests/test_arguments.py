from __future__ import annotations

import pytest

from searchhead.spl.arguments import boolean, custom_arguments, end, field_list, field_name, integer, options
from searchhead.spl.errors import SplError, UnsupportedSpl
from searchhead.spl.lexer import Cursor

KNOWN = {"limit": integer, "keep": boolean}


def test_options_are_read_up_to_the_first_other_word() -> None:
    cursor = Cursor('limit=5 KEEP = t "a b" c')
    assert options(cursor, "x", KNOWN) == {"limit": 5, "keep": True}
    assert field_list(cursor) == ["a b", "c"]
    end(cursor)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("frob=1", 'x has no option "frob"; supported: keep, limit'),  # not in the table
        ("limit=-1", "expected a whole number"),  # negative
        ("limit=x", "expected a whole number"),  # no number
        ("keep=maybe", "expected true or false"),  # no truth value
        ("limit=", "expected a value"),  # nothing
    ],
)
def test_wrong_options_are_refused(text: str, message: str) -> None:
    with pytest.raises(SplError) as error:
        options(Cursor(text), "x", KNOWN)
    assert error.value.message == message


@pytest.mark.parametrize("text", ["", "=", "'a b'", '""', "a*", "(a)"])
def test_what_is_no_field_name_is_refused(text: str) -> None:
    with pytest.raises(SplError):
        field_name(Cursor(text))


def test_a_list_does_not_end_with_a_comma() -> None:
    with pytest.raises(SplError, match="after the comma"):
        field_list(Cursor("a, b,"))


def test_a_custom_command_has_arguments_that_are_cut_at_blanks_and_lose_their_quotes() -> None:
    assert custom_arguments(Cursor(r'a="b c" d"e"  "f \"g\"" "" h')) == ["a=b c", "de", 'f "g"', "", "h"]
    assert custom_arguments(Cursor(" ")) == []


def test_nothing_is_left_over() -> None:
    with pytest.raises(UnsupportedSpl):
        end(Cursor("x"))
