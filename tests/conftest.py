"""What several test files use."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.package_sh import ROOT, build, unpack

# Other tests run at the same time: how long an example takes says nothing.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


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
