from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from searchhead.cases import MalformedCase, check, main, read_cases


def _write(path: Path, *cases: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(case) + "\n" for case in cases), encoding="utf-8")
    return path


def _check(tmp_path: Path, **case: Any) -> str | None:
    given = {"id": "x", "source": "https://example.org", "basis": "stated", **case}
    return check(read_cases(_write(tmp_path / "x.jsonl", given))[0])


@pytest.mark.parametrize(
    "case",
    [
        {"spl": "eval b=a+1", "input": [{"a": "1"}], "expected": [{"a": "1", "b": 2}]},
        {"spl": "a=1", "input": [{"a": "1"}, {"a": "2"}], "expected": [{"a": "1"}]},  # implied search
        {"spl": "search a=1", "input": [{"a": "1"}], "expected": [{"a": "1"}]},
        {"spl": "stats=5", "input": [{"stats": "5"}, {"a": "1"}], "expected": [{"stats": "5"}]},  # no command
        {"spl": "| makeresults | eval a=1", "input": [{"b": "1"}], "expected": [{"a": 1}]},
        {"spl": "*", "input": [{"a": 1}, {"a": 2}], "expected": [{"a": 2}, {"a": 1}]},  # order does not count
        {"spl": "*", "input": [{"a": None, "b": [], "c": ["x"]}], "expected": [{"c": "x", "d": None}]},
        {"spl": "*", "input": [{"a": ["1", "2"]}], "expected": [{"a": [1, 2.0]}]},
        {"spl": "*", "input": [{"a": 1, "_b": 2}], "expected": [{"a": 1}]},
        {"spl": "*", "input": [{"a": 1, "_b": 2}], "expected": [{"a": 1, "_b": 2}]},
        {"spl": "eval a=a/3", "input": [{"a": 1}], "expected": [{"a": 0.3333333333}]},
        {"spl": "eval a=now()", "input": [{"b": 1}], "expected": [{"b": 1, "a": 77}], "now": 77},
        {"spl": 'eval a=strftime(0,"%H")', "input": [{}], "expected": [{"a": "01"}], "tz": "Europe/Berlin"},
        {
            "spl": "`m(1)`",
            "input": [{"a": 1}],
            "expected": [{"a": 1}],
            "macros": {"m(1)": {"args": ["x"], "definition": "a=$x$"}},
        },
        {"spl": "`m`", "input": [{"a": 1}], "expected": [{"a": 1}], "macros": {"m": "a=1"}},
        {"spl": "frob", "input": [{"a": 1}], "expected": []},  # a term, found in no event
        {"spl": "| frob", "input": [], "expected": [], "error": True},
        {
            "spl": "lookup l A output b",
            "input": [{"A": "X"}],
            "expected": [{"A": "X", "b": "1"}],
            "lookups": {"l": {"rows": [{"A": "x", "b": "1"}], "definition": {"case_sensitive_match": False}}},
        },
        {
            "spl": "outputlookup l",
            "input": [{"a": "1"}],
            "expected": [{"a": "1"}],
            "lookups": {"l": {"rows": []}},
            "lookups_after": {"l": [{"a": 1}]},
        },
    ],
    ids=lambda case: json.dumps(case)[:60],
)
def test_a_case_that_is_right_passes(tmp_path: Path, case: dict[str, Any]) -> None:
    assert _check(tmp_path, **case) is None


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ({"spl": "*", "input": [{"a": 1}], "expected": []}, "found, but not expected"),
        ({"spl": "*", "input": [], "expected": [{"a": 1}]}, "expected, but not found"),
        ({"spl": "*", "input": [{"a": 1}], "expected": [{"a": 1}, {"a": 1}]}, "expected, but not found"),
        ({"spl": "*", "input": [{"a": "x"}], "expected": [{"a": "X"}]}, "expected, but not found"),
        ({"spl": "*", "input": [{"a": ""}], "expected": [{}]}, "expected, but not found"),
        ({"spl": "*", "input": [{"a": 1}], "expected": [{"a": 1, "_b": 2}]}, "expected, but not found"),
        (
            {"spl": "*", "input": [{"a": 1}, {"a": 2}], "expected": [{"a": 2}, {"a": 1}], "ordered": True},
            "in this order",
        ),
        ({"spl": "*", "input": [{"a": ["x", "y"]}], "expected": [{"a": ["y", "x"]}]}, "expected, but not found"),
        ({"spl": "*", "input": [{"a": 1}], "expected": [{"a": 1.00001}]}, "expected, but not found"),
        ({"spl": "| frob", "input": [], "expected": []}, "refused"),
        ({"spl": "*", "input": [{"a": 1}], "expected": [], "error": True}, "must be refused"),
        (
            {"spl": "| from datamodel:E.P", "input": [], "expected": [], "datamodels": {"E.P": [{"P.a": 1}]}},
            "found, but not expected",
        ),
        (
            {
                "spl": "outputlookup l",
                "input": [{"a": 1}],
                "expected": [{"a": 1}],
                "lookups": {"l": {"rows": []}},
                "lookups_after": {"l": [{"a": 2}]},
            },
            "lookup l afterwards",
        ),
    ],
    ids=lambda case: json.dumps(case)[:60],
)
def test_a_case_that_is_wrong_fails(tmp_path: Path, case: dict[str, Any], message: str) -> None:
    difference = _check(tmp_path, **case)
    assert difference is not None
    assert message in difference


