"""The configurations: each field is explained, those that ship are sound, and each value works."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from memesdetection.training.backbones import BACKBONES
from memesdetection.training.config import WHOLE, Config, read_config
from memesdetection.training.folds import read_ladder
from memesdetection.training.train import compile_model
from memesdetection.training.tune import read_space

# Keras's own, of NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

CONFIGS = Path(__file__).parents[2] / "configs"
SEARCH, LADDER = CONFIGS / "search.toml", CONFIGS / "ladder.toml"


@pytest.mark.parametrize("field", list(Config.model_fields))
def test_each_field_is_explained(field: str) -> None:
    explained = Config.model_fields[field].description
    assert explained is not None
    assert explained.endswith(".")


def shipped() -> dict[str, Config]:
    """The configurations of configs/, and what the ladder's recipes share."""
    files = [file for file in sorted(CONFIGS.glob("*.toml")) if file not in (SEARCH, LADDER)]
    return {file.stem: read_config(file) for file in files} | {
        "ladder": read_ladder(LADDER).config("start")
    }


@pytest.mark.parametrize("config", shipped().values(), ids=shipped())
def test_a_configuration_that_ships_names_what_there_is(config: Config) -> None:
    backbone = BACKBONES[config.backbone]
    if config.frozen_to not in ("", WHOLE):
        size = config.size or backbone.size
        network = backbone.build(keras.layers.Input((size, size, 3)), include_top=False)
        assert config.frozen_to in {layer.name for layer in network.layers}


def test_the_search_that_ships_is_sound() -> None:
    space = read_space(SEARCH)
    assert set(space.axes["backbone"]) <= set(BACKBONES)
    assert space.base["frozen_to"] == WHOLE


def test_a_change_is_read_as_in_toml_or_as_a_word() -> None:
    changes = ["dropout=0.5", "top_layers=[64, 32]", "balance_labels=false", "backbone = vgg16"]
    config = read_config(CONFIGS / "phone.toml", changes)
    assert (config.dropout, config.top_layers) == (0.5, (64, 32))
    assert (config.balance_labels, config.backbone) == (False, "vgg16")


def compiled(config: Config, steps: int) -> keras.Model:
    model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(1)])
    compile_model(model, config, steps)
    return model


def rates(model: keras.Model, steps: int) -> list[float]:
    """The learning rate before each step."""
    found = []
    for _ in range(steps):
        found.append(float(model.optimizer.learning_rate))
        model.train_on_batch(np.ones((2, 3)), np.ones((2, 1)))
    return found


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "adamax", "nadam", "rmsprop", "sgd"])
@pytest.mark.parametrize("weight_decay", [0.0, 0.01])
def test_each_optimizer_learns(optimizer: str, weight_decay: float) -> None:
    fields: dict[str, Any] = {"optimizer": optimizer, "weight_decay": weight_decay}
    model = compiled(Config(learning_rate=0.1, warmup=0.0, **fields), 10)
    losses = [float(model.train_on_batch(np.ones((2, 3)), np.ones((2, 1)))[0]) for _ in range(10)]
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("accumulation", [1, 4])
def test_the_rate_rises_to_its_peak_and_falls_to_0_by_the_last_step(accumulation: int) -> None:
    config = Config(learning_rate=0.1, warmup=0.25, accumulation=accumulation)
    found = rates(compiled(config, 40), 40)
    assert found[0] == pytest.approx(0, abs=1e-6)
    assert found[10] == max(found) == pytest.approx(0.1)
    assert found[25] == pytest.approx(0.05, rel=0.01)
    assert 0 < found[39] < 0.01


def test_a_constant_rate_stays_after_the_warm_up() -> None:
    found = rates(compiled(Config(learning_rate=0.1, warmup=0.25, schedule="constant"), 40), 40)
    assert found[5] == pytest.approx(0.05)
    assert found[10:] == pytest.approx([0.1] * 30)


def test_no_weight_moves_before_the_gradients_of_all_accumulated_steps_are_there() -> None:
    model = compiled(Config(learning_rate=0.1, warmup=0.0, accumulation=3), 6)
    moved = []
    for _ in range(6):
        before = model.get_weights()[0]
        model.train_on_batch(np.ones((2, 3)), np.ones((2, 1)))
        moved.append(not np.array_equal(before, model.get_weights()[0]))
    assert moved == [False, False, True, False, False, True]
