"""`memes train`, `tune`, `calibrate`, `export`: from labelled pictures to a model that ships."""

from __future__ import annotations

import importlib.util
import json
import logging
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Optional

import typer

from ..classifier import silenced_stderr
from ..errors import MissingExtra, UsageError
from .output import file_size, progress, tell, written

if TYPE_CHECKING:
    from ..training.screen import Screen

Data = Annotated[
    Path, typer.Option(help="Folder of index.csv and the labelled pictures.", show_default=False)
]
Weights = Annotated[
    Path, typer.Option(help="Folder of the pretrained backbones' weights.", show_default=False)
]
Corrections = Annotated[
    Optional[Path], typer.Option(help="Corrected labels of train and val, from `memes data check`.")
]
Extra = Annotated[
    Optional[Path], typer.Option(help="Folder of more pictures, as `memes data draw` makes it.")
]
Teachers = Annotated[
    Optional[list[Path]],
    typer.Option(
        "--teacher", metavar="RUN", help="Learn from this finished run, too; may be repeated."
    ),
]
Cache = Annotated[Path, typer.Option(help="Folder for decoded pictures and frozen features.")]
Run = Annotated[
    Path, typer.Argument(exists=True, file_okay=False, help="Folder that the training wrote.")
]
Change = Annotated[
    Optional[list[str]],
    typer.Option("--set", metavar="FIELD=VALUE", help="Another value than the file's."),
]
VariantName = Literal["int8", "dynamic", "float16", "float32"]
CACHE = Path("runs/cache")


def train(
    data: Data,
    weights: Weights,
    config: Annotated[
        Optional[Path],
        typer.Argument(metavar="CONFIG.toml", help="The hyper-parameters; see configs/."),
    ] = None,
    run: Annotated[
        Optional[Path],
        typer.Option(help="Folder for what the training writes; by default runs/CONFIG."),
    ] = None,
    change: Change = None,
    corrections: Corrections = None,
    extra: Extra = None,
    teachers: Teachers = None,
    cache: Cache = CACHE,
) -> None:
    """Train a classifier on labelled pictures; started again, it goes on."""
    need_keras()
    from ..training.config import read_config
    from ..training.train import train as train_classifier

    read = read_config(config, change or ())
    folder = run or Path("runs") / (config.stem if config else read.backbone)
    train_classifier(
        data, weights, folder, read, cache, corrections, screen(), extra, teachers or ()
    )


def tune(
    space: Annotated[
        Path, typer.Argument(metavar="SEARCH.toml", help="What to search; see configs/search.toml.")
    ],
    data: Data,
    weights: Weights,
    trials: Annotated[int, typer.Option(min=1, help="How many, earlier ones included.")] = 30,
    workers: Annotated[int, typer.Option(min=1, help="Processes side by side.")] = 1,
    study: Annotated[
        Optional[Path], typer.Option(help="Folder of the search; by default runs/SEARCH.")
    ] = None,
    corrections: Corrections = None,
    cache: Cache = CACHE,
) -> None:
    """Search for the best hyper-parameters on val; started again, it goes on."""
    need_keras()
    from ..training.tune import Search, read_space
    from ..training.tune import tune as search_best

    folder = study or Path("runs") / space.stem
    search = Search(read_space(space), data, weights, folder, cache, corrections)
    found = search_best(search, trials, workers, screen())
    tell(
        f"best val log loss {found.best_value:.4f}: {folder / 'best-1.toml'}, {folder}/search.html"
    )


def folds(
    ladder: Annotated[
        Path, typer.Argument(metavar="LADDER.toml", help="The recipes; see configs/ladder.toml.")
    ],
    data: Data,
    weights: Weights,
    only: Annotated[
        Optional[list[str]],
        typer.Option(metavar="RECIPE", help="Only this and the first; may be repeated."),
    ] = None,
    folder: Annotated[
        Optional[Path], typer.Option(help="Folder of the results; by default runs/LADDER.")
    ] = None,
    output: Annotated[
        Optional[Path], typer.Option(metavar="FILE.md", help="Also write the tables there.")
    ] = None,
    extra: Extra = None,
    corrections: Corrections = None,
    cache: Cache = CACHE,
) -> None:
    """Compare recipes by folds of whole sources of train and val; started again, it goes on."""
    need_keras()
    from ..training import caution
    from ..training.folds import Comparison, read_ladder, read_material
    from ..training.ladder import Groups, climbed, table

    read = read_ladder(ladder)
    if unknown := set(only or ()) - set(read.recipes):
        raise UsageError(f"{ladder} has no recipe {', '.join(sorted(unknown))}.")
    material = read_material(data, read.folds, corrections, extra)
    where = folder or Path("runs") / ladder.stem
    comparison = Comparison(read, material, weights, where, cache, screen())
    groups = Groups(material)
    names = [n for i, n in enumerate(read.recipes) if not only or n in only or i == 0]
    tables = table(comparison, [climbed(comparison, name, groups) for name in names], groups)
    tables += "\n" + caution.table(comparison, names[0], read.seeds[0])
    print(tables, end="")
    if output is not None:
        with written(str(output)) as file:
            file.write(f"# Ladder\n\nWritten by `memes folds {ladder}`.\n\n{tables}")


