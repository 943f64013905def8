"""A live Splunk: the app's saved searches run there, and their result rows come back, through splunk-sdk.

Talks HTTPS only, to a server whose certificate names it and is signed by an authority that is trusted. A saved search
is dispatched by its name, so what runs is what is installed there, with the lookups and macros of that Splunk.

Sources: Splunk's REST API Reference Manual ("Search endpoint descriptions"), the splunk-sdk for Python.
"""

from __future__ import annotations

import http.client
import json
import re
import ssl
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree.ElementTree import XML, ParseError

from searchhead.head import TimeRange
from searchhead.provision import LIB
from searchhead.savedsearches import SavedSearch
from searchhead.spl.values import Row, multivalue, number, put, text

sys.path.append(str(LIB))  # where the set-up puts the one copy of the splunk-sdk that this project has

from splunklib import binding, client

PORT = 8089  # splunkd's management port unless server.conf says otherwise
TIMEOUT = 60.0  # seconds that Splunk may take for one answer; a search may take longer, for it is asked again and again

# How long to wait before asking for the state of a job again, in seconds: from the first to the last.
_FIRST_PAUSE, _LAST_PAUSE = 0.1, 2.0

_ALL_TIME = TimeRange(earliest=0.0)

# What tells a time that ``fieldformat`` has made from the epoch seconds behind it.
_TIMES = ("first_time", "last_time")


class LiveFailed(Exception):
    """The Splunk cannot be used: its address, its certificate, the token or the connection is wrong."""


class SearchFailed(LiveFailed):
    """One search cannot be run there; others may."""


