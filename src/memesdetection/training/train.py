"""Train a classifier by transfer learning: the head on frozen features first, then more layers.

    memes train configs/phone.toml --data ../shared/data --weights ../shared/weights

writes `runs/phone/`: `run.json` (configuration, versions, commit), `history.csv` (an evaluation on
val a row), `best.keras` (the weights with the lowest log loss on val), `metrics.json` (of these, on
train, val and test), `tensorboard/`. Started again after a stop it goes on from `checkpoint.npz`,
to the same result. It runs on any backend of Keras: KERAS_BACKEND=tensorflow, jax or torch.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from ..corrections import read_corrected
from ..errors import UsageError
from ..labels import LabelledPicture, read_labels
from .board import Board
from .cache import digest, features, prefetched
from .config import Config
from .dataset import EXTRA, Batches, PixelInputs, sampling_weights, targets_of, taught
from .description import learned_from_val
from .network import Examples, Network, build, precision
from .run import Progress, Run, best_model, described_run, fingerprint
from .screen import SILENT, Screen
from .weights import start

EVALUATED_TRAIN_PICTURES = 2000
"""Of train, so many are evaluated in the end: enough for an accuracy within half a point."""


def train(
    data: Path,
    weights_folder: Path,
    run_folder: Path,
    config: Config,
    cache: Path,
    corrections: Path | None = None,
    screen: Screen = SILENT,
    extra: Path | None = None,
    teachers: Sequence[Path] = (),
) -> dict[str, float]:
    """Train a classifier and leave in `run_folder` all that an export needs.

    Args:
        data: folder of `index.csv` and the labelled pictures.
        weights_folder: folder of the pretrained backbones' weights.
        run_folder: where the training writes, and goes on from what is there.
        config: the hyper-parameters.
        cache: folder for decoded pictures and features of frozen layers.
        corrections: a file of corrected labels of train and val.
        screen: shows progress and evaluations.
        extra: folder of an `index.csv` of more pictures to train on.
        teachers: folders of finished runs; the probability of their mean logit is mixed into the
            labels (Hinton et al., "Distilling the knowledge in a neural network",
            arXiv 1503.02531).

    Returns:
        The figures of the best model on val.

    Raises:
        UsageError: data or weights are missing, train or val has one label only, a teacher learned
            from val, or the run was started with another configuration.
        OutputError: the run or the cache cannot be written; nothing of the run is lost.
    """
    splits = read_splits(data, corrections, extra)
    tables = label_tables(data, corrections, extra)
    for teacher in teachers:
        need_strange_to_val(teacher)
    taught_by = {"teachers": ", ".join(map(fingerprint, teachers))} if teachers else {}
    run = Run(run_folder, config, tables, taught_by)
    if run.metrics is not None:
        screen.tell(f"{run_folder} is finished; name another --run to train anew.")
        return run.metrics["val"]
    network, train_inputs, val_inputs = fit(
        splits, weights_folder, run, cache, screen, teachers=teachers
    )
    network.model.set_weights(run.best().get_weights())
    predictions = {
        "train": network.predictions(train_inputs, evaluated_of_train(train_inputs)),
        "val": network.predictions(val_inputs),
        "test": network.predictions(network.inputs(splits["test"])),
    }
    return run.finish(predictions, network.saved.count_params())["val"]


def fit(
    splits: dict[str, list[LabelledPicture]],
    weights_folder: Path,
    run: Run,
    cache: Path,
    screen: Screen = SILENT,
    on_evaluation: Callable[[Progress, dict[str, float]], None] | None = None,
    teachers: Sequence[Path] = (),
    start_from: keras.Model | None = None,
) -> tuple[Network, Examples, Examples]:
    """Train on `train` and keep what is best on `val`; `test` is not looked at.

    Args:
        splits: labelled pictures by split.
        weights_folder: folder of the pretrained backbones' weights.
        run: where the training stands and what its configuration is.
        cache: folder for decoded pictures and features of frozen layers.
        screen: shows progress and evaluations.
        on_evaluation: called with the figures of each evaluation on val; may raise to stop.
        teachers: folders of finished runs to learn from.
        start_from: a classifier of the same network whose weights it begins with.

    Returns:
        The network with its last weights, and the inputs of train and val.

    Raises:
        UsageError: weights are missing, or `start_from` does not fit the configuration.
        OutputError: the run or the cache cannot be written.
    """
    config = run.config
    train_set = splits["train"]
    if config.train_pictures:
        order = np.random.default_rng(config.seed).permutation(len(train_set))
        train_set = [train_set[i] for i in np.sort(order[: config.train_pictures])]
        if len({example.label for example in train_set}) < 2:
            raise UsageError(
                f"train_pictures = {config.train_pictures} leaves pictures of one label only; raise"
                " it."
            )
    keras.utils.set_random_seed(config.seed)
    beginning = start(config.backbone, config.weights, weights_folder)
    saved = build(config, beginning)
    with precision(config.precision):
        network = Network(saved, config, beginning, cache, screen)
    if start_from is not None:
        _take_over(network.model, start_from, config)
    run.begin(beginning.source, beginning.is_imagenet)
    train_inputs = network.inputs(train_set, augmented=True)
    val_inputs = network.inputs(splits["val"])
    batches = Batches(
        train_inputs,
        train_inputs.examples,
        sampling_weights(train_inputs.examples, config),
        config.batch_size,
        config.seed,
        _targets(train_inputs, teachers, config, cache, screen) if teachers else None,
    )
    compile_model(network.trained, config, steps=max(round(config.epochs * len(batches)), 1))
    progress = run.restored(network.trained)
    if config.head_epochs and not (run.folder / "checkpoint.npz").is_file():
        train_head(network, train_inputs, config)
        run.checkpoint(network.trained, progress)
    fine_tune(network, batches, train_inputs, val_inputs, run, progress, screen, on_evaluation)
    return network, train_inputs, val_inputs


def evaluated_of_train(train: Examples) -> np.ndarray:
    """Int [at most `EVALUATED_TRAIN_PICTURES`], drawn of train without the extra pictures."""
    own = [i for i, example in enumerate(train.examples) if example.split == "train"]
    return np.sort(np.random.default_rng(0).permutation(own)[:EVALUATED_TRAIN_PICTURES])


def _take_over(model: keras.Model, start_from: keras.Model, config: Config) -> None:
    mine, given = model.get_weights(), start_from.get_weights()
    if [weight.shape for weight in mine] != [weight.shape for weight in given]:
        raise UsageError("The run to begin with is of another network than the configuration.")
    frozen = [keras.ops.convert_to_numpy(weight) for weight in model.non_trainable_weights]
    model.set_weights(given)
    # The cache knows the outputs of frozen layers by the start of the backbone alone.
    if config.cache_frozen and not all(map(np.array_equal, frozen, model.non_trainable_weights)):
        raise UsageError(
            "The run to begin with tuned layers that are frozen now; set cache_frozen = false."
        )


def _targets(
    train: Examples, teachers: Sequence[Path], config: Config, cache: Path, screen: Screen
) -> np.ndarray:
    """Float32 [n, 1], the labels mixed with what the teachers give the plain pictures."""

    def logits(folder: Path) -> np.ndarray:
        model = best_model(folder)
        plain = PixelInputs(train.pixels, model.input_shape[1])
        key = digest(train.pixels.key, "logits")
        return features(
            model, lambda chosen: plain.batch(chosen, None), len(train), key, cache, screen
        )

    said = np.stack([logits(teacher) for teacher in teachers])
    mean: np.ndarray = said.mean(axis=0, dtype=np.float32)
    return taught(targets_of(train.examples), mean, config.taught)


def need_strange_to_val(folder: Path) -> None:
    """Make sure that a run to learn from has not seen val.

    Raises:
        UsageError: it has, or it is no run.
    """
    if learned_from_val(described_run(folder)):
        raise UsageError(
            f"The run {folder} learned from val, so figures on val of what learns from it would"
            " flatter; name one that did not."
        )


def label_tables(
    data: Path, corrections: Path | None = None, extra: Path | None = None
) -> dict[str, Path]:
    """The files of labels that a training reads, by name."""
    tables = {"index": data / "index.csv"}
    if corrections is not None:
        tables["corrections"] = corrections
    if extra is not None:
        tables["extra"] = extra / "index.csv"
    return tables


def read_splits(
    data: Path, corrections: Path | None = None, extra: Path | None = None
) -> dict[str, list[LabelledPicture]]:
    """The pictures of train, with the extra ones, val and test, with corrected labels.

    Raises:
        UsageError: there is no index, or train or val has one label only.
    """
    index = data / "index.csv"
    if not index.is_file():
        raise UsageError(f"There is no {index}; make it by `memes data prepare`, or name --data.")
    splits = {}
    for split in ("train", "val", "test"):
        examples = read_corrected(data, split, None if split == "test" else corrections)
        if len({example.label for example in examples}) < 2:
            raise UsageError(f"The split {split} of {index} needs pictures of both labels.")
        splits[split] = examples
    if extra is not None:
        splits["train"] += read_extra(extra)
    return splits


def read_extra(folder: Path) -> list[LabelledPicture]:
    """More pictures to train on.

    Args:
        folder: of `index.csv` and the pictures, as `memes data draw` makes it.

    Raises:
        UsageError: there are none.
    """
    return [replace(e, split=EXTRA) for e in read_labels(folder / "index.csv", "train")]


def compile_model(model: keras.Model, config: Config, steps: int) -> None:
    """Give the model its optimizer, for so many steps, and its loss."""
    # Keras's schedules count the steps, those that only accumulate gradients among them.
    warmup = round(config.warmup * steps)
    rate: float | keras.optimizers.schedules.LearningRateSchedule = config.learning_rate
    if config.schedule == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=0.0 if warmup else config.learning_rate,
            warmup_target=config.learning_rate if warmup else None,
            warmup_steps=warmup,
            decay_steps=max(steps - warmup, 1),
        )
    elif warmup:
        rate = keras.optimizers.schedules.PolynomialDecay(0.0, warmup, config.learning_rate)
    optimizer = keras.optimizers.get(
        {
            "class_name": config.optimizer,
            "config": {
                "learning_rate": rate,
                "weight_decay": config.weight_decay,
                "use_ema": config.ema_momentum > 0,
                "ema_momentum": config.ema_momentum or 0.99,
                "gradient_accumulation_steps": config.accumulation
                if config.accumulation > 1
                else None,
            },
        }
    )
    model.compile(
        optimizer=optimizer,
        loss=_loss(config),
        metrics=[keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")],
    )
    model.optimizer.build(model.trainable_variables)


def _loss(config: Config) -> keras.losses.Loss:
    if config.focal_gamma:
        return keras.losses.BinaryFocalCrossentropy(
            gamma=config.focal_gamma, from_logits=True, label_smoothing=config.label_smoothing
        )
    return keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=config.label_smoothing)


def train_head(network: Network, examples: Examples, config: Config) -> None:
    """Fit what follows the embedding on embeddings of the plain pictures, in place."""
    fit_head(network.model, network.embeddings(examples), examples.examples, config)


def fit_head(
    model: keras.Model,
    embeddings: np.ndarray,
    examples: Sequence[LabelledPicture],
    config: Config,
) -> None:
    """Fit what follows the embedding, in place.

    Args:
        model: as `network.build` makes it.
        embeddings: float [n, channels], of plain pictures.
        examples: these pictures.
        config: of the training.
    """
    names = [layer.name for layer in model.layers]
    following = model.layers[names.index("dropout") : names.index("logit") + 1]
    head = keras.Sequential([keras.Input(embeddings.shape[1:]), *following])
    head.compile(
        optimizer=keras.optimizers.Adam(config.head_learning_rate),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
    )
    head.fit(
        embeddings.astype(np.float32),
        targets_of(examples),
        sample_weight=sampling_weights(examples, config) * len(examples),
        batch_size=config.batch_size,
        epochs=config.head_epochs,
        verbose=0,
    )


def fine_tune(
    network: Network,
    batches: Batches,
    train: Examples,
    val: Examples,
    run: Run,
    progress: Progress,
    screen: Screen,
    on_evaluation: Callable[[Progress, dict[str, float]], None] | None = None,
) -> None:
    """Fit all layers that are not frozen; the run keeps the best evaluation on val."""
    model, config = network.trained, run.config
    steps = max(round(config.epochs * len(batches)), 1)
    evaluate_steps = config.evaluate_steps or len(batches)
    stopped = config.patience and progress.without_improvement >= config.patience
    numbers = range(progress.step, progress.step if stopped else steps)
    prepared = prefetched(batches.__getitem__, numbers)
    began = time.monotonic() - progress.seconds
    with closing(Board(run.folder / "tensorboard", progress.step)) as board:
        for step in screen.progress(numbers, len(numbers), "Training"):
            inputs, labels = next(prepared)
            figures = model.train_on_batch(inputs, labels, return_dict=True)
            done = step + 1
            progress.step, progress.seconds = done, time.monotonic() - began
            if done % 10 == 0 or done == steps:
                board.scalars("train", figures, done)
                board.scalars(
                    "train", {"learning_rate": float(model.optimizer.learning_rate)}, done
                )
                model.reset_metrics()
            if done == 1:
                shown = [train.pixels[i] for i in batches.chosen(step)]
                board.batch(shown, labels[:, 0], done)
            if done % evaluate_steps == 0 or done == steps:
                with averaged(model):
                    predicted = network.predictions(val)
                    figures = predicted.figures()
                    improved = run.evaluated(network.best_so_far(), progress, figures)
                board.scalars("val", figures, done)
                board.mistakes(val.pixels, predicted.is_meme, predicted.probabilities, done)
                board.filters(network.model, done)
                screen.tell(
                    f"step {done} of {steps}: val log loss {figures['log_loss']:.4f}, accuracy"
                    f" {figures['accuracy']:.4f}, AUC {figures['roc_auc']:.4f}"
                    + (", the best so far" if improved else "")
                )
                run.checkpoint(model, progress)
                if on_evaluation is not None:
                    on_evaluation(progress, figures)
                if config.patience and progress.without_improvement >= config.patience:
                    screen.tell(f"Stopped early: no better for {config.patience} evaluations.")
                    break
            elif done % config.checkpoint_steps == 0:
                run.checkpoint(model, progress)


@contextmanager
def averaged(model: keras.Model) -> Iterator[None]:
    """Put the moving average of the weights, if there is one, in their place for a while."""
    variables = model.trainable_variables
    kept = [keras.ops.convert_to_numpy(variable) for variable in variables]
    model.optimizer.finalize_variable_values(variables)
    for variable in variables:
        # A copy: JAX would else throw the average away together with what it stands in for.
        variable.assign(np.array(variable))
    try:
        yield
    finally:
        for variable, value in zip(variables, kept, strict=True):
            variable.assign(value)
