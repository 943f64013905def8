"""Properties of the whole language: no text crashes the compiler, hangs it, or is read in part only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searchhead.cases import read_cases
from searchhead.lookups import Lookup, Lookups
from searchhead.spl.errors import SplError
from searchhead.spl.lexer import Cursor, Token
from searchhead.spl.operators import Environment
from searchhead.spl.pipeline import compile_pipeline, compile_search, run

CASES = [case for path in sorted((Path(__file__).parent / "language").glob("*.jsonl")) for case in read_cases(path)]
VALID = sorted({case.spl for case in CASES if not case.error and not case.macros and len(case.spl) < 300})
# What the texts of cases are made of, and what breaks parsers.
PIECES = [
    *(
        "|",
        "[",
        "]",
        "(",
        ")",
        '"',
        "'",
        "`",
        "```",
        "\\",
        "=",
        "!=",
        "<",
        ",",
        ".",
        "*",
        "-",
        "$",
        "<<FIELD>>",
        "\0",
        "é",
    ),
    *(" by ", " AS ", " OVER ", " where ", " NOT ", " OR ", " IN ", " eval ", "span=1h", "limit=", "a=1", "count", "5"),
]


def environment() -> Environment:
    lookups = Lookups([])
    lookups.add(Lookup.from_rows("known", [{"a": "1"}]))
    return Environment(lookups=lookups, events=lambda: iter([]))


def compiles(spl: str, compile_text: Callable[[str, Environment], object]) -> bool:
    """Whether the text compiles; any error but the one that names a place is a failure of the test."""
    try:
        compile_text(spl, environment())
    except SplError as caught:
        error = caught
    else:
        return True
    assert 0 <= error.start < error.end
    assert str(error)
    return False


@contextmanager
def recorded() -> Iterator[dict[int, tuple[Cursor, int, int, list[tuple[int, int]]]]]:
    """The cursors that are made meanwhile, each with its span and the spans of what was taken from it."""
    taken: dict[int, tuple[Cursor, int, int, list[tuple[int, int]]]] = {}
    make, following, rest = Cursor.__init__, Cursor.next, Cursor.rest

    def made(cursor: Cursor, spl: str, start: int = 0, end: int | None = None, *, expression: bool = False) -> None:
        make(cursor, spl, start, end, expression=expression)
        taken[id(cursor)] = (cursor, start, len(spl) if end is None else end, [])

    def took(cursor: Cursor) -> Token:
        token = following(cursor)
        taken[id(cursor)][3].append((token.start, token.end))
        return token

    def took_rest(cursor: Cursor) -> str:
        start = cursor.position
        found = rest(cursor)
        taken[id(cursor)][3].append((start, start + len(found)))
        return found

    with patch.multiple(Cursor, __init__=made, next=took, rest=took_rest):
        yield taken


def left_over(cursor: Cursor, start: int, end: int, spans: list[tuple[int, int]]) -> str:
    """What was not taken from a cursor from which anything was; one that was only looked at leaves nothing over."""
    if not spans:
        return ""
    covered = {at for first, last in spans for at in range(first, last)}
    return "".join(cursor.spl[at] for at in range(start, end) if at not in covered).strip()


def assert_read_completely(spl: str, compile_text: Callable[[str, Environment], object]) -> None:
    with recorded() as taken:
        if compiles(spl, compile_text):
            assert [left for one in taken.values() if (left := left_over(*one))] == []


@pytest.mark.parametrize("spl", VALID)
def test_every_character_of_a_search_that_compiles_was_read(spl: str) -> None:
    assert_read_completely(spl, compile_pipeline)
    assert_read_completely(spl, compile_search)


@settings(max_examples=400, deadline=2000, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(VALID), st.lists(st.tuples(st.integers(0, 300), st.integers(0, 3), st.sampled_from(PIECES))))
def test_a_search_that_was_changed_is_refused_or_read_completely(spl: str, edits: list[tuple[int, int, str]]) -> None:
    for at, removed, piece in edits[:3]:
        place = at % (len(spl) + 1)
        spl = spl[:place] + piece + spl[place + removed :]
    assert_read_completely(spl, compile_pipeline)


@settings(max_examples=300, deadline=2000)
@given(st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=40).map("".join)))
def test_no_text_crashes_or_hangs_the_compiler(spl: str) -> None:
    compiles(spl, compile_search)
    compiles(f"| {spl}", compile_pipeline)
    compiles(f"eval x={spl}", compile_pipeline)


@pytest.mark.parametrize(
    "piece", ["(", "[", "NOT ", "-", "a AND (", "if(", "eval x=", "| search [", "'", '"', "`", "+"]
)
def test_deep_nesting_is_refused_and_does_not_crash(piece: str) -> None:
    compiles(piece * 20_000, compile_search)
    compiles("eval x=" + piece * 20_000, compile_pipeline)


@pytest.mark.parametrize(
    "spl",
    [
        "a=[search " * 1000 + "b" + "]" * 1000,
        "eval x=" + "(" * 45 + "a" + ")" * 45,
        "eval x=" + "+".join(["a"] * 250),
        "eval x=" + ".".join(["a"] * 30_000),
        "search " + "NOT " * 45 + "a=1",
        "where " + " OR ".join(["a=1"] * 5000),
        "search " + " OR ".join(["a=1"] * 5000),
    ],
)
def test_what_compiles_runs_however_deep_or_long_it_is(spl: str) -> None:
    if compiles(spl, compile_pipeline):
        list(run(compile_pipeline(spl, environment()), [{"a": "1"}]))
