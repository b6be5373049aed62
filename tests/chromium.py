"""The browser that the tests drive: the one of this system; nothing is downloaded."""

from __future__ import annotations

import shutil

import pytest
from playwright.sync_api import Browser, Playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def launched(playwright: Playwright, *options: str) -> Browser:
    """Start it, or skip the test where there is none."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"none of {', '.join(BROWSERS)} is there")
    return playwright.chromium.launch(executable_path=found, args=list(options))
