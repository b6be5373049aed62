"""The heat map: where in a picture the meme is, laid over the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

_LONGEST_SIDE = 1280
_COLOUR = (255, 32, 0)
_STRONGEST = 0.6


def overlay(picture: Image.Image, heat_map: np.ndarray) -> Image.Image:
    """Lay a heat map over a picture: the redder a place, the more it alone looks like a meme.

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
    # The logistic function in the form that cannot overflow.
    probabilities = 0.5 * (1 + np.tanh(heat_map / 2))
    opacity = Image.fromarray((255 * _STRONGEST * probabilities).astype(np.uint8))
    opacity = opacity.resize(shown.size, Image.Resampling.BICUBIC)
    shown.paste(_COLOUR, (0, 0, *shown.size), opacity)
    return shown