class Splunk:
    """A Splunk with the app installed.

    Args:
        address: ``https://host`` or ``https://host:port`` of the management port.
        token: an authentication token of that Splunk.
        app: the id of the app whose saved searches, macros and lookups are meant.
        authority: a PEM file with the certificate of the authority that signed the server's, instead of those that
            the operating system trusts.
        timeout: seconds that one answer may take.
        warn: takes what Splunk says about a search without failing it.

    Attributes:
        service: the SDK's own object, for what is not covered here.
        failures: what kept searches from running, or from running completely, so far.
        on_progress: is called with the searches done and all of them.

    Raises LiveFailed for an address, token or authority that cannot be right.
    """

    def __init__(
        self,
        address: str,
        token: str,
        app: str,
        *,
        authority: Path | None = None,
        timeout: float = TIMEOUT,
        warn: Callable[[str], None] = lambda _message: None,
    ) -> None:
        host, port = _host_and_port(address)
        self.place = f"https://{f'[{host}]' if ':' in host else host}:{port}"
        self.failures: list[str] = []
        self.on_progress: Callable[[int, int | None], None] | None = None
        self._timeout = timeout
        self._warn = warn
        # The SDK checks certificates only if it is told to, and knows a timeout only in a handler of one's own.
        handler = binding.handler(timeout=timeout, verify=True, context=_tls(authority))
        self.service = client.Service(
            host=host, port=port, scheme="https", app=app, splunkToken=_token(token), handler=handler
        )

    def run(self, searches: Sequence[SavedSearch], time_range: TimeRange) -> list[list[Row]]:
        """The result rows of each saved search, run one after the other so that they need one place in the queue.

        A time range that is open on both sides is the one of each saved search itself; one that is open on one side
        goes from the first event or to now. What fails one search is told in ``failures``, and the next one runs.
        Raises LiveFailed if nothing can be run.
        """
        results = []
        for done, saved in enumerate(searches):
            self._tell(done, len(searches))
            try:
                results.append([_with_seconds(row) for row in self._run(saved, time_range)])
            except SearchFailed as error:
                self.failures.append(str(error))
                results.append([])
        self._tell(len(searches), len(searches))
        return results

    def search(self, spl: str, time_range: TimeRange = _ALL_TIME, **arguments: Any) -> list[Row]:
        """The result rows of any search. ``arguments`` are further ones of ``POST search/jobs``.

        Raises SearchFailed for a search that Splunk refuses or cannot finish, LiveFailed for anything else.
        """
        return self._rows("the search", lambda: self._ad_hoc(spl, _times(time_range, ""), arguments))

    def send(self, event: str, **place: str) -> None:
        """Index one event; ``place`` is index, host, source and sourcetype. Needs the right edit_tcp."""
        with self._talking("an event"):
            self.service.post("receivers/simple", body=event.encode(), **place)

    def delete_record(self, collection: str, key: str) -> None:
        """Remove one record from a KV store collection of the app; what is not there stays away."""
        path = binding.UrlEncoded(f"storage/collections/data/{collection}/{quote(key, safe='')}", skip_encode=True)
        with self._talking(f"the record {key} of {collection}"):
            try:
                self.service.delete(path, owner="nobody", app=self.service.namespace.app, sharing="app")
            except binding.HTTPError as error:
                if error.status != http.HTTPStatus.NOT_FOUND:
                    raise

    def _run(self, saved: SavedSearch, time_range: TimeRange) -> list[Row]:
        with self._talking(saved.name):
            try:
                entity = self.service.saved_searches[saved.name]
            except KeyError as error:
                raise SearchFailed(
                    f"{saved.name}: {self.place} has no such saved search in the app {self.service.namespace.app}, "
                    "or the token's user may not read it. Install this version of the app there."
                ) from error
            installed = entity.content["search"]
            if installed.split() != saved.search.split():
                self._warn(f"{saved.name}: the search that is installed there differs from the one here")
        if entity.content.get("disabled") != "1":
            times = _times(time_range, "dispatch.")
            return self._rows(saved.name, lambda: entity.dispatch(**times, trigger_actions="0", force_dispatch="1"))
        # Splunk does not dispatch a disabled saved search, and a detection ships disabled: its text is run instead.
        times = _times(time_range, "") or {
            name: entity.content[f"dispatch.{name}"]
            for name in ("earliest_time", "latest_time")
            if entity.content.get(f"dispatch.{name}")
        }
        return self._rows(saved.name, lambda: self._ad_hoc(installed, times, {}))

    def _ad_hoc(self, spl: str, times: Mapping[str, str], arguments: Mapping[str, Any]) -> Any:
        # Unlike the search bar, the REST API implies no "search" at the beginning.
        command = spl if spl.lstrip().startswith("|") else f"search {spl}"
        return self.service.jobs.create(command, **times, **arguments)

    def _rows(self, name: str, dispatch: Callable[[], Any]) -> list[Row]:
        """All result rows of the job that ``dispatch`` makes; the job is removed in any case."""
        with self._talking(name):
            job = dispatch()
        try:
            with self._talking(name):
                self._wait(name, job)
                rows, messages = self._read(name, job)
        finally:
            with suppress(LiveFailed), self._talking(name):
                job.cancel()
        for kind, message in messages:
            if kind in {"error", "fatal"}:
                self.failures.append(f"{name}: perhaps incomplete: {message}")
            elif kind != "debug":
                self._warn(f"{name}: {message}")
        return rows

    def _wait(self, name: str, job: Any) -> None:
        pause = _FIRST_PAUSE
        while not (job.is_ready() and _ended(job.state.content)):
            time.sleep(pause)
            pause = min(pause * 1.5, _LAST_PAUSE)
        state = job.state.content
        if _failed(state):
            told = "; ".join(message for _, message in _messages(state)) or "it ended without a message"
            raise SearchFailed(f"{name}: failed on {self.place}: {told}")
        if state.get("isFinalized") == "1":
            self.failures.append(f"{name}: perhaps incomplete: the job was stopped there before its end")

    def _read(self, name: str, job: Any) -> tuple[list[Row], list[tuple[str, str]]]:
        """Result rows and messages, page by page: a page ends at Splunk's ``maxresultrows``, also with ``count=0``."""
        rows: list[Row] = []
        messages = dict.fromkeys(_messages(job.state.content))  # each once, in order
        promised = int(job.state.content["resultCount"])
        while True:
            body = job.results(output_mode="json", count=0, offset=len(rows)).read()
            page = json.loads(body) if body else {}
            found = page.get("results", [])
            rows += map(_row, found)
            messages |= dict.fromkeys((one["type"].lower(), one["text"]) for one in page.get("messages", []))
            if not found or len(rows) >= promised:
                break
        if len(rows) < promised:
            self.failures.append(f"{name}: incomplete: {self.place} gave {len(rows)} of {promised} result rows")
        return rows, list(messages)

    def _tell(self, done: int, total: int) -> None:
        if self.on_progress:
            self.on_progress(done, total)

    @contextmanager
    def _talking(self, name: str) -> Iterator[None]:
        """Turn what can go wrong between here and Splunk into one of our own errors."""
        try:
            yield
        except LiveFailed:
            raise
        except binding.AuthenticationError as error:
            raise LiveFailed(
                f"{self.place} refuses the token (HTTP 401). It may have expired or been disabled there; "
                "make a new one under Settings, Tokens."
            ) from error
        except binding.HTTPError as error:
            raise SearchFailed(f"{name}: {self.place} answers HTTP {error.status}: {_told(error)}") from error
        except ssl.SSLCertVerificationError as error:
            raise LiveFailed(
                f"the certificate of {self.place} is not trusted: {error.verify_message}. Name the file of the "
                "authority that signed it with --splunk-ca, and use the host name that stands in it."
            ) from error
        except TimeoutError as error:
            raise LiveFailed(f"{self.place} gave no answer within {self._timeout:g} seconds") from error
        except OSError as error:
            raise LiveFailed(f"{self.place} cannot be reached: {error.strerror or error}") from error
        except http.client.HTTPException as error:
            raise LiveFailed(f"{self.place} broke off its answer: {error!r}") from error
        except (ParseError, ValueError, LookupError, AttributeError, TypeError) as error:
            # What the SDK stumbles over, and so do we, if the answer is a web page, say.
            raise LiveFailed(
                f"{self.place} does not answer as Splunk's REST API does. Is that the management port (usually {PORT})?"
            ) from error


