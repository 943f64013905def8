from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error

from tests import browser as browsers
from tests.browser import PageTrouble, watched


def show(browser: Browser, content: str) -> None:
    page = browser.new_page()
    with watched(page):
        page.set_content(content)
        page.wait_for_timeout(200)


def test_a_page_without_complaints_is_read(browser: Browser) -> None:
    page = browser.new_page()
    with watched(page):
        page.set_content("<p id=one>1</p><script>document.getElementById('one').textContent += '2'</script>")
        assert page.inner_text("#one") == "12"
    assert page.is_closed()


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("console.error('wrong', 1)", "console: wrong 1"),
        ("throw new Error('not caught')", "exception: not caught"),
        ("Promise.reject(new Error('broken'))", "exception: broken"),
        ("new Image().src = 'http://somewhere.example/x.png'", "request: http://somewhere.example/x.png net::"),
    ],
)
def test_a_page_that_complains_fails(browser: Browser, script: str, complaint: str) -> None:
    with pytest.raises(PageTrouble) as raised:
        show(browser, f"<script>{script}</script>")
    assert str(raised.value).startswith(complaint)


def test_a_warning_is_no_complaint_and_a_complaint_can_be_expected(browser: Browser) -> None:
    page = browser.new_page()
    with watched(page) as complaints:
        page.set_content("<script>console.warn('old'); console.error('as expected')</script>")
        assert complaints == ["console: as expected"]
        complaints.clear()


def test_what_fails_by_itself_is_told_as_it_is(browser: Browser) -> None:
    page = browser.new_page()
    page.close()
    with pytest.raises(Error, match="closed"), watched(page):
        page.set_content("<script>console.error('wrong')</script>")


def test_without_a_browser_the_names_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert browsers.executable() is None
    with pytest.raises(LookupError, match="looked for chromium, chromium-browser, google-chrome"), browsers.browser():
        pass
