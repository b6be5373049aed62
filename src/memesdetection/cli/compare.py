"""`memes compare`: what was trained, side by side."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from ..errors import UsageError
from ..names import printable
from .output import tell, written

_DEFAULT_OUTPUT = Path("docs/results.md")


def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(metavar="RUN...", help="Folders that the training wrote.", exists=True),
    ],
    output: Annotated[
        Path, typer.Option(help="The page, Markdown; its plot goes beside it as SVG.")
    ] = _DEFAULT_OUTPUT,
) -> None:
    """Compare runs: quality, size and time, in a table and a plot."""
    if output.suffix != ".md":
        raise UsageError(f"The page is Markdown; name an output that ends in .md, not {output}.")
    from ..training import compare as comparison

    finished, unfinished = comparison.read_runs(runs)
    for name in unfinished:
        tell(f"{printable(name)} is left out: it is no finished run, without metrics.json.")
    finished = comparison.timed(finished)
    command = ["memes", "compare", *map(str, runs)]
    if output != _DEFAULT_OUTPUT:
        command += ["--output", str(output)]
    plot_file = output.with_suffix(".svg")
    page = comparison.page(finished, shlex.join(command), plot_file.name)
    plot = comparison.plot(finished)
    # The page last, as it shows the plot.
    contents = {plot_file: plot, output: page}
    for target, content in contents.items():
        if content is not None:
            with written(str(target)) as file:
                file.write(content)
            print(f"Written: {printable(str(target))}")
