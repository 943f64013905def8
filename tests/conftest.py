"""What several test files use."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.package_sh import ROOT, build, unpack

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Other tests run at the same time: how long an example takes says nothing.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

# Compiled searches are many small objects that stay: to look through them for garbage as often as Python does by itself
# takes up to a third of the time.
gc.set_threshold(50_000, 10, 10)

# The processes that tests start should not have to compile every module first, where Python is told to keep none.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

LONGEST = (
    "test_detections",
    "test_cli",
    "test_live",
    "test_views_rendered",
    "test_docs",
    "test_late_data",
    "test_samples",
    "test_htmlreport_browser",
    "test_company",
    "test_views",
    "test_enterprise_security",
    "test_app",
    "test_distributed",
    "test_live_checks",
    "test_summary",
)
"""The files that take longest begin, so that at the end no core waits for another one (tests/run)."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest before all others, which stay in their order."""
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


@pytest.fixture(scope="session")
def archive() -> Path:
    return build(ROOT)


@pytest.fixture(scope="session")
def app(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app as a Splunk would unpack it."""
    return unpack(archive, tmp_path_factory.mktemp("apps"))


@pytest.fixture(scope="session")
def samples() -> Path:
    """A folder of real logs, not kept here: the one that PACKAGE_ABUSE_SAMPLES names, else ../shared/samples."""
    named = os.environ.get("PACKAGE_ABUSE_SAMPLES")
    folder = Path(named) if named else ROOT.parent / "shared" / "samples"
    if not folder.is_dir():
        pytest.skip("skipped: no sample logs; PACKAGE_ABUSE_SAMPLES can name a folder that holds them")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium, one for a file of tests."""
    from tests import browser as browsers  # noqa: PLC0415 - few tests need it, and it takes its time

    try:
        with browsers.browser() as opened:
            yield opened
    except LookupError as error:
        pytest.skip(f"skipped: {error}")
