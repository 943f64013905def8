from __future__ import annotations

from pathlib import Path

import pytest

from searchhead.macros import Macro
from searchhead.spl.errors import SplError, UnsupportedSpl
from searchhead.spl.expansion import expand


def _macros(*definitions: tuple[str, tuple[str, ...], str]) -> dict[str, Macro]:
    made = [Macro(name, arguments, text, Path("macros.conf"), 1) for name, arguments, text in definitions]
    return {macro.key: macro for macro in made}


MACROS = _macros(
    ("plain", (), "index=win"),
    ("one", ("a",), "x=$a$"),
    ("one", ("a", "b"), "x=$a$ y=$b$"),
    ("nested", (), "`plain` `one(5)`"),
    ("passes", ("v",), "`one($v$)`"),
    ("piped", (), "a=1 | table a"),
    ("empty", (), ""),
    ("dollar", ("a",), "price=$5 $a$ $other$"),
    ("loop", (), "`pool`"),
    ("pool", (), "`loop`"),
)


@pytest.mark.parametrize(
    ("spl", "expanded"),
    [
        ("`plain` foo", "index=win foo"),
        ("`one(1)`", "x=1"),
        ("`one(1, 2)`", "x=1 y=2"),
        ('`one("a, b")`', "x=a, b"),
        ('`one("say \\"x\\"")`', 'x=say "x"'),
        ("`one(f(1,2), 3)`", "x=f(1,2) y=3"),
        ("`one(b=1, a=2)`", "x=2 y=1"),
        ("`one(c=1)`", "x=c=1"),  # no argument is called c
        ("`nested`", "index=win x=5"),
        ("`passes(7)`", "x=7"),
        ("`piped`", "a=1 | table a"),
        ("a=1 `empty`", "a=1 "),
        ("`dollar(9)`", "price=$5 9 $other$"),
        ('"`plain`"', '"`plain`"'),
        ("a ```x | y``` b", "a   b"),
        ("`one(1)````c```", "x=1 "),
    ],
)
def test_macros_and_comments_are_replaced(spl: str, expanded: str) -> None:
    assert expand(spl, MACROS).text == expanded


def test_a_comment_in_quotes_is_text() -> None:
    assert expand('eval a="```" ```gone``` b', {}).text == 'eval a="```"   b'


def test_a_macro_in_a_comment_is_not_expanded() -> None:
    assert expand("a ```see `nothing` here``` b", {}).text == "a   b"


def test_a_macro_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(UnsupportedSpl, match=r"no macro one\(3\); there are: dollar\(1\), empty, loop") as error:
        expand("a `one(1,2,3)`", MACROS)
    assert (error.value.start, error.value.end) == (2, 14)


def test_macros_that_call_each_other_in_a_circle_are_refused() -> None:
    with pytest.raises(SplError, match="loop → pool → loop"):
        expand("`loop`", MACROS)


@pytest.mark.parametrize("spl", ["a `plain", "```never closed", 'a "never closed', "`a b c`", "``"])
def test_what_is_not_closed_or_no_name_is_refused(spl: str) -> None:
    with pytest.raises(SplError):
        expand(spl, MACROS)
