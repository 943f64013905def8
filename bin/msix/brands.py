"""Whose name a package bears: its package name and display name compared with those of brands and known packages.

Precision comes before recall, because names of legitimate applications are full of brands' words ("Paws for Trello",
ZoomIt, BraveNewWorld, Notions):

- An alias of a brand is found as a run of whole words, never inside a word.
- An alias that is also an ordinary word ("zoom", "teams"), or has fewer than five letters, is found only where it
  stands alone: beside it in the same part of the name there are numbers and words without a meaning of their own
  ("Zoom Installer", ``Contoso.Teams``).
- What only resembles an alias has the same limits, and few edits count for longer aliases only.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from msix.resemblance import fold, runs, skeleton, visible, within, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

OWN, NAME, KNOWN_NAME, LOOKALIKE = MATCHES = ("own", "name", "known_name", "lookalike")

# Words that leave a name the same name: a client, a setup, a build of the thing, a company.
MEANINGLESS = frozenset(
    {
        *("app", "apps", "application", "browser", "client", "desktop", "launcher", "online", "package", "software"),
        *("download", "get", "install", "installer", "setup", "update", "updater", "msix", "msixbundle"),
        *("beta", "edition", "free", "full", "latest", "new", "now", "official", "portable", "premium", "preview"),
        *("pro", "release", "stable", "version", "for", "web", "win", "windows", "arm", "bit", "x"),
        *("ab", "ag", "bv", "co", "com", "corp", "corporation", "gmbh", "inc", "io", "limited", "llc", "ltd", "net"),
        *("org", "technologies", "us", "www"),
    }
)

_NOTHING = ("", "-", "null")
_RESOURCE = "ms-resource:"  # begins the place where the display name stands; not the name itself
_SHORT = 5  # an alias of fewer letters must stand alone, as it is
_LONG, _VERY_LONG = 6, 10  # letters of a word from which on one edit and two edits make a look-alike
# A first part of a package name with fewer characters is a word that several owners use: com, www, king, Adobe, AppUp.
_SPECIFIC = 7


class Brand(NamedTuple):
    """A brand; all but ``name`` in lower case.

    ``package_names`` are its known packages. ``aliases`` are its names as runs of words (see ``msix.resemblance``); a
    ``-`` may also be missing in a name. ``ordinary`` are those aliases that are ordinary words as well.
    ``other_words`` resemble an alias, but are something else.
    """

    name: str
    publisher_ids: frozenset[str]
    package_names: frozenset[str] = frozenset()
    aliases: tuple[str, ...] = ()
    ordinary: frozenset[str] = frozenset()
    other_words: frozenset[str] = frozenset()


class KnownPackage(NamedTuple):
    """A package that is known from one publisher."""

    package_name: str
    publisher_id: str
    publisher_name: str


class Judgement(NamedTuple):
    """Whose name a package bears, and how: one of ``MATCHES``. Both are empty for nobody's."""

    brand: str
    match: str


class _Alias(NamedTuple):
    text: str
    brand: Brand
    alone: bool  # found only where it stands alone
    edits: int  # how many may make it a look-alike


class _Found(NamedTuple):
    """A match of a brand or owner; the length of what matched says how specific it is."""

    match: str
    length: int
    owner: str
    publisher_ids: frozenset[str]


