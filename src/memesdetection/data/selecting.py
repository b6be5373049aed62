"""Selecting: of all cleaned pictures those that training and evaluation shall have."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from ..labels import LABELS
from .cleaning import Cleaned
from .duplicates import near_duplicates
from .raw import RawPicture

# Of copies in two splits the one in the earlier split here stays, so that test stays clean.
_KEPT_FIRST = ("test", "val", "train")


@dataclass(frozen=True)
class Selection:
    """How pictures are selected.

    Attributes:
        seed: of all draws.
        val: share of the pictures of undecided sources that goes to val, 0-1.
        test: likewise to test.
        per_source: most pictures of a source, or None.
        per_kind: most pictures of a label and kind in a split, or None.
        balance: in train, most pictures of the more frequent label for one of the other; 0 for
            any number. Val and test stay whole: their figures come by label.
    """

    seed: int = 0
    val: float = 0.1
    test: float = 0.1
    per_source: int | None = None
    per_kind: int | None = None
    balance: float = 1.1


@dataclass(frozen=True)
class Candidate:
    """A picture with what its table and its cleaning say; its split is decided."""

    raw: RawPicture
    cleaned: Cleaned


@dataclass(frozen=True)
class Dropped:
    """A picture that is not in the data.

    Attributes:
        raw: which.
        reason: a few words, the same for all that were dropped for the same reason.
        detail: a sentence or the path of the other picture, as the reason asks for.
    """

    raw: RawPicture
    reason: str
    detail: str = ""


def with_splits(pictures: Sequence[RawPicture], how: Selection) -> list[RawPicture]:
    """Give each undecided source a split: all of a source into one.

    The sources come in an order drawn by the seed; each goes to test, else to val, if that brings
    its number of pictures of each label nearer to its share, and else to train.
    """
    undecided: dict[str, Counter[str]] = defaultdict(Counter)
    for picture in pictures:
        if not picture.split:
            undecided[picture.source][picture.label] += 1
    totals = sum(undecided.values(), Counter[str]())
    split_of = {}
    filled: dict[str, Counter[str]] = {"test": Counter(), "val": Counter()}
    shares = {"test": how.test, "val": how.val}
    for source in sorted(undecided, key=_draw(how.seed)):
        mine = undecided[source]

        def distance(split: str, added: Counter[str]) -> float:
            return sum(
                abs(filled[split][label] + added[label] - shares[split] * totals[label])
                for label in LABELS
            )

        chosen = "train"
        for split in ("test", "val"):
            if distance(split, mine) < distance(split, Counter()):
                chosen = split
                filled[split] += mine
                break
        split_of[source] = chosen
    return [
        picture if picture.split else replace(picture, split=split_of[picture.source])
        for picture in pictures
    ]


def select(
    candidates: Sequence[Candidate], how: Selection
) -> tuple[list[Candidate], list[Dropped]]:
    """Drop copies, then what is over a cap, then what unbalances train.

    The result depends on the pictures and `how` only, not on their order.
    """
    ordered = sorted(candidates, key=_preference)
    dropped: list[Dropped] = []
    kept = _without_copies(ordered, dropped)
    drawn = sorted(kept, key=lambda one: _draw(how.seed)(one.cleaned.sha1))
    if how.per_source is not None:
        drawn = _capped(drawn, how.per_source, lambda one: one.raw.source, "source", dropped)
    if how.per_kind is not None:
        drawn = _capped(
            drawn,
            how.per_kind,
            lambda one: (one.raw.split, one.raw.label, one.raw.kind),
            "kind",
            dropped,
        )
    if how.balance:
        drawn = _balanced(drawn, how.balance, dropped)
    chosen = {id(one) for one in drawn}
    return [one for one in ordered if id(one) in chosen], dropped


def _preference(candidate: Candidate) -> tuple[int, int, str, str]:
    """What stays of copies comes first: by split, then the larger original."""
    cleaned, raw = candidate.cleaned, candidate.raw
    split = _KEPT_FIRST.index(raw.split)
    return split, -cleaned.width * cleaned.height, cleaned.sha1, raw.path


def _without_copies(candidates: list[Candidate], dropped: list[Dropped]) -> list[Candidate]:
    """Keep the first of all pictures that are copies of each other.

    None of a picture that occurs under both labels stays: which label is right cannot be told.
    """
    copies: dict[int, list[int]] = defaultdict(list)
    for first, second in _pairs(candidates):
        copies[first].append(second)
        copies[second].append(first)
    kept: dict[int, Candidate] = {}
    for index, candidate in enumerate(candidates):
        raw = candidate.raw
        mine = [candidates[other].raw for other in sorted(copies[index])]
        contrary = next((other for other in mine if other.label != raw.label), None)
        if contrary is not None:
            dropped.append(Dropped(raw, "copy under both labels", contrary.path))
            continue
        first_copy = next((kept[other] for other in sorted(copies[index]) if other in kept), None)
        if first_copy is None:
            kept[index] = candidate
            continue
        exact = first_copy.cleaned.sha1 == candidate.cleaned.sha1
        reason = "exact duplicate" if exact else "near duplicate"
        if first_copy.raw.split != raw.split:
            reason += " across splits"
        dropped.append(Dropped(raw, reason, first_copy.raw.path))
    return list(kept.values())


def _pairs(candidates: Sequence[Candidate]) -> set[tuple[int, int]]:
    """Pairs of copies, exact or near, as indices, the smaller first."""
    if not candidates:
        return set()
    same: dict[str, list[int]] = defaultdict(list)
    for index, candidate in enumerate(candidates):
        same[candidate.cleaned.sha1].append(index)
    near = near_duplicates(
        np.array([one.cleaned.hash for one in candidates], dtype=np.uint64),
        np.stack([np.frombuffer(one.cleaned.embedding, np.float16) for one in candidates]),
    )
    return {
        *((int(first), int(second)) for first, second in near),
        *(pair for indices in same.values() for pair in combinations(indices, 2)),
    }


def _capped(
    drawn: list[Candidate],
    cap: int,
    group_of: Callable[[Candidate], Hashable],
    named: str,
    dropped: list[Dropped],
) -> list[Candidate]:
    counts: Counter[Hashable] = Counter()
    kept = []
    for candidate in drawn:
        counts[group_of(candidate)] += 1
        if counts[group_of(candidate)] <= cap:
            kept.append(candidate)
        else:
            dropped.append(Dropped(candidate.raw, f"over the cap of its {named}"))
    return kept


def _balanced(drawn: list[Candidate], balance: float, dropped: list[Dropped]) -> list[Candidate]:
    """Take pictures of train's more frequent label away, from the largest sources and kinds."""
    train = [one for one in drawn if one.raw.split == "train"]
    counts = Counter(one.raw.label for one in train)
    larger, smaller = sorted(LABELS, key=lambda label: (-counts[label], label))
    allowed = int(balance * counts[smaller])
    if not counts[smaller] or counts[larger] <= allowed:
        return drawn
    groups = Counter(_group(one) for one in train if one.raw.label == larger)
    cap = _water_level(groups.values(), allowed)
    spare = allowed - sum(min(size, cap) for size in groups.values())
    taken: Counter[Hashable] = Counter()
    kept = []
    for candidate in drawn:
        if candidate.raw.split == "train" and candidate.raw.label == larger:
            group = _group(candidate)
            over = taken[group] >= cap
            # The level is a whole number: the rest goes one by one to the groups above it.
            if over and (taken[group] > cap or not spare):
                dropped.append(Dropped(candidate.raw, "balance of the labels"))
                continue
            spare -= over
            taken[group] += 1
        kept.append(candidate)
    return kept


def _group(candidate: Candidate) -> tuple[str, str]:
    return candidate.raw.source, candidate.raw.kind


def _water_level(sizes: Iterable[int], allowed: int) -> int:
    """The highest cap of each group under which no more than `allowed` remain in all."""
    sizes = list(sizes)
    low, high = 0, max(sizes)
    while low < high:
        middle = (low + high + 1) // 2
        if sum(min(size, middle) for size in sizes) <= allowed:
            low = middle
        else:
            high = middle - 1
    return low


def _draw(seed: int) -> Callable[[str], str]:
    """An order of names that looks random, and is the same on every machine."""
    return lambda name: hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()
