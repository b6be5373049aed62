"""The label audit: pictures whose label a model that never saw them confidently disagrees with."""

from __future__ import annotations

import csv
import html
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np

from ..corrections import AMBIGUOUS
from ..errors import MissingExtra, OutputError, UsageError
from ..labels import LABELS, LabelledPicture

try:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
except ImportError as error:
    raise MissingExtra("Checking data", "train") from error

PROPOSALS = "proposals.csv"
SHEET = "proposals.html"

THERE_ALREADY = (
    "{} is there already, perhaps with decisions in it; rename it or name another folder."
)

FOLDS = 5
CONFIDENCE = 0.9
"""Lowest out-of-fold probability of the other label that makes a proposal."""

# Weight of the mean loss against the L2 penalty; a thousand features are far too free without it.
_WEIGHT_OF_LOSS = 20.0


@dataclass(frozen=True)
class Proposal:
    """A picture for a person to look at.

    Attributes:
        picture: with the label that it has now.
        probability: out-of-fold, of being a meme, 0-1.
    """

    picture: LabelledPicture
    probability: float

    @property
    def against(self) -> float:
        """The probability of the other label."""
        return 1 - self.probability if self.picture.is_meme else self.probability


def out_of_fold(
    embeddings: np.ndarray,
    labels: np.ndarray,
    sources: Sequence[str],
    folds: int = FOLDS,
    seed: int = 0,
) -> np.ndarray:
    """The probability of being a meme that a model gives each picture without seeing its source.

    Out-of-fold predictions find wrong labels (Northcutt et al., "Confident learning: estimating
    uncertainty in dataset labels", JAIR 2021); here by logistic regression on embeddings. Folds
    are of whole sources: pictures of one source are alike and mostly wrong together.

    Args:
        embeddings: float [n, channels].
        labels: bool [n], True for a meme.
        sources: n names.
        folds: number of folds.
        seed: of the draw of sources into folds.

    Returns:
        float64 [n].

    Raises:
        UsageError: there are too few sources of a label.
    """
    for label, is_meme in (("meme", True), ("not_meme", False)):
        if len({s for s, mine in zip(sources, labels, strict=True) if mine == is_meme}) < 2:
            raise UsageError(
                f"The check needs pictures of at least two sources with label {label}."
            )
    folds = min(folds, len(set(sources)))
    probabilities = np.empty(len(labels))
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    for train, held_out in splitter.split(embeddings, labels, sources):
        if len(np.unique(labels[train])) < 2:
            raise UsageError(
                "The check needs more sources: without one fold, only one label is left."
            )
        model = make_pipeline(
            StandardScaler(),
            LogisticRegression(
                C=_WEIGHT_OF_LOSS / len(train), class_weight="balanced", max_iter=1000
            ),
        )
        model.fit(embeddings[train], labels[train])
        probabilities[held_out] = model.predict_proba(embeddings[held_out])[:, 1]
    return probabilities


def proposals(
    pictures: Sequence[LabelledPicture],
    probabilities: np.ndarray,
    confidence: float = CONFIDENCE,
) -> list[Proposal]:
    """The pictures whose label the prediction is confidently against, the surest first.

    Args:
        pictures: n of them.
        probabilities: float [n], of being a meme, out-of-fold.
        confidence: lowest probability of the other label, 0-1.
    """
    found = [
        Proposal(picture, float(probability))
        for picture, probability in zip(pictures, probabilities, strict=True)
    ]
    found = [one for one in found if one.against >= confidence]
    return sorted(found, key=lambda one: (-one.against, str(one.picture.path)))


def write_proposals(found: Sequence[Proposal], folder: Path, data: Path) -> None:
    """Write `proposals.csv`, to be edited by a person, and `proposals.html` to look at meanwhile.

    Each row has the label that the picture has now: what nobody edits changes nothing.

    Args:
        found: the proposals.
        folder: is made if need be.
        data: the data folder, which paths in the table are relative to.

    Raises:
        UsageError: there are proposals already, which somebody may have edited.
        OutputError: the disk does not take it.
    """
    if (folder / PROPOSALS).exists():
        raise UsageError(THERE_ALREADY.format(folder / PROPOSALS))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / SHEET).write_text(_page(found, folder, data), encoding="utf-8")
        with (folder / PROPOSALS).open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(("path", "label", "reason", "probability", "kind", "source"))
            for one in found:
                picture = one.picture
                path = picture.path.relative_to(data).as_posix()
                reason = f"proposed: {_other(picture.label)}, out of fold"
                shown = f"{one.probability:.3f}"
                table.writerow((path, picture.label, reason, shown, picture.kind, picture.source))
    except OSError as error:
        raise OutputError(
            f"{error.filename or folder} cannot be written: {error.strerror}."
        ) from error


def _page(found: Sequence[Proposal], folder: Path, data: Path) -> str:
    """The proposals as contact sheets in HTML, by label, which show the pictures where they are."""
    parts = [_HEAD]
    for label in LABELS:
        mine = [one for one in found if one.picture.label == label]
        parts.append(f"<h2>Labelled {label}, perhaps {_other(label)}: {len(mine)}</h2>\n<main>")
        for one in mine:
            path = one.picture.path
            address = quote(Path(os.path.relpath(path, folder)).as_posix())
            told = (path.relative_to(data).as_posix(), one.picture.kind, one.picture.source)
            lines = "<br>".join(html.escape(text) for text in told if text)
            parts.append(
                f'<figure><img src="{address}" loading="lazy" alt=""><figcaption>'
                f"p(meme) {one.probability:.3f}<br>{lines}</figcaption></figure>"
            )
        parts.append("</main>")
    return "\n".join(parts) + "\n"


def _other(label: str) -> str:
    return LABELS[1 - LABELS.index(label)]


_HEAD = f"""<!doctype html>
<meta charset="utf-8">
<title>Labels to look at</title>
<style>
body {{ font: 13px sans-serif }}
main {{ display: flex; flex-wrap: wrap; gap: 8px }}
figure {{ margin: 0; width: 190px; overflow-wrap: anywhere }}
img {{ width: 190px; height: 190px; object-fit: contain; background: #eee }}
</style>
<h1>Labels to look at</h1>
<p>In {PROPOSALS} write the label that is right: meme, not_meme or {AMBIGUOUS} (then the picture is
left out). What you do not change stays as it is. Then rename the file to corrections.csv.</p>"""
