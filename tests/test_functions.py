import json
import re
from pathlib import Path

import pytest

from searchhead.lookups import Lookup, Lookups
from searchhead.spl.errors import SplError, UnsupportedSpl
from searchhead.spl.expressions import compile_expression
from searchhead.spl.functions import FUNCTIONS, REFUSED
from searchhead.spl.functions.calls import MANY
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Environment
from searchhead.spl.values import Row, Value

LANGUAGE = Path(__file__).parent / "language"

# Values that a hostile or broken log may hold. No function may fail on any of them.
STRANGE: list[Value] = [
    "",
    " ",
    "text",
    "1e999",
    "-1e999",
    "-1",
    "9" * 400,
    "1.5",
    "\ud800",
    "\0",
    "%zz%",
    "<x/>",
    "{",
    "[" * 100_000,
    '{"a":1e999,"b":[NaN]}',
    ["a", "1", ""],
    float("inf"),
    2**70,
]

# What stands for the arguments that must be constant; every other argument is a field.
CONSTANTS = {
    ("cidrmatch", 0): '"10.0.0.0/8"',
    ("json_append", 1): '"a{}.b"',
    ("json_array_to_mv", 1): "a=b",
    ("json_extend", 1): '""',
    ("json_extract", 1): '"a{}.b"',
    ("json_extract", 2): '"a{0}"',
    ("json_set", 1): '"a{}.b"',
    ("lookup", 0): '"known"',
    ("match", 1): '"a.c"',
    ("mv_to_json_array", 1): "a=b",
    ("searchmatch", 0): '"a=b* OR c"',
    ("mvfilter", 0): "a=b",
    ("mvfind", 1): '"a.c"',
    ("relative_time", 1): '"-1mon@w1"',
    ("replace", 1): '"(.)x"',
    ("replace", 2): r'"\1"',
    ("spath", 1): '"a{}.b"',
    ("strftime", 1): '"%c %s %N"',
    ("strptime", 1): '"%Y-%m-%d"',
    ("tostring", 1): '"hex"',
}
TRUTHS = {("case", 0), ("if", 0), ("validate", 0)}


def calls() -> list[str]:
    found = []
    for name, function in FUNCTIONS.items():
        for count in {function.least, min(function.most, function.least + 2)}:
            if name == "printf":
                continue  # the number of its arguments depends on its format
            if name in ("case", "validate", "json_object") and count % 2:
                continue
            arguments = [
                "a=b"
                if (name, at % 2) in TRUTHS and (name, at) != ("if", 2)
                else CONSTANTS.get((name, at), "abc"[at % 3])
                for at in range(count)
            ]
            arguments = ["a>0"] if name == "mvfilter" else arguments
            found.append(f"{name}({','.join(arguments)})")
    return [*found, 'printf("%05.1f%x%c",a,b,c)', 'tostring(a,"duration")', 'tostring(a,"commas")']


@pytest.fixture(name="environment")
def _environment() -> Environment:
    lookups = Lookups([])
    lookups.add(Lookup.from_rows("known", [{"a": "1", "b": "x"}]))
    return Environment(lookups=lookups, now=1_700_000_000.0)


@pytest.mark.parametrize("spl", calls())
def test_no_value_makes_a_function_fail(spl: str, environment: Environment) -> None:
    expression = compile_expression(Cursor(spl), environment)
    for value in STRANGE:
        for other in (value, "2", "text", ["x", "y"]):
            for row in ({"a": value, "b": other, "c": other}, {"a": other, "b": value, "c": value}, {"a": value}, {}):
                result = expression.evaluate(dict[str, Value](row))
                assert result is None or isinstance(result, (str, int, float, list))
                if isinstance(result, list):
                    assert len(result) > 1
                    assert all(isinstance(one, str) for one in result)
                assert isinstance(result, bool) == (expression.kind == "truth" and result is not None)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_has_a_language_case(name: str) -> None:
    cases = [json.loads(line) for path in LANGUAGE.glob("*.jsonl") for line in path.read_text("utf-8").splitlines()]
    assert any(re.search(rf"\b{name}\s*\(", case["spl"]) for case in cases if not case.get("error"))


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_function_that_cannot_be_run_honestly_is_refused_with_the_reason(name: str, environment: Environment) -> None:
    with pytest.raises(UnsupportedSpl, match=re.escape(REFUSED[name])):
        compile_expression(Cursor(f"{name}(a)"), environment)


@pytest.mark.parametrize("name", sorted(name for name, function in FUNCTIONS.items() if function.most != MANY))
def test_one_argument_too_many_is_an_error(name: str, environment: Environment) -> None:
    arguments = ",".join(["a"] * (FUNCTIONS[name].most + 1))
    with pytest.raises(SplError, match=rf"{name} takes .*, not {FUNCTIONS[name].most + 1}"):
        compile_expression(Cursor(f"{name}({arguments})"), environment)


@pytest.mark.parametrize(
    "spl",
    [
        *("match(a,b)", "mvfind(a,b)", "cidrmatch(b,a)", "relative_time(a,b)", "strftime(a,b)", "strptime(a,b)"),
        *("replace(a,b,c)", "json_extract(a,b)", "json_append(a,b,c)", "json_set(a,b,c)", "spath(a,b)"),
    ],
)
def test_no_text_that_a_row_brings_where_a_pattern_stands_makes_a_function_fail(
    spl: str, environment: Environment
) -> None:
    expression = compile_expression(Cursor(spl), environment)
    for value in [*STRANGE, "(a+)+$", "(?<x>a)", "a" * 2000, "\\1", "10.0.0.0/8", "%Y", "-1d@d", "a.b{0}", "." * 2000]:
        for other in STRANGE:
            expression.evaluate({"a": other, "b": value, "c": value})


def test_a_pattern_from_a_row_that_is_none_gives_null_and_one_warning(environment: Environment) -> None:
    warnings: list[str] = []
    environment.warn = warnings.append
    expression = compile_expression(Cursor("match(a,b)"), environment)
    assert [expression.evaluate({"a": "x", "b": pattern}) for pattern in ("(", "x", "(", "(a+)+")] == [
        *(None, True, None, None)
    ]
    assert len(warnings) == 2
    assert all(warning.startswith("match gives null: ") for warning in warnings)


def test_chance_is_the_same_for_the_same_search_and_differs_between_rows(environment: Environment) -> None:
    first, again = (compile_expression(Cursor("random()"), environment) for _ in range(2))
    row: Row = {}
    drawn = [first.evaluate(row) for _ in range(5)]
    assert drawn == [again.evaluate(row) for _ in range(5)]
    assert len(set(drawn)) > 1
    assert all(isinstance(one, int) and 0 <= one < 2**31 for one in drawn)
