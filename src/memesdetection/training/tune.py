"""Tune: search for the hyper-parameters that give the lowest log loss on val, with Optuna.

    memes tune configs/search.toml --data ../shared/data --weights ../shared/weights

keeps the trials in `study.db` (SQLite), so that a search goes on after a stop, and several workers
or machines may share it. It leaves `best-1.toml` and so on, which `memes train` takes, `trials.md`
and `search.html` with the plots. Test is never looked at.
"""

from __future__ import annotations

import itertools
import json
import multiprocessing
import shutil
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import optuna
from optuna.trial import FrozenTrial, Trial, TrialState

from ..errors import UsageError
from .cache import told_errors
from .config import checked, read_toml
from .run import Progress, Run
from .screen import SILENT, Screen
from .train import fit, label_tables, read_splits

BEST = 3
"""So many of the best trials are written as configurations."""

_STALE_AFTER_SECONDS = 120


@dataclass(frozen=True)
class Space:
    """What a search may vary.

    Attributes:
        base: fields of `Config` that all trials share.
        axes: for each field that is searched a list of choices, or `{low, high}` numbers, with
            `log = true` for a range of magnitudes.
    """

    base: dict[str, Any]
    axes: dict[str, Any]

    def suggest(self, trial: Trial) -> dict[str, Any]:
        """The fields of a trial's configuration."""
        return self.base | {field: _suggested(trial, field, a) for field, a in self.axes.items()}


@dataclass(frozen=True)
class Search:
    """A search and where it works.

    Attributes:
        space: what may vary.
        data: folder of `index.csv` and the labelled pictures.
        weights: folder of the pretrained backbones' weights.
        folder: where the search writes and goes on from.
        cache: folder for decoded pictures and features of frozen layers.
        corrections: a file of corrected labels of train and val.
    """

    space: Space
    data: Path
    weights: Path
    folder: Path
    cache: Path
    corrections: Path | None = None

    def study(self, seed: int = 0) -> optuna.Study:
        """The study with all its trials so far."""
        with warnings.catch_warnings():
            # Heartbeats tell a trial whose process was killed; Optuna calls them experimental.
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            storage = optuna.storages.RDBStorage(
                f"sqlite:///{self.folder / 'study.db'}",
                heartbeat_interval=_STALE_AFTER_SECONDS // 2,
                grace_period=_STALE_AFTER_SECONDS,
            )
        return optuna.create_study(
            storage=storage,
            study_name="search",
            load_if_exists=True,
            direction="minimize",
            sampler=optuna.samplers.TPESampler(seed=seed),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=1),
        )


def read_space(file: Path) -> Space:
    """Read a search space: a TOML file with the tables `base` and `search`.

    Raises:
        UsageError: it cannot be read, or names a field or a value that `Config` does not take.
    """
    content = read_toml(file)
    if set(content) != {"base", "search"} or not content["search"]:
        raise UsageError(f"{file} needs the tables base and search, and nothing else.")
    space = Space(content["base"], content["search"])
    for field, axis in space.axes.items():
        if isinstance(axis, dict):
            if not {"low", "high"} <= set(axis) <= {"low", "high", "log"}:
                raise UsageError(f"{field} in {file} needs low and high, and may have log.")
            tried = [axis["low"], axis["high"]]
            if any(isinstance(end, (str, list)) for end in tried) or tried[0] > tried[1]:
                raise UsageError(f"{field} in {file} needs numbers, low at most as large as high.")
        elif isinstance(axis, list) and axis:
            tried = axis
        else:
            raise UsageError(f"{field} in {file} needs a list of choices, or low and high.")
        for value in tried:
            checked({**space.base, field: value}, shown=str(file))
    return space


def tune(search: Search, trials: int, workers: int = 1, screen: Screen = SILENT) -> optuna.Study:
    """Search until there are so many finished trials, those of earlier calls among them.

    Args:
        search: what to search.
        trials: how many, those that were pruned among them.
        workers: processes side by side.
        screen: shows the trials as they end.

    Raises:
        UsageError: data or weights are missing.
        OutputError: the folder cannot be written.
    """
    with told_errors(search.folder):
        search.folder.mkdir(parents=True, exist_ok=True)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    search.study()
    if workers == 1:
        _work(search, trials, 0, screen)
    else:
        # Spawned: Keras does not survive a fork.
        spawning = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, mp_context=spawning) as pool:
            waiting = [pool.submit(_work, search, trials, i) for i in range(workers)]
            for future in waiting:
                future.result()
    study = search.study()
    with told_errors(search.folder):
        _write_results(search, study)
    return study


