"""The boolean language of the ``search`` command: which rows match terms and comparisons.

The grammar (the Search Manual: OR binds tighter than AND, which is implied; operators are in capitals)::

    all        = any ([AND] any)*
    any        = not (OR not)*
    not        = NOT not | primary
    primary    = ( all ) | () | field sign value | field IN ( value, … ) | [subsearch]
               | term | "phrase" | TERM(text) | CASE(text)

Values match as text, in any case, with ``*``, any value of a multivalue; a value in CIDR notation matches the addresses
in it. ``!=`` needs the field, ``NOT`` does not. ``<`` and its kind compare as numbers when both sides are numbers.
A term or phrase is looked for in ``_raw``. At the beginning of a search ``index=*`` names no internal index.

Beside the test itself two things are told of an event before its fields are extracted, so that one which cannot match
costs as little as possible: whether it may match, as far as its default fields say, and what its text must hold.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import replace

from searchhead.spl.errors import SplError
from searchhead.spl.lexer import Cursor, Token, unescape
from searchhead.spl.matching import (
    Terms,
    accepting,
    accepting_any,
    all_of,
    any_of,
    constant,
    field_terms,
    negation,
    network,
    one_of,
    over_text,
    present,
    public_index,
)
from searchhead.spl.rawterms import case_sensitive_term, fragments, term, whole_term
from searchhead.spl.timeranges import TimeModifiers
from searchhead.spl.times import InvalidTime
from searchhead.spl.values import compare

_ORDER: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
# Of Splunk's older time modifiers none is supported.
_OTHER_MODIFIERS = ("starttime", "endtime", "daysago")
_INDEXED_FIELD = re.compile(r"[A-Za-z_][\w.]*::.+")


Derived = Callable[[str, Callable[[str], bool]], Terms | None]
"""Gives the terms of a field that knowledge makes of others (eventtype, tag) having an accepted value, None for others.
Only what they tell of an event before its fields are extracted is used: afterwards the field is there."""

_OPEN = Terms(lambda _row: True, lambda _row: None, lambda _row: None)
"""Stands for what is not known before a subsearch has run."""


def compile_terms(
    cursor: Cursor,
    *,
    leading: bool = False,
    times: TimeModifiers | None = None,
    subsearch: Callable[[Token, bool], str | None] | None = None,
    derived: Derived | None = None,
) -> Terms:
    """Compile what follows to the end of the cursor.

    ``leading`` says that this is the search at the beginning, where time modifiers may stand: ``times`` collects them,
    without it they are refused. ``subsearch`` is called with the token of each subsearch, and whether it stands for
    terms, not for a value, and gives the terms if they are known yet. Otherwise its place in the result is empty
    (compile again with its text to run it). Without it a subsearch is refused. ``derived`` knows of fields that are
    made of others.
    """
    parser = _Parser(cursor, leading, times, subsearch, derived)
    terms = parser.all()
    if cursor.peek().kind != "end":
        cursor.fail("expected a search term")
    return all_of([terms, *times.terms()]) if times else terms


class _Parser:
    """Recursive descent; each method compiles one line of the grammar."""

    def __init__(
        self,
        cursor: Cursor,
        leading: bool,
        times: TimeModifiers | None,
        subsearch: Callable[[Token, bool], str | None] | None,
        derived: Derived | None,
    ) -> None:
        self._cursor = cursor
        self._leading = leading
        self._times = times
        self._subsearch = subsearch
        self._derived = derived

    def all(self) -> Terms:
        """Terms that must all match."""
        parts = [self._any()]
        while True:
            if self._keyword("AND"):
                parts.append(self._any())
            elif self._cursor.peek().kind == "end" or self._cursor.peek().is_symbol(")"):
                return all_of(parts)
            else:
                parts.append(self._any())

    def _any(self) -> Terms:
        start, known = self._cursor.peek(), self._modifiers
        parts = [self._not()]
        while self._keyword("OR"):
            parts.append(self._not())
        if len(parts) > 1:
            self._check_no_modifier(start, known)
        return any_of(parts)

    def _not(self) -> Terms:
        start, known = self._cursor.peek(), self._modifiers
        if not self._keyword("NOT"):
            return self._primary()
        with self._cursor.nested():
            part = self._not()
        self._check_no_modifier(start, known)
        return negation(part)

    @property
    def _modifiers(self) -> int:
        return len(self._times) if self._times is not None else 0

    def _check_no_modifier(self, start: Token, known: int) -> None:
        if self._modifiers > known:
            self._cursor.unsupported("a time modifier holds for the whole search: not within OR or NOT", start)

    def _primary(self) -> Terms:
        cursor = self._cursor
        token = cursor.peek()
        if cursor.take_symbol("("):
            if cursor.take_symbol(")"):
                # Assumed: an empty group is what an empty subsearch leaves between its parentheses, and holds for all,
                # so that NOT () holds for none.
                return constant(True)
            with cursor.nested():
                group = self.all()
            cursor.expect_symbol(")")
            return group
        if token.kind == "subsearch":
            if self._subsearch is None:
                cursor.unsupported("a subsearch cannot stand here")
            text = self._subsearch(cursor.next(), True)
            return _OPEN if text is None else self._group(text, token)
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

    def _group(self, text: str, subsearch: Token) -> Terms:
        """The terms of a text in place of a subsearch."""
        if not text.strip():
            return constant(True)
        cursor = Cursor(text)
        try:
            terms = _Parser(cursor, self._leading, self._times, None, self._derived).all()
            if cursor.peek().kind != "end":
                cursor.fail("expected a search term")
        except SplError as error:
            self._cursor.unsupported(f"the subsearch gives {text!r}: {error.message}", subsearch)
        return terms

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
            return constant(True)
        return over_text(term(wanted), fragments(wanted))

    def _directive(self, name: Token) -> Terms:
        wanted = self._directive_text(name)
        test = whole_term(wanted) if name.text == "TERM" else case_sensitive_term(wanted)
        return over_text(test, fragments(wanted, wildcards=False))

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
        if self._at_modifier(name):
            return self._modifier(name, sign)
        value = cursor.next()
        if value.kind == "subsearch" and self._subsearch is not None:
            self._subsearch(value, False)
            return _OPEN
        self._check_value(value)
        if value.kind == "word" and value.text == "CASE" and cursor.peek().is_symbol("("):
            return self._equality(name.text, sign, accepting(self._directive_text(value), ignore_case=False))
        wanted = _word(value)
        if sign in _ORDER:
            holds = _ORDER[sign]
            return field_terms(name.text, lambda found: holds(compare(found, wanted), 0))
        if self._leading and name.text == "index" and sign == "=" and wanted[:1] == "*":
            return public_index(wanted)
        if sign == "=" and wanted.strip("*") == "" and wanted:
            return self._known(present(name.text), name.text, lambda _found: True)
        if sign == "=" and "*" not in wanted and network(wanted) is None:
            return self._equal(name.text, wanted)
        return self._equality(name.text, sign, accepting(wanted))

    def _at_modifier(self, name: Token) -> bool:
        if self._leading and name.text in _OTHER_MODIFIERS:
            self._cursor.unsupported(f"{name.text} is not supported; write earliest and latest", name)
        return self._leading and name.text in TimeModifiers.NAMES

    def _modifier(self, name: Token, sign: str) -> Terms:
        cursor = self._cursor
        if self._times is None:
            cursor.unsupported("a time modifier cannot stand here", name)
        if sign != "=":
            cursor.fail(f'{name.text} stands with "="', name)
        value = cursor.next()
        self._check_value(value)
        if value.text == "now" and cursor.take_symbol("("):
            cursor.expect_symbol(")")
        try:
            self._times.add(name.text, value.text)
        except InvalidTime as error:
            cursor.fail(str(error), value)
        return constant(True)

    def _equal(self, field: str, wanted: str) -> Terms:
        terms, accepts = one_of(field, frozenset((wanted.lower(),))), accepting(wanted)
        return self._known(terms, field, accepts)

    def _equality(self, field: str, sign: str, accepts: Callable[[str], bool]) -> Terms:
        if sign == "=":
            return self._known(field_terms(field, accepts), field, accepts)
        if sign == "!=":
            # Assumed: a multivalue passes when any of its values differs.
            return field_terms(field, lambda found: not accepts(found))
        return self._cursor.fail(f"CASE() cannot be compared with {sign}")

    def _membership(self, name: Token) -> Terms:
        cursor = self._cursor
        self._check_field(name)
        if self._at_modifier(name):
            cursor.fail(f'{name.text} stands with "="', name)
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
        accepts = accepting_any(wanted)
        return self._known(field_terms(name.text, accepts), name.text, accepts)

    def _known(self, terms: Terms, field: str, accepts: Callable[[str], bool]) -> Terms:
        """The terms, with what is known of a field that is made of others."""
        known = self._derived(field, accepts) if self._derived else None
        return terms if known is None else replace(terms, possible=known.possible, needs=known.needs, equal=None)

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
