"""What all subcommands print with: sizes, names, progress, and files for other programs."""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, TextIO, TypeVar

from rich.console import Console
from rich.filesize import decimal
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from ..errors import OutputError, PictureError, UsageError
from ..names import printable
from ..pictures import looks_like_picture

_T = TypeVar("_T")


def file_size(size: int) -> str:
    """A number of bytes as a person reads it, such as 1.2 MB."""
    return decimal(size)


def tell(sentence: str) -> None:
    """Print one line for the user beside the results, on standard error."""
    print(sentence, file=sys.stderr)


class Output(io.TextIOWrapper):
    """Text for a file or stream; what goes wrong in writing is an `OutputError`.

    A broken pipe stays a `BrokenPipeError`: the reader has enough, and that is no error.
    """

    def __init__(self, binary: BinaryIO, shown: str, like: io.TextIOWrapper | None = None) -> None:
        """Write to a binary file, which is closed in the end.

        Args:
            binary: buffered, open for writing.
            shown: what an error calls it.
            like: encoded and buffered as this stream; without it as UTF-8 with newlines as given.
        """
        self._shown = shown
        super().__init__(
            binary,
            encoding=like.encoding if like else "utf-8",
            # Names that are no valid text are escaped rather than lost.
            errors="backslashreplace",
            newline=None if like else "",
            line_buffering=like is not None and (like.line_buffering or like.write_through),
        )

    def write(self, text: str, /) -> int:
        with self._told():
            return super().write(text)

    def flush(self) -> None:
        with self._told():
            super().flush()

    def close(self) -> None:
        try:
            if not self.closed:
                self.flush()
        finally:
            super().close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            # What is still to be written goes nowhere, or it would fail once more at the close.
            with open(os.devnull, "wb") as nowhere:
                os.dup2(nowhere.fileno(), self.fileno())
            if isinstance(error, BrokenPipeError):
                raise
            raise _output_error(self._shown, error) from error


@contextmanager
def written(target: str) -> Iterator[TextIO]:
    """Open a file for results; `-` is standard output.

    Raises:
        OutputError: the file cannot be made, or written to in the end.
        UsageError: the file is a picture, which results must never replace.
    """
    if target == "-":
        yield sys.stdout
        return
    try:
        is_picture = os.path.isfile(target) and looks_like_picture(target)
    except PictureError as error:
        raise OutputError(f"{target} is there, but cannot be read; name another file.") from error
    if is_picture:
        raise UsageError(f"{target} is a picture; name another file for the results.")
    try:
        binary = open(target, "wb")  # noqa: SIM115 closed by Output
    except OSError as error:
        raise _output_error(target, error) from error
    with Output(binary, target) as file:
        yield file


def same_file(target: str, other: str) -> bool:
    """Whether two names are of one file, there or not; `-` is standard output."""
    if "-" in (target, other):
        return target == other
    if os.path.exists(target) and os.path.exists(other):
        return os.path.samefile(target, other)
    return os.path.realpath(target) == os.path.realpath(other)


def _output_error(shown: str, error: OSError) -> OutputError:
    return OutputError(f"{shown} cannot be written: {error.strerror or error}.")


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


class Transfers:
    """Progress of downloads side by side, on standard error if that is a terminal."""

    def __init__(self, total: int, doing: str) -> None:
        """Show nothing until it is entered.

        Args:
            total: how many downloads there will be.
            doing: what stands before their count.
        """
        console = Console(stderr=True)
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[amount]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._total = total
        self._all = self._bars.add_task(doing, total=total, amount=f"0/{total}")
        self._tasks: dict[str, TaskID] = {}
        self._changing = threading.Lock()

    def __enter__(self) -> Transfers:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def moved(self, name: str, done: int, total: int | None) -> None:
        """Show the bytes that are there of one download; threads may call it."""
        with self._changing:
            if name not in self._tasks:
                self._tasks[name] = self._bars.add_task(printable(name), total=None, amount="")
            amount = file_size(done) + (f" of {file_size(total)}" if total else "")
            self._bars.update(self._tasks[name], completed=done, total=total, amount=amount)

    def ended(self, name: str) -> None:
        """Count a download, and no longer show it."""
        with self._changing:
            if name in self._tasks:
                self._bars.remove_task(self._tasks.pop(name))
            self._bars.advance(self._all)
            count = int(self._bars.tasks[0].completed)
            self._bars.update(self._all, amount=f"{count}/{self._total}")
