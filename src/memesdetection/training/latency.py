"""Latency: how long models take for a picture, side by side on one core."""

from __future__ import annotations

import time
from collections.abc import Sequence
from statistics import median

import numpy as np

from ..classifier import Classifier
from ..pictures import DecodedPicture

ROUNDS = 21
"""Each judges one picture with every model in turn."""


def milliseconds(models: Sequence[Classifier]) -> list[float]:
    """The time that each model takes for one decoded picture, in ms of one core.

    The median of CPU times over interleaved rounds: what else the machine does meanwhile is no part
    of it, or meets all models alike.

    Raises:
        ModelError: a model file is broken.
    """
    random = np.random.default_rng(0)
    inputs = [_noise(model.size, random) for model in models]
    taken: list[list[float]] = [[] for _ in models]
    for _ in range(ROUNDS):
        for model, picture, times in zip(models, inputs, taken, strict=True):
            started = time.process_time()
            model.run(picture)
            times.append(1000 * (time.process_time() - started))
    return [median(times) for times in taken]


def _noise(size: int, random: np.random.Generator) -> DecodedPicture:
    frames = random.integers(0, 256, (1, size, size, 3), dtype=np.uint8)
    return DecodedPicture(frames, size, size, "PNG", from_camera=False)
