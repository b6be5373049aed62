"""The cache: the very pixels of a scan, computed once, and gone on with after a stop."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from making import FORMATS, animated, encoded, quadrants, turned

from memesdetection import pictures
from memesdetection.errors import UsageError
from memesdetection.labels import LabelledPicture
from memesdetection.training.cache import Pixels, features
from memesdetection.training.screen import Screen

# Keras's own, of NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture
def examples(tmp_path: Path) -> list[LabelledPicture]:
    """A picture in every format, one turned, one animated, one with transparency."""
    contents = {name: encoded(quadrants(), name) for name in FORMATS}
    contents["turned"] = turned("JPEG", 6)
    contents["animated"] = animated("GIF", [0, 100, 200])
    contents["large"] = encoded(quadrants(1000, 700))
    contents["transparent"] = encoded(quadrants().convert("RGBA").resize((30, 50)), "PNG")
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [LabelledPicture(folder / name, "meme") for name in contents]


def decodings(examples: list[LabelledPicture], size: int | None, cache: Path) -> int:
    """How many slices of pictures are decoded when these pixels are asked for."""
    done: list[str] = []

    def progress(items, total, doing):  # type: ignore[no-untyped-def]
        done.append(doing)
        return items

    Pixels(examples, size, cache, Screen(progress=progress))
    return len(done)


def test_pixels_are_those_of_a_scan(examples: list[LabelledPicture], tmp_path: Path) -> None:
    pixels = Pixels(examples, 64, tmp_path / "cache")
    assert pixels.examples == examples
    for i, example in enumerate(examples):
        scanned = pictures.decode(example.path.read_bytes(), 64).frames[0]
        np.testing.assert_array_equal(pixels[i], scanned, err_msg=example.path.name)


def test_whole_pictures_keep_their_shape_up_to_a_longest_side(
    examples: list[LabelledPicture], tmp_path: Path
) -> None:
    pixels = Pixels(examples, None, tmp_path / "cache")
    shapes = {e.path.name: pixels[i].shape for i, e in enumerate(examples)}
    assert shapes["PNG"] == shapes["turned"] == (64, 96, 3)
    assert shapes["transparent"] == (50, 30, 3)
    assert shapes["large"] == (224, 320, 3)


def test_pictures_are_decoded_once(examples: list[LabelledPicture], tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert decodings(examples, 64, cache) == 1
    before = Pixels(examples, 64, cache)[3].copy()
    assert decodings(examples, 64, cache) == 0
    np.testing.assert_array_equal(Pixels(examples, 64, cache)[3], before)
    assert decodings(examples, 32, cache) == 1


@pytest.mark.parametrize("change", ["content", "time"])
def test_a_changed_picture_is_decoded_again(
    change: str, examples: list[LabelledPicture], tmp_path: Path
) -> None:
    Pixels(examples, 64, tmp_path / "cache")
    status = examples[0].path.stat()
    if change == "content":
        examples[0].path.write_bytes(encoded(quadrants().rotate(180), "PNG"))
        os.utime(examples[0].path, ns=(status.st_atime_ns, status.st_mtime_ns))
    else:
        examples[0].path.write_bytes(examples[0].path.read_bytes())
        os.utime(examples[0].path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert decodings(examples, 64, tmp_path / "cache") == 1
    scanned = pictures.decode(examples[0].path.read_bytes(), 64).frames[0]
    np.testing.assert_array_equal(Pixels(examples, 64, tmp_path / "cache")[0], scanned)


def test_unreadable_pictures_are_named_each_time(
    examples: list[LabelledPicture], tmp_path: Path
) -> None:
    examples[2].path.write_bytes(b"no picture")
    examples[5].path.unlink()
    for _ in range(2):
        pixels = Pixels(examples, 64, tmp_path / "cache")
        assert [path for path, _ in pixels.unreadable] == [str(examples[i].path) for i in (2, 5)]
        assert len(pixels) == len(examples) - 2
        scanned = pictures.decode(examples[6].path.read_bytes(), 64).frames[0]
        np.testing.assert_array_equal(pixels[4], scanned)


def test_unreadable_pictures_alone_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"")
    for _ in range(2):
        with pytest.raises(UsageError, match="None of the labelled pictures could be read"):
            Pixels([LabelledPicture(tmp_path / "a.jpg", "meme")], 64, tmp_path / "cache")


COUNT, SIDE, CHANNELS = 50, 8, 5
ROW = 2 * SIDE * SIDE * CHANNELS


@pytest.fixture
def model() -> keras.Model:
    keras.utils.set_random_seed(0)
    inputs = keras.layers.Input((SIDE, SIDE, 3), dtype="uint8")
    x = keras.layers.Rescaling(1 / 255)(inputs)
    return keras.Model(inputs, keras.layers.Conv2D(CHANNELS, 3, padding="same")(x))


def batch(chosen: np.ndarray) -> np.ndarray:
    """Inputs that, as augmented views do, depend on where the batch begins."""
    random = np.random.default_rng(int(chosen[0]))
    return random.integers(0, 256, (len(chosen), SIDE, SIDE, 3), dtype=np.uint8)


def test_features_are_what_the_model_gives(model: keras.Model, tmp_path: Path) -> None:
    found = features(model, batch, COUNT, "key", tmp_path, batch_size=8)
    assert found.shape == (COUNT, SIDE, SIDE, CHANNELS)
    for start in range(0, COUNT, 8):
        chosen = np.arange(start, min(start + 8, COUNT))
        expected = model.predict_on_batch(batch(chosen))
        np.testing.assert_allclose(found[chosen], expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("kept", [0, 1, 3 * ROW, 8 * ROW - 1, 8 * ROW, 19 * ROW + 7, 49 * ROW + 1])
def test_interrupted_features_go_on_to_the_same_result(
    kept: int, model: keras.Model, tmp_path: Path
) -> None:
    whole = features(model, batch, COUNT, "key", tmp_path / "whole", batch_size=8)
    (file,) = (tmp_path / "whole").iterdir()
    begun = tmp_path / "begun" / file.with_suffix(".begun").name
    begun.parent.mkdir()
    begun.write_bytes(file.read_bytes()[:kept])
    gone_on = features(model, batch, COUNT, "key", begun.parent, batch_size=8)
    np.testing.assert_array_equal(gone_on, whole)
    assert [f.name for f in begun.parent.iterdir()] == [file.name]


def test_two_trainings_may_compute_the_same_features(model: keras.Model, tmp_path: Path) -> None:
    whole = features(model, batch, COUNT, "key", tmp_path / "alone", batch_size=8).copy()
    model.save(tmp_path / "model.keras")
    code = (
        "import sys, time, keras; from pathlib import Path; import test_cache as t;"
        "slowly = lambda chosen: (time.sleep(0.2), t.batch(chosen))[1];"
        "model = keras.models.load_model(sys.argv[1]);"
        "t.features(model, slowly, t.COUNT, 'key', Path(sys.argv[2]), batch_size=8)"
    )
    command = [sys.executable, "-c", code, tmp_path / "model.keras", tmp_path / "shared"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    trainings = [subprocess.Popen(command, env=environment) for _ in range(2)]
    assert [training.wait() for training in trainings] == [0, 0]
    (file,) = (tmp_path / "shared").iterdir()
    found = np.fromfile(file, np.float16).reshape(whole.shape)
    np.testing.assert_allclose(found, whole, atol=1e-3)


def test_features_are_computed_once_for_a_key_and_weights(
    model: keras.Model, tmp_path: Path
) -> None:
    def unasked(chosen: np.ndarray) -> np.ndarray:
        raise AssertionError("it was computed again")

    whole = features(model, batch, COUNT, "key", tmp_path).copy()
    np.testing.assert_array_equal(features(model, unasked, COUNT, "key", tmp_path), whole)
    for key, change in (("other", 0.0), ("key", 1.0)):
        model.set_weights([weight + change for weight in model.get_weights()])
        features(model, batch, COUNT, key, tmp_path)
    assert len(list(tmp_path.iterdir())) == 3


def test_a_feature_too_large_for_16_bits_is_the_largest(tmp_path: Path) -> None:
    inputs = keras.layers.Input((SIDE, SIDE, 3), dtype="uint8")
    model = keras.Model(inputs, keras.layers.Rescaling(1000.0)(inputs))
    found = features(model, batch, COUNT, "key", tmp_path)
    assert np.isfinite(found).all()
    assert found.max() == np.finfo(np.float16).max
