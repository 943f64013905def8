"""The publisher ID: what Windows makes of a publisher, the distinguished name in the package manifest.

An ID is only a claim. It is computed from a name that the author of a package chooses, not from a key,
so it says who the package claims to be from and nothing about who signed it.
"""

import hashlib

from msix.errors import describe

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LONGEST = 8192  # characters, MicrosoftDocs/win32 desktop-src/appxpkg/identity-constants.md


class InvalidPublisher(ValueError):
    """The text cannot be the publisher of a package."""


def publisher_id(distinguished_name: str) -> str:
    """Return the publisher ID of a publisher: 13 characters of ``0-9 a-z`` without ``i l o u``.

    The algorithm is that of microsoft/msix-packaging (src/msix/common/Encoding.cpp): SHA-256 of the name in
    UTF-16LE; the first 64 bits and one zero bit, 5 bits a character. Every character counts: case, blanks,
    quotation marks and the order of the attributes. Undo XML entities before, change nothing else.

    Raises:
        InvalidPublisher: the name is empty, longer than 8192 characters or cannot be written as UTF-16.
    """
    if not distinguished_name:
        raise InvalidPublisher(describe("publisher is empty", distinguished_name))
    if len(distinguished_name) > _LONGEST:
        reason = f"publisher must have 1 to {_LONGEST} characters, not {len(distinguished_name)}"
        raise InvalidPublisher(describe(reason, distinguished_name))
    try:
        encoded = distinguished_name.encode("utf-16-le")
    except UnicodeEncodeError as error:
        reason = f"publisher has half a surrogate pair at character {error.start + 1}"
        raise InvalidPublisher(describe(reason, distinguished_name)) from error
    bits = int.from_bytes(hashlib.sha256(encoded).digest()[:8], "big") << 1
    return "".join(_ALPHABET[bits >> shift & 31] for shift in range(60, -1, -5))
