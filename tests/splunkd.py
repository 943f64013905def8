"""A stand-in for splunkd: the REST endpoints that a hunt uses, over TLS, answered by the embedded search head.

The answers have the forms that Splunk's REST API Reference Manual shows, as far as the splunk-sdk reads them.
"""

from __future__ import annotations

import json
import re
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, unquote_plus, urlsplit
from xml.sax.saxutils import escape

import pytest

from searchhead.addons import stand_ins
from searchhead.conf import App
from searchhead.head import SearchHead, TimeRange
from searchhead.lookupdefinitions import is_kvstore
from searchhead.savedsearches import detections
from searchhead.scp import CommandFailed
from searchhead.spl.errors import SplError
from searchhead.spl.evaluation import Expression
from searchhead.spl.times import parse_time
from searchhead.spl.values import Row, Value, texts

TOKEN = "eyJraWQiOiJ0ZXN0In0.eyJzdWIiOiJ0ZXN0In0.c2lnbmF0dXJl"

_ATOM = 'xmlns="http://www.w3.org/2005/Atom" xmlns:s="http://dev.splunk.com/ns/rest"'


@dataclass(frozen=True)
class Certificates:
    """PEM files: an authority, its certificates for localhost and for another name, and another authority."""

    authority: Path
    server: Path
    misnamed: Path
    stranger: Path


