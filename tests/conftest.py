"""What several test files use."""

import os
import tarfile
from pathlib import Path

import pytest

from tests.package_sh import APP, ROOT, build


@pytest.fixture(scope="session")
def archive() -> Path:
    return build(ROOT)


@pytest.fixture(scope="session")
def app(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app as a Splunk would unpack it."""
    target = tmp_path_factory.mktemp("apps")
    with tarfile.open(archive) as opened:
        opened.extractall(target, filter="tar")
    return target / APP


@pytest.fixture
def samples() -> Path:
    """The folder of real logs that the environment variable PACKAGE_ABUSE_SAMPLES names; they are not kept here."""
    folder = os.environ.get("PACKAGE_ABUSE_SAMPLES")
    if not folder:
        pytest.skip("PACKAGE_ABUSE_SAMPLES does not name the folder of sample logs")
    return Path(folder)
