"""Chromium, headless, for tests of what people see: pages that are opened here must not complain.

A page's complaints are errors on its console, exceptions that nobody caught, and requests that failed. The browser
reaches this machine only: a page that asks anybody else for something fails.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""What the browser is called on the PATH: by Debian, by others, and Google's own."""

ARGUMENTS = (
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--disable-background-networking",
    "--disable-component-update",
    "--hide-scrollbars",
    "--font-render-hinting=none",  # the same letters, wherever they are drawn
    "--force-color-profile=srgb",
)

_LONGEST = 600
"""How much of a complaint is told: React adds the names of all components around the one that it complains of."""


class PageTrouble(AssertionError):
    """A page complained; the message lists of what."""


def executable() -> Path | None:
    """The browser on the PATH, or None."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return Path(found) if found else None


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser for some tests; it takes a second to start, so keep it for a whole file.

    Raises:
        LookupError: there is none on the PATH.
    """
    path = executable()
    if path is None:
        raise LookupError(f"no browser on the PATH (looked for {', '.join(NAMES)})")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield opened
        finally:
            opened.close()


@contextmanager
def watched(page: Page) -> Iterator[list[str]]:
    """Collect a page's complaints, close it, and fail if there were any; the list may be read, and emptied, before.

    Raises:
        PageTrouble: the page complained, and what was done with it did not fail by itself.
    """
    complaints: list[str] = []

    def said(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"console: {message.text[:_LONGEST]}")

    def raised(error: Error) -> None:
        complaints.append(f"exception: {str(error)[:_LONGEST]}")

    def failed(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # what the page itself, or leaving it, gave up
            complaints.append(f"request: {request.url} {request.failure}")

    page.on("console", said)
    page.on("pageerror", raised)
    page.on("requestfailed", failed)
    try:
        yield complaints
        page.wait_for_timeout(0)  # hands over what was said until now
    finally:
        page.close()
    if complaints:
        raise PageTrouble("\n".join(complaints))
