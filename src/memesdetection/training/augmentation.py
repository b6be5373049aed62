"""Augmentation: what chat apps, phones and decoders do to a picture before a model sees it."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageEnhance

_RESAMPLERS = (
    Image.Resampling.NEAREST,
    Image.Resampling.BOX,
    Image.Resampling.BILINEAR,
    Image.Resampling.HAMMING,
    Image.Resampling.BICUBIC,
    Image.Resampling.LANCZOS,
)
# Bilinear is what most decoders use; nearest is rare but some fast paths are as bad.
_RESAMPLER_ODDS = (0.03, 0.17, 0.35, 0.1, 0.2, 0.15)


def augment(
    picture: Image.Image, size: int, random: np.random.Generator, strength: float = 1.0
) -> Image.Image:
    """Return a picture as it might arrive by another way, squashed to `size` x `size`.

    Cropped by up to 8 % a side, mirrored half of the time, shrunk and compressed as JPEG by a
    random quality, coloured a little differently, and resampled by a random filter, so that the
    verdict hangs neither on the decoder nor on the chat app. The strength scales how much and how
    often; at 0 the picture is squashed and nothing else.

    Args:
        picture: RGB, any size.
        size: side of the result in pixels.
        random: source of all randomness.
        strength: 0-2.
    """
    if strength == 0:
        return picture.resize((size, size), Image.Resampling.BILINEAR)
    picture = _cropped(picture, random, strength)
    if random.random() < 0.5:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if random.random() < 0.3 * strength:
        scale = random.uniform(0.5, 1.0)
        smaller = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        picture = picture.resize(smaller, _resampler(random))
    if random.random() < 0.5 * strength:
        picture = _compressed(picture, random)
    picture = picture.resize(
        (size, size), _resampler(random), reducing_gap=random.choice([1.0, 2.0, 3.0])
    )
    return _coloured(picture, random, strength)


def cut_out(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """A part of the picture, 30 to 90 % of each side, such as one message of a screen.

    Args:
        picture: any size and mode.
        random: source of all randomness.
    """
    shares = random.uniform(0.3, 0.9, 2)
    (width, left), (height, top) = (
        (max(round(share * side), 1), random.uniform(0, 1 - share) * side)
        for share, side in zip(shares, picture.size, strict=True)
    )
    left, top = min(round(left), picture.width - width), min(round(top), picture.height - height)
    return picture.crop((left, top, left + width, top + height))


def _cropped(picture: Image.Image, random: np.random.Generator, strength: float) -> Image.Image:
    left, top, right, bottom = random.uniform(0, 0.08 * strength, 4) * (random.random() < 0.7)
    return picture.crop(
        (
            round(left * picture.width),
            round(top * picture.height),
            max(round((1 - right) * picture.width), 1),
            max(round((1 - bottom) * picture.height), 1),
        )
    )


def _resampler(random: np.random.Generator) -> Image.Resampling:
    return _RESAMPLERS[random.choice(len(_RESAMPLERS), p=_RESAMPLER_ODDS)]


def _compressed(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    buffer = io.BytesIO()
    quality, subsampling = int(random.integers(30, 96)), int(random.integers(0, 3))
    picture.save(buffer, "JPEG", quality=quality, subsampling=subsampling)
    return Image.open(buffer).convert("RGB")


def _coloured(picture: Image.Image, random: np.random.Generator, strength: float) -> Image.Image:
    if random.random() < 0.05 * strength:
        return picture.convert("L").convert("RGB")
    for enhancement in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        if random.random() < 0.4:
            picture = enhancement(picture).enhance(1 + strength * random.uniform(-0.25, 0.25))
    return picture
