from __future__ import annotations

from pathlib import Path

import pytest

from searchhead.cases import BASES, Case, check, read_cases
from searchhead.spl.commands import COMMANDS

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


def test_ids_are_unique() -> None:
    ids = [case.id for case in CASES]
    assert sorted(ids) == sorted(set(ids))
