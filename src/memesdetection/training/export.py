"""Export: from a trained Keras classifier to the model folder that ships.

    memes export runs/phone --data ../shared/data --output src/memesdetection/models/phone

calibrates on val, converts, chooses the thresholds on val, measures on val and test through the
very code that users run, and writes `model.tflite`, `card.json` and `card.md`.
"""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, get_args

import keras
import numpy as np
from keras import layers
from sklearn.metrics import roc_auc_score

from .. import evaluation
from ..classifier import Classifier, Thresholds
from ..corrections import read_corrected
from ..errors import UsageError
from ..labels import LabelledPicture, read_labels
from .cache import Pixels, told_errors
from .calibration import (
    Rates,
    calibrate,
    choose_thresholds,
    reached,
    read_calibration,
    strictness,
)
from .card import contract, described_data, markdown
from .dataset import PixelInputs
from .description import learned_from_val
from .latency import milliseconds
from .run import (
    Predictions,
    best_model,
    check_labels,
    commit,
    described_run,
    predicted,
)
from .screen import SILENT, Screen
from .train import label_tables

Variant = Literal["int8", "dynamic", "float16", "float32"]
VARIANTS: tuple[Variant, ...] = get_args(Variant)

REPRESENTATIVE_PICTURES = 500
_JUDGED_AT_ONCE = 64


def inference_model(trained: keras.Model, temperature: float) -> keras.Model:
    """The trained classifier with all that a verdict needs, calibrated.

    The head becomes a 1x1 convolution over the feature map, divided by the temperature. Its output
    is a class activation map (Zhou et al., arXiv 1512.04150) whose mean is the logit, since both
    the head and the mean are linear. With top layers, which are not linear, the map of the whole
    head at each place is moved by a constant so that its mean is the logit.

    Args:
        trained: from uint8 pixels to the logit, layers named as by `network.build`.
        temperature: divides the logit (Guo et al., arXiv 1706.04599).

    Returns:
        A model from uint8 [N, size, size, 3] to a dict of float32 outputs: `logit` [N, 1],
        `embedding` [N, channels] and `heat_map` [N, h, w, 1].

    Raises:
        UsageError: the logit is not that of the mean of the feature map.
    """
    if not isinstance(trained.layers[-1], layers.Dense):
        raise UsageError("Only runs with pooling = mean can be exported.")
    features = trained.get_layer("embedding").input
    embedding = layers.GlobalAveragePooling2D(name="embedding_mean")(features)
    tops = [layer for layer in trained.layers if isinstance(layer, layers.Dense)][:-1]
    heat_map = features
    for layer in tops:
        heat_map = _as_convolution(layer, heat_map, activation="relu")
    heat_map = _as_convolution(trained.get_layer("logit"), heat_map, divisor=temperature)
    # Without a reshape behind it, which int8 would quantise.
    logit = layers.GlobalAveragePooling2D(name="logit_mean")(heat_map)
    if tops:
        mean = layers.GlobalAveragePooling2D(keepdims=True, name="mean_of_map")(heat_map)
        x = embedding
        for layer in tops:
            x = layer(x)
        calibrated = layers.Dense(1, name="calibrated_logit")
        logit = calibrated(x)
        calibrated.set_weights([w / temperature for w in trained.get_layer("logit").get_weights()])
        moved = layers.Subtract(name="heat_map_around_0")([heat_map, mean])
        whole = layers.Reshape((1, 1, 1), name="logit_of_map")(logit)
        heat_map = layers.Add(name="heat_map_around_logit")([moved, whole])
    return keras.Model(
        trained.input, {"logit": logit, "embedding": embedding, "heat_map": heat_map}
    )


def _as_convolution(
    dense: keras.layers.Dense,
    inputs: keras.KerasTensor,
    activation: str | None = None,
    divisor: float = 1.0,
) -> keras.KerasTensor:
    """A dense layer at each place of a feature map, its result divided."""
    kernel, bias = dense.get_weights()
    layer = layers.Conv2D(kernel.shape[1], 1, activation=activation, name=f"{dense.name}_map")
    outputs = layer(inputs)
    layer.set_weights([kernel[None, None] / divisor, bias / divisor])
    return outputs


