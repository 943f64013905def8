"""Package full names and package family names: parse, format, and what looks odd in them.

The grammar is that of MicrosoftDocs/windows-dev-docs, hub/apps/desktop/modernize/package-identity-overview.md;
the lengths are those of MicrosoftDocs/win32, desktop-src/appxpkg/identity-constants.md.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from msix.errors import describe

if TYPE_CHECKING:
    from collections.abc import Collection

ARCHITECTURES = ("x86", "x64", "arm", "arm64", "x86a64", "neutral")

# Windows 10 1709 and newer accept this word (Wine's kernel32 conformance tests); no package is built for it.
UNKNOWN_ARCHITECTURE = "unknown"

# Microsoft's own packages; the parts of Windows. Computed from the two distinguished names, see publisher.py.
MICROSOFT_IDS = frozenset({"8wekyb3d8bbwe", "cw5n1h2txyewy"})

PLACEHOLDER_IDS = frozenset(
    {
        "0000000000000",  # Wine's kernel32 tests
        "1234567890abc",  # test packages of several projects
        "9zz4h110yvjzm",  # CN=User Name, the .NET MAUI template
        "my3dts62r7fp4",  # CN=ms, electron-builder
        "m8z88z54g2w36",  # CN=00000000-0000-0000-0000-000000000000
        "dwm5abbcs5pn0",  # CN=FilesDev, files-community/Files
        "rv8ym4y7mg4aw",  # CN=Contoso Software
    }
)

_FOREIGN_CHARACTER = re.compile(r"[^A-Za-z0-9.-]")
# Device names, whole or before a dot, and encoded host names.
_RESERVED_START = re.compile(r"(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\.|\Z)|xn--", re.IGNORECASE | re.ASCII)
# 0 to 65535 without leading zeros: the version type of the manifest schema (microsoft/msix-packaging,
# resources/AppxPackaging/Manifest/Schema/2015/AppxManifestTypes.xsd).
_VERSION_NUMBER = "(?:0|[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
_VERSION = re.compile(rf"{_VERSION_NUMBER}(?:\.{_VERSION_NUMBER}){{3}}")
_PUBLISHER_ID = re.compile(r"[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{13}")
# 13 characters carry 65 bits, the hash has 64: the last bit is always zero.
_LAST_OF_A_HASH = frozenset("02468acegjmprtwy")


class InvalidPackageFullName(ValueError):
    """The text is not a package full name."""


class InvalidPackageFamilyName(ValueError):
    """The text is not a package family name."""


class PackageFullName(NamedTuple):
    """One build of a package: ``name_version_architecture_resourceid_publisherid``, 30 to 127 characters.

    ``name`` (3 to 50 characters) and ``resource_id`` (0 to 30, or ``~``) keep their case, ``architecture`` and
    ``publisher_id`` (13 characters) are lower-case. ``version`` is four numbers from 0 to 65535. Windows compares
    all of them without regard to case. Built by hand nothing is checked; ``parse_full_name`` checks.
    """

    name: str
    version: str
    architecture: str
    resource_id: str
    publisher_id: str

    def __str__(self) -> str:
        return "_".join(self)

    @property
    def family_name(self) -> str:
        """The package family name as text: what stays the same over versions and architectures."""
        return f"{self.name}_{self.publisher_id}"

    @property
    def kind(self) -> str:
        """``bundle``, ``resource`` (a language, a scale, a region) or ``package``.

        Parts of Windows carry the resource ID ``neutral`` and are packages.
        """
        if self.resource_id == "~":
            return "bundle"
        return "package" if self.resource_id.lower() in ("", "neutral") else "resource"


class PackageFamilyName(NamedTuple):
    """All builds of a package: ``name_publisherid``, 17 to 64 characters; parts as in ``PackageFullName``."""

    name: str
    publisher_id: str

    def __str__(self) -> str:
        return "_".join(self)


def parse_full_name(text: str) -> PackageFullName:
    """Take a package full name apart. Blanks are not stripped.

    Raises:
        InvalidPackageFullName: any of the five fields is missing, too many or not what Windows allows.
    """
    fields = text.split("_", 5)
    if len(fields) != 5:
        raise InvalidPackageFullName(describe(_count_problem(text.count("_") + 1), text))
    name, version, architecture, resource_id, publisher_id = fields
    problem = (
        _package_string_problem("package name", name, 3, 50)
        or _version_problem(version)
        or _architecture_problem(architecture)
        or _resource_id_problem(resource_id)
        or _publisher_id_problem(publisher_id)
    )
    if problem:
        raise InvalidPackageFullName(describe(problem, text))
    return PackageFullName(name, version, architecture.lower(), resource_id, publisher_id.lower())


def parse_family_name(text: str) -> PackageFamilyName:
    """Take a package family name apart. Blanks are not stripped.

    Raises:
        InvalidPackageFamilyName: not two fields, or one is not what Windows allows.
    """
    fields = text.split("_", 2)
    if len(fields) != 2:
        reason = f"a package family name has 2 fields joined by '_', not {text.count('_') + 1}"
        raise InvalidPackageFamilyName(describe(reason, text))
    name, publisher_id = fields
    problem = _package_string_problem("package name", name, 3, 50) or _publisher_id_problem(publisher_id)
    if problem:
        raise InvalidPackageFamilyName(describe(problem, text))
    return PackageFamilyName(name, publisher_id.lower())


def warnings(
    identity: PackageFullName | PackageFamilyName, text: str, known_ids: Collection[str] = MICROSOFT_IDS
) -> tuple[str, ...]:
    """Name what is legal but odd in an identity that was parsed from ``text``.

    - ``id_parity``: no hash ends in this character, so the publisher ID was made up.
    - ``id_case``: the publisher ID is not lower-case in the text; Windows writes it lower-case.
    - ``known_id_in_name``: one of ``known_ids`` (lower-case) stands inside the name or the resource ID, which
      fools searches for ``*<publisher ID>*``.
    - ``unknown_architecture``: the architecture is the word ``unknown``.
    - ``placeholder_id``: the publisher ID is that of a template, a sample or a test.
    """
    publisher_id = identity.publisher_id
    if isinstance(identity, PackageFullName):
        chosen_text = f"{identity.name}_{identity.resource_id}".lower()
        unknown_architecture = identity.architecture == UNKNOWN_ARCHITECTURE
    else:
        chosen_text = identity.name.lower()
        unknown_architecture = False
    findings = []
    if publisher_id[-1] not in _LAST_OF_A_HASH:
        findings.append("id_parity")
    if not text.endswith(publisher_id):
        findings.append("id_case")
    for known_id in known_ids:
        if known_id in chosen_text:
            findings.append("known_id_in_name")
            break
    if unknown_architecture:
        findings.append("unknown_architecture")
    if publisher_id in PLACEHOLDER_IDS:
        findings.append("placeholder_id")
    return tuple(findings)


def _count_problem(count: int) -> str:
    if count == 3:  # the usual name of a downloaded .msixbundle
        return "a file name (name_version_publisherid) is not a package full name, which has 5 fields joined by '_'"
    return f"a package full name has 5 fields joined by '_', not {count}"


def _package_string_problem(what: str, text: str, shortest: int, longest: int) -> str:
    if not shortest <= len(text) <= longest:
        return f"{what} must have {shortest} to {longest} characters, not {len(text)}"
    foreign = _FOREIGN_CHARACTER.search(text)
    if foreign:  # by its code, because a look-alike letter cannot be told by eye
        return f"{what} has the character U+{ord(foreign.group()):04X}, not only letters A to Z, digits, '.' and '-'"
    if _RESERVED_START.match(text) or text.endswith(".") or ".xn--" in text.lower():
        return f"{what} is reserved by Windows (a device name, 'xn--' or a dot at the end)"
    return ""


def _version_problem(version: str) -> str:
    if _VERSION.fullmatch(version):
        return ""
    return "version is not four numbers from 0 to 65535 without leading zeros"


def _architecture_problem(architecture: str) -> str:
    # Only ASCII: the Kelvin sign has the lower-case form "k".
    word = architecture.lower() if architecture.isascii() else ""
    if word in ARCHITECTURES or word == UNKNOWN_ARCHITECTURE:
        return ""
    return f"architecture is none of {', '.join(ARCHITECTURES)}"


def _resource_id_problem(resource_id: str) -> str:
    if resource_id in ("", "~"):
        return ""
    return _package_string_problem("resource ID", resource_id, 0, 30)


def _publisher_id_problem(publisher_id: str) -> str:
    if _PUBLISHER_ID.fullmatch(publisher_id):
        return ""
    return "publisher ID is not 13 digits and letters without i, l, o, u"
