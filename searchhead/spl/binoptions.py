"""Options that say how values are put into bins, the same for bin, chart and timechart."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from searchhead.spl.arguments import integer
from searchhead.spl.lexer import Cursor, Token
from searchhead.spl.operators import Environment
from searchhead.spl.spans import InvalidSpan, span, time_span
from searchhead.spl.times import InvalidTime, parse_time
from searchhead.spl.values import number

MOST_BINS = 50_000  # limits.conf, [discretize] maxbins


def bin_options(environment: Environment) -> dict[str, Callable[[Cursor, Token], Any]]:
    """The readers of the options that say how values are put into bins."""

    def aligntime(cursor: Cursor, token: Token) -> float:
        if token.text in ("earliest", "latest"):
            found = environment.earliest if token.text == "earliest" else environment.latest
            return 0.0 if found is None else found  # assumed: an open time range aligns to epoch 0
        try:
            return parse_time(token.text, environment.now, environment.timezone)
        except InvalidTime as error:
            cursor.fail(str(error), token)

    return {
        "aligntime": aligntime,
        "bins": _bins,
        "end": _number,
        "minspan": checked(time_span),
        "span": checked(span),
        "start": _number,
    }


def checked(make: Callable[[str], Any]) -> Callable[[Cursor, Token], Any]:
    """The reader of an option that is a span."""

    def read(cursor: Cursor, token: Token) -> Any:
        try:
            return make(token.text)
        except InvalidSpan as error:
            cursor.fail(str(error), token)

    return read


def _bins(cursor: Cursor, token: Token) -> int:
    found = integer(cursor, token)
    if not 2 <= found <= MOST_BINS:
        cursor.fail(f"bins lies between 2 and {MOST_BINS}", token)
    return found


def _number(cursor: Cursor, token: Token) -> float:
    found = number(token.text)
    if found is None or not math.isfinite(found):
        cursor.fail("expected a number", token)
    return found
