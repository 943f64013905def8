"""What a hunt is told to reports as: one that found nothing can be written in every format."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from searchhead.conf import App
from searchhead.hunted import Hunted
from searchhead.reports import FORMATS


@pytest.mark.parametrize("form", FORMATS)
def test_a_hunt_without_anything_can_be_written(form: str) -> None:
    FORMATS[form](Hunted(App(Path("none"))), io.StringIO())
