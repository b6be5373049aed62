"""The app's tests compare with what Python says, kept in a file: is it what Python says today?"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ANDROID = Path(__file__).parents[1] / "android"


@pytest.fixture(scope="module")
def today() -> dict[str, Any]:
    """What `android/tools/reference.py fixtures` prints."""
    told = subprocess.run(
        [sys.executable, str(ANDROID / "tools/reference.py"), "fixtures"],
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(told.stdout)


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    return json.loads((ANDROID / "app/src/test/resources/python.json").read_text())


def test_samples_have_the_probabilities_that_the_app_is_compared_with(
    kept: dict[str, Any], today: dict[str, Any]
) -> None:
    assert kept["samples"].keys() == today["samples"].keys()
    for name, finding in kept["samples"].items():
        # Another processor may round a pixel or a sum differently.
        assert today["samples"][name] == pytest.approx(finding, abs=0.005), name


@pytest.mark.parametrize("part", ["resized", "reasons", "overlay"])
def test_the_app_is_compared_with_what_python_gives(
    part: str, kept: dict[str, Any], today: dict[str, Any]
) -> None:
    assert kept[part] == today[part]


def test_likeness_in_the_app_is_compared_with_python(
    kept: dict[str, Any], today: dict[str, Any]
) -> None:
    for part in ("lessons", "marks"):
        assert kept["likeness"][part] == today["likeness"][part]
    pictures = zip(kept["likeness"]["pictures"], today["likeness"]["pictures"], strict=True)
    for picture, influence in pictures:
        assert influence == pytest.approx(picture, abs=1e-5)
