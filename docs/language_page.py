"""docs/spl-subset.md: the search language of the embedded search head, from its modules and its language cases."""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from string import ascii_letters
from types import ModuleType
from urllib.parse import urlsplit

from docs.docstrings import Usage, differences, functions_by_name, markdown, usage
from docs.pieces import table
from searchhead import (
    datamodels,
    eventtypes,
    extractions,
    keyvalues,
    knowledge,
    lookupdefinitions,
    lookups,
    rest,
    tables,
)
from searchhead.cases import Case, read_cases
from searchhead.spl import aggregates, expansion, expressions, grouping, regex, terms, timeranges, times
from searchhead.spl.commands import COMMANDS
from searchhead.spl.functions import FUNCTIONS, REFUSED

ROOT = Path(__file__).resolve().parent.parent
SPL = ROOT / "searchhead" / "spl"
MODELS = ROOT / "searchhead" / "addons" / "cim" / "models"
CASES = ROOT / "tests" / "language"

_INTRODUCTION = """\
The embedded search head runs the search language that this page describes and refuses everything else: a command,
option, function, form or setting that is not here is an error before the first event is read. It names the file, the
line and the place, and says what is supported. Nothing is skipped and nothing passes through.

All this has been compared with Splunk's documentation, not with a running Splunk. Each point is a language case, a line
of JSON in [tests/language](../tests/language) that names the page it comes from and says whether the behaviour is
*stated* there, *derived* from what is, or *assumed* because no page settles it. To run them:
`.venv/bin/python -m searchhead.cases tests/language/*.jsonl`."""
_REFUSED_HERE = "not supported here"


def page() -> str:
    """The text of docs/spl-subset.md."""
    cases = {path.stem: read_cases(path) for path in sorted(CASES.glob("*.jsonl"))}
    every = [case for of_file in cases.values() for case in of_file]
    parts = [
        "# The search language without Splunk",
        "Generated from searchhead/ and tests/language/ by `docs/generate.py`; do not edit.",
        _INTRODUCTION,
        _counts(every),
        *_chapter("Searches", expansion, terms),
        "## Commands",
        "`…` stands for more of the same, `[ ]` for what may be left out, `|` for a choice.",
        *_commands(),
        *_chapter("Eval", expressions),
        "Functions, with the number of arguments. Where nothing else is said, one does what the Search Reference says.",
        _functions(),
        *(f"`{name}` is refused: {reason}." for name, reason in sorted(REFUSED.items())),
        *_chapter("Statistical functions", aggregates),
        f"{_in_code(aggregates.SUPPORTED)}. timechart also has {_in_code(grouping.PER)}. `sparkline` is refused.",
        *_chapter("Times", times, timeranges),
        f"Units: {_in_code(times.UNITS)}.",
        f"Variables for writing: {_in_code(f'%{name}' for name in filter(_is_written, ascii_letters + '+'))}.",
        *_chapter("Regular expressions", regex),
        *_chapter("Knowledge", knowledge, extractions, keyvalues, eventtypes, lookupdefinitions, lookups, tables),
        *_chapter("Data models", datamodels),
        _datasets(),
        *_chapter("REST API", rest),
        "## What differs from Splunk",
        _listed(f"`{name}`: {text}" for name, text in differences(ROOT / "searchhead")),
        "## What Splunk has and is refused here",
        _listed(f"`{case.spl}`: {_said(case)}" for case in every if case.error and _REFUSED_HERE in case.basis),
        "## What is assumed",
        "No page that we know of settles these; a live Splunk may do otherwise.",
        *_assumptions(cases),
    ]
    return "\n\n".join(parts) + "\n"


def _counts(cases: list[Case]) -> str:
    bases = Counter(case.basis.partition(" ")[0].rstrip(":,;") for case in cases)
    refused = sum(case.error for case in cases)
    shown = ", ".join(f"{bases[basis]} {basis}" for basis in ("stated", "derived", "assumed"))
    return f"There are {len(cases)} cases: {shown}; {refused} of them are texts that must be refused."


def _chapter(title: str, *modules: ModuleType) -> list[str]:
    return [f"## {title}", *(markdown(module.__doc__ or "") for module in modules)]


def command_usages() -> dict[str, Usage]:
    """What the docstring of its module says of each command, by the name of the command."""
    return {name: usage(_module(compile_command).__doc__ or "") for name, compile_command in COMMANDS.items()}


def _module(function: Callable[..., object]) -> ModuleType:
    return sys.modules[function.__module__]


def _commands() -> list[str]:
    """One part a module, under the names of its commands."""
    names: dict[str, list[str]] = {}
    for name, compile_command in COMMANDS.items():
        names.setdefault(compile_command.__module__, []).append(name)
    parts = []
    for module, those in names.items():
        described = usage(sys.modules[module].__doc__ or "")
        docstrings = [inspect.getdoc(COMMANDS[name]) or "" for name in those]
        notes = [described.notes, *dict.fromkeys(docstrings)]
        purpose = markdown(described.purpose)
        parts += [
            f"### {', '.join(those)}",
            "```\n" + "\n".join(described.grammars) + "\n```",
            f"{purpose[:1].upper()}{purpose[1:]}",
            *(markdown(note) for note in notes if note),
        ]
    return parts


def _functions() -> str:
    said = functions_by_name(SPL / "functions")
    rows = []
    for name, function in sorted(FUNCTIONS.items()):
        what = markdown(said[name].replace("\n", " ")) if name in said else ""
        rows.append((f"`{name}`", function.arity().removesuffix("s").removesuffix(" argument"), what))
    return table(("function", "arguments", "what it gives"), rows)


def _is_written(variable: str) -> bool:
    try:
        times.TimeFormat(f"%{variable}")
    except times.InvalidTimeFormat:
        return False
    return True


def _in_code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _datasets() -> str:
    rows = []
    for path in sorted(MODELS.glob("*.json")):
        for name, described in json.loads(path.read_text(encoding="utf-8")).items():
            rows.append((f"`{path.stem}.{name}`", f"`{described['constraint']}`"))
    return table(("dataset", "events that match"), rows)


def _assumptions(cases: dict[str, list[Case]]) -> list[str]:
    parts = []
    for name, of_file in cases.items():
        assumed = [case for case in of_file if case.basis.startswith("assumed")]
        if assumed:
            parts += [f"### In {name}", _listed(map(_assumption, assumed))]
    return parts


def _assumption(case: Case) -> str:
    return f"{_said(case)} ([{_page(case.source)}]({case.source}), case `{case.id}`)"


def _said(case: Case) -> str:
    """What the basis of a case says, without its first word."""
    said = markdown(re.sub(r"^\w+[ :,;]*", "", case.basis)) or case.id.replace("-", " ")
    return f"{said[:1].upper()}{said[1:]}" if re.match(r"[a-z]+[ ,:]", said) else said


def _page(source: str) -> str:
    return urlsplit(source).path.rstrip("/").rpartition("/")[2]


def _listed(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)
