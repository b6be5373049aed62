"""`memes review`: how it starts and ends; what its page does is in tests/review."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import httpx
import pytest
from command import Memes


def test_it_opens_the_browser_and_ends_by_an_interrupt(
    memes: Memes, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, opened, closed = (tmp_path / name for name in ("browser", "opened", "closed"))
    # As a browser in the terminal, it stays in the foreground.
    browser.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$1" > {opened}.part && mv {opened}.part {opened}\n'
        f"while [ ! -e {closed} ]; do sleep 0.1; done\n"
    )
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    process = memes.start("review", pictures)
    assert process.stdout is not None
    address = process.stdout.readline()
    while not opened.exists():
        assert process.poll() is None
        time.sleep(0.05)
    assert opened.read_text() == address
    assert httpx.get(address.strip(), timeout=60).status_code == 200
    closed.touch()
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert process.stderr is not None
    assert process.stderr.read() == "Ctrl-C ends it.\n"
    process.stdout.close()
    process.stderr.close()


def test_without_its_extra_it_says_what_to_install(
    memes: Memes, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u\nfind = u.find_spec\n"
        "u.find_spec = lambda name, *more: None if name == 'flask' else find(name, *more)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    told = memes("review", pictures)
    assert told.returncode == 2
    assert "pip install '.[review]'" in told.stderr


def test_a_folder_must_be_named(memes: Memes, tmp_path: Path) -> None:
    assert memes("review", tmp_path / "missing").returncode == 2