def _work(search: Search, trials: int, worker: int, screen: Screen = SILENT) -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    splits = read_splits(search.data, search.corrections)
    tables = label_tables(search.data, search.corrections)

    def objective(trial: Trial) -> float:
        fields = search.space.suggest(trial)
        config = checked(fields, shown="the search space")
        folder = search.folder / f"trial-{trial.number:04}"
        run = Run(folder, config, tables)

        def report(progress: Progress, figures: dict[str, float]) -> None:
            # Steps of batches of different sizes are no measure of how far a training is.
            trial.report(figures["log_loss"], len(run.history()))
            if trial.should_prune():
                raise optuna.TrialPruned

        try:
            fit(splits, search.weights, run, search.cache, screen, report)
        finally:
            # The history stays on record; weights of a trial are trained anew if they are wanted.
            (folder / "checkpoint.npz").unlink(missing_ok=True)
            (folder / "best.keras").unlink(missing_ok=True)
            shutil.rmtree(folder / "tensorboard", ignore_errors=True)
            keras.utils.clear_session()
        best = min(float(row["log_loss"]) for row in run.history())
        screen.tell(f"trial {trial.number}: val log loss {best:.4f}, {json.dumps(trial.params)}")
        return best

    states = (TrialState.COMPLETE, TrialState.PRUNED)
    # Each start draws other trials than those before it.
    seed = np.random.SeedSequence([worker, len(search.study().trials)]).generate_state(1)
    study = search.study(int(seed[0]))
    if len(study.get_trials(states=states)) < trials:
        study.optimize(objective, callbacks=[optuna.study.MaxTrialsCallback(trials, states=states)])


def _suggested(trial: Trial, field: str, axis: Any) -> Any:
    if isinstance(axis, dict):
        low, high, log = axis["low"], axis["high"], axis.get("log", False)
        if isinstance(low, int) and isinstance(high, int):
            return trial.suggest_int(field, low, high, log=log)
        return trial.suggest_float(field, low, high, log=log)
    # Optuna keeps choices as texts and numbers; a list such as [64] is none of these.
    texts = [json.dumps(choice) for choice in axis]
    return json.loads(trial.suggest_categorical(field, texts))


def _fields(search: Search, trial: FrozenTrial) -> dict[str, Any]:
    read = {
        field: value if isinstance(search.space.axes.get(field), dict) else json.loads(value)
        for field, value in trial.params.items()
    }
    return search.space.base | read


def _write_results(search: Search, study: optuna.Study) -> None:
    finished = sorted(
        study.get_trials(states=(TrialState.COMPLETE,)), key=lambda trial: trial.value or 0.0
    )
    for place, trial in enumerate(finished[:BEST], 1):
        lines = [f"# Trial {trial.number} of {search.folder.name}: val log loss {trial.value:.4f}."]
        for name, value in _fields(search, trial).items():
            lines.append(f"{name} = {json.dumps(value)}")
        (search.folder / f"best-{place}.toml").write_text("\n".join(lines) + "\n")
    (search.folder / "trials.md").write_text(table(search, study.trials), encoding="utf-8")
    (search.folder / "search.html").write_text(_plots(study), encoding="utf-8")


def table(search: Search, trials: Sequence[FrozenTrial]) -> str:
    """All trials as a page of Markdown, the best first."""
    axes = list(search.space.axes)
    lines = [
        "# Search",
        "",
        f"Written by `memes tune`: {len(trials)} trials, log loss on val, best first. A trial that"
        " was worse than the median at the same evaluation was pruned. All share "
        + ", ".join(f"`{name} = {json.dumps(value)}`" for name, value in search.space.base.items())
        + ".",
        "",
        "| " + " | ".join(["trial", "log loss", "state", "seconds", *axes]) + " |",
        "| --: | --: | --- | --: |" + " --- |" * len(axes),
    ]
    best = sorted(trials, key=lambda t: (t.state != TrialState.COMPLETE, t.value or 9.0))
    for trial in best:
        fields = _fields(search, trial)
        shown = [
            f"{fields[axis]:.3g}" if isinstance(fields.get(axis), float) else f"{fields.get(axis)}"
            for axis in axes
        ]
        loss = f"{trial.value:.4f}" if trial.value is not None else "-"
        seconds = f"{trial.duration.total_seconds():.0f}" if trial.duration else "-"
        cells = [str(trial.number), loss, trial.state.name.lower(), seconds, *shown]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _plots(study: optuna.Study) -> str:
    """The course of the search, what mattered and what went together, as one page."""
    from optuna.visualization import (
        plot_optimization_history,
        plot_parallel_coordinate,
        plot_param_importances,
    )

    drawn: list[Callable[[optuna.Study], Any]] = [
        plot_optimization_history,
        plot_parallel_coordinate,
    ]
    complete = study.get_trials(states=(TrialState.COMPLETE,))
    # Importance compares trials; of one, or of equal ones, it cannot be told.
    if len({trial.value for trial in complete}) > 1:
        drawn.append(plot_param_importances)
    with_library = itertools.chain([True], itertools.repeat(False))
    plots = [
        draw(study).to_html(full_html=False, include_plotlyjs=library)
        for draw, library in zip(drawn, with_library, strict=False)
    ]
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Search</title>'
    return head + "\n".join(plots) + "</html>\n"
