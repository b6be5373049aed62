"""`memes keep`, `memes meme`, `memes unkeep`: the user's own verdicts on pictures."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from .. import pictures
from ..errors import NotAPicture, PictureError
from ..marks import Marks, default_path
from ..names import printable
from .output import tell

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="The pictures.")]


def keep(files: Files) -> None:
    """Keep pictures: they and their copies, whatever the name, are no memes from now on."""
    _mark(files, lambda marks, digests: marks.put(digests, "not_meme"), "Kept")


def meme(files: Files) -> None:
    """Mark pictures as memes: they and their copies, whatever the name, are memes from now on."""
    _mark(files, lambda marks, digests: marks.put(digests, "meme"), "Marked as memes:")


def unkeep(files: Files) -> None:
    """Forget that pictures were kept or marked as memes; the model's verdict holds again."""
    _mark(files, lambda marks, digests: marks.remove(digests), "Forgot what you said of")


def _mark(files: list[Path], act: Callable[[Marks, list[str]], None], done: str) -> None:
    digests = []
    for file in files:
        try:
            digests.append(_digest(file))
        except PictureError as error:
            tell(f"{printable(str(file))}: {error}")
    with Marks(default_path()) as marks:
        act(marks, digests)
    print(f"{done} {'1 picture' if len(digests) == 1 else f'{len(digests)} pictures'}.")
    if len(digests) < len(files):
        raise typer.Exit(1)


def _digest(file: Path) -> str:
    if not pictures.looks_like_picture(str(file)):
        raise NotAPicture("It is not a picture of a known format.")
    return hashlib.sha256(pictures.read(file)).hexdigest()
