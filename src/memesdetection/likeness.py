"""Likeness: what the user's corrections say of a picture that looks like the corrected ones.

Only a correction teaches: a kept picture that the model called `meme` or `unsure`, or a picture
marked as a meme that it called `not_meme`. So a kept photo that the model knew for one shields
nothing. The likeness of two pictures is the Bhattacharyya coefficient of their embeddings, each
taken as a distribution: 0 (nothing in common) to 1 (the same). The nearest corrections each move
the picture's logit by a weight times their likeness above a least one: down if kept, up if marked.
So what is near a threshold changes soon, what is certain only with much that is very like it.
Nothing ever rises above `unsure`: corrections cannot make a false `meme`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .classifier import Judgement, Thresholds, Verdict, percent, sigmoid
from .marks import Lesson

if TYPE_CHECKING:
    import numpy as np

NEAREST = 5
"""Corrections of each sort that move a picture at most."""

# Keeps the logit of a probability that is rounded to 0 or 1 finite.
_CERTAIN = 1e-9


@dataclass(frozen=True)
class Rule:
    """How far corrections reach.

    Attributes:
        least: likeness from which on a correction counts, 0-1.
        weight: logits that it moves a picture by for each 1.0 of likeness above that.
    """

    least: float
    weight: float


RULE = Rule(least=0.5, weight=12)
"""Chosen on val: docs/learning.md says how."""


@dataclass(frozen=True)
class Influence:
    """What corrections do to one picture.

    Attributes:
        shift: logits to add; below 0 towards `not_meme`.
        kept: how many kept pictures it is like.
        marked: how many pictures marked as memes it is like.
    """

    shift: float = 0.0
    kept: int = 0
    marked: int = 0

    def judge(self, probability: float, from_camera: bool, thresholds: Thresholds) -> Judgement:
        """The verdict on a picture with its reason, as these corrections have it.

        Args:
            probability: of being a meme by the model, 0-1; it is not changed.
            from_camera: as for `Thresholds.judge`.
            thresholds: the model's.
        """
        own = thresholds.judge(probability, from_camera)
        if self.shift == 0:
            return own
        certain = min(max(probability, _CERTAIN), 1 - _CERTAIN)
        moved = sigmoid(math.log(certain / (1 - certain)) + self.shift)
        verdict = thresholds.judge(moved, from_camera).verdict
        shown = percent(probability)
        if self.shift > 0 and own.verdict == "not_meme" and verdict != "not_meme":
            like = f"Like {_pictures(self.marked)} you marked as {_memes(self.marked)}"
            reason = f"{like}, though it does not look like one ({shown}): look at it yourself."
            return Judgement("unsure", probability, reason)
        if self.shift < 0 and verdict != own.verdict:
            looks = "looks like a meme" if own.verdict == "meme" else "may be a meme"
            look = ": look at it yourself" if verdict == "unsure" else ""
            reason = f"Like {_pictures(self.kept)} you kept, though it {looks} ({shown}){look}."
            return Judgement(verdict, probability, reason)
        return own


class Likeness:
    """Compares pictures with the corrected ones."""

    def __init__(
        self,
        lessons: Sequence[Lesson],
        marks: Mapping[str, Verdict],
        thresholds: Thresholds,
        rule: Rule = RULE,
    ) -> None:
        """Take up what there is to learn.

        Args:
            lessons: of one model, embeddings all [channels].
            marks: the user's verdicts by SHA-256; lessons on other contents do not count.
            thresholds: what the model's verdicts follow from.
            rule: how far corrections reach.
        """
        self._rule = rule
        taught: dict[Verdict, list[bytes]] = {}
        for one in lessons:
            mark = marks.get(one.sha256)
            if mark is not None and (one.probability < thresholds.unsure) == (mark == "meme"):
                taught.setdefault(mark, []).append(one.embedding)
        self._roots = {mark: roots(embeddings) for mark, embeddings in taught.items()}

    def __bool__(self) -> bool:
        """Whether there is anything that could change a verdict."""
        return bool(self._roots)

    def influences(self, embeddings: Sequence[bytes]) -> list[Influence]:
        """What the corrections do to each of n pictures.

        Args:
            embeddings: by the lessons' model, each float16 [channels], little-endian.
        """
        if not embeddings:
            return []
        shifts, kept, marked = (array.tolist() for array in self.shifts(roots(embeddings)))
        return [Influence(*one) for one in zip(shifts, kept, marked, strict=True)]

    def shifts(self, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The fields of `Influence` for n pictures, float32 [n] and twice int [n].

        Args:
            pictures: what `roots` gives for them.
        """
        (down, kept), (up, marked) = (self._pull(pictures, mark) for mark in ("not_meme", "meme"))
        return up - down, kept, marked

    def _pull(self, pictures: np.ndarray, mark: Verdict) -> tuple[np.ndarray, np.ndarray]:
        """For each picture the logits, and how many corrections it is like."""
        import numpy as np

        if mark not in self._roots:
            return np.zeros(len(pictures), np.float32), np.zeros(len(pictures), np.int64)
        above = pictures @ self._roots[mark].T - self._rule.least
        counts = (above >= 0).sum(axis=1)
        if above.shape[1] > NEAREST:
            above = np.partition(above, -NEAREST, axis=1)[:, -NEAREST:]
        return self._rule.weight * np.maximum(above, 0).sum(axis=1), counts


def roots(embeddings: Sequence[bytes]) -> np.ndarray:
    """Float32 [n, channels] whose products are Bhattacharyya coefficients.

    Args:
        embeddings: n of them, each float16 [channels], little-endian.
    """
    import numpy as np

    values = np.frombuffer(b"".join(embeddings), "<f2").astype(np.float32)
    values = values.reshape(len(embeddings), -1)
    np.maximum(values, 0, out=values)
    values /= np.maximum(values.sum(axis=1, keepdims=True), np.finfo(np.float32).tiny)
    return np.sqrt(values, out=values)


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count} pictures"


def _memes(count: int) -> str:
    return "a meme" if count == 1 else "memes"
