from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchhead.scp import encode_chunk, getinfo, read_reply
from tests.search_command import (
    SCRIPT,
    VERSIONS,
    Cell,
    Record,
    SearchCommand,
    decode,
    encode,
    python_or_skip,
)

STREAM = Path(__file__).with_name("stream_command.py")
WEBEX = "CiscoSystems.Webex_2.10.1.26171_x64__cvpb331a1f8hw"
TERMINAL = "Microsoft.WindowsTerminal_1.23.12371.0_x64__8wekyb3d8bbwe"


@pytest.fixture(scope="module", params=["this", "3.9"])
def command(request: pytest.FixtureRequest) -> Iterator[SearchCommand]:
    python = sys.executable if request.param == "this" else python_or_skip(request.param)
    with SearchCommand("Packages", python=python) as command:
        yield command
        assert command.stderr() == []


Commands = dict[tuple[str, str], SearchCommand]


@pytest.fixture(scope="module")
def commands() -> Iterator[Commands]:
    arguments = {"single": [], "expand": ["expand=true"], "publisher": ["publisher=Publisher"]}
    started: Commands = {}
    for way, script in (("loop", SCRIPT), ("stream", STREAM)):
        for name, options in arguments.items():
            started[way, name] = SearchCommand(*options, "Packages", script=script)
    yield started
    for command in started.values():
        assert (command.close(), command.stderr()) == (0, [])


def full_name(record: Record) -> Cell:
    return record["package_full_name"]


VALUES = [
    'say "hi", you',
    "one\ntwo",
    "one\r\ntwo",
    "a\rb",  # a lone carriage return
    "a\0b",  # which the csv module of Python 3.9 refuses
    "\0",
    "$a$;$b$",
    "\u2028\x0b\x1c\x85",  # line ends for Unicode, not for CSV
    "\U0001f600 \u00e9",
    "{0} {x} %s",
    "x" * (11 << 20),  # above the limit of splunk-sdk
]


@pytest.mark.parametrize("value", VALUES, ids=[ascii(value[:12]) for value in VALUES])
def test_any_text_comes_back_as_it_was_in_any_column(command: SearchCommand, value: str) -> None:
    sent = [{"Packages": value, "other": WEBEX}, {"Packages": WEBEX, "other": value}]
    first, second = command.records(encode(sent))
    assert (first["Packages"], first["other"], second["other"]) == (value, WEBEX, value)
    assert (full_name(first), full_name(second)) == ("", WEBEX)


@pytest.mark.parametrize(
    "values", [["a$b", "c;d$;$e", "f\ng", "h"], ["", WEBEX], [WEBEX, ""], ["", "", ""], ["$", "$$"], ["x", "y\0"]]
)
def test_any_multivalue_comes_back_as_it_was(command: SearchCommand, values: list[str]) -> None:
    record = command.record(Packages=values, other=values)
    assert (record["Packages"], record["other"]) == (values, values)


def test_dollar_signs_in_a_multivalue_are_decoded_before_the_packages_are(command: SearchCommand) -> None:
    record = command.record(Packages=["a$;$b", "$", WEBEX])
    assert full_name(record) == ["", "", WEBEX]
    errors = record["msixdecode_error"]
    assert [("'a$;$b'" in errors[0]), ("'$'" in errors[1]), errors[2]] == [True, True, ""]


def test_dollar_signs_and_quotes_in_the_output_survive(command: SearchCommand) -> None:
    record = command.record(Packages=[f"""it's "$5";$$ {TERMINAL}""", WEBEX])
    errors = record["msixdecode_error"]
    assert errors[0].endswith("""'it\\'s'""") or """"it's\"""" in errors[0]
    assert any("$5" in error for error in errors)
    assert full_name(record)[-2:] == [TERMINAL, WEBEX]


def test_bytes_that_are_not_utf_8_are_copied_and_never_end_a_search(command: SearchCommand) -> None:
    reply = command.execute(b'Packages,other\n"\xff\xfe",\xe9\n"%s","\xf0\x9f"\n' % WEBEX.encode())
    lines = reply.body.split(b"\n")
    assert lines[1].startswith(b'"\xff\xfe",\xe9,')
    assert lines[2].startswith(b'"%s","\xf0\x9f",' % WEBEX.encode())
    first, second = decode(reply.body)
    assert "5 fields" in first["msixdecode_error"]
    lines[1].removeprefix(b'"\xff\xfe",\xe9,').decode()  # what we add is UTF-8
    assert full_name(second) == WEBEX


