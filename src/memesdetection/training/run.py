"""The run: the folder of one training, with its configuration, history, checkpoint and best model.

A training that is stopped at any moment goes on from the last checkpoint, to the same result: it
holds the weights, their average, the optimizer's state and the random states of dropout.
"""

from __future__ import annotations

import csv
import importlib
import json
import math
import platform
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import keras
import numpy as np
from scipy.special import expit

from .. import evaluation
from ..errors import UsageError
from ..labels import LabelledPicture
from .cache import told_errors
from .config import Config, checked
from .description import measured_on

# Where and how a training is watched may change when it is gone on with.
_MAY_CHANGE = {"checkpoint_steps"}


@dataclass
class Progress:
    """How far a training is.

    Attributes:
        step: steps that are done.
        seconds: time that they took, evaluations included.
        best: lowest log loss on val so far.
        without_improvement: evaluations since then.
    """

    step: int = 0
    seconds: float = 0.0
    best: float = math.inf
    without_improvement: int = 0


@dataclass(frozen=True)
class Predictions:
    """What the float model gave labelled pictures, before calibration.

    Attributes:
        examples: the pictures, n of them.
        logits: float64 [n].
    """

    examples: list[LabelledPicture]
    logits: np.ndarray

    @property
    def is_meme(self) -> np.ndarray:
        """Bool [n], the labels."""
        return np.array([example.is_meme for example in self.examples])

    @property
    def probabilities(self) -> np.ndarray:
        """Float64 [n], 0-1."""
        return expit(self.logits)

    def figures(self) -> dict[str, float]:
        """Log loss, accuracy and more; see `evaluation.figures`."""
        return evaluation.figures(self.is_meme, self.probabilities)


