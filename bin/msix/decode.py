"""Any text in which Windows or a tool names packages, to one flat row a package."""

from __future__ import annotations

import re
from typing import NamedTuple

from msix.actions import PackageAction, is_list_name, parse_action_lists
from msix.errors import describe
from msix.identity import (
    InvalidPackageFamilyName,
    InvalidPackageFullName,
    PackageFullName,
    parse_family_name,
    parse_full_name,
    warnings,
)

# What the deployment events write where there is no package (event 400, MainPackageFamilyName, for one).
_NOTHING = frozenset({"", "NULL", "-"})

# ST_ApplicationId of the manifest schema (microsoft/msix-packaging, AppxManifestTypes.xsd); the length is
# PACKAGE_RELATIVE_APPLICATION_ID_MAX_LENGTH without the closing NUL.
_APPLICATION_ID = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z][A-Za-z0-9]*)*")
_LONGEST_APPLICATION_ID = 64

# Far above what an event can hold (EventWrite refuses events of more than 64 kB), and low enough that a made-up list
# of a million items cannot take a gigabyte of memory.
LONGEST = 1_000_000


class DecodedPackage(NamedTuple):
    """One package, all text; empty where the input says nothing.

    ``kind`` is ``package``, ``bundle``, ``resource`` or ``family``. ``warning`` is the names that
    ``identity.warnings`` gives, joined by a blank. Where ``error`` says why the package cannot be decoded, the
    fields from ``full_name`` to ``warning`` are empty; where it is only about ``previous_full_name``, they are filled.
    ``full_name`` and ``previous_full_name`` are in the form that ``PackageFullName`` prints; a previous name that
    cannot be decoded is left as it was.
    """

    action: str = ""
    previous_full_name: str = ""
    full_name: str = ""
    name: str = ""
    version: str = ""
    architecture: str = ""
    resource_id: str = ""
    publisher_id: str = ""
    family_name: str = ""
    kind: str = ""
    warning: str = ""
    error: str = ""


def decode(text: str) -> list[DecodedPackage]:
    r"""Decode a field value; surrounding blanks do not count. Never raises: what cannot be decoded says why.

    - Nothing (``""``, ``NULL``, ``-``, only blanks): no row.
    - More than ``LONGEST`` characters: one row that says so.
    - A list: some blank-separated token is a list name (letters and a colon), or there are several tokens and some
      token is a package full name. One row for each item; in a list only package full names are decoded.
    - Anything else is one value and one row: a package full name, a package family name, or an application user model
      ID ``family!application`` (decoded as its family). In front of it may stand a path or a prefix that ends in a
      backslash: ``WindowsApps\<full name>``, ``MSIX\<full name>``.
    """
    return [decode_part(part) for part in split(text)]


def split(text: str) -> list[PackageAction] | list[str]:
    """Take a value apart: a list into its items, any other value as one part; nothing has no parts."""
    value = text.strip()
    if value in _NOTHING:
        return []
    items = parse_action_lists(value) if len(value) <= LONGEST and _is_list(value) else []
    return items or [value]


def decode_part(part: PackageAction | str) -> DecodedPackage:
    """Decode one part of a value. Parts repeat where values do not, so a caller may remember what becomes of them."""
    return _decode_value(part) if isinstance(part, str) else _decode_item(part)


def _is_list(value: str) -> bool:
    tokens = value.split()
    if len(tokens) == 1:
        return is_list_name(value)
    return any(map(is_list_name, tokens)) or any(map(_is_full_name, tokens))


def _is_full_name(token: str) -> bool:
    try:
        parse_full_name(token)
    except InvalidPackageFullName:
        return False
    return True


def _decode_value(value: str) -> DecodedPackage:
    if len(value) > LONGEST:
        reason = f"a value of {len(value)} characters, more than the {LONGEST} that are decoded"
        return DecodedPackage(error=describe(reason, value))
    identity = value.rpartition("\\")[2] or value
    try:
        if "!" in identity or identity.count("_") == 1:
            return _decode_family(identity)
        return _row("", "", parse_full_name(identity), identity, "")
    except (InvalidPackageFullName, InvalidPackageFamilyName) as error:
        if is_list_name(value):
            return DecodedPackage(error=describe("a package list without a package full name", value))
        return DecodedPackage(error=str(error))


def _decode_family(text: str) -> DecodedPackage:
    family_text, separator, application_id = text.partition("!")
    family = parse_family_name(family_text)
    if separator and not _is_application_id(application_id):
        reason = f"application ID is not dotted words of letters and digits, 1 to {_LONGEST_APPLICATION_ID} characters"
        return DecodedPackage(error=describe(reason, text))
    return DecodedPackage(
        name=family.name,
        publisher_id=family.publisher_id,
        family_name=str(family),
        kind="family",
        warning=" ".join(warnings(family, family_text)),
    )


def _is_application_id(text: str) -> bool:
    return len(text) <= _LONGEST_APPLICATION_ID and _APPLICATION_ID.fullmatch(text) is not None


def _decode_item(item: PackageAction) -> DecodedPackage:
    previous, previous_error = _decode_previous(item.previous_full_name)
    error = describe("an update without its new package full name", previous)
    if item.full_name:
        try:
            package = parse_full_name(item.full_name)
            return _row(item.action, previous, package, item.full_name, previous_error)
        except InvalidPackageFullName as invalid:
            error = str(invalid)
    return DecodedPackage(item.action, previous, error="; ".join(filter(None, (error, previous_error))))


def _decode_previous(text: str) -> tuple[str, str]:
    if not text:
        return "", ""
    try:
        return str(parse_full_name(text)), ""
    except InvalidPackageFullName as invalid:
        return text, f"previous package full name: {invalid}"


def _row(action: str, previous: str, package: PackageFullName, text: str, error: str) -> DecodedPackage:
    warning = " ".join(warnings(package, text))
    return DecodedPackage(action, previous, str(package), *package, package.family_name, package.kind, warning, error)
