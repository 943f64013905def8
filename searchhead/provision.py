"""The Python environments of this checkout: made, filled and kept current from requirements/.

Standard library only, and no syntax newer than Python 3.9: this runs before anything is installed, perhaps on an
interpreter too old for the rest of the project. It then looks for a newer one.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
BUILD = ROOT / "build"
LIB = ROOT / "bin" / "lib"

ENVIRONMENTS = {
    "hunt": (".venv", ("hunt.txt",)),
    "tests": (".venv", ("hunt.txt", "tests.txt")),
    "appinspect": (".venv-appinspect", ("appinspect.txt",)),
}
"""What is asked for: the folder of its environment and its requirement files; the last one includes the others."""

OLDEST_PYTHON = (3, 11)
PYTHON_NAMES = ("python3.13", "python3.12", "python3.11")

SDK_MODULES = ("__init__.py", "binding.py", "client.py", "data.py", "utils.py", "searchcommands/")
"""What a search command needs of splunklib: files, and folders (with a slash at the end)."""


class ProvisionError(Exception):
    """An environment cannot be made; the message says what failed and what to do."""


def python(requirements: str) -> Path:
    """Return the Python that has what ``requirements`` (a key of ENVIRONMENTS) names, set up first if need be.

    Where everything is in place, no process is started and nothing is written. The environment of the project itself
    comes with the splunk-sdk in bin/lib.

    Raises:
        ProvisionError: an interpreter, pip, a download or write access is missing.
    """
    folder, names = ENVIRONMENTS[requirements]
    environment = ROOT / folder
    files = [REQUIREMENTS / name for name in names]
    has_sdk = folder == ".venv"
    try:
        if not (_is_filled(environment, files) and (not has_sdk or _sdk_is_current())):
            with _one_run_at_a_time():  # the one before may have done all of it, or a part
                if not _is_filled(environment, files):
                    _fill(environment, files)
                if has_sdk and not _sdk_is_current():
                    _vendor(LIB)
    except OSError as error:
        raise ProvisionError(f"{folder} cannot be set up: {error}") from error
    return _interpreter(environment)


def vendor_splunk_sdk(target: Path) -> None:
    """Put the pinned splunk-sdk into the folder ``target`` as ``target/splunklib``, in place of one that is there.

    The files are those of the published source distribution, byte for byte, without the parts that no search command
    needs; LICENSE is the project's own text of the same licence, which the distribution itself does not contain.

    Raises:
        ProvisionError: the distribution cannot be downloaded, or a folder cannot be written.
    """
    try:
        with _one_run_at_a_time():
            _vendor(target)
    except OSError as error:
        raise ProvisionError(f"splunk-sdk cannot be put into {target}: {error}") from error


def _interpreter(environment: Path) -> Path:
    return environment / "Scripts" / "python.exe" if os.name == "nt" else environment / "bin" / "python"


def _is_filled(environment: Path, files: list[Path]) -> bool:
    return _interpreter(environment).exists() and all(
        (stamp := _stamp(environment, file)).is_file() and stamp.read_bytes() == file.read_bytes() for file in files
    )


def _stamp(environment: Path, file: Path) -> Path:
    """Where an environment keeps its copy of the requirement file that it was last filled from."""
    return environment / "provisioned" / file.name


@contextmanager
def _one_run_at_a_time() -> Iterator[None]:
    """Wait for any other run in this checkout; the operating system frees the lock even if that run is killed."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "provision.lock").open("wb") as lock:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - exists on Windows only

            while True:
                try:
                    msvcrt.locking(lock.fileno(), msvcrt.LK_LOCK, 1)
                    break
                except OSError as error:  # LK_LOCK itself gives up after ten seconds
                    if error.errno != errno.EDEADLOCK:
                        raise
        else:
            import fcntl  # noqa: PLC0415 - does not exist on Windows

            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fill(environment: Path, files: list[Path]) -> None:
    _make(environment)
    _say(f"installing {files[-1].relative_to(ROOT)} into {environment.name}")
    _run_pip(environment, "install", "--requirement", str(files[-1]))
    for file in files:
        stamp = _stamp(environment, file)
        stamp.parent.mkdir(exist_ok=True)
        shutil.copyfile(file, stamp)


def _make(environment: Path) -> None:
    """Make the environment unless it is there with a working pip, which a run that was killed may not have left."""
    interpreter = _interpreter(environment)
    if interpreter.exists() and _run(interpreter, "-I", "-m", "pip", "--version").returncode == 0:
        return
    _say(f"making {environment.name}")
    made = _run(_base_python(), "-I", "-m", "venv", "--clear", str(environment))
    if made.returncode != 0:
        shutil.rmtree(environment, ignore_errors=True)
        raise ProvisionError(
            f"{environment.name} cannot be made:\n{_last_lines(made)}\n"
            "Install the venv module of your Python (Debian and Ubuntu: apt-get install python3-venv), then run again."
        )