class Run:
    """The folder of one training."""

    def __init__(
        self,
        folder: Path,
        config: Config,
        tables: Mapping[str, Path],
        others: Mapping[str, str] | None = None,
    ) -> None:
        """Take up a run, begun or not.

        Args:
            folder: where it writes.
            config: its hyper-parameters.
            tables: the files of labels that it learns from, `index` and others, by name.
            others: what else it learns from, such as teachers, by name.

        Raises:
            UsageError: it was begun with another configuration or other data.
        """
        self.folder = folder
        self.config = config
        self._data = {**_hashes(tables), **(others or {})}
        self._check_same()

    @property
    def metrics(self) -> dict[str, dict[str, float]] | None:
        """The figures of the best model by split; None until the run is finished."""
        return metrics_of(self.folder) if (self.folder / "metrics.json").is_file() else None

    def begin(self, weights_source: str, is_imagenet: bool) -> None:
        """Write down what is about to be trained, unless that was done.

        Raises:
            OutputError: the folder cannot be written.
        """
        if (self.folder / "run.json").exists():
            return
        described = {
            "config": self.config.model_dump(mode="json"),
            "weights_source": weights_source,
            "weights_are_original": is_imagenet,
            "data": self._data,
            "commit": commit(),
            "versions": versions(),
        }
        with told_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            _write(self.folder / "run.json", described)

    def checkpoint(self, model: keras.Model, progress: Progress) -> Progress:
        """Keep all that the training needs to go on from here; the last checkpoint until then.

        Raises:
            OutputError: it cannot be written; the last one is still there.
        """
        arrays = {
            f"v{number}": keras.ops.convert_to_numpy(variable)
            for number, variable in enumerate(_state(model))
        }
        with told_errors(self.folder):
            new = self.folder / "checkpoint.new.npz"
            np.savez(new, progress=json.dumps(asdict(progress)), **arrays)
            new.replace(self.folder / "checkpoint.npz")
        return progress

    def restored(self, model: keras.Model) -> Progress:
        """Put the model where the last checkpoint was; at the start if there is none."""
        file = self.folder / "checkpoint.npz"
        if not file.is_file():
            return Progress()
        with np.load(file) as kept:
            for number, variable in enumerate(_state(model)):
                variable.assign(kept[f"v{number}"])
            progress = Progress(**json.loads(str(kept["progress"])))
        self._write_history(row for row in self.history() if int(row["step"]) <= progress.step)
        return progress

    def evaluated(self, model: keras.Model, progress: Progress, figures: dict[str, float]) -> bool:
        """Take down an evaluation on val, and keep the model if its log loss is the lowest.

        Returns:
            Whether it is.

        Raises:
            OutputError: it cannot be written.
        """
        improved = figures["log_loss"] < progress.best
        with told_errors(self.folder):
            if improved:
                new = self.folder / "new.keras"
                model.save(new)
                new.replace(self.folder / "best.keras")
                progress.best = figures["log_loss"]
            progress.without_improvement = 0 if improved else progress.without_improvement + 1
            row = {"step": progress.step, "seconds": round(progress.seconds, 1), **figures}
            self._write_history([*self.history(), row])
        return improved

    def best(self) -> keras.Model:
        """The model of the best evaluation, in float32.

        Raises:
            UsageError: there is none yet.
        """
        return best_model(self.folder)

    def finish(
        self, predictions: dict[str, Predictions], parameters: int
    ) -> dict[str, dict[str, float]]:
        """Write what the best model gives each split; the checkpoint, of use no more, goes.

        Returns:
            The figures by split.

        Raises:
            OutputError: they cannot be written.
        """
        history = self.history()
        best = min(history, key=lambda row: float(row["log_loss"]))
        described = described_run(self.folder) | {
            "parameters": parameters,
            "seconds": float(history[-1]["seconds"]),
            "steps": int(history[-1]["step"]),
            "best_step": int(best["step"]),
        }
        with told_errors(self.folder):
            metrics = finished(self.folder, described, predictions)
            (self.folder / "checkpoint.npz").unlink(missing_ok=True)
        return metrics

    def history(self) -> list[dict[str, Any]]:
        """The evaluations on val so far, in order."""
        if not (self.folder / "history.csv").exists():
            return []
        with open(self.folder / "history.csv", encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def _write_history(self, rows: Iterable[dict[str, Any]]) -> None:
        kept = list(rows)
        new = self.folder / "history.new.csv"
        with open(new, "w", encoding="utf-8", newline="") as file:
            if kept:
                table = csv.DictWriter(file, list(kept[0]))
                table.writeheader()
                table.writerows(kept)
        new.replace(self.folder / "history.csv")

    def _check_same(self) -> None:
        if not (self.folder / "run.json").exists():
            return
        begun = described_run(self.folder)
        other = f"The run {self.folder} was begun with"
        advice = "name another --run, or delete that folder"
        if begun["data"] != self._data:
            raise UsageError(f"{other} other data or corrections; {advice}.")
        before = checked(begun["config"], shown=f"{self.folder}/run.json").model_dump()
        for field, value in self.config.model_dump().items():
            if field not in _MAY_CHANGE and before[field] != value:
                raise UsageError(
                    f"{other} {field} = {before[field]!r} and not {value!r}; {advice}."
                )


def finished(
    folder: Path, described: dict[str, Any], predictions: dict[str, Predictions]
) -> dict[str, dict[str, float]]:
    """Write what a finished run consists of beside its model.

    Args:
        folder: of the run.
        described: what `run.json` says.
        predictions: what the model gives each split.

    Returns:
        The figures by split.

    Raises:
        OSError: the folder cannot be written.
    """
    arrays: dict[str, Any] = {}
    for split, predicted in predictions.items():
        arrays[f"{split}_paths"] = np.array([str(e.path) for e in predicted.examples])
        arrays[f"{split}_logits"] = predicted.logits
    np.savez_compressed(folder / "predictions.npz", **arrays)
    metrics = {split: predicted.figures() for split, predicted in predictions.items()}
    _write(folder / "run.json", described)
    _write(folder / "metrics.json", metrics)
    return metrics


def metrics_of(folder: Path) -> dict[str, dict[str, float]]:
    """The figures of a finished run by split."""
    return json.loads((folder / "metrics.json").read_text(encoding="utf-8"))


def described_run(folder: Path) -> dict[str, Any]:
    """What `run.json` says of a run.

    Raises:
        UsageError: the folder is none of a run.
    """
    try:
        return json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{folder} is no folder that memes train wrote.") from error


def best_model(folder: Path) -> keras.Model:
    """The model of a run's best evaluation, in float32.

    Raises:
        UsageError: there is none.
    """
    return keras.models.load_model(_best_file(folder))


def predicted(folder: Path, split: str, examples: Sequence[LabelledPicture]) -> Predictions:
    """What the best model of a finished run gave a split.

    Args:
        folder: of the run.
        split: `train`, of which a part was evaluated, `val` or `test`.
        examples: the labelled pictures of the split.

    Raises:
        UsageError: the run is not finished, or the pictures are not those it saw.
    """
    try:
        with np.load(folder / "predictions.npz") as kept:
            paths, logits = kept[f"{split}_paths"].tolist(), kept[f"{split}_logits"]
    except OSError as error:
        raise UsageError(f"The run {folder} is not finished; train it to its end.") from error
    by_name = {_name(example.path): example for example in examples}
    if any(_name(Path(path)) not in by_name for path in paths):
        raise UsageError(f"The run {folder} was evaluated on other pictures; name their --data.")
    return Predictions([by_name[_name(Path(path))] for path in paths], logits)


def check_labels(folder: Path, tables: Mapping[str, Path]) -> None:
    """Make sure that a run was measured on these labels.

    Args:
        folder: of the run.
        tables: the files of labels, as `train.label_tables` names them.

    Raises:
        UsageError: it was measured on others.
    """
    if measured_on(described_run(folder)["data"]) != measured_on(_hashes(tables)):
        raise UsageError(
            f"The run {folder} is of other labels; name the --data and --corrections that it"
            " learned from."
        )


def fingerprint(folder: Path) -> str:
    """A finished run in a few letters: its name, and what its model's hash begins with.

    Raises:
        UsageError: it has no model.
    """
    return f"{folder.resolve().name} {_content_hash(_best_file(folder))[:12]}"


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


def versions() -> dict[str, str]:
    """Versions of Python, Keras and Keras's backend, by name."""
    backend = keras.backend.backend()
    return {
        "python": platform.python_version(),
        "keras": keras.__version__,
        backend: str(importlib.import_module(backend).__version__),
    }


def _state(model: keras.Model) -> list[keras.Variable]:
    """All variables that a step reads and changes, in an order that is always the same."""
    passing = {id(variable) for variable in model.metrics_variables}
    mine = [variable for variable in model.variables if id(variable) not in passing]
    return [*mine, *model.optimizer.variables]


def _name(path: Path) -> tuple[str, ...]:
    """A picture's path within the folder of its data, which may have moved since."""
    return path.parts[-3:]


def _best_file(folder: Path) -> Path:
    file = folder / "best.keras"
    if not file.is_file():
        raise UsageError(f"The run {folder} has no best.keras; train it first.")
    return file


def _hashes(tables: Mapping[str, Path]) -> dict[str, str]:
    return {f"{name}_sha256": _content_hash(file) for name, file in tables.items()}


def _content_hash(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()


def _write(file: Path, content: dict[str, Any]) -> None:
    new = file.with_suffix(".new")
    new.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    new.replace(file)