def test_a_chunk_without_rows_gets_a_reply_without_rows(command: SearchCommand) -> None:
    for body in ("", "Packages,__mv_Packages\n", "Packages", "\n"):
        reply = command.execute(body)
        assert (reply.metadata, reply.body) == ({"finished": False}, b"")


def test_rows_may_come_with_the_last_request_and_after_empty_chunks(command: SearchCommand) -> None:
    command.execute("")
    reply = command.execute(f'Packages\n"{WEBEX}"\n', finished=True)
    assert reply.metadata == {"finished": True}
    assert full_name(decode(reply.body)[0]) == WEBEX


def test_every_chunk_has_all_output_columns(command: SearchCommand) -> None:
    headers = {command.execute(f'Packages\n"{value}"\n').body.split(b"\n")[0] for value in ("", "x", WEBEX)}
    assert len(headers) == 1


def test_records_pass_when_the_input_column_is_missing(command: SearchCommand) -> None:
    records = command.records("_time,host\n1,a\n2,b\n")
    assert [(record["_time"], record["host"], full_name(record)) for record in records] == [
        ("1", "a", ""),
        ("2", "b", ""),
    ]


def test_the_multivalue_columns_may_be_missing(command: SearchCommand) -> None:
    records = command.records(f'Packages,n\n"{WEBEX}",1\n"{TERMINAL}\n{WEBEX}",2\n')
    assert [full_name(record) for record in records] == [WEBEX, [TERMINAL, WEBEX]]


def test_columns_may_change_from_chunk_to_chunk(command: SearchCommand) -> None:
    wanted: list[Record] = [{"Packages": WEBEX, "n": TERMINAL}, {"n": TERMINAL, "Packages": WEBEX}, {"n": WEBEX}]
    assert [full_name(command.record(**record)) for record in wanted] == [WEBEX, WEBEX, ""]


@pytest.mark.parametrize("body", ["Packages,n\n%s,1\n%s,2", "Packages,n\r\n%s,1\r\n%s,2\r\n", "n,Packages\n,%s\n,%s\n"])
def test_lines_may_end_as_they_like(command: SearchCommand, body: str) -> None:
    records = command.records(body % (f'"{WEBEX}"', f'"{TERMINAL}"'))
    assert [full_name(record) for record in records] == [WEBEX, TERMINAL]
    assert all(record["n"] in ("", "1", "2") for record in records)


def test_a_blank_line_is_a_record_of_empty_cells(command: SearchCommand) -> None:
    records = command.records(f'Packages\n\n"{WEBEX}"\n')
    assert [(record["Packages"], full_name(record)) for record in records] == [("", ""), (WEBEX, WEBEX)]


def test_a_row_with_too_few_cells_is_filled_up(command: SearchCommand) -> None:
    records = command.records(f'n,Packages,m\n1\n2,"{WEBEX}",3\n')
    assert [(record["n"], record["m"], full_name(record)) for record in records] == [("1", "", ""), ("2", "3", WEBEX)]


@pytest.mark.parametrize("name", ['a "b", c', "ä\n{x}", "$", " ", "Packages.x", "__mvx", "'a'"])
def test_field_names_may_contain_anything(name: str) -> None:
    with SearchCommand(name) as command:
        assert command.info["required_fields"] == [name]
        sent: Record = {"first": "1", name: [WEBEX, TERMINAL], "last": "2"}
        record = command.record(**sent)
    assert (record["first"], record[name], record["last"]) == ("1", [WEBEX, TERMINAL], "2")
    assert full_name(record) == [WEBEX, TERMINAL]


def test_the_cache_forgets_and_long_values_are_not_kept(command: SearchCommand) -> None:
    names = [f"Name{number}_1.0.0.0_x64__cvpb331a1f8hw" for number in range(9000)]
    for _ in range(2):
        records = command.records(encode([{"Packages": name} for name in names]))
        assert [full_name(record) for record in records] == names


# ---- the text loop and stream() are the same


