"""The command line's frame: subcommands, and errors as one sentence with an exit code."""

from __future__ import annotations

import io
import os
import sys
import warnings

import typer

from .. import __version__
from ..errors import MemesError, UsageError
from .evaluate import evaluate
from .scan import scan
from .why import why

app = typer.Typer(
    name="memes",
    help="Find the memes among your pictures. Nothing is changed or deleted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(scan)
app.command()(why)
app.command()(evaluate)


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
    for stream in (sys.stdout, sys.stderr):
        # A file name that is no valid text must not stop the list of the others.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except MemesError as error:
        print(f"memes: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, UsageError) else 1)
    except BrokenPipeError:
        # The reader has enough (`| head`); say nothing, also not when Python flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
