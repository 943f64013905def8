"""The boolean language of the ``search`` command: which rows match terms and comparisons.

The grammar (the Search Manual: OR binds tighter than AND, which is implied; operators are in capitals)::

    all        = any ([AND] any)*
    any        = not (OR not)*
    not        = NOT not | primary
    primary    = ( all ) | () | field sign value | field IN ( value, … ) | [subsearch]
               | term | "phrase" | TERM(text) | CASE(text)

Values match as text, in any case, with ``*``, any value of a multivalue; a value in CIDR notation matches the addresses
in it. ``!=`` needs the field, ``NOT`` does not. ``<`` and its kind compare as numbers when both sides are numbers.
A term or phrase is looked for in ``_raw``.
"""

from __future__ import annotations

import ipaddress
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

from searchhead.spl.lexer import Cursor, Token, unescape
from searchhead.spl.rawterms import Test, case_sensitive_term, term, whole_term
from searchhead.spl.values import Row, compare, texts, wildcard

Possible = Callable[[Row], bool | None]

# What an event has before its fields are extracted.
DEFAULT_FIELDS = frozenset({"_time", "_raw", "host", "source", "sourcetype", "index", "linecount", "splunk_server"})

_ORDER: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TIME_MODIFIERS = ("earliest", "latest", "_index_earliest", "_index_latest", "starttime", "endtime", "daysago")
_INDEXED_FIELD = re.compile(r"[A-Za-z_][\w.]*::.+")


@dataclass(frozen=True, slots=True)
class Terms:
    """A compiled search expression.

    ``matches`` tells whether a row matches. ``possible`` tells the same of an event that has only its default fields:
    None where that depends on other fields, so that False means that the event never matches.
    """

    matches: Test
    possible: Possible


_OPEN = Terms(lambda _row: True, lambda _row: None)
"""Stands for what is not known before a subsearch has run."""


def compile_terms(cursor: Cursor, *, leading: bool = False, subsearch: Callable[[Token], None] | None = None) -> Terms:
    """Compile what follows to the end of the cursor.

    ``leading`` says that this is the search at the beginning, where time modifiers may stand. ``subsearch`` is called
    with the token of each subsearch, whose place in the result is then empty (compile again with its text to run it);
    without it a subsearch is refused.
    """
    parser = _Parser(cursor, leading, subsearch)
    terms = parser.all()
    if cursor.peek().kind != "end":
        cursor.fail("expected a search term")
    return terms


class _Parser:
    """Recursive descent; each method compiles one line of the grammar."""

    def __init__(self, cursor: Cursor, leading: bool, subsearch: Callable[[Token], None] | None) -> None:
        self._cursor = cursor
        self._leading = leading
        self._subsearch = subsearch

    def all(self) -> Terms:
        """Terms that must all match."""
        parts = [self._any()]
        while True:
            if self._keyword("AND"):
                parts.append(self._any())
            elif self._cursor.peek().kind == "end" or self._cursor.peek().is_symbol(")"):
                return _all(parts)
            else:
                parts.append(self._any())

    def _any(self) -> Terms:
        parts = [self._not()]
        while self._keyword("OR"):
            parts.append(self._not())
        return _any(parts)

    def _not(self) -> Terms:
        return _negation(self._not()) if self._keyword("NOT") else self._primary()

    def _primary(self) -> Terms:
        cursor = self._cursor
        token = cursor.peek()
        if cursor.take_symbol("("):
            if cursor.take_symbol(")"):
                # Assumed: an empty group is what an empty subsearch leaves between its parentheses, and holds for all,
                # so that NOT () holds for none.
                return _constant(True)
            group = self.all()
            cursor.expect_symbol(")")
            return group
        if token.kind == "subsearch":
            if self._subsearch is None:
                cursor.unsupported("a subsearch cannot stand here")
            self._subsearch(cursor.next())
            return _OPEN
        if token.kind not in ("word", "string") or (token.kind == "word" and token.text in ("AND", "OR", "IN")):
            cursor.fail("expected a search term; IN follows a field, and NOT stands before both")
        cursor.next()
        if token.kind == "word" and token.text in ("TERM", "CASE") and cursor.peek().is_symbol("("):
            return self._directive(token)
        sign = cursor.peek()
        if sign.is_symbol("=", "!=", *_ORDER):
            return self._comparison(token, cursor.next().text)
        if sign.kind == "word" and sign.text == "IN":
            return self._membership(token)
        return self._raw_term(token, sign)

    def _raw_term(self, token: Token, following: Token) -> Terms:
        cursor = self._cursor
        if following.is_symbol("=="):
            cursor.fail('the search command compares with "="', following)
        if following.is_keyword("IN") and cursor.spl[following.end :].lstrip().startswith("("):
            cursor.fail("IN is written in capitals", following)
        if token.kind == "word" and _INDEXED_FIELD.fullmatch(token.text):
            cursor.unsupported("field::value asks for an indexed field; write field=value", token)
        wanted = _word(token)
        if not wanted:
            cursor.fail("an empty text is no search term", token)
        if not wanted.strip("*"):
            return _constant(True)
        test = term(wanted)
        return Terms(test, test)

    def _directive(self, name: Token) -> Terms:
        wanted = self._directive_text(name)
        test = whole_term(wanted) if name.text == "TERM" else case_sensitive_term(wanted)
        return Terms(test, test)

    def _directive_text(self, name: Token) -> str:
        cursor = self._cursor
        start = cursor.expect_symbol("(").end
        while not cursor.peek().is_symbol(")"):
            if cursor.next().kind == "end":
                cursor.fail("expected )")
        wanted = cursor.spl[start : cursor.next().start].strip().strip('"')
        if not wanted:
            cursor.fail(f"{name.text}() needs a text", name)
        return wanted

    def _comparison(self, name: Token, sign: str) -> Terms:
        cursor = self._cursor
        self._check_field(name)
        if self._leading and name.text in _TIME_MODIFIERS:
            cursor.unsupported("a time modifier in the search is not supported: the time range is set outside", name)
        value = cursor.next()
        if value.kind == "subsearch" and self._subsearch is not None:
            self._subsearch(value)
            return _OPEN
        self._check_value(value)
        if value.kind == "word" and value.text == "CASE" and cursor.peek().is_symbol("("):
            return self._equality(name.text, sign, _accepts(self._directive_text(value), ignore_case=False))
        wanted = _word(value)
        if sign in _ORDER:
            holds = _ORDER[sign]
            return _field(name.text, lambda found: holds(compare(found, wanted), 0))
        if sign == "=" and wanted.strip("*") == "" and wanted:
            return _present(name.text)
        return self._equality(name.text, sign, _accepts(wanted))

    def _equality(self, field: str, sign: str, accepts: Callable[[str], bool]) -> Terms:
        if sign == "=":
            return _field(field, accepts)
        if sign == "!=":
            # Assumed: a multivalue passes when any of its values differs.
            return _field(field, lambda found: not accepts(found))
        return self._cursor.fail(f"CASE() cannot be compared with {sign}")

    def _membership(self, name: Token) -> Terms:
        cursor = self._cursor
        self._check_field(name)
        cursor.next()
        cursor.expect_symbol("(")
        wanted: list[str] = []
        while True:
            value = cursor.next()
            self._check_value(value)
            wanted.append(_word(value))
            if cursor.take_symbol(")"):
                break
            cursor.take_symbol(",")
        return _field(name.text, _accepts_any(wanted))

    def _check_value(self, value: Token) -> None:
        cursor = self._cursor
        if value.kind not in ("word", "string"):
            cursor.fail("expected a value", value)
        if value.kind == "word" and value.text in ("AND", "OR", "NOT", "IN"):
            cursor.fail(f'an operator as a value stands in quotes: "{value.text}"', value)

    def _check_field(self, name: Token) -> None:
        if "*" in name.text or not name.text:
            self._cursor.unsupported("a comparison needs one field name, without wildcards", name)

    def _keyword(self, word: str) -> bool:
        token = self._cursor.peek()
        if token.kind == "word" and token.text == word:
            self._cursor.next()
            return True
        return False


