from pathlib import Path

import pytest

from searchhead.conf import App, InvalidConf
from searchhead.macros import Macro, macros_of


def app_with(folder: Path, text: str) -> App:
    (folder / "default").mkdir()
    (folder / "default" / "macros.conf").write_text(text, encoding="utf-8")
    return App(folder)


def test_macros_are_keyed_by_name_and_number_of_arguments(tmp_path: Path) -> None:
    app = app_with(
        tmp_path,
        "[plain]\ndefinition = search *\niseval = 0\n"
        "[plain(2)]\nargs = a, b-c\ndefinition = eval x=$a$ \\\n| where $b-c$\ndescription = Two arguments.\n",
    )
    path = tmp_path / "default" / "macros.conf"
    assert macros_of(app) == {
        "plain": Macro("plain", (), "search *", path, 2),
        "plain(2)": Macro("plain", ("a", "b-c"), "eval x=$a$ \n| where $b-c$", path, 6),
    }
    assert [macro.key for macro in macros_of(app).values()] == ["plain", "plain(2)"]


def test_a_local_definition_wins_and_keeps_the_arguments(tmp_path: Path) -> None:
    app = app_with(tmp_path, "[m(1)]\nargs = a\ndefinition = one $a$\n")
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / "macros.conf").write_text("[m(1)]\ndefinition = two $a$\n", encoding="utf-8")
    path = tmp_path / "local" / "macros.conf"
    assert macros_of(app) == {"m(1)": Macro("m", ("a",), "two $a$", path, 2)}


INVALID = [
    # no definition
    ("[m]\nargs =\n", "default/macros.conf:1: stanza [m] has no definition"),
    # evaluated macros are not supported
    (
        '[m]\ndefinition = "a"\niseval = true\n',
        "default/macros.conf:3: stanza [m] has iseval = true: macros that are eval expressions are not supported",
    ),
    # iseval of no known value
    ("[m]\ndefinition = a\niseval = maybe\n", "default/macros.conf:3: stanza [m] has iseval = 'maybe'"),
    # what Splunk would check is not ignored
    (
        "[m(1)]\nargs = a\ndefinition = $a$\nvalidation = isnum(a)\n",
        "default/macros.conf:4: stanza [m(1)] has validation: the validation of arguments is not supported, remove it",
    ),
    # a setting that macros.conf does not have
    ("[m]\ndefinition = a\nis_eval = 0\n", 'default/macros.conf:3: stanza [m] has setting "is_eval"'),
    # more arguments than the name says
    (
        "[m(1)]\nargs = a, b\ndefinition = x\n",
        "default/macros.conf:2: stanza [m(1)] takes 1 arguments by its name, but args names 2",
    ),
    # arguments without a number in the name
    ("[m]\nargs = a\ndefinition = x\n", "default/macros.conf:2: stanza [m] takes 0 arguments"),
    # no arguments for a number in the name
    ("[m(1)]\ndefinition = x\n", "default/macros.conf:1: stanza [m(1)] takes 1 arguments"),
    # the same argument twice
    ("[m(2)]\nargs = a, a\ndefinition = x\n", "default/macros.conf:2: stanza [m(2)] names an argument twice"),
    # an argument of other characters
    ("[m(1)]\nargs = a b\ndefinition = x\n", "default/macros.conf:2: stanza [m(1)] has the argument 'a b'"),
    # an empty argument
    ("[m(2)]\nargs = a,\ndefinition = x\n", "default/macros.conf:2: stanza [m(2)] has the argument ''"),
    # a name that a search cannot call
    ("[m(x)]\ndefinition = x\n", "default/macros.conf:1: stanza [m(x)] is no macro name"),
]


@pytest.mark.parametrize(("text", "message"), INVALID)
def test_a_macro_that_cannot_be_used_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InvalidConf) as refused:
        macros_of(app_with(tmp_path, text))
    assert str(refused.value).startswith(message)
