from __future__ import annotations

from searchhead.spl.traces import SAMPLES, Trace
from searchhead.spl.values import Row


def test_a_trace_keeps_all_fields_and_the_first_rows() -> None:
    trace = Trace.of(2)
    rows: list[Row] = [{"n": str(number)} for number in range(SAMPLES)]
    assert [dict(row) for row in trace.noted(1, [*rows, {"m": "1"}])] == [*rows, {"m": "1"}]
    assert trace.fields == [set(), {"n", "m"}]
    assert trace.samples == [[], rows]


def test_the_rows_that_are_kept_are_those_that_came() -> None:
    trace = Trace.of(1)
    for row in trace.noted(0, [{"n": "1"}]):
        row["n"] = "2"
    assert trace.samples == [[{"n": "1"}]]
