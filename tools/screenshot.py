"""Write docs/web.png, docs/review.png, and the web app's icons from icon.svg. Needs Chromium.

`make docs` runs it.
"""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser, expect, sync_playwright

PROJECT = Path(__file__).resolve().parents[1]
ICONS = PROJECT / "src/memesdetection/server/static/icons"
WIDTH, HEIGHT = 1180, 840
COLOURS = 160
START_SECONDS = 60


@contextmanager
def serving() -> Iterator[str]:
    """Run the server as long as the block runs; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "memesdetection", "serve", "--port", str(port)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}/"
    try:
        for _ in range(10 * START_SECONDS):
            try:
                urllib.request.urlopen(f"{address}health/ready").close()
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()


def page(browser: Browser, address: str) -> bytes:
    """PNG of the page with the samples judged."""
    tab = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    tab.goto(address)
    tab.set_input_files("#file-input", sorted((PROJECT / "samples").glob("IMG-*")))
    expect(tab.locator("#said")).to_contain_text("checked", timeout=60_000)
    expect(tab.locator("#grid img").first).to_be_visible()
    # How long it took is another figure each time.
    tab.evaluate("said.textContent = said.textContent.replace(/, [\\d.]+ a second/, '')")
    tab.wait_for_timeout(1000)
    return tab.screenshot()


@contextmanager
def reviewing(home: Path) -> Iterator[str]:
    """Review the samples, some of which are there several times; yields the page's address."""
    folder = home / "WhatsApp Images"
    folder.mkdir()
    for number, sample in enumerate(sorted((PROJECT / "samples").glob("IMG-*"))):
        shutil.copy(sample, folder)
        # A photo of any day, as its name says.
        day = time.mktime(time.strptime(sample.name[4:12], "%Y%m%d"))
        os.utime(folder / sample.name, (day, day))
        for copy in range(number % 5 if number in (1, 3, 4) else 0):
            shutil.copy2(
                folder / sample.name, folder / f"{sample.stem} ({copy + 2}){sample.suffix}"
            )
    process = subprocess.Popen(
        [sys.executable, "-m", "memesdetection", "review", "--no-browser", folder.name],
        cwd=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "MEMES_DATA": str(home / "data")},
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def review(browser: Browser, address: str) -> bytes:
    """PNG of the review page with two of the samples selected."""
    tab = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    tab.goto(address)
    expect(tab.locator("body:not(.scanning) #said")).to_contain_text("among", timeout=60_000)
    for number in (0, 2):
        tab.locator("#grid").get_by_role("checkbox").nth(number).check()
    tab.mouse.move(0, 0)
    tab.wait_for_timeout(1000)
    return tab.screenshot()


def icon(browser: Browser, side: int, margin: float) -> bytes:
    """PNG of the icon.

    Args:
        browser: draws it.
        side: in pixels.
        margin: share of the side that the icon's ground fills beyond the icon, for masks.
    """
    tab = browser.new_page(viewport={"width": side, "height": side})
    drawn = (ICONS / "icon.svg").read_text(encoding="utf-8")
    if margin:
        drawn = drawn.replace('rx="15"', "")
    size = f"{100 * (1 - 2 * margin)}%"
    ground = "#0f766e" if margin else "transparent"
    style = f"margin:0;height:100vh;display:grid;place-items:center;background:{ground}"
    tab.set_content(f"<body style='{style}'><div style='width:{size};line-height:0'>{drawn}</div>")
    return tab.screenshot(omit_background=True)


def small(content: bytes) -> Image.Image:
    """A screenshot with a palette, which takes a third of the bytes."""
    with Image.open(io.BytesIO(content)) as image:
        return image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)


def main() -> None:
    """Write them."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        sys.exit("The pictures of the pages need Chromium.")
    with sync_playwright() as playwright, serving() as address:
        browser = playwright.chromium.launch(executable_path=found)
        small(page(browser, address)).save(PROJECT / "docs/web.png", optimize=True)
        with TemporaryDirectory() as home, reviewing(Path(home)) as address:
            small(review(browser, address)).save(PROJECT / "docs/review.png", optimize=True)
        for name, side, margin in (("192", 192, 0), ("512", 512, 0), ("maskable", 512, 0.1)):
            with Image.open(io.BytesIO(icon(browser, side, margin))) as image:
                image.save(ICONS / f"icon-{name}.png", optimize=True)


if __name__ == "__main__":
    main()
