"""The dataset: balanced sampling of labelled pictures, and batches of them for Keras."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

import keras
import numpy as np
from PIL import Image
from scipy.special import expit

from ..labels import PAGE_KINDS, PHOTO_KINDS, LabelledPicture
from .augmentation import augment, cut_out
from .cache import Pixels
from .config import Config
from .twins import Twins

EXTRA = "extra"
"""The split of pictures that are trained on beside those of the data."""

# A lone picture of a rare kind and source would else be drawn dozens of times an epoch.
_MAX_WEIGHT_RATIO = 8.0


class Inputs(Protocol):
    """What a network reads of each picture."""

    def __len__(self) -> int: ...

    def batch(self, chosen: np.ndarray, random: np.random.Generator | None) -> np.ndarray:
        """The inputs [N, ...] of the pictures `chosen`, int [N]; augmented if `random` is given."""
        ...


class PixelInputs:
    """The pictures themselves, uint8 [N, size, size, 3]."""

    def __init__(
        self, pixels: Pixels, size: int, strength: float = 0.0, share_cut_out: float = 0.0
    ) -> None:
        """Take decoded pictures, and how to augment them.

        Args:
            pixels: labelled pictures, n of them.
            size: side of the inputs in pixels.
            strength: of the augmentation.
            share_cut_out: how often only a part of a page is seen, 0-1. A part of a page is still
                no meme, while a part of a meme may be one or not.
        """
        self._pixels, self._size, self._strength = pixels, size, strength
        self._share_cut_out = share_cut_out

    def __len__(self) -> int:
        return len(self._pixels)

    def batch(self, chosen: np.ndarray, random: np.random.Generator | None) -> np.ndarray:
        """See `Inputs`."""
        if random is None:
            return np.stack([self._plain(self._pixels[i]) for i in chosen])
        pictures = [self._picture(i, random) for i in chosen]
        augmented = (augment(p, self._size, random, self._strength) for p in pictures)
        return np.stack([np.asarray(picture) for picture in augmented])

    def _plain(self, pixels: np.ndarray) -> np.ndarray:
        side = (self._size, self._size)
        if pixels.shape[:2] == side:
            return pixels
        return np.asarray(Image.fromarray(pixels).resize(side, Image.Resampling.BILINEAR))

    def _picture(self, index: int, random: np.random.Generator) -> Image.Image:
        picture, example = Image.fromarray(self._pixels[index]), self._pixels.examples[index]
        is_page = not example.is_meme and example.kind in PAGE_KINDS
        # Nothing is drawn at random without need, so that the batches of earlier runs stay theirs.
        if is_page and self._share_cut_out and random.random() < self._share_cut_out:
            return cut_out(picture, random)
        return picture


class TwinnedInputs(PixelInputs):
    """Pictures some of which get drawn text when augmented, so that no background tells the label.

    A drawn meme takes the place of a real one, and text that makes no meme stands on a photo that
    is none, so labels stay as they are.
    """

    def __init__(
        self,
        pixels: Pixels,
        size: int,
        strength: float,
        twins: Twins,
        shares: tuple[float, float],
        folds: np.ndarray | None = None,
        share_cut_out: float = 0.0,
    ) -> None:
        """Take decoded pictures and how often to draw.

        Args:
            pixels: labelled pictures, n of them.
            size: side of the inputs in pixels.
            strength: of the augmentation.
            twins: what draws.
            shares: of the memes that are drawn, and of the photos that get text, 0-1.
            folds: int [n]; a meme is drawn on a photo of its own fold. None is one fold.
            share_cut_out: see `PixelInputs`.
        """
        super().__init__(pixels, size, strength, share_cut_out)
        self._twins, self._shares = twins, shares
        self._folds = np.zeros(len(pixels), dtype=int) if folds is None else folds
        photos = np.array([not e.is_meme and e.kind in PHOTO_KINDS for e in pixels.examples])
        self._photos = {
            fold: np.flatnonzero(photos & (self._folds == fold)) for fold in np.unique(self._folds)
        }

    def _picture(self, index: int, random: np.random.Generator) -> Image.Image:
        captioned, lettered = self._shares
        example, photos = self._pixels.examples[index], self._photos[self._folds[index]]
        if example.is_meme and len(photos) and random.random() < captioned:
            photo = super()._picture(random.choice(photos), random)
            return self._twins.captioned(photo, random)
        picture = super()._picture(index, random)
        if not example.is_meme and example.kind in PHOTO_KINDS and random.random() < lettered:
            return self._twins.lettered(picture, random)
        return picture


class Subset:
    """Some of other inputs, in the order of int [n]."""

    def __init__(self, inputs: Inputs, chosen: np.ndarray) -> None:
        """Take the inputs and which of them."""
        self._inputs, self._chosen = inputs, chosen

    def __len__(self) -> int:
        return len(self._chosen)

    def batch(self, chosen: np.ndarray, random: np.random.Generator | None) -> np.ndarray:
        """See `Inputs`."""
        return self._inputs.batch(self._chosen[chosen], random)


class FeatureInputs:
    """Feature maps of frozen layers, float32 [N, h, w, channels], of one or several views each."""

    def __init__(self, views: Sequence[np.ndarray]) -> None:
        """Take float16 [pictures, h, w, channels] for each view; the first is the plain one."""
        self._views = views

    def __len__(self) -> int:
        return len(self._views[0])

    def batch(self, chosen: np.ndarray, random: np.random.Generator | None) -> np.ndarray:
        """See `Inputs`."""
        if random is None:
            return self._views[0][chosen].astype(np.float32)
        views = random.integers(0, len(self._views), len(chosen))
        drawn = [self._views[view][i] for view, i in zip(views, chosen, strict=True)]
        return np.stack(drawn).astype(np.float32)


def sampling_weights(examples: Sequence[LabelledPicture], config: Config) -> np.ndarray:
    """Probability of drawing each example: rare kinds and small sources are not outvoted.

    Within a label an example weighs (pictures of its kind)^-`balance_kinds` times (pictures of its
    source)^-`balance_sources`, at most `_MAX_WEIGHT_RATIO` times the mean. Pictures whose split is
    `EXTRA` have `extra_share` of all draws together.

    Returns:
        float64 [len(examples)], sums to 1.
    """
    kinds = Counter((example.label, example.kind) for example in examples)
    sources = Counter(example.source for example in examples)
    weights = np.array(
        [
            kinds[e.label, e.kind] ** -config.balance_kinds
            * sources[e.source] ** -config.balance_sources
            for e in examples
        ]
    )
    labels = np.array([example.label for example in examples])
    for label in np.unique(labels):
        mine = labels == label
        capped = np.minimum(weights[mine], _MAX_WEIGHT_RATIO * weights[mine].mean())
        share = 1.0 if config.balance_labels else mine.mean()
        weights[mine] = share * capped / capped.sum()
    extra = np.array([e.split == EXTRA for e in examples])
    if extra.any() and not extra.all():
        weights[extra] *= config.extra_share / weights[extra].sum()
        weights[~extra] *= (1 - config.extra_share) / weights[~extra].sum()
    return weights / weights.sum()


def targets_of(examples: Sequence[LabelledPicture]) -> np.ndarray:
    """Float32 [n, 1], 1 for a meme and 0 for another picture."""
    return np.array([[example.is_meme] for example in examples], dtype=np.float32)


def taught(targets: np.ndarray, logits: np.ndarray, share: float) -> np.ndarray:
    """Float32 [n, 1], targets of which a share is what teachers' logits [n, 1] say."""
    return ((1 - share) * targets + share * expit(logits)).astype(np.float32)


