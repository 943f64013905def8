"""Running package.sh, for the tests of what it does and of what it makes."""

import hashlib
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APP = "package_abuse"
FILES = ("app.manifest", "LICENSE", "NOTICE", "README.md")
FOLDERS = ("bin", "default", "lookups", "metadata", "static")


def run(tree: Path, *arguments: str, umask: int = -1, epoch: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    if epoch is not None:
        environment["SOURCE_DATE_EPOCH"] = epoch
    return subprocess.run(
        ["bash", "package.sh", *arguments],
        cwd=tree,
        env=environment,
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def build(tree: Path, *, umask: int = -1, epoch: str | None = None) -> Path:
    done = run(tree, "--no-inspect", umask=umask, epoch=epoch)
    assert done.returncode == 0, done.stderr
    name, digest = done.stdout.splitlines()
    assert digest == f"sha256 {sha256(tree / name)}"
    return tree / name


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def files_under(folder: Path) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
