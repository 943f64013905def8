"""Running package.sh, for the tests of what it does and of what it makes."""

import hashlib
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APP = "package_abuse"
FILES = ("app.manifest", "LICENSE", "NOTICE", "README.md")
FOLDERS = ("bin", "default", "lookups", "metadata", "static")


def copy_checkout(target: Path) -> Path:
    """Copy what package.sh needs, with times and modes of its own."""
    ignore = shutil.ignore_patterns("__pycache__", "lib")
    for name in (*FOLDERS, "requirements"):
        shutil.copytree(ROOT / name, target / name, ignore=ignore, copy_function=shutil.copyfile)
    others = ("package.sh", "searchhead/__init__.py", "searchhead/provision.py")
    gate = ("tests/appinspect_gate.py", "tests/appinspect_expected.toml")
    for name in (*FILES, *others, *gate):
        (target / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(ROOT / name, target / name)
    downloads = ROOT / "build" / "downloads"
    if downloads.exists():
        shutil.copytree(downloads, target / "build" / "downloads")
    return target


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


def unpack(archive: Path, apps: Path) -> Path:
    """Unpack an archive into a folder of apps, over what is there: its files replace others, no file goes."""
    with tarfile.open(archive) as opened:
        opened.extractall(apps, filter="tar")
    return apps / APP


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def files_under(folder: Path) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


def digests(folder: Path) -> dict[str, str]:
    """The checksum of every file under a folder, by its path there."""
    return {name: sha256(folder / name) for name in files_under(folder)}
