"""The dataset: labelled pictures of an index file, balanced sampling, batches for Keras."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from .. import pictures
from ..labels import LabelledPicture
from .augmentation import augment

# A lone picture of a rare kind and source would else be drawn dozens of times an epoch.
_MAX_WEIGHT_RATIO = 8.0


def sampling_weights(examples: Sequence[LabelledPicture]) -> np.ndarray:
    """Probability of drawing each example: the labels equally, rare kinds and sources more often.

    Within a label an example weighs (pictures of its kind)^-1/2 (pictures of its source)^-1/4, at
    most `_MAX_WEIGHT_RATIO` times the mean: small sources and rare kinds are not outvoted.

    Returns:
        float64 [len(examples)], sums to 1.
    """
    kinds = Counter((example.label, example.kind) for example in examples)
    sources = Counter(example.source for example in examples)
    weights = np.array(
        [kinds[e.label, e.kind] ** -0.5 * sources[e.source] ** -0.25 for e in examples]
    )
    labels = np.array([example.label for example in examples])
    for label in np.unique(labels):
        mine = labels == label
        capped = np.minimum(weights[mine], _MAX_WEIGHT_RATIO * weights[mine].mean())
        weights[mine] = capped / capped.sum()
    return weights / weights.sum()


class Batches(keras.utils.PyDataset):
    """Batches of pixels, uint8 [batch, size, size, 3], and labels, float32 [batch, 1], 1 for meme.

    With a `seed` the pictures are drawn by `sampling_weights` and augmented, anew each epoch and
    the same in each run; without one they come once each, whole, in order.
    """

    def __init__(
        self,
        examples: Sequence[LabelledPicture],
        size: int,
        batch_size: int,
        seed: int | None = None,
        first_epoch: int = 0,
        workers: int = 2,
    ) -> None:
        super().__init__(workers=workers, max_queue_size=8)
        self._examples = examples
        self._size = size
        self._batch_size = batch_size
        self._seed = seed
        self._epoch = first_epoch
        self._weights = sampling_weights(examples) if seed is not None else None
        self._draw()

    def __len__(self) -> int:
        return math.ceil(len(self._examples) / self._batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        chosen = self._order[index * self._batch_size : (index + 1) * self._batch_size]
        random = None
        if self._seed is not None:
            random = np.random.default_rng([self._seed, self._epoch, index])
        pixels = np.stack([self._pixels(self._examples[i].path, random) for i in chosen])
        labels = np.array([[self._examples[i].is_meme] for i in chosen], dtype=np.float32)
        return pixels, labels

    def on_epoch_end(self) -> None:
        """Draw the next epoch's pictures."""
        self._epoch += 1
        self._draw()

    def _draw(self) -> None:
        count = len(self._examples)
        if self._seed is None:
            self._order = np.arange(count)
        else:
            random = np.random.default_rng([self._seed, self._epoch])
            self._order = random.choice(count, size=count, p=self._weights)

    def _pixels(self, path: Path, random: np.random.Generator | None) -> np.ndarray:
        content = pictures.read(path)
        if random is None:
            return pictures.decode(content, self._size).frames[0]
        return np.asarray(augment(pictures.decode_whole(content), self._size, random))
