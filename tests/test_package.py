import configparser
import ctypes.util
import os
import re
import shutil
import stat
import tarfile
from pathlib import Path

import pytest

from searchhead import provision
from tests.package_sh import APP, ROOT, build, copy_checkout, run

FIXED_EPOCH = 1_577_836_800  # 2020-01-01, where neither SOURCE_DATE_EPOCH nor git tells a time


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return copy_checkout(tmp_path / "tree")


# --- AppInspect


@pytest.fixture(scope="module")
def appinspect() -> None:
    try:
        provision.python("appinspect")
    except provision.ProvisionError as error:
        pytest.skip(f"skipped: AppInspect cannot be installed: {error}")
    if ctypes.util.find_library("magic") is None:
        pytest.skip("skipped: AppInspect needs the library libmagic (Debian: apt-get install libmagic1)")


@pytest.mark.usefixtures("appinspect")
def test_appinspect_finds_nothing_unexpected() -> None:
    done = run(ROOT)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^AppInspect: 0 error, 0 failure, 0 future_failure, .*: passed, \d+ warnings", done.stdout, re.M)


@pytest.mark.usefixtures("appinspect")
def test_a_flaw_in_a_conf_fails_the_command(tree: Path) -> None:
    (tree / ".venv-appinspect").symlink_to(ROOT / ".venv-appinspect")
    with (tree / "default" / "macros.conf").open("a", encoding="utf-8") as conf:
        conf.write('\n[package_flaw]\ndefinition = search process="rm -rf /"\n')
    done = run(tree)
    assert done.returncode == 1
    assert "AppInspect: failure: check_destructive_commands: " in done.stderr
    assert done.stdout.endswith(": not fit for release\n")


# --- the archive


def test_the_archive_is_named_after_the_app_and_its_version(archive: Path) -> None:
    conf = configparser.ConfigParser(interpolation=None)
    conf.read(ROOT / "default" / "app.conf", encoding="utf-8")
    assert archive == ROOT / "dist" / f"{APP}-{conf['id']['version']}.tgz"


def test_the_archive_is_the_same_from_another_copy_umask_and_time(tmp_path: Path) -> None:
    first, second = copy_checkout(tmp_path / "first"), copy_checkout(tmp_path / "second")
    for path in sorted(second.rglob("*")):
        os.utime(path, (1, 1_000_000_000))
        if path.is_file():
            path.chmod(0o600 | (stat.S_IXUSR if path.suffix == ".csv" else 0))
    assert build(first).read_bytes() == build(second, umask=0o077).read_bytes()


def test_times_are_those_of_source_date_epoch_or_fixed(tree: Path) -> None:
    def times(archive: Path) -> set[float]:
        with tarfile.open(archive) as opened:
            return {member.mtime for member in opened}

    assert times(build(tree, epoch="1700000000")) == {1_700_000_000}
    assert times(build(tree)) == {FIXED_EPOCH}


def test_what_tools_leave_in_a_checkout_is_passed_over(tree: Path) -> None:
    clean = build(tree).read_bytes()
    left_behind = (
        "default/.DS_Store",
        "bin/__pycache__/msixdecode.cpython-311.pyc",
        "bin/msix/decode.pyc",
        "bin/lib/splunklib/results.py",
        "lookups/.package_publishers.csv.swp",
        "lookups/package_publishers.csv.tmp",
        "lookups/package_exceptions_site.csv",  # what a site wrote; an upgrade must not bring another
        "metadata/local.meta",
        "local/app.conf",
        "tests/test_new.py",
    )
    for name in left_behind:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("left behind", "utf-8")
    assert build(tree).read_bytes() == clean


def test_what_does_not_ship_is_refused_and_named_all_at_once(tree: Path) -> None:
    strays = (
        "bin/notes.txt",
        "default/macros.conf.orig",
        "default/data/ui/views/old view.xml",
        "lookups/package_events.evtx",
        "static/appIcon.svg",
    )
    for name in strays:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("stray", "utf-8")
    (tree / "lookups" / "linked.csv").symlink_to("/etc/hostname")
    (tree / "bin" / "linked").symlink_to(tree / "searchhead")
    done = run(tree, "--no-inspect")
    assert done.returncode == 1
    *refused, advice = done.stderr.splitlines()
    expected = [f"package.sh: {name}: not a file that ships" for name in strays]
    expected += [f"package.sh: {name}: a symbolic link" for name in ("lookups/linked.csv", "bin/linked")]
    assert sorted(refused) == sorted(expected)
    assert advice == "package.sh: remove these files, or allow them in package.sh"
    assert not (tree / "dist").exists()


BROKEN = [
    ("README.md", None, "README.md is missing"),
    ("lookups", None, "lookups is missing"),
    # no stanza [id]
    ("default/app.conf", "[launcher]\nversion = 1.0.0\n", "default/app.conf: stanza [id] has no usable name: ''"),
    # the version of another stanza does not count
    (
        "default/app.conf",
        "[id]\nname = package_abuse\n\n[launcher]\nversion = 1.0.0\n",
        "default/app.conf: the version in stanza [id] is not like 1.2.3 or 1.2.3-rc.1: ''",
    ),
    # two numbers are not a semantic version
    (
        "default/app.conf",
        "[id]\nname = package_abuse\nversion = 1.0\n",
        "default/app.conf: the version in stanza [id] is not like 1.2.3 or 1.2.3-rc.1: '1.0'",
    ),
    # nothing that leaves the folder dist
    (
        "default/app.conf",
        "[id]\nname = ../x\nversion = 1.0.0\n",
        "default/app.conf: stanza [id] has no usable name: '../x'",
    ),
]


@pytest.mark.parametrize(("name", "text", "message"), BROKEN)
def test_a_broken_checkout_is_refused_with_its_reason(tree: Path, name: str, text: str | None, message: str) -> None:
    if text is not None:
        (tree / name).write_text(text, "utf-8")
    elif (tree / name).is_dir():
        shutil.rmtree(tree / name)
    else:
        (tree / name).unlink()
    done = run(tree, "--no-inspect")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"package.sh: {message}\n")


@pytest.mark.parametrize("arguments", [("--inspect",), ("--no-inspect", "--no-inspect"), ("dist",)])
def test_an_unknown_argument_shows_the_usage(arguments: tuple[str, ...]) -> None:
    done = run(ROOT, *arguments)
    assert (done.returncode, done.stderr) == (2, "usage: ./package.sh [--no-inspect]\n")
