"""A streaming search command that copies each record's text and appends cells to it.

splunk-sdk turns every record into a dictionary and back; that, not the command's own work, is what a cheap command
costs. Here the SDK keeps what it does well (the getinfo exchange, options, configuration), and only its execute loop
is replaced: the row that splunkd sent goes back as it came, followed by cells that were encoded once for each
distinct value. ``stream`` says the same in plain words, record by record.

Protocol: search command protocol version 2 as splunk-sdk 2.1.1 and 3.0.1 speak it. Used of the SDK beyond its
documented interface: ``_execute``, ``_as_binary_stream``, ``_record_writer`` (both versions have them).
"""

from __future__ import annotations

import csv
import errno
import gc
import io
import json
import os
import re
import sys
from operator import itemgetter
from typing import IO, TYPE_CHECKING, Any, ClassVar, NamedTuple, NoReturn

from splunklib.searchcommands import StreamingCommand

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Row = tuple[str, ...]  # one text for each output field
Key = tuple[str, ...]  # the cells of a record that the appended cells depend on

# splunk-sdk lowers the limit to 10 MiB when it is imported; a longer value would cost the whole chunk.
csv.field_size_limit(2**31 - 1)

NUL_STAND_IN = "\ufffd"
# Records encoded at once. All of a chunk would take several times the memory; pieces of more than 128 kB would make
# glibc raise its threshold for separately mapped blocks, and the memory creeps up over many chunks.
PIECE = 200

_HEADER = re.compile(rb"chunked\s+1\.0\s*,\s*([0-9]+)\s*,\s*([0-9]+)\s*\n")
_LONGEST_HEADER = 256
_ENCODED_VALUE = re.compile(r"\$((?:\$\$|[^$])*)\$(?:;|\Z)")


class WrongUsage(Exception):
    """The command was called with arguments it cannot work with; the message names the one."""


class ProtocolError(Exception):
    """What came in is not the search command protocol."""


class Request(NamedTuple):
    """One request of splunkd after getinfo: is it the last, and its records as CSV."""

    finished: bool
    body: bytes


class Cache(dict[Any, Any]):
    """Results by what they were computed from, bounded in number and in size.

    A full cache starts again from nothing: what repeats is soon back, and no bookkeeping slows down the reading.
    """

    ENTRIES = 8192  # above this many distinct values the memory is worth more than the time
    LONGEST = 1024  # characters of a key; a package full name has at most 127, a distinguished name rarely 300

    def keep(self, key: Any, value: Any, length: int) -> None:
        """Remember a value unless the text in its key is long."""
        if length <= self.LONGEST:
            if len(self) >= self.ENTRIES:
                self.clear()
            self[key] = value


