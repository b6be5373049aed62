"""Drives the web app in a real browser, as a visitor does."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import BrowserContext, Page, expect

SLOW_MS = 60_000


class Visit:
    """The page of a server, open in a browser."""

    def __init__(self, context: BrowserContext, address: str, ready: bool = True) -> None:
        """Open it.

        Args:
            context: what the browser remembers.
            address: of the server.
            ready: whether to wait until it can judge on this device, also without a network.
        """
        self.errors: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(address)
        if ready:
            self.wait_until_kept()

    def wait_until_kept(self) -> None:
        expect(self.page.locator("#ready")).to_have_text(
            "Ready, also without a network", timeout=SLOW_MS
        )

    def on_server(self) -> None:
        self.page.get_by_label("On the server").check()

    def pick(self, files: Iterable[Path | dict[str, Any]]) -> None:
        """Pick files, and wait until all are judged or the page says why not."""
        self.page.set_input_files("#file-input", list(files))  # type: ignore[arg-type]
        self.wait_until_judged()

    def wait_until_judged(self) -> None:
        ended = self.page.locator("body:not(.running)").locator("#said", has_text="checked")
        expect(ended).to_be_visible(timeout=2 * SLOW_MS)

    def rows(self) -> dict[str, dict[str, str]]:
        """The list that the page gives for download, by path."""
        with self.page.expect_download() as download:
            self.page.get_by_role("button", name="Download list").click()
        text = Path(download.value.path()).read_text(encoding="utf-8-sig")
        return {row["path"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}

    def count(self, title: str) -> int:
        """What a filter's button says."""
        button = self.page.locator(".filter", has=self.page.get_by_text(title, exact=True))
        return int(button.locator("b").inner_text())

    def frames(self, content: bytes, size: int) -> tuple[np.ndarray, bool]:
        """What the page's decoder makes of a content: frames as `pictures.decode` has them, and
        whether a camera took it.
        """
        squares, camera = self.page.evaluate(
            """async ([content, size]) => {
                const { open, squashed } = await import("/static/judging/decoding.js");
                const bytes = Uint8Array.from(atob(content), (char) => char.charCodeAt(0));
                const { frames, camera } = await open(new Blob([bytes]));
                const text = (square) => Array.from(square, (v) => String.fromCharCode(v)).join("");
                return [frames.map((frame) => btoa(text(squashed(frame, size)))), camera];
            }""",
            [base64.b64encode(content).decode(), size],
        )
        pixels = [np.frombuffer(base64.b64decode(square), np.uint8) for square in squares]
        return np.stack(pixels).reshape(-1, size, size, 3), camera
