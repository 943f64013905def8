import pytest

from searchhead.lookups import Lookups
from searchhead.spl.errors import SplError
from searchhead.spl.expressions import compile_text
from searchhead.spl.operators import Environment
from searchhead.spl.values import Row, Value

ENVIRONMENT = Environment(lookups=Lookups([]))
LETTERS: Row = {"m": ["a", "b", "c"]}


@pytest.mark.parametrize(
    ("spl", "row", "expected"),
    [
        ("mvindex(m,0)", LETTERS, "a"),
        ("mvindex(m,-3)", LETTERS, "a"),
        ("mvindex(m,-4)", LETTERS, None),
        ("mvindex(m,-2,-1)", LETTERS, ["b", "c"]),
        ("mvindex(m,1,1)", LETTERS, "b"),
        ("mvindex(m,2,1)", LETTERS, None),
        ("mvindex(m,0,99)", LETTERS, ["a", "b", "c"]),
        ('mvindex(m,"x")', LETTERS, None),
        ("mvindex(m,0)", {"m": "only"}, "only"),
        ("mvappend(null(),m,5)", LETTERS, ["a", "b", "c", "5"]),
        ("mvappend(missing)", {}, None),
        ("mvdedup(m)", {"m": ["a", "a"]}, "a"),
        ("mvsort(m)", {"m": "b"}, "b"),
        ('mvzip(m,"x")', LETTERS, "a,x"),
        ("mvzip(m,missing)", LETTERS, None),
        ('mvfilter(m!="b")', LETTERS, ["a", "c"]),
        ('mvfilter(m="z")', LETTERS, None),
        ("mvfilter(m>1)", {}, None),
        ('mvmap(m,if(m="b",null(),upper(m)))', LETTERS, ["A", "C"]),
        ('mvmap(m,split(m,"-"))', {"m": ["a-b", "c"]}, ["a", "b", "c"]),
        ("mvmap(m,m+n)", {"m": "1", "n": "2"}, "3"),
        ("mvmap(m,n)", {"n": "2"}, None),
        ('mvfind(m,"C")', LETTERS, None),
        ("mvrange(3,1)", {}, None),
        ("mvrange(1,2)", {}, "1"),
        ("mvrange(0,1,0.25)", {}, ["0", "0.25", "0.5", "0.75"]),
        ("mvrange(0,10,0)", {}, None),
        ("mvrange(0,10,-1)", {}, None),
        ("mvrange(0,n)", {"n": "x"}, None),
        ('mvcount(split("a,b",","))', {}, 2),
        ('mvjoin(m,"")', LETTERS, "abc"),
    ],
)
def test_multivalue_functions(spl: str, row: Row, expected: Value | None) -> None:
    assert compile_text(spl, ENVIRONMENT).evaluate(row) == expected


def test_mapping_leaves_the_row_as_it_is() -> None:
    row: Row = {"m": ["a", "b"]}
    compile_text('mvmap(m,m."!")', ENVIRONMENT).evaluate(row)
    assert row == {"m": ["a", "b"]}


def test_a_range_that_an_event_makes_endless_is_given_up_with_a_warning() -> None:
    warnings: list[str] = []
    environment = Environment(lookups=Lookups([]), warn=warnings.append)
    assert compile_text("mvrange(0,n)", environment).evaluate({"n": "1e999"}) is None
    assert warnings == ["mvrange gave up after 100000 values"]


@pytest.mark.parametrize(
    ("spl", "message"),
    [
        ("mvfilter(a=b)", "must read exactly one field, not 2"),
        ("mvfilter(1=1)", "must read exactly one field, not 0"),
        ("mvfilter(a)", "takes a condition here"),
        ("mvmap(mvappend(a,b),a)", "the first argument must read exactly one field, not 2"),
        ("mvmap(a,a=1)", "takes a value here"),
        ('mvrange(1,2,"7 days")', "is no time modifier"),
        ('mvfind(a,"(")', "mvfind: "),
    ],
)
def test_what_a_multivalue_function_cannot_do_is_refused(spl: str, message: str) -> None:
    with pytest.raises(SplError, match=message):
        compile_text(spl, ENVIRONMENT)
