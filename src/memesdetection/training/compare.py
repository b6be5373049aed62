"""Comparison: the figures of several runs side by side, as a page of Markdown and a plot.

    memes compare runs/*

reads what a training leaves in each run's folder, `run.json`, `metrics.json` and, if exported,
`model/`, and measures right then how long each exported model takes.
"""

from __future__ import annotations

import json
import platform
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..classifier import Classifier
from ..errors import ModelError, UsageError
from ..gallery import available_cores
from ..names import printable
from ..pictures import DecodedPicture
from ..plots import COLOURS, MARKERS, svg
from .description import learned_from_val, measured_on, passes
from .latency import ROUNDS, milliseconds

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SPLITS = ("train", "val", "test")

REFERENCE_NAME = "reference work"
REFERENCE = {
    "backbone": "VGG19",
    "log loss, train / val / test": "0.124 / 0.250 / 0.259",
    "accuracy in %, train / val / test": "99.9 / 97.5 / 97.4",
}
"""As published, by column; on train, val and test of its own pictures."""

_MISSING = "-"


@dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes:
        name: of its folder.
        backbone: name of the pretrained network.
        weights_source: where the starting weights come from.
        has_original: these are the backbone's original ImageNet weights.
        data: SHA-256 of what it learned from: the index of pictures, and corrections if any.
        parameters: of the whole model.
        epochs: as configured; it may have stopped earlier.
        seconds: that the training took.
        metrics: figures by split, of the float model at its best on val, before calibration.
        exported: the model of `model/`, or None without it.
        learned_from_val: what it gave val are the judgements of trainings that left parts out.
        milliseconds: CPU time of one picture with that model, or None until it is measured.
    """

    name: str
    backbone: str
    weights_source: str
    has_original: bool
    data: dict[str, str]
    parameters: int
    epochs: float
    seconds: float
    metrics: dict[str, dict[str, float]]
    exported: Classifier | None
    learned_from_val: bool = False
    milliseconds: float | None = None


@dataclass(frozen=True)
class _Column:
    """A column of the table; a cell holds a value for each of some splits, or one."""

    title: str
    values: Callable[[Run], Sequence[float | None]]
    digits: int
    best: Callable[[Iterable[float]], float] | None = None

    def cells(self, runs: Sequence[Run]) -> list[str]:
        """A cell for each run, with the best of several in bold."""
        rows = [
            [None if value is None else round(value, self.digits) for value in self.values(run)]
            for run in runs
        ]
        best = []
        for values in zip(*rows, strict=True):
            known = [value for value in values if value is not None]
            best.append(self.best(known) if self.best and len(known) > 1 else None)
        return [
            " / ".join(
                self._shown(value, value == good) for value, good in zip(row, best, strict=True)
            )
            for row in rows
        ]

    def _shown(self, value: float | None, is_best: bool) -> str:
        if value is None:
            return _MISSING
        text = f"{value:.{self.digits}f}"
        return f"**{text}**" if is_best else text


def read_runs(folders: Sequence[Path]) -> tuple[list[Run], list[str]]:
    """Read the runs of these folders.

    Returns:
        The finished runs, best AUC on val first, and the names of the other folders.

    Raises:
        UsageError: a run is broken, runs are of different data, or none is finished.
        ModelError: the exported model of a run is broken.
    """
    folders = list({folder.resolve(): folder for folder in folders}.values())
    alike = Counter(folder.resolve().name for folder in folders)
    runs, unfinished = [], []
    for folder in folders:
        name = folder.resolve().name
        if alike[name] > 1:
            name = str(folder)
        if (run := _read_run(folder, name)) is None:
            unfinished.append(name)
        else:
            runs.append(run)
    if not runs:
        raise UsageError(
            "None of the runs is finished: a finished one has metrics.json; train one to its end."
        )
    _check_same_data(runs)
    return sorted(runs, key=lambda run: -run.metrics["val"]["roc_auc"]), unfinished


def timed(runs: Sequence[Run]) -> list[Run]:
    """The runs with the time that each exported model takes for a picture, measured now."""
    models = {run.name: run.exported for run in runs if run.exported is not None}
    times = dict(zip(models, milliseconds(list(models.values())), strict=True))
    return [replace(run, milliseconds=times.get(run.name)) for run in runs]


def page(runs: Sequence[Run], command: str, plot_file: str) -> str:
    """The comparison as Markdown.

    Args:
        runs: as `read_runs` and `timed` give them.
        command: that writes the page.
        plot_file: where the plot is, seen from the page; linked if a run is exported.
    """
    sources = list(dict.fromkeys(run.weights_source for run in runs if not run.has_original))
    lines = ["# Runs compared", "", f"Written by `{printable(command)}`.", ""]
    if any(run.exported for run in runs):
        lines += [
            "![AUC on test of the exported models against the time for a picture and the size of"
            f" the file](<{plot_file}>)",
            "",
        ]
    lines += [*_table(runs, sources), "", *_notes(runs)]
    lines += [
        f"- <sup>{number}</sup> Starting weights: {_escaped(source)}."
        for number, source in enumerate(sources, start=1)
    ]
    return "\n".join(lines) + "\n"


def plot(runs: Sequence[Run]) -> str | None:
    """AUC on test of the exported models against time and size as SVG, or None without any.

    Args:
        runs: as `timed` gives them.
    """
    exported = [run for run in runs if run.exported is not None]
    if not exported:
        return None

    def draw(figure: Figure) -> None:
        from matplotlib.ticker import LogFormatter

        by_time, by_size = figure.subplots(1, 2, sharey=True)
        by_time.set(ylabel="AUC on test", xlabel="ms for a picture, one core (logarithmic)")
        by_size.set(xlabel="MB of the model file (logarithmic)")
        for axes, cost_of in ((by_time, _milliseconds), (by_size, _megabytes)):
            costs = [cost_of(run) or 0 for run in exported]
            axes.set(xscale="log", xlim=(min(costs) / 1.5, max(costs) * 1.5))
            axes.xaxis.set_major_formatter(LogFormatter(minor_thresholds=(2, 0.5)))
            axes.xaxis.set_minor_formatter(LogFormatter(minor_thresholds=(2, 0.5)))
            for index, (run, cost) in enumerate(zip(exported, costs, strict=True)):
                axes.plot(
                    cost,
                    _exported(run, "roc_auc") or 0,
                    MARKERS[index % len(MARKERS)],
                    color=COLOURS[index % len(COLOURS)],
                    markersize=8,
                    label=f"{index + 1}. {printable(run.name)}",
                )
        handles, labels = by_time.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=3)

    return svg(draw, 8, 3.6 + 0.2 * (len(exported) // 3), ink="black", paper="white")


def _table(runs: Sequence[Run], sources: list[str]) -> list[str]:
    names = []
    for run in runs:
        mark = "" if run.has_original else f"<sup>{sources.index(run.weights_source) + 1}</sup>"
        names.append(_escaped(run.name) + mark)
    columns = {
        "run": [*names, REFERENCE_NAME],
        "backbone": [_escaped(run.backbone) for run in runs],
        "starting weights": ["ImageNet" if run.has_original else "other" for run in runs],
        "exported as": [_variant(run) for run in runs],
    }
    columns |= {column.title: column.cells(runs) for column in _COLUMNS}
    for title, cells in columns.items():
        if title != "run":
            cells.append(REFERENCE.get(title, _MISSING))
    aligned = ["---"] * 4 + ["--:"] * len(_COLUMNS)
    rows = [list(columns), aligned, *zip(*columns.values(), strict=True)]
    return [f"| {' | '.join(row)} |" for row in rows]


def _notes(runs: Sequence[Run]) -> list[str]:
    counts = {
        split: " or ".join(dict.fromkeys(f"{run.metrics[split]['pictures']:.0f}" for run in runs))
        for split in SPLITS
    }
    notes = [
        f"- All runs are measured on the same data, `{_short(runs[0].data)}`:"
        f" {counts['train']} pictures drawn from train, {counts['val']} of val and"
        f" {counts['test']} of test.",
        "- Log loss, accuracy, AUC and recall are those of the model in float, at its best on val,"
        " before calibration; FPR is the false positive rate. Rows are sorted by AUC on val, and"
        " the best of a column is bold.",
        f"- The {REFERENCE_NAME}: as published, on its own 22,204 pictures, which are not those of"
        " the other rows.",
    ]
    crossfit = [_escaped(run.name) for run in runs if run.learned_from_val]
    if crossfit:
        notes.append(
            f"- {', '.join(crossfit)} learned from val, too; the figures on val are of trainings"
            " that each left a part of its sources out, on that part (`memes crossfit`)."
        )
    if any(run.exported for run in runs):
        notes.append(
            "- MB and ms are of the exported LiteRT file, as are the last three columns, its"
            " figures after calibration and conversion. The ms are CPU time for one picture,"
            f" decoding excluded, the median of {ROUNDS} interleaved rounds on one core of"
            f" {_processor()} with {available_cores()} cores ({platform.system()}"
            f" {platform.machine()}, ai-edge-litert {version('ai-edge-litert')})."
        )
    if not all(run.exported for run in runs):
        notes.append(
            "- A run without MB and ms has no exported model in its folder `model`:"
            " `memes export` makes it."
        )
    return notes


def _read_run(folder: Path, name: str) -> Run | None:
    """The run of a folder, or None if it is not finished or none at all."""
    if not (folder / "run.json").is_file():
        return None
    try:
        run = _json(folder / "run.json")
        if not (folder / "metrics.json").exists():
            return None
        metrics = _json(folder / "metrics.json")
        source = str(run["weights_source"])
        names = ("pictures", "log_loss", "accuracy", "roc_auc", _RECALL_1, _RECALL_02)
        return Run(
            name=name,
            backbone=str(run["config"]["backbone"]),
            weights_source=source,
            has_original=bool(
                run.get("weights_are_original", source.startswith("ImageNet weights"))
            ),
            data=measured_on({name: str(digest) for name, digest in run["data"].items()}),
            parameters=int(run["parameters"]),
            epochs=passes(run),
            seconds=float(run["seconds"]),
            metrics={
                split: {name: float(metrics[split][name]) for name in names} for split in SPLITS
            },
            exported=_model(folder / "model"),
            learned_from_val=learned_from_val(run),
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise UsageError(f"The run {folder} is broken ({error}); train it again.") from error


def _json(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def _model(folder: Path) -> Classifier | None:
    """The exported model, loaded, or None where there is none."""
    if not (folder / "card.json").exists():
        return None
    try:
        model = Classifier(folder)
        black = np.zeros((1, model.size, model.size, 3), np.uint8)
        model.run(DecodedPicture(black, model.size, model.size, "PNG", from_camera=False))
        figures = [model.card["metrics"]["test"][name] for name in _EXPORTED_FIGURES]
        if not all(isinstance(figure, float) for figure in (*figures, float(model.card["bytes"]))):
            raise TypeError("its figures are numbers")
    except (ModelError, LookupError, TypeError, ValueError) as error:
        raise ModelError(
            f"The exported model in {folder} is broken; write it again by memes export."
        ) from error
    return model


def _check_same_data(runs: Sequence[Run]) -> None:
    by_data: dict[str, list[str]] = {}
    for run in runs:
        by_data.setdefault(_short(run.data), []).append(run.name)
    if len(by_data) > 1:
        told = "; ".join(f"{', '.join(names)} of {data}" for data, names in by_data.items())
        raise UsageError(
            f"The runs are of different data ({told}); compare only runs of the same data."
        )


def _short(data: dict[str, str]) -> str:
    return ", ".join(f"{name} {digest[:12]}" for name, digest in sorted(data.items(), reverse=True))


def _escaped(text: str) -> str:
    """A text that is no markup, also within a table."""
    return re.sub(r"([\\`*<>\[\]|])", r"\\\1", printable(text))


def _processor() -> str:
    """The name of the processor, as far as the system tells it."""
    described = Path("/proc/cpuinfo")
    if described.exists():
        named = re.search(r"^model name\s*:\s*(.+)$", described.read_text(), re.MULTILINE)
        if named:
            return named[1]
    return platform.processor() or "an unnamed processor"


def _variant(run: Run) -> str:
    # A card that names none is of the time when all were quantised.
    return _escaped(str(run.exported.card.get("variant", "int8"))) if run.exported else _MISSING


def _milliseconds(run: Run) -> float | None:
    return run.milliseconds


def _megabytes(run: Run) -> float | None:
    return run.exported.card["bytes"] / 1e6 if run.exported else None


def _exported(run: Run, figure: str, scale: float = 1) -> float | None:
    return scale * run.exported.card["metrics"]["test"][figure] if run.exported else None


def _of(
    figure: str, splits: Sequence[str] = SPLITS, scale: float = 1
) -> Callable[[Run], Sequence[float]]:
    return lambda run: [scale * run.metrics[split][figure] for split in splits]


_RECALL_1, _RECALL_02 = "recall_at_fpr_0.01", "recall_at_fpr_0.002"
_EXPORTED_FIGURES = ("log_loss", "accuracy", "roc_auc")
_UNSEEN = SPLITS[1:]
_COLUMNS = (
    _Column("log loss, train / val / test", _of("log_loss"), 3, min),
    _Column("accuracy in %, train / val / test", _of("accuracy", scale=100), 1, max),
    _Column("AUC, val / test", _of("roc_auc", _UNSEEN), 4, max),
    _Column("recall at 1 % FPR in %, val / test", _of(_RECALL_1, _UNSEEN, 100), 1, max),
    _Column("recall at 0.2 % FPR in %, val / test", _of(_RECALL_02, _UNSEEN, 100), 1, max),
    _Column("parameters in millions", lambda run: [run.parameters / 1e6], 2, min),
    _Column("epochs, at most", lambda run: [run.epochs], 1),
    _Column("minutes trained", lambda run: [run.seconds / 60], 1),
    _Column("MB", lambda run: [_megabytes(run)], 2, min),
    _Column("ms", lambda run: [_milliseconds(run)], 1, min),
    _Column("exported: log loss, test", lambda run: [_exported(run, "log_loss")], 3, min),
    _Column("exported: accuracy in %, test", lambda run: [_exported(run, "accuracy", 100)], 1, max),
    _Column("exported: AUC, test", lambda run: [_exported(run, "roc_auc")], 4, max),
)
