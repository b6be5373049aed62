"""The command line's frame: subcommands, and errors as one sentence with an exit code."""

from __future__ import annotations

import os
import sys
import warnings

import typer

from .. import __version__
from ..errors import MemesError, UsageError
from .clean import clean, history, undo
from .compare import compare
from .data import data
from .evaluate import evaluate
from .mark import corrections, forget, keep, meme, unkeep
from .output import Output
from .report import report
from .review import review
from .scan import scan
from .serve import ServeCommand, serve
from .training import calibrate, crossfit, ensemble, export, folds, train, tune
from .watch import watch
from .why import why

app = typer.Typer(
    name="memes",
    help="Find the memes among your pictures, and move them out of the way. None is deleted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(scan)
app.command()(why)
app.command()(report)
app.command()(review)
app.command()(clean)
app.command()(undo)
app.command()(history)
app.command()(keep)
app.command()(meme)
app.command()(unkeep)
app.command()(forget)
app.command()(watch)
app.command()(evaluate)
app.command()(train)
app.command()(tune)
app.command()(folds)
app.command()(ensemble)
app.command()(crossfit)
app.command()(calibrate)
app.command()(export)
app.command()(compare)
app.command(cls=ServeCommand)(serve)
app.add_typer(corrections)
app.add_typer(data)


def _print_version(asked: bool) -> None:
    if asked:
        print(f"memes {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", help="Print the version.", callback=_print_version, is_eager=True
    ),
) -> None:
    pass


def run() -> None:
    """Run the command line and leave with its exit code."""
    # Pillow warns of odd but harmless content; what matters comes as an error of that file.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    set_up_streams()
    try:
        try:
            _check_working_folder()
            app()
        finally:
            sys.stdout.flush()
    except MemesError as error:
        print(f"memes: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, UsageError) else 1)
    except BrokenPipeError:
        # The reader has enough (`| head`).
        sys.exit(1)


def _check_working_folder() -> None:
    try:
        os.getcwd()
    except OSError as error:
        raise UsageError("The current folder is gone or closed to you; cd to another.") from error


def set_up_streams() -> None:
    """Make standard output and error safe for any file name and any way they may fail."""
    for name, shown in (("stdout", "Standard output"), ("stderr", "Standard error")):
        # A stream that the caller closed (`2>&-`) is None.
        stream = getattr(sys, name) or os.fdopen(
            os.open(os.devnull, os.O_WRONLY), "w", closefd=False
        )
        # While a model loads, LiteRT's standard error is silenced; that of Python is a copy.
        copy = os.fdopen(os.dup(stream.fileno()), "wb", closefd=False)
        setattr(sys, name, Output(copy, shown, like=stream))
