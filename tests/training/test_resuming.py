"""A training that is stopped, in whatever way and whenever, goes on to the same result."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import Memes
from tiny import Stopped, history, options, stopped_at, stopped_when_told, tiny

from memesdetection.training.run import best_model
from memesdetection.training.screen import Screen
from memesdetection.training.train import train

# Keras's own, of NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

LONG = tiny(dropout=0.5, views=6, epochs=15.0, checkpoint_steps=1)


def same_results(run: Path, other: Path) -> None:
    assert len(history(run)) == len(history(other))
    for row, expected in zip(history(run), history(other), strict=True):
        assert row == pytest.approx(expected, rel=1e-4, abs=1e-6)
    for weight, expected in zip(
        best_model(run).get_weights(), best_model(other).get_weights(), strict=True
    ):
        np.testing.assert_allclose(weight, expected, rtol=1e-4, atol=1e-5)
    with np.load(run / "predictions.npz") as mine, np.load(other / "predictions.npz") as theirs:
        np.testing.assert_allclose(mine["test_logits"], theirs["test_logits"], rtol=1e-3, atol=1e-4)


def started(data: Path, weights: Path, run: Path) -> subprocess.Popen[str]:
    cache = run.parent / f"{run.name}-cache"
    return Memes().start(
        *("train", "--data", data, "--weights", weights, "--run", run, "--cache", cache),
        *options(LONG),
        env=None,
    )


def killed_when(training: subprocess.Popen[str], folder: Path, pattern: str) -> None:
    """Kill it at some moment after such a file is there."""
    while not list(folder.glob(pattern)):
        assert training.poll() is None, training.communicate()
        time.sleep(0.01)
    time.sleep(random.uniform(0, 0.5))
    assert training.poll() is None, "it ended before it could be killed"
    training.kill()
    training.communicate()
    assert training.returncode == -signal.SIGKILL


def ended(training: subprocess.Popen[str]) -> None:
    _, told = training.communicate()
    assert training.returncode == 0, told


@pytest.fixture(scope="module")
def uninterrupted(data: Path, weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("runs") / "whole"
    ended(started(data, weights, run))
    return run


@pytest.fixture(scope="module")
def killed_twice(data: Path, weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("runs") / "killed"
    cache = run.parent / "killed-cache"
    killed_when(started(data, weights, run), cache, "features-*.f16")
    assert not (run / "history.csv").exists()
    killed_when(started(data, weights, run), run, "history.csv")
    ended(started(data, weights, run))
    return run


def test_a_killed_training_goes_on_to_the_same_result(
    killed_twice: Path, uninterrupted: Path
) -> None:
    same_results(killed_twice, uninterrupted)


def test_the_curves_of_a_killed_training_have_no_gap(killed_twice: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(killed_twice / "tensorboard")).Reload()
    steps = [event.step for event in events.Scalars("val/log_loss")]
    assert steps == [row["step"] for row in history(killed_twice)]


@pytest.mark.parametrize(
    ("fields", "screen"),
    [
        pytest.param({"views": 3}, stopped_at("Training", 0), id="after the head was fitted"),
        pytest.param(
            {"checkpoint_steps": 3, "accumulation": 2},
            stopped_at("Training", 8),
            id="between two checkpoints, of which one was amid an accumulation",
        ),
        pytest.param(
            {"optimizer": "nadam", "precision": "mixed_bfloat16", "top_layers": (8,)},
            stopped_at("Training", 7),
            id="in half precision",
        ),
        pytest.param(
            {"learning_rate": 1e-30, "ema_momentum": 0.0, "patience": 1},
            stopped_when_told("Stopped early"),
            id="after it had stopped early",
        ),
    ],
)
def test_an_interrupted_training_goes_on_to_the_same_result(
    fields: dict[str, Any], screen: Screen, data: Path, weights: Path, tmp_path: Path
) -> None:
    config, cache = tiny(dropout=0.5, **fields), tmp_path / "cache"
    train(data, weights, tmp_path / "whole", config, cache)
    with pytest.raises(Stopped):
        train(data, weights, tmp_path / "run", config, cache, screen=screen)
    train(data, weights, tmp_path / "run", config, cache)
    same_results(tmp_path / "run", tmp_path / "whole")


def test_a_finished_run_is_not_trained_again(run: Path, data: Path, weights: Path) -> None:
    before = (run / "best.keras").stat()
    told: list[str] = []
    train(data, weights, run, tiny(), run.parent / "cache", screen=Screen(tell=told.append))
    assert told == [f"{run} is finished; name another --run to train anew."]
    assert (run / "best.keras").stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.parametrize(
    ("limit", "fields"),
    [
        pytest.param(100_000, {}, id="no room for decoded pictures"),
        pytest.param(3_000_000, {}, id="no room for a checkpoint"),
        pytest.param(3_000_000, {"head_epochs": 0}, id="no room for the best model"),
    ],
)
def test_a_full_disk_is_told_and_the_training_goes_on_when_there_is_room(
    limit: int, fields: dict[str, Any], data: Path, weights: Path, tmp_path: Path
) -> None:
    config, run, cache = tiny(**fields), tmp_path / "run", tmp_path / "cache"
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))"
    then_run = "import os, sys; os.execv(sys.argv[1], sys.argv[1:])"
    command = Memes().command(
        *("train", "--data", data, "--weights", weights, "--run", run, "--cache", cache),
        *options(config),
    )
    failed = subprocess.run(
        [command[0], "-c", f"{limited}; {then_run}", *command], capture_output=True, text=True
    )
    assert failed.returncode == 1
    assert "Traceback" not in failed.stderr
    told = failed.stderr.splitlines()[-1]
    assert told.startswith(f"memes: {tmp_path}")
    assert "cannot be written: File too large." in told
    train(data, weights, run, config, cache)
    assert [row["step"] for row in history(run)] == [5, 10, 12]


def test_a_run_can_be_moved_while_it_is_stopped(data: Path, weights: Path, tmp_path: Path) -> None:
    config, cache = tiny(), tmp_path / "cache"
    with pytest.raises(Stopped):
        train(data, weights, tmp_path / "run", config, cache, screen=stopped_at("Training", 7))
    shutil.move(tmp_path / "run", tmp_path / "moved")
    train(data, weights, tmp_path / "moved", config, tmp_path / "other-cache")
    assert [row["step"] for row in history(tmp_path / "moved")] == [5, 10, 12]
