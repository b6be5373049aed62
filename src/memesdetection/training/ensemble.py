"""The ensemble: the mean logit of several trained classifiers, as a run of its own.

    memes ensemble runs/phone runs/mobilenet_v2 --run runs/server

What one training saw wrongly another often sees right. Where each head is linear, the mean of the
logits is again a linear head, on all feature maps side by side; so the ensemble is calibrated,
exported and explained like any other classifier.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from ..errors import UsageError
from ..labels import LabelledPicture
from .cache import told_errors
from .description import measured_on, passes
from .run import (
    Predictions,
    best_model,
    check_labels,
    commit,
    described_run,
    finished,
    predicted,
    versions,
)
from .train import label_tables, read_splits

SPLITS = ("train", "val", "test")


def ensemble(
    members: Sequence[Path], data: Path, folder: Path, corrections: Path | None = None
) -> dict[str, dict[str, float]]:
    """Join finished runs to one.

    Args:
        members: folders of two or more runs on the same data, without top layers, of one input
            size and with feature maps of one size.
        data: folder of `index.csv` and the labelled pictures.
        folder: of the joined run.
        corrections: the file of corrected labels that they learned from.

    Returns:
        Its figures by split.

    Raises:
        UsageError: the runs cannot be joined or are of other labels, or there is another run in the
            folder.
        OutputError: the folder cannot be written.
    """
    if len(members) < 2:
        raise UsageError("An ensemble needs two runs or more.")
    if (folder / "run.json").exists():
        raise UsageError(f"There is a run in {folder}; name another --run, or delete that folder.")
    described = [described_run(member) for member in members]
    if any(measured_on(each["data"]) != measured_on(described[0]["data"]) for each in described):
        raise UsageError("The runs are of different data; join only runs of the same data.")
    check_labels(members[0], label_tables(data, corrections))
    model = joined([best_model(member) for member in members])
    splits = read_splits(data, corrections)
    predictions = {split: _mean(members, splits[split], split) for split in SPLITS}
    with told_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        model.save(folder / "best.keras")
        return finished(folder, _described(members, described, model), predictions)


def joined(models: Sequence[keras.Model]) -> keras.Model:
    """The classifier whose logit is the mean of those of classifiers with linear heads.

    Args:
        models: as `network.build` makes them, from uint8 [N, size, size, 3] to a logit [N, 1].

    Raises:
        UsageError: a model has top layers, or sizes differ.
    """
    maps = [model.get_layer("embedding").input for model in models]
    if any(isinstance(layer, layers.Dense) for model in models for layer in model.layers[:-1]):
        raise UsageError("A run has top layers; only runs without any can be joined.")
    if (
        len(
            {(model.input_shape, each.shape[1:3]) for model, each in zip(models, maps, strict=True)}
        )
        > 1
    ):
        raise UsageError("The runs differ in the size of their input or of their feature maps.")
    pixels = layers.Input(models[0].input_shape[1:], dtype="uint8", name="pixels")
    features = [
        keras.Model(model.input, each, name=f"member_{number}")(pixels)
        for number, (model, each) in enumerate(zip(models, maps, strict=True), 1)
    ]
    x = layers.Concatenate(name="features")(features)
    x = layers.GlobalAveragePooling2D(name="embedding")(x)
    logit = layers.Dense(1, name="logit")
    whole = keras.Model(pixels, logit(x), name="ensemble")
    heads = [model.get_layer("logit").get_weights() for model in models]
    logit.set_weights(
        [
            np.concatenate([kernel for kernel, _ in heads]) / len(heads),
            np.mean([bias for _, bias in heads], axis=0),
        ]
    )
    return whole


def _mean(members: Sequence[Path], examples: list[LabelledPicture], split: str) -> Predictions:
    each = [predicted(member, split, examples) for member in members]
    paths = [[example.path for example in predictions.examples] for predictions in each]
    if any(mine != paths[0] for mine in paths):
        raise UsageError(f"The runs were evaluated on different pictures of {split}.")
    return Predictions(each[0].examples, np.mean([one.logits for one in each], axis=0))


def _described(
    members: Sequence[Path], described: Sequence[dict[str, Any]], model: keras.Model
) -> dict[str, Any]:
    """What `run.json` says, with that of each member."""
    sources = dict.fromkeys(each["weights_source"] for each in described)
    return {
        "config": {
            "backbone": " + ".join(each["config"]["backbone"] for each in described),
            "epochs": sum(map(passes, described)),
        },
        "weights_source": "; ".join(sources),
        "weights_are_original": all(each["weights_are_original"] for each in described),
        "data": described[0]["data"],
        "commit": commit(),
        "versions": versions(),
        "parameters": model.count_params(),
        "seconds": sum(each["seconds"] for each in described),
        "members": [
            {"name": member.resolve().name, **each}
            for member, each in zip(members, described, strict=True)
        ],
    }
