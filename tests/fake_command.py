"""A search command with every manner, good and bad: its first argument says which. Speaks the protocol by hand."""

import csv
import io
import json
import os
import sys
import time
from typing import Any

csv.field_size_limit(2**31 - 1)
source, sink = sys.stdin.buffer, sys.stdout.buffer


def read() -> tuple[dict[str, Any], bytes]:
    line = source.readline()
    if not line:
        sys.exit(3 if manner == "status" else 0)
    lengths = [int(length) for length in line.removeprefix(b"chunked 1.0,").split(b",")]
    metadata, body = (source.read(length) for length in lengths)
    return json.loads(metadata), body


def write(metadata: dict[str, Any], body: bytes = b"") -> None:
    head = json.dumps(metadata).encode()
    sink.write(b"chunked 1.0,%d,%d\n" % (len(head), len(body)) + head + body)
    sink.flush()


def message(level: str, text: str) -> dict[str, Any]:
    return {"inspector": {"messages": [[level, text]]}}


def rows_of(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode(), newline="")))


def to_csv(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


manner = ""
info, _ = read()
manner = info["searchinfo"]["args"][0]
getinfo: dict[str, Any] = {"type": "streaming"}
if manner in ("select", "wrong index"):
    getinfo["required_fields"] = ["a"]
elif manner == "getinfo":
    getinfo |= message("INFO", json.dumps(info))
elif manner in ("events", "stateful"):
    getinfo["type"] = manner
elif manner == "generating":
    getinfo["generating"] = True
elif manner == "refuse":
    getinfo = {**message("ERROR", "no field"), "finished": True, "error": "no field"}
elif manner == "silent at getinfo":
    time.sleep(60)
write(getinfo)
if manner == "refuse":
    sys.exit(1)

chunk = 0
while True:
    if manner == "deaf":
        time.sleep(60)
    request, body = read()
    finished = request["finished"]
    reply = {"finished": finished}
    if finished:
        write(reply, b"n\nlate\n" if manner == "late" else b"")
        continue
    chunk += 1
    rows = rows_of(body)
    if manner == "select":  # the last row first, the second one not at all, the first one twice
        assert rows[0] == ["a", "_chunked_idx", "__mv_a", "__mv__chunked_idx"], rows[0]
        chosen = [row for number, row in enumerate(rows[1:]) if number != 1]
        body = to_csv([["_chunked_idx", "b"]] + [[row[1], row[0] + "!"] for row in reversed([chosen[0], *chosen])])
    elif manner == "wrong index":
        body = to_csv([["a", "_chunked_idx"], ["x", "99"]])
    elif manner in ("count", "stateful"):
        body = to_csv([["chunk", "rows"], [str(chunk), str(len(rows) - 1)]])
    elif manner == "warn":
        reply = {**message("WARN", "be careful"), **reply}
        sys.stderr.write("a line\nanother\n")
        sys.stderr.flush()
        time.sleep(0.2)
    elif manner == "debug":
        reply = {**message("DEBUG", "never mind"), **reply}
    elif manner == "error":
        reply = {**message("ERROR", "out of {order}"), "finished": True}
    elif manner == "early":
        reply = {"finished": True}
    elif manner == "silent":
        time.sleep(60)
    elif manner == "die":
        os._exit(7)
    elif manner == "cut":
        sink.write(b"chunked 1.0,20,0\n{}")
        sink.flush()
        os._exit(0)
    elif manner == "print":
        sink.write(b"hello\n")
        sink.flush()
    elif manner == "huge":
        sink.write(b"chunked 1.0,2,99999999999999\n{}")
        sink.flush()
    elif manner == "no json":
        sink.write(b"chunked 1.0,2,0\n{x")
        sink.flush()
    elif manner == "no object":
        sink.write(b"chunked 1.0,2,0\n[]")
        sink.flush()
    elif manner == "ragged":
        body = b"a,b\n1\n"
    elif manner == "no csv":
        body = b'a\n"x"y\n'
    elif manner == "noisy":  # fills both pipes while we still write
        sys.stderr.write("x" * 300_000 + "\n")
        sys.stderr.flush()
    write(reply, body)