def _host_and_port(address: str) -> tuple[str, int]:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme != "https" or "@" in address or parts.path.strip("/") or parts.query or parts.fragment:
        shown = "the address" if "@" in address else repr(address)  # what stands before @ may be a password
        raise LiveFailed(f"{shown} is no address of a Splunk: it must look like https://splunk.example.com:{PORT}")
    return host, port or PORT


def _token(given: str) -> str:
    token = given.strip()
    if not token:
        raise LiveFailed("there is no token: put an authentication token of the Splunk into SPLUNK_TOKEN")
    if not re.fullmatch(r"[!-~]+", token):  # never shown: it is a secret
        raise LiveFailed("the token in SPLUNK_TOKEN has characters that no token has, such as blanks or line breaks")
    return token


def _tls(authority: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=authority)
    except (OSError, ssl.SSLError) as error:
        reason = "it holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        raise LiveFailed(f"--splunk-ca: {authority} cannot be used: {reason}. It must be a PEM file.") from error


def _times(time_range: TimeRange, prefix: str) -> dict[str, str]:
    """The time range as arguments of a job; none if it is open on both sides."""
    earliest, latest = time_range.earliest, time_range.latest
    if earliest is None and latest is None:
        return {}
    return {
        f"{prefix}earliest_time": "0" if earliest is None else text(earliest),
        f"{prefix}latest_time": "now" if latest is None else text(latest),
    }


def _row(found: Mapping[str, Any]) -> Row:
    """A result row as Splunk's JSON has it: every value is text, a multivalue is a list, null is left out."""
    row: Row = {}
    for field, value in found.items():
        put(row, field, multivalue(map(str, value)) if isinstance(value, list) else value)
    return row


def _with_seconds(row: Row) -> Row:
    """The row of a detection, its times as epoch seconds.

    Where the search ends with ``fieldformat``, Splunk shows what that makes of a value; that its REST API does too is
    assumed, and a value that still is a number stays as it is.
    """
    for field in _TIMES:
        shown = row.get(field)
        if isinstance(shown, str) and number(shown) is None:
            with suppress(ValueError):
                moment = datetime.fromisoformat(shown)
                if moment.tzinfo is not None:
                    row[field] = moment.timestamp()
    return row


def _ended(state: Mapping[str, Any]) -> bool:
    return state.get("isDone") == "1" or _failed(state)


def _failed(state: Mapping[str, Any]) -> bool:
    """Whether the job failed, or its process is gone without having ended it."""
    return state["dispatchState"] == "FAILED" or state.get("isFailed") == "1" or state.get("isZombie") == "1"


def _messages(state: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The messages in a job's state: each its kind, in lower case, and its text."""
    found = state.get("messages") or {}
    return [
        (kind.lower(), message)
        for kind, given in found.items()
        for message in (given if isinstance(given, list) else [given])
    ]


def _told(error: Any) -> str:
    """What Splunk says in the body of an error, else the words of the status line."""
    try:
        messages = [found.text or "" for found in XML(error.body).iter("msg")]
    except ParseError:
        messages = []
    return " ".join(" ".join(messages).split()) or str(error.reason)
