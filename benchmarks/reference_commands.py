"""Commands to compare msixdecode with; the first argument says which one to be.

- ``passthrough``: the least that a splunk-sdk StreamingCommand can do, records unchanged.
- ``idiomatic``: msixdecode as one would write it with splunk-sdk: the same fields, a cache of field values.
- ``csv``: no splunk-sdk; each row read and written again by the csv module, unchanged.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

APP = Path(__file__).resolve().parent.parent
FIELD = "PackageMoniker"

# ruff: noqa: PLC0415 (each command imports what it needs, because start-up is measured too)


def be_sdk_command(*, decoding: bool) -> None:
    """Run a StreamingCommand until the input ends."""
    sys.path[:0] = [str(APP / "bin"), str(APP / "bin" / "lib")]
    from splunklib.searchcommands import Configuration, StreamingCommand

    if not decoding:

        class Passthrough(StreamingCommand):  # type: ignore[misc]  # splunklib ships without type information
            """Records in, the same records out."""

            def stream(self, records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
                yield from records

        command = Configuration(required_fields=[FIELD])(Passthrough)
    else:
        command = Configuration(required_fields=[FIELD])(idiomatic(StreamingCommand))
    command().process(sys.argv[:1], sys.stdin, sys.stdout)


def idiomatic(base: type) -> type:
    """The command class that decodes record by record."""
    from msix.decode import decode
    from msixdecode import OUTPUT_FIELDS
    from package_publishers import UNKNOWN, read_publishers

    class Idiomatic(base):  # type: ignore[misc]  # see above
        """Fields of a value from a cache, put into each record."""

        cache: dict[str, dict[str, Any]] = {}  # noqa: RUF012 (one command, one process)
        publishers: Any = None

        def fields(self, texts: list[str]) -> dict[str, Any]:
            if self.publishers is None:
                self.publishers, _ = read_publishers(APP / "lookups")
            rows = []
            for text in texts:
                for package in decode(text):
                    known = ("", "")
                    if package.publisher_id:
                        known = self.publishers.get(package.publisher_id, UNKNOWN)
                    rows.append((*package[:-2], *known, "", *package[-2:]))
            if len(rows) < 2:
                return dict(zip(OUTPUT_FIELDS, rows[0] if rows else [""] * len(OUTPUT_FIELDS)))  # noqa: B905 (Python 3.9)
            return {field: list(column) for field, column in zip(OUTPUT_FIELDS, zip(*rows))}  # noqa: B905

        def stream(self, records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
            for record in records:
                value = record.get(FIELD, "")
                if isinstance(value, list):
                    found = self.fields(value)
                else:
                    found = self.cache.get(value) or self.fields([value])
                    if len(self.cache) < 65536:
                        self.cache[value] = found
                record.update(found)
                yield record

    return Idiomatic


def be_csv_loop() -> None:
    """Answer getinfo, then read and write every row until the input ends."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    csv.field_size_limit(2**31 - 1)
    while line := source.readline():
        lengths = [int(length) for length in line.removeprefix(b"chunked 1.0,").split(b",")]
        metadata, body = (source.read(length) for length in lengths)
        request = json.loads(metadata)
        reply: dict[str, Any] = {"type": "streaming", "required_fields": [FIELD]}
        if request["action"] == "execute":
            reply = {"finished": request["finished"]}
            out = io.StringIO()
            csv.writer(out, lineterminator="\n").writerows(csv.reader(io.StringIO(body.decode(), newline="")))
            body = out.getvalue().encode()
        head = json.dumps(reply).encode()
        sink.write(b"chunked 1.0,%d,%d\n%s%s" % (len(head), len(body), head, body))
        sink.flush()


if __name__ == "__main__":
    if sys.argv[1] == "csv":
        be_csv_loop()
    else:
        be_sdk_command(decoding=sys.argv[1] == "idiomatic")
