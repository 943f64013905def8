from zoneinfo import ZoneInfo

import pytest

from searchhead.lookups import Lookups
from searchhead.spl.errors import SplError
from searchhead.spl.expressions import compile_text
from searchhead.spl.operators import Environment
from searchhead.spl.values import Row, Value

ENVIRONMENT = Environment(lookups=Lookups([]), now=1_700_000_000.75, timezone=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("spl", "row", "expected"),
    [
        ("now()", {}, 1_700_000_000),
        ("time()", {}, 1_700_000_000.75),
        ('relative_time(a,"now")', {"a": "5.5"}, 5.5),
        ('relative_time(a,"-1d@d")', {}, None),
        ('relative_time(a,"-1d@d")', {"a": "soon"}, None),
        ('strftime(a,"%F %T %Z")', {"a": "1700000000"}, "2023-11-14 23:13:20 CET"),
        ('strftime(a,"%F")', {"a": ["1", "2"]}, None),
        ('strptime(a,"%F %T")', {"a": "2023-11-14 23:13:20"}, 1_700_000_000),
        ('strptime(a,"%H:%M")', {"a": "23:13"}, 1_699_999_980),
        ('strptime(a,"%F")', {}, None),
    ],
)
def test_time_functions_use_the_clock_and_the_zone_of_the_search(spl: str, row: Row, expected: Value | None) -> None:
    assert compile_text(spl, ENVIRONMENT).evaluate(row) == expected


@pytest.mark.parametrize(
    ("spl", "message"),
    [
        ('relative_time(a,"yesterday")', "relative_time: 'yesterday' is no time modifier"),
        ('strftime(a,"%Ez")', "strftime: .* is not supported"),
        ('strptime(a,"%Y-%m")', "strptime: .* needs year, month and day"),
    ],
)
def test_what_a_time_function_cannot_do_is_refused(spl: str, message: str) -> None:
    with pytest.raises(SplError, match=message):
        compile_text(spl, ENVIRONMENT)
