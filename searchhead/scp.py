"""The client side of Splunk's search command protocol, version 2: what splunkd does for a ``chunked = true`` command.

A custom search command is a process. splunkd asks it once who it is (*getinfo*) and then sends chunks of rows
(*execute*); every request has exactly one reply. A message is a line ``chunked 1.0,<metadata length>,<body length>``,
JSON metadata, and a body that is CSV; lengths in bytes, everything UTF-8. A multivalue is sent twice: its values
joined by newlines in the column of the field, and as ``$a$;$b$`` in a column ``__mv_<field>``.

Sources: the splunk-sdk for Python (``splunklib.searchcommands``), Splunk's commands.conf.spec.
"""

from __future__ import annotations

import csv
import io
import json
import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import IO, Any, NamedTuple

from searchhead.spl.operators import Operator
from searchhead.spl.values import Row, multivalue, put, texts

# A field may hold a whole script block or file; the csv module's own limit is 128 KiB.
csv.field_size_limit(2**31 - 1)

INDEX = "_chunked_idx"  # the number of a row in its chunk: how splunkd joins a reply with the fields it kept
MULTI = "__mv_"
MAXRESULTROWS = 50_000  # rows in one chunk at most (limits.conf)
TIMEOUT = 300.0  # seconds for one reply
SPLUNK_VERSION = "9.4.0"  # commands may ask for it, and the splunk-sdk refuses a getinfo without one

_HEADER = re.compile(rb"chunked\s+1\.0\s*,\s*([0-9]+)\s*,\s*([0-9]+)\s*\n")
_LONGEST_HEADER = 256
_LONGEST_PART = 2**31 - 1  # bytes; a chunk of 50,000 rows of 40 kB each
_BARE = re.compile(r"[A-Za-z0-9]*", re.ASCII)
_ENCODED_VALUE = re.compile(r"\$((?:\$\$|[^$])*)\$(?:;|\Z)")


class CommandFailed(Exception):
    """A custom search command refused its arguments, failed, fell silent or broke the protocol."""


class Reply(NamedTuple):
    """What a command answered to one request; the body is CSV in UTF-8."""

    metadata: dict[str, Any]
    body: bytes


class CommandProcess:
    """The process of a command and its pipes: one request, one reply. Works without select or poll, so on Windows too.

    Three threads read and write, because a command may fill one pipe while we wait at another.

    Args:
        arguments: the interpreter and the script. splunkd passes nothing else.
        timeout: seconds that one reply may take.
    """

    def __init__(self, arguments: Sequence[str], *, timeout: float = TIMEOUT) -> None:
        self.timeout = timeout
        self.errors: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._requests: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._replies: queue.SimpleQueue[Reply | str] = queue.SimpleQueue()
        # The caller's PYTHONPATH and the like must not decide which code runs.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        self._process = subprocess.Popen(
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            # Ctrl-C is for the search; it ends its commands itself.
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        self.pid = self._process.pid
        works = (self._write, self._read, self._read_errors)
        self._threads = [threading.Thread(target=work, daemon=True) for work in works]
        for thread in self._threads:
            thread.start()

    def exchange(self, metadata: Mapping[str, Any], body: bytes = b"") -> Reply:
        """Send a request and wait for its reply.

        Raises:
            CommandFailed: no reply in time, or something that is not a reply.
        """
        self._requests.put(encode_chunk(metadata, body))
        try:
            reply = self._replies.get(timeout=self.timeout)
        except queue.Empty:
            self.close(patience=0)
            raise CommandFailed(f"gave no reply within {self.timeout:g} seconds and was ended") from None
        if isinstance(reply, str):
            self._replies.put(reply)  # it is the last, and the answer to any later request too
            raise CommandFailed(reply)
        return reply

    def close(self, patience: float = 5.0) -> int:
        """End of input; returns the exit status, after ``patience`` seconds that of a process that was killed."""
        self._requests.put(None)
        try:
            status = self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        for thread in self._threads:
            thread.join(1)  # a grandchild may hold a pipe open; it is not ours to wait for
        return status

    def _write(self) -> None:
        # An OSError means that the command is gone; the reading side says so.
        with suppress(OSError), _pipe(self._process.stdin) as pipe:
            while (request := self._requests.get()) is not None:
                pipe.write(request)
                pipe.flush()

    def _read(self) -> None:
        with _pipe(self._process.stdout) as pipe:
            while True:
                reply = read_reply(pipe)
                self._replies.put(reply)
                if isinstance(reply, str):
                    return

    def _read_errors(self) -> None:
        with _pipe(self._process.stderr) as pipe:
            for line in pipe:
                self.errors.put(line.decode("utf-8", "replace").rstrip())


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # noqa: S101 (tells mypy what Popen's PIPE arguments say)
    return pipe