def make_certificates(folder: Path) -> Certificates:
    """Made with the openssl program, whose absence is a reason to skip."""
    if shutil.which("openssl") is None:
        pytest.skip("skipped: there is no openssl program to make certificates with")
    for name in ("authority", "stranger"):
        _openssl(
            folder,
            _configuration(name, "basicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign, cRLSign"),
            *("req", "-x509", *_NEW_KEY, "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "2"),
        )
    for name, host in (("server", "localhost"), ("misnamed", "splunk.example.com")):
        names = f"subjectAltName = DNS:{host}\nauthorityKeyIdentifier = keyid\nextendedKeyUsage = serverAuth"
        configuration = _configuration(name, names, request=False)
        _openssl(folder, configuration, "req", "-new", *_NEW_KEY, "-keyout", f"{name}.key", "-out", f"{name}.csr")
        _openssl(
            folder,
            configuration,
            *("x509", "-req", "-in", f"{name}.csr", "-CA", "authority.pem", "-CAkey", "authority.key"),
            *("-CAcreateserial", "-days", "2", "-extensions", "extensions", "-extfile", "openssl.cnf"),
            *("-out", f"{name}.crt"),
            config=False,
        )
        joined = (folder / f"{name}.crt").read_text() + (folder / f"{name}.key").read_text()
        (folder / f"{name}.pem").write_text(joined)
    return Certificates(*(folder / f"{name}.pem" for name in ("authority", "server", "misnamed", "stranger")))


_NEW_KEY = ("-newkey", "rsa:2048", "-nodes")


def _configuration(name: str, extensions: str, *, request: bool = True) -> str:
    extended = "x509_extensions = extensions\n" if request else ""
    return (
        f"[req]\nprompt = no\ndistinguished_name = name\n{extended}"
        f"[name]\nCN = {name}\n[extensions]\nsubjectKeyIdentifier = hash\n{extensions}\n"
    )


def _openssl(folder: Path, configuration: str, *arguments: str, config: bool = True) -> None:
    (folder / "openssl.cnf").write_text(configuration)
    options = ("-config", "openssl.cnf") if config else ()
    subprocess.run(["openssl", *arguments, *options], cwd=folder, check=True, capture_output=True)


@dataclass
class Job:
    """A search job; its rows are those that the search gave when it was made."""

    rows: list[dict[str, object]]
    states: list[str]


@dataclass
class Splunkd:
    """What the stand-in knows and how it behaves; a test changes it before or while it runs.

    Attributes:
        app: the app that is installed.
        certificate: the server's certificate and key, one PEM file.
        events: what is indexed; what comes to receivers/simple is added.
        now: its clock, epoch seconds; the machine's own if 0.
        installed: the texts of the saved searches by name; those of the app unless a test changes them.
        disabled: whether the saved searches are.
        states: the states in which a job is seen before it is done; ``204`` for no answer yet.
        page: the most rows that one answer holds (``maxresultrows``).
        withheld: how many of its last rows a job promises and does not give.
        flags: further keys of a job's state, such as ``isFailed``.
        messages: of every job: kind and text.
        delay: seconds before any answer.
        answer: replaces every answer: status, content type and body.
        addons: what is installed beside the app: all stand-ins unless a test says otherwise.
        scratch: a folder in which lookups and collections stay from one search to the next; none keeps nothing.
        requests: what was asked, in order: method, path without the namespace, and arguments.
        jobs: those that were dispatched and not removed, by search ID.
    """

    app: App
    certificate: Path
    events: Sequence[dict[str, Any]] = ()
    now: float = 0.0
    installed: dict[str, str] = field(default_factory=dict)
    disabled: bool = False
    states: list[str] = field(default_factory=list)
    page: int = 50_000
    withheld: int = 0
    flags: dict[str, str] = field(default_factory=dict)
    messages: list[tuple[str, str]] = field(default_factory=list)
    delay: float = 0.0
    answer: tuple[int, str, bytes] | None = None
    scratch: Path | None = None
    addons: Sequence[App] = field(default_factory=stand_ins)
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    jobs: dict[str, Job] = field(default_factory=dict)
    port: int = 0

    def __post_init__(self) -> None:
        self.events = [dict(event) for event in self.events]
        self.installed = {one.name: one.search for one in detections(self.app)}

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def clock(self) -> float:
        """The time it is there."""
        return self.now or time.time()

    def asked(self, method: str, path: str) -> list[dict[str, str]]:
        """The arguments of all requests of this kind so far."""
        return [arguments for one, asked, arguments in self.requests if (one, asked) == (method, path)]

    @contextmanager
    def running(self) -> Iterator[Splunkd]:
        """Serve on a free port of this machine until the end of the block."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        handler = type("BoundHandler", (_Handler,), {"splunkd": self})
        with _Server(("localhost", 0), handler) as server:
            server.socket = context.wrap_socket(server.socket, server_side=True)
            self.port = server.server_address[1]
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            try:
                yield self
            finally:
                server.shutdown()
                thread.join()

    def dispatch(self, search: str, earliest: str, latest: str) -> str:
        """Run a search and keep what it gives as a job; returns its search ID.

        The searches that write state run before it, as those on a schedule have long done on a Splunk.
        """
        now = self.clock()
        time_range = TimeRange(parse_time(earliest, now, UTC), parse_time(latest, now, UTC))
        with _ONE_AT_A_TIME:
            if self.scratch is None:
                head = _empty_head(self.app.path, tuple(one.path for one in self.addons), now, time_range)
            else:
                head = SearchHead(self.app, self.addons, now=now, time_range=time_range, scratch=self.scratch)
            compiled = head.compile(replace(detections(self.app)[0], search=search))
            events = [dict(event) for event in self.events]
            written = _written(self.app.path, head)
            states = head.state_searches([compiled]) if any(written & names for names in compiled.reads) else []
            *_, rows = head.run([*map(head.compile, states), compiled], events)
        sid = f"{now:.0f}.{len(self.jobs) + 1}"
        self.jobs[sid] = Job([_shown(row, dict(compiled.formats)) for row in rows], list(self.states))
        return sid


_ONE_AT_A_TIME = threading.Lock()


def _empty_head(app: Path, addons: tuple[Path, ...], now: float, time_range: TimeRange) -> SearchHead:
    """A search head whose collections are empty: to make one takes longer than to run a search."""
    head = _head(app, addons, now, time_range)
    for name, stanza in head.app.conf("transforms").stanzas.items():
        if is_kvstore(stanza):
            head.lookups.get(name).write([])
    return head


@lru_cache(maxsize=4)
def _head(app: Path, addons: tuple[Path, ...], now: float, time_range: TimeRange) -> SearchHead:
    return SearchHead(App(app), [App(one) for one in addons], now=now, time_range=time_range)


_WRITTEN: dict[Path, frozenset[str]] = {}


def _written(app: Path, head: SearchHead) -> frozenset[str]:
    """What an app's searches that write state write; to find out, all of them are compiled, but once."""
    if app not in _WRITTEN:
        _WRITTEN[app] = frozenset().union(*(head.compile(one).writes for one in head.state_searches()))
    return _WRITTEN[app]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_arguments: object) -> None:
        """Nothing: a client may go away before the answer comes, or refuse the certificate."""


