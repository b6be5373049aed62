"""Selecting: splits by source, copies, caps and balance."""

from __future__ import annotations

import hashlib
from collections import Counter

import numpy as np
import pytest

from memesdetection.data.cleaning import Cleaned
from memesdetection.data.raw import RawPicture
from memesdetection.data.selecting import Candidate, Selection, select, with_splits


def raw(name: str, label: str, source: str, split: str = "", kind: str = "") -> RawPicture:
    return RawPicture(f"{source}/{name}", label, split, kind, source=source)


def candidate(picture: RawPicture, look: str | None = None, width: int = 100) -> Candidate:
    """Pictures of the same look are near duplicates; others share neither hash nor embedding."""
    seed = hashlib.sha256((look or picture.path).encode()).digest()
    random = np.random.default_rng(list(seed))
    sha1 = hashlib.sha1(f"{picture.path} {width}".encode()).hexdigest()
    embedding = random.normal(size=32).astype(np.float16)
    hashed = int(random.integers(0, 2**64, dtype=np.uint64))
    return Candidate(
        picture, Cleaned(sha1, width, 100, "JPEG", 1000, None, hashed, embedding.tobytes())
    )


def pool() -> list[RawPicture]:
    return [
        raw(f"{i}.jpg", label, f"{label}{source}")
        for label, sources in (("meme", 40), ("not_meme", 60))
        for source in range(sources)
        for i in range(1 + source % 7)
    ]


def test_undecided_sources_are_split_whole_near_the_shares() -> None:
    split = with_splits(pool(), Selection(val=0.2, test=0.1))
    by_source: dict[str, set[str]] = {}
    for picture in split:
        by_source.setdefault(picture.source, set()).add(picture.split)
    assert all(len(splits) == 1 for splits in by_source.values())
    for label in ("meme", "not_meme"):
        counts = Counter(picture.split for picture in split if picture.label == label)
        assert counts["val"] / counts.total() == pytest.approx(0.2, abs=0.03)
        assert counts["test"] / counts.total() == pytest.approx(0.1, abs=0.03)


def test_the_seed_decides_the_splits_and_nothing_else_does() -> None:
    def splits(pictures: list[RawPicture], seed: int) -> dict[str, str]:
        return {p.source: p.split for p in with_splits(pictures, Selection(seed))}

    assert splits(pool(), 1) == splits(pool()[::-1], 1)
    assert splits(pool(), 1) != splits(pool(), 2)


def test_a_decided_split_stays() -> None:
    decided = [raw("a.jpg", "meme", "mine", "test"), *pool()]
    assert {p.split for p in with_splits(decided, Selection()) if p.source == "mine"} == {"test"}


def test_of_copies_in_several_splits_the_one_of_test_stays_then_that_of_val() -> None:
    pictures = [
        candidate(raw("a.jpg", "meme", f"{split}-source", split), look)
        for look, splits in (("x", ("train", "val", "test")), ("y", ("train", "val")))
        for split in splits
    ]
    kept, dropped = select(pictures, Selection())
    assert [one.raw.split for one in kept] == ["test", "val"]
    assert {one.reason for one in dropped} == {"near duplicate across splits"}
    assert {one.detail for one in dropped} == {"test-source/a.jpg", "val-source/a.jpg"}


def test_of_copies_in_one_split_the_largest_original_stays() -> None:
    sizes = (100, 900, 500)
    pictures = [
        candidate(raw(f"{width}.jpg", "meme", "one", "train"), "x", width) for width in sizes
    ]
    kept, dropped = select(pictures, Selection())
    assert [one.cleaned.width for one in kept] == [900]
    assert [one.reason for one in dropped] == ["near duplicate"] * 2


def test_a_picture_under_both_labels_goes_altogether() -> None:
    other = candidate(raw("other.jpg", "meme", "one", "train"))
    pictures = [
        candidate(raw("a.jpg", "meme", "one", "train"), "x"),
        candidate(raw("b.jpg", "meme", "one", "train"), "x"),
        candidate(raw("c.jpg", "not_meme", "two", "test"), "x"),
        other,
    ]
    kept, dropped = select(pictures, Selection())
    assert kept == [other]
    assert {one.raw.path: one.detail for one in dropped} == {
        "one/a.jpg": "two/c.jpg",
        "one/b.jpg": "two/c.jpg",
        "two/c.jpg": dropped[0].detail,
    }
    assert {one.reason for one in dropped} == {"copy under both labels"}


def crowd(label: str, source: str, count: int, split: str, kind: str = "k") -> list[Candidate]:
    return [
        candidate(raw(f"{label}-{kind}{i}.jpg", label, source, split, kind)) for i in range(count)
    ]


def test_train_is_balanced_from_its_largest_sources_and_test_is_left_alone() -> None:
    pictures = [
        *crowd("meme", "memes", 50, "train"),
        *crowd("not_meme", "large", 90, "train"),
        *crowd("not_meme", "small", 10, "train"),
        *crowd("meme", "tested", 5, "test"),
        *crowd("not_meme", "tested", 20, "test"),
    ]
    kept, dropped = select(pictures, Selection(balance=1.1))
    counts = Counter((one.raw.source, one.raw.label) for one in kept)
    assert counts == {
        ("memes", "meme"): 50,
        ("large", "not_meme"): 45,
        ("small", "not_meme"): 10,
        ("tested", "meme"): 5,
        ("tested", "not_meme"): 20,
    }
    assert Counter(one.reason for one in dropped) == {"balance of the labels": 45}


def test_the_balance_is_met_to_the_picture() -> None:
    pictures = [
        *crowd("meme", "memes", 20, "train"),
        *(one for i in range(3) for one in crowd("not_meme", f"source{i}", 30, "train")),
    ]
    kept, _ = select(pictures, Selection(balance=1.0))
    counts = Counter(one.raw.source for one in kept)
    assert sorted(counts.values()) == [6, 7, 7, 20]


def test_caps_hold_for_sources_and_kinds() -> None:
    pictures = [
        *crowd("meme", "one", 30, "train", "macro"),
        *crowd("meme", "two", 5, "train", "macro"),
        *crowd("meme", "two", 5, "train", "comic"),
    ]
    kept, dropped = select(pictures, Selection(per_source=8, balance=0))
    assert Counter(one.raw.source for one in kept) == {"one": 8, "two": 8}
    assert {one.reason for one in dropped} == {"over the cap of its source"}
    kept, dropped = select(pictures, Selection(per_kind=4, balance=0))
    assert Counter(one.raw.kind for one in kept) == {"macro": 4, "comic": 4}
    assert {one.reason for one in dropped} == {"over the cap of its kind"}


def test_the_selection_does_not_depend_on_the_order() -> None:
    pictures = [*crowd("meme", "one", 30, "train"), *crowd("not_meme", "two", 60, "train")]
    how = Selection(seed=5, per_source=40)
    kept, _ = select(pictures, how)
    again, _ = select(pictures[::-1], how)
    assert kept == again
    assert select(pictures, Selection(seed=6, per_source=40))[0] != kept
