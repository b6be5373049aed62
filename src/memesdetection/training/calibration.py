"""Calibration: a temperature that makes logits probabilities, and the verdicts' thresholds."""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.metrics import log_loss

from ..classifier import Thresholds
from ..evaluation import Scores
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

FALSE_ALARM_RATE = 0.002
"""Largest share of val's personal pictures with verdict `meme`."""

RECALL_WITH_UNSURE = 0.95
"""Smallest share of val's memes with verdict `meme` or `unsure`."""


def temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The divisor of the logits that gives the smallest log loss (Guo et al., arXiv 1706.04599).

    Args:
        logits: float [n].
        labels: bool [n].
    """

    def loss(log_temperature: float) -> float:
        return log_loss(labels, 1 / (1 + np.exp(-logits / math.exp(log_temperature))))

    return math.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x)


def choose_thresholds(scored: Scores) -> Thresholds:
    """Choose thresholds on val: few false alarms for `meme`, few misses for `unsure`.

    `meme` is the lowest threshold that lets at most `FALSE_ALARM_RATE` of the personal pictures
    through; `unsure` is the highest that leaves `RECALL_WITH_UNSURE` of the memes at or above it.
    """
    personal = np.array([_is_personal(example) for example in scored.examples])
    allowed = math.floor(FALSE_ALARM_RATE * personal.sum())
    descending = np.sort(scored.probabilities[personal])[::-1]
    meme = float(np.nextafter(descending[allowed], 1))
    memes = np.sort(scored.probabilities[scored.is_meme])
    unsure = memes[math.floor((1 - RECALL_WITH_UNSURE) * len(memes))]
    return Thresholds(meme=meme, unsure=min(float(unsure), meme))


def kinds_of_personal(scored: Scores) -> list[str]:
    """The kinds of the personal pictures, one for each, that the `meme` threshold was chosen by."""
    return [example.kind for example in scored.examples if _is_personal(example)]


def _is_personal(example: LabelledPicture) -> bool:
    return not example.is_meme and example.kind in PERSONAL_KINDS
