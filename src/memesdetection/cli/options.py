"""Options that several subcommands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

Folder = Annotated[
    Path, typer.Argument(exists=True, file_okay=False, help="The folder, subfolders included.")
]
Folders = Annotated[
    list[Path],
    typer.Argument(metavar="FOLDER", exists=True, help="Folders, subfolders included; or files."),
]
Model = Annotated[str, typer.Option(help="A shipped model, or a model's folder.")]
Threshold = Annotated[
    Optional[float],
    typer.Option(help="Lowest probability called a meme, 0-1; by default the model's own."),
]
