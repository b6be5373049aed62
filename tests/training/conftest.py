"""What the tests of the training share: a few labelled pictures, and weights nobody trained."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tiny import tiny

# Two processes test side by side; a thread each is quicker than two.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")

KINDS = {"meme": ("macro", "comic"), "not_meme": ("people", "documents")}
# The names that the program looks for, and whether the file holds ImageNet's classifier, too.
WEIGHTS_FILES = {
    "mobilenet_v2": ("mobilenet_v2.imagenet.fp16.weights.h5", True),
    "efficientnet_lite0": ("efficientnet_lite0.imagenet.fp16.weights.h5", True),
    "efficientnet_lite2": ("efficientnet_lite2.imagenet.fp16.weights.h5", True),
    "vgg16": ("vgg16_notop.imagenet.fp16.weights.h5", False),
    "resnet50": ("resnet50.imagenet.weights.h5", False),
    "inception_v3": ("inception_v3.nsfwjs.weights.h5", False),
}


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of 36 pictures, half of them train: memes are red, the others blue.

    But for one of val, so that no model is perfect, and there is something to calibrate.
    """
    folder = tmp_path_factory.mktemp("labelled")
    random = np.random.default_rng(1)
    with open(folder / "index.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow("path label split kind language source license".split())
        for i in range(36):
            split = ("train", "train", "val", "test")[i % 4]
            label = ("meme", "not_meme")[i // 4 % 2]
            pixels = random.integers(0, 40, (90, 120, 3), dtype=np.uint8)
            pixels[:, :, 0 if label == "meme" and i != 34 else 2] += 200
            path = f"{split}/{label}/{i}.webp"
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(folder / path)
            kind, language = KINDS[label][i // 8 % 2], "en" if label == "meme" else ""
            table.writerow([path, label, split, kind, language, f"s{i % 3}", "CC0-1.0"])
    return folder


@pytest.fixture
def own_data(data: Path, tmp_path: Path) -> Path:
    """A copy of the labelled pictures that a test may change."""
    return shutil.copytree(data, tmp_path / "labelled")


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Weights that nobody trained, in the files that hold ImageNet's elsewhere."""
    import keras

    from memesdetection.training.backbones import BACKBONES, UNIT, feature_network

    folder = tmp_path_factory.mktemp("weights")
    keras.utils.set_random_seed(0)
    noise = np.random.default_rng(0).integers(0, 256, (4, 96, 96, 3)).astype(np.float32)
    for name, (file, whole) in WEIGHTS_FILES.items():
        inputs = keras.layers.Input((96, 96, 3))
        if whole:
            network = BACKBONES[name].build(inputs, include_top=True)
        else:
            network = feature_network(BACKBONES[name], inputs)
        for layer in network.layers:
            # One pass then sets the statistics, so that no feature map is all 0 or huge.
            layer.momentum = 0.0
        read = UNIT if name == "inception_v3" else BACKBONES[name].normalisation
        normalised = noise * np.float32(read.scale) + np.float32(read.offset)
        keras.Model(inputs, network.output)(normalised, training=True)
        network.save_weights(folder / file)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def finished(data: Path, weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of a training that is over; not to be changed."""
    from memesdetection.training.train import train

    folder = tmp_path_factory.mktemp("runs")
    train(data, weights, folder / "finished", tiny(), folder / "cache")
    return folder / "finished"


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Path:
    """A copy of that run which a test may change."""
    return shutil.copytree(finished, tmp_path / "runs/finished")