class TextLoopCommand(StreamingCommand):  # type: ignore[misc]  # splunklib ships without type information
    """A streaming command that gives each record the same additional fields, computed from a few of its fields.

    A command says its ``syntax`` (for error messages) and ``output_fields``, declares options with
    ``splunklib.searchcommands.Option``, and defines ``check``, ``input_fields``, ``expands`` and ``rows``.
    """

    syntax: ClassVar[str]
    output_fields: ClassVar[tuple[str, ...]]

    def check(self) -> None:
        """Judge options and field names once they are read; raises WrongUsage."""
        raise NotImplementedError

    def input_fields(self) -> list[str]:
        """The fields that ``rows`` wants to see, in its order."""
        raise NotImplementedError

    def expands(self) -> bool:
        """Tell whether each row becomes a record of its own; otherwise the rows of a record become multivalues."""
        raise NotImplementedError

    def rows(self, values: Sequence[list[str]]) -> list[Row]:
        """What to append, from the values of each input field; no value contains a newline. Depends on nothing else."""
        raise NotImplementedError

    def __init__(self) -> None:
        super().__init__()
        self._cells = Cache()
        self._messages: list[tuple[str, str]] = []

    # ---- getinfo

    def _protocol_v2_option_parser(self, argument: str) -> list[str]:
        # The SDK would also accept its own options (record= writes files, logging_configuration= opens one) and
        # fails with a traceback on braces; so every argument is handed on to prepare() as it is.
        return [argument]

    def prepare(self) -> None:
        """Read the arguments and configure the command; the SDK calls this before it answers getinfo."""
        try:
            self._read_arguments(self.fieldnames)
            self.check()
            for field in self.input_fields():
                if not field or "*" in field:
                    raise WrongUsage(f'"{field}" is not the name of a field')
        except WrongUsage as error:
            self._refuse(f"{error}. Syntax: {self.syntax}")
        if not self.expands():
            # Only these columns are sent then, and splunkd joins the reply with the fields it kept. With added
            # records that join is not documented, so an expanding command asks for all columns.
            self.configuration.required_fields = list(dict.fromkeys(self.input_fields()))

    def _read_arguments(self, arguments: list[str]) -> None:
        self.fieldnames = []
        known = [name for name, _ in type(self).option_definitions if not hasattr(StreamingCommand, name)]
        for argument in arguments:
            name, equals, value = argument.partition("=")
            if not equals:
                self.fieldnames.append(argument)
                continue
            if name not in known:
                raise WrongUsage(f'there is no option "{name}", in "{argument}"')
            option = self.options[name]
            if option.is_set:
                raise WrongUsage(f'option {name} is given twice, the second time in "{argument}"')
            try:
                option.value = value
            except ValueError as error:
                raise WrongUsage(f'option {name} cannot be "{value}": {error}') from error

    def _refuse(self, text: str) -> NoReturn:
        # splunkd shows the error key of a getinfo reply; of an inspector message alone, which is the SDK's way, it
        # says no more than that the process exited. The order of the keys is that of Splunk's MLTK (cexc).
        metadata = {"inspector": {"messages": [("ERROR", text)]}, "finished": True, "error": text}
        write_chunk(self._record_writer.ofile, metadata)
        # The SDK is about to send its configuration as a second reply, which splunkd does not accept.
        self._record_writer.ofile = io.BytesIO()
        sys.exit(1)

    # ---- execute

    def stream(self, records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Give each record its additional fields: what the text loop does, for people and for its test."""
        names = self.input_fields()
        nothing = ("",) * len(self.output_fields)
        for record in records:
            rows = self.rows([_values(record.get(name, "")) for name in names]) or [nothing]
            if self.expands():
                for row in rows:
                    yield {**record, **dict(zip(self.output_fields, row))}
            else:
                columns = [list(column) if any(column) else "" for column in zip(*rows)]
                yield {**record, **dict(zip(self.output_fields, columns))}

    def warn(self, text: str) -> None:
        """Send a WARN message with the next reply."""
        self._messages.append(("WARN", text))

    def _execute(self, ifile: Any, process: Any) -> None:  # noqa: ARG002 (the SDK's signature)
        source, sink = self._as_binary_stream(ifile), self._record_writer.ofile
        try:
            self._serve(source, sink)
        except OSError as error:
            _leave_quietly(error)

    def _serve(self, source: IO[bytes], sink: IO[bytes]) -> None:
        try:
            while self._answer(source, sink):
                pass
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 (splunkd says nothing about a process that just dies)
            # finished: true would end the search as done; false and an exit status make it a failed one.
            text = f"{self.name}: {type(error).__name__}: {error}"
            write_chunk(sink, {"inspector": {"messages": [("ERROR", text)]}, "finished": False})
            sys.exit(1)

    def _answer(self, source: IO[bytes], sink: IO[bytes]) -> bool:
        """Read a request and send its reply; False at the end. Afterwards nothing of the two is left in memory."""
        request = read_request(source)
        if request is None:
            return False
        pieces = list(self.reply(request.body))
        metadata: dict[str, Any] = {"finished": request.finished}
        if self._messages:
            metadata = {"inspector": {"messages": self._messages}, **metadata}
            self._messages = []
        write_chunk(sink, metadata, pieces)
        return True

    def reply(self, body: bytes) -> Iterator[bytes]:
        """The records of a request, with the additional cells: CSV to CSV in pieces, both UTF-8.

        Bytes that are not UTF-8 are copied as they are.
        """
        lines = body.decode("utf-8", "surrogateescape").split("\n")
        if not lines[-1]:
            lines.pop()
        reader = csv.reader(_for_csv_module(lines))
        header = next(reader, None)
        start = reader.line_num
        if header is None or start == len(lines):  # a reply without rows has no header
            return
        text = "\n".join(lines[:start])
        width = len(header)
        added = [*self.output_fields, *map("__mv_{}".format, self.output_fields)]
        kept = [place for place, name in enumerate(header) if name not in added]
        # A column that is also an output field cannot be copied, and neither can lines that end in CR and LF.
        copies = len(kept) == width and not text.endswith("\r")
        if not copies:
            text = _encode(header[place] for place in kept)
        out = [f"{text},{','.join(added)}\n" if kept else ",".join(added) + "\n"]
        places = {name: place for place, name in reversed(list(enumerate(header)))}
        # A column that is not there reads the empty cell that is put behind each row.
        key_of = itemgetter(
            *[places.get(prefix + name, width) for name in self.input_fields() for prefix in ("", "__mv_")]
        )
        known = self._cells
        for row in reader:
            end = reader.line_num
            text = lines[start] if end == start + 1 else "\n".join(lines[start:end])
            start = end
            if not copies or len(row) != width:
                row = (row + [""] * width)[:width]  # noqa: PLW2901 (a cut or blank line: its missing cells are empty)
                text = _encode(row[place] for place in kept)
            row.append("")
            key = key_of(row)
            cells = known.get(key) or self._encoded_rows(key)
            if not kept:  # no column of the input is left that the comma could follow
                cells = tuple([cell[1:] for cell in cells])
            for cell in cells:
                out.append(text + cell)  # noqa: PERF401 (almost always one cell: extend() is slower)
            if len(out) > PIECE:
                yield "".join(out).encode("utf-8", "surrogateescape")
                out.clear()
        yield "".join(out).encode("utf-8", "surrogateescape")

    def _encoded_rows(self, key: Key) -> tuple[str, ...]:
        """The cells to append to a record with this key, a comma before and a newline behind; one text a record."""
        text = "".join(key)
        cells = iter(key if text.isascii() else map(_scrub, key))
        rows = self.rows([decode_multivalue(multi) if multi else [single] for single, multi in zip(cells, cells)])
        if len(rows) > 1:  # whole lists hardly repeat, single values do
            return tuple(map(_encode_row, rows)) if self.expands() else (_encode_columns(rows),)
        encoded = (_encode_row(rows[0] if rows else ("",) * len(self.output_fields)),)
        self._cells.keep(key, encoded, len(text))
        return encoded


def run(command_class: type[TextLoopCommand]) -> None:
    """Be the command's process: from the first request on standard input to its end."""
    # The search may have ended before it began, which the SDK would report as an error of its own.
    if not sys.stdin.buffer.peek(1):  # type: ignore[union-attr]  # a BufferedReader
        return
    # Records come and go by the hundred thousand and leave no cycles: looking for some costs a sixth of the time.
    gc.freeze()
    gc.set_threshold(100_000)
    try:
        # Without arguments: the SDK takes any for protocol version 1.
        command_class().process(sys.argv[:1], sys.stdin, sys.stdout)
    except OSError as error:
        _leave_quietly(error)


def _leave_quietly(error: OSError) -> None:
    """Accept that nobody reads any more (a cancelled search, `head`); raises any other error again."""
    # Windows reports a closed pipe as EINVAL (Python issue 35754).
    if not isinstance(error, BrokenPipeError) and error.errno != errno.EINVAL:
        raise error
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def read_request(source: IO[bytes]) -> Request | None:
    """Read an execute request; None at the end of input. Input that ends inside a request is a search that was ended.

    Raises:
        ProtocolError: the input is not the search command protocol.
    """
    line = source.readline(_LONGEST_HEADER)
    header = _HEADER.fullmatch(line)
    if not header:
        if len(line) < _LONGEST_HEADER and not line.endswith(b"\n"):
            return None
        raise ProtocolError(f"not a chunk header of search command protocol 2: {line[:80]!r}")
    lengths = [int(length) for length in header.groups()]
    metadata, body = (source.read(length) for length in lengths)
    if [len(metadata), len(body)] != lengths:
        return None
    try:
        request = json.loads(metadata)
    except ValueError as error:
        raise ProtocolError(f"request metadata is not JSON ({error}): {metadata[:80]!r}") from error
    if not isinstance(request, dict) or request.get("action") != "execute":
        raise ProtocolError(f"expected an execute request, not {metadata[:80]!r}")
    return Request(request.get("finished") is True, body)


def write_chunk(sink: IO[bytes], metadata: dict[str, Any], body: Sequence[bytes] = ()) -> None:
    """Send one reply; the body comes in pieces. splunkd takes one whole reply to a request, no more and no less."""
    head = json.dumps(metadata, separators=(",", ":")).encode("ascii")
    sink.write(b"chunked 1.0,%d,%d\n%s" % (len(head), sum(map(len, body)), head))
    sink.writelines(body)
    sink.flush()


def decode_multivalue(cell: str) -> list[str]:
    """The values in an ``__mv_`` cell: ``$a$;$b$``, a dollar sign inside a value doubled."""
    if "$$" not in cell:
        return cell[1:-1].split("$;$")
    return [value.replace("$$", "$") for value in _ENCODED_VALUE.findall(cell)]


def _values(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def _for_csv_module(lines: list[str]) -> Iterable[str]:
    # Python 3.9 and 3.10 refuse NUL. Only what the csv module sees is changed, not the text that goes back.
    if any("\0" in line for line in lines):
        return (line.replace("\0", NUL_STAND_IN) + "\n" for line in lines)
    return (line + "\n" for line in lines)


def _scrub(text: str) -> str:
    """Text without the surrogates that stand for bytes that are not UTF-8: they cannot be part of anything we write."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _encode(cells: Iterable[str]) -> str:
    return ",".join(['"' + cell.replace('"', '""') + '"' if cell else "" for cell in cells])


def _encode_row(row: Row) -> str:
    """The cells of a record with one row; its multivalue cells are empty."""
    joined = "\n".join(row).replace('"', '""').replace("\n", '","')
    return f',"{joined}"{"," * len(row)}\n'


def _encode_columns(rows: list[Row]) -> str:
    """The cells of a record with several rows: the plain ones, then the multivalue ones."""
    nothing = "\n" * (len(rows) - 1)
    columns = map("\n".join, zip(*rows))
    # All columns at once, NUL between them: the same five replacements column by column take twice as long.
    text = "\0".join(["" if column == nothing else column for column in columns]).replace('"', '""')
    multi = text.replace("$", "$$").replace("\n", "$;$").split("\0")
    plain = text.replace("\0", '","')
    cells = [f'"${cell}$"' if cell else "" for cell in multi]
    return f',"{plain}",{",".join(cells)}\n'
