"""What all tests share: the real command, real pictures, and nobody's own data folder."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chromium import launched
from command import Memes
from PIL import Image
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from memesdetection.classifier import MODELS_FOLDER

ROOT = Path(__file__).parents[1]
NOISE_PICTURES = 300
# Each of these changes what a command prints or when.
USERS_OWN = ("COLUMNS", "FORCE_COLOR", "GITHUB_ACTIONS", "NO_COLOR", "PYTHONUNBUFFERED", "TERM")


def pytest_configure() -> None:
    """Let Ctrl-C end what the tests start, also where a shell runs them in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test has a data folder and a trash of its own; they are not there yet."""
    folder = tmp_path / "data"
    monkeypatch.setenv("MEMES_DATA", str(folder))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    for name in USERS_OWN:
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def home_trash(tmp_path: Path) -> Path:
    """The trash of the home; it is not there yet."""
    return tmp_path / "share/Trash"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """An empty folder on another file system than the tests' own."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system at /dev/shm")
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder).resolve()


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """The top of a small file system in memory, of 1 MiB; only root may mount one."""
    with _mounted(tmp_path / "mounted", "-t", "tmpfs", "-o", "size=1m", "tmpfs") as top:
        yield top


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """The top of an ext4 file system of its own, like a card's; only root may mount one."""
    image = tmp_path / "image"
    image.write_bytes(bytes(2**21))
    if shutil.which("mkfs.ext4") is None:
        pytest.skip("mkfs.ext4 is not installed")
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    with _mounted(tmp_path / "disk", "-o", "loop", str(image)) as top:
        yield top


@contextmanager
def _mounted(top: Path, *what: str) -> Iterator[Path]:
    top.mkdir()
    try:
        subprocess.run(["mount", *what, str(top)], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this user may not mount a file system")
    try:
        yield top
    finally:
        subprocess.run(["umount", "--lazy", str(top)], check=True)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    # A busy machine answers late, and a right answer is never waited for this long.
    expect.set_options(timeout=30_000)
    browser = launched(playwright)
    yield browser
    browser.close()


@pytest.fixture
def memes() -> Memes:
    return Memes()


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of the 13 sample pictures with their `labels.csv`; not to be changed."""
    return ROOT / "samples"


@pytest.fixture
def pictures(samples: Path, tmp_path: Path) -> Path:
    """A folder with copies of the 13 sample pictures and nothing else."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for sample in samples.glob("IMG-*"):
        shutil.copy2(sample, folder)
    return folder


@pytest.fixture(scope="session")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with 300 small pictures, each different; not to be changed."""
    folder = tmp_path_factory.mktemp("noise")
    random = np.random.default_rng(0)
    for index in range(NOISE_PICTURES):
        pixels = random.integers(0, 256, (64, 64, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{index:03}.jpg")
    return folder


@pytest.fixture(scope="session")
def noise_timed(noise: Path) -> tuple[list[dict[str, Any]], float]:
    started = time.monotonic()
    findings = Memes().findings(noise, "--no-cache")
    return findings, time.monotonic() - started


@pytest.fixture(scope="session")
def noise_judged(noise_timed: tuple[list[dict[str, Any]], float]) -> list[dict[str, Any]]:
    """What a scan of the noise without a database finds."""
    return noise_timed[0]


@pytest.fixture(scope="session")
def noise_scan_seconds(noise_timed: tuple[list[dict[str, Any]], float]) -> float:
    """How long that scan took."""
    return noise_timed[1]


@pytest.fixture
def unusable_model(tmp_path: Path) -> Path:
    """The folder of a model that counts as `phone` but cannot judge: its model file is broken.

    So a scan with it can only tell what is remembered.
    """
    folder = tmp_path / "unusable"
    folder.mkdir()
    shutil.copy2(MODELS_FOLDER / "phone/card.json", folder)
    (folder / "model.tflite").write_bytes(b"no model")
    return folder


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of labelled pictures and weights that lies beside the checkout."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"{folder} with the labelled pictures is not there")
    return folder


@pytest.fixture(scope="session")
def gallery(shared: Path) -> Path:
    """A phone's folder of 240 pictures with their `labels.csv`."""
    folder = shared / "gallery"
    if not folder.is_dir():
        pytest.skip(f"{folder} with a phone's pictures is not there")
    return folder
