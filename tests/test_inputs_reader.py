import gzip
import io
import subprocess
import sys
import types
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searchhead.inputs import Reader, archives
from tests.test_inputs_archives import zipped
from tests.test_inputs_evtx import chunk, event, file

XML = (
    b"<Event xmlns='x'><System><EventID>%d</EventID><TimeCreated SystemTime='2026-01-31T12:00:00Z'/>"
    b"<Channel>Xml</Channel><Computer>pc</Computer></System></Event>\n"
)
JSON = (
    b'{"Event":{"System":{"EventID":%d,"TimeCreated":{"#attributes":{"SystemTime":"2026-01-31T12:00:00Z"}},'
    b'"Channel":"Json","Computer":"pc"}}}\n'
)
EVTX = file(chunk(event(7, "Evtx"), event(8, "Evtx")), chunk(event(9, "Evtx"), first=3))


def numbers(reader: Reader, *paths: Path | str) -> list[int]:
    return [int(one["_raw"].split("</EventID>")[0].rsplit(">", 1)[1]) for one in reader.read(paths)]


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_folder_of_every_format_is_read(tmp_path: Path) -> None:
    write(tmp_path / "1.log", XML % 1 + XML % 2)
    write(tmp_path / "2.txt", JSON % 3)
    write(tmp_path / "3", EVTX)
    write(tmp_path / "4.gz", gzip.compress(XML % 10))
    write(tmp_path / "5.zip", zipped({"b.evtx": EVTX, "a/c.json": JSON % 11}))
    reader = Reader()
    assert numbers(reader, tmp_path) == [1, 2, 3, 7, 8, 9, 10, 7, 8, 9, 11]
    assert reader.stats.channels == {"Xml": 3, "Json": 2, "Evtx": 6}
    assert (reader.stats.files, reader.stats.events) == (6, 11)
    assert (reader.stats.damages, reader.stats.skipped) == ([], [])
    assert reader.stats.bytes_done == reader.stats.bytes_total == sum(one.stat().st_size for one in tmp_path.iterdir())


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda content: content,
    "gzip": gzip.compress,
    "gzip of two parts": lambda content: gzip.compress(content[:50]) + gzip.compress(content[50:]),
    "zip": lambda content: zipped({"a": content}),
    "stored zip": lambda content: zipped({"a": content}, zipfile.ZIP_STORED),
    "gzip in zip": lambda content: zipped({"a.gz": gzip.compress(content)}),
    "zip in gzip": lambda content: gzip.compress(zipped({"a": content})),
    "zip in zip": lambda content: zipped({"a.zip": zipped({"b": content})}),
}


@pytest.mark.parametrize("packed", PACKED)
@pytest.mark.parametrize(("content", "expected"), [(XML % 1, [1]), (JSON % 2, [2]), (EVTX, [7, 8, 9])])
@pytest.mark.parametrize("from_standard_input", [False, True])
def test_a_log_is_read_however_it_is_packed(
    packed: str,
    content: bytes,
    expected: list[int],
    from_standard_input: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = PACKED[packed](content)
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO(data)))
    reader = Reader()
    assert numbers(reader, "-" if from_standard_input else write(tmp_path / "log", data)) == expected
    assert (reader.stats.damages, reader.stats.skipped) == ([], [])
    assert reader.stats.files == 1


def test_standard_input_may_be_a_pipe() -> None:
    code = (
        "from searchhead.inputs import Reader\nreader = Reader()\n"
        "print(len(list(reader.read(['-']))), reader.stats.damages, reader.stats.bytes_total)"
    )
    root = Path(__file__).resolve().parent.parent
    for data, count in ((XML % 1 * 5000, 5000), (EVTX, 3), (zipped({"a": JSON % 1}), 1)):
        done = subprocess.run(
            [sys.executable, "-c", code], input=data, capture_output=True, cwd=root, check=False, timeout=60
        )
        assert done.stdout.decode().split() == [str(count), "[]", "0"], done.stderr.decode()


@pytest.mark.parametrize(
    ("content", "expected", "damage"),
    [
        # cut off
        (
            gzip.compress(XML % 1 * 3, mtime=0)[:-30],
            None,
            "log: damaged or not readable (Compressed file ended before the end-of-",
        ),
        # its checksum is wrong
        (gzip.compress(XML % 1)[:-8] + bytes(8), [1], "log: damaged or not readable (CRC check failed"),
        # the directory at the end is lost
        (
            zipped({"a": XML % 1})[:-30],
            [],
            "log: not a readable zip archive (File is not a zip file): unpack or repair it with a zip tool",
        ),
        # a member is damaged: the next is read
        (
            zipped({"a": XML % 1, "b": XML % 2}, zipfile.ZIP_STORED).replace(b">1<", b">3<", 1),
            [3, 2],
            "log!a: damaged or not readable (its checksum is wrong): what is before is used",
        ),
        # packed three times
        (
            gzip.compress(gzip.compress(gzip.compress(XML % 1))),
            [],
            "log: packed too deep (an archive in one in one): unpack it first",
        ),
        # no log at all, but named
        (b"hello", [], "log: no known log format (EVTX, XML or JSON events, a Splunk export)"),
    ],
)
def test_what_is_whole_in_a_damaged_file_is_used(
    content: bytes, expected: list[int] | None, damage: str, tmp_path: Path
) -> None:
    reader = Reader()
    found = numbers(reader, write(tmp_path / "log", content), write(tmp_path / "next", XML % 99))
    assert found[-1] == 99
    assert expected is None or found[:-1] == expected
    assert str(reader.stats.damages[0]).removeprefix(f"{tmp_path}/").startswith(damage)


