"""The dataset: how often a picture is drawn, and that each step is always the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image
from tiny import picture

from memesdetection.labels import LabelledPicture
from memesdetection.training.augmentation import augment, cut_out
from memesdetection.training.cache import Pixels
from memesdetection.training.config import Config
from memesdetection.training.dataset import (
    Batches,
    PixelInputs,
    TwinnedInputs,
    sampling_weights,
)
from memesdetection.training.twins import Twins


def labelled(*rows: tuple[int, str, str, str]) -> list[LabelledPicture]:
    """So many pictures of a label, kind and source."""
    return [
        LabelledPicture(Path(f"{label}-{kind}-{source}-{i}"), label, kind=kind, source=source)
        for count, label, kind, source in rows
        for i in range(count)
    ]


UNEVEN = labelled(
    (60, "meme", "macro", "large"),
    (15, "meme", "comic", "large"),
    (15, "meme", "macro", "small"),
    (10, "not_meme", "people", "large"),
)


def share(weights: np.ndarray, **fields: str) -> float:
    """The probability that a picture with these fields is drawn."""
    chosen = [all(getattr(e, name) == v for name, v in fields.items()) for e in UNEVEN]
    return float(weights[chosen].sum())


def test_labels_are_drawn_equally_often() -> None:
    weights = sampling_weights(UNEVEN, Config())
    assert weights.sum() == pytest.approx(1)
    assert share(weights, label="meme") == pytest.approx(0.5)


def test_without_any_balance_all_pictures_are_drawn_alike() -> None:
    config = Config(balance_labels=False, balance_kinds=0, balance_sources=0)
    np.testing.assert_allclose(sampling_weights(UNEVEN, config), 1 / len(UNEVEN))


def test_without_a_balance_of_labels_each_has_its_share() -> None:
    weights = sampling_weights(UNEVEN, Config(balance_labels=False))
    assert weights.sum() == pytest.approx(1)
    assert share(weights, label="meme") == pytest.approx(0.9)


def test_kinds_can_be_drawn_equally_often() -> None:
    weights = sampling_weights(UNEVEN, Config(balance_kinds=1, balance_sources=0))
    assert share(weights, kind="macro") == pytest.approx(share(weights, kind="comic"))


def test_a_small_source_is_drawn_more_often_than_its_share() -> None:
    weights = sampling_weights(UNEVEN, Config(balance_kinds=0, balance_sources=0.25))
    # 85 pictures are of the large source and 15 of the small one.
    ratio = (weights[75] / weights[0]) ** 4
    assert ratio == pytest.approx(85 / 15)


def test_a_lone_picture_of_its_kind_is_not_drawn_all_the_time() -> None:
    lonely = labelled((999, "meme", "macro", "a"), (1, "meme", "comic", "b"))
    lonely += labelled((1000, "not_meme", "people", "a"))
    weights = sampling_weights(lonely, Config())
    assert weights[999] < 20 * weights[0]
    assert weights[999] > 5 * weights[0]


@pytest.fixture
def pixels(data: Path, tmp_path: Path) -> Pixels:
    labels = ("meme", "not_meme")
    examples = [LabelledPicture(picture(data, i), labels[i // 4 % 2]) for i in range(10)]
    return Pixels(examples, None, tmp_path / "cache")


def batches(pixels: Pixels, seed: int = 1) -> Batches:
    inputs = PixelInputs(pixels, 32, strength=1.0)
    weights = np.arange(1, 11) / 55
    return Batches(inputs, pixels.examples, weights, batch_size=4, seed=seed)


def test_steps_are_the_same_in_whatever_order(pixels: Pixels) -> None:
    forwards, backwards = batches(pixels), batches(pixels)
    expected = [forwards[step] for step in range(12)]
    for step in (11, 0, 7, 3, 3, 8):
        inputs, labels = backwards[step]
        np.testing.assert_array_equal(inputs, expected[step][0])
        np.testing.assert_array_equal(labels, expected[step][1])


def test_no_two_steps_and_no_two_seeds_are_the_same(pixels: Pixels) -> None:
    steps = [batches(pixels, seed)[step][0].tobytes() for seed in (1, 2) for step in range(6)]
    assert len(set(steps)) == len(steps)


def test_a_batch_holds_the_pictures_drawn_with_their_labels(pixels: Pixels) -> None:
    drawn = batches(pixels)
    assert len(drawn) == 3
    for step in range(6):
        inputs, labels = drawn[step]
        assert (inputs.shape, inputs.dtype) == ((4, 32, 32, 3), np.uint8)
        # Memes are red, the others blue; augmentation may make one grey, but not the other.
        difference = inputs[..., 0].mean(axis=(1, 2)) - inputs[..., 2].mean(axis=(1, 2))
        assert np.all((difference > -1) == (labels[:, 0] == 1) | (np.abs(difference) < 1))
        assert labels[:, 0].tolist() == [pixels.examples[i].is_meme for i in drawn.chosen(step)]


def test_pictures_are_drawn_by_their_weight(pixels: Pixels) -> None:
    drawn = batches(pixels)
    counts = np.bincount(np.concatenate([drawn.chosen(step) for step in range(6000)]), minlength=10)
    np.testing.assert_allclose(counts / counts.sum(), np.arange(1, 11) / 55, atol=0.01)


def test_plain_inputs_are_squashed_only(pixels: Pixels) -> None:
    plain = PixelInputs(pixels, 32).batch(np.array([2, 5]), None)
    for inputs, i in zip(plain, (2, 5), strict=True):
        squashed = Image.fromarray(pixels[i]).resize((32, 32), Image.Resampling.BILINEAR)
        np.testing.assert_array_equal(inputs, squashed)


def test_augmentation_of_strength_0_squashes_only(pixels: Pixels) -> None:
    whole = Image.fromarray(pixels[0])
    squashed = whole.resize((32, 32), Image.Resampling.BILINEAR)
    assert augment(whole, 32, np.random.default_rng(0), 0.0).tobytes() == squashed.tobytes()


@pytest.mark.parametrize("strength", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (90, 120)])
def test_augmentation_takes_any_picture(size: tuple[int, int], strength: float) -> None:
    random = np.random.default_rng(0)
    for _ in range(50):
        augmented = augment(Image.new("RGB", size, "red"), 32, random, strength)
        assert (augmented.mode, augmented.size) == ("RGB", (32, 32))


@pytest.mark.parametrize("size", [(1, 1), (1, 200), (200, 1), (90, 120)])
def test_what_is_cut_out_is_a_part_of_the_picture(size: tuple[int, int]) -> None:
    random = np.random.default_rng(0)
    whole = np.indices(size).sum(axis=0).astype(np.uint8)
    for _ in range(50):
        part = np.asarray(cut_out(Image.fromarray(whole), random))
        assert all(0.29 * a <= b <= max(0.91 * a, 1) for a, b in zip(size, part.shape, strict=True))
        # Each step to the right or down adds one, so the first value tells where the part lies.
        start = int(part[0, 0]) - whole[0, 0]
        assert np.array_equal(part, np.indices(part.shape).sum(axis=0) + start)


def test_parts_are_cut_out_of_pages_alone(tmp_path: Path) -> None:
    kinds = ("people", "documents", "screenshots", "charts_slides_maps", "documents")
    files = [tmp_path / f"{number}.png" for number in range(5)]
    for file in files:
        Image.linear_gradient("L").save(file)
    examples = [
        LabelledPicture(file, "meme" if file == files[4] else "not_meme", kind=kind)
        for file, kind in zip(files, kinds, strict=True)
    ]
    pixels = Pixels(examples, None, tmp_path / "cache")
    cut = PixelInputs(pixels, 64, 1e-9, share_cut_out=0.999)
    seen = cut.batch(np.arange(5), np.random.default_rng(0))
    spread = seen.max(axis=(1, 2, 3)).astype(int) - seen.min(axis=(1, 2, 3))
    assert (spread < 240).tolist() == [False, True, True, True, False]


@pytest.fixture(scope="module")
def twins() -> Twins:
    """What draws, with the fonts that Matplotlib brings along."""
    return Twins(Path(matplotlib.get_data_path()) / "fonts/ttf")


def test_a_drawn_meme_stands_on_a_photo_of_its_own_fold(pixels: Pixels, twins: Twins) -> None:
    # Pictures 0 to 3 and 8, 9 are red memes, 4 to 7 blue photos; only the first fold has photos.
    photos = [replace(e, kind="" if e.is_meme else "people") for e in pixels.examples]
    pixels.examples[:] = photos
    folds = np.array([0, 0, 1, 1, 0, 0, 0, 0, 1, 1])
    drawn = TwinnedInputs(pixels, 64, 1.0, twins, (0.999, 0.0), folds)
    random = np.random.default_rng(0)
    with_photos, without = (drawn.batch(np.array(which), random) for which in ([0, 1], [2, 3]))
    assert np.all(with_photos[..., 2].mean((1, 2)) > with_photos[..., 0].mean((1, 2)))
    assert np.all(without[..., 0].mean((1, 2)) > without[..., 2].mean((1, 2)))


def test_text_that_makes_no_meme_stands_on_photos_alone(pixels: Pixels, twins: Twins) -> None:
    kinds = ["people", "documents", "people", "documents"]
    pixels.examples[4:8] = [
        replace(e, kind=kind) for e, kind in zip(pixels.examples[4:8], kinds, strict=True)
    ]
    chosen = np.array([0, 4, 5, 6, 7])
    plain, lettered = (
        TwinnedInputs(pixels, 64, 1e-9, twins, (0.0, share)).batch(chosen, np.random.default_rng(0))
        for share in (0.0, 0.999)
    )
    changed = np.abs(plain.astype(int) - lettered).max(axis=(1, 2, 3)) > 60
    assert changed.tolist() == [False, True, False, True, False]
