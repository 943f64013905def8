"""docs/false-positives.md: what causes false findings of each detection, how to tell, and exceptions that are tested.

The rows are those of the cases in tests/detections, so that no row stands here which was not seen to work.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from docs.pieces import anchor, plain, prose
from searchhead.conf import App
from searchhead.savedsearches import SavedSearch, detections
from tests.apps import NOW
from tests.case_logs import cases

ROOT = Path(__file__).resolve().parent.parent

_EXCEPTIONS = "package_exceptions_site"
_PUBLISHERS = "package_publishers_site"

_TODAY = datetime.fromtimestamp(NOW, UTC).date()

# The columns of an exception that narrow it, and which field of a finding each is compared with: see the macro
# package_exceptions. The first field that the finding has counts.
_COMPARED = {
    "dest": ("dest",),
    "user": ("user",),
    "package_family_name": ("package_family_name",),
    "package_publisher_id": ("package_publisher_id",),
    "process": ("process",),
    "source": ("package_source_uri", "source"),
}

_INTRODUCTION = """\
For each detection: what causes false findings as a rule, how to tell them from true ones, and rows for the lookups of
your site. Each row is one that a case in [tests/detections](../tests/detections) has tested: with it the harmless
finding is gone, and what must still be found is found. A row that its case writes for several detections stands here
with the name of one. The other names in them are made up: put in yours, a date in `expires`, and in `owner` who answers
for the row.

- Copy the line of the row into the lookup `package_exceptions_site`, the header only into a new file.
  `./hunt exceptions check FILE` says what is wrong with a file, and `./hunt --exceptions FILE LOGS` hides by it.
- No cell may be empty: `*` is any value. Patterns are compared without regard to case.
- Begin with a narrow row. A pattern in `process` or `source` and the name of a host or a user are safer than that of a
  package, and a publisher ID alone trusts everything that claims this publisher.
- `*` in `detection` counts for all detections: only for what nobody ever wants to see, and never for a command line.

How exceptions work, what happens when one ends, and the other ways to tune stand in [tuning.md](tuning.md); the columns
in [lookups.md](lookups.md#package_exceptions_site-how-to-write-a-row)."""


def page() -> str:
    """The text of docs/false-positives.md."""
    app = App(ROOT)
    parts = [
        "# False positives",
        "Generated from default/savedsearches.conf and tests/detections/ by `docs/generate.py`; do not edit.",
        _INTRODUCTION,
        *(_detection(app, one) for one in detections(app)),
    ]
    return "\n\n".join(parts) + "\n"


def _detection(app: App, one: SavedSearch) -> str:
    stanza = app.conf("savedsearches").stanzas[one.name]
    parts = [
        f"## {one.title}",
        f"[What it finds](detections.md#{anchor(one.title)})",
        f"**Usual causes.** {prose(stanza['action.escu.known_false_positives'])}",
        f"**How to tell.** {prose(said(stanza['action.notable.param.next_steps']))}",
        *_tested(one),
        f"**Columns.** {_columns(one)}",
    ]
    return "\n\n".join(parts)


def said(next_steps: str) -> str:
    """The text of ``action.notable.param.next_steps``: of its JSON what a person reads, without the links to actions.

    Enterprise Security writes an action that can be started as ``[[action|name]]``. Raises ValueError for other JSON.
    """
    data = json.loads(next_steps)["data"]
    if not isinstance(data, str):
        raise ValueError(f"next_steps hold no text: {next_steps}")
    return plain(re.sub(r"\[\[action\|([^\]]*)\]\]", r"\1", data))


def _tested(one: SavedSearch) -> Iterator[str]:
    for path, case in cases(one.slug):
        lookups = case.get("lookups", {}) if case["kind"] == "exception" else {}
        live = (row for row in lookups.get(_EXCEPTIONS, ()) if _counts(row, one.slug))
        exceptions = [{**row, "detection": one.slug} for row in live]
        tables = [(_EXCEPTIONS, exceptions), (_PUBLISHERS, lookups.get(_PUBLISHERS, ()))]
        for name, rows in tables:
            if rows:
                where = f"[{path.stem}](../tests/detections/{one.slug}/{path.name})"
                yield f"**Row of `{name}`.** {prose(case['name'])} ({where}):"
                yield f"```\n{_csv(name, rows)}```"
                yield from map(_bound, rows if name == _EXCEPTIONS else ())


def _counts(row: Mapping[str, str], slug: str) -> bool:
    """Whether the row is live on the day of the tests and speaks of the detection."""
    if not fnmatchcase(slug, row["detection"].lower()):
        return False
    try:
        return row["expires"] == "never" or date.fromisoformat(row["expires"]) >= _TODAY
    except ValueError:  # such a row shows that it counts as expired
        return False


def _csv(name: str, rows: Sequence[Mapping[str, Any]]) -> str:
    header = (ROOT / "lookups" / f"{name}.csv.default").read_text(encoding="ascii").split("\n")[0]
    text = io.StringIO()
    writer = csv.DictWriter(text, header.split(","), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _bound(row: Mapping[str, str]) -> str:
    bound = [name for name in _COMPARED if row[name] != "*"]
    narrower = [name for name in ("dest", "user") if name not in bound]
    text = f"It is bound to {_named(bound)}."
    return f"{text} Narrower: a pattern in {_named(narrower)} too." if narrower else text


def _columns(one: SavedSearch) -> str:
    """Which columns of an exception can tell findings of this detection apart, from the last table of its search."""
    shown = set(re.split(r"[,\s]+", re.findall(r"\|\s*table\s+([^|]+)", one.search)[-1]))
    filled = [name for name, fields in _COMPARED.items() if shown.intersection(fields)]
    empty = [name for name in _COMPARED if name not in filled]
    text = f"Its findings have {_named(filled)}"
    return f"{text}; leave `*` in {_named(empty)}." if empty else f"{text}."


def _named(names: Sequence[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if quoted[1:] else quoted)
