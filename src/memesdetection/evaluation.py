"""Evaluation: how good a model's verdicts are on labelled pictures. Needs the extra `evaluate`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .classifier import Classifier
from .errors import MissingExtra, UsageError
from .gallery import Finding, scan
from .labels import LabelledPicture
from .pictures import FoundFile

try:
    import numpy as np
    from scipy import stats
    from sklearn import metrics
except ImportError as error:
    raise MissingExtra("The evaluation of a model", "evaluate") from error

CALIBRATION_BINS = 15


@dataclass(frozen=True)
class Scores:
    """What a model gave the labelled pictures that could be read.

    Attributes:
        examples: the pictures, n of them.
        probabilities: float64 [n], of being a meme.
        called_meme: bool [n], the verdict is `meme` (EXIF may stand against a high probability).
        called_unsure: bool [n], the verdict is `unsure`.
        unreadable: findings of the other pictures, each with its error.
    """

    examples: list[LabelledPicture]
    probabilities: np.ndarray
    called_meme: np.ndarray
    called_unsure: np.ndarray
    unreadable: list[Finding]

    @property
    def is_meme(self) -> np.ndarray:
        """Bool [n], the labels."""
        return np.array([example.is_meme for example in self.examples])


def judge_all(examples: Sequence[LabelledPicture], classifier: Classifier) -> Iterable[Finding]:
    """Yield the finding on each labelled picture, in order."""
    files = (FoundFile(str(example.path)) for example in examples)
    return scan(files, classifier)


def scores(examples: Sequence[LabelledPicture], findings: Iterable[Finding]) -> Scores:
    """Put labels and findings together.

    Raises:
        UsageError: no picture could be read, or all have the same label.
    """
    pairs = list(zip(examples, findings, strict=True))
    judged = [(example, finding) for example, finding in pairs if finding.verdict is not None]
    if len({example.label for example, _ in judged}) < 2:
        raise UsageError("An evaluation needs readable pictures of both labels, meme and not_meme.")
    return Scores(
        examples=[example for example, _ in judged],
        probabilities=np.array([finding.probability for _, finding in judged]),
        called_meme=np.array([finding.verdict == "meme" for _, finding in judged]),
        called_unsure=np.array([finding.verdict == "unsure" for _, finding in judged]),
        unreadable=[finding for _, finding in pairs if finding.verdict is None],
    )


def report(scored: Scores, threshold: float) -> dict[str, Any]:
    """All figures of an evaluation as one object that JSON can hold.

    Recall is the share of memes called memes, the false alarm rate the share of other pictures
    called memes. Both come for each kind and language as `{count, called, rate, low, high}`, with
    the 95 % interval of Wilson (1927), at probability 0.5 (`at_0.5`) and by the shipped verdicts
    (`at_threshold`), and overall under `overall`. A picture of two languages counts in both.

    Args:
        scored: what the model gave.
        threshold: lowest probability of verdict `meme`, as it stands in the report.
    """
    overall = figures(scored.is_meme, scored.probabilities)
    return {
        "pictures": overall.pop("pictures"),
        "memes": overall.pop("memes"),
        "unreadable": len(scored.unreadable),
        **overall,
        "threshold": threshold,
        "overall": _rates(scored, np.ones(len(scored.examples), dtype=bool)),
        "by_kind": _by(scored, [[example.kind] for example in scored.examples]),
        "by_language": _by(scored, [example.language.split(",") for example in scored.examples]),
    }


def figures(labels: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """The figures of an evaluation that need no threshold but 0.5.

    Args:
        labels: bool [n], both values among them.
        probabilities: float [n], 0-1.
    """
    false_positive_rate, recall, _ = metrics.roc_curve(labels, probabilities)
    return {
        "pictures": len(labels),
        "memes": int(labels.sum()),
        "accuracy": float(np.mean((probabilities >= 0.5) == labels)),
        "log_loss": float(metrics.log_loss(labels, probabilities)),
        "roc_auc": float(metrics.roc_auc_score(labels, probabilities)),
        "average_precision": float(metrics.average_precision_score(labels, probabilities)),
        "recall_at_fpr_0.01": float(recall[false_positive_rate <= 0.01].max()),
        "recall_at_fpr_0.002": float(recall[false_positive_rate <= 0.002].max()),
        "ece": expected_calibration_error(labels, probabilities),
    }


def proportion(called: np.ndarray) -> dict[str, float | int]:
    """The share of True in bool [n] as a report holds it: `{count, called, rate, low, high}`."""
    count, total = int(called.sum()), len(called)
    interval = stats.binomtest(count, total).proportion_ci(0.95, method="wilson")
    return {
        "count": total,
        "called": count,
        "rate": count / total,
        "low": float(interval.low),
        "high": float(interval.high),
    }


def with_interval(proportion: dict[str, float], unit: str = "") -> str:
    """A proportion of a report as a person reads it: rate and interval in percent."""
    rate, low, high = (100 * proportion[name] for name in ("rate", "low", "high"))
    return f"{rate:.1f}{unit} ({low:.1f}-{high:.1f})"


def expected_calibration_error(
    labels: np.ndarray, probabilities: np.ndarray, bins: int = CALIBRATION_BINS
) -> float:
    """Mean distance of probability and frequency over bins of equal width, weighted by count.

    Naeini et al., "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015.

    Args:
        labels: bool [n].
        probabilities: float [n], 0-1.
        bins: number of bins over 0-1.

    Returns:
        0 (calibrated) to 1.
    """
    bin_of = np.minimum((probabilities * bins).astype(int), bins - 1)
    gaps = [
        abs(float(np.sum(probabilities[bin_of == i]) - np.sum(labels[bin_of == i])))
        for i in range(bins)
    ]
    return sum(gaps) / len(labels)


def _by(scored: Scores, groups: list[list[str]]) -> dict[str, Any]:
    """Rates of each group; a picture counts in all of its groups, such as languages."""
    names = sorted({name for names in groups for name in names if name})
    return {name: _rates(scored, np.array([name in mine for mine in groups])) for name in names}


def _rates(scored: Scores, chosen: np.ndarray) -> dict[str, Any]:
    """Recall, where there are memes among the chosen, and false alarm rate, where others."""
    rates = {}
    for name, labelled in (("recall", scored.is_meme), ("false_alarm_rate", ~scored.is_meme)):
        asked = chosen & labelled
        if asked.any():
            rates[name] = {
                "at_0.5": proportion(scored.probabilities[asked] >= 0.5),
                "at_threshold": proportion(scored.called_meme[asked]),
                "meme_or_unsure": proportion((scored.called_meme | scored.called_unsure)[asked]),
            }
    return rates
