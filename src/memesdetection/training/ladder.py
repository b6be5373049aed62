"""The ladder: recipes side by side, with intervals, as tables of Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from ..evaluation import figures
from .calibration import is_personal, temperature
from .folds import Comparison, Material

DRAWS = 1000
"""Bootstrap draws of whole sources."""

SMALLEST_GROUP = 25
"""Kinds and languages of fewer pictures are not averaged over, unless there are no others."""

_FALSE_ALARMS = 0.002


@dataclass(frozen=True)
class Rung:
    """What a recipe came to on pictures it never saw.

    Attributes:
        name: of the recipe.
        losses: float64 [n], the log loss of each counted picture, calibrated, mean over seeds.
        probabilities: float64 [n], of the first seed.
        spread: of the mean loss over kinds between seeds, highest minus lowest; None of one seed.
    """

    name: str
    losses: np.ndarray
    probabilities: np.ndarray
    spread: float | None


class Groups:
    """Kinds and languages, over which a loss is averaged so that no large one outvotes others.

    Half of the mean is that of the kinds of other pictures, half that of memes, by language.
    """

    def __init__(self, material: Material) -> None:
        """Take the counted pictures of train and val."""
        examples = [
            e for e, counted in zip(material.repaired, material.counted, strict=True) if counted
        ]
        self.is_meme = np.array([e.is_meme for e in examples])
        self.personal = np.array([is_personal(e) for e in examples])
        names = [e.language.split(",")[0] if e.is_meme else e.kind for e in examples]
        self._names = np.array([name or "other" for name in names])
        self.sources, self._source = np.unique([e.source for e in examples], return_inverse=True)
        self.kinds = self._large(~self.is_meme)
        self.languages = self._large(self.is_meme)

    def members(self, name: str, is_meme: bool) -> np.ndarray:
        """Bool [n], the pictures of a kind or a language."""
        return (self._names == name) & (self.is_meme == is_meme)

    def means(self, values: np.ndarray, draws: np.ndarray | None = None) -> np.ndarray:
        """The mean over groups of a value of each picture, for each draw of sources.

        Args:
            values: float [n].
            draws: int [draws, sources], how often each source was drawn; None is once each.

        Returns:
            float64 [draws].
        """
        if draws is None:
            draws = np.ones((1, len(self.sources)), dtype=int)
        halves = []
        for names, is_meme in ((self.kinds, False), (self.languages, True)):
            groups = []
            for name in names:
                mine = self.members(name, is_meme)
                sums, counts = (
                    np.bincount(self._source[mine], weights, len(self.sources))
                    for weights in (values[mine], None)
                )
                with np.errstate(invalid="ignore"):
                    groups.append((draws @ sums) / (draws @ counts))
            halves.append(np.nanmean(groups, axis=0))
        return np.mean(halves, axis=0)

    def draws(self, seed: int = 0) -> np.ndarray:
        """Int [DRAWS, sources], bootstrap draws of whole sources."""
        count = len(self.sources)
        return np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), DRAWS)

    def _large(self, chosen: np.ndarray) -> list[str]:
        names, counts = np.unique(self._names[chosen], return_counts=True)
        large = names[counts >= SMALLEST_GROUP]
        return (large if len(large) else names).tolist()


def climbed(comparison: Comparison, name: str, groups: Groups) -> Rung:
    """Train a recipe, if that is not done, and measure it."""
    counted = comparison.material.counted
    losses, probabilities = [], []
    for seed in comparison.ladder.seeds:
        logits = comparison.logits(name, seed)[counted]
        calibrated = logits / temperature(logits, groups.is_meme)
        probabilities.append(expit(calibrated))
        losses.append(np.logaddexp(0, np.where(groups.is_meme, -calibrated, calibrated)))
    means = [float(groups.means(each)[0]) for each in losses]
    spread = max(means) - min(means) if len(means) > 1 else None
    return Rung(name, np.mean(losses, axis=0), probabilities[0], spread)


def table(comparison: Comparison, rungs: Sequence[Rung], groups: Groups) -> str:
    """The ladder as Markdown: one table of figures, one of false alarms, one of recall."""
    recipes, material = comparison.ladder.recipes, comparison.material
    by_name = {rung.name: rung for rung in rungs}
    draws = groups.draws()
    sources = len(groups.sources)
    lines = [
        f"{len(groups.is_meme):,} pictures of {sources} sources in {comparison.ladder.folds} folds;"
        f" seeds {', '.join(map(str, comparison.ladder.seeds))}. Log loss and accuracy are means"
        " over kinds (half of it) and languages of memes (the other half), after one temperature a"
        " recipe; the difference is to the recipe named, with the 95 % interval of a bootstrap of"
        f" {DRAWS:,} draws of whole sources.",
        "",
        "| recipe | what it tries | log loss | difference | so it is | accuracy | AUC |"
        " recall at 0.2 % of all others | recall at 0.2 % of personal pictures |",
        "| --- | --- | --: | --: | --- | --: | --: | --: | --: |",
    ]
    first = rungs[0].name
    for rung in rungs:
        recipe = recipes[rung.name]
        loss = f"{groups.means(rung.losses)[0]:.4f}"
        if rung.spread is not None:
            loss += f" (seeds ± {rung.spread / 2:.4f})"
        difference, verdict = "", ""
        if rung.name != first:
            other = by_name.get(recipe.against, rungs[0])
            apart = groups.means(rung.losses - other.losses, draws)
            low, high = np.quantile(apart, [0.025, 0.975])
            mean = groups.means(rung.losses - other.losses)[0]
            difference = f"{mean:+.4f} ({low:+.4f} to {high:+.4f})"
            difference += f" to {other.name}" if other.name != first else ""
            verdict = "better" if high < 0 else "worse" if low > 0 else "noise"
        right = (rung.probabilities >= 0.5) == groups.is_meme
        all_others = figures(groups.is_meme, rung.probabilities)
        lines.append(
            f"| {rung.name} | {recipe.idea} | {loss} | {difference} | {verdict} |"
            f" {100 * groups.means(right.astype(float))[0]:.1f} % | {all_others['roc_auc']:.4f} |"
            f" {100 * all_others['recall_at_fpr_0.002']:.1f} % |"
            f" {100 * _recall(rung.probabilities, groups):.1f} % |"
        )
    for title, names, is_meme in (
        ("False alarms at probability 0.5, in %, by kind", groups.kinds, False),
        ("Recall at probability 0.5, in %, by language", groups.languages, True),
    ):
        lines += ["", f"{title}:", ""]
        counts = [int(groups.members(name, is_meme).sum()) for name in names]
        lines.append("| recipe | " + " | ".join(names) + " |")
        lines.append("| --- |" + " --: |" * len(names))
        lines.append("| pictures | " + " | ".join(map(str, counts)) + " |")
        for rung in rungs:
            called = rung.probabilities >= 0.5
            rates = [100 * called[groups.members(name, is_meme)].mean() for name in names]
            lines.append(f"| {rung.name} | " + " | ".join(f"{r:.1f}" for r in rates) + " |")
    left_out = int((~material.counted).sum())
    if left_out:
        lines += ["", f"{left_out} pictures that the corrections call ambiguous are left out."]
    return "\n".join(lines) + "\n"


def _recall(probabilities: np.ndarray, groups: Groups) -> float:
    """The recall where at most so many personal pictures are called memes."""
    personal = np.sort(probabilities[groups.personal])[::-1]
    if not len(personal):
        return float("nan")
    threshold = personal[min(int(_FALSE_ALARMS * len(personal)), len(personal) - 1)]
    return float((probabilities[groups.is_meme] > threshold).mean())
