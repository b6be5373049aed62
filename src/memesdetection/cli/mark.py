"""`memes keep`, `meme`, `unkeep`, `forget`, `corrections`: the user's own verdicts on pictures."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from .. import exchange, pictures
from ..classifier import Classifier
from ..errors import NotAPicture, PictureError, UsageError
from ..learning import lesson
from ..marks import Mark, Marks, default_path, read_marks
from ..names import printable
from .output import tell, written

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="The pictures.")]

corrections = typer.Typer(
    name="corrections",
    help="Take what you kept or marked to another computer.",
    no_args_is_help=True,
)


def keep(files: Files) -> None:
    """Keep pictures: they and their copies are no memes from now on, and fewer that are alike."""
    _put(files, "not_meme", "Kept")


def meme(files: Files) -> None:
    """Mark pictures as memes: they and their copies are, and some that are alike are unsure."""
    _put(files, "meme", "Marked as memes:")


def unkeep(files: Files) -> None:
    """Forget that pictures were kept or marked as memes; the model's verdict holds again."""
    digests = [digest for digest, _ in _contents(files)]
    with Marks(default_path()) as marks:
        marks.remove(digests)
    _tell_done("Forgot what you said of", digests, files)


def forget(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Forget without asking.")] = False,
) -> None:
    """Forget all that was kept or marked as a meme; the model's verdicts hold again.

    Exit code 0: forgotten; 1: not, as you wished; 2: wrong usage.
    """
    count = len(read_marks())
    if count == 0:
        print("There is nothing to forget.")
        return
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("There is no terminal to ask on. Add --yes to forget all.")
        if not typer.confirm(f"Forget what you said of {_pictures(count)}?", err=True):
            tell("Nothing was forgotten.")
            raise typer.Exit(1)
    with Marks(default_path()) as marks:
        marks.clear()
    print(f"Forgot what you said of {_pictures(count)}.")


@corrections.command("export")
def export_(
    file: Annotated[str, typer.Argument(help="Where they go, JSON; - prints.")],
) -> None:
    """Write what you kept or marked to a file: no picture and no path, but what they look like."""
    with Marks(default_path()) as marks:
        found = marks.corrections()
    with written(file) as target:
        target.write(exchange.to_json(found))
    tell(f"Wrote what you said of {_pictures(len(found))}.")


@corrections.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="What memes corrections export wrote.")],
) -> None:
    """Add what a file says was kept or marked; of two verdicts on a picture the later holds."""
    found = exchange.read(file)
    with Marks(default_path()) as marks:
        changed = marks.merge(found)
    print(f"Took over what was said of {_pictures(changed)}, of {len(found)} in the file.")


def _put(files: list[Path], mark: Mark, done: str) -> None:
    classifier = Classifier()
    digests, lessons = [], []
    for digest, content in _contents(files):
        digests.append(digest)
        # Of a damaged picture there is nothing to learn, but the mark holds.
        with suppress(PictureError):
            lessons.append(lesson(digest, content, classifier))
    with Marks(default_path()) as marks:
        marks.put(digests, mark)
        marks.teach(lessons)
    _tell_done(done, digests, files)


def _contents(files: list[Path]) -> Iterator[tuple[str, bytes]]:
    """Yield SHA-256 and content of each picture; what cannot be read is told."""
    for file in files:
        try:
            if not pictures.looks_like_picture(str(file)):
                raise NotAPicture("It is not a picture of a known format.")
            content = pictures.read(file)
        except PictureError as error:
            tell(f"{printable(str(file))}: {error}")
            continue
        yield hashlib.sha256(content).hexdigest(), content


def _tell_done(done: str, digests: list[str], files: list[Path]) -> None:
    print(f"{done} {_pictures(len(digests))}.")
    if len(digests) < len(files):
        raise typer.Exit(1)


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count} pictures"