class Brands:
    """All brands and known packages, prepared for many comparisons."""

    def __init__(
        self, brands: Iterable[Brand], known: Iterable[KnownPackage] = (), confusables: Mapping[str, str] | None = None
    ) -> None:
        self._confusables = confusables or {}
        self._packages: dict[str, list[Brand]] = {}
        self._exact: dict[str, list[_Alias]] = {}
        self._likeness: dict[str, list[_Alias]] = {}  # by skeleton
        self._joined: dict[str, list[_Alias]] = {}  # by skeleton without any "-"
        self._edited: dict[tuple[int, int], list[tuple[str, _Alias]]] = {}  # by the run's length and number of "-"
        self._longest = 0
        for brand in brands:
            for name in brand.package_names:
                self._packages.setdefault(name, []).append(brand)
            for alias in brand.aliases:
                self._add(_alias(alias, brand))
        self._known = _prefixes(known)

    def judge(self, package_name: str, publisher_id: str, display_name: str = "") -> Judgement:
        """Say whose name a package bears.

        ``own`` wins over all others, so that a brand's own package is never held against it; then ``name``,
        ``known_name`` and ``lookalike``; then the longest name that was found. Without a publisher ID nothing can be
        said. The names may be anything; ``LONGEST`` characters of each are looked at.
        """
        publisher_id = publisher_id.strip().lower()
        package_name, display_name = _given(package_name), _given(display_name)
        if publisher_id in _NOTHING or not (package_name or display_name):
            return Judgement("", "")
        found = [*self._find_package(package_name.lower()), *self._find(package_name), *self._find(display_name)]
        judged = [
            one._replace(match=OWN) if publisher_id in one.publisher_ids else one
            for one in found
            # A known package with its own ID bears nobody's name but its own.
            if one.match != KNOWN_NAME or publisher_id not in one.publisher_ids
        ]
        if not judged:
            return Judgement("", "")
        best = min(judged, key=lambda one: (MATCHES.index(one.match), -one.length))
        return Judgement(best.owner, best.match)

    def _add(self, alias: _Alias) -> None:
        parts = alias.text.split("-")
        self._longest = max(self._longest, len("".join(parts)) + 2)
        for joints in product(("-", ""), repeat=len(parts) - 1):
            form = parts[0] + "".join([joint + part for joint, part in zip(joints, parts[1:])])
            likeness = skeleton(form)
            self._exact.setdefault(form, []).append(alias)
            self._likeness.setdefault(likeness, []).append(alias)
            if len(form) >= _SHORT - 1 and "-" not in form:
                self._joined.setdefault(likeness, []).append(alias)
            for length in range(len(likeness) - alias.edits, len(likeness) + alias.edits + 1) if alias.edits else ():
                self._edited.setdefault((length, likeness.count("-")), []).append((likeness, alias))

    def _find_package(self, package_name: str) -> Iterator[_Found]:
        for brand in self._packages.get(package_name, ()):
            yield _Found(NAME, len(package_name), brand.name, brand.publisher_ids)
        prefix, dot, _ = package_name.partition(".")
        for name in (package_name, prefix + dot):
            if name in self._known:
                owner, publisher_ids = self._known[name]
                yield _Found(KNOWN_NAME, len(name), owner, publisher_ids)

    def _find(self, text: str) -> Iterator[_Found]:
        """All brands whose aliases a text holds or resembles."""
        seen = visible(text)
        folded = fold(seen, self._confusables)
        written = list(runs(words(seen), self._longest, MEANINGLESS))
        for run in written:
            for alias in self._exact.get(run.text, ()):
                if run.alone or not alias.alone:
                    yield _found(NAME, alias)
        for run in written if folded == seen else runs(words(folded), self._longest, MEANINGLESS):
            for alias in self._resembling(run.text, alone=run.alone):
                yield _found(LOOKALIKE, alias)

    def _resembling(self, run: str, *, alone: bool) -> Iterator[_Alias]:
        likeness, joined = skeleton(run), run.replace("-", "")
        candidates = [alias for alias in self._likeness.get(likeness, ()) if alone or not alias.alone]
        # Separators where the alias has none; of a short alias between all letters ("z-o-o-m").
        if alone and joined != run and (len(joined) >= _SHORT or len(run) == 2 * len(joined) - 1):
            candidates += self._joined.get(skeleton(joined), ())
        for form, alias in self._edited.get((len(likeness), likeness.count("-")), ()):
            if within(likeness, form, alias.edits):
                candidates.append(alias)
        return (alias for alias in candidates if joined not in alias.brand.other_words)


def _alias(text: str, brand: Brand) -> _Alias:
    lengths = [len(part) for part in text.split("-")]
    alone = text in brand.ordinary or sum(lengths) < _SHORT
    # One edit from six letters on, two from ten. Every word must be so long: a shorter one is too easily another word
    # ("slack technologies", "black technologies").
    edits = 0 if alone or min(lengths) < _LONG else 1 + (max(lengths) >= _VERY_LONG)
    return _Alias(text, brand, alone, edits)


def _found(match: str, alias: _Alias) -> _Found:
    return _Found(match, len(alias.text), alias.brand.name, alias.brand.publisher_ids)


def _prefixes(known: Iterable[KnownPackage]) -> dict[str, tuple[str, frozenset[str]]]:
    """Owner and publisher IDs by package name, and by its first part with the dot, where these are specific enough.

    A name without a dot (Conveyor, NearbyShare) is anybody's to choose. In the Store, the first part belongs to one
    account: it is made of the company's name or the account's number (SpotifyAB, 5319275A, 45273LiamForsyth).
    """
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for package in known:
        name = package.package_name.lower()
        prefix, dot, _ = name.partition(".")
        for key in (name, prefix + dot) if len(prefix) >= _SPECIFIC else (name,):
            if dot:
                owner, publisher_ids = found.get(key, (package.publisher_name, frozenset[str]()))
                found[key] = owner, publisher_ids | {package.publisher_id}
    return found


def _given(text: str) -> str:
    """A name without blanks around it; nothing where it only says that there is none, or where it stands."""
    text = text.strip()
    lower = text[:20].lower()
    return "" if lower in _NOTHING or lower.startswith(_RESOURCE) else text
