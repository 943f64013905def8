import pytest

from searchhead.lookups import Lookups
from searchhead.spl.operators import Environment
from searchhead.spl.pipeline import compile_pipeline, run
from searchhead.spl.values import Row


def results(spl: str, rows: list[Row]) -> tuple[list[Row], list[str]]:
    warnings: list[str] = []
    environment = Environment(lookups=Lookups([]), warn=warnings.append)
    return run(compile_pipeline(spl, environment), rows), warnings


@pytest.mark.parametrize("name", ["a=1, b", "a'", 'a"', "a]", "a|", "a`x`", "a\\", "a b", "a("])
def test_a_field_whose_name_breaks_the_template_is_left_out_with_a_warning(name: str) -> None:
    rows, warnings = results("foreach a* [eval <<FIELD>> = 5]", [{name: "x"}, {name: "y"}])
    assert rows == [{name: "x"}, {name: "y"}]
    assert warnings == [f"foreach leaves the field {name!r} out, for its name does not fit into the template"]


def test_a_field_name_in_quotes_may_have_blanks_and_brackets() -> None:
    rows, warnings = results("foreach * [eval '<<FIELD>>' = '<<FIELD>>' * 2]", [{"sum(a b)": "4"}])
    assert (rows, warnings) == ([{"sum(a b)": 8}], [])


def test_no_item_can_leave_its_place() -> None:
    rows, _ = results(
        'eval r="" | foreach mode=multivalue m [eval r = r . <<ITEM>>, n = "<<ITEM>>!"]', [{"m": ['"x', "]y'"]}]
    )
    assert rows == [{"m": ['"x', "]y'"], "r": "\"x]y'", "n": "]y'!"}]
