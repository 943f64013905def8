"""Event types and tags: names for the events that a search matches, and names for values of fields.

Both come last of all search-time knowledge, event types before tags (Knowledge Manager Manual, "The sequence of
search-time operations"): an event type may look at every other field and at other event types, a tag at event types.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import unquote

from searchhead.conf import App, Stanza, layered
from searchhead.spl.compiling import split_at_pipes
from searchhead.spl.errors import SplError
from searchhead.spl.expansion import expand
from searchhead.spl.lexer import Cursor
from searchhead.spl.matching import Terms, any_of, field_terms
from searchhead.spl.operators import Environment
from searchhead.spl.terms import compile_terms
from searchhead.spl.values import Row, multivalue, put, texts

Accepts = Callable[[str], bool]

# eventtypes.conf.spec; color, description and priority are for what people see.
_EVENT_TYPE = ("color", "description", "disabled", "priority", "search")


class EventTypes:
    """The event types of several apps; a later app wins. Raises InvalidConf or SplError, with the place."""

    def __init__(self, apps: Sequence[App], environment: Environment) -> None:
        self._environment = environment
        self._stanzas = {
            name: stanza
            for name, stanza in layered(apps, "eventtypes").stanzas.items()
            if not stanza.boolean("disabled", default=False)
        }
        self._compiled: dict[str, Terms] = {}  # in an order in which each comes after those that it names
        for name in sorted(self._stanzas):
            self._compile(name, ())
        self._tests = [(name, terms.matches) for name, terms in self._compiled.items()]

    def add_to(self, row: Row) -> None:
        """Give the row the field eventtype: the names of those that match, sorted (assumed)."""
        found: list[str] = []
        for name, matches in self._tests:
            if matches(row):
                found.append(name)
                put(row, "eventtype", multivalue(sorted(found)))

    def terms(self, accepts: Accepts) -> Terms:
        """The terms of an event having one of the accepted event types."""
        return any_of([terms for name, terms in self._compiled.items() if accepts(name)])

    def _compile(self, name: str, inside: tuple[str, ...]) -> None:
        if name in self._compiled:
            return
        stanza = self._stanzas[name]
        for setting in stanza:
            if setting not in _EVENT_TYPE:
                raise stanza.error(setting, f'has setting "{setting}", which is not supported')
        if not stanza.get("search"):
            raise stanza.error("search", "has no search")
        if name in inside:
            raise stanza.error("search", f"comes to itself again: {' → '.join((*inside, name))}")

        def derived(field: str, accepts: Accepts) -> Terms | None:
            if field == "tag" or field.startswith("tag::"):
                raise stanza.error("search", "looks for a tag, but tags are given after event types")
            if field != "eventtype":
                return None
            named = [other for other in self._stanzas if accepts(other)]
            for other in named:
                self._compile(other, (*inside, name))
            return any_of([self._compiled[other] for other in named])

        self._compiled[name] = self._terms(stanza, derived)

    def _terms(self, stanza: Stanza, derived: Callable[[str, Accepts], Terms | None]) -> Terms:
        place = stanza.settings["search"].text_place(stanza.name)
        traced = expand(stanza["search"], self._environment.macros, place)
        if len(split_at_pipes(traced.text)) > 1:
            raise stanza.error("search", "has a pipe: an event type is a search without commands")
        try:
            return compile_terms(Cursor(traced.text), leading=True, derived=derived)
        except SplError as error:
            traced.locate(error)
            raise


class Tags:
    """The tags of several apps; a later app wins. Raises InvalidConf, with the place."""

    def __init__(self, apps: Sequence[App], eventtypes: EventTypes) -> None:
        self._eventtypes = eventtypes
        self._fields: dict[str, dict[str, list[str]]] = {}  # field -> value -> its tags
        for stanza in layered(apps, "tags").stanzas.values():
            field, equals, value = stanza.name.partition("=")
            if not field or not equals or not value:
                raise stanza.error("", "names no field and value: write [<field>=<value>]")
            for tag, state in stanza.items():
                if state not in ("enabled", "disabled"):
                    raise stanza.error(tag, f"has {tag} = {state}: write enabled or disabled")
            enabled = [tag for tag, state in stanza.items() if state == "enabled"]
            self._fields.setdefault(field, {})[unquote(value)] = enabled

    def add_to(self, row: Row) -> None:
        """Give the row the field tag, and ``tag::<field>`` for each tagged field; sorted (assumed)."""
        every: set[str] = set()
        for field, values in self._fields.items():
            if field in row:
                found = {tag for value in texts(row[field]) for tag in values.get(value, ())}
                if found:
                    row[f"tag::{field}"] = multivalue(sorted(found)) or ""
                    every |= found
        if every:
            put(row, "tag", multivalue(sorted(every)))

    def terms(self, field: str, accepts: Accepts) -> Terms | None:
        """The terms of an event whose field ``tag`` or ``tag::<field>`` has an accepted value; None for another field.

        So that it is known of an event before its fields are extracted whether it can have the tag.
        """
        if field == "eventtype":
            return self._eventtypes.terms(accepts)
        if field != "tag" and not field.startswith("tag::"):
            return None
        parts: list[Terms] = []
        for tagged, values in self._fields.items():
            if field in ("tag", f"tag::{tagged}"):
                wanted = frozenset(value for value, tags in values.items() if any(map(accepts, tags)))
                if not wanted:
                    continue
                of_value = self._eventtypes.terms if tagged == "eventtype" else _of(tagged)
                parts.append(of_value(wanted.__contains__))
        return any_of(parts)


def _of(field: str) -> Callable[[Accepts], Terms]:
    return lambda accepts: field_terms(field, accepts)
