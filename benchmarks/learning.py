"""Learning: what a few corrections change, on labelled pictures; writes docs/learning.md's tables.

    python -m benchmarks.learning --shared ../shared

The rule is chosen on val, by a model that did not learn from it; test is only reported. Each figure
is a mean over random draws of the corrected pictures.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path

import numpy as np

from memesdetection import gallery
from memesdetection.classifier import Classifier, Thresholds, Verdict
from memesdetection.labels import read_labels
from memesdetection.likeness import RULE, Likeness, Rule, roots
from memesdetection.marks import Lesson
from memesdetection.pictures import FoundFile
from memesdetection.store import Store
from memesdetection.training.description import learned_from_val

PAGE = Path(__file__).resolve().parents[1] / "docs/learning.md"
START, END = (
    "<!-- figures: written by python -m benchmarks.learning -->\n",
    "<!-- end of figures -->",
)

CORRECTED = 5
DRAWS = 40
RULES = [Rule(*of) for of in product((0.4, 0.45, 0.5, 0.55, 0.6), (4, 8, 12, 16, 24, 32))]
TOUCHED_AT_MOST = 0.02

NOT_MEME, UNSURE, MEME = range(3)


@dataclass(frozen=True)
class Split:
    """The labelled pictures of a split, n of them, as the model has them.

    Attributes:
        lessons: one for each picture, in order.
        is_meme: bool [n], the labels.
        source: text [n].
        thresholds: the model's.
    """

    lessons: list[Lesson]
    is_meme: np.ndarray
    source: np.ndarray
    thresholds: Thresholds

    @cached_property
    def roots(self) -> np.ndarray:
        return roots([one.embedding for one in self.lessons])

    @cached_property
    def logits(self) -> np.ndarray:
        probabilities = np.array([one.probability for one in self.lessons])
        return np.log(probabilities / (1 - probabilities))

    @cached_property
    def verdicts(self) -> np.ndarray:
        """Int [n], the model's own: `NOT_MEME`, `UNSURE` or `MEME`."""
        return self._verdicts(self.logits)

    @cached_property
    def misjudged(self) -> np.ndarray:
        """Bool [n]: other pictures called `meme` or `unsure`, and memes called `not_meme`."""
        return np.asarray(self.is_meme == (self.verdicts == NOT_MEME))

    def after(self, corrected: np.ndarray, mark: Verdict, rule: Rule) -> np.ndarray:
        """Int [n], the verdicts after the pictures with these indices were marked."""
        lessons = [self.lessons[index] for index in corrected]
        marks: dict[str, Verdict] = {one.sha256: mark for one in lessons}
        shifts, _, _ = Likeness(lessons, marks, self.thresholds, rule).shifts(self.roots)
        moved = self._verdicts(self.logits + shifts)
        return np.where(shifts > 0, np.maximum(self.verdicts, np.minimum(moved, UNSURE)), moved)

    def draws(self, of: np.ndarray, count: int = CORRECTED) -> Iterator[tuple[str, np.ndarray]]:
        """For each source with more than `count` of these pictures: its name, what to correct."""
        random = np.random.default_rng(0)
        for source in np.unique(self.source):
            indices = np.flatnonzero(of & (self.source == source))
            if len(indices) > count:
                for _ in range(DRAWS):
                    yield str(source), random.choice(indices, count, replace=False)

    def _verdicts(self, logits: np.ndarray) -> np.ndarray:
        bounds = np.array([self.thresholds.unsure, self.thresholds.meme])
        return np.searchsorted(np.log(bounds / (1 - bounds)), logits, side="right")


@dataclass(frozen=True)
class Effect:
    """What correcting some pictures of a source does; shares 0-1, means over the draws.

    Attributes:
        source: its name.
        misjudged: how many of it are, those that are corrected among them.
        fixed: share of its other misjudged pictures that are on the right side of `unsure` now.
        moved: share of the pictures of the other label whose verdict changed.
        lost: share of them that crossed `unsure`.
    """

    source: str
    misjudged: int
    fixed: float
    moved: float
    lost: float


def effects(split: Split, mark: Verdict, rule: Rule = RULE) -> list[Effect]:
    """What correcting a few of each source does, where it has more that are misjudged.

    Args:
        split: the pictures.
        mark: `not_meme` for other pictures that are kept, `meme` for memes that are marked.
        rule: how far corrections reach.
    """
    wrong = split.misjudged & (split.is_meme == (mark == "meme"))
    others = (split.is_meme != (mark == "meme")) & ~split.misjudged
    found: dict[str, list[tuple[float, float, float]]] = {}
    for source, corrected in split.draws(wrong):
        after = split.after(corrected, mark, rule)
        like = wrong & (split.source == source)
        like[corrected] = False
        crossed = (after == NOT_MEME) != (split.verdicts == NOT_MEME)
        found.setdefault(source, []).append(
            (
                float(crossed[like].mean()),
                float((after != split.verdicts)[others].mean()),
                float(crossed[others].mean()),
            )
        )
    return [
        Effect(source, int((wrong & (split.source == source)).sum()), *np.mean(some, axis=0))
        for source, some in found.items()
    ]


def chosen(val: Split) -> Rule:
    """The rule that fixes most of val where it touches few: see the page."""
    best, most = RULES[0], -1.0
    for rule in RULES:
        kept, marked = effects(val, "not_meme", rule), effects(val, "meme", rule)
        touched = (float(np.mean([one.moved for one in some])) for some in (kept, marked))
        fixed = float(np.mean([one.fixed for one in kept]))
        if max(touched) <= TOUCHED_AT_MOST and fixed > most:
            best, most = rule, fixed
    return best