TEXTS = [
    "",
    "-",
    "setup.exe",
    "$x$;",
    'a "quoted" word',
    "two\nlines",
    WEBEX,
    TERMINAL,
    "Foo_123456789abcd",
    f" addPackageList: {WEBEX} updateList: {TERMINAL} is updating to {TERMINAL} broken{{x}}",
]
CELLS = st.one_of(
    st.sampled_from(TEXTS),
    st.lists(st.sampled_from(TEXTS), min_size=2, max_size=4),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
)
PUBLISHERS = st.sampled_from(
    ["", "-", "CN=IMPERIOUS TECHNOLOGIES LIMITED, O=IMPERIOUS TECHNOLOGIES LIMITED, L=Ringwood, C=GB", ["CN=a", "CN=b"]]
)
RECORDS = st.lists(
    st.fixed_dictionaries({"Packages": CELLS, "Publisher": PUBLISHERS, "package_name": CELLS, "_raw": CELLS}),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(records=RECORDS, name=st.sampled_from(["single", "expand", "publisher"]), dropped=st.booleans())
def test_the_text_loop_and_stream_give_the_same_records(
    commands: Commands, records: list[Record], name: str, *, dropped: bool
) -> None:
    if dropped:  # without a column that has to be replaced
        records = [{field: cell for field, cell in record.items() if field != "package_name"} for record in records]
    body = encode(records)
    assert commands["loop", name].records(body) == commands["stream", name].records(body)


# ---- how a search may end


GETINFO = encode_chunk(getinfo("msixdecode", ["Packages"], app="search", now=1.7e9))
ROWS = encode([{"Packages": WEBEX, "n": "1"}] * 20_000).encode()
CHUNK = encode_chunk({"action": "execute", "finished": False}, ROWS)


def run(sent: bytes, python: str = sys.executable) -> tuple[list[dict[str, object]], int, bytes]:
    """The metadata of all replies, exit status and standard error of a process that gets exactly these bytes."""
    done = subprocess.run([python, str(SCRIPT)], input=sent, capture_output=True, check=False, timeout=60)
    replies, rest = [], done.stdout
    while rest:
        head, _, rest = rest.partition(b"\n")
        metadata, body = map(int, head.removeprefix(b"chunked 1.0,").split(b","))
        replies.append(json.loads(rest[:metadata]))
        rest = rest[metadata + body :]
    return replies, done.returncode, done.stderr


@pytest.mark.parametrize(
    "sent",
    [
        GETINFO + CHUNK[: len(CHUNK) // 2],
        GETINFO + CHUNK[:40],
        GETINFO + b"chunked 1.0,",
        GETINFO,
    ],
    ids=["in the body", "in the metadata", "in the header", "between requests"],
)
def test_input_that_is_cut_ends_the_process_quietly(sent: bytes) -> None:
    assert run(sent) == ([{"type": "streaming", "required_fields": ["Packages"]}], 0, b"")


def test_input_that_is_empty_ends_the_process_quietly() -> None:
    assert run(b"") == ([], 0, b"")


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"hello\n", "not a chunk header"),
        (b"x" * 5000, "not a chunk header"),
        (encode_chunk({"action": "getinfo"}), "expected an execute request"),
        (b"chunked 1.0,3,0\n{x}", "not JSON"),
        (b"chunked 1.0,2,0\n[]", "expected an execute request"),
        (encode_chunk({"action": "execute", "finished": False}, b"Packages\na\rb\n"), "new-line character"),
    ],
)
def test_what_is_not_the_protocol_fails_the_search_with_a_message(sent: bytes, said: str) -> None:
    replies, status, stderr = run(GETINFO + sent + CHUNK)
    assert (len(replies), status, stderr) == (2, 1, b"")
    assert list(replies[1]) == ["inspector", "finished"]
    assert replies[1]["finished"] is False  # true would make it a search that is done
    ((level, text),) = replies[1]["inspector"]["messages"]  # type: ignore[index]  # JSON
    assert level == "ERROR"
    assert text.startswith("msixdecode: ")
    assert said in text


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("when", ["before getinfo", "in a chunk"])
def test_a_reader_that_goes_away_ends_the_process_quietly(version: str, when: str) -> None:
    process = subprocess.Popen(
        [python_or_skip(version), str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        if when == "in a chunk":
            process.stdin.write(GETINFO)
            process.stdin.flush()
            read_reply(process.stdout)
        process.stdout.close()
        with suppress(BrokenPipeError):  # it may be gone before it has read everything
            process.stdin.write(CHUNK if when == "in a chunk" else GETINFO + CHUNK)
            process.stdin.close()
        assert (process.wait(60), process.stderr.read()) == (0, b"")
