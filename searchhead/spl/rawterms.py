"""Terms and phrases that the ``search`` command looks for in ``_raw``."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from searchhead.spl.values import Row, texts

Test = Callable[[Row], bool]

# The breakers of segmenters.conf, between which the indexer sees tokens. Its percent-encoded ones (%20 …) are left
# out: "%" is a breaker itself.
_MAJOR = "[]<>(){}|!;,'\"*\n\r\t &?+"
_MINOR = "/:=@.-$#%\\_"
_BREAKERS = frozenset(_MAJOR + _MINOR)
# Assumed: in a term the wildcard stays within what major breakers enclose, for the index has no longer token.
_RUN = f"[^{re.escape(_MAJOR)}]*"

# What the text of an event holds in every form that a log may give it: letters, digits and what joins words. Quotes,
# braces, tags and characters that XML escapes may look different before the event has its normal form.
_FRAGMENT = re.compile(r"[A-Za-z0-9_-]+")
# The name of an element is in every event of its kind, so it says nothing.
_TAG = re.compile(r"</?[\w:]++>?")
# The same goes for the fraction of a time, which gets zeros at its end. It is a token of its own, with seven digits.
_FRACTION = re.compile(r"\d{7}z")
_PERHAPS_FRACTION = re.compile(r"\d+z?|z")


def _text_of_event(row: Row) -> str:
    raw = row.get("_raw", "")
    return raw if isinstance(raw, str) else "\n".join(texts(raw))


# A search asks for many terms of one event before it turns to the next one.
_lower = lru_cache(maxsize=4)(str.lower)


def term(wanted: str) -> Test:
    """Whether ``_raw`` holds the term as whole tokens.

    The indexer cuts at breakers, so ``855`` is found in ``<EventID>855</EventID>`` and not in ``18550``: next to the
    term there must be a breaker or nothing, unless the term itself has a breaker or a wildcard there.
    """
    if "*" not in wanted:
        return _term_between(wanted, _BREAKERS)
    breakers = re.escape("".join(sorted(_BREAKERS)))
    left = "" if wanted[0] in _BREAKERS else f"(?<![^{breakers}])"
    right = "" if wanted[-1] in _BREAKERS else f"(?![^{breakers}])"
    first, *others = re.split(r"\*+", wanted.strip("*"))
    middle, last = others[:-1], others[-1:]
    # The leftmost place for each part in the middle is as good as any other, so nothing needs to be tried again.
    pattern = re.compile(
        left
        + re.escape(first)
        + "".join(f"(?>{_RUN}?{re.escape(part)})" for part in middle)
        + "".join(_RUN + re.escape(part) for part in last)
        + right,
        re.IGNORECASE,
    )
    longest = max(wanted.lower().split("*"), key=len)

    def matches(row: Row) -> bool:
        raw = _text_of_event(row)
        return longest in _lower(raw) and pattern.search(raw) is not None

    return matches


def fragments(wanted: str, *, wildcards: bool = True) -> frozenset[str] | None:
    """A text, in lower case, that an event must hold somewhere if a term is found in it: the longest one.

    It also stands in the event's text as a log has it, before that is brought into its normal form. None if there is
    no such text.
    """
    partial = wildcards and "*" in wanted
    unsafe = _PERHAPS_FRACTION if partial else _FRACTION
    found = [one for one in _FRAGMENT.findall(_TAG.sub(" ", wanted.lower())) if not unsafe.fullmatch(one)]
    return frozenset((max(found, key=len),)) if found else None


def whole_term(wanted: str) -> Test:
    """``TERM(…)``: the text stands between major breakers."""
    return _term_between(wanted, frozenset(_MAJOR))


def _term_between(wanted: str, breakers: frozenset[str]) -> Test:
    needle = wanted.lower()

    def matches(row: Row) -> bool:
        return _holds(_lower(_text_of_event(row)), needle, breakers)

    return matches


def case_sensitive_term(wanted: str) -> Test:
    """``CASE(…)``: as a bare term, in this case only."""
    return lambda row: _holds(_text_of_event(row), wanted, _BREAKERS)


def _holds(raw: str, needle: str, breakers: frozenset[str]) -> bool:
    length = len(needle)
    open_left, open_right = needle[0] in breakers, needle[-1] in breakers
    at = raw.find(needle)
    while at >= 0:
        end = at + length
        if (open_left or at == 0 or raw[at - 1] in breakers) and (
            open_right or end == len(raw) or raw[end] in breakers
        ):
            return True
        at = raw.find(needle, at + 1)
    return False
