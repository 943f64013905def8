"""Fetch a log that is too large, or not ours, to keep in the repository: checked, and kept in a cache.

The one sample is the log that the published detection "Windows Developer-Signed MSIX Package Installation" is tested
with (splunk/attack_data, kept there in Git LFS).
"""

import hashlib
import http.client
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import IO

SAMPLE_URL = (
    "https://media.githubusercontent.com/media/splunk/attack_data/master/"
    "datasets/attack_techniques/T1204.002/appx/windows_appxdeploymentserver.log"
)
SAMPLE_SHA256 = "d24aa7e7cac149912e0bb673f85a6e8a4759bbdfa10a8ad2f3a408b618400550"
SAMPLE_SIZE = 1_134_773

LFS_POINTER = b"version https://git-lfs.github.com/spec/"
"""How a Git LFS pointer file begins, which some servers give in place of the file (git-lfs, docs/spec.md)."""

CHUNK = 65_536


class SampleUnavailable(Exception):
    """The server cannot be reached, is too slow, or does not have the file: nothing can be said about the file."""


class WrongSample(Exception):
    """The server gave a file, but not the one that was asked for."""


def fetch(
    url: str, target: Path, sha256: str, size: int, *, timeout: float, schemes: tuple[str, ...] = ("https",)
) -> Path:
    """Return ``target``, downloaded from ``url`` unless it is there already with the right checksum.

    Args:
        url: where the file is.
        target: where it is kept; written in one step, or not at all.
        sha256: its checksum, hexadecimal.
        size: its size in bytes; not one byte more is stored.
        timeout: seconds that the whole download may take.
        schemes: what ``url``, and whatever it redirects to, may begin with.

    Raises:
        SampleUnavailable: there is no (complete) answer.
        WrongSample: the answer is another file.
    """
    if target.is_file() and hashlib.sha256(target.read_bytes()).hexdigest() == sha256:
        return target
    try:
        content = _download(url, size, time.monotonic() + timeout, timeout, schemes)
    except (OSError, http.client.HTTPException) as error:
        raise SampleUnavailable(f"{url}: {error}") from error
    if content.startswith(LFS_POINTER):
        raise SampleUnavailable(f"{url}: the server gave the Git LFS pointer of the file, not the file")
    if len(content) > size:
        raise WrongSample(f"{url}: larger than the expected {size} bytes")
    digest = hashlib.sha256(content).hexdigest()
    if digest != sha256:
        raise WrongSample(f"{url}: {len(content)} bytes with sha256 {digest}, expected {size} with {sha256}")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.{os.getpid()}")
    part.write_bytes(content)
    part.replace(target)
    return target


def _download(url: str, size: int, deadline: float, timeout: float, schemes: tuple[str, ...]) -> bytes:
    """The answer, cut off one byte after the expected size."""
    _check_scheme(url, schemes)
    opener = urllib.request.build_opener(_Redirects(schemes))
    content = bytearray()
    with opener.open(url, timeout=timeout) as answer:
        while len(content) <= size and (chunk := answer.read1(min(CHUNK, size + 1 - len(content)))):
            content += chunk
            if time.monotonic() > deadline:
                raise TimeoutError(f"not finished after {timeout:g} seconds")
        expected = answer.headers.get("Content-Length")
    if len(content) <= size and expected is not None and int(expected) != len(content):
        raise ConnectionError(f"the connection ended after {len(content)} of {expected} bytes")
    return bytes(content)


def _check_scheme(url: str, schemes: tuple[str, ...]) -> None:
    if urllib.parse.urlsplit(url).scheme not in schemes:
        raise WrongSample(f"{url}: only {' and '.join(schemes)} is fetched")


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but to no other scheme."""

    def __init__(self, schemes: tuple[str, ...]) -> None:
        self.schemes = schemes

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        _check_scheme(newurl, self.schemes)
        return super().redirect_request(req, fp, code, msg, headers, newurl)
