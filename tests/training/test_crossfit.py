"""Cross-fitting: the classifier learns from val, too, and yet val is judged by who never saw it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tiny import Stopped, options, stopped_at, stopped_when_told, tiny

from memesdetection.cli.app import app
from memesdetection.errors import UsageError
from memesdetection.labels import LabelledPicture, read_labels
from memesdetection.training.compare import page as compared
from memesdetection.training.compare import read_runs
from memesdetection.training.crossfit import crossfit, without
from memesdetection.training.export import export
from memesdetection.training.run import best_model, predicted
from memesdetection.training.screen import Screen
from memesdetection.training.train import train

# Keras's own, of NumPy 2.
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    # TensorFlow's own, of its converter.
    pytest.mark.filterwarnings(r"ignore:\s*Warning. tf.lite.Interpreter is deprecated:UserWarning"),
]

CONFIG = tiny(epochs=1.0)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def crossfitted(
    finished: Path, data: Path, weights: Path, cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The finished run, gone on with by the command."""
    folder = tmp_path_factory.mktemp("crossfitted")
    (folder / "empty.toml").touch()
    given = ("--data", data, "--weights", weights, "--cache", cache, "--run", folder / "both")
    fields = ("--config", folder / "empty.toml", *options(CONFIG))
    app(["crossfit", *map(str, (finished, *given, *fields))], standalone_mode=False)
    return folder / "both"


def test_each_source_of_val_is_judged_by_one_training(crossfitted: Path, data: Path) -> None:
    val = read_labels(data / "index.csv", "val")
    logits = predicted(crossfitted, "val", val).logits
    small = [Image.open(e.path).resize((64, 64), Image.Resampling.BILINEAR) for e in val]
    pixels = np.stack([np.asarray(picture) for picture in small])
    parts = [best_model(crossfitted / f"without_part_{part}") for part in (1, 2)]
    given = np.array([model.predict_on_batch(pixels)[:, 0] for model in parts])
    judges = np.abs(given - logits).argmin(axis=0)
    assert given[judges, np.arange(len(val))] == pytest.approx(logits, abs=1e-2)
    assert np.abs(given[0] - given[1]).min() > 0.02
    assert set(judges) == {0, 1}
    assert len(set(zip((e.source for e in val), judges, strict=True))) == 3


def test_a_training_learns_from_all_of_val_but_what_it_judges() -> None:
    train, *val = (
        LabelledPicture(Path(f"{source}-{label}.jpg"), label, source=source)
        for source in ("t", "a", "b", "c")
        for label in ("meme", "not_meme")
    )
    splits = {"train": [train], "val": val}
    part_of = np.array([0 if example.source == "b" else 1 for example in val])
    first, second = (without(part, splits, part_of) for part in (0, 1))
    assert {e.source for e in first["val"]} == {"b"}
    assert first["train"] == [e for e in (train, *val) if e.source != "b"]
    assert second["train"] == [e for e in (train, *val) if e is train or e.source == "b"]
    assert sorted(map(str, first["val"] + second["val"])) == sorted(map(str, val))


def test_its_weights_are_the_mean_and_its_card_says_who_judged_val(
    crossfitted: Path, finished: Path, data: Path, cache: Path
) -> None:
    parts = [best_model(crossfitted / f"without_part_{part}").get_weights() for part in (1, 2)]
    whole = best_model(crossfitted).get_weights()
    assert not np.array_equal(whole[-2], best_model(finished).get_weights()[-2])
    for first, second, mean in zip(*parts, whole, strict=True):
        assert mean == pytest.approx((first + second) / 2, abs=1e-6)

    card = export(crossfitted, data, crossfitted / "model", cache, "float32", ("float32",))
    metrics = json.loads((crossfitted / "metrics.json").read_text())
    assert card["metrics"]["val"]["roc_auc"] == pytest.approx(metrics["val"]["roc_auc"])
    assert card["metrics"]["test"]["roc_auc"] == pytest.approx(metrics["test"]["roc_auc"])
    reached = card["calibration"]["reached"]
    assert card["metrics"]["val"]["overall"]["recall"]["at_threshold"] == reached["recall"]
    # In Keras the same model, which has learned from val, differs from it by rounding alone.
    assert card["variants"][0]["largest_difference"] < 1e-3
    page = (crossfitted / "model/card.md").read_text()
    assert "The model has learned from val, too" in page
    assert "They began with finished: `memes train`" in page
    runs, _ = read_runs([crossfitted, finished])
    assert "- both learned from val, too" in compared(runs, "memes compare", "plot.svg")
    assert {run.name: run.epochs for run in runs} == {"finished": 6.0, "both": 8.0}


