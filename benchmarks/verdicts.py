"""Verdicts: what the shipped phone model says of the gallery, whose sources it never saw."""

from __future__ import annotations

from pathlib import Path

from memesdetection import Classifier, evaluation
from memesdetection.labels import read_labels

from .figures import Figure


def measure(table: Path) -> list[Figure]:
    """Recall and false alarms by verdict on a table of labelled pictures."""
    classifier = Classifier()
    examples = read_labels(table)
    scored = evaluation.scores(examples, evaluation.judge_all(examples, classifier))
    overall = evaluation.report(scored, classifier.thresholds.meme)["overall"]
    recall, false_alarms = overall["recall"], overall["false_alarm_rate"]
    others = false_alarms["at_threshold"]["count"]
    return [
        Figure("Memes called `meme`", 100 * recall["at_threshold"]["rate"], "%", at_least=50),
        Figure(
            "Memes called `meme` or `unsure`",
            100 * recall["meme_or_unsure"]["rate"],
            "%",
            at_least=90,
        ),
        Figure(
            f"Called `meme` among {others} other pictures",
            false_alarms["at_threshold"]["called"],
            at_most=1,
        ),
        Figure(
            f"Called `meme` or `unsure` among {others} other pictures",
            false_alarms["meme_or_unsure"]["called"],
        ),
    ]
