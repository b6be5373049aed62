"""Makes what the tests read: pictures of known colours in every format, and broken ones."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image, ImageSequence
from pillow_heif import register_heif_opener

register_heif_opener()

WIDTH, HEIGHT = 96, 64
RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 200, 30), (30, 30, 220), (230, 220, 30)
QUADRANTS = (RED, GREEN, BLUE, YELLOW)
BLACK, WHITE = (0, 0, 0), (255, 255, 255)

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "HEIF", "AVIF")
ANIMATED_FORMATS = ("PNG", "WEBP", "GIF", "AVIF")

# What a viewer does for an EXIF orientation, undone.
_STORED_FOR = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def quadrants(width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """Four colours: red and green above, blue and yellow below."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(GREEN, (width // 2, 0, width, height // 2))
    picture.paste(BLUE, (0, height // 2, width // 2, height))
    picture.paste(YELLOW, (width // 2, height // 2, width, height))
    return picture


def encoded(image: Image.Image, image_format: str = "JPEG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, image_format, **options)
    return file.getvalue()


def animated(image_format: str, levels: list[int]) -> bytes:
    """An animation with one even grey a frame."""
    frames = [Image.new("RGB", (WIDTH, HEIGHT), (level, level, level)) for level in levels]
    options = {"lossless": True} if image_format == "WEBP" else {}
    content = encoded(frames[0], image_format, save_all=True, append_images=frames[1:], **options)
    with Image.open(io.BytesIO(content)) as image:
        assert len(list(ImageSequence.Iterator(image))) == len(levels)
    return content


def exif(
    orientation: int | None = None, make: str | None = None, exposure: float | None = None
) -> bytes:
    tags = Image.Exif()
    if orientation is not None:
        tags[0x0112] = orientation
    if make is not None:
        tags[0x010F] = make
    if exposure is not None:
        tags.get_ifd(0x8769)[0x829A] = exposure
    return tags.tobytes()


def turned(image_format: str, orientation: int, **options: Any) -> bytes:
    """The quadrants as a phone held in another way stores them; upright thanks to EXIF."""
    stored = quadrants()
    if orientation in _STORED_FOR:
        stored = stored.transpose(_STORED_FOR[orientation])
    return encoded(stored, image_format, exif=exif(orientation), **options)


def png_chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def png_bomb(width: int, height: int) -> bytes:
    """A sound black and white PNG: a few kilobytes for however many pixels."""
    row = bytes(1 + (width + 7) // 8)
    compressor = zlib.compressobj(1)
    rows = b"".join([*(compressor.compress(row) for _ in range(height)), compressor.flush()])
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            png_chunk(b"IHDR", header),
            png_chunk(b"IDAT", rows),
            png_chunk(b"IEND", b""),
        ]
    )


def claiming(image_format: str, width: int, height: int) -> bytes:
    """A small picture whose header claims another size."""
    content = bytearray(encoded(quadrants(), image_format))
    if image_format == "JPEG":
        struct.pack_into(">HH", content, content.index(b"\xff\xc0") + 5, height, width)
    elif image_format == "GIF":
        struct.pack_into("<HH", content, 6, width, height)
    elif image_format == "BMP":
        struct.pack_into("<ii", content, 18, width, height)
    else:
        raise ValueError(image_format)
    return bytes(content)


def corners(frame: np.ndarray | Image.Image) -> list[tuple[int, ...]]:
    """The colours in the middles of the four quadrants."""
    pixels = np.asarray(frame)
    height, width = pixels.shape[:2]
    return [
        tuple(pixels[y, x].tolist())
        for y in (height // 4, 3 * height // 4)
        for x in (width // 4, 3 * width // 4)
    ]


def close(
    colours: list[tuple[int, ...]], expected: tuple[tuple[int, ...], ...], tolerance: int = 12
) -> bool:
    return bool(np.abs(np.subtract(colours, expected)).max() <= tolerance)
