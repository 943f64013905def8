"""A search command of the app as a process, driven the way splunkd does, with every cell of its replies."""

from __future__ import annotations

import csv
import io
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

import pytest

from searchhead.scp import CommandProcess, Reply, getinfo
from tests.pythons import interpreter

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "bin" / "msixdecode.py"
VERSIONS = ("3.9", "3.10", "3.11", "3.12", "3.13")  # what Splunk ships, and what lies between

Cell = str | list[str]
Record = dict[str, Cell]


class SearchCommand:
    """A running command: ``info`` is its answer to getinfo; ``records`` sends a chunk and reads what came back."""

    def __init__(self, *arguments: str, script: Path = SCRIPT, python: str = sys.executable) -> None:
        self._process = CommandProcess([python, str(script)], timeout=60)
        self.info = self._process.exchange(getinfo(script.stem, arguments, app="search", now=1.7e9)).metadata

    def __enter__(self) -> SearchCommand:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def execute(self, body: str | bytes, *, finished: bool = False) -> Reply:
        """One chunk, as text or as the very bytes."""
        content = body if isinstance(body, bytes) else body.encode()
        return self._process.exchange({"action": "execute", "finished": finished}, content)

    def records(self, body: str | bytes) -> list[Record]:
        """The records of the reply to one chunk."""
        return decode(self.execute(body).body)

    def record(self, **values: Cell) -> Record:
        """The one record that becomes of one record with these fields."""
        (record,) = self.records(encode([values]))
        return record

    def stderr(self) -> list[str]:
        """The lines on standard error so far."""
        return [self._process.errors.get() for _ in range(self._process.errors.qsize())]

    def close(self) -> int:
        """End of input; the exit status."""
        return self._process.close(patience=20)


def python_or_skip(version: str) -> str:
    """An interpreter of this version; the test is skipped where there is none."""
    found = interpreter(version)
    if found is None:
        pytest.skip(f"Python {version} is not installed here")
    return found


def app_copy(target: Path, lookups: Mapping[str, str | bytes]) -> Path:
    """The command in an app of its own that has these files in lookups/; returns the script."""
    shutil.copytree(ROOT / "bin", target / "bin", ignore=shutil.ignore_patterns("__pycache__"))
    (target / "lookups").mkdir()
    for name, content in lookups.items():
        (target / "lookups" / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return target / "bin" / "msixdecode.py"


def encode(records: Sequence[Mapping[str, Cell]]) -> str:
    """Records as CSV, a multivalue column behind each plain one; the fields are those of the first record."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    fields = list(records[0])
    writer.writerow([name for field in fields for name in (field, f"__mv_{field}")])
    for record in records:
        cells = []
        for field in fields:
            value = record[field]
            if isinstance(value, list):
                cells += ["\n".join(value), ";".join("$" + item.replace("$", "$$") + "$" for item in value)]
            else:
                cells += [value, ""]
        writer.writerow(cells)
    return out.getvalue()


def decode(body: bytes) -> list[Record]:
    """Records of a reply, empty cells included; a multivalue of one is a plain value."""
    rows = list(csv.reader(io.StringIO(body.decode("utf-8", "surrogateescape"), newline=""), strict=True))
    records: list[Record] = []
    for row in rows[1:]:
        cells = dict(zip(rows[0], row, strict=True))
        record: Record = {}
        for name, cell in cells.items():
            if not name.startswith("__mv_"):
                multi = cells.get(f"__mv_{name}", "")
                values = [item.replace("$$", "$") for item in re.findall(r"\$((?:\$\$|[^$])*)\$(?:;|\Z)", multi)]
                record[name] = values if len(values) > 1 else cell
                assert not values or cell == "\n".join(values), f"{name}: the two notations differ"
        records.append(record)
    return records
