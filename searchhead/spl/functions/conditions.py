"""Functions that choose and compare (Splunk's "comparison and conditional functions") and those that tell types."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from functools import lru_cache

from searchhead.spl.errors import SplError
from searchhead.spl.evaluation import (
    Evaluate,
    Expression,
    Kind,
    Result,
    comparison,
    matches_any,
    membership,
    single_text,
)
from searchhead.spl.functions.calls import Build, Call
from searchhead.spl.lexer import Cursor
from searchhead.spl.regex import compile_regex, compile_regex_from_data
from searchhead.spl.terms import compile_terms
from searchhead.spl.values import Row, Value, number, with_gaps


def constant(value: Result, kind: Kind) -> Build:
    """A function without arguments that always gives the same."""
    return lambda call: call.expression(lambda _row: value, kind)


def _common_kind(call: Call, indexes: range) -> Kind:
    kinds = {call.arguments[index].kind: index for index in indexes}
    if {"truth", "value"} <= kinds.keys():
        call.fail(f"{call.name} cannot give a condition in one case and a value in another", kinds["truth"])
    for kind in ("truth", "value"):
        if kind in kinds:
            return "truth" if kind == "truth" else "value"
    return "null"


def choose(call: Call) -> Expression:
    """``if(condition, value, other)``: a condition that is null does not hold."""
    condition, yes, no = call.condition(0), call.arguments[1].evaluate, call.arguments[2].evaluate
    kind = _common_kind(call, range(1, 3))
    return call.expression(lambda row: yes(row) if condition(row) is True else no(row), kind)


def _pairs(call: Call) -> list[tuple[Evaluate, Evaluate]]:
    if len(call.arguments) % 2:
        call.fail(f"{call.name} takes pairs of a condition and a value", len(call.arguments) - 1)
    return [(call.condition(at), call.arguments[at + 1].evaluate) for at in range(0, len(call.arguments), 2)]


def case(call: Call) -> Expression:
    """``case(condition, value, …)``: the value of the first condition that holds, else null."""
    pairs = _pairs(call)

    def evaluate(row: Row) -> Result:
        for condition, value in pairs:
            if condition(row) is True:
                return value(row)
        return None

    return call.expression(evaluate, _common_kind(call, range(1, len(call.arguments), 2)))


def validate(call: Call) -> Expression:
    """``validate(condition, value, …)``: the value of the first condition that is false, else null.

    Assumed: a condition that is null counts as false.
    """
    pairs = _pairs(call)

    def evaluate(row: Row) -> Result:
        for condition, value in pairs:
            if condition(row) is not True:
                return value(row)
        return None

    return call.expression(evaluate, _common_kind(call, range(1, len(call.arguments), 2)))


def coalesce(call: Call) -> Expression:
    """``coalesce(value, …)``: the first value that is not null; the empty text is not null."""
    operands = call.values()

    def evaluate(row: Row) -> Result:
        for operand in operands:
            value = operand(row)
            if value is not None:
                return value
        return None

    return call.expression(evaluate)


def nullif(call: Call) -> Expression:
    """``nullif(a, b)``: null if both are equal, else the first."""
    value, same = call.value(0), comparison("=", call.arguments[0], call.arguments[1])
    call.value(1)
    return call.expression(lambda row: None if same(row) is True else value(row))


def is_in(call: Call) -> Expression:
    """``in(value, member, …)``: whether a value equals a member; no wildcards."""
    call.values()
    return call.expression(membership(call.arguments[0], call.arguments[1:]), "truth")


@lru_cache(maxsize=4096)
def _like_pattern(pattern: str) -> re.Pattern[str]:
    parts = ("".join("." if one == "_" else re.escape(one) for one in part) for part in re.split("%+", pattern))
    return re.compile(with_gaps(list(parts)), re.DOTALL)


def like(call: Call) -> Expression:
    """``like(text, pattern)``: ``%`` stands for any text, ``_`` for one character; case-sensitive."""
    value, pattern = call.values()

    def evaluate(row: Row) -> Result:
        wanted = single_text(pattern(row))
        if wanted is None:
            return None
        accepts = _like_pattern(wanted).fullmatch
        return matches_any(value(row), lambda text: accepts(text) is not None)

    return call.expression(evaluate, "truth")


def match(call: Call) -> Expression:
    """``match(text, regex)``: whether the expression matches anywhere in the text, or in any value of a multivalue."""
    value = call.value(0)
    regex = call.made(1, compile_regex, "the regular expression", from_data=compile_regex_from_data)
    if call.arguments[1].constant and (ready := regex({})) is not None:
        search = ready.search
        return call.expression(lambda row: matches_any(value(row), lambda text: search(text) is not None), "truth")

    def evaluate(row: Row) -> Result:
        found = regex(row)
        return None if found is None else matches_any(value(row), lambda text: found.search(text) is not None)

    return call.expression(evaluate, "truth")


def searchmatch(call: Call) -> Expression:
    """``searchmatch("terms")``: whether the row matches the terms, as it would the search command."""
    text = call.constant_text(0, "the search")
    try:
        terms = compile_terms(Cursor(text))
    except SplError as error:
        call.fail(f"searchmatch: {error.message} in {text!r}", 0)
    return call.expression(terms.matches, "truth", constant=False)._replace(fields=terms.fields)


def _network(cidr: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(cidr.strip(), strict=False)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.strip())
    except ValueError:
        return None


def cidrmatch(call: Call) -> Expression:
    """``cidrmatch(cidr, ip)``: whether the address lies in the subnet; text that is no address does not."""
    value = call.value(1)
    network = call.made(0, _network, "the subnet")

    def evaluate(row: Row) -> Result:
        subnet = network(row)
        return None if subnet is None else matches_any(value(row), lambda text: _lies_in(text, subnet))

    return call.expression(evaluate, "truth")


def _lies_in(text: str, subnet: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    address = _address(text)
    return address is not None and address in subnet


def ipmask(mask: Value, address: Value) -> Value | None:
    """``ipmask(mask, ip)``: both IPv4 addresses combined bit by bit; null for what is none."""
    one, other = (_address(text) if (text := single_text(value)) else None for value in (mask, address))
    if not isinstance(one, ipaddress.IPv4Address) or not isinstance(other, ipaddress.IPv4Address):
        return None
    return str(ipaddress.IPv4Address(int(one) & int(other)))


def isnull(call: Call) -> Expression:
    """``isnull(value)``: whether it is null; the empty text is not."""
    value = call.arguments[0].evaluate
    return call.expression(lambda row: value(row) is None, "truth")


def isnotnull(call: Call) -> Expression:
    """``isnotnull(value)``: whether it is not null."""
    value = call.arguments[0].evaluate
    return call.expression(lambda row: value(row) is not None, "truth")


def _type_of(result: Result, *, quoted: bool) -> str:
    if result is None:
        return "Invalid"
    if isinstance(result, bool):
        return "Boolean"
    # Assumed: what is not a quoted text in the expression itself is a number when it looks like one.
    return "Number" if not quoted and number(result) is not None else "String"


def _telling(tell: Callable[[Result, str], Result], kind: Kind) -> Build:
    def build(call: Call) -> Expression:
        argument = call.arguments[0]
        value, quoted = argument.evaluate, argument.quoted

        def evaluate(row: Row) -> Result:
            result = value(row)
            return tell(result, _type_of(result, quoted=quoted))

        return call.expression(evaluate, kind)

    return build


typeof = _telling(lambda _result, kind: kind, "value")
isbool = _telling(lambda _result, kind: kind == "Boolean", "truth")
isnum = _telling(lambda _result, kind: kind == "Number", "truth")
isstr = _telling(lambda _result, kind: kind == "String", "truth")
isint = _telling(lambda result, kind: kind == "Number" and (number(result) or 0.0).is_integer(), "truth")
# Assumed: a whole number is an integer however it came about, any other number a double.
isdouble = _telling(lambda result, kind: kind == "Number" and not (number(result) or 0.0).is_integer(), "truth")
ismv = _telling(lambda result, _kind: isinstance(result, list), "truth")
