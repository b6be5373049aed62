"""Twins: memes made of pictures that are none, and the same pictures with text that makes no meme.

When a training shows one photo plain, as a meme and with other text, the background tells nothing
about the label. The idea of drawing captions on photos is from Koutlis, Schinas and Papadopoulos,
"MemeTector: Enforcing deep focus for meme detection", arXiv 2205.13268; the text that makes no
meme is ours, so that text alone tells nothing either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from . import captions, inscriptions
from .lettering import Lettering, Pen

_Layouts = Sequence[tuple[Callable[[Image.Image, Pen], Image.Image], float]]

_LEAST_SIDE = 96
"""Pixels below which a side has no room for text."""


class Twins:
    """Draws twins of pictures, in many layouts, fonts and languages.

    A text is only drawn in a font that has all its letters, so the folder of fonts decides which
    languages there are.
    """

    def __init__(self, fonts: Path) -> None:
        """Search a folder, with all below it, for TrueType and OpenType fonts.

        Raises:
            UsageError: it has no font for Latin letters.
        """
        self._lettering = Lettering(fonts)

    @property
    def languages(self) -> list[str]:
        """Names of the languages that are written."""
        return self._lettering.languages

    def captioned(self, picture: Image.Image, random: np.random.Generator) -> Image.Image:
        """A meme of the picture.

        Args:
            picture: RGB, best with a longest side of 200-500 pixels; unchanged.
            random: source of all randomness.

        Returns:
            RGB, at least 96 pixels a side; with bars or panels it is larger than the picture.
        """
        return self._drawn(captions.LAYOUTS, picture, random)

    def lettered(self, picture: Image.Image, random: np.random.Generator) -> Image.Image:
        """The picture with text that makes no meme, as a date, a sign or a news banner.

        Args:
            picture: see `captioned`.
            random: see `captioned`.

        Returns:
            See `captioned`.
        """
        return self._drawn(inscriptions.LAYOUTS, picture, random)

    def _drawn(
        self, layouts: _Layouts, picture: Image.Image, random: np.random.Generator
    ) -> Image.Image:
        if min(picture.size) < _LEAST_SIDE:
            width, height = (max(side, _LEAST_SIDE) for side in picture.size)
            picture = picture.resize((width, height), Image.Resampling.BILINEAR)
        odds = np.array([odds for _, odds in layouts])
        layout, _ = layouts[random.choice(len(odds), p=odds / odds.sum())]
        return layout(picture, self._lettering.pen(random))