def _word(token: Token) -> str:
    """The text meant: outside quotes two backslashes are one as well (Search Manual, "Backslashes")."""
    return token.text if token.kind == "string" else unescape(token.text)


def _constant(value: bool) -> Terms:
    return Terms(lambda _row: value, lambda _row: value)


def _all(parts: list[Terms]) -> Terms:
    if len(parts) == 1:
        return parts[0]
    tests = [part.matches for part in parts]
    possibles = [part.possible for part in parts]

    def matches(row: Row) -> bool:
        for test in tests:  # noqa: SIM110 - twice as fast as all() with a generator, and run for every event
            if not test(row):
                return False
        return True

    def possible(row: Row) -> bool | None:
        result: bool | None = True
        for one in possibles:
            found = one(row)
            if found is False:
                return False
            if found is None:
                result = None
        return result

    return Terms(matches, possible)


def _any(parts: list[Terms]) -> Terms:
    if len(parts) == 1:
        return parts[0]
    tests = [part.matches for part in parts]
    possibles = [part.possible for part in parts]

    def matches(row: Row) -> bool:
        for test in tests:  # noqa: SIM110 - as above
            if test(row):
                return True
        return False

    def possible(row: Row) -> bool | None:
        result: bool | None = False
        for one in possibles:
            found = one(row)
            if found is True:
                return True
            if found is None:
                result = None
        return result

    return Terms(matches, possible)


def _negation(part: Terms) -> Terms:
    test, could = part.matches, part.possible

    def possible(row: Row) -> bool | None:
        found = could(row)
        return None if found is None else not found

    return Terms(lambda row: not test(row), possible)


def _field(name: str, accepts: Callable[[str], bool]) -> Terms:
    def matches(row: Row) -> bool:
        value = row.get(name)
        if isinstance(value, str):
            return accepts(value)
        if value is None:
            return False
        return any(map(accepts, texts(value)))

    return _over(name, matches)


def _present(name: str) -> Terms:
    return _over(name, lambda row: name in row)


def _over(name: str, matches: Test) -> Terms:
    return Terms(matches, matches if name in DEFAULT_FIELDS else lambda _row: None)


def _accepts(wanted: str, *, ignore_case: bool = True) -> Callable[[str], bool]:
    if "*" in wanted:
        fullmatch = wildcard(wanted, ignore_case=ignore_case).fullmatch
        return lambda found: fullmatch(found) is not None
    if not ignore_case:
        return lambda found: found == wanted
    lower = wanted.lower()
    network = _network(wanted)
    if network is None:
        return lambda found: found.lower() == lower
    return lambda found: _is_in(found, network) or found.lower() == lower


def _accepts_any(wanted: list[str]) -> Callable[[str], bool]:
    plain = frozenset(one.lower() for one in wanted if "*" not in one and _network(one) is None)
    others = [_accepts(one) for one in wanted if one.lower() not in plain]
    if not others:
        return lambda found: found.lower() in plain
    return lambda found: found.lower() in plain or any(accepts(found) for accepts in others)


def _network(value: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    if "/" not in value:
        return None
    try:
        return ipaddress.ip_network(value, strict=False)
    except ValueError:
        return None


def _is_in(value: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    try:
        return ipaddress.ip_address(value) in network
    except ValueError:
        return False
