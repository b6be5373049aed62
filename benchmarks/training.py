"""Training: whether the network or the preparation of its batches is the limit."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from memesdetection.labels import read_labels

from .figures import Figure

PICTURES = 1024
BATCH_SIZE = 64
ROUNDS = 3


def measure(shared: Path) -> list[Figure]:
    """Pictures a second that are prepared, that the network takes, and that both do together.

    EfficientNet-Lite0 with all layers trained, the smallest network and so the hardest to feed.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from memesdetection.training.cache import Pixels, prefetched
    from memesdetection.training.config import Config
    from memesdetection.training.dataset import Batches, PixelInputs, sampling_weights
    from memesdetection.training.network import build
    from memesdetection.training.train import compile_model
    from memesdetection.training.weights import start

    config = Config(batch_size=BATCH_SIZE)
    examples = read_labels(shared / "data/index.csv", "train")[::16][:PICTURES]
    with tempfile.TemporaryDirectory() as folder:
        pixels = Pixels(examples, None, Path(folder))
        model = build(config, start(config.backbone, "files", shared / "weights"))
        inputs = PixelInputs(pixels, model.input_shape[1], config.augmentation)
        batches = Batches(inputs, examples, sampling_weights(examples, config), BATCH_SIZE, seed=0)
        compile_model(model, config, steps=len(batches))
        first = batches[0]

        def prepare() -> None:
            for _ in prefetched(batches.__getitem__, range(len(batches))):
                pass

        def compute() -> None:
            for _ in range(len(batches)):
                model.train_on_batch(*first)

        def both() -> None:
            for batch in prefetched(batches.__getitem__, range(len(batches))):
                model.train_on_batch(*batch)

        compute()  # the first step compiles
        taken: dict[Callable[[], None], list[float]] = {prepare: [], compute: [], both: []}
        for _ in range(ROUNDS):
            for work, seconds in taken.items():
                started = time.perf_counter()
                work()
                seconds.append(time.perf_counter() - started)
    count = len(batches) * BATCH_SIZE
    prepared, computed, together = (count / median(seconds) for seconds in taken.values())
    return [
        Figure("Batches prepared alone", prepared, "pictures/s"),
        Figure("Steps of the network alone", computed, "pictures/s"),
        Figure("Both together", together, "pictures/s"),
        Figure("Preparing against the network", prepared / computed, "x", at_least=2),
        Figure("Together against the network alone", 100 * together / computed, "%"),
    ]
