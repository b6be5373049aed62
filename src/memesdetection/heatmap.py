"""The heat map: where in a picture the meme is, laid over the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

_LONGEST_SIDE = 1280
_COLOUR = (255, 32, 0)
_STRONGEST = 0.7
_SURE_LOGIT = 6.0


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