class Batches(keras.utils.PyDataset):
    """Steps of a training: inputs [batch, ...] and labels float32 [batch, 1], 1 for meme.

    The pictures of each pass are drawn by weight, and each step depends on the seed and its own
    number alone: a training that was stopped goes on with the very batches it would have had.
    """

    def __init__(
        self,
        inputs: Inputs,
        examples: Sequence[LabelledPicture],
        weights: np.ndarray,
        batch_size: int,
        seed: int,
        targets: np.ndarray | None = None,
    ) -> None:
        """Take the inputs of the examples, their sampling weights, and the seed.

        `targets`, float32 [n, 1] in 0-1, stand in for the labels if they are given.
        """
        super().__init__()
        self._inputs = inputs
        self._labels = targets_of(examples) if targets is None else targets
        self._weights = weights
        self._batch_size = batch_size
        self._seed = seed
        self._drawn: tuple[int, np.ndarray] = (-1, np.array([], dtype=int))

    def __len__(self) -> int:
        """Steps of one pass, which sees as many pictures as there are."""
        return math.ceil(len(self._labels) / self._batch_size)

    def chosen(self, step: int) -> np.ndarray:
        """Int [batch], the pictures of a step, counted from the start of the training."""
        epoch, index = divmod(step, len(self))
        # One read and one write, for steps are prepared on several threads.
        drawn = self._drawn
        if drawn[0] != epoch:
            random = np.random.default_rng([self._seed, 0, epoch])
            size = len(self) * self._batch_size
            drawn = epoch, random.choice(len(self._labels), size=size, p=self._weights)
            self._drawn = drawn
        return drawn[1][index * self._batch_size : (index + 1) * self._batch_size]

    def __getitem__(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        chosen = self.chosen(step)
        random = np.random.default_rng([self._seed, 1, step])
        return self._inputs.batch(chosen, random), self._labels[chosen]
