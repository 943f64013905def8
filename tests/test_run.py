import importlib.util
import shutil
import subprocess
import sys
import tomllib
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

from tests import browser

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = """\
[tool.ruff]
line-length = {line_length}

[tool.ruff.lint]
select = ["F"]

[tool.mypy]
strict = true
files = ["tests"]

[tool.pytest.ini_options]
addopts = "-ra"
"""
HUNT = '#!/usr/bin/env python3\nprint("hunt")\n'
TESTS = "def test_one() -> None:\n    assert {truth}\n\n\ndef test_two() -> None:\n    pass\n"
APT_GET = """\
#!/bin/sh
echo "$@" >>"{called}"
for name in chromium node npm; do
  echo >"{folder}/$name"
  /bin/chmod +x "{folder}/$name"
done
"""
SKIPPED = """\
import pytest


@pytest.mark.skip("skipped: no Splunk")
def test_three() -> None:
    pass
"""


@pytest.fixture
def run() -> ModuleType:
    loader = SourceFileLoader("tests_run", str(ROOT / "tests" / "run"))
    spec = importlib.util.spec_from_loader("tests_run", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_the_ci_runs_the_test_command_of_the_readme_and_nothing_else() -> None:
    lines = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    commands = [line for line in lines if not line.startswith("#")]
    assert commands == ["set -euo pipefail", 'cd "$(dirname "${BASH_SOURCE[0]}")/.."', "exec python3 tests/run"]
    assert "\npython3 tests/run\n" in (ROOT / "README.md").read_text("utf-8")


def small_project(root: Path, *, truth: bool = True) -> Path:
    """A project of two tests, with the environments of this one."""
    for name in ("tests/run", "searchhead/__init__.py", "searchhead/provision.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, root / name)
    shutil.copytree(ROOT / "requirements", root / "requirements")
    (root / "bin").mkdir()
    for name in ("bin/lib", ".venv", ".venv-appinspect"):
        (root / name).symlink_to(ROOT / name)
    line_length = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["ruff"]["line-length"]
    (root / "pyproject.toml").write_text(PYPROJECT.format(line_length=line_length), "utf-8")
    (root / "hunt").write_text(HUNT, "utf-8")
    (root / "tests" / "test_small.py").write_text(TESTS.format(truth=truth), "utf-8")
    return root


def start(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "tests/run", *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(autouse=True, scope="module")
def provisioned() -> None:
    missing = [name for name in ("bin/lib", ".venv", ".venv-appinspect") if not (ROOT / name).exists()]
    if missing:
        pytest.skip(f"skipped: {', '.join(missing)} not set up, which python3 tests/run does")


def announced(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line.removeprefix("tests/run: ") for line in done.stdout.splitlines() if line.startswith("tests/run: ")]


def test_everything_is_run_in_order_and_the_last_line_is_the_summary_of_pytest(tmp_path: Path) -> None:
    root = small_project(tmp_path / "small")
    (root / "tests" / "test_skipped.py").write_text(SKIPPED, "utf-8")
    done = start(root)
    assert done.returncode == 0, done.stdout + done.stderr
    assert announced(done) == [
        "ruff check . hunt tests/run",
        "ruff format --check . hunt tests/run",
        "mypy",
        "mypy --scripts-are-modules hunt tests/run",
        "pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder",
    ]
    assert "= 2 passed, 1 skipped in " in done.stdout.splitlines()[-1]
    assert "SKIPPED [1] tests/test_skipped.py:4: skipped: no Splunk" in done.stdout


def test_arguments_go_to_pytest_in_one_process(tmp_path: Path) -> None:
    done = start(small_project(tmp_path / "small", truth=False), "-k", "test_two", "-q")
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1].startswith("1 passed, 1 deselected in ")


def test_a_failed_test_fails_the_command(tmp_path: Path) -> None:
    done = start(small_project(tmp_path / "small", truth=False), "-q")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("1 failed, 1 passed in ")


def test_a_failed_tool_fails_the_command_after_all_else_was_run(tmp_path: Path) -> None:
    root = small_project(tmp_path / "small")
    (root / "hunt").write_text(HUNT + 'import os\nnumber: int = "one"\n\n\n', "utf-8")  # unused, no number, blank lines
    (root / "tests" / "test_small.py").write_text(TESTS.format(truth=True) + "\n\nname: str = 1\n", "utf-8")
    done = start(root, "-q")
    assert done.returncode == 1
    assert announced(done)[-2:] == ["failed so far: ruff check, ruff format, mypy, mypy of scripts", "pytest -q"]
    assert done.stdout.splitlines()[-1].startswith("2 passed in ")


def test_a_browser_is_known_by_the_same_names_as_in_the_tests(run: ModuleType) -> None:
    assert run.BROWSERS == browser.NAMES


def test_without_apt_get_a_missing_library_is_named(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("ctypes.util.find_library", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    run.install_system_packages()
    assert capsys.readouterr().out == (
        "tests/run: this machine lacks libmagic1, chromium, nodejs, npm (names of Debian packages; "
        "macOS: brew install libmagic node). What needs them will fail or be skipped.\n"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="skipped: apt-get is for Linux")
def test_root_installs_what_is_missing_with_apt_get(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    called = tmp_path / "called"
    (tmp_path / "apt-get").write_text(APT_GET.format(called=called, folder=tmp_path), "utf-8")
    (tmp_path / "apt-get").chmod(0o755)
    monkeypatch.setattr("ctypes.util.find_library", lambda _: "libmagic.so.1" if called.exists() else None)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    run.install_system_packages()
    assert called.read_text("utf-8") == "update\ninstall --yes --no-install-recommends libmagic1 chromium nodejs npm\n"
    assert "lacks" not in capsys.readouterr().out
