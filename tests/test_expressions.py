import pytest

from searchhead.lookups import Lookups
from searchhead.spl.errors import SplError, UnsupportedSpl
from searchhead.spl.expressions import compile_condition, compile_expression, compile_text, compile_value, truth
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Environment
from searchhead.spl.values import Row


@pytest.fixture(name="environment")
def _environment() -> Environment:
    return Environment(lookups=Lookups([]), now=1_700_000_000.5)


def test_compiling_stops_at_the_first_token_that_cannot_continue(environment: Environment) -> None:
    cursor = Cursor("a+1, b=2")
    expression = compile_expression(cursor, environment)
    assert expression.evaluate({"a": "4"}) == 5
    assert cursor.rest() == ", b=2"


def test_an_expression_knows_the_fields_it_reads(environment: Environment) -> None:
    expression = compile_text("if(match(a,\"x\"), 'b c'.d, null())", environment)
    assert expression.fields == {"a", "b c", "d"}
    assert not expression.constant


def test_an_expression_knows_its_span(environment: Environment) -> None:
    spl = "where  lower(a)=b AND 1=1 | head"
    expression = compile_expression(Cursor(spl, 5, 25), environment)
    assert spl[expression.start : expression.end] == "lower(a)=b AND 1=1"


def test_what_depends_on_nothing_is_computed_once(environment: Environment) -> None:
    expression = compile_text('round(pow(2,3)/3,2)."%"', environment)
    assert expression.constant
    assert expression.evaluate({}) == "2.67%"


@pytest.mark.parametrize(
    ("spl", "kind"),
    [
        ("a", "value"),
        ("a=1", "truth"),
        ("NOT a=1", "truth"),
        ("null()", "null"),
        ("if(a=1, b=1, null())", "truth"),
        ("if(a=1, null(), 5)", "value"),
        ("coalesce(a,b)", "value"),
        ("a IN (1,2)", "truth"),
    ],
)
def test_the_kind_of_a_result_is_known_before_the_first_row(spl: str, kind: str, environment: Environment) -> None:
    assert compile_expression(Cursor(spl), environment).kind == kind


@pytest.mark.parametrize(
    ("spl", "row", "expected"),
    [
        ("a=1 AND b=1", {"a": "1", "b": "1"}, True),
        ("a=1 AND b=1", {"a": "0"}, False),
        ("a=1 AND b=1", {"a": "1"}, None),
        ("a=1 OR b=1", {"a": "1"}, True),
        ("a=1 OR b=1", {"a": "0"}, None),
        ("NOT a=1", {}, None),
        ("a=1 XOR b=1", {"a": "1", "b": "1"}, False),
        ("a=1 XOR b=1", {"a": "1"}, None),
        ("(a=1)=(b=1)", {"a": "0", "b": "0"}, True),
        ("(a=1)!=(b=1)", {"a": "0", "b": "1"}, True),
    ],
)
def test_logic_has_three_values(spl: str, row: Row, expected: bool | None, environment: Environment) -> None:
    expression = compile_condition(Cursor(spl), environment)
    assert expression.evaluate(row) is expected
    assert truth(expression, row) is (expected is True)


@pytest.mark.parametrize(
    ("spl", "message", "part"),
    [
        ("frob(a)", "no supported function; supported are abs ", "frob"),
        ("searchmatch(a)", "the search must be a text that does not depend on fields", "a"),
        ("a NOT IN (1)", "write NOT before the whole comparison", "NOT"),
        ("a.b*2", "needs brackets", "."),
        ("a+b.c", "needs brackets", "."),
        ("a.b+c", "needs brackets", "+"),
        ("true", r"write true\(\) for the constant", "true"),
        ("sigfig(a)", "how many digits each operand was written with", "sigfig"),
    ],
)
def test_what_is_not_supported_is_refused_at_its_place(
    spl: str, message: str, part: str, environment: Environment
) -> None:
    with pytest.raises(UnsupportedSpl, match=message) as caught:
        compile_expression(Cursor(spl), environment)
    assert spl[caught.value.start : caught.value.end] == part


@pytest.mark.parametrize(
    ("spl", "message", "part"),
    [
        ("1=2=3", "cannot be chained", "="),
        ("a AND b=1", "expected a condition, not a value", "a"),
        ("b=1 OR 5", "expected a condition, not a value", "5"),
        ("NOT a", "expected a condition, not a value", "a"),
        ("(a=1)+1", "expected a value, not a condition", "a=1"),
        ("(a=1)>(b=1)", "equality only", ">"),
        ("(a=1)=b", "equality only", "="),
        ("len(a=1)", "takes a value here", "a=1"),
        ("if(a,1,2)", "takes a condition here", "a"),
        ("abs(a,b)", "abs takes 1 argument, not 2", "abs"),
        ("log(a,b,c)", "log takes 1 to 2 arguments, not 3", "log"),
        ("coalesce()", "coalesce takes at least 1 argument, not 0", "coalesce"),
        ("a=", "expected a value, a field or a function", ""),
        ("AND a", "expected a value, a field or a function", "AND"),
        ("(a=1", r'expected "\)"', ""),
        ("len(a b)", 'expected ","', "b"),
        ("''", "a field needs a name", "''"),
        ("case(a=1,b=1,c=1,2)", "cannot give a condition in one case and a value in another", "b=1"),
        ('match(a,"(")', "regular expression", '"("'),
        ('strftime(a,"%!")', "is no time variable", '"%!"'),
    ],
)
def test_a_mistake_is_an_error_at_its_place(spl: str, message: str, part: str, environment: Environment) -> None:
    with pytest.raises(SplError, match=message) as caught:
        compile_expression(Cursor(spl), environment)
    assert spl[caught.value.start : caught.value.end] == part


def test_a_field_cannot_take_a_truth_value(environment: Environment) -> None:
    with pytest.raises(SplError, match="a field cannot take a truth value"):
        compile_value(Cursor("a=1"), environment)


def test_a_condition_cannot_be_a_value(environment: Environment) -> None:
    with pytest.raises(SplError, match="expected a condition, for example a comparison"):
        compile_condition(Cursor("a+1"), environment)


def test_a_whole_text_must_be_one_expression(environment: Environment) -> None:
    with pytest.raises(SplError, match="expected an operator or the end"):
        compile_text("a b", environment)
    with pytest.raises(SplError, match="a field cannot take a truth value"):
        compile_text("a=b", environment)


def test_keywords_are_read_in_any_case(environment: Environment) -> None:
    expression = compile_condition(Cursor('not a like "x%" or b in (1,2)'), environment)
    assert expression.evaluate({"a": "abc", "b": "9"}) is True
    assert expression.evaluate({"a": "xyz", "b": "2"}) is True
    assert expression.evaluate({"a": "xyz", "b": "9"}) is False


def test_a_field_may_be_named_like_a_function_or_a_keyword(environment: Environment) -> None:
    assert compile_text("len.'AND'", environment).evaluate({"len": "a", "AND": "b"}) == "ab"
