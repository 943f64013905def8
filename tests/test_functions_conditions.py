import re
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchhead.lookups import Lookups
from searchhead.spl.errors import SplError
from searchhead.spl.expressions import compile_expression
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Environment
from searchhead.spl.values import Row, Value

ENVIRONMENT = Environment(lookups=Lookups([]))


def evaluate(spl: str, row: Row) -> Value | bool | None:
    return compile_expression(Cursor(spl), ENVIRONMENT).evaluate(row)


@given(st.text("ab\n", max_size=12), st.text("ab%_", max_size=8))
def test_like_finds_what_a_file_pattern_finds(text: str, pattern: str) -> None:
    assert evaluate("like(a,b)", {"a": text, "b": pattern}) == fnmatchcase(
        text, pattern.replace("%", "*").replace("_", "?")
    )


def test_a_hostile_text_does_not_make_like_try_all_combinations() -> None:
    # Would not end if it did.
    assert evaluate("like(a,b)", {"a": "a" * 2_000, "b": "%a" * 30 + "b"}) is False


@pytest.mark.parametrize(
    ("spl", "row", "expected"),
    [
        ('like(a,"x%")', {}, None),
        ('like(a,"x%")', {"a": ["y", "xz"]}, True),
        ("like(a,b)", {"a": "x"}, None),
        ('match(a,"x")', {}, None),
        ('match(a,"^5$")', {"a": 5.0}, True),
        ("in(a,b,c)", {"a": "1", "b": "2", "c": "1.0"}, True),
        ("in(a,b,c)", {"a": "1", "b": "2"}, None),
        ("a IN (1)", {}, None),
        ('cidrmatch("10.0.0.1/8",a)', {"a": " 10.9.9.9 "}, True),
        ('cidrmatch("10.0.0.0/8",a)', {"a": "::ffff:10.0.0.1"}, False),
        ('cidrmatch("10.0.0.0/8",a)', {"a": ["x", "10.0.0.1"]}, True),
        ('cidrmatch("10.0.0.0/8",a)', {}, None),
        ("ipmask(a,b)", {"a": "255.0.0.0", "b": "10.1.2.3"}, "10.0.0.0"),
        ("ipmask(a,b)", {"a": "255.0.0.0", "b": "::1"}, None),
        ('validate(a=1,"no")', {}, "no"),
        ('case(a=1,"x",isnull(a),null(),true(),"z")', {}, None),
        ("nullif(a,b)", {"a": "5", "b": "5.0"}, None),
        ("nullif(a,b)", {"a": "5"}, "5"),
        ("coalesce(a,b)", {}, None),
        ("typeof(a)", {"a": "12"}, "Number"),
        ('typeof("12")', {}, "String"),
        ("typeof(a)", {"a": ["1", "2"]}, "String"),
        ("typeof(a=b)", {"a": "1"}, "Invalid"),
        ("isint(a)", {"a": "5.0"}, True),
        ("isint(a)", {"a": "1e999"}, False),
        ("isnum(a)", {}, False),
        ("isstr(a)", {}, False),
        ("isnotnull(a=1)", {}, False),
        ("isbool(a)", {"a": "true"}, False),
    ],
)
def test_conditions(spl: str, row: Row, expected: Value | bool | None) -> None:
    assert evaluate(spl, row) == expected


def test_only_the_chosen_value_is_computed() -> None:
    row: Row = {"a": "1"}
    assert evaluate('if(a=1,"yes",mvjoin(missing,","))', row) == "yes"


@pytest.mark.parametrize(
    ("spl", "message"),
    [
        ("case(a=1)", "case takes at least 2 arguments"),
        ("case(a=1,2,b=1)", "case takes pairs of a condition and a value"),
        ("validate(a,2)", "validate takes a condition here, not a value"),
        ("if(a=1,b=1,2)", "if cannot give a condition in one case and a value in another"),
        ("coalesce(a=1)", "coalesce takes a value here, not a condition"),
        ('cidrmatch("10.0.0.0/33",a)', "cidrmatch: '10.0.0.0/33' does not appear to be an IPv4 or IPv6 network"),
        ("in(a,b=1)", "in takes a value here, not a condition"),
        ("nullif(a,b=1)", "nullif takes a value here, not a condition"),
    ],
)
def test_wrong_arguments_are_refused(spl: str, message: str) -> None:
    with pytest.raises(SplError, match=re.escape(message)):
        compile_expression(Cursor(spl), ENVIRONMENT)
