"""The page of a report, read by a parser: nothing in it acts but our own style and script, and every value is text."""

from __future__ import annotations

import hashlib
import io
import re
from base64 import b64encode
from collections import Counter
from html.parser import HTMLParser

import pytest

from searchhead.hunted import Hunted
from searchhead.reports.htmlreport import visible, write_html
from tests.hostile import TEXTS, UNSEEN, hostile, hunted

VOID = {"meta", "input"}
# What HTML lets one leave out at the end.
IMPLIED = {"li", "dt", "dd", "tr", "td", "p"}


class Page(HTMLParser):
    """A page in parts: its elements with their attributes, their texts, and what is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts = [""]
        self.others: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs), (tag, attrs)
        self.texts.append("")
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open[-1] != tag:
            assert self._open.pop() in IMPLIED, (tag, self._open)
        self._open.pop()
        self.texts.append("")

    def handle_data(self, data: str) -> None:
        self.texts[-1] += data

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    handle_pi = unknown_decl = handle_comment

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def written(one: Hunted) -> str:
    output = io.StringIO()
    write_html(one, output)
    return output.getvalue()


@pytest.fixture(scope="module")
def text() -> str:
    return written(hostile())


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_only_what_the_template_has_is_markup(page: Page) -> None:
    assert page.others == []
    assert {tag for tag, _ in page.tags} == {
        *("html", "head", "meta", "title", "style", "body", "header", "nav", "main", "section", "footer", "script"),
        *("h1", "h2", "h3", "h4", "h5", "p", "a", "ul", "ol", "li", "dl", "dt", "dd", "div", "span", "strong", "b"),
        *("table", "thead", "tbody", "tr", "th", "td", "details", "summary", "noscript", "pre", "code", "bdi", "time"),
        *("form", "label", "input", "select", "option", "fieldset", "legend", "output", "button"),
        *("figure", "figcaption", "svg", "rect"),
    }
    assert Counter(tag for tag, _ in page.tags)["script"] == 1
    names = {name for _, attributes in page.tags for name in attributes}
    assert not {name for name in names if name.startswith("on")} | names & {"style", "src", "action", "srcdoc"}


def test_links_lead_into_the_page_or_to_attack_and_tell_it_nothing(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for link in page.of("a"):
        address = link["href"] or ""
        if address.startswith("#"):
            assert address[1:] in ids
        else:
            assert address == "https://attack.mitre.org/techniques/T1553/005/"
            assert link["rel"] == "noreferrer noopener"
    # What is no id of a technique is no link.
    assert any("T9<b>" in one for one in page.texts)
    for attributes in page.of("label"):
        assert attributes.get("for", "words") in ids


def test_the_policy_lets_nothing_run_but_this_style_and_this_script(text: str, page: Page) -> None:
    [policy] = [one["content"] for one in page.of("meta") if one.get("http-equiv") == "Content-Security-Policy"]
    hashes = {}
    for tag in ("style", "script"):
        [content] = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        hashes[tag] = b64encode(hashlib.sha256(content.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes['style']}'; script-src 'sha256-{hashes['script']}'; "
        "base-uri 'none'; form-action 'none'"
    )
    # It stands before everything that it is for, behind the encoding only.
    assert [tag for tag, _ in page.tags[:4]] == ["html", "head", "meta", "meta"]
    assert "charset" in page.tags[2][1]
    assert not re.search(r"url\(|@import|https?:", text[text.index("<style>") : text.index("</style>")])


@pytest.mark.parametrize("value", TEXTS, ids=range(len(TEXTS)))
def test_a_hostile_text_is_shown_as_it_is(page: Page, value: str) -> None:
    shown = [one for one in page.texts if value in one]
    # Host, user, sentence, value and name of a field, evidence, event, channel, damage, input, warning, account.
    assert len(shown) >= 12


@pytest.mark.parametrize(("value", "shown"), UNSEEN.items(), ids=range(len(UNSEEN)))
def test_what_is_not_seen_is_shown_as_an_escape(page: Page, value: str, shown: str) -> None:
    assert visible(value) == shown
    assert sum(shown in one for one in page.texts) >= 12
    assert not any(value in one for one in page.texts)


def test_lines_and_tabs_stay() -> None:
    assert visible("a\n\tb\x0bc") == "a\n\tb\\u000bc"


def test_a_long_text_is_cut_and_says_how_much_is_left_out(text: str) -> None:
    assert "… (496,000 more characters)" in text
    assert len(text) < 2_000_000


def test_the_same_hunt_gives_the_same_page(text: str) -> None:
    assert written(hostile()) == text


def test_a_page_of_nothing_says_what_to_do() -> None:
    page = Page(written(hunted(below=3, min_risk=40, trouble=["damaged: x"])))
    said = " ".join(" ".join(page.texts).split())
    assert "No findings" in said
    assert "--health" in said
    assert "3 more findings with a risk score below 40" in said
    assert "Not everything could be read." in said
    assert "form" not in {tag for tag, _ in page.tags}


def test_a_page_has_no_more_elements_than_a_browser_takes_at_once() -> None:
    """A browser with scripts makes no elements of what is folded: of a finding remain few, whatever its row holds."""
    row = {"dest": "ws-1", "first_time": 1, "last_time": 2, **{f"field_{at}": "x" * 20 for at in range(40)}}
    few, many = (written(hunted(*[row] * count)) for count in (100, 200))

    def elements(page: str) -> int:
        return len(re.findall("<[a-z]", re.sub(r"<noscript>.*?</noscript>", "", page, flags=re.DOTALL)))

    assert elements(many) - elements(few) <= 10 * 100
