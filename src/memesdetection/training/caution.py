"""Caution: what thresholds with a confidence bound, and abstaining, cost and bring on folds.

A threshold chosen on some sources may let more through on others. Here it is chosen on all folds
but one, and tried on that one.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from ..evaluation import proportion, with_interval
from .calibration import Rates, choose_thresholds, is_personal, temperature
from .folds import Comparison

RATES = {"as it is on the other folds": Rates(), "95 % confidence bound": Rates(confidence=0.95)}

FAR = 0.95
"""Farther from all training data than this share of held-out pictures is too far for `meme`."""


def table(comparison: Comparison, name: str, seed: int) -> str:
    """What ways to choose the threshold of `meme` come to, as Markdown."""
    material = comparison.material
    logits, labels = comparison.logits(name, seed), material.labels
    personal = np.array([is_personal(example) for example in material.repaired])
    distances = nearest(comparison.embeddings(name), material.folds)
    rows: dict[str, np.ndarray] = {}
    for fold in range(comparison.ladder.folds):
        chosen = (material.folds != fold) & material.counted
        tried = (material.folds == fold) & material.counted
        probabilities = expit(logits / temperature(logits[chosen], labels[chosen]))
        examples = [material.repaired[i] for i in np.flatnonzero(chosen)]
        far = distances > np.quantile(distances[chosen], FAR)
        for told, rates in RATES.items():
            threshold = choose_thresholds(examples, probabilities[chosen], rates).meme
            called = probabilities >= threshold
            for way, verdicts in ((told, called), (f"{told}, `unsure` if far", called & ~far)):
                rows.setdefault(way, np.zeros(len(labels), dtype=bool))[tried] = verdicts[tried]
    lines = [
        f"The threshold of `meme` by `{name}`, chosen on all folds but one for 0.2 % of personal"
        " pictures and tried on that one, in % with 95 % intervals; far is what is farther from all"
        f" pictures of other folds than {100 * FAR:.0f} % of pictures are:",
        "",
        "| threshold | personal pictures called `meme` | others called `meme` | recall |",
        "| --- | --: | --: | --: |",
    ]
    counted = material.counted
    for way, called in rows.items():
        shares = (counted & personal, counted & ~labels & ~personal, counted & labels)
        shown = " | ".join(with_interval(proportion(called[mine])) for mine in shares)
        lines.append(f"| {way} | {shown} |")
    return "\n".join(lines) + "\n"


def nearest(embeddings: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """The cosine distance of each picture to the nearest one of other folds.

    Args:
        embeddings: float [n, channels].
        folds: int [n].

    Returns:
        float32 [n], 0-2.
    """
    unit = embeddings.astype(np.float32)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    distances = np.empty(len(unit), dtype=np.float32)
    for fold in np.unique(folds):
        mine, others = np.flatnonzero(folds == fold), unit[folds != fold]
        for part in np.array_split(mine, max(len(mine) // 1000, 1)):
            distances[part] = 1 - (unit[part] @ others.T).max(axis=1)
    return distances
