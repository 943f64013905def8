import pytest

from searchhead.lookups import Lookups
from searchhead.spl.charting import Choice, Style
from searchhead.spl.chartoptions import Binning, ChartReader
from searchhead.spl.errors import SplError
from searchhead.spl.lexer import Cursor
from searchhead.spl.operators import Environment
from searchhead.spl.spans import NumberSpan, TimeSpan, span

WARNINGS: list[str] = []
ENVIRONMENT = Environment(lookups=Lookups([]), warn=WARNINGS.append)


def style(spl: str) -> Style:
    cursor = Cursor(spl)
    reader = ChartReader(cursor, "chart", ENVIRONMENT)
    aggregations = reader.aggregations(("BY",))
    cursor.next()
    columns = reader.split()
    return reader.finish(True, aggregations, [columns.field])


@pytest.mark.parametrize(
    ("spl", "choice"),
    [
        ("count by a", Choice(10)),
        ("limit=3 count by a", Choice(3)),
        ("limit=top3 count by a", Choice(3)),
        ("limit=bottom 3 count by a", Choice(3, bottom=True)),
        ("limit=0 count by a", Choice(0)),
    ],
)
def test_limits_choose_series(spl: str, choice: Choice) -> None:
    assert style(spl).choice == choice


def test_options_may_stand_anywhere() -> None:
    found = style("nullstr=n count otherstr=o by a useother=f usenull=0 sep=-")
    assert (found.nullstr, found.otherstr, found.useother, found.usenull) == ("n", "o", False, False)
    assert found.format == "$AGG$-$VAL$"


def test_a_where_clause_goes_before_limit_and_agg() -> None:
    choice = style("limit=3 agg=max(x) count by a where sum notin bottom2").choice
    assert (choice.count, choice.bottom, choice.excluded, choice.cells) == (2, True, True, True)
    choice = style("count by a where avg(x) > 1.5").choice
    assert (choice.above, choice.below, choice.cells) == (1.5, None, False)


@pytest.mark.parametrize("spl", ["count by a where sum", "count by a where sum > x", "limit=top count by a", "by a"])
def test_what_is_not_understood_is_refused(spl: str) -> None:
    with pytest.raises(SplError):
        style(spl)


def test_gaps_between_bins_are_filled() -> None:
    bins = Binning(span=span("0.1")).bins_of("n", [0.0, 0.31], ENVIRONMENT)
    assert bins.fill(["0-0.1", "0.3-0.4"]) == ["0-0.1", "0.1-0.2", "0.2-0.3", "0.3-0.4"]


def test_too_many_gaps_stay_with_a_warning() -> None:
    WARNINGS.clear()
    bins = Binning(span=TimeSpan(1, "second")).bins_of("_time", [], ENVIRONMENT)
    assert bins.fill([0.0, 1e9]) == [0.0, 1e9]
    assert WARNINGS == ["more than 50000 bins are needed to fill the gaps; they stay"]


def test_without_a_span_the_width_is_a_power_of_ten() -> None:
    assert Binning(bins=10).bins_of("n", [0.0, 95.0], ENVIRONMENT).label("95") == "90-100"
    assert Binning(span=NumberSpan(span("7").width)).bins_of("n", [], ENVIRONMENT).label("x") == "x"  # type: ignore[union-attr]  # a span of a number
