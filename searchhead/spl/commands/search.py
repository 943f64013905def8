"""``search <terms>``: rows that match terms, comparisons and subsearches."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from searchhead.spl.commands.format import subsearch_terms
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.lexer import Cursor, Token
from searchhead.spl.operators import Environment, Streaming
from searchhead.spl.rawterms import Test
from searchhead.spl.terms import compile_terms
from searchhead.spl.values import Row

_SUBSEARCH_ROWS = 10_000  # limits.conf, [subsearch] maxout


def compile_search_command(cursor: Cursor, compilation: Compilation) -> Plan:
    """``search`` is implied at the beginning; there it also tells which events can never match."""
    subsearches: list[tuple[Token, Callable[[], list[Row]]]] = []
    start = cursor.position

    def found(token: Token) -> None:
        subsearches.append((token, compilation.subsearch(cursor, token)))

    terms = compile_terms(cursor, leading=compilation.leading, subsearch=found)
    possible = terms.possible

    def could_match(event: Row) -> bool:
        return possible(event) is not False

    if not subsearches:
        return Plan(lambda: Streaming(_filter(terms.matches)), could_match=could_match)
    spl, end = cursor.spl, cursor.position

    def run() -> Streaming:
        text = _with_results(spl, start, end, subsearches, compilation.environment)
        return Streaming(_filter(compile_terms(Cursor(text), leading=compilation.leading).matches))

    return Plan(run, could_match=could_match)


def _filter(matches: Test) -> Callable[[Iterable[Row]], Iterable[Row]]:
    return lambda rows: filter(matches, rows)


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
        rows = rows_of()
        if len(rows) > _SUBSEARCH_ROWS:
            environment.warn(f"a subsearch gave {len(rows)} rows, only the first {_SUBSEARCH_ROWS} count")
            rows = rows[:_SUBSEARCH_ROWS]
        before = spl[at : token.start]
        # As a value the result stands for itself; as a term it is one operand. Assumed: also when it has several parts,
        # as those of return have, so that NOT in front excludes them all.
        result = subsearch_terms(rows)
        parts += [before, result if before.rstrip().endswith(("=", "<", ">")) else f"({result})"]
        at = token.end
    return "".join([*parts, spl[at:end]])
