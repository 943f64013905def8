from __future__ import annotations

import pytest

from searchhead.spl.compiling import split_at_pipes, streaming
from searchhead.spl.errors import SplError


@pytest.mark.parametrize(
    ("spl", "parts"),
    [
        ("a", ["a"]),
        ("a|b | c", ["a", "b ", " c"]),
        ('a="x|y" | b', ['a="x|y" ', " b"]),
        ('"a \\" | b" | c', ['"a \\" | b" ', " c"]),
        ("a [b | c [d | e]] | f", ["a [b | c [d | e]] ", " f"]),
        ('[a "]" | b] | c', ['[a "]" | b] ', " c"]),
        ("| a", ["", " a"]),
    ],
)
def test_pipes_in_quotes_and_brackets_do_not_count(spl: str, parts: list[str]) -> None:
    assert [spl[start:end] for start, end in split_at_pipes(spl)] == parts


@pytest.mark.parametrize("spl", ['a "b', "a [b"])
def test_what_is_not_closed_is_refused(spl: str) -> None:
    with pytest.raises(SplError):
        split_at_pipes(spl)


def test_a_streaming_plan_gives_fresh_operators() -> None:
    plan = streaming(lambda rows: rows)
    assert plan.start() is not plan.start()
    assert list(plan.start().process([{"a": "1"}])) == [{"a": "1"}]
