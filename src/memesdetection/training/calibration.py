"""Calibration: a temperature that makes logits probabilities, and the verdicts' thresholds."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.metrics import log_loss

from ..classifier import Thresholds
from ..evaluation import Scores

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


def choose_thresholds(scored: Scores, personal_kinds: Sequence[str] = PERSONAL_KINDS) -> Thresholds:
    """Choose thresholds on val: few false alarms for `meme`, few misses for `unsure`.

    `meme` is the lowest threshold that lets at most `FALSE_ALARM_RATE` of the personal pictures
    through; `unsure` is the highest that leaves `RECALL_WITH_UNSURE` of the memes at or above it.
    """
    personal = np.array([e.kind in personal_kinds for e in scored.examples]) & ~scored.is_meme
    allowed = math.floor(FALSE_ALARM_RATE * personal.sum())
    descending = np.sort(scored.probabilities[personal])[::-1]
    meme = float(np.nextafter(descending[allowed], 1))
    memes = np.sort(scored.probabilities[scored.is_meme])
    unsure = memes[math.floor((1 - RECALL_WITH_UNSURE) * len(memes))]
    return Thresholds(meme=meme, unsure=min(float(unsure), meme))
