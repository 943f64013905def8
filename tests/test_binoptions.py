import pytest

from searchhead.lookups import Lookups
from searchhead.spl.arguments import options
from searchhead.spl.binoptions import bin_options
from searchhead.spl.errors import SplError
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Environment
from searchhead.spl.spans import NumberSpan, TimeSpan

ENVIRONMENT = Environment(lookups=Lookups([]), now=90_000.0, earliest=3600.0)


def read(spl: str) -> dict[str, object]:
    return options(Cursor(spl), "bin", bin_options(ENVIRONMENT))


def test_options_become_what_they_mean() -> None:
    found = read("span=5m bins=20 minspan=1h start=-1.5 end=2e3 aligntime=@d+1h")
    assert (found["span"], found["bins"], found["minspan"]) == (TimeSpan(5, "minute"), 20, TimeSpan(1, "hour"))
    assert (found["start"], found["end"], found["aligntime"]) == (-1.5, 2000.0, 90_000.0 - 3600 + 3600)


def test_bins_may_be_aligned_to_the_time_range() -> None:
    assert read("aligntime=earliest") == {"aligntime": 3600.0}
    assert read("aligntime=latest") == {"aligntime": 0.0}
    assert isinstance(read("span=10")["span"], NumberSpan)


@pytest.mark.parametrize(
    "spl",
    [
        "bins=1",  # two at least
        "bins=60000",  # more than the limit
        "span=x",  # no span
        "minspan=5",  # no span of time
        "start=one",  # no number
        "end=1e999",  # not finite
        "aligntime=someday",  # no time
        "width=5",  # no such option
    ],
)
def test_a_wrong_option_is_refused(spl: str) -> None:
    with pytest.raises(SplError):
        read(spl)