def to_litert(
    model: keras.Model, variant: Variant, representative: Callable[[], Iterator[list[np.ndarray]]]
) -> bytes:
    """Convert to a LiteRT file.

    - `int8`: weights and activations in 8 bits, per channel, with ranges measured on
      `representative`. Means stay in float, because 8 bits are too coarse for a logit at a
      threshold of 0.2 % false alarms: the mean of 49 quantised places has 49 times finer steps.
      Only operators and versions of TensorFlow Lite 2.6 are used, so that Android's 2.16.1 and
      older runtimes load the file.
    - `dynamic`: weights in 8 bits, activations quantised as they come.
    - `float16`: weights in 16 bits. `float32`: nothing is rounded.

    Args:
        model: as `inference_model` makes it.
        variant: how numbers are stored.
        representative: yields pictures of train, each [uint8 [1, size, size, 3]].
    """
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as folder:
        model.export(folder, format="tf_saved_model", verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if variant != "float32":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if variant == "float16":
            converter.target_spec.supported_types = [tf.float16]
        if variant != "int8":
            return converter.convert()
        converter.representative_dataset = representative
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.uint8
        debugger = tf.lite.experimental.QuantizationDebugger(
            converter=converter,
            debug_dataset=representative,
            debug_options=tf.lite.experimental.QuantizationDebugOptions(denylisted_ops=["MEAN"]),
        )
        return debugger.get_nondebug_quantized_model()


def export(
    run: Path,
    data: Path,
    output: Path | None,
    cache: Path,
    variant: Variant = "int8",
    compared: Sequence[Variant] = (),
    screen: Screen = SILENT,
    corrections: Path | None = None,
) -> dict[str, Any]:
    """Export the best model of a run as a model folder.

    Args:
        run: folder that the training wrote; calibrated by the default rates if it is not yet.
        data: folder of `index.csv` and the labelled pictures.
        output: the model's folder, whose name is the model's; None for `model` in the run's folder,
            for a model of the run's name.
        cache: folder for decoded pictures.
        variant: how the numbers of the model are stored.
        compared: variants to measure beside it: size, time, and parity with Keras on val.
        screen: shows what is being done.
        corrections: a file of corrected labels, of which those of val are used.

    Returns:
        The card.

    Raises:
        UsageError: the data are missing or not those of the run, or it is not finished.
        OutputError: the folder cannot be written.
    """
    described = described_run(run)
    check_labels(run, label_tables(data, corrections))
    name, output = (run.name, run / "model") if output is None else (output.name, output)
    train, test = (read_labels(data / "index.csv", split) for split in ("train", "test"))
    val = read_corrected(data, "val", corrections)
    on_val = predicted(run, "val", val)
    calibration = read_calibration(run) or calibrate(on_val.examples, on_val.logits, Rates())
    rates = Rates(**calibration["rates"])
    trained = best_model(run)
    model = inference_model(trained, calibration["temperature"])
    shuffled = np.random.default_rng(0).permutation(len(train))[:REPRESENTATIVE_PICTURES]
    pixels = Pixels([train[i] for i in shuffled], model.input_shape[1], cache, screen)
    inputs = PixelInputs(pixels, model.input_shape[1])

    def representative() -> Iterator[list[np.ndarray]]:
        for i in range(len(inputs)):
            yield [inputs.batch(np.array([i]), None)]

    with tempfile.TemporaryDirectory() as made:
        folders: dict[Variant, Path] = {}
        for stored in dict.fromkeys([variant, *compared]):
            screen.tell(f"Converting to {stored}.")
            content = to_litert(model, stored, representative)
            folders[stored] = Path(made) / stored
            _write_model(folders[stored], content, _first_card(name, model, stored, content))
        folder = folders[variant]
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        screen.tell("Measuring on val and test.")
        held_out = learned_from_val(described)
        calibrated = Predictions(on_val.examples, on_val.logits / calibration["temperature"])
        scored = calibrated if held_out else _scores(val, folder)
        thresholds = choose_thresholds(scored.examples, scored.probabilities, rates)
        card |= {
            "thresholds": asdict(thresholds),
            "strictness": strictness(scored.examples, scored.probabilities, rates),
            "calibration": calibration
            | {"reached": reached(scored.examples, scored.probabilities, thresholds)},
            "commit": commit(),
            "run": described,
            "data": described_data(data / "index.csv"),
            "float_roc_auc_on_val": float(roc_auc_score(on_val.is_meme, on_val.logits)),
        }
        _write_card(folder, card)
        card["metrics"] = {
            "val": evaluation.report(
                _verdicts(calibrated, thresholds) if held_out else _scores(val, folder),
                thresholds.meme,
            ),
            "test": evaluation.report(_scores(test, folder), thresholds.meme),
        }
        if compared:
            card["variants"] = _compared(folders, _judged(model, val, cache, screen), screen)
        _write_card(folder, card)
        (folder / "card.md").write_text(markdown(card) + "\n", encoding="utf-8")
        with told_errors(output):
            # Copied when it is whole: a half-made model must not stand where a good one stood.
            shutil.copytree(folder, output, dirs_exist_ok=True)
    return card


def _first_card(name: str, model: keras.Model, variant: Variant, content: bytes) -> dict[str, Any]:
    """What a classifier needs of a card, with thresholds that call nothing a meme."""
    return {
        "name": name,
        "sha256": sha256(content).hexdigest(),
        "bytes": len(content),
        "variant": variant,
        **contract(model),
        "thresholds": {"meme": 1.0, "unsure": 1.0},
    }


def _verdicts(predictions: Predictions, thresholds: Thresholds) -> evaluation.Scores:
    """What the thresholds make of calibrated predictions."""
    probabilities = predictions.probabilities
    is_meme = probabilities >= thresholds.meme
    is_unsure = ~is_meme & (probabilities >= thresholds.unsure)
    return evaluation.Scores(predictions.examples, probabilities, is_meme, is_unsure, [])


def _judged(
    model: keras.Model, examples: Sequence[LabelledPicture], cache: Path, screen: Screen
) -> Predictions:
    """What the inference model gives in Keras."""
    size = model.input_shape[1]
    pixels = Pixels(examples, size, cache, screen)
    inputs = PixelInputs(pixels, size)
    parts = np.array_split(np.arange(len(inputs)), math.ceil(len(inputs) / _JUDGED_AT_ONCE))
    logits = [model.predict_on_batch(inputs.batch(part, None))["logit"][:, 0] for part in parts]
    return Predictions(pixels.examples, np.concatenate(logits).astype(np.float64))


def _compared(
    folders: dict[Variant, Path], by_keras: Predictions, screen: Screen
) -> list[dict[str, Any]]:
    """Size, time, and parity with Keras on val of each variant."""
    times = milliseconds([Classifier(folder) for folder in folders.values()])
    rows = []
    for (name, folder), time in zip(folders.items(), times, strict=True):
        screen.tell(f"Measuring {name}.")
        scored = _scores(by_keras.examples, folder)
        if scored.unreadable:
            raise UsageError(f"{scored.unreadable[0].path} can no longer be read.")
        difference = np.abs(scored.probabilities - by_keras.probabilities)
        rows.append(
            {
                "variant": name,
                "bytes": (folder / "model.tflite").stat().st_size,
                "milliseconds": round(time, 2),
                "roc_auc": float(roc_auc_score(scored.is_meme, scored.probabilities)),
                "mean_difference": float(difference.mean()),
                "largest_difference": float(difference.max()),
            }
        )
    return rows


def _scores(examples: Sequence[LabelledPicture], folder: Path) -> evaluation.Scores:
    return evaluation.scores(examples, evaluation.judge_all(examples, Classifier(folder)))


def _write_model(folder: Path, content: bytes, card: dict[str, Any]) -> None:
    folder.mkdir(parents=True)
    (folder / "model.tflite").write_bytes(content)
    _write_card(folder, card)


def _write_card(folder: Path, card: dict[str, Any]) -> None:
    (folder / "card.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
