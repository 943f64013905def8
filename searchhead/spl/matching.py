"""What search terms are made of: tests of rows, and what they tell of an event before its fields are extracted."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, replace

from searchhead.spl.rawterms import Test
from searchhead.spl.values import Row, number, texts, wildcard

Possible = Callable[[Row], bool | None]
Needs = Callable[[Row], frozenset[str] | None]

_NOTHING: frozenset[str] = frozenset()

# What an event has before its fields are extracted.
DEFAULT_FIELDS = frozenset({
    "_time", "_indextime", "_raw", "host", "source", "sourcetype", "index", "linecount", "splunk_server",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Terms:
    """A compiled search expression.

    ``matches`` tells whether a row matches. ``possible`` tells the same of an event of which only default fields are
    known, all or some of them: None where that depends on what is not known, so that False means that the event never
    matches. ``needs`` gives texts, in lower case, of which at least one must occur in the text of an event with these
    default fields, in any case, if it matches: None where nothing must, no text where it never matches. ``fields`` are
    the fields that are compared. ``equal`` holds the field and the values, in lower case, where there is nothing else
    to a comparison.
    """

    matches: Test
    possible: Possible
    needs: Needs
    fields: frozenset[str] = _NOTHING
    equal: tuple[str, frozenset[str]] | None = None


def constant(value: bool) -> Terms:
    """Terms that match always, or never."""
    return Terms(lambda _row: value, lambda _row: value, lambda _row: None if value else _NOTHING)


def all_of(parts: list[Terms]) -> Terms:
    """Terms that must all match."""
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

    def needs(row: Row) -> frozenset[str] | None:
        found = [one for part in parts if (one := part.needs(row)) is not None]
        return min(found, key=_likelihood, default=None)

    return Terms(matches, possible, needs, _fields(parts))


def _likelihood(texts: frozenset[str]) -> float:
    """The fewer and the longer the texts, the fewer events have one of them; numbers are more frequent than words."""
    return float(sum(0.5 ** (len(one) - sum(map(str.isdigit, one)) / 2) for one in texts))


def _fields(parts: list[Terms]) -> frozenset[str]:
    return _NOTHING.union(*(part.fields for part in parts))


def one_of(field: str, wanted: frozenset[str]) -> Terms:
    """Terms that match where a field has one of these values, given in lower case, in any case."""
    return replace(field_terms(field, _accepts_one_of(wanted)), equal=(field, wanted))


def _accepts_one_of(wanted: frozenset[str]) -> Callable[[str], bool]:
    if len(wanted) == 1:
        (only,) = wanted
        return lambda found: found.lower() == only
    return lambda found: found.lower() in wanted


def _joined(parts: list[Terms]) -> list[Terms]:
    """The parts, with all that only compare one field for equality as one: a subsearch makes thousands of these."""
    equal: dict[str, set[str]] = {}
    for part in parts:
        if part.equal is not None:
            equal.setdefault(part.equal[0], set()).update(part.equal[1])
    others = [part for part in parts if part.equal is None]
    return [*others, *(one_of(field, frozenset(wanted)) for field, wanted in equal.items())]


def any_of(parts: list[Terms]) -> Terms:
    """Terms of which one must match; of none none does."""
    if not parts:
        return constant(False)
    parts = _joined(parts)
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

    def needs(row: Row) -> frozenset[str] | None:
        found = [part.needs(row) for part in parts]
        return None if None in found else _NOTHING.union(*(one for one in found if one is not None))

    return Terms(matches, possible, needs, _fields(parts))


def negation(part: Terms) -> Terms:
    """Terms that match where these do not."""
    test, could = part.matches, part.possible

    def possible(row: Row) -> bool | None:
        found = could(row)
        return None if found is None else not found

    return Terms(lambda row: not test(row), possible, _needs(possible), part.fields)


def field_terms(name: str, accepts: Callable[[str], bool]) -> Terms:
    """Terms that match where any value of a field is accepted."""

    def matches(row: Row) -> bool:
        value = row.get(name)
        if isinstance(value, str):
            return accepts(value)
        if value is None:
            return False
        return any(map(accepts, texts(value)))

    return _over(name, matches)


def number_terms(name: str, accepts: Callable[[float], bool]) -> Terms:
    """Terms that match where a field is a number that is accepted."""

    def matches(row: Row) -> bool:
        found = number(row.get(name))
        return found is not None and accepts(found)

    return _over(name, matches)


def present(name: str) -> Terms:
    """Terms that match where a field is there."""
    return _over(name, lambda row: name in row)


def _over(name: str, matches: Test) -> Terms:
    def possible(row: Row) -> bool | None:
        return matches(row) if name in row else None

    if name not in DEFAULT_FIELDS:
        return Terms(matches, lambda _row: None, lambda _row: None, frozenset((name,)))
    return Terms(matches, possible, _needs(possible), frozenset((name,)))


def public_index(wanted: str) -> Terms:
    """Terms that match where the index is accepted and is none of the internal ones, which a wildcard leaves out.

    Every event has an index, so that ``*`` asks nothing of a row without one.
    """
    accepts = accepting(wanted)
    every = not wanted.strip("*")

    def matches(row: Row) -> bool:
        index = row.get("index")
        if isinstance(index, str):
            return index[:1] != "_" and (every or accepts(index))
        return every

    return _over("index", matches)


def over_text(test: Test, found: frozenset[str] | None) -> Terms:
    """Terms over the text of an event; ``found`` are texts of which it must hold one."""

    def possible(row: Row) -> bool | None:
        return test(row) if "_raw" in row else None

    return Terms(test, possible, lambda _row: found)


def _needs(possible: Possible) -> Needs:
    """What an event must hold for a test that does not look at its text."""
    return lambda row: _NOTHING if possible(row) is False else None


def accepting(wanted: str, *, ignore_case: bool = True) -> Callable[[str], bool]:
    """What accepts a value: in any case, with ``*``, an address in the network that CIDR notation names."""
    if "*" in wanted:
        fullmatch = wildcard(wanted, ignore_case=ignore_case).fullmatch
        return lambda found: fullmatch(found) is not None
    if not ignore_case:
        return lambda found: found == wanted
    lower = wanted.lower()
    subnet = network(wanted)
    if subnet is None:
        return lambda found: found.lower() == lower
    return lambda found: _is_in(found, subnet) or found.lower() == lower


def accepting_any(wanted: list[str]) -> Callable[[str], bool]:
    """What accepts any of these values, each as ``accepting`` does."""
    plain = frozenset(one.lower() for one in wanted if "*" not in one and network(one) is None)
    others = [accepting(one) for one in wanted if one.lower() not in plain]
    if not others:
        return lambda found: found.lower() in plain
    return lambda found: found.lower() in plain or any(accepts(found) for accepts in others)


def network(value: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """The network of a value in CIDR notation; None for another value."""
    if "/" not in value:
        return None
    try:
        return ipaddress.ip_network(value, strict=False)
    except ValueError:
        return None


def _is_in(value: str, subnet: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    try:
        return ipaddress.ip_address(value) in subnet
    except ValueError:
        return False
