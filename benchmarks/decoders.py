"""Decoders: CPU time of a picture, and whether the model gives the same probability after each."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyvips
import simplejpeg
from PIL import Image, ImageOps

from memesdetection import Classifier, pictures

from .figures import Figure, median_cpu_seconds

SIZE = 224

Decoder = Callable[[bytes], np.ndarray]


def in_use(content: bytes) -> np.ndarray:
    """As the scan: a JPEG scaled by libjpeg to twice the size or more, then the triangle filter."""
    return pictures.decode(content, SIZE).frames[0]


def pillow_in_full(content: bytes) -> np.ndarray:
    """All pixels decoded, then the triangle filter."""
    return _triangle(pictures.decode_whole(content))


def libjpeg_turbo_scaled(content: bytes) -> np.ndarray:
    """A JPEG scaled by simplejpeg's libjpeg-turbo, in its own way; other formats by Pillow."""
    if pictures.sniff(content) != "JPEG":
        return pillow_in_full(content)
    # Without min_factor it would also scale by 7/8 or 5/8, which blurs.
    pixels = simplejpeg.decode_jpeg(
        content, min_height=2 * SIZE, min_width=2 * SIZE, min_factor=2, strict=False
    )
    picture = Image.fromarray(pixels)
    picture.getexif().update(Image.open(io.BytesIO(content)).getexif())
    return _triangle(ImageOps.exif_transpose(picture))


def libvips_in_full(content: bytes) -> np.ndarray:
    """All pixels decoded by libvips, then the triangle filter."""
    picture = pyvips.Image.new_from_buffer(content, "").autorot().colourspace("srgb")
    if picture.hasalpha():
        picture = picture.flatten(background=255)
    return _triangle(Image.fromarray(picture.cast("uchar").numpy()))


def libvips_shrink_on_load(content: bytes) -> np.ndarray:
    """Shrunk while loading by libvips, by a Lanczos filter."""
    picture = pyvips.Image.thumbnail_buffer(content, SIZE, height=SIZE, size="force")
    picture = picture.colourspace("srgb")
    return (picture.flatten(background=255) if picture.hasalpha() else picture).numpy()


def without_prefilter(content: bytes) -> np.ndarray:
    """Halved while possible, then bilinear without a prefilter, as a phone's quickest way."""
    picture = pictures.decode_whole(content)
    picture = picture.reduce(2 ** int(np.log2(max(1, min(picture.size) / SIZE))))
    scale = (picture.width / SIZE, 0, 0, 0, picture.height / SIZE, 0)
    return np.asarray(
        picture.transform((SIZE, SIZE), Image.Transform.AFFINE, scale, Image.Resampling.BILINEAR)
    )


BY_THE_CONTRACT: dict[str, Decoder] = {
    "Pillow, scaled (in use)": in_use,
    "Pillow, in full": pillow_in_full,
    "libjpeg-turbo by simplejpeg, scaled": libjpeg_turbo_scaled,
    "libvips, in full": libvips_in_full,
}
OTHER_FILTERS: dict[str, Decoder] = {
    "libvips, shrink-on-load, Lanczos filter": libvips_shrink_on_load,
    "bilinear without a prefilter": without_prefilter,
}


def measure_time(contents: list[bytes]) -> list[Figure]:
    """Milliseconds of CPU a JPEG: the gallery's, and photos of 12 megapixels made here."""
    jpegs = [content for content in contents if pictures.sniff(content) == "JPEG"]
    return [
        Figure(
            f"{name}: {what}", 1000 * median_cpu_seconds(_all(decode, chosen)) / len(chosen), "ms"
        )
        for what, chosen in (("the gallery's JPEGs", jpegs), ("12-megapixel JPEG", [_photo()] * 4))
        for name, decode in (BY_THE_CONTRACT | OTHER_FILTERS).items()
    ]


def measure_agreement(contents: list[bytes]) -> list[Figure]:
    """Share of the pictures whose probability is within 0.02 of the scan's, for each decoder."""
    return [
        Figure(
            name,
            100 * float(np.mean(probability_differences(contents, decode) <= 0.02)),
            "%",
            at_least=99 if name in BY_THE_CONTRACT else None,
        )
        for name, decode in (BY_THE_CONTRACT | OTHER_FILTERS).items()
    ]


def probability_differences(contents: list[bytes], decode: Decoder) -> np.ndarray:
    """|difference| of the probabilities after a decoder and after the scan's, float [n]."""
    classifier = Classifier()
    differences = []
    for content in contents:
        picture = classifier.decode(content)
        other = replace(picture, frames=decode(content)[None])
        ours, theirs = classifier.run(picture), classifier.run(other)
        differences.append(abs(ours.probability - theirs.probability))
    return np.array(differences)


def contents_of(folder: Path) -> list[bytes]:
    """The contents of all pictures of a folder."""
    return [pictures.read(file.path) for file in pictures.find([folder])]


def _triangle(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.convert("RGB").resize((SIZE, SIZE), Image.Resampling.BILINEAR))


def _all(decode: Decoder, contents: list[bytes]) -> Callable[[], object]:
    return lambda: [decode(content) for content in contents]


def _photo() -> bytes:
    random = np.random.default_rng(0)
    coarse = Image.fromarray(random.integers(0, 256, (300, 400, 3), dtype=np.uint8))
    buffer = io.BytesIO()
    coarse.resize((4000, 3000), Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
