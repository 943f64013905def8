"""``./hunt exceptions check`` over an app of the test's own, and what the app of this checkout says in the same way."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from searchhead.exceptioncheck import Review, exceptions_command
from tests.apps import written_app

REVIEW = Review("Small - Review", problems="problems", action="action", notes=frozenset({"ends_soon"}))

APP = {
    "default/app.conf": "[ui]\nlabel = Small\n",
    "default/transforms.conf": "[allowed]\nfilename = allowed.csv\nmatch_type = WILDCARD(thing)\n",
    "default/savedsearches.conf": r"""
[Small - Review]
search = | inputlookup allowed \
| eval problems=mvappend(if(isnull(thing), "empty_thing", null()), if(until="gone", "over", null()), \
 if(until="soon", "ends_soon", null()), if(thing="*", "allows_all", null())), \
 action=case(thing="*", "Narrow it.", until="gone", "Remove the row.", isnotnull(problems), "Look at it.")
""",
    "lookups/allowed.csv.default": "thing,until,reason\n",
}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    return written_app(tmp_path / "app", APP).path


def check(app: Path, content: str | bytes) -> Result:
    file = app.parent / "site.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return run(app, str(file))


def run(app: Path, *arguments: str) -> Result:
    return CliRunner().invoke(exceptions_command(app, "allowed", REVIEW), arguments)


def lines(app: Path, result: Result) -> list[str]:
    return [line.removeprefix(f"{app.parent}/") for line in result.stdout.splitlines()]


def test_a_good_file_is_silence_and_status_0(app: Path) -> None:
    result = check(app, "thing,until,reason\nviewer*,never,because\n")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "rows: 1, lines with problems: 0\n")
    assert check(app, "thing,until,reason\n").exit_code == 0


def test_each_row_with_problems_is_a_line_with_its_place_its_name_and_what_to_do(app: Path) -> None:
    result = check(app, 'thing,until,reason\n\n,gone,"two\nlines"\nfine,never,x\n*,,y\n')
    assert result.exit_code == 1
    assert lines(app, result) == [
        "site.csv:3: gone, two\\u000alines: empty thing, over: Remove the row.",
        "site.csv:6: y: allows all: Narrow it.",
    ]
    assert result.stderr == "rows: 3, lines with problems: 2\n"


def test_a_note_alone_leaves_the_status_0(app: Path) -> None:
    result = check(app, "thing,until,reason\nviewer*,soon,because\n")
    assert result.exit_code == 0
    assert lines(app, result) == ["site.csv:2: note: viewer*, soon, because: ends soon: Look at it."]
    both = check(app, "thing,until,reason\n*,soon,because\n")
    assert both.exit_code == 1
    assert lines(app, both) == ["site.csv:2: soon, because: ends soon, allows all: Narrow it."]


def test_what_the_form_and_what_the_meaning_get_wrong_stand_in_the_order_of_lines(app: Path) -> None:
    result = check(app, "\ufeffthing,until,reason\n*,never,-\n=1+1,gone,x\n")
    assert result.exit_code == 1
    assert lines(app, result) == [
        "site.csv:1: the file begins with a byte order mark, which may hide its first column: save as UTF-8 without",
        "site.csv:2: never, -: allows all: Narrow it.",
        "site.csv:3: =1+1, gone, x: a spreadsheet computes the cell thing: begin it with another character",
        "site.csv:3: =1+1, gone, x: over: Remove the row.",
    ]


def test_a_file_that_is_no_such_table_is_status_2(app: Path) -> None:
    result = check(app, "thing,when\nx,y\n")
    assert (result.exit_code, result.stderr) == (2, "")
    assert lines(app, result) == [
        "site.csv: line 1: the header lacks 'until', 'reason'",
        "site.csv: line 1: the header has unknown columns: 'when'",
        "site.csv: line 1: the header must be thing,until,reason",
    ]
    missing = run(app, str(app / "missing.csv"))
    assert (missing.exit_code, missing.stdout.endswith("missing.csv: cannot be read: No such file or directory\n")) == (
        *(2, True),
    )


def test_nothing_printed_acts_on_a_terminal(app: Path) -> None:
    result = check(app, "thing,until,reason\n\x1b]0;owned\x07,gone,\u202ex\n")
    assert lines(app, result) == ["site.csv:2: \\u001b]0;owned\\u0007, gone, \\u202ex: over: Remove the row."]
    assert "\x1b" not in run(app, "\x1b[2J").stdout


def test_a_long_row_is_named_by_its_beginning(app: Path) -> None:
    [line] = lines(app, check(app, f"thing,until,reason\n{'x' * 200},gone,y\n"))
    assert line == f"site.csv:2: {'x' * 119}…: over: Remove the row."


def test_a_row_of_nothing_but_stars_has_a_name_too(app: Path) -> None:
    assert lines(app, check(app, "thing,until,reason\n*,*,\n"))[0] == "site.csv:2: *: allows all: Narrow it."


@pytest.mark.parametrize("arguments", [[], ["a.csv", "b.csv"], ["--format", "jsonl", "a.csv"]])
def test_wrong_usage_is_status_2(app: Path, arguments: list[str]) -> None:
    assert run(app, *arguments).exit_code == 2


def other(folder: Path, search: str) -> Path:
    return written_app(folder / "app", {**APP, "default/savedsearches.conf": search}).path


def test_a_review_that_is_not_there_is_one_message(tmp_path: Path) -> None:
    result = check(other(tmp_path, "[Other]\nsearch = | makeresults\n"), "thing,until,reason\n")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "hunt: savedsearches.conf: the app app has no search of the name 'Small - Review'\n"


@pytest.mark.parametrize("more", ["sort thing", "where until=1", "append [| makeresults]"])
def test_a_review_of_other_rows_is_refused_because_nobody_knew_their_lines(tmp_path: Path, more: str) -> None:
    app = other(tmp_path, f"[Small - Review]\nsearch = | inputlookup allowed | {more} | eval problems=1\n")
    result = check(app, "thing,until,reason\nb,x,y\na,x,y\n")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("hunt: Small - Review: the search gave other rows than the file has")
