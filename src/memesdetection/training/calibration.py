"""Calibration: a temperature that makes logits probabilities, and the verdicts' thresholds.

Both are chosen on val alone. `memes calibrate` writes them to a run, with what they come to there.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit
from scipy.stats import beta
from sklearn.metrics import log_loss

from ..classifier import Thresholds
from ..errors import UsageError
from ..evaluation import expected_calibration_error, proportion
from ..labels import LabelledPicture

PERSONAL_KINDS = (
    "people",
    "animals",
    "food",
    "everyday_mixed",
    "landscapes_travel",
    "objects_products",
)
"""What somebody photographs for themselves; a false alarm there is the costly mistake."""

STRICTNESS = {"careful": 0.0, "normal": 1.0, "eager": 5.0}
"""Steps that a user chooses from, by how many times the false alarms of the rates each allows."""

FILE = "calibration.json"


@dataclass(frozen=True)
class Rates:
    """What the thresholds are chosen by.

    Attributes:
        false_alarm: largest share of val's personal pictures with verdict `meme`, 0-1.
        recall_with_unsure: smallest share of val's memes with verdict `meme` or `unsure`, 0-1.
        confidence: with which the share of false alarms, on other pictures like val's, is no
            larger (Clopper and Pearson, Biometrika 26, 1934); 0 takes val's share as it is.
        false_alarm_of_others: largest share of all of val's pictures that are no memes with verdict
            `meme`, 0-1.
    """

    false_alarm: float = 0.002
    recall_with_unsure: float = 0.95
    confidence: float = 0.0
    false_alarm_of_others: float = 1.0

    def allowed(self, personal: int) -> int:
        """How many of so many personal pictures may have the verdict `meme`; 0 if it must be."""
        # Rounded, for 0.1 * 10 and the like are a little off in floating point.
        most = math.floor(round(self.false_alarm * personal, 6))
        if not self.confidence:
            return most
        bounds = beta.ppf(self.confidence, np.arange(most + 1) + 1, personal - np.arange(most + 1))
        return max(int(np.sum(bounds <= self.false_alarm)) - 1, 0)

    def needed(self) -> int:
        """How many personal pictures it takes to keep the rate with the confidence."""
        return math.ceil(math.log(1 - self.confidence) / math.log(1 - self.false_alarm))


def temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The divisor of the logits that gives the smallest log loss (Guo et al., arXiv 1706.04599).

    Args:
        logits: float [n].
        labels: bool [n].
    """

    def loss(log_temperature: float) -> float:
        return log_loss(labels, expit(logits / math.exp(log_temperature)))

    return math.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x)


def choose_thresholds(
    examples: Sequence[LabelledPicture], probabilities: np.ndarray, rates: Rates
) -> Thresholds:
    """Choose thresholds: few false alarms for `meme`, few misses for `unsure`.

    `meme` is the lowest threshold that lets at most `rates.false_alarm` of the personal pictures
    and `rates.false_alarm_of_others` of all that are no memes through; `unsure` is the highest that
    leaves `rates.recall_with_unsure` of the memes at or above it.

    Args:
        examples: labelled pictures, n of them, memes and personal pictures among them.
        probabilities: float [n], of being a meme.
        rates: what to choose by.

    Raises:
        UsageError: there is no personal picture, or no meme, to choose by.
    """
    personal = probabilities[[is_personal(example) for example in examples]]
    memes = np.sort(probabilities[[example.is_meme for example in examples]])
    if not len(personal) or not len(memes):
        raise UsageError(
            "To choose thresholds, val needs memes, and other pictures of at least one of the"
            f" kinds {', '.join(PERSONAL_KINDS)}."
        )
    allowed = rates.allowed(len(personal))
    others = probabilities[[not example.is_meme for example in examples]]
    most = math.floor(round(rates.false_alarm_of_others * len(others), 6))
    meme = max(_above(personal, allowed), _above(others, most))
    missed = math.floor(round((1 - rates.recall_with_unsure) * len(memes), 6))
    unsure = float(memes[min(missed, len(memes) - 1)])
    return Thresholds(meme=meme, unsure=min(unsure, meme))


