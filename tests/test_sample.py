"""The log that the published detection is tested with: ours, of the same name, must find what that one finds."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fetch_sample import SAMPLE_SHA256, SAMPLE_SIZE, SAMPLE_URL, SampleUnavailable, fetch

ROOT = Path(__file__).resolve().parent.parent
DETECTION = "windows_developer_signed_msix_package_installation"


@pytest.fixture(scope="module")
def sample() -> Path:
    target = ROOT / "build" / "samples" / "windows_appxdeploymentserver.log"
    try:
        return fetch(SAMPLE_URL, target, SAMPLE_SHA256, SAMPLE_SIZE, timeout=20)
    except SampleUnavailable as error:
        pytest.skip(f"skipped: the published sample cannot be fetched: {error}")


def test_the_published_sample_makes_the_detection_fire(sample: Path) -> None:
    command = [sys.executable, "hunt", "--format", "jsonl", str(sample)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    fired = {json.loads(line)["detection"] for line in done.stdout.splitlines()}
    assert DETECTION in fired
