"""What all subcommands print with: sizes, names, progress, and files for other programs."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO, TypeVar

from rich.console import Console
from rich.filesize import decimal
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from ..errors import OutputError

_T = TypeVar("_T")


def file_size(size: int) -> str:
    """A number of bytes as a person reads it, such as 1.2 MB."""
    return decimal(size)


def printable(name: str) -> str:
    """A file name that cannot play tricks on a terminal: control characters are escaped."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in name
    )


def tell(sentence: str) -> None:
    """Print one line for the user beside the results, on standard error."""
    print(sentence, file=sys.stderr)


@contextmanager
def written(target: str) -> Iterator[TextIO]:
    """Open a file for results; `-` is standard output.

    Raises:
        OutputError: the file cannot be made, or written to in the end.
    """
    if target == "-":
        yield sys.stdout
        return
    try:
        # Names that are no valid text are escaped rather than lost.
        with Path(target).open(
            "w", encoding="utf-8", errors="backslashreplace", newline=""
        ) as file:
            yield file
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror or error}.") from error


def progress(items: Iterable[_T], total: int, doing: str, shown: bool) -> Iterator[_T]:
    """Yield the items, with a bar, rate and time left on standard error if that is a terminal."""
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _RateColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not (shown and console.is_terminal),
    ) as bar:
        yield from bar.track(items, total=total, description=doing)


class _RateColumn(ProgressColumn):
    def render(self, task: Task) -> Text:
        """The rate as files a second."""
        return Text(f"{task.speed:.0f}/s" if task.speed else "")
