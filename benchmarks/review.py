"""Review: the page with a scan of ten thousand pictures that is remembered, in a real browser."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
from playwright.sync_api import Page, sync_playwright

from memesdetection import store
from memesdetection.classifier import Classifier
from memesdetection.looks import SIDE, Looks
from memesdetection.pictures import FoundFile
from memesdetection.store import Content, Store

from .figures import Figure

PICTURES = 10_000
SHOWN = "document.querySelector('#grid img')?.naturalWidth > 0"
SCANNED = "document.querySelector('body:not(.scanning) #said')?.textContent.includes('among')"
LOADED = "[...document.querySelectorAll('#grid img')].every((image) => image.complete)"
# A wheel's turn each frame, as far as a share of the page; gives the milliseconds of each frame.
SCROLL = """async (share) => {
    const times = [];
    let before = performance.now();
    const end = share * (document.body.scrollHeight - innerHeight);
    while (scrollY < end - 1) {
        scrollBy({ top: 400, behavior: "instant" });
        await new Promise((next) => requestAnimationFrame(next));
        times.push(performance.now() - before);
        before = performance.now();
    }
    return times;
}"""


def measure(contents: list[bytes]) -> list[Figure]:
    """Times to the first thumbnails, and memory and frames while scrolling to the end."""
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        home = Path(made)
        _remembered(contents, home)
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "memesdetection", "review", "--no-browser", home / "pictures"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "MEMES_DATA": str(home / "data")},
        )
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
            # What waits in the page is a text that the policy forbids to evaluate.
            page = browser.new_page(viewport={"width": 1280, "height": 900}, bypass_csp=True)
            page.goto(address)
            page.wait_for_function(SHOWN, polling=10)
            from_start = time.perf_counter() - started
            page.wait_for_function(SCANNED, timeout=300_000)
            page.goto(address)
            page.wait_for_function(f"{SHOWN} && performance.mark('shown')", polling=10)
            first = page.evaluate("performance.getEntriesByName('shown')[0].startTime") / 1000
            # The cache of thumbnails is full by then.
            frames = _scrolled(page, 0.5)
            half, heap_half = _memory(process.pid, page)
            frames += _scrolled(page, 1)
            end, heap_end = _memory(process.pid, page)
            cards = page.locator("#grid li").count()
            browser.close()
        finally:
            process.kill()
            process.wait()
    return [
        Figure("First thumbnail after opening the page", first, "s", at_most=1),
        Figure("First thumbnail after starting the command", from_start, "s"),
        Figure("Cards on the page at a time", cards, ""),
        Figure("Frame while scrolling, 95 % within", float(np.percentile(frames, 95)), "ms"),
        Figure("Memory of the command, half scrolled through", half / 1e6, "MB"),
        Figure("Growth to the end", 100 * (end / half - 1), "%", at_most=10),
        Figure("Memory of the page's scripts, half scrolled through", heap_half / 1e6, "MB"),
        Figure("Growth to the end", 100 * (heap_end / heap_half - 1), "%", at_most=10),
    ]


def _scrolled(page: Page, share: float) -> list[float]:
    times: list[float] = page.evaluate(SCROLL, share)
    page.wait_for_function(LOADED, timeout=300_000)
    return times


def _memory(process: int, page: Page) -> tuple[int, float]:
    """Resident bytes of the command, and bytes of the page's scripts after they are tidied up."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    metrics = session.send("Performance.getMetrics")["metrics"]
    (heap,) = (one["value"] for one in metrics if one["name"] == "JSHeapUsedSize")
    return psutil.Process(process).memory_info().rss, heap


def _remembered(contents: list[bytes], home: Path) -> None:
    """The contents in turn, made unique by a trailing number, as if a review had been there."""
    folder = home / "pictures"
    folder.mkdir()
    random = np.random.default_rng(0)
    looks = random.integers(0, 256, (PICTURES, SIDE, SIDE), dtype=np.uint8)
    identity, known = Classifier().identity, []
    os.environ["MEMES_DATA"] = str(home / "data")
    with Store(store.default_path()) as verdicts:
        for number in range(PICTURES):
            content = contents[number % len(contents)] + number.to_bytes(4, "big")
            path = folder / f"IMG-{number:05}.jpg"
            path.write_bytes(content)
            digest, status = hashlib.sha256(content).hexdigest(), path.stat()
            found = Content(digest, 800, 600, "JPEG", probability=float(random.random()))
            verdicts.record(
                FoundFile(str(path), status.st_size, status.st_mtime_ns), found, identity
            )
            known.append((digest, looks[number]))
    with Looks(home / "data/looks.sqlite") as kept:
        kept.put(known)
