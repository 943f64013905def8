from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests import node_project
from tests.node_project import SOURCES, NodeMissingError, PageError, built_page

# A stand-in for npm: "ci" makes node_modules, "run build" makes dist; each writes down that it was called.
NPM = """\
#!/bin/sh
echo "$1" >>"{called}"
case "$1" in
  ci) rm -rf node_modules; mkdir node_modules ;;
  run) {build} ;;
esac
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the sources, a folder to build in, and a PATH with stand-ins for Node and npm."""
    sources = tmp_path / "sources"
    shutil.copytree(SOURCES, sources)
    monkeypatch.setattr(node_project, "SOURCES", sources)
    monkeypatch.setattr(node_project, "BUILD", tmp_path / "build")
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    program(tmp_path, "node", "#!/bin/sh\necho v22.12.0\n")
    program(tmp_path, "npm", NPM.format(called=tmp_path / "called", build="mkdir -p dist"))
    return tmp_path


def program(project: Path, name: str, text: str) -> None:
    (project / "bin" / name).write_text(text, "utf-8")
    (project / "bin" / name).chmod(0o755)


def called(project: Path) -> list[str]:
    path = project / "called"
    words = path.read_text("utf-8").split() if path.exists() else []
    path.unlink(missing_ok=True)
    return words


def test_the_page_is_built_once_and_again_when_something_changed(project: Path) -> None:
    assert built_page() == project / "build" / "dist"
    assert called(project) == ["ci", "run"]
    built_page()
    assert called(project) == []
    with (project / "sources" / "src" / "page.jsx").open("a", encoding="utf-8") as file:
        file.write("// changed\n")
    built_page()
    assert called(project) == ["run"]
    assert (project / "build" / "src" / "page.jsx").read_text("utf-8").endswith("// changed\n")
    with (project / "sources" / "package-lock.json").open("a", encoding="utf-8") as file:
        file.write("\n")
    built_page()
    assert called(project) == ["ci", "run"]


def test_what_else_lies_beside_the_sources_does_not_matter(project: Path) -> None:
    built_page()
    called(project)
    (project / "sources" / "other.toml").write_text("a = 1\n", "utf-8")
    built_page()
    assert called(project) == []


def test_without_node_or_npm_it_is_said(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(project / "bin"))
    (project / "bin" / "npm").unlink()
    with pytest.raises(NodeMissingError, match=r"no npm on the PATH \(Debian: nodejs and npm\)"):
        built_page()
    (project / "bin" / "node").unlink()
    with pytest.raises(NodeMissingError, match="no node on the PATH"):
        built_page()


def test_an_old_node_is_not_tried(project: Path) -> None:
    program(project, "node", "#!/bin/sh\necho v18.20.4\n")
    with pytest.raises(NodeMissingError, match=r"Node 20\.19 or newer is needed, this is v18\.20\.4"):
        built_page()


def test_packages_that_cannot_be_had_are_missing_and_a_page_that_does_not_build_is_wrong(project: Path) -> None:
    program(project, "npm", "#!/bin/sh\necho no route >&2\nexit 1\n")
    with pytest.raises(NodeMissingError, match=r"npm ci of tests/views failed:\n +no route\n"):
        built_page()
    program(project, "npm", NPM.format(called=project / "called", build="echo no module x; exit 1"))
    with pytest.raises(PageError, match=r"vite build of tests/views failed:\n +no module x"):
        built_page()


def test_the_lock_file_records_exact_versions_and_no_addresses_of_downloads() -> None:
    asked = json.loads((SOURCES / "package.json").read_text("utf-8"))
    text = (SOURCES / "package-lock.json").read_text("utf-8")
    packages = json.loads(text)["packages"]
    assert packages[""]["dependencies"] == asked["dependencies"]
    for name, version in {**asked["dependencies"], **asked["devDependencies"], **asked["overrides"]}.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
        assert packages[f"node_modules/{name}"]["version"] == version
    assert [name for name, one in packages.items() if name and not one["integrity"].startswith("sha512-")] == []
    assert '"resolved"' not in text
    settings = (SOURCES / ".npmrc").read_text("utf-8").splitlines()
    assert {"omit-lockfile-registry-resolved=true", "legacy-peer-deps=true", "ignore-scripts=true"} <= set(settings)
