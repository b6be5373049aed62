"""The browser decodes and judges as Python does."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from browsing import Visit
from making import animated, encoded, quadrants
from PIL import Image
from PIL.TiffImagePlugin import IFDRational
from playwright.sync_api import BrowserContext
from running import Server

from memesdetection import Classifier
from memesdetection.pictures import decode

SIZE = 224
# What Chromium opens; it says of the others that it cannot.
SHOWN = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF")
# Every fourth of the gallery, so that it takes seconds; tools/parity.py takes all.
EVERY = 4


@pytest.fixture(scope="module")
def page(visitor: BrowserContext, server: Server) -> Visit:
    """A page for its decoder alone."""
    return Visit(visitor, str(server.client.base_url), ready=False)


def noise(mode: str, width: int, height: int) -> Image.Image:
    random = np.random.default_rng(width * height)
    shape = (height, width, len(Image.new(mode, (1, 1)).getbands()))
    pixels = random.integers(0, 256, shape, dtype=np.uint8)
    return Image.frombytes(mode, (width, height), pixels.tobytes())


@pytest.mark.parametrize(
    ("width", "height"),
    [(1, 1), (97, 31), (224, 224), (300, 224), (224, 700), (172, 800), (800, 172), (1500, 1600)],
)
def test_pixels_are_those_of_pillow(page: Visit, width: int, height: int) -> None:
    content = encoded(noise("RGB", width, height), "PNG")
    frames, _ = page.frames(content, SIZE)
    assert np.array_equal(frames, decode(content, SIZE).frames)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "L", "P"])
def test_transparency_lies_on_white(page: Visit, mode: str) -> None:
    if mode == "P":
        image = quadrants().quantize(8)
        content = encoded(image, "PNG", transparency=image.getpixel((0, 0)))
    else:
        content = encoded(noise(mode, 300, 260), "PNG")
    frames, _ = page.frames(content, SIZE)
    difference = frames.astype(int) - decode(content, SIZE).frames
    # Alpha is rounded in another order.
    assert np.abs(difference).max() <= 4
    assert np.abs(difference).mean() < 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_upright(page: Visit, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encoded(quadrants(480, 320), "JPEG", exif=exif, quality=95)
    frames, camera = page.frames(content, SIZE)
    difference = frames.astype(int) - decode(content, SIZE).frames
    assert np.abs(difference).mean() < 1
    assert not camera


@pytest.mark.parametrize("image_format", SHOWN)
def test_formats(page: Visit, image_format: str) -> None:
    content = encoded(quadrants(480, 320), image_format)
    frames, _ = page.frames(content, SIZE)
    assert np.abs(frames.astype(int) - decode(content, SIZE).frames).mean() < 2


@pytest.mark.parametrize("image_format", ["PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("count", [2, 3, 7])
def test_the_same_frames_of_an_animation(page: Visit, image_format: str, count: int) -> None:
    content = animated(image_format, [30 * number for number in range(count)])
    frames, _ = page.frames(content, SIZE)
    expected = decode(content, SIZE).frames
    assert frames.shape == expected.shape
    assert np.abs(frames.astype(int) - expected).max() <= 2


def exif_of(camera: bool, exposure: bool) -> Image.Exif:
    exif = Image.Exif()
    if camera:
        exif[0x010F] = "Camera"
    if exposure:
        exif.get_ifd(0x8769)[0x829A] = IFDRational(1, 100)
    return exif


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("camera", [True, False])
@pytest.mark.parametrize("exposure", [True, False])
def test_a_camera_is_known_by_make_and_exposure(
    page: Visit, image_format: str, camera: bool, exposure: bool
) -> None:
    content = encoded(quadrants(), image_format, exif=exif_of(camera, exposure))
    assert decode(content, SIZE).from_camera == (camera and exposure)
    assert page.frames(content, SIZE)[1] == (camera and exposure)


def test_a_meme_from_a_camera_is_unsure(visit: Visit, samples: Path, tmp_path: Path) -> None:
    file = tmp_path / "IMG-1.jpg"
    with Image.open(samples / "IMG-20260105-WA0002.jpg") as meme:
        meme.save(file, exif=exif_of(camera=True, exposure=True), quality=95)
    visit.pick([file])
    (row,) = visit.rows().values()
    judgement = Classifier().judge(file)
    assert (row["verdict"], row["reason"]) == ("unsure", judgement.reason)


def test_the_gallery_is_judged_as_in_python(visit: Visit, gallery: Path) -> None:
    with (gallery / "labels.csv").open(encoding="utf-8", newline="") as file:
        files = [gallery / row["file"] for row in csv.DictReader(file)][::EVERY]
    visit.pick(files)
    rows = visit.rows()
    classifier = Classifier()
    differences = [
        abs(float(rows[file.name]["probability"]) - classifier.judge(file).probability)
        for file in files
    ]
    assert len(differences) > 50
    assert np.mean(np.array(differences) <= 0.02) >= 0.99
