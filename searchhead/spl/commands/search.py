"""``search <terms>``: rows that match terms, comparisons and subsearches.

At the beginning of a search its terms may have time modifiers, which set the time range of the search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from searchhead.spl.commands.format import subsearch_terms
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.lexer import Cursor, Token
from searchhead.spl.matching import Terms
from searchhead.spl.operators import Environment, Streaming
from searchhead.spl.rawterms import Test
from searchhead.spl.terms import compile_terms
from searchhead.spl.timeranges import TimeModifiers, TimeRange
from searchhead.spl.values import Row

_SUBSEARCH_ROWS = 10_000  # limits.conf, [subsearch] maxout


@dataclass(frozen=True)
class Condition:
    """Terms in which subsearches may stand: ``terms`` before these have run, ``start`` runs them and gives all.

    ``time_range`` is the one that they set, None if they leave that of the run.
    """

    terms: Terms
    start: Callable[[], Terms]
    time_range: TimeRange | None = None


def compile_condition(cursor: Cursor, compilation: Compilation, *, leading: bool = False) -> Condition:
    """Compile terms to the end of the cursor; see ``compile_terms``."""
    subsearches: list[tuple[Token, Callable[[], list[Row]]]] = []
    open_ones: list[Token] = []
    start = cursor.position
    environment = compilation.environment
    times = TimeModifiers(environment.now, environment.timezone) if leading else None

    def found(token: Token, terms: bool) -> str | None:
        inner = compilation.subsearch(cursor, token, early=True)
        if inner.constant and terms:
            # It may set the time range, which must be known before the first event comes.
            rows = inner()
            subsearches.append((token, lambda: rows))
            return subsearch_terms(first_rows(rows, environment))
        subsearches.append((token, inner))
        open_ones.append(token)
        return None

    terms = compile_terms(cursor, leading=leading, times=times, subsearch=found, derived=environment.derived)
    spl, end = cursor.spl, cursor.position
    time_range = times.time_range if times else None

    @lru_cache(maxsize=1)  # a search that is run again mostly gets the same results, which may be long
    def compiled(text: str) -> Terms:
        cursor = Cursor(text)
        written = TimeModifiers(environment.now, environment.timezone) if leading else None
        found = compile_terms(cursor, leading=leading, times=written)
        if written and written.time_range != time_range:
            cursor.unsupported(
                "a subsearch that reads something cannot give earliest or latest: events come before it runs"
            )
        return found

    def whole() -> Terms:
        return compiled(_with_results(spl, start, end, subsearches, environment)) if open_ones else terms

    return Condition(terms, whole, time_range)


def compile_search_command(cursor: Cursor, compilation: Compilation) -> Plan:
    """``search`` is implied at the beginning; there it also tells which events can never match."""
    condition = compile_condition(cursor, compilation, leading=compilation.leading)
    possible = condition.terms.possible

    def could_match(event: Row) -> bool:
        return possible(event) is not False

    return Plan(
        lambda: Streaming(_filter(condition.start().matches)),
        could_match=could_match,
        text_needs=condition.terms.needs,
        fields=condition.terms.fields,
        streams=True,
        time_range=condition.time_range,
    )


def _filter(matches: Test) -> Callable[[Iterable[Row]], Iterable[Row]]:
    return lambda rows: filter(matches, rows)


def first_rows(rows: list[Row], environment: Environment) -> list[Row]:
    """The rows of a subsearch that count, with a warning if that are not all."""
    if len(rows) > _SUBSEARCH_ROWS:
        environment.warn(f"a subsearch gave {len(rows)} rows, only the first {_SUBSEARCH_ROWS} count")
    return rows[:_SUBSEARCH_ROWS]


def _with_results(
    spl: str,
    start: int,
    end: int,
    subsearches: list[tuple[Token, Callable[[], list[Row]]]],
    environment: Environment,
) -> str:
    """The terms with each subsearch replaced by the terms that its rows make."""
    parts, at = [], start
    for token, rows_of in subsearches:
        rows = first_rows(rows_of(), environment)
        before = spl[at : token.start]
        # As a value the result stands for itself; as a term it is one operand. Assumed: also when it has several parts,
        # as those of return have, so that NOT in front excludes them all.
        result = subsearch_terms(rows)
        parts += [before, result if before.rstrip().endswith(("=", "<", ">")) else f"({result})"]
        at = token.end
    return "".join([*parts, spl[at:end]])
