import ast
import configparser
import csv
import io
import json
import re
import shutil
import struct
import subprocess
import tarfile
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from searchhead import provision
from tests.package_sh import APP, FILES, FOLDERS, ROOT, files_under, sha256
from tests.pythons import interpreter

PATTERNS = (
    "bin/*.py",
    "bin/msix/*.py",
    "default/*.conf",
    "default/data/ui/*/*.xml",
    "lookups/*.csv",
    "lookups/*.csv.default",
    "metadata/default.meta",
    "static/*.png",
    "README/*.conf.spec",
)
"""What ships besides FILES and the splunk-sdk."""


PYTHONS_OF_SPLUNK = ("3.9", "3.13")


@pytest.fixture(scope="module")
def members(archive: Path) -> list[tarfile.TarInfo]:
    with tarfile.open(archive) as opened:
        return opened.getmembers()


@pytest.fixture(scope="module")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The checksum of each file of the splunk-sdk, freshly vendored."""
    target = tmp_path_factory.mktemp("sdk")
    provision.vendor_splunk_sdk(target)
    return {f"bin/lib/{file}": sha256(target / file) for file in files_under(target)}


def settings(app: Path, conf: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string((app / "default" / conf).read_text("utf-8"))
    return parser


def test_the_archive_holds_exactly_what_ships(app: Path, sdk: dict[str, str]) -> None:
    expected = {*FILES, *sdk}
    for pattern in PATTERNS:
        expected.update(file.relative_to(ROOT).as_posix() for file in ROOT.glob(pattern))
    assert set(files_under(app)) == expected
    assert {path.name for path in app.iterdir()} <= {*FILES, *FOLDERS, "README"}


def test_members_are_plain_sorted_and_say_nothing_of_their_builder(members: list[tarfile.TarInfo]) -> None:
    names = [member.name for member in members]
    assert names == sorted(names, key=lambda name: name.split("/"))
    assert {name.split("/")[0] for name in names} == {APP}
    assert all(member.isreg() or member.isdir() for member in members)
    assert {(member.uid, member.gid, member.uname, member.gname) for member in members} == {(0, 0, "", "")}
    assert len({member.mtime for member in members}) == 1
    assert {member.mode for member in members if member.isdir()} == {0o755}
    assert {member.mode for member in members if member.isreg()} == {0o644}


# --- what AppInspect does not look at


def test_the_vendored_sdk_is_the_pinned_one(app: Path, sdk: dict[str, str]) -> None:
    assert {name: sha256(app / name) for name in files_under(app) if name.startswith("bin/lib/")} == sdk


def test_the_versions_agree(app: Path) -> None:
    conf = settings(app, "app.conf")
    manifest = json.loads((app / "app.manifest").read_text("utf-8"))
    versions = {
        "app.conf [id]": conf["id"]["version"],
        "app.conf [launcher]": conf["launcher"]["version"],
        "app.manifest": manifest["info"]["id"]["version"],
        "content-version.conf": settings(app, "content-version.conf")["content-version"]["version"],
    }
    assert len(set(versions.values())) == 1, versions


def test_the_manifest_names_the_app_and_a_licence_that_is_there(app: Path) -> None:
    info = json.loads((app / "app.manifest").read_text("utf-8"))["info"]
    conf = settings(app, "app.conf")
    assert {info["id"]["name"], conf["id"]["name"], conf["package"]["id"]} == {APP}
    assert info["title"] == conf["ui"]["label"]
    assert "Apache License" in (app / info["license"]["text"]).read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "pixels"),
    [("appIcon.png", 36), ("appIconAlt.png", 36), ("appIcon_2x.png", 72), ("appIconAlt_2x.png", 72)],
)
def test_the_icons_have_the_sizes_that_splunk_shows(app: Path, name: str, pixels: int) -> None:
    content = (app / "static" / name).read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", content[16:24]) == (pixels, pixels)  # the IHDR chunk is the first


def test_texts_are_utf_8_with_plain_line_ends(app: Path) -> None:
    faults = []
    for name in files_under(app):
        content = (app / name).read_bytes()
        if name.endswith(".png") or name.startswith("bin/lib/"):
            continue
        if content.startswith(b"\xef\xbb\xbf"):
            faults.append(f"{name}: begins with a byte order mark")
        if b"\r" in content:
            faults.append(f"{name}: has a carriage return")
        try:
            content.decode("utf-8")
        except UnicodeDecodeError as error:
            faults.append(f"{name}: {error}")
    assert faults == []


def test_lookup_tables_are_rectangular_below_a_header(app: Path) -> None:
    faults = []
    tables = [file for file in (app / "lookups").iterdir() if file.is_file()]
    for table in tables:
        header, *rows = csv.reader(io.StringIO(table.read_text("utf-8"), newline=""), strict=True)
        if len(set(header)) != len(header) or any(column.strip() != column or not column for column in header):
            faults.append(f"{table.name}: header {header}")
        faults += [
            f"{table.name}: row {number}: {row}" for number, row in enumerate(rows, 2) if len(row) != len(header)
        ]
    assert tables
    assert faults == []


def test_xml_is_well_formed_and_begins_with_its_root(app: Path) -> None:
    files = sorted((app / "default" / "data" / "ui").rglob("*.xml"))
    assert any(file.parent.name == "nav" for file in files)
    for file in files:
        text = file.read_text("utf-8")
        root = ET.fromstring(text)  # noqa: S314 - our own file
        start = re.sub(r"\A<\?xml [^>]*\?>\s*", "", text)
        assert re.match(rf"<{root.tag}[\s/>]", start), f"{file.name} begins with {start[:40]!r}"


def test_no_continued_line_begins_like_a_stanza_or_a_comment(app: Path) -> None:
    faults = []
    for file in sorted((app / "default").glob("*.conf")):
        lines = file.read_text("utf-8").split("\n")
        for number, (line, following) in enumerate(pairwise(lines), 2):
            if line.endswith("\\") and not line.startswith("#") and following.lstrip().startswith(("[", "#")):
                faults.append(f"{file.name}:{number}: {following}")
    assert faults == []


def test_names_of_saved_searches_leave_room_for_a_clone_in_enterprise_security(app: Path) -> None:
    stanzas = re.findall(r"^\[(.+)\]$", (app / "default" / "savedsearches.conf").read_text("utf-8"), re.M)
    assert stanzas
    # A clone is called `<security domain> - <name> - Rule`, at most 99 characters.
    assert [name for name in stanzas if len(name) > 81] == []


# --- the command, as it ships


def shipped_python(app: Path) -> list[Path]:
    return [app / name for name in files_under(app / "bin") for name in [f"bin/{name}"] if name.endswith(".py")]


def test_the_shipped_python_is_python_3_9(app: Path) -> None:
    files = shipped_python(app)
    for file in files:
        ast.parse(file.read_text("utf-8"), str(file), feature_version=(3, 9))
    oldest = interpreter("3.9")
    if oldest is None:
        pytest.skip("skipped in part: no Python 3.9 on this machine, only the grammar was checked")
    compile_all = "import sys; [compile(open(f, encoding='utf-8').read(), f, 'exec') for f in sys.argv[1:]]"
    done = subprocess.run([oldest, "-c", compile_all, *map(str, files)], capture_output=True, text=True, check=False)
    assert done.stderr == ""


def frame(metadata: dict[str, object], body: str = "") -> bytes:
    """One request of the search command protocol, version 2."""
    encoded = json.dumps(metadata).encode()
    return f"chunked 1.0,{len(encoded)},{len(body.encode())}\n".encode() + encoded + body.encode()


def bodies(output: bytes) -> list[str]:
    """The bodies of the replies, one a request."""
    found = []
    while output:
        header, _, rest = output.partition(b"\n")
        metadata, body = (int(number) for number in header.removeprefix(b"chunked 1.0,").split(b","))
        found.append(rest[metadata : metadata + body].decode())
        output = rest[metadata + body :]
    return found


@pytest.mark.parametrize("version", PYTHONS_OF_SPLUNK)
def test_the_packaged_command_runs_from_an_unpacked_read_only_copy(app: Path, tmp_path: Path, version: str) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"skipped: no Python {version} on this machine")
    copy = shutil.copytree(app, tmp_path / "etc" / "apps" / APP)
    for path in sorted(copy.rglob("*"), reverse=True):
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = {name: sha256(copy / name) for name in files_under(copy)}

    full_name = "Microsoft.DesktopAppInstaller_1.22.3172.0_x64__8wekyb3d8bbwe"
    searchinfo = {
        "args": ["PackageMoniker"],
        "raw_args": ["PackageMoniker"],
        "dispatch_dir": str(tmp_path),
        "sid": "1.1",
        "app": APP,
        "owner": "nobody",
        "username": "admin",
        "session_key": "",
        "splunkd_uri": "",
        "splunk_version": "9.3.0",
        "search": "",
        "command": "msixdecode",
        "maxresultrows": 50_000,
        "earliest_time": "0",
        "latest_time": "0",
    }
    requests = [
        frame({"action": "getinfo", "preview": False, "searchinfo": searchinfo}),
        frame({"action": "execute", "finished": True}, f'PackageMoniker,"__mv_PackageMoniker"\n"{full_name}",\n'),
    ]
    done = subprocess.run(
        [python, str(copy / "bin" / "msixdecode.py")],
        cwd=tmp_path,
        input=b"".join(requests),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    (row,) = csv.DictReader(io.StringIO(bodies(done.stdout)[-1], newline=""))
    assert row["PackageMoniker"] == full_name
    assert row["package_family_name"] == "Microsoft.DesktopAppInstaller_8wekyb3d8bbwe"
    assert row["package_version"] == "1.22.3172.0"
    assert row["publisher_class"] == "microsoft"
    assert row["msixdecode_error"] == ""

    after = {name: sha256(copy / name) for name in files_under(copy) if "__pycache__" not in name}
    assert after == before
