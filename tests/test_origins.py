from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchhead.lookups import Lookups
from searchhead.macros import Macro
from searchhead.spl.errors import Place, SplError
from searchhead.spl.expansion import expand
from searchhead.spl.operators import Environment
from searchhead.spl.origins import Origin, Traced
from searchhead.spl.pipeline import compile_search

PLACE = Place("default/savedsearches.conf", 10, "A Search")


def _macros(*definitions: tuple[str, tuple[str, ...], str, int]) -> dict[str, Macro]:
    made = [
        Macro(name, arguments, text, Path("default/macros.conf"), line) for name, arguments, text, line in definitions
    ]
    return {macro.key: macro for macro in made}


MACROS = _macros(
    ("outer", (), "`inner(user)` \n| `wrong`", 3),
    ("inner", ("field",), "eval $field$=lower($field$)", 20),
    ("wrong", (), "eval a=1 \n| eval b=frob(a)", 30),
    ("with", ("text",), "eval a=$text$, b=2", 40),
)


def _error(spl: str) -> SplError:
    with pytest.raises(SplError) as caught:
        compile_search(spl, Environment(lookups=Lookups(), macros=MACROS), PLACE)
    return caught.value


def test_an_error_in_the_search_itself_names_its_line() -> None:
    error = _error("index=main \n| `inner(user)` \n| eval b=frob(a)")
    assert str(error.place) == "default/savedsearches.conf:12: stanza [A Search]"
    assert error.calls == ()
    assert str(error).splitlines()[1:] == ["    | eval b=frob(a)", "             ^^^^"]


def test_an_error_in_a_macro_names_the_line_in_its_definition_and_every_call() -> None:
    lines = str(_error("index=main \n| `outer`")).splitlines()
    assert lines[0].startswith(
        'default/macros.conf:31: stanza [wrong]: "frob" is no supported function; supported are '
    )
    assert lines[1:] == [
        "    | eval b=frob(a)",
        "             ^^^^",
        "    from `wrong` at default/macros.conf:4: stanza [outer]",
        "    from `outer` at default/savedsearches.conf:11: stanza [A Search]",
    ]


def test_an_error_in_an_argument_points_at_the_argument() -> None:
    error = _error("index=main | `with(frob(1))`")
    assert str(error.place) == "default/savedsearches.conf:10: stanza [A Search]"
    assert error.spl[error.start : error.end] == "frob"
    assert error.calls == ()


def test_an_error_in_an_argument_whose_quotes_were_undone_points_at_it() -> None:
    error = _error('index=main | `with("frob(\\"1\\")")`')
    assert error.spl[error.start :].startswith('"frob(')


def test_a_macro_that_is_not_there_is_named_where_it_is_called() -> None:
    macros = MACROS | _macros(("outer", (), "a=1 \n `nothing`", 7))
    with pytest.raises(SplError) as caught:
        expand("x `outer`", macros, PLACE)
    assert str(caught.value.place) == "default/macros.conf:8: stanza [outer]"
    assert caught.value.calls == (("`outer`", PLACE),)


def test_a_quote_that_is_not_closed_in_a_macro_is_named_there() -> None:
    with pytest.raises(SplError) as caught:
        expand("x `open`", _macros(("open", (), 'a="b', 5)), PLACE)
    assert str(caught.value.place) == "default/macros.conf:5: stanza [open]"


def test_without_a_place_the_text_is_shown_alone() -> None:
    with pytest.raises(SplError) as caught:
        compile_search("`inner(user)` | frob", Environment(lookups=Lookups(), macros=MACROS))
    assert caught.value.place is None


def test_an_error_at_the_end_of_the_text_is_placed_there() -> None:
    assert str(_error("index=main \n| eval a=").place) == "default/savedsearches.conf:11: stanza [A Search]"


def test_commands_know_the_macros_they_come_from() -> None:
    macros = MACROS | _macros(("late", (), "b=2 | `inner(x)` | fields a", 1))
    search = compile_search("a=1 `late` | `inner(user)` | head 1", Environment(lookups=Lookups(), macros=macros))
    assert search.macros == ((), ("late", "inner(1)"), ("late",), ("inner(1)",), ())


@given(st.lists(st.tuples(st.text("ab\n", max_size=4), st.integers(0, 3)), max_size=6), st.data())
def test_every_character_is_found_where_it_was_written(pieces: list[tuple[str, int]], data: st.DataObject) -> None:
    parts = []
    for text, before in pieces:
        parts.append((text, Origin("-" * before + text, None), before))
    traced = Traced(parts)
    assert traced.text == "".join(text for text, _ in pieces)
    for position, character in enumerate(traced.text):
        found = traced.find(position)
        assert found is not None
        origin, at = found
        assert origin.text[at] == character
    start = data.draw(st.integers(0, len(traced.text)))
    end = data.draw(st.integers(start, len(traced.text)))
    assert "".join(text for text, _, _ in traced.parts(start, end)) == traced.text[start:end]
