"""The web server that a view is drawn from: the page of tests/views, the app's definitions, and a search head.

``python -m tests.view_server`` serves the site of the demo to look at: it prints the addresses of its views.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from searchhead.spl.errors import SplError
from searchhead.spl.values import Row, number, texts

APP = "package_abuse"
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".json": "application/json"}

Search = Callable[[str, str, str], list[Row]]
"""What answers a search: its text, and the earliest and latest time as the time range picker writes them."""


class ViewServer(ThreadingHTTPServer):
    """A server on a free port of this machine; one search runs at a time."""

    def __init__(self, page: Path, definitions: Mapping[str, Mapping[str, Any]], search: Search) -> None:
        self.page = page
        self.definitions = {**definitions}
        """The definitions of the views, by name."""
        self._search = search
        self._one = threading.Lock()
        self.asked: list[tuple[str, str, str]] = []
        """The searches so far, with their time ranges."""
        super().__init__(("127.0.0.1", 0), _Answer)

    @property
    def address(self) -> str:
        """Where it is, without a slash at the end."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def view(self, name: str) -> str:
        """Where a view of the app is."""
        return f"{self.address}/app/{APP}/{name}"

    def found(self, query: str, earliest: str, latest: str) -> dict[str, Any]:
        """What a search found, as Splunk's ``json_cols``: field names, and for each the values of all rows."""
        with self._one:
            self.asked.append((query, earliest, latest))
            rows = self._search(query, earliest, latest)
        fields = list(dict.fromkeys(field for row in rows for field in row))
        return {"fields": fields, "columns": [[shown(field, row.get(field)) for row in rows] for field in fields]}


def shown(field: str, value: Any) -> str | list[str] | None:
    """A value as Splunk's REST interface writes it: text, a list for several, ISO 8601 for ``_time``."""
    if field == "_time" and (seconds := number(value)) is not None:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    found = texts(value)
    return None if not found else found[0] if len(found) == 1 else found


class _Answer(BaseHTTPRequestHandler):
    server: ViewServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path.startswith("/views/"):
            definition = self.server.definitions.get(path.removeprefix("/views/").removesuffix(".json"))
            self._give(definition if definition is not None else {"error": f"no view {path}"}, found=bool(definition))
        else:
            self._give_file("index.html" if path.startswith("/app/") else path.lstrip("/"))

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            self._give(self.server.found(asked["query"], asked["earliest"], asked["latest"]))
        except (SplError, ValueError) as error:
            self._give({"error": f"{error}\n{asked['query']}"}, found=False)

    def _give_file(self, name: str) -> None:
        file = (self.server.page / name).resolve()
        if file.is_relative_to(self.server.page.resolve()) and file.is_file():
            self._send(HTTPStatus.OK, TYPES.get(file.suffix, "application/octet-stream"), file.read_bytes())
        elif name == "favicon.ico":
            self._send(HTTPStatus.NO_CONTENT, "image/x-icon", b"")
        else:
            self._give({"error": f"no file {name}"}, found=False)

    def _give(self, content: Mapping[str, Any], *, found: bool = True) -> None:
        status = HTTPStatus.OK if found else HTTPStatus.NOT_FOUND
        self._send(status, TYPES[".json"], json.dumps(content).encode())

    def _send(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        # The renderer is large and stays the same while a server runs.
        self.send_header("Cache-Control", "max-age=3600" if kind in (TYPES[".js"], TYPES[".css"]) else "no-store")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Requests are the tests' own."""


@contextmanager
def serving(page: Path, definitions: Mapping[str, Mapping[str, Any]], search: Search) -> Iterator[ViewServer]:
    """A server of a built page (a folder), definitions by their views' names, and what answers their searches."""
    server = ViewServer(page, definitions, search)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def main() -> None:
    """Serve the demo's site until interrupted."""
    from tests.dashboards import dashboards  # noqa: PLC0415 - the server itself knows no app
    from tests.demo_site import demo_site  # noqa: PLC0415
    from tests.node_project import built_page  # noqa: PLC0415

    definitions = {view.name: view.definition for view in dashboards()}
    with serving(built_page(), definitions, demo_site().search) as server:
        sys.stdout.writelines(f"{server.view(name)}\n" for name in definitions)
        threading.Event().wait()


if __name__ == "__main__":
    main()