def _shown(row: Row, formats: dict[str, Expression]) -> dict[str, object]:
    """A row as the REST API gives it: everything is text, and ``fieldformat`` has been applied."""
    shown: dict[str, Value] = {}
    for name, value in row.items():
        formatted = formats[name].evaluate(row) if name in formats else value
        shown[name] = value if formatted is None or isinstance(formatted, bool) else formatted
    return {name: value if isinstance(value, list) else texts(value)[0] for name, value in shown.items()}


class Refused(Exception):
    """An answer that is an error: its status, and the message in it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class _Handler(BaseHTTPRequestHandler):
    splunkd: Splunkd

    def do_GET(self) -> None:
        self._respond({})

    def do_POST(self) -> None:
        self._body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        simple = "/receivers/" in self.path  # whose body is an event, not a form
        self._respond({} if simple else dict(parse_qsl(self._body, keep_blank_values=True)))

    def do_DELETE(self) -> None:
        self._respond({})

    def log_message(self, *_arguments: object) -> None:
        """Nothing: what was asked is in ``requests``."""

    def _respond(self, arguments: dict[str, str]) -> None:
        splunkd = self.splunkd
        parts = urlsplit(self.path)
        path = re.sub(r"^/(?:services|servicesNS/[^/]+/[^/]+)/", "", parts.path)
        arguments |= dict(parse_qsl(parts.query))
        splunkd.requests.append((self.command, unquote_plus(path), arguments))
        time.sleep(splunkd.delay)
        try:
            if splunkd.answer:
                status, kind, body = splunkd.answer
            elif self.headers["Authorization"] != f"Bearer {TOKEN}":
                raise Refused(401, "call not properly authenticated")
            else:
                status, kind, body = self._route(path, arguments)
        except Refused as error:
            status, kind = error.status, "text/xml"
            message = f'<msg type="FATAL">{escape(error.message)}</msg>'
            body = f"<response><messages>{message}</messages></response>".encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _route(self, path: str, arguments: dict[str, str]) -> tuple[int, str, bytes]:
        match [self.command, *path.rstrip("/").split("/")]:
            case ["GET", "server", "info"]:
                return _xml(_feed("server-info", {"version": "9.4.0"}))
            case ["GET", "saved", "searches", name]:
                return _xml(self._saved_search(unquote_plus(name)))
            case ["POST", "saved", "searches", name, "dispatch"]:
                if self.splunkd.disabled:
                    raise Refused(400, "the saved search is disabled")
                saved = self.splunkd.installed[unquote_plus(name)]
                times = [arguments.get(f"dispatch.{end}_time", own) for end, own in _OWN_TIMES.items()]
                return _xml(self._dispatched(saved, *times))
            case ["POST", "search", "v2", "jobs"]:
                search = arguments["search"]
                if not re.match(r"\s*(?:search\s|\|)", search):
                    raise Refused(400, f"Unknown search command '{search.split()[0]}'.")
                times = [arguments.get(f"{end}_time", own) for end, own in (("earliest", "0"), ("latest", "now"))]
                return _xml(self._dispatched(search, *times))
            case ["POST", "receivers", "simple"]:
                now = self.splunkd.clock()
                event = {"_time": now, "_indextime": int(now), "_raw": self._body, **arguments}
                self.splunkd.events = [*self.splunkd.events, event]
                return _xml("<response><results/></response>")
            case ["DELETE", "storage", "collections", "data", collection, key]:
                self._forget(collection, unquote(key))
                return _xml("<response/>")
            case ["GET", "search", "v2", "jobs", sid]:
                return self._job(sid)
            case ["POST", "search", "v2", "jobs", sid, "results"]:
                return self._results(sid, int(arguments["offset"]), int(arguments["count"]))
            case ["POST", "search", "v2", "jobs", sid, "control"] if arguments == {"action": "cancel"}:
                del self.splunkd.jobs[sid]
                return _xml("<response><messages/></response>")
        raise Refused(404, "Not Found")

    def _forget(self, collection: str, key: str) -> None:
        """Remove a record, as KV store REST endpoints do."""
        path = (self.splunkd.scratch or Path()) / f"{collection}.json"
        records = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
        kept = [one for one in records if one["_key"] != key]
        if len(kept) == len(records):
            raise Refused(404, "Could not find object.")
        path.write_text(json.dumps(kept), encoding="utf-8")

    def _saved_search(self, name: str) -> str:
        if name not in self.splunkd.installed:
            raise Refused(404, f"Could not find object id={name}")
        keys = {"search": self.splunkd.installed[name], "disabled": "1" if self.splunkd.disabled else "0"}
        return _feed(name, keys | {f"dispatch.{end}_time": time for end, time in _OWN_TIMES.items()})

    def _dispatched(self, search: str, earliest: str, latest: str) -> str:
        try:
            return f"<response><sid>{self.splunkd.dispatch(search, earliest, latest)}</sid></response>"
        except SplError as error:
            raise Refused(400, f"Error in the search: {error.message}") from error
        except CommandFailed as error:
            raise Refused(400, f"Error in the search: {error}") from error

    def _job(self, sid: str) -> tuple[int, str, bytes]:
        job = self.splunkd.jobs.get(sid)
        if job is None:
            raise Refused(404, "Unknown sid.")
        state = job.states.pop(0) if job.states else "DONE"
        if state == "204":
            return 204, "text/xml", b""
        kinds = dict.fromkeys(kind for kind, _ in self.splunkd.messages)
        messages = "".join(
            _key(kind, f"<s:list>{''.join(f'<s:item>{escape(text)}</s:item>' for text in self._texts(kind))}</s:list>")
            for kind in kinds
        )
        keys = {"dispatchState": state, "isDone": "0", "resultCount": str(len(job.rows))}
        if state in {"DONE", "FAILED"}:
            keys |= {"isDone": "1", "isFailed": "0"} | self.splunkd.flags
        content = _ACL + _keys(keys) + _key("messages", f"<s:dict>{messages}</s:dict>")
        return _xml(
            f"<entry {_ATOM}><title>a search</title><id>{sid}</id>"
            f'<content type="text/xml"><s:dict>{content}</s:dict></content></entry>'
        )

    def _texts(self, kind: str) -> list[str]:
        return [text for one, text in self.splunkd.messages if one == kind]

    def _results(self, sid: str, offset: int, count: int) -> tuple[int, str, bytes]:
        job = self.splunkd.jobs[sid]
        given = job.rows[: len(job.rows) - self.splunkd.withheld]
        rows = given[offset : offset + min(count or self.splunkd.page, self.splunkd.page)]
        messages = [{"type": kind.upper(), "text": text} for kind, text in self.splunkd.messages]
        answer = {"preview": False, "init_offset": offset, "messages": messages, "results": rows, "highlighted": {}}
        return 200, "application/json", json.dumps(answer).encode()


# What a saved search has in savedsearches.conf as its own time range.
_OWN_TIMES = {"earliest": "-100m@m", "latest": "-10m@m"}


def _xml(text: str) -> tuple[int, str, bytes]:
    return 200, "text/xml; charset=UTF-8", f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode()


def _feed(title: str, keys: dict[str, str]) -> str:
    link = f"/servicesNS/nobody/package_abuse/saved/searches/{quote(title, safe='')}"
    return (
        f'<feed {_ATOM}><entry><title>{escape(title)}</title><id>x</id><link href="{link}" rel="alternate"/>'
        f'<content type="text/xml"><s:dict>{_ACL}{_keys(keys)}</s:dict></content></entry></feed>'
    )


def _keys(keys: dict[str, str]) -> str:
    return "".join(_key(name, escape(value)) for name, value in keys.items())


def _key(name: str, content: str) -> str:
    return f'<s:key name="{name}">{content}</s:key>'


_ACL = _key("eai:acl", f"<s:dict>{_keys({'app': 'package_abuse', 'owner': 'nobody', 'sharing': 'app'})}</s:dict>")
