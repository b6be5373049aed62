"""`memes report`: a scan as one page of HTML."""

from __future__ import annotations

import sys
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Annotated

import typer

from .. import gallery, pictures
from ..classifier import DEFAULT_MODEL, Classifier
from ..learning import learn
from ..marks import read_marks
from ..names import printable
from ..store import Store, default_path
from ..tally import Tally
from .options import Folders, Model, Threshold
from .output import file_size, progress, tell, written


def report(
    folders: Folders,
    target: Annotated[
        str,
        typer.Option("--output", "-o", metavar="FILE", help="Where the page goes; - prints it."),
    ] = "report.html",
    model: Model = DEFAULT_MODEL,
    threshold: Threshold = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Judge all anew and remember nothing.")
    ] = False,
    show_all: Annotated[
        bool, typer.Option("--all", help="Show the pictures that are no memes, too.")
    ] = False,
) -> None:
    """Write a scan as a page of HTML that needs nothing beside it: totals, pictures, a table.

    The page shows memes and unsure ones, small and without what cameras note. Nothing is changed.
    """
    from .. import overview

    classifier = Classifier(model, threshold)
    tally = Tally()
    found = list(pictures.find(folders))
    entries, unreadable = [], []
    stopped_in = "The page is not written."
    try:
        with ExitStack() as opened:
            store = None if no_cache else opened.enter_context(Store(default_path()))
            scanned = gallery.scan(
                found, classifier, store, marks=read_marks(), likeness=learn(classifier, store)
            )
            findings = opened.enter_context(closing(scanned))
            judged = progress(findings, len(found), "Judging", shown=True)
            for file, finding in zip(found, judged, strict=True):
                tally.add(finding)
                name = _below(file.path, folders)
                entry = overview.Entry(finding, name, file.mtime_ns / 1e9)
                if finding.verdict is not None:
                    entries.append(entry)
                elif finding.error is not None:
                    unreadable.append(entry)
        shown = overview.by_certainty(entries, with_others=show_all)
        with closing(overview.thumbnails(shown)) as thumbnails, written(target) as page:
            stopped_in = f"{target} is not whole."
            small = progress(thumbnails, len(shown), "Drawing", shown=True)
            overview.write(page, tally, shown, small, unreadable, classifier.identity)
    except KeyboardInterrupt:
        tell(f"Stopped before the end. {stopped_in}")
        raise typer.Exit(1) from None
    counts = tally.counts
    size = "" if target == "-" else f", {file_size(Path(target).stat().st_size)}"
    print(
        f"{printable(target)}{size}: {counts['meme']} memes ({file_size(tally.bytes['meme'])}),"
        f" {counts['unsure']} unsure, {counts.total()} pictures, {tally.unreadable} unreadable",
        file=sys.stderr if target == "-" else sys.stdout,
    )


def _below(path: str, folders: list[Path]) -> str:
    """A file's name from the folder that was named on: where that lies is nobody else's concern."""
    for folder in folders:
        if (below := Path(path)).is_relative_to(folder):
            return (Path(folder.resolve().name) / below.relative_to(folder)).as_posix()
    return Path(path).name
