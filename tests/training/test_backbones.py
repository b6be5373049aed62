"""Each backbone: it trains, what is frozen stays, and cached features change nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from PIL import Image
from tiny import history, picture, tiny

from memesdetection import pictures
from memesdetection.training.backbones import BACKBONES, feature_extractor
from memesdetection.training.run import best_model
from memesdetection.training.train import train
from memesdetection.training.weights import start

# Keras's own, of NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

FROZEN_TO = {
    "vgg16": "block4_pool",
    "vgg19": "block4_pool",
    "resnet50": "conv4_block6_out",
    "inception_v3": "mixed8",
    "mobilenet_v2": "block_13_expand_relu",
    "efficientnet_lite0": "b14_add",
    "efficientnet_lite2": "b19_add",
}


@dataclass(frozen=True)
class Trained:
    """A backbone trained for two steps, once with its frozen layers cached."""

    backbone: str
    before: keras.Model
    run: Path
    cached: Path

    @property
    def described(self) -> dict[str, Any]:
        return json.loads((self.run / "run.json").read_text())


@pytest.fixture(scope="module", params=list(BACKBONES))
def trained(
    request: pytest.FixtureRequest,
    data: Path,
    weights: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Trained:
    name = request.param
    folder = tmp_path_factory.mktemp(name)
    # Inception reads nothing smaller than 75.
    size = 75 if name == "inception_v3" else 64
    for run in ("run", "cached"):
        config = tiny(
            backbone=name,
            size=size,
            frozen_to=FROZEN_TO[name],
            cache_frozen=run == "cached",
            head_epochs=0,
            epochs=1.0,
            evaluate_steps=1,
            augmentation=0.0,
            learning_rate=1e-4,
            schedule="constant",
            warmup=0.0,
            ema_momentum=0.0,
        )
        train(data, weights, folder / run, config, folder / "cache")
    before = feature_extractor(start(name, "files", weights), size)
    return Trained(name, before, folder / "run", folder / "cached")


def test_a_training_leaves_all_that_is_promised(trained: Trained) -> None:
    assert trained.described["config"]["backbone"] == trained.backbone
    assert trained.described["parameters"] == best_model(trained.run).count_params()
    assert [row["step"] for row in history(trained.run)] == [1, 2]
    metrics = json.loads((trained.run / "metrics.json").read_text())
    assert {split: row["pictures"] for split, row in metrics.items()} == {
        "train": 18,
        "val": 9,
        "test": 9,
    }
    assert metrics["val"]["log_loss"] == pytest.approx(
        min(row["log_loss"] for row in history(trained.run)), rel=1e-3, abs=1e-6
    )
    with np.load(trained.run / "predictions.npz") as predictions:
        assert len(predictions["test_logits"]) == len(predictions["test_paths"]) == 9
    assert list((trained.run / "tensorboard").glob("events.out.tfevents.*"))
    assert not (trained.run / "checkpoint.npz").exists()


def test_what_is_frozen_stays_and_the_rest_learns(trained: Trained) -> None:
    after = best_model(trained.run)
    frozen = keras.Model(after.input, after.get_layer(FROZEN_TO[trained.backbone]).output).layers
    learned = 0
    # By place, since Keras numbers the layers of Inception anew each time.
    for before, layer in zip(trained.before.layers, after.layers, strict=False):
        assert type(before) is type(layer)
        pairs = zip(before.get_weights(), layer.get_weights(), strict=True)
        same = all(np.array_equal(old, new) for old, new in pairs)
        if layer in frozen or isinstance(layer, keras.layers.BatchNormalization):
            assert same, layer.name
        elif layer.weights:
            assert not same, layer.name
            learned += 1
    assert learned


def test_cached_features_lead_to_the_same_result(trained: Trained) -> None:
    plain, cached = history(trained.run), history(trained.cached)
    # Within what features of 16 bits lose.
    assert cached[0]["log_loss"] == pytest.approx(plain[0]["log_loss"], rel=0.01)
    assert cached[1]["log_loss"] == pytest.approx(plain[1]["log_loss"], rel=0.05)


def test_a_start_that_is_not_the_original_says_so(trained: Trained) -> None:
    described = trained.described
    original = trained.backbone not in ("vgg19", "inception_v3")
    assert described["weights_are_original"] is original
    assert ("not" in described["weights_source"].split()) is not original


def test_vgg19_starts_as_vgg16(data: Path, weights: Path) -> None:
    pixels = np.stack([np.asarray(Image.open(picture(data, i)).resize((64, 64))) for i in range(6)])
    maps = [
        feature_extractor(start(name, "files", weights), 64).predict_on_batch(pixels)
        for name in ("vgg16", "vgg19")
    ]
    assert maps[0].max() > 0.1
    np.testing.assert_allclose(maps[1], maps[0], rtol=1e-3, atol=1e-5 * maps[0].max())


@pytest.mark.parametrize(
    ("precision", "tolerance"), [("mixed_bfloat16", 0.2), ("mixed_float16", 0.05)]
)
def test_half_precision_leaves_a_float32_model_of_about_the_same_logits(
    precision: str, tolerance: float, data: Path, weights: Path, tmp_path: Path
) -> None:
    train(data, weights, tmp_path / "run", tiny(precision=precision), tmp_path / "cache")
    model = best_model(tmp_path / "run")
    assert {layer.compute_dtype for layer in model.layers} <= {"float32", "uint8"}
    with np.load(tmp_path / "run/predictions.npz") as predictions:
        paths, in_half = predictions["test_paths"], predictions["test_logits"]
    decoded = [pictures.decode(Path(path).read_bytes(), 64).frames for path in paths]
    in_float32 = model.predict_on_batch(np.concatenate(decoded))[:, 0]
    np.testing.assert_allclose(in_half, in_float32, atol=tolerance * np.ptp(in_float32))