def encode_chunk(metadata: Mapping[str, Any], body: bytes = b"") -> bytes:
    """One message of the protocol."""
    head = json.dumps(metadata, separators=(",", ":")).encode("ascii")
    return b"chunked 1.0,%d,%d\n" % (len(head), len(body)) + head + body


def read_reply(pipe: IO[bytes]) -> Reply | str:
    """Read one message, or say why there is none."""
    line = pipe.readline(_LONGEST_HEADER)
    header = _HEADER.fullmatch(line)
    if not header:
        return f"wrote {line[:80]!r}, which is no reply of the protocol" if line else "ended without a reply"
    lengths = [int(length) for length in header.groups()]
    if max(lengths) > _LONGEST_PART:
        return f"announced a reply of {max(lengths)} bytes, more than {_LONGEST_PART}"
    head, body = (pipe.read(length) for length in lengths)
    if [len(head), len(body)] != lengths:
        return "ended in the middle of a reply"
    try:
        metadata = json.loads(head)
    except ValueError as error:
        return f"sent metadata that is not JSON ({error})"
    return Reply(metadata, body) if isinstance(metadata, dict) else f"sent metadata that is no object: {head[:80]!r}"


def getinfo(
    name: str, arguments: Sequence[str], *, app: str, now: float, maxresultrows: int = MAXRESULTROWS
) -> dict[str, Any]:
    """The metadata of the first request: who is asked, what the search says behind the name, and where it runs."""
    quoted = [argument if re.fullmatch(r"[\w.=*-]+", argument) else json.dumps(argument) for argument in arguments]
    return {
        "action": "getinfo",
        "preview": False,
        "streaming_command_will_restart": False,
        "searchinfo": {
            "args": list(arguments),
            "raw_args": quoted,
            "dispatch_dir": tempfile.gettempdir(),
            "sid": f"{now:.3f}",
            "app": app,
            "owner": "nobody",
            "username": "nobody",
            "session_key": "",  # there is no splunkd that a command could talk to
            "splunkd_uri": "",
            "splunk_version": SPLUNK_VERSION,
            "search": "",
            "command": name,
            "maxresultrows": maxresultrows,
            "earliest_time": "0",
            "latest_time": "0",
        },
    }


def encode_rows(fields: Sequence[str], rows: Iterable[Row]) -> bytes:
    """Rows as CSV as splunkd writes it: all plain columns first, then a multivalue column for each of them."""
    lines = [",".join([_cell(name) for name in [*fields, *(MULTI + field for field in fields)]])]
    for row in rows:
        plain, multi = [], []
        for field in fields:
            values = texts(row.get(field))
            plain.append(_cell("\n".join(values)))
            encoded = ";".join([f"${value.replace('$', '$$')}$" for value in values]) if len(values) > 1 else ""
            multi.append(_cell(encoded))
        lines.append(",".join(plain + multi))
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _cell(value: str) -> str:
    if _BARE.fullmatch(value):
        return value
    return '"' + value.replace('"', '""') + '"'


def decode_rows(body: bytes) -> tuple[list[str], list[Row]]:
    """The fields and the rows of a body. An empty cell gives no key.

    Null and the empty text are the same in the protocol; that splunkd takes an empty cell of a reply as null is our
    reading, for a live Splunk to confirm.

    Raises:
        CommandFailed: the body is not CSV, or a row has not as many cells as the header.
    """
    reader = csv.reader(io.StringIO(body.decode("utf-8", "replace"), newline=""), strict=True)
    rows: list[Row] = []
    try:
        header = next(reader, [])
        plain = [(place, name) for place, name in enumerate(header) if not name.startswith(MULTI)]
        multi = [(place, name.removeprefix(MULTI)) for place, name in enumerate(header) if name.startswith(MULTI)]
        for cells in reader:
            if len(cells) != len(header):
                raise CommandFailed(f"sent a row of {len(cells)} cells under a header of {len(header)}")
            row: Row = {name: cells[place] for place, name in plain if cells[place]}
            for place, name in multi:
                if cells[place]:
                    values = [value.replace("$$", "$") for value in _ENCODED_VALUE.findall(cells[place])]
                    put(row, name, multivalue(values))
            rows.append(row)
    except csv.Error as error:
        raise CommandFailed(f"sent a body that is not CSV: {error}") from error
    return [name for _, name in plain], rows


