"""Options that several subcommands take."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

Model = Annotated[str, typer.Option(help="A shipped model, or a model's folder.")]
Threshold = Annotated[
    Optional[float],
    typer.Option(help="Lowest probability called a meme, 0-1; by default the model's own."),
]