def test_a_finished_one_is_not_trained_again(
    crossfitted: Path, finished: Path, data: Path, weights: Path, cache: Path
) -> None:
    before = (crossfitted / "best.keras").stat().st_mtime_ns
    told: list[str] = []
    again = crossfit(
        *(finished, data, weights, crossfitted, CONFIG, cache), screen=Screen(tell=told.append)
    )
    assert again == json.loads((crossfitted / "metrics.json").read_text())["val"]
    assert told == [f"{crossfitted} is finished; name another --run to train anew."]
    assert (crossfitted / "best.keras").stat().st_mtime_ns == before


def test_it_goes_on_after_a_stop_to_the_same_result(
    crossfitted: Path, finished: Path, data: Path, weights: Path, cache: Path, tmp_path: Path
) -> None:
    with pytest.raises(Stopped):
        crossfit(
            *(finished, data, weights, tmp_path / "both", CONFIG, cache),
            screen=stopped_when_told("Part 2"),
        )
    assert not (tmp_path / "both/metrics.json").exists()
    again = crossfit(finished, data, weights, tmp_path / "both", CONFIG, cache)
    assert again == json.loads((crossfitted / "metrics.json").read_text())["val"]
    assert not list((tmp_path / "both").rglob("checkpoint.npz"))


# Its sources are few for so many parts.
@pytest.mark.filterwarnings("ignore:The least populated class:UserWarning")
def test_one_that_was_stopped_goes_on_with_as_many_parts_only(
    finished: Path, data: Path, weights: Path, cache: Path, tmp_path: Path
) -> None:
    both = tmp_path / "both"
    with pytest.raises(Stopped):
        crossfit(finished, data, weights, both, CONFIG, cache, screen=stopped_at("Training", 0))
    with pytest.raises(UsageError, match="was begun with other data"):
        crossfit(finished, data, weights, both, CONFIG, cache, parts=3)


def test_a_cross_fitted_run_is_gone_on_with_part_by_part(
    crossfitted: Path, data: Path, weights: Path, cache: Path, tmp_path: Path
) -> None:
    still = tiny(epochs=0.1, learning_rate=1e-12, ema_momentum=0.0, weight_decay=0.0)
    again = tmp_path / "again"
    crossfit(crossfitted, data, weights, again, still, cache)
    for part in ("without_part_1", "without_part_2"):
        before, after = (best_model(run / part).get_weights() for run in (crossfitted, again))
        assert all(map(np.allclose, before, after))


def test_a_part_is_taught_by_what_left_out_the_same_part(
    crossfitted: Path, finished: Path, data: Path, weights: Path, cache: Path, tmp_path: Path
) -> None:
    # Of the other teacher another training left out the second part.
    other = tmp_path / "other"
    shutil.copytree(crossfitted, other)
    shutil.copy(finished / "best.keras", other / "without_part_2/best.keras")
    given = ("--data", data, "--weights", weights, "--cache", cache, "--config", "/dev/null")
    for teacher in (crossfitted, other):
        taught = ("--teacher", teacher, "--run", tmp_path / f"by_{teacher.name}")
        line = ("crossfit", finished, *given, *taught, *options(tiny(epochs=1.0, taught=1.0)))
        app([str(word) for word in line], standalone_mode=False)
    for part, alike in ((1, True), (2, False)):
        runs = (tmp_path / f"by_{name}" / f"without_part_{part}" for name in ("both", "other"))
        first, second = (best_model(run).get_weights() for run in runs)
        assert all(map(np.array_equal, first, second)) == alike
    run = tmp_path / "by_both"
    export(run, data, run / "model", cache, "float32", ("float32",))
    assert "without a part of val, taught by both " in (run / "model/card.md").read_text()


def test_what_cannot_be_gone_on_with_is_told(
    crossfitted: Path, finished: Path, data: Path, weights: Path, cache: Path, tmp_path: Path
) -> None:
    other = tiny(top_layers=(4,))
    with pytest.raises(UsageError, match="is of another network"):
        crossfit(finished, data, weights, tmp_path / "other", other, cache)
    with pytest.raises(UsageError, match="tuned layers that are frozen now"):
        crossfit(finished, data, weights, tmp_path / "other", tiny(frozen_to="backbone"), cache)
    with pytest.raises(UsageError, match="both learned from val, so figures on val"):
        crossfit(crossfitted, data, weights, tmp_path / "other", CONFIG, cache, parts=3)
    with pytest.raises(UsageError, match="both learned from val, so figures on val"):
        train(data, weights, tmp_path / "other", tiny(), cache, teachers=[crossfitted])
    with pytest.raises(UsageError, match="4 folds need as many sources; there are 3"):
        crossfit(finished, data, weights, tmp_path / "other", CONFIG, cache, parts=4)