def test_what_is_no_log_is_skipped_and_named(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", b"hello")
    write(tmp_path / "b.zip", zipped({"c.txt": b"hello", ".d": XML % 1, "e.xml": XML % 2}))
    write(tmp_path / "f.xml", b"")
    reader = Reader()
    assert numbers(reader, tmp_path) == [2]
    assert reader.stats.damages == []
    assert [str(one).removeprefix(f"{tmp_path}/") for one in reader.stats.skipped] == [
        "a.txt: no known log format (EVTX, XML or JSON events, a Splunk export)",
        "b.zip!c.txt: no known log format (EVTX, XML or JSON events, a Splunk export)",
        "b.zip!.d: hidden: unpack it to have it read",
        "f.xml: the file is empty",
    ]


def test_an_empty_file_that_is_named_is_no_damage(tmp_path: Path) -> None:
    reader = Reader()
    assert numbers(reader, write(tmp_path / "a.evtx", b"")) == []
    assert reader.stats.damages == []
    assert [one.why for one in reader.stats.skipped] == ["the file is empty"]


def test_an_archive_bomb_is_refused_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "FREE", 100_000)
    bomb = zipped({"a.xml": XML % 1 + b" " * 50_000_000, "b.xml": XML % 2, "c.xml": XML % 3})
    reader = Reader()
    assert numbers(reader, write(tmp_path / "bomb.zip", bomb), write(tmp_path / "next", XML % 99)) == [1, 99]
    [damage] = reader.stats.damages
    assert damage.path == f"{tmp_path / 'bomb.zip'}!a.xml"
    assert "archive bombs" in damage.what


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    reader = Reader()
    assert numbers(reader, tmp_path / "nowhere", write(tmp_path / "a", XML % 1)) == [1]
    assert [one.path for one in reader.stats.damages] == [str(tmp_path / "nowhere")]


def test_unwanted_events_are_counted(tmp_path: Path) -> None:
    write(tmp_path / "a", XML % 1 + XML % 2)
    write(tmp_path / "b", JSON % 1 + JSON % 2)
    write(tmp_path / "c", EVTX)
    reader = Reader(wanted=lambda _source: lambda text: ">2<" in text or ">9<" in text)
    assert numbers(reader, tmp_path) == [2, 2, 9]
    assert reader.stats.events == 7
    assert reader.stats.channels == {"Xml": 2, "Json": 2, "Evtx": 3}


def test_progress_is_told_while_a_file_is_read(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    reader = Reader()
    reader.on_progress = lambda done, total: told.append((done, total))
    size = len(XML % 1) * 20_000
    assert len(numbers(reader, write(tmp_path / "a", XML % 1 * 20_000), write(tmp_path / "b", XML % 1))) == 20_001
    total = size + len(XML % 1)
    assert {one for _, one in told} == {total}
    done = [one for one, _ in told]
    assert done == sorted(done)
    assert len(done) > 10
    assert done[-1] == total


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    packed=st.sampled_from(list(PACKED)),
    content=st.sampled_from(["xml", "json", "evtx"]),
    at=st.integers(0),
    patch=st.binary(min_size=1, max_size=6),
    cut=st.booleans(),
)
def test_no_bytes_stop_the_reader(packed: str, content: str, at: int, patch: bytes, cut: bool, tmp_path: Path) -> None:
    data = PACKED[packed]({"xml": XML % 1, "json": JSON % 2, "evtx": EVTX}[content])
    at %= len(data)
    broken = data[:at] + (b"" if cut else patch + data[at + len(patch) :])
    assert numbers(Reader(), write(tmp_path / "next", XML % 99)) == [99]
    reader = Reader()
    list(reader.read([write(tmp_path / "log", broken), tmp_path / "next"]))
    assert reader.stats.channels["Xml"] >= 1


def test_all_samples_are_read_at_once(samples: Path) -> None:
    reader = Reader()
    events = list(reader.read([samples]))
    assert len(events) == reader.stats.events == 3000 + 3253
    assert {Path(one.path).name for one in reader.stats.damages} == {
        "omerbenamram_bad_chunk_magic.evtx", "omerbenamram_sysmon.evtx", "omerbenamram_zero_data_size_event.evtx",
    }  # fmt: skip
    assert [Path(one.path).name for one in reader.stats.skipped] == ["PROVENANCE.md"]