def ensemble(
    members: Annotated[
        list[Path], typer.Argument(metavar="RUN...", help="Finished runs of the same data.")
    ],
    data: Data,
    run: Annotated[Path, typer.Option(help="Folder of the joined run.")],
    corrections: Corrections = None,
) -> None:
    """Join trained runs to one whose logit is the mean of theirs."""
    need_keras()
    from ..training.ensemble import ensemble as join

    _tell_val(run, join(members, data, run, corrections)["val"])


def crossfit(
    beginning: Run,
    data: Data,
    weights: Weights,
    run: Annotated[Path, typer.Option(help="Folder for what the trainings write.")],
    config: Annotated[
        Path, typer.Option(metavar="CONFIG.toml", help="The hyper-parameters of going on.")
    ] = Path("configs/phone_crossfit.toml"),
    change: Change = None,
    parts: Annotated[int, typer.Option(min=2, help="Into how many val's sources are cut.")] = 2,
    corrections: Corrections = None,
    extra: Extra = None,
    teachers: Teachers = None,
    cache: Cache = CACHE,
) -> None:
    """Go on with a finished run on val, too, judged in parts; started again, it goes on."""
    need_keras()
    from ..training.config import read_config
    from ..training.crossfit import crossfit as cross_fit

    read = read_config(config, change or ())
    on_val = cross_fit(
        *(beginning, data, weights, run, read, cache),
        *(parts, corrections, screen(), extra, teachers or ()),
    )
    _tell_val(run, on_val)


def calibrate(
    run: Run,
    data: Data,
    false_alarm_rate: Annotated[
        float,
        typer.Option(min=0, max=1, help="Largest share of personal pictures called memes."),
    ] = 0.002,
    false_alarm_rate_of_others: Annotated[
        float,
        typer.Option(min=0, max=1, help="Largest share of all that are no memes called memes."),
    ] = 1.0,
    recall_with_unsure: Annotated[
        float,
        typer.Option(min=0, max=1, help="Smallest share of memes with verdict meme or unsure."),
    ] = 0.95,
    confidence: Annotated[
        float,
        typer.Option(
            min=0, max=0.999, help="With which other pictures keep the first rate; 0 is without."
        ),
    ] = 0.0,
    corrections: Corrections = None,
) -> None:
    """Fit a trained run's temperature on val, and choose the thresholds of the verdicts."""
    need_keras()
    from ..corrections import read_corrected
    from ..training import calibration
    from ..training.run import check_labels, predicted
    from ..training.train import label_tables

    check_labels(run, label_tables(data, corrections))
    on_val = predicted(run, "val", read_corrected(data, "val", corrections))
    rates = calibration.Rates(
        false_alarm_rate, recall_with_unsure, confidence, false_alarm_rate_of_others
    )
    found = calibration.calibrate(on_val.examples, on_val.logits, rates)
    with written(str(run / calibration.FILE)) as file:
        file.write(json.dumps(found, indent=2) + "\n")
    _print_calibration(found)


def export(
    run: Run,
    data: Data,
    output: Annotated[
        Optional[Path],
        typer.Option(
            help="The model's folder, named as the model; by default RUN/model, named as the run."
        ),
    ] = None,
    variant: Annotated[
        VariantName, typer.Option(help="How the model's numbers are stored.")
    ] = "int8",
    compare: Annotated[
        bool, typer.Option("--compare", help="Measure all variants, for the card.")
    ] = False,
    corrections: Corrections = None,
    cache: Cache = CACHE,
) -> None:
    """Convert what was trained to LiteRT, measure it and write the model's folder."""
    need_keras()
    from ..training.export import VARIANTS
    from ..training.export import export as export_model

    card = export_model(
        run, data, output, cache, variant, VARIANTS if compare else (), screen(), corrections
    )
    folder, on_val = output or run / "model", card["metrics"]["val"]["roc_auc"]
    tell(f"{folder}: {file_size(card['bytes'])}, AUC on val {on_val:.4f}")


def _tell_val(run: Path, on_val: dict[str, float]) -> None:
    tell(
        f"{run}: val log loss {on_val['log_loss']:.4f}, accuracy {on_val['accuracy']:.4f}, AUC"
        f" {on_val['roc_auc']:.4f}"
    )


def _print_calibration(found: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    from ..evaluation import with_interval

    table = Table("On val", "Value")
    table.add_row("temperature", f"{found['temperature']:.3f}")
    for name in ("log_loss", "ece"):
        shown = "{before:.4f} before, {after:.4f} after".format(**found[name])
        table.add_row(name.replace("_", " "), shown)
    for name, threshold in found["thresholds"].items():
        table.add_row(f"threshold of {name}", f"{threshold:.4f}")
    for name in ("false_alarms_among_personal", "false_alarms", "recall", "recall_with_unsure"):
        proportion = found["reached"][name]
        shown = f"{with_interval(proportion)} % of {proportion['count']}"
        table.add_row(name.replace("_", " "), shown)
    Console().print(table)


def need_keras() -> None:
    """Check that the extra `train` is there.

    Raises:
        MissingExtra: it is not.
    """
    if importlib.util.find_spec("keras") is None:
        raise MissingExtra("Training", "train")
    # TensorFlow's start is chatty; what matters comes as an error.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    with silenced_stderr():
        importlib.import_module("keras")


def screen() -> Screen:
    """Progress bars and lines on standard error."""
    from ..training.screen import Screen

    def shown(items: Iterable[int], total: int, doing: str) -> Iterator[int]:
        return progress(items, total, doing, shown=True)

    return Screen(shown, tell)
