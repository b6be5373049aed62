"""What TensorBoard shows of a training, read back as TensorBoard reads it."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tiny import history

# Keras's own, of NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def events(finished: Path) -> Any:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    accumulator = EventAccumulator(str(finished / "tensorboard"), size_guidance={"images": 0})
    return accumulator.Reload()


def test_curves_hold_what_the_history_holds(events: Any, finished: Path) -> None:
    shown = {event.step: event.value for event in events.Scalars("val/log_loss")}
    assert shown == pytest.approx({row["step"]: row["log_loss"] for row in history(finished)})
    assert [event.step for event in events.Scalars("train/loss")] == [10, 12]
    rates = [event.value for event in events.Scalars("train/learning_rate")]
    assert rates[0] > rates[1] == 0


@pytest.mark.parametrize(
    ("tag", "steps"), [("batch", [1]), ("filters", [5, 10, 12]), ("worst_misses", [5, 10, 12])]
)
def test_pictures_are_shown(events: Any, tag: str, steps: list[int]) -> None:
    images = events.Images(tag)
    assert [image.step for image in images] == steps
    with Image.open(io.BytesIO(images[-1].encoded_image_string)) as picture:
        picture.load()
        assert picture.getextrema() != ((0, 0), (0, 0), (0, 0))


def test_a_full_disk_is_told_and_does_not_hold_up_the_training(tmp_path: Path) -> None:
    script = """
import resource, sys
from pathlib import Path
import numpy as np
from memesdetection.errors import OutputError
from memesdetection.training.board import Board

resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
noise = np.random.default_rng(0).integers(0, 256, (16, 160, 160, 3), dtype=np.uint8)
try:
    board = Board(Path(sys.argv[1]), 0)
    for step in range(30):
        board.batch(noise, np.ones(16), step)
    board.close()
except OutputError as error:
    print(error)
"""
    told = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "board"],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert told.stdout.startswith(f"{tmp_path / 'board'} cannot be written: File too large.")
