"""One running review for the tests that ask it over HTTP and change nothing."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from making import encoded, exif, quadrants
from reviewing import Running, reviewing


@pytest.fixture(scope="session")
def folder(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a photo with EXIF, two pictures, and links to others outside of it."""
    folder = tmp_path_factory.mktemp("reviewed") / "pictures"
    (folder / "below").mkdir(parents=True)
    (folder / "exif.jpg").write_bytes(
        encoded(quadrants(1200, 800), exif=exif(6, "Camera of Jane Doe"), comment=b"Jane Doe")
    )
    shutil.copy2(samples / "IMG-20260105-WA0002.jpg", folder / "a.jpg")
    shutil.copy2(samples / "IMG-20260105-WA0001.jpg", folder / "below/b.jpg")
    outside = folder.parent / "outside"
    outside.mkdir()
    shutil.copy2(samples / "IMG-20260105-WA0001.jpg", outside / "secret.jpg")
    (folder / "link.jpg").symlink_to(outside / "secret.jpg")
    (folder / "linked").symlink_to(outside)
    return folder


@pytest.fixture(scope="session")
def running(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A review of it, whose scan is through."""
    with reviewing(folder, tmp_path_factory.mktemp("home")) as running:
        while running.client.get("pictures").json()["doing"]:
            time.sleep(0.1)
        yield running
