"""Servers for the tests: one that most of them share, and one with the tightest limits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import Visit
from playwright.sync_api import Browser, BrowserContext
from running import Server, serving

from memesdetection.server.web import BUNDLE

KEY = "open sesame"
KEYS = ",".join(hashlib.sha256(key.encode()).hexdigest() for key in ("another", KEY))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server as it is by default, but one judge, one place to wait and little patience."""
    settings = {
        "MEMES_MAX_WAITING": "1",
        "MEMES_RECEIVE_SECONDS": "3",
        "MEMES_MAX_PICTURE_SECONDS": "3",
        "MEMES_LOG_LEVEL": "debug",
    }
    with serving(tmp_path_factory.mktemp("server"), settings, "--workers", "1") as running:
        yield running


@pytest.fixture(scope="session")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with keys, one origin, one proxy, a rate limit and small limits."""
    settings = {
        "MEMES_API_KEYS": KEYS,
        "MEMES_CORS_ORIGINS": "https://example.org",
        "MEMES_RATE_LIMIT": "20/minute",
        "MEMES_TRUSTED_PROXIES": "1",
        "MEMES_MAX_FILES": "3",
        "MEMES_MAX_FILE_MIB": "0.5",
        "MEMES_MAX_MEGAPIXELS": "1",
        "MEMES_MAX_MEMORY_MIB": "1.5",
        "MEMES_MAX_WAITING": "2",
    }
    with serving(tmp_path_factory.mktemp("strict"), settings, "--workers", "1") as running:
        yield running


@pytest.fixture(scope="session")
def meme(samples: Path) -> bytes:
    return (samples / "IMG-20260105-WA0002.jpg").read_bytes()


@pytest.fixture(scope="session")
def photo(samples: Path) -> bytes:
    return (samples / "IMG-20260105-WA0001.jpg").read_bytes()


@pytest.fixture(scope="session")
def browser(browser: Browser) -> Browser:
    """The browser, if the web app is there in full."""
    if not BUNDLE.is_file():
        pytest.skip("the web app is not bundled: run make web")
    return browser


@pytest.fixture(scope="session")
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor who has been on the page, so that the browser remembers it."""
    with browser.new_context() as context:
        yield context


@pytest.fixture
def visit(visitor: BrowserContext, server: Server) -> Iterator[Visit]:
    """The page, ready to judge; it must not fail meanwhile."""
    visit = Visit(visitor, str(server.client.base_url))
    yield visit
    visit.page.close()
    assert visit.errors == []
