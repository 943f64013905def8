"""``spath [input=<field>] [output=<field>] [path=<path>|<path>]``: fields out of JSON or XML.

A path goes by names, ``a.b``; in JSON ``{}`` is all of an array and ``{0}`` its first item, in XML ``{1}`` is the first
of several elements and ``{@name}`` an attribute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from searchhead.spl.arguments import at_option, end, options, string, value
from searchhead.spl.compiling import Compilation, Plan, streaming
from searchhead.spl.functions import json_documents
from searchhead.spl.lexer import Cursor
from searchhead.spl.values import Row, multivalue, put, text, texts
from searchhead.spl.xml_documents import at_path, elements, read_path

_OPTIONS = {"input": string, "output": string, "path": string}
_CUTOFF = 5_000  # limits.conf, [spath] extraction_cutoff
_Find = Callable[[str], Iterable[str]]


def compile_spath(cursor: Cursor, compilation: Compilation) -> Plan:
    """Without a path every field is extracted, named by its path. A field that is not found stays as it is.

    Unlike Splunk, which then looks at the first 5,000 characters only, it reads all, with a warning.
    """
    start = cursor.peek()
    given = options(cursor, "spath", _OPTIONS)
    if cursor.peek().kind != "end" and not at_option(cursor):
        if "path" in given:
            cursor.fail("the path is given twice")
        given["path"] = value(cursor).text
        given |= options(cursor, "spath", _OPTIONS)
    end(cursor)
    source, path = given.get("input", "_raw"), given.get("path")
    if path is None and "output" in given:
        cursor.fail("output needs a path", start)
    if path is None:
        return streaming(_extracting(source, compilation.environment.warn))
    try:
        find = _finder(path)
    except ValueError as error:
        cursor.fail(str(error), start)
    output = given.get("output", path)

    def process(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            # Assumed: of a multivalue each value is read.
            found = multivalue(one for document in texts(row.get(source)) for one in find(document))
            if found is not None:
                row[output] = found
            yield row

    return streaming(process)


def _is_xml(document: str) -> bool:
    return document.lstrip().startswith("<")


def _finder(path: str) -> _Find:
    """What finds the texts at a path; a path may be good for JSON, for XML or for both."""
    problems, of_json, of_xml = [], None, None
    try:
        of_json = json_documents.read_path(path)
    except ValueError as error:
        problems.append(error)
    try:
        of_xml = read_path(path)
    except ValueError as error:
        problems.append(error)
    if len(problems) > 1:
        raise problems[0]

    def find(document: str) -> Iterable[str]:
        if _is_xml(document):
            return at_path(document, *of_xml) if of_xml else ()
        parsed = json_documents.parsed(document)
        if of_json is None or parsed is json_documents.MISSING:
            return ()
        return map(_shown, json_documents.at_path(parsed, of_json))

    return find


def _shown(item: Any) -> str:
    # Assumed: null is written as the text null, and what is in an object or array as JSON without blanks.
    found = json_documents.native(item)
    return "null" if found is None or isinstance(found, list) else text(found)


def _extracting(source: str, warn: Callable[[str], None]) -> Callable[[Iterable[Row]], Iterator[Row]]:
    def process(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            found: dict[str, list[str]] = {}
            for document in texts(row.get(source)):
                if len(document) > _CUTOFF:
                    warn(f"spath read all of {source}; Splunk stops at {_CUTOFF} characters")
                for name, one in xml_fields(document) if _is_xml(document) else json_fields(document):
                    found.setdefault(name, []).append(one)
            for name, values in found.items():
                put(row, name, multivalue(values))
            yield row

    return process


def json_fields(document: str) -> Iterator[tuple[str, str]]:
    """Each value of a JSON document with its path: ``a.b``, and ``a{}`` for what stands in an array."""
    parsed = json_documents.parsed(document)
    # A list of what is left instead of recursion, for logs are hostile.
    left: list[tuple[str, Any]] = [("", parsed)] if isinstance(parsed, (dict, list)) else []
    while left:
        path, item = left.pop()
        if isinstance(item, dict):
            left.extend((f"{path}.{name}" if path else name, one) for name, one in reversed(item.items()))
        elif isinstance(item, list):
            left.extend((path + "{}", one) for one in reversed(item))
        elif path:
            yield path, _shown(item)


def xml_fields(document: str) -> Iterator[tuple[str, str]]:
    """Each text of an XML document with its path: ``a.b``, and ``a{@name}`` for an attribute."""
    for element in elements(document):
        for name, one in element.attributes.items():
            yield f"{element.path}{{@{name}}}", one
        # Assumed: an element without text gives no field.
        if element.leaf and element.text.strip():
            yield element.path, element.text.strip()