def page_section(val: Split, test: Split) -> str:
    """The tables of the page."""
    kept = f"{CORRECTED} kept of the source"
    lines = [
        f"On test, {kept}; sources with more than {CORRECTED} other pictures called `meme` or"
        " `unsure`:",
        "",
        *_table(effects(test, "not_meme"), "fixed", "memes with another verdict", "memes lost"),
        "",
        f"On test, {CORRECTED} memes marked of the source; sources with more than {CORRECTED} memes"
        " called `not_meme`:",
        "",
        *_table(effects(test, "meme"), "now unsure", "others now unsure", "others now unsure"),
        "",
        "What else it does, on val and test:",
        "",
        "| | val | test |",
        "| --- | --: | --: |",
    ]
    rows = zip(_further(val), _further(test), strict=True)
    lines += [f"| {title} | {of_val} | {of_test} |" for (title, of_val), (_, of_test) in rows]
    return "\n".join(lines) + "\n"


def _table(found: Sequence[Effect], fixed: str, moved: str, lost: str) -> list[str]:
    columns = [moved] if moved == lost else [moved, lost]
    lines = [
        " | ".join(["| source", "misjudged", f"of the rest {fixed}", *columns]) + " |",
        "| --- |" + " --: |" * (2 + len(columns)),
    ]
    for one in sorted(found, key=lambda one: -one.misjudged):
        shares = [one.fixed, one.moved, one.lost][: 1 + len(columns)]
        lines.append(f"| {one.source} | {one.misjudged} | " + _cells(shares))
    rest = [one.misjudged - CORRECTED for one in found]
    means = [np.mean([[one.fixed, one.moved, one.lost] for one in found], axis=0)]
    pooled = float(np.average([one.fixed for one in found], weights=rest))
    lines.append("| **mean of the sources** | | " + _cells(list(means[0][: 1 + len(columns)])))
    lines.append(
        f"| **all the rest together** | {sum(rest)} | {pooled:.0%} |" + " |" * len(columns)
    )
    return lines


def _cells(shares: Sequence[float]) -> str:
    first, *others = shares
    return " | ".join([f"{first:.0%}", *(f"{share:.1%}" for share in others)]) + " |"


def _further(split: Split) -> list[tuple[str, str]]:
    """Rows of what corrections cost, each with its title."""
    seen = split.is_meme & ~split.misjudged
    wrong = np.flatnonzero(~split.is_meme & split.misjudged)
    missed = np.flatnonzero(split.is_meme & split.misjudged)
    kept = split.after(wrong, "not_meme", RULE)
    marked = split.after(missed, "meme", RULE)
    false_alarms = [
        int((~split.is_meme & (verdicts == MEME)).sum())
        for verdicts in (split.verdicts, kept, marked)
    ]
    photos = np.flatnonzero(~split.is_meme & ~split.misjudged)
    shielded = split.after(photos, "not_meme", RULE) != split.verdicts
    loved = []
    for _, corrected in split.draws(seen):
        others = seen.copy()
        others[corrected] = False
        after = split.after(corrected, "not_meme", RULE)
        loved.append([(after != split.verdicts)[others].mean(), (after == NOT_MEME)[others].mean()])
    changed, lost = np.mean(loved, axis=0)
    return [
        ("other pictures called `meme`, without corrections", str(false_alarms[0])),
        ("the same, all misjudged ones kept", f"{false_alarms[1]} ({len(wrong)} kept)"),
        ("the same, all missed memes marked", f"{false_alarms[2]} ({len(missed)} marked)"),
        (
            "pictures with another verdict, all rightly judged others kept",
            f"{int(shielded.sum())} ({len(photos)} kept)",
        ),
        (
            "memes with another verdict, all misjudged others kept",
            f"{(kept != split.verdicts)[seen].mean():.1%}",
        ),
        ("memes lost by that", f"{(kept == NOT_MEME)[seen].mean():.1%}"),
        (f"memes with another verdict, {CORRECTED} true memes kept", f"{changed:.1%}"),
        ("memes lost by that", f"{lost:.1%}"),
    ]


def _read(shared: Path, name: str, store: Store, classifier: Classifier) -> Split:
    examples = read_labels(shared / "data/index.csv", name)
    files = []
    for one in examples:
        status = one.path.stat()
        files.append(FoundFile(str(one.path), status.st_size, status.st_mtime_ns))
    found = list(gallery.scan(files, classifier, store))
    digests = [str(one.sha256) for one in found]
    embeddings = store.embeddings(digests, classifier.identity)
    lessons = [
        Lesson(digest, one.model, one.probability or 0, embeddings[digest])
        for digest, one in zip(digests, found, strict=True)
    ]
    return Split(
        lessons,
        np.array([one.is_meme for one in examples]),
        np.array([one.source for one in examples]),
        classifier.thresholds,
    )


def main() -> None:
    """Choose the rule on val, hold the program's against it, and write the page's tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learning", description=__doc__)
    parser.add_argument("--shared", type=Path, required=True, help="folder that holds data/")
    parser.add_argument("--cache", type=Path, help="keep the verdicts in this file")
    options = parser.parse_args()
    classifier = Classifier()
    with (
        tempfile.TemporaryDirectory() as made,
        Store(options.cache or Path(made) / "verdicts.sqlite") as store,
    ):
        val, test = (_read(options.shared, name, store, classifier) for name in ("val", "test"))
    # A model that has learned from val misjudges too little there to choose by.
    if not learned_from_val(classifier.card["run"]) and (best := chosen(val)) != RULE:
        raise SystemExit(f"On val {best} is the best, but the program has {RULE}.")
    before, rest = PAGE.read_text(encoding="utf-8").split(START)
    _, after = rest.split(END)
    section = page_section(val, test)
    PAGE.write_text(before + START + section + END + after, encoding="utf-8")
    print(section)


if __name__ == "__main__":
    main()
