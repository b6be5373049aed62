"""Export: from a trained Keras classifier to the model folder that ships.

    memes export --data ../shared/data --run runs/phone --output src/memesdetection/models/phone

calibrates on val, quantises, chooses the thresholds on val, measures on val and test through the
very code that users run, and writes `model.tflite`, `card.json` and `card.md`.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers
from sklearn.metrics import roc_auc_score

from .. import evaluation
from ..classifier import Classifier
from ..errors import UsageError
from ..labels import LabelledPicture, read_labels
from .calibration import choose_thresholds, kinds_of_personal, temperature
from .card import contract, described_data, markdown
from .dataset import Batches
from .train import commit

REPRESENTATIVE_PICTURES = 500


def inference_model(trained: keras.Model, temperature: float) -> keras.Model:
    """The trained classifier with all that a verdict needs, calibrated.

    The head becomes a 1x1 convolution over the feature map, divided by the temperature. Its output
    is a class activation map (Zhou et al., arXiv 1512.04150) whose mean is the logit, since both
    the head and the mean are linear.

    Args:
        trained: from uint8 pixels to the logit, layers named as by `train.build`.
        temperature: divides the logit (Guo et al., arXiv 1706.04599).

    Returns:
        A model from uint8 [N, size, size, 3] to a dict of float32 outputs: `logit` [N, 1],
        `embedding` [N, channels] and `heat_map` [N, h, w, 1].
    """
    features = trained.get_layer("embedding").input
    kernel, bias = trained.get_layer("logit").get_weights()
    head = layers.Conv2D(1, 1, name="heat_map_head")
    heat_map = head(features)
    head.set_weights([kernel[None, None] / temperature, bias / temperature])
    return keras.Model(
        trained.input,
        {
            "logit": layers.GlobalAveragePooling2D(name="logit_mean")(heat_map),
            "embedding": layers.GlobalAveragePooling2D(name="embedding_mean")(features),
            "heat_map": heat_map,
        },
    )


def to_litert(model: keras.Model, representative: Sequence[LabelledPicture]) -> bytes:
    """Convert to a LiteRT file with int8 weights and activations, but float means at the end.

    The convolutions are quantised per channel, with ranges measured on `representative`. The two
    means stay in float, because 8 bits are too coarse for a logit at a threshold of 0.2 % false
    alarms: the mean of 49 quantised places has 49 times finer steps. Only operators and versions
    of TensorFlow Lite 2.6 are used, so that Android's 2.16.1 and older runtimes load the file.
    """
    import tensorflow as tf

    def samples() -> Iterator[list[np.ndarray]]:
        for pixels, _ in (batches[i] for i in range(len(batches))):
            yield [pixels]

    batches = Batches(representative, model.input_shape[1], batch_size=1)
    with tempfile.TemporaryDirectory() as folder:
        model.export(folder, format="tf_saved_model", verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = samples
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.uint8
        debugger = tf.lite.experimental.QuantizationDebugger(
            converter=converter,
            debug_dataset=samples,
            debug_options=tf.lite.experimental.QuantizationDebugOptions(denylisted_ops=["MEAN"]),
        )
        return debugger.get_nondebug_quantized_model()


def export(data: Path, run: Path, output: Path) -> None:
    """Export the best epoch of a run as a model folder.

    Args:
        data: folder of `index.csv` and the labelled pictures.
        run: folder that the training wrote.
        output: the model's folder; its name is the model's.

    Raises:
        UsageError: the data or the run are missing.
    """
    if not (run / "best.keras").is_file():
        raise UsageError(f"The run {run} has no best.keras; train it first.")
    trained = keras.models.load_model(run / "best.keras")
    train, val, test = (read_labels(data / "index.csv", s) for s in ("train", "val", "test"))

    logits = trained.predict(Batches(val, trained.input_shape[1], batch_size=64), verbose=0)[:, 0]
    labels = np.array([example.is_meme for example in val])
    divisor = temperature(logits, labels)
    model = inference_model(trained, divisor)
    shuffled = np.random.default_rng(0).permutation(len(train))
    content = to_litert(model, [train[i] for i in shuffled[:REPRESENTATIVE_PICTURES]])

    with tempfile.TemporaryDirectory() as made:
        # Copied when it is whole: a half-made model must not stand where a good one stood.
        folder = Path(made)
        (folder / "model.tflite").write_bytes(content)
        card: dict[str, Any] = {
            "name": output.name,
            "sha256": sha256(content).hexdigest(),
            "bytes": len(content),
            **contract(model),
            "thresholds": {"meme": 1.0, "unsure": 1.0},
        }
        _write_card(folder, card)
        scored = _scores(val, folder)
        thresholds = choose_thresholds(scored)
        card |= {
            "thresholds": asdict(thresholds),
            "calibration": {"temperature": divisor, "chosen_on": "val"},
            "personal_pictures_of_val": dict(Counter(kinds_of_personal(scored))),
            "commit": commit(),
            "recipe": json.loads((run / "recipe.json").read_text(encoding="utf-8")),
            "data": described_data(data / "index.csv"),
            "float_roc_auc_on_val": float(roc_auc_score(labels, logits)),
        }
        _write_card(folder, card)
        card["metrics"] = {
            split: evaluation.report(_scores(examples, folder), thresholds.meme)
            for split, examples in (("val", val), ("test", test))
        }
        _write_card(folder, card)
        (folder / "card.md").write_text(markdown(card) + "\n", encoding="utf-8")
        shutil.copytree(folder, output, dirs_exist_ok=True)


def _scores(examples: Sequence[LabelledPicture], folder: Path) -> evaluation.Scores:
    return evaluation.scores(examples, evaluation.judge_all(examples, Classifier(folder)))


def _write_card(folder: Path, card: dict[str, Any]) -> None:
    (folder / "card.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
