"""The app's views as Splunk's renderer draws them in a browser, at the site of the demo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, BrowserContext, Locator, Page

from tests.browser import watched
from tests.dashboards import PANELS, dashboards
from tests.demo_site import demo_site
from tests.node_project import built_page
from tests.view_server import ViewServer, serving

WAIT = 60_000
"""How long, in milliseconds, a page may take; a machine may have much else to do."""

TOKENS: dict[str, dict[str, str]] = {view: panels["tokens"] for view, panels in PANELS.items() if "tokens" in panels}
"""With which values of tokens a view is looked at, where its defaults show too much."""

CHARTS = {"splunk.column", "splunk.bar", "splunk.line", "splunk.area", "splunk.pie"}


class Drawn:
    """A page that shows a view."""

    def __init__(self, page: Page, complaints: list[str]) -> None:
        self.page = page
        self.complaints = complaints
        """What it has complained of so far."""

    def open(self, address: str, tokens: Mapping[str, str] | None = None, theme: str = "light") -> None:
        """Go to a view, with these values of tokens, and wait until it is drawn."""
        query = {"theme": theme, **{f"form.{name}": value for name, value in (tokens or {}).items()}}
        self.page.goto(f"{address}?{urlencode(query)}")
        self.settle()

    def settle(self) -> None:
        """Wait until all searches are answered and the page rests."""
        self.page.wait_for_function("() => window.settled !== undefined", timeout=WAIT)
        self.page.wait_for_selector("[data-test=grid-layout-canvas]", timeout=WAIT)
        self.page.evaluate("() => window.settled()")

    def show(self, theme: str, width: int) -> None:
        """Draw it in a theme ("light" or "dark") and a width, and as high as all that is in it."""
        self.page.evaluate("theme => window.show(theme)", theme)
        self.page.set_viewport_size({"width": width, "height": 900})
        self.settle()

    def picture(self) -> bytes:
        """All of the page, as PNG; the window grows for it, so that nothing is drawn anew meanwhile."""
        width, height = self.page.evaluate("() => [window.innerWidth, document.documentElement.scrollHeight]")
        self.page.set_viewport_size({"width": width, "height": height})
        self.settle()
        return self.page.screenshot()

    @property
    def tokens(self) -> dict[str, Any]:
        """The values of the tokens."""
        found: dict[str, Any] = self.page.evaluate("() => window.tokens ?? {}")
        return found

    def panel(self, item: str) -> Locator:
        """The panel of a visualization."""
        return self.page.locator(f"[data-test=viz-item][data-id={item}]")

    def input(self, item: str) -> Locator:
        """An input."""
        return self.page.locator(f"[data-test=input-item][data-input-id={item}]")

    def panels(self) -> dict[str, dict[str, Any]]:
        """What is seen in them, by visualization: text, title, value, heading, rows, marks (views/src/look.js)."""
        found: dict[str, dict[str, Any]] = self.page.evaluate("() => window.panels()")
        return found

    def unreadable(self) -> list[str]:
        """What is cut off or faint."""
        found: list[str] = self.page.evaluate("() => window.unreadable()")
        return found

    def rows(self, item: str) -> list[list[str]]:
        """The cells of a table's rows on its first page."""
        found: list[list[str]] = self.panels()[item]["rows"]
        return found

    def validate(self, definition: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What Splunk's validator finds wrong with a definition."""
        found: list[dict[str, Any]] = self.page.evaluate("definition => window.validate(definition)", definition)
        return found

    def type_into(self, item: str, text: str) -> None:
        """Type into a text input and leave it with Enter."""
        box = self.input(item).get_by_role("textbox")
        box.fill(text)
        box.press("Enter")
        self.settle()

    def choose(self, item: str, value: str) -> None:
        """Choose a value in an input with a list, one more where it takes several, and close the list."""
        self.input(item).get_by_role("combobox").click()
        self.page.locator(f'[data-test=option][data-test-value="{value}"]').click()
        self.page.keyboard.press("Escape")
        self.settle()

    def choose_time(self, label: str) -> None:
        """Choose one of the time range picker's presets."""
        self.input("input_time").get_by_role("button").click()
        self.page.locator(f'[data-test=time-range-dialog] [data-test="{label}"]').click()
        self.settle()

    def click(self, item: str, row: int = 0, column: int = 0) -> None:
        """Click a cell of a table and wait for what comes, here or on another page."""
        rows = self.panel(item).locator("[data-test=body] [data-test=row]")
        rows.nth(row).locator("[data-test=cell]").nth(column).click()
        self.page.wait_for_timeout(400)  # the table waits for a second click
        self.page.wait_for_load_state()
        self.settle()

    def link(self, item: str, column: int = 0) -> str | None:
        """Where a click on a cell of a table's first row leads to, without going there; None if nowhere."""
        self.page.evaluate("() => { window.stay = true; window.followed = []; }")
        self.click(item, column=column)
        found: list[str] = self.page.evaluate("() => { window.stay = false; return window.followed; }")
        return found[0] if found else None


@contextmanager
def context(browser: Browser, width: int = 1280) -> Iterator[BrowserContext]:
    """Where pages are opened that share what they have loaded; nothing in them moves."""
    found = browser.new_context(
        viewport={"width": width, "height": 900},
        reduced_motion="reduce",
        locale="en-US",
        timezone_id="UTC",
    )
    found.set_default_timeout(WAIT)
    try:
        yield found
    finally:
        found.close()


@contextmanager
def drawn(within: BrowserContext) -> Iterator[Drawn]:
    """A page for views; it must not complain. One page for several views loads the renderer faster."""
    page = within.new_page()
    with watched(page) as complaints:
        yield Drawn(page, complaints)


@contextmanager
def site() -> Iterator[ViewServer]:
    """A server of all views over the site of the demo.

    Raises:
        NodeMissingError: this machine cannot build the page.
    """
    with serving(built_page(), {view.name: view.definition for view in dashboards()}, demo_site().search) as server:
        yield server
