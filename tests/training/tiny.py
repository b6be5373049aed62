"""Trainings that end within seconds, and ways to stop them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from memesdetection.training.config import Config
from memesdetection.training.screen import Screen

FIELDS: dict[str, Any] = {
    "backbone": "mobilenet_v2",
    "size": 64,
    "frozen_to": "block_16_project_BN",
    "cache_frozen": True,
    "head_epochs": 3,
    "batch_size": 9,
    "epochs": 6.0,
    "evaluate_steps": 5,
    "learning_rate": 1e-3,
    "ema_momentum": 0.9,
}


def tiny(**fields: Any) -> Config:
    """The last layers of MobileNetV2, twelve steps of nine pictures, three evaluations."""
    return Config(**FIELDS | fields)


def options(config: Config) -> list[str]:
    """What sets these fields on the command line."""
    values = config.model_dump(mode="json", exclude_defaults=True)
    return [f"--set={name}={json.dumps(value)}" for name, value in values.items()]


def history(run: Path) -> list[dict[str, float]]:
    """The evaluations on val; how long they took is left out."""
    with open(run / "history.csv", newline="") as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    for row in rows:
        del row["seconds"]
    return rows


def picture(data: Path, number: int) -> Path:
    """One of the labelled pictures; 0 to 3 are memes, 4 to 7 are not, and so on."""
    (found,) = data.glob(f"*/*/{number}.webp")
    return found


class Stopped(Exception):
    """Somebody stopped the training."""


def stopped_at(doing: str, item: int) -> Screen:
    """A screen that stops the training before so many items of some computation are done."""

    def progress(items: Iterable[int], total: int, now: str) -> Iterator[int]:
        for number, each in enumerate(items):
            if (now, number) == (doing, item):
                raise Stopped
            yield each

    return Screen(progress)


def stopped_when_told(start: str) -> Screen:
    """A screen that stops the training when it tells a sentence that starts so."""

    def tell(sentence: str) -> None:
        if sentence.startswith(start):
            raise Stopped

    return Screen(tell=tell)
