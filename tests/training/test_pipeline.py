"""The way from labelled pictures to a model that ships, real but tiny."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from memesdetection import Classifier

# Keras's own, of NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of a few pictures: memes are red, the others blue."""
    folder = tmp_path_factory.mktemp("data")
    random = np.random.default_rng(1)
    with open(folder / "index.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow("path label split kind language source license".split())
        for i in range(36):
            split = ("train", "train", "val", "test")[i % 4]
            label = ("meme", "not_meme")[i // 4 % 2]
            pixels = random.integers(0, 40, (90, 120, 3), dtype=np.uint8)
            pixels[:, :, 0 if label == "meme" else 2] += 200
            Image.fromarray(pixels).save(folder / f"{i}.webp")
            kind, language = ("macro", "en") if label == "meme" else ("people", "")
            table.writerow([f"{i}.webp", label, split, kind, language, f"s{i % 3}", "CC0-1.0"])
    return folder


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Untrained weights in the file that holds ImageNet's elsewhere."""
    from memesdetection.training.backbones import BACKBONES

    folder = tmp_path_factory.mktemp("weights")
    backbone = BACKBONES["efficientnet_lite0"]
    backbone.build().save_weights(folder / backbone.weights)
    return folder


def command(name: str, *options: object) -> list[str]:
    return [sys.executable, "-m", "memesdetection", name, *map(str, options)]


def step(name: str, *options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(name, *options), capture_output=True, text=True)


@pytest.fixture(scope="module")
def run(data: Path, weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two epochs that was killed after the first and started again."""
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    options = ("--data", data, "--weights", weights, "--run", folder, "--epochs", 2)
    with subprocess.Popen(command("train", *options), stdout=subprocess.DEVNULL) as killed:
        while len(epochs_of(folder)) < 1:
            assert killed.poll() is None
            time.sleep(0.05)
        killed.kill()
    trained = step("train", *options)
    assert trained.returncode == 0, trained.stderr
    return folder


def epochs_of(run: Path) -> list[dict[str, str]]:
    if not (run / "history.csv").exists():
        return []
    with open(run / "history.csv", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def model(data: Path, run: Path) -> Path:
    folder = run.parent / "model"
    exported = step("export", "--data", data, "--run", run, "--output", folder)
    assert exported.returncode == 0, exported.stderr
    return folder


def test_a_run_leaves_its_recipe_history_and_best_epoch(run: Path) -> None:
    recipe = json.loads((run / "recipe.json").read_text())
    assert (recipe["backbone"], recipe["epochs"]) == ("efficientnet_lite0", 2)
    assert [epoch["epoch"] for epoch in epochs_of(run)] == ["0", "1"]
    assert all(float(epoch["val_log_loss"]) > 0 for epoch in epochs_of(run))
    assert (run / "best.keras").is_file()


def test_a_run_is_not_gone_on_with_by_another_recipe(data: Path, weights: Path, run: Path) -> None:
    other = step("train", "--data", data, "--weights", weights, "--run", run, "--epochs", 3)
    assert other.returncode == 2
    assert "was started with another recipe" in other.stderr


def test_the_exported_model_is_what_was_trained(data: Path, run: Path, model: Path) -> None:
    import keras

    trained = keras.models.load_model(run / "best.keras")
    classifier = Classifier(model)
    temperature = classifier.card["calibration"]["temperature"]
    for i in (0, 4, 8):
        picture = classifier.decode(data / f"{i}.webp")
        outputs = classifier.run(picture)
        logit = float(trained.predict(picture.frames, verbose=0)[0, 0]) / temperature
        assert outputs.logit == pytest.approx(logit, abs=0.15)
        assert outputs.heat_map.mean() == pytest.approx(outputs.logit, abs=1e-3)


def test_the_card_tells_contract_data_thresholds_and_figures(model: Path) -> None:
    card = json.loads((model / "card.json").read_text())
    assert card["input"]["shape"] == [1, 224, 224, 3]
    assert card["outputs"]["embedding"]["shape"] == [1, 1280]
    assert card["data"]["train"]["memes"] + card["data"]["train"]["not_memes"] == 18
    assert 0 <= card["thresholds"]["unsure"] <= card["thresholds"]["meme"] <= 1
    assert set(card["metrics"]["test"]["by_kind"]) == {"macro", "people"}
    page = (model / "card.md").read_text()
    assert card["sha256"] in page
    assert "CC0-1.0" in page


def test_missing_weights_are_told_in_one_sentence(data: Path, tmp_path: Path) -> None:
    failed = step("train", "--data", data, "--weights", tmp_path, "--run", tmp_path / "run")
    assert failed.returncode == 2
    assert (
        failed.stderr.strip()
        .splitlines()[-1]
        .startswith("memes: The weights of efficientnet_lite0")
    )
