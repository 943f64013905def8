from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs.docstrings import NotInForm, differences, functions_by_name, markdown, usage
from docs.language_page import command_usages
from docs.pieces import anchor
from searchhead.lookups import Lookups
from searchhead.spl.commands import COMMANDS
from searchhead.spl.errors import SplError
from searchhead.spl.operators import Environment
from searchhead.spl.pipeline import compile_pipeline
from tests.apps import ROOT, package_abuse

# The text of every page. What stands in a block of code is no link and no heading: a comment may look like one.
PAGES = {
    page: re.sub(r"(?ms)^ *```.*?^ *```", "", page.read_text(encoding="utf-8"))
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"))
}


def test_the_generated_pages_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_comparison_has_every_case_and_nothing_of_ours_is_wrong_in_it() -> None:
    page = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if re.match(r"\| (?:hit|evasion|near miss|exception) \|", line)]
    assert len(rows) == len(list((ROOT / "tests" / "detections").glob("*/*.toml")))
    assert [row for row in rows if "MISSES IT" in row or "REPORTS IT" in row] == []


def test_every_link_leads_to_a_file_and_a_heading_in_it() -> None:
    broken = [
        f"{page.name}: {link}"
        for page, text in PAGES.items()
        for link in re.findall(r"\]\(([^)\s]+)\)", text)
        if "://" not in link and not _leads_somewhere(page, link)
    ]
    assert broken == []


def _leads_somewhere(page: Path, link: str) -> bool:
    name, _, heading = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    return target.exists() and (not heading or heading in _anchors(PAGES.get(target, "")))


def _anchors(text: str) -> set[str]:
    return {anchor(heading) for heading in re.findall(r"(?m)^#{1,6} (.+)$", text)}


def test_every_page_is_linked_from_the_readme() -> None:
    links = set(re.findall(r"\]\(docs/([^)#]+)", PAGES[ROOT / "README.md"]))
    assert {page.name for page in PAGES if page.parent.name == "docs"} - links == set()


def test_the_page_on_lookups_names_every_definition() -> None:
    overview = PAGES[ROOT / "docs" / "lookups.md"].split("\n## ")[0]
    named = {name for row in re.findall(r"(?m)^\| (`[^|]+)\|", overview) for name in re.findall(r"`(\w+)`", row)}
    stanzas = package_abuse().conf("transforms").stanzas
    assert named == {name for name, stanza in stanzas.items() if {"filename", "collection"} & stanza.keys()}


def test_the_readme_shows_what_the_demo_says() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.split(r"(?m)^ ─+\n", readme[readme.index(" ──") :].partition("\n```\n")[0])
    command = [sys.executable, str(ROOT / "hunt"), "--demo"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    said = "\n".join(line.rstrip() for line in (done.stdout + done.stderr).decode().splitlines())
    *findings, counts = [part for part in shown if part]
    assert [part for part in findings if part not in f"{said}\n"] == []
    for line in counts.splitlines()[1:]:  # the first stands for all other findings
        assert re.sub(r"[\d.]+ s$", "", line) in said


def test_the_generator_refuses_what_it_does_not_know() -> None:
    command = [sys.executable, str(ROOT / "docs" / "generate.py"), "--frob"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "usage: docs/generate.py [--check]\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_docstring_of_a_command_begins_with_its_grammar(name: str) -> None:
    grammars = command_usages()[name].grammars
    names = {one for one, other in COMMANDS.items() if other.__module__ == COMMANDS[name].__module__}
    assert {grammar.split()[0] for grammar in grammars} <= names
    assert [grammar for grammar in grammars if grammar.count("[") != grammar.count("]")] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_docstring_of_a_command_names_the_options_that_the_command_says_it_has(name: str) -> None:
    with pytest.raises(SplError) as refused:
        compile_pipeline(f"{name} frob=1 |", Environment(lookups=Lookups()))
    found = re.search(r'no option "frob"; supported: (.*)', refused.value.message)
    supported = set(found[1].split(", ")) - {"none"} if found else set()
    assert supported <= set(command_usages()[name].options)


def test_a_docstring_gives_grammars_purpose_options_and_notes() -> None:
    found = usage(
        """``frob [<option>=<value> …] [limit=<n>] <field>`` or ``frob all``: fields
        frobbed.

        Or ``frob left=<alias> <alias>.<field>=<text>``: with an alias.

        Options are sep, cont
        and format. What else is to say.

        Unlike Splunk it frobs.
        """
    )
    assert found.grammars == (
        "frob [<option>=<value> …] [limit=<n>] <field>",
        "frob all",
        "frob left=<alias> <alias>.<field>=<text>",
    )
    assert found.purpose == "fields frobbed. Or: with an alias."
    assert found.options == ("limit", "left", "sep", "cont", "format")
    assert found.notes == "Options are sep, cont\nand format. What else is to say."


@pytest.mark.parametrize("docstring", ["Fields.", "``frob`` fields.", "``frob``: fields.\n\nOr ``frob all``."])
def test_a_docstring_without_a_grammar_is_not_in_form(docstring: str) -> None:
    with pytest.raises(NotInForm):
        usage(docstring)


def test_a_docstring_becomes_markdown() -> None:
    text = "A ``b*`` <c> of\n*d*::\n\n    e  = f\n      | g\n\nEnd."
    assert markdown(text) == "A `b*` \\<c> of \\*d\\*:\n\n```\ne  = f\n  | g\n```\n\nEnd."


def test_docstrings_tell_of_functions_and_differences(tmp_path: Path) -> None:
    (tmp_path / "frob.py").write_text(
        '''"""A module.

Unlike Splunk it
is ``small``.
"""

def one():
    """``frob(a, …)`` and ``frobs``: all of ``other``."""

def two():
    """Nothing."""
''',
        encoding="utf-8",
    )
    said = "``frob(a, …)`` and ``frobs``: all of ``other``."
    assert functions_by_name(tmp_path) == {"frob": said, "frobs": said}
    assert differences(tmp_path) == [("frob", "Unlike Splunk it is `small`.")]