def test_a_difference_tells_where_rows_disappeared(tmp_path: Path) -> None:
    difference = _check(tmp_path, spl="a=1 | where b=2 | table a", input=[{"a": 1}, {"a": 2}], expected=[{"a": 1}])
    assert difference is not None
    assert difference.splitlines()[-3:] == ["    1 left: a=1", "    0 left: where b=2", "    0 left: table a"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not JSON"),  # cut off
        ("[1]", "a case is a JSON object"),  # a list
        ('{"id": "x"}', "needs an id and spl"),  # nothing to run
        ('{"id": "x", "spl": "*", "expect": []}', "unknown keys: expect"),  # misspelt
        ('{"id": "x", "spl": "*", "input": {}}', "input cannot be {}"),  # no list
        ('{"id": "x", "spl": "*", "input": [{"a": true}]}', "input cannot be true"),  # no truth values in rows
        ('{"id": "x", "spl": "*", "ordered": 1}', "ordered cannot be 1"),  # no truth value
        ('{"id": "x", "spl": "*", "tz": "Mars/Base"}', "tz cannot be"),  # no zone
        ('{"id": "x", "spl": "*", "error": true, "expected": [{}]}', "expects no rows"),  # contradiction
        ('{"id": "x", "spl": "*", "macros": {"m(2)": {"args": ["a"], "definition": "x"}}}', "has 1 arguments"),
        ('{"id": "x", "spl": "*", "lookups": {"l": []}}', "lookups cannot be []"),  # no object
        ('{"id": "x", "spl": "*", "lookups": {"l": {"rows": [], "definition": {"frob": 1}}}}', "frob"),  # no setting
    ],
)
def test_a_line_that_is_no_case_is_an_error_with_its_place(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"id": "ok", "spl": "*"}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(MalformedCase) as error:
        read_cases(path)
    assert str(error.value).startswith(f"{path}:2: ")
    assert message in str(error.value)


def test_the_command_line_counts_and_tells_failures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = {"id": "good", "spl": "*", "input": [{"a": 1}], "expected": [{"a": 1}]}
    bad = {"id": "bad", "spl": "a=2", "input": [{"a": 1}], "expected": [{"a": 1}]}
    assert main([str(_write(tmp_path / "good.jsonl", good, good))]) == 0
    assert capsys.readouterr().out == "2 passed, 0 failed\n"
    assert main([str(tmp_path / "good.jsonl"), str(_write(tmp_path / "bad.jsonl", bad))]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"FAILED bad ({tmp_path / 'bad.jsonl'}:1)"
    assert lines[-1] == "2 passed, 1 failed"


def test_the_command_line_refuses_what_is_no_case_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.jsonl").write_text("{\n", encoding="utf-8")
    assert main([str(tmp_path / "x.jsonl")]) == 2
    assert "x.jsonl:1: not JSON" in capsys.readouterr().err
    assert main([str(tmp_path / "missing.jsonl")]) == 2
    assert main([]) == 2
