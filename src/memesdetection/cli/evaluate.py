"""`memes evaluate`: a model's figures on labelled pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from ..classifier import DEFAULT_MODEL, Classifier
from ..corrections import corrected
from ..errors import UsageError
from ..labels import read_labels
from ..names import printable
from .options import Model, Threshold
from .output import progress, same_file, tell, written


def evaluate(
    table: Annotated[
        Path,
        typer.Argument(
            metavar="LABELS.csv",
            exists=True,
            dir_okay=False,
            help="Columns path and label (meme or not_meme), and split, kind, language if there;"
            " paths relative to the file.",
        ),
    ],
    split: Annotated[Optional[str], typer.Option(help="Only the rows of this split.")] = None,
    json_target: Annotated[
        Optional[str],
        typer.Option("--json", metavar="FILE", help="Write all figures as one object; - prints."),
    ] = None,
    report_target: Annotated[
        Optional[str],
        typer.Option(
            "--report",
            metavar="FILE",
            help="Write a page of HTML with plots and the worst mistakes; - prints.",
        ),
    ] = None,
    corrections: Annotated[
        Optional[Path],
        typer.Option(metavar="FILE", help="Corrected labels of train and val of an index.csv."),
    ] = None,
    model: Model = DEFAULT_MODEL,
    threshold: Threshold = None,
) -> None:
    """Measure a model on labelled pictures: accuracy, calibration, false alarms by kind."""
    targets = [target for target in (json_target, report_target) if target is not None]
    if len(targets) == 2 and same_file(*targets):
        raise UsageError("--json and --report need a file each; only one of them can be printed.")
    for target in targets:
        if any(same_file(target, str(labels)) for labels in (table, corrections) if labels):
            raise UsageError(f"{target} is a table of labels; name another file.")
    classifier = Classifier(model, threshold)
    examples = read_labels(table, split)
    if corrections is not None:
        examples = corrected(examples, corrections, table.parent)
    from .. import evaluation  # here, for it takes a second to load

    if report_target is not None:
        from .. import evaluation_page

    findings = evaluation.judge_all(examples, classifier)
    scored = evaluation.scores(
        examples, list(progress(findings, len(examples), "Judging", shown=True))
    )
    for finding in scored.unreadable:
        tell(f"{printable(finding.path)}: {finding.error or 'This is not a picture.'}")
    report = evaluation.report(scored, classifier.thresholds.meme)
    if json_target is not None:
        with written(json_target) as file:
            file.write(json.dumps(report, indent=2) + "\n")
    if report_target is not None:
        page = evaluation_page.page(scored, report, classifier, table)
        with written(report_target) as file:
            file.write(page)
    if "-" not in (json_target, report_target):
        _print_report(report)


def _print_report(report: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from ..evaluation import with_interval

    console = Console()
    figures = Table(
        "Figure", "Value", title=f"{report['pictures']} pictures, {report['memes']} memes"
    )
    for name, value in report.items():
        if isinstance(value, float):
            figures.add_row(name, f"{value:.4f}")
    console.print(figures)
    groups = {"all": report["overall"], **report["by_kind"], **report["by_language"]}
    for rate, title in (
        ("false_alarm_rate", "Of what is no meme, % called a meme (95 % interval)"),
        ("recall", "Of the memes, % called a meme (95 % interval)"),
    ):
        table = Table("Group", "Pictures", "At 0.5", "At the threshold", "Or unsure", title=title)
        for column in table.columns[1:]:
            column.justify = "right"
        for group, rates in groups.items():
            if rate in rates:
                proportions = rates[rate].values()
                count = str(rates[rate]["at_0.5"]["count"])
                shown = (with_interval(proportion) for proportion in proportions)
                table.add_row(Text(printable(group)), count, *shown)
        console.print(table)
