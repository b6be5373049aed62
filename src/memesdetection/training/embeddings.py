"""Embeddings by a backbone as ImageNet left it, which knows nothing of the pictures' labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
from keras import layers

from ..labels import LabelledPicture
from .backbones import feature_extractor
from .cache import Pixels, digest, features
from .dataset import PixelInputs
from .screen import SILENT, Screen
from .weights import start


def pretrained_embeddings(
    name: str,
    weights_folder: Path,
    examples: Sequence[LabelledPicture],
    cache: Path,
    screen: Screen = SILENT,
) -> tuple[list[LabelledPicture], np.ndarray]:
    """The mean of the last feature map of each picture.

    Args:
        name: of the backbone.
        weights_folder: folder of the pretrained backbones' weights.
        examples: the pictures.
        cache: folder for decoded pictures and for the embeddings.
        screen: shows progress, and which pictures cannot be read.

    Returns:
        The readable pictures, n of them, and float32 [n, channels].

    Raises:
        UsageError: there is no such backbone, its weights cannot be had, or no picture be read.
        OutputError: the cache cannot be written.
    """
    extractor = feature_extractor(start(name, "files", weights_folder))
    mean = layers.GlobalAveragePooling2D()(extractor.output)
    size = extractor.input_shape[1]
    pixels = Pixels(examples, size, cache, screen)
    for path, error in pixels.unreadable:
        screen.tell(f"{path}: {error} It is left out.")
    inputs = PixelInputs(pixels, size)
    values = features(
        keras.Model(extractor.input, mean),
        lambda chosen: inputs.batch(chosen, None),
        len(pixels),
        digest(pixels.key, "mean"),
        cache,
        screen,
    )
    return pixels.examples, np.asarray(values, dtype=np.float32)
