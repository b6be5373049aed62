"""The board: what TensorBoard shows of a training, figures and pictures.

tensorboard --logdir runs
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers
from PIL import Image, ImageDraw
from tensorboardX import summary
from tensorboardX.event_file_writer import EventsWriter
from tensorboardX.proto.event_pb2 import Event, SessionLog

from .cache import Pixels, told_errors

_TILE = 160
_SHOWN = 16


class Board:
    """Writes one training's events; a training that goes on replaces those after its step.

    Each method raises `OutputError` if the folder cannot be written.
    """

    # `SummaryWriter` writes in a thread, whose end on a full disk would hold up the training.
    def __init__(self, folder: Path, step: int) -> None:
        """Open the folder of the events for a training that stands at this step."""
        self._folder = folder
        with told_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._writer = EventsWriter(str(folder / "events"))
            if step:
                self._write(step + 1, session_log=SessionLog(status=SessionLog.START))

    def scalars(self, group: str, figures: Mapping[str, float], step: int) -> None:
        """Show figures as curves, such as `val/log_loss`."""
        for name, value in figures.items():
            self._write(step, summary=summary.scalar(f"{group}/{name}", value))

    def batch(self, pictures: Sequence[np.ndarray], labels: np.ndarray, step: int) -> None:
        """Show pictures uint8 [h, w, 3] of one batch with their labels, float [n], 1 for meme."""
        texts = ["meme" if label else "not_meme" for label in labels]
        self._image("batch", _sheet(pictures, texts), step)

    def mistakes(
        self, pixels: Pixels, is_meme: np.ndarray, probabilities: np.ndarray, step: int
    ) -> None:
        """Show the pictures whose probability, float [n], is farthest from the label, bool [n]."""
        worst = np.argsort(-np.abs(probabilities - is_meme))[:_SHOWN]
        for name, label in (("false_alarms", False), ("misses", True)):
            chosen = [i for i in worst if is_meme[i] == label]
            if chosen:
                texts = [f"{probabilities[i]:.3f} {pixels.examples[i].kind}" for i in chosen]
                sheet = _sheet([pixels[i] for i in chosen], texts)
                self._image(f"worst_{name}", sheet, step)

    def filters(self, model: keras.Model, step: int) -> None:
        """Show the kernels of the first convolution, each scaled to its own range."""
        first = next(layer for layer in model.layers if isinstance(layer, layers.Conv2D))
        kernels = np.moveaxis(first.get_weights()[0], -1, 0)
        low, high = (f(kernels, axis=(1, 2, 3), keepdims=True) for f in (np.min, np.max))
        scaled = np.uint8(255 * (kernels - low) / np.maximum(high - low, 1e-12))
        tiles = [np.pad(k.repeat(8, 0).repeat(8, 1), ((1, 1), (1, 1), (0, 0))) for k in scaled]
        columns = 8
        tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
        rows = [np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles), columns)]
        self._image("filters", np.vstack(rows), step)

    def close(self) -> None:
        """Close the file of the events."""
        with told_errors(self._folder):
            self._writer.close()

    def _image(self, name: str, pixels: np.ndarray, step: int) -> None:
        self._write(step, summary=summary.image(name, pixels, dataformats="HWC"))

    def _write(self, step: int, **content: Any) -> None:
        with told_errors(self._folder):
            self._writer.write_event(Event(wall_time=time.time(), step=step, **content))
            self._writer.flush()


def _sheet(pictures: Sequence[np.ndarray], texts: Sequence[str], columns: int = 4) -> np.ndarray:
    """Pictures as squares in rows, each with its text below, uint8 [h, w, 3]."""
    pairs = list(zip(pictures, texts, strict=False))[:_SHOWN]
    line = 16
    rows = -(-len(pairs) // columns)
    sheet = Image.new("RGB", (columns * _TILE, rows * (_TILE + line)), "white")
    draw = ImageDraw.Draw(sheet)
    for i, (picture, text) in enumerate(pairs):
        left, top = i % columns * _TILE, i // columns * (_TILE + line)
        sheet.paste(Image.fromarray(picture).resize((_TILE, _TILE)), (left, top))
        draw.text((left + 2, top + _TILE + 2), text, fill="black")
    return np.asarray(sheet)
