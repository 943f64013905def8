"""``search <terms>``: rows that match terms, comparisons and subsearches."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from searchhead.spl.commands.format import subsearch_terms
from searchhead.spl.compiling import Compilation, Plan
from searchhead.spl.lexer import Cursor, Token
from searchhead.spl.matching import Terms
from searchhead.spl.operators import Environment, Streaming
from searchhead.spl.rawterms import Test
from searchhead.spl.terms import compile_terms
from searchhead.spl.values import Row

_SUBSEARCH_ROWS = 10_000  # limits.conf, [subsearch] maxout


@dataclass(frozen=True)
class Condition:
    """Terms in which subsearches may stand: ``terms`` before these have run, ``start`` runs them and gives all."""

    terms: Terms
    start: Callable[[], Terms]


def compile_condition(cursor: Cursor, compilation: Compilation, *, leading: bool = False) -> Condition:
    """Compile terms to the end of the cursor; see ``compile_terms``."""
    subsearches: list[tuple[Token, Callable[[], list[Row]]]] = []
    start = cursor.position
    derived = compilation.environment.derived

    def found(token: Token) -> None:
        subsearches.append((token, compilation.subsearch(cursor, token, early=True)))

    terms = compile_terms(cursor, leading=leading, subsearch=found, derived=derived)
    spl, end = cursor.spl, cursor.position

    def whole() -> Terms:
        if not subsearches:
            return terms
        text = _with_results(spl, start, end, subsearches, compilation.environment)
        return compile_terms(Cursor(text), leading=leading)

    return Condition(terms, whole)


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
