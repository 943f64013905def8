"""The events that Splunk itself writes: results of a search in a summary index, and the scheduler's log."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from searchhead.spl.values import Row, number, texts
from tests.apps import NOW


def stash(search_name: str, rows: Iterable[Row], *, now: float = NOW) -> Iterator[Row]:
    """The events of the index summary that the results of this search become, each at its ``_time``.

    The text is Splunk's (help.splunk.com, collect: fields as a comma-separated list of key=value pairs; Splunk's
    cim_actions.py, result2stash: a value in double quotes, those in it escaped).
    How the values of a list are written depends on a setting of the site; here each stands on a line of its own.
    """
    for row in rows:
        seconds = number(row["_time"])
        assert seconds is not None
        moment = datetime.fromtimestamp(seconds, UTC).strftime("%m/%d/%Y %H:%M:%S +0000")
        pairs = [f'search_name="{search_name}"', f"search_now={now:.3f}", "info_min_time=0.000"]
        pairs += ["info_max_time=+Infinity", f"info_search_time={now + 1:.3f}"]
        pairs += [f"{name}={_quoted(chr(10).join(texts(value)))}" for name, value in row.items() if name[0] != "_"]
        yield {
            "_time": float(int(seconds)),  # the text has whole seconds
            "_raw": ", ".join([moment, *pairs]),
            "host": "search-head",
            "index": "summary",
            "source": search_name,
            "sourcetype": "stash",
        }


def scheduled(name: str, time: float, *, status: str = "success", seconds: float = 2.0, results: int = 0) -> Row:
    """A line of the scheduler's log: how a run of the saved search ended, how long it took, how many rows it found."""
    moment = datetime.fromtimestamp(time, UTC).strftime("%m-%d-%Y %H:%M:%S.000 +0000")
    words = f'savedsearch_id="nobody;package_abuse;{name}", app="package_abuse", savedsearch_name="{name}"'
    words += f", status={status}, run_time={seconds}, result_count={results}"
    place = {"host": "sh-1", "source": "/opt/splunk/var/log/splunk/scheduler.log", "sourcetype": "scheduler"}
    return {"_raw": f"{moment} INFO  SavedSplunker - {words}", "_time": time, "index": "_internal", **place}


def _quoted(value: str) -> str:
    """A value as Splunk writes it: in quotes if it holds anything that separates words."""
    return value if re.fullmatch(r"\w+", value) else '"' + value.replace('"', '\\"') + '"'