def _above(probabilities: np.ndarray, allowed: int) -> float:
    """The lowest threshold that at most so many of the probabilities reach."""
    return float(
        np.nextafter(np.sort(probabilities)[::-1][min(allowed, len(probabilities) - 1)], 1)
    )


def calibrate(
    examples: Sequence[LabelledPicture], logits: np.ndarray, rates: Rates
) -> dict[str, Any]:
    """Fit the temperature, choose the thresholds, and say what they come to.

    Args:
        examples: labelled pictures of val, n of them.
        logits: float [n], not calibrated.
        rates: what to choose the thresholds by.

    Returns:
        What JSON can hold: the `temperature`, log loss and calibration error before and after it,
        the `thresholds`, and the shares of val that they give with their 95 % intervals.

    Raises:
        UsageError: val has no pictures to choose by.
    """
    labels = np.array([example.is_meme for example in examples])
    divisor = temperature(logits, labels)
    before, after = expit(logits), expit(logits / divisor)
    thresholds = choose_thresholds(examples, after, rates)
    return {
        "chosen_on": "val",
        "temperature": divisor,
        "log_loss": {"before": log_loss(labels, before), "after": log_loss(labels, after)},
        "ece": {
            "before": expected_calibration_error(labels, before),
            "after": expected_calibration_error(labels, after),
        },
        "rates": asdict(rates),
        "thresholds": asdict(thresholds),
        "reached": reached(examples, after, thresholds),
    }


def reached(
    examples: Sequence[LabelledPicture], probabilities: np.ndarray, thresholds: Thresholds
) -> dict[str, Any]:
    """What the thresholds come to, as proportions with their 95 % intervals."""
    personal = np.array([is_personal(example) for example in examples])
    memes = np.array([example.is_meme for example in examples])
    return {
        "false_alarms_among_personal": proportion(probabilities[personal] >= thresholds.meme),
        "false_alarms": proportion(probabilities[~memes] >= thresholds.meme),
        "recall": proportion(probabilities[memes] >= thresholds.meme),
        "recall_with_unsure": proportion(probabilities[memes] >= thresholds.unsure),
        "personal_kinds": dict(Counter(e.kind for e in examples if is_personal(e))),
    }


def strictness(
    examples: Sequence[LabelledPicture], probabilities: np.ndarray, rates: Rates
) -> list[dict[str, Any]]:
    """The thresholds of each step of `STRICTNESS`, strictest first, and what they come to.

    `unsure` is where the rates have it, so the steps differ in what is called `meme` alone.

    Args:
        examples: labelled pictures of val, n of them.
        probabilities: float [n], of being a meme.
        rates: what the step `normal` is chosen by.

    Raises:
        UsageError: val has no pictures to choose by.
    """
    steps = []
    for name, times in STRICTNESS.items():
        step = replace(
            rates,
            false_alarm=min(times * rates.false_alarm, 1.0),
            false_alarm_of_others=min(max(times, 1.0) * rates.false_alarm_of_others, 1.0),
        )
        thresholds = choose_thresholds(examples, probabilities, step)
        figures = reached(examples, probabilities, thresholds)
        steps.append(
            {
                "name": name,
                "allowed_false_alarms_among_personal": step.false_alarm,
                "thresholds": asdict(thresholds),
                "false_alarms_among_personal": figures["false_alarms_among_personal"],
                "false_alarms": figures["false_alarms"],
                "recall": figures["recall"],
            }
        )
    return steps


def read_calibration(run: Path) -> dict[str, Any] | None:
    """What `memes calibrate` wrote to a run; None if it did not.

    Raises:
        UsageError: the file is broken.
    """
    file = run / FILE
    if not file.is_file():
        return None
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UsageError(f"{file} is broken; delete it and run memes calibrate again.") from error


def is_personal(example: LabelledPicture) -> bool:
    """Whether a picture is one of `PERSONAL_KINDS`."""
    return not example.is_meme and example.kind in PERSONAL_KINDS
