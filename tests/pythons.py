"""The Python interpreters of this machine, for what must also run on other versions than the tests' own."""

import shutil
import subprocess
from functools import cache
from pathlib import Path


@cache
def interpreter(version: str) -> str | None:
    """Return a Python of this version (such as ``3.9``) from the PATH or from where pyenv keeps them, else None."""
    installed = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    for candidate in (shutil.which(f"python{version}"), *map(str, installed)):
        # A version manager's stand-in is on the PATH even where it can only fail.
        if candidate and _version(candidate) == version:
            return candidate
    return None


def _version(candidate: str) -> str:
    command = [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
