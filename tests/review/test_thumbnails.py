"""Thumbnails: small, upright, and in a bounded memory."""

from __future__ import annotations

import io

import pytest
from making import BLUE, GREEN, RED, YELLOW, close, corners, encoded, quadrants, turned
from PIL import Image

from memesdetection.errors import DamagedPicture
from memesdetection.review.thumbnails import Thumbnails


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "HEIF", "AVIF"])
def test_every_format_becomes_a_small_jpeg(image_format: str) -> None:
    thumbnail = Thumbnails(40, 10**6).make("a", lambda: encoded(quadrants(), image_format))
    with Image.open(io.BytesIO(thumbnail)) as image:
        assert (image.format, max(image.size)) == ("JPEG", 40)
        assert close(corners(image), (RED, GREEN, BLUE, YELLOW), tolerance=30)


def test_it_is_upright() -> None:
    with Image.open(
        io.BytesIO(Thumbnails(40, 10**6).make("a", lambda: turned("JPEG", 6)))
    ) as image:
        assert close(corners(image), (RED, GREEN, BLUE, YELLOW), tolerance=30)


def test_what_was_not_used_for_longest_is_dropped() -> None:
    content = encoded(quadrants())
    size = len(Thumbnails(40, 10**6).make("a", lambda: content))
    thumbnails = Thumbnails(40, 2 * size)
    for digest in ("a", "b"):
        thumbnails.make(digest, lambda: content)
    assert thumbnails.known("a") is not None
    thumbnails.make("c", lambda: content)
    assert [thumbnails.known(digest) is not None for digest in "abc"] == [True, False, True]


def test_a_broken_picture_has_none() -> None:
    content = encoded(quadrants())
    with pytest.raises(DamagedPicture):
        Thumbnails(40, 10**6).make("a", lambda: content[: len(content) // 2])
