import pytest

from searchhead.lookups import Lookups
from searchhead.spl.errors import SplError
from searchhead.spl.expressions import compile_text
from searchhead.spl.operators import Environment
from searchhead.spl.values import Row, Value

ENVIRONMENT = Environment(lookups=Lookups([]))


@pytest.mark.parametrize(
    ("spl", "row", "expected"),
    [
        ('json_append(j,"",3)', {"j": "[1]"}, "[1,3]"),
        ('json_append(j,"",3)', {"j": "{}"}, "[{},3]"),
        ('json_append(j,"a{}.b",3)', {"j": '{"a":[{"b":1},{"b":[]}]}'}, '{"a":[{"b":[1,3]},{"b":[3]}]}'),
        ('json_append(j,"a",1,"a",2)', {"j": '{"a":[]}'}, '{"a":[1,2]}'),
        ('json_append(j,"a",missing)', {"j": '{"a":[]}'}, '{"a":[null]}'),
        ("json_append(j,p,3)", {"j": "[1]", "p": ".."}, "[1]"),
        ('json_append(j,"",3)', {"j": "5"}, None),
        ('json_append(missing,"",3)', {}, None),
        ('json_extend(j,"",m)', {"j": "[1]", "m": ["x", "y"]}, '[1,"x","y"]'),
        ('json_extend(j,"",5)', {"j": "[1]"}, "[1,5]"),
        ('json_set(j,"a.b",1)', {"j": "{}"}, '{"a":{"b":1}}'),
        ('json_set(j,"a{0}",1)', {"j": "{}"}, "{}"),
        ('json_set(j,"a{1}",1)', {"j": '{"a":[5]}'}, '{"a":[5]}'),
        ('json_set(j,"{0}.x",1,"{1}.x",2)', {"j": "[{},{}]"}, '[{"x":1},{"x":2}]'),
        ('json_set_exact(j,"a{}",1)', {"j": "{}"}, '{"a{}":1}'),
        ('json_set_exact(j,"a",1)', {"j": "[1]"}, "[1]"),
        ('json_delete(j,"a.b.c")', {"j": '{"a":{"b":5}}'}, '{"a":{"b":5}}'),
        ("json_delete(j,m)", {"j": '{"a":1,"b":2}', "m": ["a", "x"]}, '{"b":2}'),
        ('json_delete(j,"a")', {"j": "[1]"}, None),
    ],
)
def test_documents_are_changed_as_the_reference_says(spl: str, row: Row, expected: Value | None) -> None:
    assert compile_text(spl, ENVIRONMENT).evaluate(row) == expected


@pytest.mark.parametrize("spl", ['json_append(j,"a")', 'json_set(j,"a",1,"b")', 'json_extend(j,"a{x}",1)'])
def test_a_wrong_call_is_refused(spl: str) -> None:
    with pytest.raises(SplError):
        compile_text(spl, ENVIRONMENT)
