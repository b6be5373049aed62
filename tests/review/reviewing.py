"""Runs `memes review` for the tests, and drives its page as a user does."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Locator, Page, expect

SLOW_MS = 60_000
STOP_SECONDS = 30


@dataclass
class Running:
    """A running `memes review`.

    Attributes:
        process: of the command.
        address: of the page.
        client: asks as the page does.
    """

    process: subprocess.Popen[str]
    address: str
    client: httpx.Client

    def stop(self) -> int:
        """Press Ctrl-C, and return the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_SECONDS)

    def act(self, act: str, *pictures: int) -> httpx.Response:
        """Do something with pictures."""
        return self.client.post("acts", json={"act": act, "pictures": list(pictures)})


@contextmanager
def reviewing(folder: Path, home: Path | None = None) -> Iterator[Running]:
    """Run it as long as the block runs.

    Args:
        folder: is reviewed.
        home: has the data and the trash; None for those of the test.
    """
    own = {"MEMES_DATA": str(home / "data"), "XDG_DATA_HOME": str(home / "share")} if home else {}
    process = subprocess.Popen(
        [sys.executable, "-m", "memesdetection", "review", "--no-browser", str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "error", **own},
    )
    assert process.stdout is not None
    try:
        address = process.stdout.readline().strip()
        origin = "/".join(address.split("/")[:3])
        with httpx.Client(base_url=address, headers={"Origin": origin}, timeout=60) as client:
            yield Running(process, address, client)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


class Review:
    """The page, open in a browser."""

    def __init__(self, browser: Browser, address: str) -> None:
        """Open it, and wait until the scan is through."""
        self.errors: list[str] = []
        self.page: Page = browser.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._said)
        self.page.on("dialog", lambda dialog: self.errors.append(dialog.message))
        self.page.goto(address)
        self.wait_until_scanned()

    def _said(self, message: object) -> None:
        # A picture that is gone is told by its card.
        if getattr(message, "type", "") == "error" and "410" not in getattr(message, "text", ""):
            self.errors.append(getattr(message, "text", ""))

    def wait_until_scanned(self) -> None:
        scanned = self.page.locator("body:not(.scanning) #said", has_text="among")
        expect(scanned).to_be_visible(timeout=SLOW_MS)

    def card(self, name: str) -> Locator:
        return self.page.locator("#grid li", has=self.page.locator(".name", has_text=name))

    def select(self, name: str) -> None:
        self.card(name).get_by_role("checkbox").check()

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def count(self, title: str) -> int:
        """What a filter's button says."""
        button = self.page.locator(".filter", has=self.page.get_by_text(title, exact=True))
        return int(button.locator("b").inner_text())

    def told(self) -> Locator:
        return self.page.locator("#told")

    def shown(self) -> int:
        """How many pictures, or stacks of them, can be scrolled to."""
        cards = self.page.locator("#grid li")
        return int(cards.first.get_attribute("aria-setsize") or 0) if cards.count() else 0

    def expect_focused(self, name: str) -> None:
        """Wait until the card of the picture with this name has the focus."""
        label = re.compile(rf"^{re.escape(name)}(,|$)")
        expect(self.page.locator(":focus")).to_have_attribute("aria-label", label)

    def focused(self) -> str:
        """Name of the picture whose card has the focus."""
        label = self.page.evaluate("document.activeElement.getAttribute('aria-label') ?? ''")
        return re.sub(r",.*", "", label)
