"""`memes scan`: verdicts for the pictures of folders, as a table, JSON lines or CSV."""

from __future__ import annotations

import csv
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, fields
from typing import Annotated, Optional, TextIO

import typer

from .. import gallery, pictures
from ..classifier import DEFAULT_MODEL, Classifier, percent
from ..errors import UsageError
from ..gallery import Finding
from ..learning import learn
from ..marks import read_marks
from ..names import printable
from ..store import Store, default_path
from .options import Folders, Model, Threshold
from .output import file_size, progress, same_file, tell, written

_MEMES_SHOWN = 20


@dataclass
class _Summary:
    """What a scan found, counted as it goes."""

    memes: list[Finding] = field(default_factory=list)
    unsure: list[Finding] = field(default_factory=list)
    pictures: int = 0
    unreadable: int = 0

    def add(self, finding: Finding) -> None:
        if finding.error is not None:
            self.unreadable += 1
            return
        self.pictures += 1
        if finding.verdict == "unsure":
            self.unsure.append(finding)
        elif finding.verdict == "meme":
            self.memes.append(finding)

    def sentence(self, seconds: float) -> str:
        size = file_size(sum(meme.bytes for meme in self.memes))
        memes = "1 meme" if len(self.memes) == 1 else f"{len(self.memes)} memes"
        pictures = "1 picture" if self.pictures == 1 else f"{self.pictures} pictures"
        return (
            f"{memes} ({size}), {len(self.unsure)} unsure, {pictures},"
            f" {self.unreadable} unreadable, {seconds:.1f} s"
        )


def scan(
    folders: Folders,
    json_target: Annotated[
        Optional[str],
        typer.Option("--json", metavar="FILE", help="Write JSON lines, one a picture; - prints."),
    ] = None,
    csv_target: Annotated[
        Optional[str],
        typer.Option(
            "--csv", metavar="FILE", help="Write a CSV table, one row a picture; - prints."
        ),
    ] = None,
    model: Model = DEFAULT_MODEL,
    threshold: Threshold = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Judge all anew and remember nothing.")
    ] = False,
    show_all: Annotated[
        bool,
        typer.Option("--all", help=f"Show all memes, not just {_MEMES_SHOWN}, and what is unsure."),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print nothing but what --json or --csv asks for.")
    ] = False,
) -> None:
    """Find the memes among the pictures of folders. Nothing is changed.

    Exit code 0: finished, also with unreadable files; 1: could not finish; 2: wrong usage.
    """
    if json_target is not None and csv_target is not None and same_file(json_target, csv_target):
        raise UsageError("--json and --csv need a file each.")
    started = time.monotonic()
    classifier = Classifier(model, threshold)
    marks = read_marks()
    summary = _Summary()
    passed_over: Counter[str] = Counter()
    stopped = False
    with ExitStack() as opened:
        store = None if no_cache else opened.enter_context(Store(default_path()))
        writers = [
            as_lines(opened.enter_context(written(target)))
            for target, as_lines in ((json_target, _json_lines), (csv_target, _csv_rows))
            if target is not None
        ]
        try:
            files = list(pictures.find(folders, passed_over))
            likeness = learn(classifier, store)
            findings = opened.enter_context(
                closing(gallery.scan(files, classifier, store, marks=marks, likeness=likeness))
            )
            for finding in progress(findings, len(files), "Judging", shown=not quiet):
                if not finding.is_picture:
                    passed_over["other files"] += 1
                    continue
                summary.add(finding)
                for write in writers:
                    write(finding)
                if finding.error is not None and not quiet:
                    tell(f"{printable(finding.path)}: {finding.error}")
        except KeyboardInterrupt:
            stopped = True
    if not quiet:
        to_stdout = "-" not in (json_target, csv_target)
        if to_stdout:
            _print_findings(summary, show_all)
        print(
            summary.sentence(time.monotonic() - started),
            file=sys.stdout if to_stdout else sys.stderr,
        )
        if passed_over:
            counts = ", ".join(f"{what} {count}" for what, count in sorted(passed_over.items()))
            tell(f"Passed over: {counts}.")
    if stopped:
        kept = "" if no_cache else " What was judged is kept; the same command goes on from there."
        tell(f"Stopped before the end.{kept}")
        raise typer.Exit(1)


def _json_lines(file: TextIO) -> Callable[[Finding], None]:
    def write(finding: Finding) -> None:
        file.write(json.dumps(vars(finding)) + "\n")

    return write


def _csv_rows(file: TextIO) -> Callable[[Finding], None]:
    writer = csv.DictWriter(file, [column.name for column in fields(Finding)])
    writer.writeheader()

    def write(finding: Finding) -> None:
        writer.writerow(vars(finding))

    return write


def _print_findings(summary: _Summary, show_all: bool) -> None:
    """Print the memes, the most certain first: a table on a terminal, else a line each."""
    shown = _by_certainty(summary.memes) + (_by_certainty(summary.unsure) if show_all else [])
    if not sys.stdout.isatty():
        for finding in shown:
            shown_probability = percent(finding.probability or 0)
            print(
                finding.verdict, shown_probability, finding.bytes, printable(finding.path), sep="\t"
            )
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not shown:
        return
    table = Table("Verdict", "Probability", "Size", "Picture")
    table.columns[1].justify = table.columns[2].justify = "right"
    for finding in shown if show_all else shown[:_MEMES_SHOWN]:
        table.add_row(
            finding.verdict,
            percent(finding.probability or 0),
            file_size(finding.bytes),
            Text(printable(finding.path)),
        )
    console = Console()
    console.print(table)
    if table.row_count < len(shown):
        console.print(f"... and {len(shown) - table.row_count} more; --all shows them.")


def _by_certainty(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: (-(finding.probability or 0), finding.path))
