"""What a search text names: its commands with their texts, and in these the functions and options."""

from __future__ import annotations

import re
from collections.abc import Iterator

from searchhead.spl.compiling import split_at_pipes
from searchhead.spl.errors import SplError
from searchhead.spl.lexer import closing_bracket

# Commands that compute statistics: what stands before a parenthesis there is an aggregate, but within eval(…).
STATISTICS = frozenset({"chart", "eventstats", "stats", "streamstats", "timechart", "tstats"})
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_CALL = re.compile(r"([a-z_][a-z0-9_.]*)\s*\(")
_BARE_COUNT = re.compile(r"(?<![\w(.=])(count|c)(?![\w(.=])")
_OPTION = re.compile(r"(?<![\w.'])([a-z_][a-z0-9_]*)\s*=(?!=)")


def commands(spl: str) -> Iterator[tuple[str, str]]:
    """Each command, those in brackets included, with its text without the brackets' content."""
    try:
        spans = split_at_pipes(spl)
    except SplError:
        return
    for start, end in spans:
        text = spl[start:end]
        while (opening := _STRING.sub(lambda found: "_" * len(found[0]), text).find("[")) >= 0:
            closing = closing_bracket(text, opening, len(text))
            yield from commands(text[opening + 1 : closing])
            text = f"{text[:opening]} {text[closing + 1 :]}"
        word = re.match(r"\s*(\w+)", text)
        if word:
            yield word[1].lower(), text


def options(text: str) -> set[str]:
    """The names before an equals sign in the text of a command."""
    return set(_OPTION.findall(_STRING.sub('""', text)))


def functions(name: str, text: str) -> tuple[set[str], set[str]]:
    """The functions of eval and the aggregates in the text of a command."""
    bare = _STRING.sub('""', text)
    if name not in STATISTICS:
        return set(_CALL.findall(bare)), set()
    inside, outside = "", ""
    depth = inner = 0
    for part in re.split(r"(\beval\s*\(|[()])", bare):
        depth += part.endswith("(")
        if part.startswith("eval") and not inner:
            inner = depth
        if inner:
            inside += part
        else:
            outside += part
        depth -= part == ")"
        if depth < inner:
            inner = 0
    return set(_CALL.findall(inside)) - {"eval"}, set(_CALL.findall(outside)) | set(_BARE_COUNT.findall(outside))
