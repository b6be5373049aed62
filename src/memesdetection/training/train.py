"""Train a classifier by transfer learning: the head on frozen features first, then all layers.

    memes train --data ../shared/data --weights ../shared/weights

writes `runs/<name>/`: `recipe.json` (hyper-parameters, seed, versions, commit), `history.csv`
(log loss, accuracy and AUC by epoch) and `best.keras` (the epoch with the best AUC on val).
Started again after a stop, it goes on with the epoch after the last whole one.
A whole run is not trained again: `runs/<name>` must go, or `--run` name another.
"""

from __future__ import annotations

import csv
import json
import platform
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np
from keras import layers

from ..errors import UsageError
from ..labels import LabelledPicture, read_labels
from .backbones import BACKBONES, feature_extractor
from .dataset import Batches, sampling_weights


@dataclass(frozen=True)
class Recipe:
    """Hyper-parameters, each with the reason for its value."""

    backbone: str = "efficientnet_lite0"
    """The smallest that is good enough; it quantises well."""

    batch_size: int = 64
    """The largest whose activations stay in 4 GB."""

    head_epochs: int = 30
    """Epochs of the head on embeddings computed once; seconds each, and flat after 20."""

    head_learning_rate: float = 1e-3

    epochs: int = 3
    """Passes over as many pictures as train has; the third was no better on val than the second."""

    learning_rate: float = 2e-4
    """Peak of the warm-up; higher rates forget what ImageNet taught of ordinary pictures."""

    warmup: float = 0.1
    """Share of all steps in which the rate rises to its peak, before the cosine takes it to 0."""

    weight_decay: float = 0.01

    label_smoothing: float = 0.02
    """About the share of wrong labels among the memes."""

    dropout: float = 0.2

    ema_momentum: float = 0.995
    """Exponential moving average of the weights, over some 200 steps, in place of the last ones."""

    seed: int = 4


def build(recipe: Recipe, weights_folder: Path) -> keras.Model:
    """A classifier from uint8 pixels [N, size, size, 3] to the meme logit, float32 [N, 1].

    Its layers: the feature extractor, `embedding` (the mean), `dropout`, `logit` (the head).
    """
    extractor = feature_extractor(recipe.backbone, weights_folder)
    embedding = layers.GlobalAveragePooling2D(name="embedding")(extractor.output)
    regularised = layers.Dropout(recipe.dropout, name="dropout")(embedding)
    logit = layers.Dense(1, name="logit")(regularised)
    return keras.Model(extractor.input, logit, name=recipe.backbone)


def train_head(model: keras.Model, examples: list[LabelledPicture], recipe: Recipe) -> None:
    """Fit the head alone on the embeddings of whole pictures, in place."""
    size = model.input_shape[1]
    embed = keras.Model(model.input, model.get_layer("embedding").output)
    embeddings = embed.predict(Batches(examples, size, recipe.batch_size))
    labels = np.array([[example.is_meme] for example in examples], dtype=np.float32)

    inputs = layers.Input(embeddings.shape[1:])
    head = keras.Model(inputs, model.get_layer("logit")(inputs))
    head.compile(
        optimizer=keras.optimizers.Adam(recipe.head_learning_rate),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
    )
    head.fit(
        embeddings,
        labels,
        sample_weight=sampling_weights(examples) * len(examples),
        batch_size=recipe.batch_size,
        epochs=recipe.head_epochs,
        verbose=2,
    )


def fine_tune(
    model: keras.Model,
    train: list[LabelledPicture],
    val: list[LabelledPicture],
    recipe: Recipe,
    run: Path,
) -> None:
    """Fit all layers but the batch statistics; `run/best.keras` keeps the best epoch on val."""
    for layer in model.get_layer(recipe.backbone).layers:
        # With batches of 64 of another domain the statistics would drift from ImageNet's.
        if isinstance(layer, layers.BatchNormalization):
            layer.trainable = False

    history = run / "history.csv"
    done = []
    if history.exists():
        with history.open(newline="") as file:
            done = [float(epoch["val_auc"]) for epoch in csv.DictReader(file)]
    size = model.input_shape[1]
    batches = Batches(train, size, recipe.batch_size, recipe.seed, first_epoch=len(done))
    steps = len(batches) * recipe.epochs
    rate = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,
        warmup_target=recipe.learning_rate,
        warmup_steps=round(recipe.warmup * steps),
        decay_steps=round((1 - recipe.warmup) * steps),
    )
    model.compile(
        optimizer=keras.optimizers.AdamW(
            rate,
            weight_decay=recipe.weight_decay,
            use_ema=True,
            ema_momentum=recipe.ema_momentum,
        ),
        loss=keras.losses.BinaryCrossentropy(
            from_logits=True, label_smoothing=recipe.label_smoothing
        ),
        metrics=[
            keras.metrics.BinaryCrossentropy(from_logits=True, name="log_loss"),
            keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy"),
            keras.metrics.AUC(num_thresholds=2000, from_logits=True, name="auc"),
        ],
    )
    model.fit(
        batches,
        validation_data=Batches(val, size, recipe.batch_size),
        epochs=recipe.epochs,
        callbacks=[
            # Before the swap: a resumed run needs the weights themselves, not their average.
            keras.callbacks.BackupAndRestore(run / "backup", delete_checkpoint=False),
            keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
            keras.callbacks.ModelCheckpoint(
                run / "best.keras",
                monitor="val_auc",
                mode="max",
                save_best_only=True,
                initial_value_threshold=max(done, default=None),
            ),
            keras.callbacks.CSVLogger(history, append=True),
        ],
        verbose=2,
    )


def train(data: Path, weights_folder: Path, run: Path, recipe: Recipe) -> None:
    """Train a classifier and leave all that an export needs in `run`.

    Args:
        data: folder of `index.csv` and the labelled pictures.
        weights_folder: folder of the pretrained backbones' weights.
        run: folder for what the training writes; goes on from what is there.
        recipe: the hyper-parameters.

    Raises:
        UsageError: data or weights are missing, or `run` was started with another recipe.
    """
    keras.utils.set_random_seed(recipe.seed)
    train_examples, val_examples = (
        read_labels(data / "index.csv", split) for split in ("train", "val")
    )
    model = build(recipe, weights_folder)

    if (run / "recipe.json").exists():
        _check_same(recipe, run)
    else:
        run.mkdir(parents=True, exist_ok=True)
        written = asdict(recipe) | {"keras": keras.__version__, "python": platform.python_version()}
        written |= {"commit": commit(), "weights_source": BACKBONES[recipe.backbone].weights_source}
        (run / "recipe.json").write_text(json.dumps(written, indent=2) + "\n")

    if not (run / "backup").exists():
        train_head(model, train_examples, recipe)
    fine_tune(model, train_examples, val_examples, recipe, run)


def _check_same(recipe: Recipe, run: Path) -> None:
    started = json.loads((run / "recipe.json").read_text())
    if any(started.get(name) != value for name, value in asdict(recipe).items()):
        raise UsageError(f"The run {run} was started with another recipe; name another --run.")


def commit() -> str:
    """The commit of the running code, with a `+` if the tree has changes; empty without git."""
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty=+"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return described.stdout.strip()