def _base_python() -> str:
    """A Python that the project runs on: the one that runs this, else a newer one from the PATH."""
    if sys.version_info >= OLDEST_PYTHON:
        return sys.executable
    for name in PYTHON_NAMES:
        found = shutil.which(name)
        # A version manager's stand-in is found on the PATH too, and fails unless that version is active.
        if found and _run(found, "-I", "-c", "import venv").returncode == 0:
            return found
    raise ProvisionError(
        f"Python {'.'.join(map(str, OLDEST_PYTHON))} or newer is needed, this is {sys.version.split()[0]} and there is "
        f"none of {', '.join(PYTHON_NAMES)} on the PATH. Install one, then run again."
    )


def _pinned_sdk() -> tuple[str, str]:
    """Version and SHA-256 of the splunk-sdk's source distribution."""
    file = REQUIREMENTS / "splunk-sdk.txt"
    pin = re.search(r"^splunk-sdk==([0-9.]+) --hash=sha256:([0-9a-f]{64})$", file.read_text("utf-8"), re.MULTILINE)
    if pin is None:
        raise ProvisionError(f"{file.relative_to(ROOT)}: no line `splunk-sdk==VERSION --hash=sha256:HASH`")
    return pin[1], pin[2]


def _sdk_is_current() -> bool:
    package = LIB / "splunklib"
    if not ((package / "LICENSE").is_file() and (package / "__init__.py").is_file()):
        return False
    version = ", ".join(_pinned_sdk()[0].split("."))
    return f"__version_info__ = ({version})" in (package / "__init__.py").read_text("utf-8")


def _vendor(target: Path) -> None:
    distribution = _sdk_distribution()
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target) as scratch:
        new = Path(scratch, "splunklib")
        _unpack_sdk(distribution, new)
        shutil.copyfile(ROOT / "LICENSE", new / "LICENSE")
        package = target / "splunklib"
        if package.exists():
            package.rename(Path(scratch, "old"))
        new.rename(package)


def _unpack_sdk(distribution: Path, package: Path) -> None:
    with tarfile.open(distribution) as archive:
        for member in archive:
            name = member.name.partition("/splunklib/")[2]
            content = archive.extractfile(member) if name.startswith(SDK_MODULES) else None
            if content is not None:  # a folder has none
                file = package / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content.read())


def _sdk_distribution() -> Path:
    """The pinned source distribution, kept so that a package can be built again without a network."""
    version, digest = _pinned_sdk()
    kept = BUILD / "downloads" / f"splunk-sdk-{version}.tar.gz"
    if not (kept.is_file() and hashlib.sha256(kept.read_bytes()).hexdigest() == digest):
        environment = ROOT / ".venv"
        _make(environment)
        kept.parent.mkdir(parents=True, exist_ok=True)
        _say(f"downloading splunk-sdk {version}")
        with tempfile.TemporaryDirectory(dir=BUILD) as scratch:
            file = str(REQUIREMENTS / "splunk-sdk.txt")
            options = ("--no-deps", "--no-binary", ":all:", "--require-hashes", "--dest", scratch)
            _run_pip(environment, "download", *options, "--requirement", file)
            Path(scratch, kept.name).replace(kept)
    return kept


def _run_pip(environment: Path, *arguments: str) -> None:
    command = ("-I", "-m", "pip", "--quiet", "--no-input", "--disable-pip-version-check", *arguments)
    done = _run(_interpreter(environment), *command)
    if done.returncode != 0:
        raise ProvisionError(
            f"pip {arguments[0]} of {Path(arguments[-1]).relative_to(ROOT)} failed:\n{_last_lines(done)}\n"
            "Check the network, and the package index that pip is configured with (pip config list), then run again."
        )


def _run(*command: Path | str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, cwd=ROOT)


def _last_lines(done: subprocess.CompletedProcess[str]) -> str:
    """The end of what a process said, where the reason of a failure stands."""
    return "\n".join(f"    {line}" for line in (done.stdout + done.stderr).splitlines()[-12:])


def _say(message: str) -> None:
    sys.stderr.write(f"set-up: {message} ...\n")
    sys.stderr.flush()


USAGE = f"""\
usage: python3 -m searchhead.provision python {{{",".join(ENVIRONMENTS)}}}   prints the interpreter, set up if need be
       python3 -m searchhead.provision vendor FOLDER   puts the splunk-sdk into FOLDER
"""


def main(arguments: list[str]) -> int:
    """What package.sh calls."""
    try:
        if len(arguments) == 2 and arguments[0] == "vendor":
            vendor_splunk_sdk(Path(arguments[1]).resolve())
        elif len(arguments) == 2 and arguments[0] == "python" and arguments[1] in ENVIRONMENTS:
            sys.stdout.write(f"{python(arguments[1])}\n")
        else:
            sys.stderr.write(USAGE)
            return 2
    except ProvisionError as error:
        sys.stderr.write(f"set-up: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
