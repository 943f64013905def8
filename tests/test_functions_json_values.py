import pytest

from searchhead.lookups import Lookups
from searchhead.spl.errors import SplError
from searchhead.spl.expressions import compile_expression, compile_text
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Environment
from searchhead.spl.values import Row, Value

ENVIRONMENT = Environment(lookups=Lookups([]))
NESTED: Row = {"j": '{"a":[{"b":1},{"b":"x"},{"c":[true,null]}],"d":{"e":"é"}}'}


@pytest.mark.parametrize(
    ("spl", "row", "expected"),
    [
        ('json_object("n",a,"m",m,"z",missing)', {"a": "5.5", "m": ["1", "x"]}, '{"n":5.5,"m":["1","x"],"z":null}'),
        ('json_object(missing,1,"a",a)', {"a": "é"}, '{"a":"é"}'),
        ("json_object()", {}, "{}"),
        ("json_array()", {}, "[]"),
        ('json_array("05",a,a=1)', {"a": "05"}, '["05",5,false]'),
        ("json_extract(j)", {"j": "[1]"}, "[1]"),
        ('json_extract(j,"a{}.b")', NESTED, '[1,"x"]'),
        ('json_extract(j,"a{0}.b")', NESTED, 1),
        ('json_extract(j,"a{2}.c{0}")', NESTED, "true"),
        ('json_extract(j,"a{2}.c{1}")', NESTED, None),
        ('json_extract(j,"a{9}")', NESTED, None),
        ('json_extract(j,"d")', NESTED, '{"e":"é"}'),
        ('json_extract(j,"d.e","x")', NESTED, '["é",null]'),
        ('spath(j,"a{}.b")', NESTED, ["1", "x"]),
        ('spath(j,"d.e")', NESTED, "é"),
        ('spath(j,"nothing")', NESTED, None),
        ("json_keys(j)", NESTED, '["a","d"]'),
        ("json_keys(j)", {"j": "[1]"}, None),
        ("json_valid(j)", {"j": "[]"}, True),
        ("json_valid(j)", {"j": "5"}, False),
        ("json_valid(j)", {"j": "[NaN]"}, False),
        ("json_valid(j)", {}, None),
        ("json_array_to_mv(j)", {"j": '["a",{"b":1},null]'}, ["a", '{"b":1}']),
        ("json_array_to_mv(j)", {"j": "{}"}, None),
    ],
)
def test_json_functions(spl: str, row: Row, expected: Value | bool | None) -> None:
    assert compile_expression(Cursor(spl), ENVIRONMENT).evaluate(row) == expected


def test_json_that_was_made_here_stays_json_through_a_field() -> None:
    made = compile_text('json_object("a",1)', ENVIRONMENT).evaluate({})
    assert isinstance(made, str)
    nest = compile_text('json_object("made",made,"read",read)', ENVIRONMENT)
    assert nest.evaluate({"made": made, "read": '{"a":1}'}) == '{"made":{"a":1},"read":"{\\"a\\":1}"}'


def test_xml_is_given_up_with_a_warning() -> None:
    warnings: list[str] = []
    environment = Environment(lookups=Lookups([]), warn=warnings.append)
    assert compile_text('spath(x,"a.b")', environment).evaluate({"x": " <a/>"}) is None
    assert warnings == ["the function spath reads JSON only; XML gave null"]


@pytest.mark.parametrize(
    ("spl", "message"),
    [
        ('json_object("a")', "takes pairs of a key and a value"),
        ('json_extract(j,".a")', "'.a' is no path"),
        ('json_extract(j,"a{x}")', "is no path"),
        ('spath(j,"")', "is no path"),
    ],
)
def test_what_a_json_function_cannot_do_is_refused(spl: str, message: str) -> None:
    with pytest.raises(SplError, match=message):
        compile_text(spl, ENVIRONMENT)
