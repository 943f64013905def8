import ast
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from searchhead import provision
from tests.pythons import interpreter

ROOT = Path(__file__).resolve().parent.parent
SDK_SHA256 = "46300d52f09e0aed7e5962ce2ba08ef54421ffb3a538c6af6164dcbf9f075faa"
SDK_FILES = {
    *("LICENSE", "__init__.py", "binding.py", "client.py", "data.py", "utils.py"),
    *(
        f"searchcommands/{name}.py"
        for name in (
            *("__init__", "decorators", "environment", "eventing_command", "external_search_command"),
            *("generating_command", "internals", "reporting_command", "search_command", "streaming_command"),
            "validators",
        )
    ),
}


@pytest.fixture(scope="module")
def distribution(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The splunk-sdk's source distribution, which vendoring keeps; the only thing here that may need a network."""
    try:
        provision.vendor_splunk_sdk(tmp_path_factory.mktemp("vendored"))
    except provision.ProvisionError as error:
        pytest.skip(f"skipped: {error}")
    return ROOT / "build" / "downloads" / "splunk-sdk-2.1.1.tar.gz"


class Checkout:
    """A small copy of the project, whose requirements are one wheel made here, and which no network can help."""

    def __init__(self, root: Path, distribution: Path) -> None:
        self.root = root
        for name in ("searchhead/__init__.py", "searchhead/provision.py", "requirements/splunk-sdk.txt", "LICENSE"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, root / name)
        self.kept = root / "build" / "downloads" / distribution.name
        self.kept.parent.mkdir(parents=True)
        shutil.copyfile(distribution, self.kept)
        self.require("1.0")

    def require(self, version: str) -> None:
        wheel = self.root / f"tiny-{version}-py3-none-any.whl"
        info = f"tiny-{version}.dist-info"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("tiny.py", f"version = {version!r}\n")
            archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n")
            archive.writestr(
                f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            archive.writestr(f"{info}/RECORD", f"tiny.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
        (self.root / "requirements" / "hunt.txt").write_text(f"{wheel}\n", "utf-8")
        (self.root / "requirements" / "tests.txt").write_text("-r hunt.txt\n", "utf-8")

    def start(self, *arguments: str, interpreter: str = sys.executable, path: str = "") -> subprocess.Popen[str]:
        environment = {**os.environ, "PIP_NO_INDEX": "1", "PATH": path or os.environ["PATH"]}
        environment.pop("PIP_FIND_LINKS", None)
        command = [interpreter, "-m", "searchhead.provision", *arguments]
        return subprocess.Popen(
            command, cwd=self.root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, *arguments: str, interpreter: str = sys.executable, path: str = "") -> tuple[int, str, str]:
        process = self.start(*arguments, interpreter=interpreter, path=path)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    @property
    def python(self) -> Path:
        return self.root / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def pip(self) -> Path:
        return next(self.root.glob(".venv/[Ll]ib/**/site-packages/pip"))

    def tiny(self) -> str:
        command = [str(self.python), "-c", "import tiny; print(tiny.version)"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path, distribution: Path) -> Checkout:
    return Checkout(tmp_path, distribution)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory, distribution: Path) -> Checkout:
    """A checkout that two runs, started at once, have set up."""
    checkout = Checkout(tmp_path_factory.mktemp("ready") / "check out", distribution)
    processes = [checkout.start("python", "hunt") for _ in range(2)]
    results = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], results
    assert [out for out, _ in results] == [f"{checkout.python}\n"] * 2
    said = "".join(err for _, err in results)
    assert said == "set-up: making .venv ...\nset-up: installing requirements/hunt.txt into .venv ...\n"
    return checkout


def test_two_runs_at_once_set_up_one_environment_with_what_is_required(ready: Checkout) -> None:
    assert ready.tiny() == "1.0"


def test_the_environment_of_the_project_comes_with_the_splunk_sdk(ready: Checkout) -> None:
    files = {file.relative_to(ready.root / "bin/lib/splunklib").as_posix(): file for file in vendored(ready.root)}
    assert set(files) == SDK_FILES


def vendored(root: Path) -> list[Path]:
    return [file for file in (root / "bin" / "lib").rglob("*") if file.is_file()]


def test_what_is_in_place_needs_no_pip_and_is_not_written_again(ready: Checkout) -> None:
    hidden = ready.pip.rename(ready.pip.with_name("hidden"))
    before = {file: file.stat().st_mtime_ns for file in vendored(ready.root)}
    assert ready.run("python", "hunt") == (0, f"{ready.python}\n", "")
    assert {file: file.stat().st_mtime_ns for file in vendored(ready.root)} == before
    hidden.rename(hidden.with_name("pip"))


def test_a_set_up_project_is_recognised_on_the_oldest_python_that_starts_it(ready: Checkout) -> None:
    assert ready.run("python", "hunt", interpreter=old_python()) == (0, f"{ready.python}\n", "")


def old_python() -> str:
    found = interpreter("3.9") or interpreter("3.10")
    if found is None:
        pytest.skip("skipped: no Python 3.9 or 3.10 on this machine")
    return found


def test_an_old_python_alone_is_told_what_is_needed(checkout: Checkout, tmp_path: Path) -> None:
    status, out, err = checkout.run("python", "hunt", interpreter=old_python(), path=str(tmp_path))
    assert (status, out) == (1, "")
    assert re.search(
        r"\Aset-up: making .venv ...\n"
        r"set-up: Python 3\.11 or newer is needed, this is 3\.(9|10)\.\d+ and there is none of "
        r"python3\.13, python3\.12, python3\.11 on the PATH\. Install one, then run again\.\n\Z",
        err,
    )


def test_changed_requirements_are_installed_on_the_next_run(ready: Checkout) -> None:
    ready.require("2.0")
    status, _, err = ready.run("python", "tests")
    assert (status, err) == (0, "set-up: installing requirements/tests.txt into .venv ...\n")
    assert ready.tiny() == "2.0"
    # The requirements of the tests include those of hunt.
    assert ready.run("python", "hunt") == (0, f"{ready.python}\n", "")


def test_an_sdk_of_another_version_is_replaced(ready: Checkout) -> None:
    package = ready.root / "bin" / "lib" / "splunklib"
    (package / "__init__.py").write_text("__version_info__ = (2, 1, 10)\n", "utf-8")
    (package / "six.py").write_text("", "utf-8")
    assert ready.run("python", "hunt")[0] == 0
    assert {file.relative_to(package).as_posix() for file in vendored(ready.root)} == SDK_FILES


def test_an_environment_that_a_killed_run_left_without_pip_is_made_again(ready: Checkout) -> None:
    (ready.pip / "__main__.py").unlink()
    (ready.root / ".venv" / "provisioned" / "hunt.txt").unlink()
    status, _, err = ready.run("python", "hunt")
    assert (status, err.splitlines()[0]) == (0, "set-up: making .venv ...")
    assert ready.tiny() == "2.0"


def test_a_failing_download_says_what_failed_and_what_to_do(ready: Checkout) -> None:
    requirement = ready.root / "requirements" / "hunt.txt"
    before = requirement.read_text("utf-8")
    requirement.write_text("no-such-distribution==1\n", "utf-8")
    status, out, err = ready.run("python", "hunt")
    requirement.write_text(before, "utf-8")
    assert (status, out) == (1, "")
    assert "set-up: pip install of requirements/hunt.txt failed:\n" in err
    assert "No matching distribution found for no-such-distribution==1" in err
    assert err.endswith("(pip config list), then run again.\n")
    assert "Traceback" not in err


def test_a_kept_distribution_that_is_damaged_is_never_used(ready: Checkout) -> None:
    whole = ready.kept.read_bytes()
    ready.kept.write_bytes(whole[:-1] + b"?")
    status, _, err = ready.run("vendor", "elsewhere")
    ready.kept.write_bytes(whole)
    assert status == 1
    assert "set-up: pip download of requirements/splunk-sdk.txt failed:\n" in err
    assert not (ready.root / "elsewhere").exists()


@pytest.mark.parametrize("arguments", [(), ("python",), ("python", "all"), ("vendor",), ("vendor", "a", "b")])
def test_wrong_use_shows_the_usage(checkout: Checkout, arguments: tuple[str, ...]) -> None:
    status, out, err = checkout.run(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith("usage: python3 -m searchhead.provision python {hunt,tests,appinspect}")


def test_the_vendored_sdk_is_the_published_one_byte_for_byte(distribution: Path, tmp_path: Path) -> None:
    assert hashlib.sha256(distribution.read_bytes()).hexdigest() == SDK_SHA256
    provision.vendor_splunk_sdk(tmp_path / "lib")
    files = {path.relative_to(tmp_path / "lib").as_posix(): path for path in (tmp_path / "lib").rglob("*.*")}
    with tarfile.open(distribution) as archive:
        for name in SDK_FILES - {"LICENSE"}:
            published = archive.extractfile(f"splunk-sdk-2.1.1/splunklib/{name}")
            assert published is not None
            assert files[f"splunklib/{name}"].read_bytes() == published.read(), name
    licence = tmp_path / "lib" / "splunklib" / "LICENSE"
    assert licence.read_text("utf-8") == (ROOT / "LICENSE").read_text("utf-8")


def test_the_sdk_of_this_checkout_is_unmodified(tmp_path: Path, distribution: Path) -> None:
    assert distribution.is_file()
    provision.vendor_splunk_sdk(tmp_path)
    for name in SDK_FILES:
        assert (ROOT / "bin/lib/splunklib" / name).read_bytes() == (tmp_path / "splunklib" / name).read_bytes(), name


PIN = re.compile(r'[A-Za-z0-9_-]+==[0-9][0-9a-z.]*( ; sys_platform == "win32")?( --hash=sha256:[0-9a-f]{64})?')


@pytest.mark.parametrize("file", sorted((ROOT / "requirements").iterdir()), ids=lambda file: str(file.name))
def test_requirements_are_exact_versions_and_name_no_index(file: Path) -> None:
    lines = [line.split(" #")[0].strip() for line in file.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert [line for line in lines if not (PIN.fullmatch(line) or line == "-r hunt.txt")] == []


def test_every_environment_has_its_requirement_files() -> None:
    named = {name for _, files in provision.ENVIRONMENTS.values() for name in files}
    assert named | {"splunk-sdk.txt"} == {file.name for file in (ROOT / "requirements").iterdir()}


def test_the_set_up_is_written_for_the_oldest_python_and_the_standard_library() -> None:
    for name in ("searchhead/provision.py", "tests/run"):
        tree = ast.parse((ROOT / name).read_text("utf-8"), feature_version=(3, 9))
        imported = {
            alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
        }
        imported |= {
            str(node.module).split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module
        }
        assert imported - sys.stdlib_module_names <= {"searchhead"}, name
