"""Twins: memes drawn of pictures that are none, and the same pictures with other text."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.ft2font import FT2Font
from PIL import Image, features

from memesdetection.errors import UsageError
from memesdetection.training import lettering
from memesdetection.training.config import read_toml
from memesdetection.training.twins import Twins

FONT = Path(matplotlib.get_data_path(), "fonts/ttf/DejaVuSans.ttf")
PHRASES = Path(lettering.__file__).with_name("phrases.toml")
MANY = 60
Draw = Callable[[Image.Image, np.random.Generator], Image.Image]


@pytest.fixture(scope="module")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one font, which has Latin, Cyrillic and Arabic letters, and a broken one."""
    folder = tmp_path_factory.mktemp("fonts")
    (folder / "deep").mkdir()
    shutil.copy(FONT, folder / "deep")
    (folder / "Arial.ttf").write_bytes(b"no font")
    return folder


@pytest.fixture(scope="module")
def twins(fonts: Path) -> Twins:
    return Twins(fonts)


@pytest.fixture(params=["captioned", "lettered"])
def draw(request: pytest.FixtureRequest, twins: Twins) -> Draw:
    """Each of the two ways to draw a twin."""
    method: Draw = getattr(twins, request.param)
    return method


def photo(width: int = 288, height: int = 216) -> Image.Image:
    """A picture with soft colours and no text."""
    noise = np.random.default_rng(5).integers(60, 200, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)


def squashed(picture: Image.Image) -> np.ndarray:
    """What a model sees of a picture."""
    return np.asarray(picture.resize((224, 224), Image.Resampling.BILINEAR)).astype(int)


def test_the_same_seed_draws_the_same_twin(draw: Draw) -> None:
    for seed in range(10):
        first, second = (draw(photo(), np.random.default_rng(seed)) for _ in range(2))
        assert first.tobytes() == second.tobytes()


def test_other_seeds_draw_other_twins(draw: Draw) -> None:
    drawn = {draw(photo(), np.random.default_rng(seed)).tobytes() for seed in range(MANY)}
    assert len(drawn) > 0.9 * MANY


def test_a_twin_differs_from_its_photo_which_stays_as_it_is(draw: Draw) -> None:
    plain = photo()
    random = np.random.default_rng(0)
    for _ in range(MANY):
        twin = draw(plain, random)
        assert twin.mode == "RGB"
        assert 216 <= twin.height <= 3 * 216
        assert 288 <= twin.width <= 2 * 288
        changed = (np.abs(squashed(twin) - squashed(plain)).max(axis=2) > 20).mean()
        assert changed > 0.001
    assert plain.tobytes() == photo().tobytes()


@pytest.mark.parametrize("size", [(1, 1), (320, 4), (4, 320), (40, 30)])
def test_pictures_of_any_shape_get_room_for_text(size: tuple[int, int], draw: Draw) -> None:
    random = np.random.default_rng(1)
    for _ in range(MANY):
        twin = draw(photo(*size), random)
        assert min(twin.size) >= 96
        assert max(twin.size) <= 3 * 320


def test_only_languages_whose_letters_the_fonts_have_are_written(twins: Twins) -> None:
    letters = FT2Font(FONT).get_charmap()
    for name, entry in read_toml(PHRASES).items():
        text = "".join(
            phrase for phrases in entry.values() if isinstance(phrases, list) for phrase in phrases
        )
        written = all(ord(letter) in letters for letter in text)
        if name == "arabic":
            written &= features.check_feature("raqm")
        assert (name in twins.languages) == written, name
    assert {"english", "polish", "russian"} <= set(twins.languages)
    assert not {"hindi", "tamil", "japanese"} & set(twins.languages)


def test_a_folder_without_fonts_names_the_packages_to_install(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(
            UsageError, match=r"has no font for Latin letters; .*apt install fonts-"
        ):
            Twins(folder)
