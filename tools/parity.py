"""Say how far the browser's probabilities are from Python's, and how fast each judges.

python tools/parity.py FOLDER
"""

from __future__ import annotations

import csv
import shutil
import sys
import time
from pathlib import Path

from playwright.sync_api import expect, sync_playwright
from screenshot import serving

from memesdetection import Classifier

AGREE = 0.02


def main() -> None:
    """Judge all pictures of a folder in both, and print the figures."""
    files = sorted(file for file in Path(sys.argv[1]).iterdir() if file.is_file())
    with sync_playwright() as playwright, serving() as address:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page()
        started = time.monotonic()
        page.goto(address)
        page.locator("body.ready").wait_for(timeout=120_000)
        loading = time.monotonic() - started
        page.set_input_files("#file-input", files)
        expect(page.locator("#said")).to_contain_text("checked", timeout=600_000)
        said = page.locator("#said").inner_text()
        with page.expect_download() as download:
            page.locator("#save").click()
        text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    rows = {row["path"]: row for row in csv.DictReader(text.splitlines())}
    classifier = Classifier()
    started = time.monotonic()
    judged = {file.name: classifier.judge(file) for file in files}
    rate = len(files) / (time.monotonic() - started)
    apart = [
        abs(float(rows[name]["probability"]) - one.probability) for name, one in judged.items()
    ]
    same = sum(rows[name]["verdict"] == one.verdict for name, one in judged.items())
    within = sum(difference <= AGREE for difference in apart)
    print(f"browser: ready after {loading:.1f} s; {said}")
    print(f"Python: {rate:.0f} pictures a second, one at a time")
    print(f"within {AGREE}: {within} of {len(files)}; largest difference {max(apart):.4f}")
    print(f"same verdict: {same} of {len(files)}")


if __name__ == "__main__":
    main()
