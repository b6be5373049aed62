"""Backbones by name: pretrained networks that turn pixels into feature maps.

VGG (arXiv 1409.1556), ResNet (1512.03385), Inception v3 (1512.00567) and MobileNetV2 (1801.04381)
are built by `keras.applications`. EfficientNet-Lite (Google, 2020, tensorflow/tpu on GitHub,
models/official/efficientnet/lite) is EfficientNet (1905.11946) without squeeze-and-excite, with
ReLU6 in place of swish and an unscaled stem and head, so that it quantises well and runs on every
phone.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import keras
from keras import applications, layers

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
class Normalisation:
    """What the weights were trained to read: pixel (RGB, 0-255) * scale + offset."""

    scale: float
    offset: float | tuple[float, float, float]


SYMMETRIC = Normalisation(1 / 127.5, -1.0)
UNIT = Normalisation(1 / 255, 0.0)
LITE = Normalisation(1 / 128, -127 / 128)
# Caffe's means; its blue first order is undone in the first kernel.
CENTRED = Normalisation(1.0, (-123.68, -116.779, -103.939))


@dataclass(frozen=True)
class Backbone:
    """How to build one backbone.

    Attributes:
        build: from the normalised input, a tensor [N, size, size, 3], to the network; it takes
            `include_top`: with the classifier of ImageNet's 1000 classes or without.
        features: name of the layer whose output is the feature map.
        size: side of the square input in pixels that the weights were trained at.
        normalisation: what the original ImageNet weights read.
        application: name in `keras.applications`, which knows where the original weights are.
    """

    build: Callable[..., keras.Model]
    features: str
    size: int
    normalisation: Normalisation
    application: str | None = None


@dataclass(frozen=True)
class Start:
    """A backbone with the weights that training starts from.

    Attributes:
        backbone: the architecture, with the normalisation of these weights.
        network: from normalised pixels to the feature map.
        source: where the weights come from, with their licence.
        is_imagenet: they are the original ImageNet weights of this architecture.
        equal: another start whose layers up to `equal_until` give the very same feature maps, with
            fewer operations; None if there is none.
    """

    backbone: Backbone
    network: keras.Model
    source: str
    is_imagenet: bool = True
    equal: Start | None = None
    equal_until: str = ""


def backbone(name: str) -> Backbone:
    """The backbone of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in BACKBONES:
        raise UsageError(f"There is no backbone {name!r}; choose one of {', '.join(BACKBONES)}.")
    return BACKBONES[name]


def feature_network(
    architecture: Backbone, inputs: keras.KerasTensor, include_top: bool = False
) -> keras.Model:
    """Build a network, with no pretrained weights, from normalised pixels to its feature map."""
    network = architecture.build(inputs, include_top=include_top)
    return keras.Model(inputs, network.get_layer(architecture.features).output)


def feature_extractor(start: Start, size: int = 0) -> keras.Model:
    """A pretrained backbone from raw pixels to its feature map, in one flat graph.

    Args:
        start: the backbone and its weights.
        size: side of the square input in pixels; 0 for the backbone's own.

    Returns:
        A model from uint8 [N, size, size, 3] (RGB, 0-255) to float [N, h, w, channels]; the
        normalisation that the weights expect is its first layer.
    """
    side = size or start.backbone.size
    normalisation = start.backbone.normalisation
    offset = normalisation.offset
    pixels = layers.Input((side, side, 3), dtype="uint8", name="pixels")
    normalised = layers.Rescaling(
        normalisation.scale,
        list(offset) if isinstance(offset, tuple) else offset,
        name="normalisation",
    )(pixels)
    # Built on the tensor rather than called, so that every layer can be frozen or cut at by name.
    network = start.backbone.build(normalised, include_top=False)
    extractor = keras.Model(pixels, network.get_layer(start.backbone.features).output)
    extractor.set_weights(start.network.get_weights())
    return extractor


def _application(name: str) -> Callable[..., keras.Model]:
    def build(inputs: keras.KerasTensor, include_top: bool) -> keras.Model:
        return getattr(applications, name)(
            include_top=include_top, weights=None, input_tensor=inputs
        )

    return build


def _efficientnet_lite(
    inputs: keras.KerasTensor, include_top: bool, width: float, depth: float
) -> keras.Model:
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
    if include_top:
        x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
        x = layers.Dense(1000, name="predictions")(x)
    return keras.Model(inputs, x)


_VGG16 = Backbone(_application("VGG16"), "block5_pool", 224, CENTRED, "VGG16")

BACKBONES = {
    "vgg16": _VGG16,
    "vgg19": replace(_VGG16, build=_application("VGG19"), application="VGG19"),
    "resnet50": Backbone(_application("ResNet50"), "conv5_block3_out", 224, CENTRED, "ResNet50"),
    "inception_v3": Backbone(_application("InceptionV3"), "mixed10", 299, SYMMETRIC, "InceptionV3"),
    "mobilenet_v2": Backbone(
        _application("MobileNetV2"), "out_relu", 224, SYMMETRIC, "MobileNetV2"
    ),
    "efficientnet_lite0": Backbone(
        partial(_efficientnet_lite, width=1.0, depth=1.0), "head_relu", 224, LITE
    ),
    "efficientnet_lite2": Backbone(
        partial(_efficientnet_lite, width=1.1, depth=1.2), "head_relu", 260, LITE
    ),
}
