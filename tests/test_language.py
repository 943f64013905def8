from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from docs.language_page import command_usages
from searchhead.cases import BASES, Case, check, read_cases
from searchhead.spl import aggregates, grouping
from searchhead.spl.commands import COMMANDS
from searchhead.spl.functions import FUNCTIONS
from tests.spl_texts import commands, functions, options

FILES = sorted((Path(__file__).parent / "language").glob("*.jsonl"))
CASES = [case for path in FILES for case in read_cases(path)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_language_does_what_its_source_says(case: Case) -> None:
    difference = check(case)
    assert difference is None, f"{case.place}: {case.spl}\n  {difference}"


def test_every_command_has_a_file_of_cases() -> None:
    assert set(COMMANDS) <= {path.stem for path in FILES}


def test_every_command_has_a_case_that_is_refused_and_one_that_runs() -> None:
    kinds = {(Path(case.place.partition(":")[0]).stem, case.error) for case in CASES}
    assert [name for name in COMMANDS if not {(name, True), (name, False)} <= kinds] == []


def test_every_case_names_its_source_and_its_basis() -> None:
    assert [case.place for case in CASES if not case.source.startswith("https://")] == []
    assert [case.place for case in CASES if not case.basis.startswith(BASES)] == []
    assert [case.place for case in CASES if len(case.basis.split()) < 2] == []


def test_ids_are_unique() -> None:
    ids = [case.id for case in CASES]
    assert sorted(ids) == sorted(set(ids))


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 400
    assert sum(case.error for case in CASES) >= 60


def test_every_command_is_in_two_cases() -> None:
    used = Counter(name for case in CASES for name in {name for name, _text in commands(case.spl)})
    assert {name: used[name] for name in COMMANDS if used[name] < 2} == {}


def test_every_option_is_in_two_cases_and_accepted_in_one() -> None:
    # Commands of one module are names of one thing, which has its options under each of them.
    module = {name: compile_command.__module__ for name, compile_command in COMMANDS.items()}
    used: Counter[tuple[str, str]] = Counter()
    accepted: set[tuple[str, str]] = set()
    for case in CASES:
        found = {(module.get(name, ""), one) for name, text in commands(case.spl) for one in options(text)}
        used.update(found)
        accepted |= set() if case.error else found
    documented = {(module[name], one) for name, usage in command_usages().items() for one in usage.options}
    assert {one: used[one] for one in documented if used[one] < 2} == {}
    assert documented - accepted == set()


def test_every_function_is_in_two_cases() -> None:
    used = Counter(
        function
        for case in CASES
        for function in set().union(*(functions(name, text)[0] for name, text in commands(case.spl)))
    )
    assert {name: used[name] for name in FUNCTIONS if used[name] < 2} == {}


def test_every_aggregate_is_in_two_cases() -> None:
    used = Counter(
        aggregate.rstrip("0123456789.")
        for case in CASES
        for aggregate in set().union(*(functions(name, text)[1] for name, text in commands(case.spl)))
    )
    names = [*grouping.PER, *(name.removesuffix("<n>") for name in aggregates.SUPPORTED)]
    assert {name: used[name] for name in names if used[name] < 2} == {}
