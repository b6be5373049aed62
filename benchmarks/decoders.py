"""Decoders: which one turns a picture into the model's 224 x 224 pixels with the least CPU time."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyvips
import simplejpeg
from PIL import Image

from memesdetection import pictures

from .figures import Figure, median_cpu_seconds

SIZE = 224

Decoder = Callable[[bytes], np.ndarray]


def measure(contents: list[bytes]) -> list[Figure]:
    """Milliseconds of CPU a JPEG: the gallery's, and photos of 12 megapixels made here."""
    jpegs = [content for content in contents if pictures.sniff(content[:32]) == "JPEG"]
    return [
        Figure(
            f"{name}, {what}", 1000 * median_cpu_seconds(_all(decode, chosen)) / len(chosen), "ms"
        )
        for what, chosen in (("the gallery's JPEGs", jpegs), ("12-megapixel JPEG", [_photo()] * 4))
        for name, decode in DECODERS.items()
    ]


def with_pillow_full(content: bytes) -> np.ndarray:
    """Decode all pixels, then resize."""
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    return np.asarray(picture.resize((SIZE, SIZE), Image.Resampling.BILINEAR))


def with_pillow_draft(content: bytes) -> np.ndarray:
    """Decode as the scan does: scaled by the decoder to twice the size or more, then resize."""
    return pictures.decode(content, SIZE).frames[0]


def with_simplejpeg(content: bytes) -> np.ndarray:
    """Decode by libjpeg-turbo, scaled to twice the size or more, then resize with Pillow."""
    pixels = simplejpeg.decode_jpeg(content, min_height=2 * SIZE, min_width=2 * SIZE, strict=False)
    resized = Image.fromarray(pixels).resize(
        (SIZE, SIZE), Image.Resampling.BILINEAR, reducing_gap=3.0
    )
    return np.asarray(resized)


def with_pyvips(content: bytes) -> np.ndarray:
    """Decode by libvips, which shrinks on load, straight to the size."""
    picture = pyvips.Image.thumbnail_buffer(content, SIZE, height=SIZE, size="force")
    return picture.colourspace("srgb").numpy()[:, :, :3]


DECODERS = {
    "Pillow in full": with_pillow_full,
    "Pillow scaled (in use)": with_pillow_draft,
    "simplejpeg scaled": with_simplejpeg,
    "pyvips shrink-on-load": with_pyvips,
}


def _all(decode: Decoder, contents: list[bytes]) -> Callable[[], object]:
    return lambda: [decode(content) for content in contents]


def _photo() -> bytes:
    random = np.random.default_rng(0)
    coarse = Image.fromarray(random.integers(0, 256, (300, 400, 3), dtype=np.uint8))
    buffer = io.BytesIO()
    coarse.resize((4000, 3000), Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def contents_of(folder: Path) -> list[bytes]:
    """The contents of all pictures of a folder."""
    return [pictures.read(file.path) for file in pictures.find([folder])]
