"""Makes run folders as a training leaves them, without training."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from memesdetection.classifier import MODELS_FOLDER

IMAGENET = "ImageNet weights of somebody's; MIT"
DATA = "300f005af5d4e45f95af1916a53766a4049ca75cd2eee68b35c549ef8b2fbaf9"


def figures(pictures: int, auc: float, log_loss: float) -> dict[str, float]:
    return {
        "pictures": pictures,
        "log_loss": log_loss,
        "accuracy": auc - 0.05,
        "roc_auc": auc,
        "recall_at_fpr_0.01": auc - 0.25,
        "recall_at_fpr_0.002": auc - 0.45,
    }


def finished_run(
    folder: Path,
    auc: float = 0.95,
    log_loss: float = 0.25,
    exported: bool = False,
    weights_source: str = IMAGENET,
    **described: Any,
) -> Path:
    """A run with these figures on val and better ones on train and test."""
    folder.mkdir(parents=True)
    run = {
        "config": {"backbone": "resnet50", "epochs": 3.0},
        "weights_source": weights_source,
        "weights_are_original": weights_source == IMAGENET,
        "data": {"index_sha256": DATA},
        "parameters": 23_587_712,
        "seconds": 1230.0,
    }
    metrics = {
        "train": figures(2000, auc + 0.02, log_loss - 0.1),
        "val": figures(1731, auc, log_loss),
        "test": figures(2662, auc + 0.01, log_loss - 0.01),
    }
    (folder / "run.json").write_text(json.dumps({**run, **described}))
    (folder / "metrics.json").write_text(json.dumps(metrics))
    if exported:
        shutil.copytree(MODELS_FOLDER / "phone", folder / "model")
    return folder


def unfinished_run(folder: Path) -> Path:
    """A run that was stopped: no figures yet."""
    finished_run(folder)
    (folder / "metrics.json").unlink()
    return folder
