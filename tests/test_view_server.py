from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from searchhead.spl.values import Row
from tests.view_server import ViewServer, serving, shown


def search(spl: str, earliest: str, latest: str) -> list[Row]:
    if "wrong" in spl:
        raise ValueError("no command wrong")
    return [
        {"host": "a", "_time": 1_772_625_600.5, "n": 1},
        {"n": 2, "names": ["x", "y"]},
        {"range": earliest + latest},
    ]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ViewServer]:
    page = tmp_path / "page"
    (page / "assets").mkdir(parents=True)
    (page / "index.html").write_text("<p>page</p>", "utf-8")
    (page / "assets" / "a.js").write_text("1", "utf-8")
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    with serving(page, {"one": {"title": "One"}}, search) as found:
        yield found


def get(address: str) -> tuple[str, str]:
    with urlopen(address) as answer:  # noqa: S310 - our own server
        return answer.headers["Content-Type"], answer.read().decode()


def refused(request: str | Request) -> dict[str, Any]:
    with pytest.raises(HTTPError) as raised:
        urlopen(request)  # noqa: S310 - our own server
    with raised.value as answer:
        assert answer.code == 404
        found: dict[str, Any] = json.loads(answer.read())
    return found


def asked(server: ViewServer, query: str) -> Request:
    content = json.dumps({"query": query, "earliest": "-1h", "latest": "now"}).encode()
    return Request(f"{server.address}/search", data=content, method="POST")  # noqa: S310 - our own server


def test_every_view_of_the_app_is_the_one_page(server: ViewServer) -> None:
    assert server.view("one") == f"{server.address}/app/package_abuse/one"
    assert get(server.view("one") + "?form.host=a") == ("text/html; charset=utf-8", "<p>page</p>")
    assert get(f"{server.address}/assets/a.js") == ("text/javascript; charset=utf-8", "1")


def test_a_definition_is_given_by_its_name(server: ViewServer) -> None:
    assert get(f"{server.address}/views/one.json") == ("application/json; charset=utf-8", '{"title": "One"}')
    assert refused(f"{server.address}/views/two.json") == {"error": "no view /views/two.json"}


def test_nothing_outside_the_page_is_given(server: ViewServer) -> None:
    assert refused(f"{server.address}/../secret.txt") == {"error": "no file ../secret.txt"}


def test_a_search_is_answered_by_columns_in_the_order_of_the_fields(server: ViewServer) -> None:
    with urlopen(asked(server, "search a")) as answer:  # noqa: S310 - our own server
        assert json.loads(answer.read()) == {
            "fields": ["host", "_time", "n", "names", "range"],
            "columns": [
                ["a", None, None],
                ["2026-03-04T12:00:00.500+00:00", None, None],
                ["1", "2", None],
                [None, ["x", "y"], None],
                [None, None, "-1hnow"],
            ],
        }
    assert server.asked == [("search a", "-1h", "now")]


def test_a_search_that_is_refused_says_why(server: ViewServer) -> None:
    assert refused(asked(server, "| wrong")) == {"error": "no command wrong\n| wrong"}


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, None), (1.0, "1"), (0.5, "0.5"), ("a", "a"), (["a"], "a"), (["a", "b"], ["a", "b"])],
)
def test_values_are_text_as_over_rest(value: Any, text: str | list[str] | None) -> None:
    assert shown("field", value) == text
