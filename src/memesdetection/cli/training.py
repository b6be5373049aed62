"""`memes train` and `memes export`: from labelled pictures to a model that ships."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Annotated, Optional

import typer

from ..errors import MissingExtra

Data = Annotated[
    Path, typer.Option(help="Folder of index.csv and the labelled pictures.", show_default=False)
]


def train(
    data: Data,
    weights: Annotated[
        Path, typer.Option(help="Folder of the pretrained backbones' weights.", show_default=False)
    ],
    run: Annotated[Path, typer.Option(help="Folder for what the training writes.")] = Path(
        "runs/phone"
    ),
    epochs: Annotated[
        Optional[int], typer.Option(min=1, help="Epochs of fine-tuning; by default the recipe's.")
    ] = None,
) -> None:
    """Train a classifier on labelled pictures; started again, it goes on."""
    _need_keras()
    from ..training.train import Recipe
    from ..training.train import train as train_classifier

    recipe = Recipe() if epochs is None else Recipe(epochs=epochs)
    train_classifier(data, weights, run, recipe)


def export(
    data: Data,
    output: Annotated[
        Path, typer.Option(help="The model's folder, named as the model.", show_default=False)
    ],
    run: Annotated[Path, typer.Option(help="Folder that the training wrote.")] = Path("runs/phone"),
) -> None:
    """Calibrate, quantise and measure what was trained, and write the model's folder."""
    _need_keras()
    from ..training.export import export as export_model

    export_model(data, run, output)


def _need_keras() -> None:
    if importlib.util.find_spec("keras") is None:
        raise MissingExtra("Training", "train")
    # TensorFlow's start is chatty; what matters comes as an error.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
