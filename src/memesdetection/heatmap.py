"""The heat map: where in a picture the meme is, laid over the picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

_LONGEST_SIDE = 1280
_COLOUR = (255, 32, 0)
_STRONGEST = 0.7
_SURE_LOGIT = 6.0
_SIGNED = ("Software", "memes why")


def overlay(picture: Image.Image, heat_map: np.ndarray) -> Image.Image:
    """Lay a heat map over a picture: the redder a place, the more it speaks for a meme.

    Places that speak against one stay as they are. The reddest place of a sure meme is the one that
    speaks for it most; weak evidence stays pale.

    Args:
        picture: RGB, any size; shrunk to 1280 pixels at most.
        heat_map: float32 [h, w] of logits, as in `classifier.Outputs`.

    Returns:
        RGB, of the size of the shrunk picture.
    """
    import numpy as np
    from PIL import Image

    shown = picture.copy()
    shown.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    evidence = np.clip(heat_map / max(float(heat_map.max()), _SURE_LOGIT), 0, 1)
    opacity = Image.fromarray((255 * _STRONGEST * evidence).astype(np.uint8))
    opacity = opacity.resize(shown.size, Image.Resampling.BICUBIC)
    shown.paste(_COLOUR, (0, 0, *shown.size), opacity)
    return shown


def save(shown: Image.Image, target: Path) -> None:
    """Write what `overlay` made as a PNG that `is_heat_map` knows.

    Raises:
        OSError: it cannot be written.
    """
    from PIL.PngImagePlugin import PngInfo

    signed = PngInfo()
    signed.add_text(*_SIGNED)
    shown.save(target, "PNG", pnginfo=signed)


def is_heat_map(path: Path) -> bool:
    """Whether `save` wrote this file."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            name, content = _SIGNED
            return image.info.get(name) == content
    except (OSError, ValueError, Image.DecompressionBombError):
        return False
