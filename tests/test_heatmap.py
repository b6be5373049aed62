"""The heat map over a picture: red where the model sees a meme, the picture as it was elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from making import close, corners, quadrants
from PIL import Image

from memesdetection.heatmap import overlay

SURE = 1000.0  # a logit far beyond what the exponential function takes


def heat(rows: list[list[float]]) -> np.ndarray:
    return np.kron(np.array(rows, np.float32), np.ones((4, 4), np.float32))


def redness(colour: tuple[int, ...]) -> float:
    return colour[0] - (colour[1] + colour[2]) / 2


@pytest.mark.parametrize("place", range(4))
def test_the_hot_place_turns_red_and_the_rest_stays(place: int) -> None:
    logits = [-SURE] * 4
    logits[place] = SURE
    picture = Image.new("RGB", (200, 120), (90, 120, 150))
    before, after = corners(picture), corners(overlay(picture, heat([logits[:2], logits[2:]])))
    assert redness(after[place]) > redness(before[place]) + 80
    others = [colour for index, colour in enumerate(after) if index != place]
    assert close(others, ((90, 120, 150),) * 3, tolerance=2)


def test_a_hotter_place_is_redder() -> None:
    picture = Image.new("RGB", (200, 120), (128, 128, 128))
    shown = corners(overlay(picture, heat([[-3, 1], [3, 9]])))
    reds = [redness(colour) for colour in shown]
    assert reds == sorted(reds)
    assert len(set(reds)) == 4


def test_a_picture_without_signs_of_a_meme_stays_as_it_is() -> None:
    assert overlay(quadrants(), heat([[-4, -1], [-2, -9]])).tobytes() == quadrants().tobytes()


def test_weak_signs_stay_paler_than_strong_ones() -> None:
    picture = Image.new("RGB", (200, 120), (128, 128, 128))
    weak, strong = (corners(overlay(picture, heat([[logit]])))[0] for logit in (1, 6))
    assert 0 < redness(weak) < redness(strong) / 2


def test_the_picture_shows_through_the_hottest_place() -> None:
    shown = corners(overlay(quadrants(), heat([[SURE]])))
    assert len(set(shown)) == 4


def test_the_picture_itself_is_left_as_it_was() -> None:
    picture = quadrants(3000, 2000)
    overlay(picture, heat([[SURE]]))
    assert picture.tobytes() == quadrants(3000, 2000).tobytes()


@pytest.mark.parametrize(
    ("size", "shown_size"),
    [
        ((1, 1), (1, 1)),
        ((200, 120), (200, 120)),
        ((1280, 1280), (1280, 1280)),
        ((2560, 1440), (1280, 720)),
        ((1000, 4000), (320, 1280)),
    ],
)
def test_a_picture_keeps_its_size_up_to_1280_pixels(
    size: tuple[int, int], shown_size: tuple[int, int]
) -> None:
    shown = overlay(Image.new("RGB", size), heat([[0]]))
    assert (shown.mode, shown.size) == ("RGB", shown_size)
