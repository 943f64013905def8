import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.fetch_sample import SampleUnavailable, WrongSample, fetch

SAMPLE = b"<Event/>\n" * 20_000
SHA256 = hashlib.sha256(SAMPLE).hexdigest()
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{SHA256}\nsize {len(SAMPLE)}\n".encode()

ANSWERS = {
    "/sample.log": SAMPLE,
    "/other.log": b"<Other/>\n" * 20_000,
    "/larger.log": SAMPLE + b"more",
    "/pointer.log": POINTER,
}
REDIRECTS = {
    "/moved.log": "/sample.log",
    "/to-a-file.log": "file:///etc/hostname",
    "/to-https.log": "https://127.0.0.1:1/sample.log",
    "/round.log": "/round.log",
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined] # set by the fixture
        if self.path in REDIRECTS:
            self.send_response(302)
            self.send_header("Location", REDIRECTS[self.path])
            self.end_headers()
        elif self.path in ANSWERS:
            self.answer(ANSWERS[self.path], len(ANSWERS[self.path]))
        elif self.path == "/broken-off.log":
            self.answer(SAMPLE[:1000], len(SAMPLE))
        elif self.path == "/endless.log":
            self.send_response(200)
            self.end_headers()
            while not self.wfile.closed:
                self.wfile.write(bytes(65_536))
        elif self.path == "/slow.log":
            self.send_response(200)
            self.end_headers()
            for byte in SAMPLE[:40]:
                self.wfile.write(bytes([byte]))
                time.sleep(0.1)
        else:
            self.send_error(404)

    def answer(self, content: bytes, announced: int) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(announced))
        self.end_headers()
        self.wfile.write(content)

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:  # the client has had enough, which is what some tests are about
            return

    def log_message(self, *_: object) -> None:
        return


class Server(ThreadingHTTPServer):
    asked: list[str]

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Server(("127.0.0.1", 0), Handler) as running:
        running.asked = []
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield running
        running.shutdown()


def fetch_from(url: str, target: Path, *, timeout: float = 5) -> Path:
    return fetch(url, target, SHA256, len(SAMPLE), timeout=timeout, schemes=("http", "https"))


@pytest.mark.parametrize("path", ["/sample.log", "/moved.log"])
def test_the_right_file_is_stored_whole_and_alone(server: Server, tmp_path: Path, path: str) -> None:
    target = tmp_path / "samples" / "sample.log"
    assert fetch_from(server.url(path), target) == target
    assert target.read_bytes() == SAMPLE
    assert list(target.parent.iterdir()) == [target]


def test_a_cached_file_is_not_fetched_again(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "sample.log"
    target.write_bytes(SAMPLE)
    fetch_from(server.url("/sample.log"), target)
    assert server.asked == []


def test_a_damaged_cached_file_is_fetched_again(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "sample.log"
    target.write_bytes(SAMPLE[:-1])
    fetch_from(server.url("/sample.log"), target)
    assert server.asked == ["/sample.log"]
    assert target.read_bytes() == SAMPLE


WRONG = [
    ("/other.log", f"180000 bytes with sha256 {hashlib.sha256(ANSWERS['/other.log']).hexdigest()}"),
    ("/larger.log", "larger than the expected 180000 bytes"),
    ("/endless.log", "larger than the expected 180000 bytes"),
]


@pytest.mark.parametrize(("path", "reason"), WRONG)
def test_another_file_is_refused_and_nothing_is_stored(server: Server, tmp_path: Path, path: str, reason: str) -> None:
    with pytest.raises(WrongSample, match=reason):
        fetch_from(server.url(path), tmp_path / "sample.log")
    assert list(tmp_path.iterdir()) == []


UNAVAILABLE = [
    ("/missing.log", "404"),
    ("/pointer.log", "Git LFS pointer of the file, not the file"),
    ("/broken-off.log", "the connection ended after 1000 of 180000 bytes|IncompleteRead"),
    ("/to-a-file.log", "not allowed"),
    ("/to-https.log", "refused"),  # nobody listens there
    ("/round.log", "infinite loop"),
]


@pytest.mark.parametrize(("path", "reason"), UNAVAILABLE)
def test_no_answer_is_told_apart_from_a_wrong_one(server: Server, tmp_path: Path, path: str, reason: str) -> None:
    with pytest.raises(SampleUnavailable, match=reason):
        fetch_from(server.url(path), tmp_path / "sample.log")
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_drips_is_given_up_in_time(server: Server, tmp_path: Path) -> None:
    with pytest.raises(SampleUnavailable, match=r"not finished after 0\.5 seconds"):
        fetch_from(server.url("/slow.log"), tmp_path / "sample.log", timeout=0.5)


def test_a_dead_server_is_unavailable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(SampleUnavailable, match="refused"):
            fetch_from(f"http://127.0.0.1:{unused.getsockname()[1]}/sample.log", tmp_path / "sample.log")


def test_a_redirect_to_a_scheme_that_was_not_asked_for_is_refused(server: Server, tmp_path: Path) -> None:
    with pytest.raises(WrongSample, match=r"https://127\.0\.0\.1:1/sample\.log: only http is fetched"):
        fetch(server.url("/to-https.log"), tmp_path / "sample.log", SHA256, 9, timeout=5, schemes=("http",))


def test_plain_http_is_refused_unless_asked_for(server: Server, tmp_path: Path) -> None:
    with pytest.raises(WrongSample, match="only https is fetched"):
        fetch(server.url("/sample.log"), tmp_path / "sample.log", SHA256, len(SAMPLE), timeout=5)
    assert server.asked == []
