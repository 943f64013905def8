"""The page of tests/views, which draws a view with Splunk's own renderer: built with Node, in build/views.

Standard library only: ``python3 tests/node_project.py`` is started before anything is installed. The page is built
again when a file of tests/views changed, its packages are installed again when the lock file did.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "tests" / "views"
BUILD = ROOT / "build" / "views"

LOCKED = (".npmrc", "package.json", "package-lock.json")
BUILT = ("index.html", "vite.config.mjs", "src")
"""What Node needs of tests/views: for the packages, and for the page."""

OLDEST_NODE = (20, 19)
"""What Vite 7 runs on."""


class NodeMissingError(Exception):
    """The page cannot be built on this machine: no Node, no npm, or no packages; the message says what to do."""


class PageError(Exception):
    """The page cannot be built from its sources; the message is what Vite says."""


def built_page() -> Path:
    """The folder of the built page; where it is current, no process is started and nothing is written.

    Raises:
        NodeMissingError: this machine lacks what it takes.
        PageError: the sources are wrong.
    """
    page = BUILD / "dist"
    if not _is_current(page, LOCKED + BUILT):
        npm = _npm()
        with _one_run_at_a_time():  # the one before may have done all of it, or a part
            _copy_sources()
            if not _is_current(BUILD / "node_modules", LOCKED):
                _install(npm)
            if not _is_current(page, LOCKED + BUILT):
                _build(npm, page)
    return page


def _npm() -> str:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NodeMissingError(f"no {'node' if node is None else 'npm'} on the PATH (Debian: nodejs and npm)")
    version = _run([node, "--version"], ROOT).stdout.strip()
    if tuple(map(int, re.findall(r"\d+", version)[:2])) < OLDEST_NODE:
        raise NodeMissingError(f"Node {'.'.join(map(str, OLDEST_NODE))} or newer is needed, this is {version}")
    return npm


def _digest(names: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    for path in _files(names):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(SOURCES).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _files(names: tuple[str, ...]) -> list[Path]:
    paths = [SOURCES / name for name in names]
    return sorted(file for path in paths for file in (path.rglob("*") if path.is_dir() else [path]) if file.is_file())


def _stamp(made: Path) -> Path:
    """Where a folder that was made keeps the digest of what it was made from."""
    return made / ".made-from"


def _is_current(made: Path, names: tuple[str, ...]) -> bool:
    return _stamp(made).is_file() and _stamp(made).read_text("utf-8") == _digest(names)


def _copy_sources() -> None:
    shutil.rmtree(BUILD / "src", ignore_errors=True)
    for file in _files(LOCKED + BUILT):
        copy = BUILD / file.relative_to(SOURCES)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)


def _install(npm: str) -> None:
    _say("installing the packages of tests/views")
    done = _run([npm, "ci", "--no-progress"], BUILD)
    if done.returncode != 0:
        raise NodeMissingError(
            f"npm ci of tests/views failed:\n{_last_lines(done)}\n"
            "Check the network, and the registry that npm is configured with (npm config list)."
        )
    _stamp(BUILD / "node_modules").write_text(_digest(LOCKED), "utf-8")


def _build(npm: str, page: Path) -> None:
    _say("building the page of tests/views")
    done = _run([npm, "run", "build"], BUILD)
    if done.returncode != 0:
        raise PageError(f"vite build of tests/views failed:\n{_last_lines(done)}")
    _stamp(page).write_text(_digest(LOCKED + BUILT), "utf-8")


@contextmanager
def _one_run_at_a_time() -> Iterator[None]:
    """Wait for any other run in this checkout: a test waits here for what tests/run started before it."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "lock").open("wb") as lock:
        with suppress(ImportError):  # Windows has no such module; there, nobody else builds
            import fcntl  # noqa: PLC0415 - see above

            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def _last_lines(done: subprocess.CompletedProcess[str]) -> str:
    return "\n".join(f"    {line}" for line in (done.stdout + done.stderr).splitlines()[-12:])


def _say(message: str) -> None:
    sys.stderr.write(f"set-up: {message} ...\n")
    sys.stderr.flush()


def main() -> int:
    """Build the page; 1 where that is not possible."""
    try:
        built_page()
    except (NodeMissingError, PageError, OSError) as error:
        sys.stderr.write(f"set-up: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
