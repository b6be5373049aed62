"""Cross-fitting: learn from val's sources, too, while each is judged by who never saw it.

    memes crossfit runs/phone --config configs/phone_crossfit.toml --run runs/phone_crossfit

Val's sources are cut into parts. For each part the training of a finished run goes on with train
and all of val but that part, which it then judges. The classifier has the mean of the weights
(Wortsman et al., "Model soups", arXiv 2203.05482): it has learned from all of val, and yet the
temperature and the thresholds come from judgements on sources that the judge had not seen.

A cross-fitted run can begin or teach another: each part then begins with, or learns from, the
training that left out the same part.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UsageError
from ..labels import LabelledPicture
from .cache import told_errors
from .config import Config
from .folds import folds_of
from .network import Network
from .run import (
    Predictions,
    Run,
    best_model,
    check_labels,
    commit,
    described_run,
    fingerprint,
    finished,
    metrics_of,
    versions,
)
from .screen import SILENT, Screen
from .train import evaluated_of_train, fit, label_tables, need_strange_to_val, read_splits

_ONLY_THE_LAST_STEP = 10**9


def crossfit(
    beginning: Path,
    data: Path,
    weights_folder: Path,
    folder: Path,
    config: Config,
    cache: Path,
    parts: int = 2,
    corrections: Path | None = None,
    screen: Screen = SILENT,
    extra: Path | None = None,
    teachers: Sequence[Path] = (),
) -> dict[str, float]:
    """Go on with the training of a run, on val, too.

    Started again after a stop, it goes on.

    Args:
        beginning: folder of the finished run whose weights are where each part begins.
        data: folder of `index.csv` and the labelled pictures.
        weights_folder: folder of the pretrained backbones' weights.
        folder: of the new run, with a folder for the training that leaves out each part.
        config: the hyper-parameters of these trainings, of the same network.
        cache: folder for decoded pictures and features of frozen layers.
        parts: how many; at least 2.
        corrections: a file of corrected labels of train and val.
        screen: shows progress and evaluations.
        extra: folder of an `index.csv` of more pictures to train on.
        teachers: folders of finished runs to learn from, see `train`.

    Returns:
        The figures on val, each picture judged by the training that left it out.

    Raises:
        UsageError: data or weights are missing or too few, or the run is of another network or
            other labels, or it or a teacher learned from val in other parts.
        OutputError: a run or the cache cannot be written; nothing of a run is lost.
    """
    if (folder / "metrics.json").is_file():
        screen.tell(f"{folder} is finished; name another --run to train anew.")
        return metrics_of(folder)["val"]
    begins = [_strange_to(part, parts, beginning) for part in range(parts)]
    taught_by = [[_strange_to(part, parts, each) for each in teachers] for part in range(parts)]
    tables = label_tables(data, corrections, extra)
    for each in (beginning, *teachers):
        check_labels(each, tables)
    splits = read_splits(data, corrections, extra)
    part_of = folds_of(splits["val"], parts)
    # Whatever were chosen by the pictures that are left out would flatter the figures on them.
    config = config.model_copy(
        update={"head_epochs": 0, "evaluate_steps": _ONLY_THE_LAST_STEP, "patience": 0}
    )
    others = {"beginning": fingerprint(beginning), "parts": str(parts)}
    if teachers:
        others["teachers"] = ", ".join(map(fingerprint, teachers))
    logits: dict[Path, float] = {}
    ends: list[list[np.ndarray]] = []
    runs: list[Run] = []
    for part in range(parts):
        screen.tell(f"Part {part + 1} of {parts}.")
        mine = without(part, splits, part_of)
        run = Run(folder / f"without_part_{part + 1}", config, tables, others)
        network, train_inputs, val_inputs = fit(
            *(mine, weights_folder, run, cache, screen),
            teachers=taught_by[part],
            start_from=best_model(begins[part]),
        )
        network.model.set_weights(run.best().get_weights())
        runs.append(run)
        ends.append(network.model.get_weights())
        judged = network.predictions(val_inputs)
        logits |= {e.path: x for e, x in zip(judged.examples, judged.logits, strict=True)}
    network.model.set_weights([np.mean(each, axis=0) for each in zip(*ends, strict=True)])
    readable = [example for example in splits["val"] if example.path in logits]
    predictions = {
        "train": network.predictions(train_inputs, evaluated_of_train(train_inputs)),
        "val": Predictions(readable, np.array([logits[e.path] for e in readable])),
        "test": network.predictions(network.inputs(splits["test"])),
    }
    with told_errors(folder):
        network.best_so_far().save(folder / "best.keras")
        metrics = finished(folder, _described(beginning, runs, network), predictions)
        for checkpoint in folder.glob("*/checkpoint.npz"):
            checkpoint.unlink()
    return metrics["val"]


def without(
    part: int, splits: dict[str, list[LabelledPicture]], part_of: np.ndarray
) -> dict[str, list[LabelledPicture]]:
    """The pictures of the training that leaves out one part of val.

    Args:
        part: its number.
        splits: labelled pictures of train and val.
        part_of: int [pictures of val].

    Returns:
        `train`, with the other parts, and as `val` the part that is left out.

    Raises:
        UsageError: that part has one label only.
    """
    left_out = [e for e, number in zip(splits["val"], part_of, strict=True) if number == part]
    learned = [e for e, number in zip(splits["val"], part_of, strict=True) if number != part]
    if len({e.label for e in left_out}) < 2:
        raise UsageError("A part of val has one label only; name fewer --parts.")
    return {"train": splits["train"] + learned, "val": left_out}


def _strange_to(part: int, parts: int, folder: Path) -> Path:
    """The run, or what of a cross-fitted run did not learn from this part of val."""
    described = described_run(folder)
    if described.get("parts") == parts:
        return folder / f"without_part_{part + 1}"
    need_strange_to_val(folder)
    return folder


def _described(beginning: Path, runs: Sequence[Run], network: Network) -> dict[str, Any]:
    """What `run.json` says: the run it began with, and what is alike in the parts."""
    begun, lasts = described_run(beginning), [run.history()[-1] for run in runs]
    return described_run(runs[0].folder) | {
        "commit": commit(),
        "versions": versions(),
        "parameters": network.saved.count_params(),
        "seconds": begun["seconds"] + sum(float(last["seconds"]) for last in lasts),
        "steps": int(lasts[0]["step"]),
        "beginning": {"name": beginning.resolve().name, **begun},
        "parts": len(runs),
    }