class CustomCommand(Operator):
    """A streaming custom search command as part of a search; its process starts with the first row.

    Args:
        name: the command as the search calls it.
        script: the file that its ``commands.conf`` stanza names.
        arguments: what follows the name in the search, one text a word, without quotes.
        python: the interpreter.
        app: the ID of the app that the search runs in.
        now: the epoch time of the search.
        maxresultrows: rows in one chunk at most.
        warn: takes what the command says without failing: WARN and INFO messages, and its standard error.
        timeout: seconds that the command may take for one chunk.

    Attributes:
        stateful: whether what the command makes of a row depends on those before; known after ``check``.
    """

    def __init__(
        self,
        name: str,
        script: Path,
        arguments: Sequence[str],
        *,
        python: str = sys.executable,
        app: str,
        now: float,
        maxresultrows: int = MAXRESULTROWS,
        warn: Callable[[str], None],
        timeout: float = TIMEOUT,
    ) -> None:
        self._name = name
        self._command_line = [python, str(script)]
        self._arguments = list(arguments)
        self._app = app
        self._now = now
        self._maxresultrows = maxresultrows
        self._warn = warn
        self._timeout = timeout
        self.stateful = False
        self._process: CommandProcess | None = None
        self._selected: list[str] | None = None  # the only fields that the command wants to see; None: all

    def check(self) -> None:
        """Start the process if need be and let the command judge its arguments.

        Raises:
            CommandFailed: it refuses them, or cannot be started.
        """
        if self._process is not None:
            return
        try:
            self._process = CommandProcess(self._command_line, timeout=self._timeout)
        except OSError as error:
            raise self._failure(f"cannot be started: {error}") from error
        request = getinfo(self._name, self._arguments, app=self._app, now=self._now, maxresultrows=self._maxresultrows)
        metadata = self._exchange(request).metadata
        kind = metadata.get("type", "streaming")
        if metadata.get("generating"):
            raise self._failure("generates rows; only commands that stream can be run here")
        self.stateful = kind == "stateful"
        if kind not in ("streaming", "stateful"):
            raise self._failure(f"is of type {kind}; only streaming and stateful commands can be run here")
        wanted = metadata.get("required_fields")
        self._selected = list(wanted) if wanted and "*" not in wanted else None

    def process(self, rows: Iterable[Row]) -> Iterator[Row]:
        """What the command makes of these rows, in the order of its replies.

        Raises:
            CommandFailed: the command reports an error, falls silent or breaks the protocol.
        """
        rows = iter(rows)
        while chunk := list(islice(rows, self._maxresultrows)):
            self.check()
            yield from self._execute(chunk)

    def finish(self) -> Iterator[Row]:
        """Tell the command that this was all, and wait for its end; yields the rows it kept back."""
        if self._process is None:
            return
        yield from self._execute([], finished=True)
        status = self._end()
        if status:
            raise self._failure(f"exited with status {status}")

    def close(self) -> None:
        """End the process if it still runs."""
        self._end()

    def _end(self) -> int:
        if self._process is None:
            return 0
        process, self._process = self._process, None
        status = process.close()
        self._pass_on(process)
        return status

    def _execute(self, rows: list[Row], *, finished: bool = False) -> Iterator[Row]:
        if self._selected is None:
            fields = list(dict.fromkeys(field for row in rows for field in row))
            body = encode_rows(fields, rows)
        else:
            fields = [*self._selected, INDEX]
            body = encode_rows(fields, ({**row, INDEX: number} for number, row in enumerate(rows)))
        reply = self._exchange({"action": "execute", "finished": finished}, body)
        if reply.metadata.get("finished") and not finished:
            raise self._failure("said that it had finished while there were rows to come")
        try:
            columns, found = decode_rows(reply.body)
        except CommandFailed as error:
            raise self._failure(str(error)) from error
        return iter(found if self._selected is None else self._joined(rows, columns, found))

    def _joined(self, rows: list[Row], columns: list[str], found: list[Row]) -> Iterator[Row]:
        """Rows of a reply with the fields that were not sent; a column of the reply replaces a field of its name."""
        gone = {*(self._selected or ()), *columns}
        for row in found:
            index = str(row.pop(INDEX, ""))
            if not index.isdecimal() or int(index) >= len(rows):
                raise self._failure(f"sent a row with {INDEX} {index!r}: it has to come back as it was")
            kept = {field: value for field, value in rows[int(index)].items() if field not in gone}
            yield {**kept, **row}

    def _exchange(self, metadata: Mapping[str, Any], body: bytes = b"") -> Reply:
        process = self._process
        assert process is not None  # noqa: S101 (check() has started it)
        try:
            reply = process.exchange(metadata, body)
        except CommandFailed as error:
            self._end()
            raise self._failure(str(error)) from error
        self._pass_on(process)
        errors = [str(reply.metadata["error"])] if reply.metadata.get("error") else []
        for level, message in (reply.metadata.get("inspector") or {}).get("messages") or ():
            if level in ("ERROR", "FATAL"):
                errors.append(message)
            elif level in ("WARN", "INFO"):
                self._warn(f"{self._name}: {message}")
        if errors:
            self._end()
            raise self._failure("; ".join(dict.fromkeys(errors)))
        return reply

    def _pass_on(self, process: CommandProcess) -> None:
        while not process.errors.empty():
            self._warn(f"{self._name}: {process.errors.get()}")

    def _failure(self, what: str) -> CommandFailed:
        return CommandFailed(f"command {self._name}: {what}")
