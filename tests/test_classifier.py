"""The classifier: verdicts from probabilities, models from folders, outputs that hang together."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import memesdetection
from memesdetection.classifier import (
    MODELS_FOLDER,
    Classifier,
    Thresholds,
    percent,
    shipped_models,
    sigmoid,
)
from memesdetection.errors import MemesError, ModelError, UsageError

MAKE, EXIF_IFD, EXPOSURE_TIME = 0x010F, 0x8769, 0x829A


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A copy of the folder of the model `phone`."""
    return shutil.copytree(MODELS_FOLDER / "phone", tmp_path / "model")


def photo(samples: Path, by_camera: bool) -> bytes:
    with Image.open(samples / "IMG-20260105-WA0001.jpg") as image:
        exif = Image.Exif()
        if by_camera:
            exif[MAKE] = "Camera Works"
            exif.get_ifd(EXIF_IFD)[EXPOSURE_TIME] = 1 / 60
        file = io.BytesIO()
        image.save(file, "JPEG", exif=exif)
    return file.getvalue()


@pytest.mark.parametrize(
    ("probability", "verdict"),
    [
        (0, "not_meme"),
        (0.2999, "not_meme"),
        (0.3, "unsure"),
        (0.8999, "unsure"),
        (0.9, "meme"),
        (1, "meme"),
    ],
)
def test_a_threshold_belongs_to_the_verdict_above_it(probability: float, verdict: str) -> None:
    judgement = Thresholds(meme=0.9, unsure=0.3).judge(probability, from_camera=False)
    assert judgement.verdict == verdict
    assert judgement.probability == probability
    assert percent(probability) in judgement.reason


@pytest.mark.parametrize("probability", [0, 0.2999, 0.3, 0.9, 1])
def test_a_photo_by_a_camera_is_never_more_than_unsure(probability: float) -> None:
    thresholds = Thresholds(meme=0.9, unsure=0.3)
    by_camera = thresholds.judge(probability, from_camera=True)
    otherwise = thresholds.judge(probability, from_camera=False)
    assert by_camera.verdict != "meme"
    if otherwise.verdict == "meme":
        assert by_camera.verdict == "unsure"
        assert "camera" in by_camera.reason
    else:
        assert by_camera == otherwise


def test_exif_of_a_camera_keeps_a_picture_from_being_called_a_meme(samples: Path) -> None:
    calls_all_memes = Classifier(threshold=0)
    assert calls_all_memes.judge(photo(samples, by_camera=False)).verdict == "meme"
    judgement = calls_all_memes.judge(photo(samples, by_camera=True))
    assert judgement.verdict == "unsure"
    assert "a camera took it" in judgement.reason


@pytest.mark.parametrize(("threshold", "unsure"), [(0.95, 0.3), (0.3, 0.3), (0.1, 0.1), (0, 0)])
def test_a_threshold_of_the_users_own_moves_the_lower_one_only_down(
    model: Path, threshold: float, unsure: float
) -> None:
    change_card(model, thresholds={"meme": 0.9, "unsure": 0.3})
    assert Classifier(model).thresholds == Thresholds(meme=0.9, unsure=0.3)
    assert Classifier(model, threshold).thresholds == Thresholds(threshold, unsure)


@pytest.mark.parametrize("threshold", [-0.001, 1.001, 2, float("nan"), float("inf")])
def test_a_threshold_that_is_no_probability_is_refused(threshold: float) -> None:
    with pytest.raises(UsageError, match="give one within 0-1"):
        Classifier(threshold=threshold)


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0, "0.0 %"), (0.0009, "0.0 %"), (0.5, "50.0 %"), (0.99999, "99.9 %"), (1, "100.0 %")],
)
def test_a_percentage_is_never_rounded_up(share: float, shown: str) -> None:
    assert percent(share) == shown


def test_a_percentage_with_one_decimal_is_shown_as_it_is() -> None:
    for tenths in range(1001):
        assert percent(tenths / 1000) == f"{tenths // 10}.{tenths % 10} %"


@pytest.mark.parametrize(
    ("logit", "probability"),
    [(0, 0.5), (-1000, 0), (1000, 1), (np.log(3), 0.75), (-np.log(3), 0.25)],
)
def test_a_logit_becomes_a_probability(logit: float, probability: float) -> None:
    assert sigmoid(logit) == pytest.approx(probability)


def test_a_path_a_name_and_the_content_are_judged_alike(
    classifier: Classifier, samples: Path
) -> None:
    path = samples / "IMG-20260105-WA0002.jpg"
    judgement = classifier.judge(path)
    assert 0 < judgement.probability < 1
    assert classifier.judge(str(path)) == judgement
    assert classifier.judge(path.read_bytes()) == judgement


def test_the_package_offers_the_classifier(samples: Path) -> None:
    judgement = memesdetection.Classifier().judge(samples / "IMG-20260105-WA0002.jpg")
    assert isinstance(judgement, memesdetection.Judgement)
    with pytest.raises(AttributeError, match="has no attribute 'Detector'"):
        memesdetection.Detector  # noqa: B018


def test_threads_judge_as_one_thread_does(samples: Path) -> None:
    paths = sorted(samples.glob("IMG-*")) * 2
    one_by_one = [Classifier().judge(path) for path in paths[:13]] * 2
    shared = Classifier()
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(shared.judge, paths)) == one_by_one


def test_the_heat_map_adds_up_to_the_verdict(classifier: Classifier, samples: Path) -> None:
    for path in samples.glob("IMG-*"):
        outputs = classifier.run(classifier.decode(path))
        assert outputs.heat_map.ndim == 2
        assert outputs.heat_map.mean() == pytest.approx(outputs.logit, abs=1e-3)
        assert classifier.judge(path).probability == sigmoid(outputs.logit)


def test_an_animation_is_judged_by_the_mean_of_its_frames(
    classifier: Classifier, samples: Path
) -> None:
    names = ("IMG-20260105-WA0001.jpg", "IMG-20260105-WA0002.jpg", "IMG-20260120-WA0003.jpg")
    frames = [Image.open(samples / name).convert("RGB").resize((320, 240)) for name in names]
    alone = [classifier.run(classifier.decode(as_png(frame))) for frame in frames]
    animation = classifier.decode(as_png(frames[0], save_all=True, append_images=frames[1:]))
    assert len(animation.frames) == 3
    together = classifier.run(animation)
    assert together.logit == pytest.approx(np.mean([outputs.logit for outputs in alone]), abs=1e-4)
    np.testing.assert_allclose(
        together.heat_map, np.mean([outputs.heat_map for outputs in alone], axis=0), atol=1e-4
    )


def as_png(image: Image.Image, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", **options)
    return file.getvalue()


def test_a_folder_may_be_the_model(model: Path, classifier: Classifier, samples: Path) -> None:
    change_card(model, name="mine", thresholds={"meme": 0, "unsure": 0})
    mine = Classifier(model)
    assert mine.identity == f"mine-{mine.card['sha256'][:12]}"
    path = samples / "IMG-20260105-WA0001.jpg"
    assert mine.judge(path).probability == classifier.judge(path).probability
    assert mine.judge(path).verdict == "meme"


def test_phone_is_the_model_that_ships_and_the_default(classifier: Classifier) -> None:
    assert classifier.name == "phone"
    assert "phone" in shipped_models()


@pytest.mark.parametrize("name", ["nope", "", "../models", "phone/card.json"])
def test_an_unknown_model_is_told_with_those_there_are(name: str) -> None:
    with pytest.raises(UsageError, match=r"There is no model .*; choose one of .*phone"):
        Classifier(name)


def flipped_bit(model: Path) -> None:
    content = bytearray((model / "model.tflite").read_bytes())
    content[len(content) // 2] ^= 1
    (model / "model.tflite").write_bytes(content)


def cut_short(model: Path) -> None:
    content = (model / "model.tflite").read_bytes()
    (model / "model.tflite").write_bytes(content[: len(content) // 2])


def missing(model: Path) -> None:
    (model / "model.tflite").unlink()


def empty_with_its_digest(model: Path) -> None:
    replace_model(model, b"")


def cut_short_with_its_digest(model: Path) -> None:
    content = (model / "model.tflite").read_bytes()
    replace_model(model, content[: len(content) // 2])


def text_with_its_digest(model: Path) -> None:
    replace_model(model, b"This is not a model. " * 1000)


def of_another_size(model: Path) -> None:
    change_card(model, input={"shape": [1, 192, 192, 3]})


@pytest.mark.parametrize(
    "spoil",
    [
        flipped_bit,
        cut_short,
        missing,
        empty_with_its_digest,
        cut_short_with_its_digest,
        text_with_its_digest,
        of_another_size,
    ],
)
def test_a_broken_model_file_is_told(
    model: Path, samples: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(model)
    with pytest.raises(ModelError) as told:
        Classifier(model).judge(samples / "IMG-20260105-WA0001.jpg")
    assert is_a_sentence(told.value)
    assert str(model) in str(told.value)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"[]", b"3", b"{}"],
    ids=["empty", "cut", "binary", "list", "number", "nothing in it"],
)
def test_a_card_that_is_none_is_told(model: Path, content: bytes) -> None:
    (model / "card.json").write_bytes(content)
    with pytest.raises(ModelError, match=r"The card of the model .* is broken") as told:
        Classifier(model)
    assert is_a_sentence(told.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", None),
        ("sha256", 5),
        ("input", {}),
        ("input", {"shape": [1]}),
        ("input", {"shape": ["1", "224", "224", "3"]}),
        ("thresholds", 0.5),
        ("thresholds", {"meme": 0.5}),
        ("thresholds", {"meme": "0.5", "unsure": 0.1}),
    ],
)
def test_a_card_with_a_wrong_entry_is_told(model: Path, key: str, value: object) -> None:
    change_card(model, **{key: value})
    with pytest.raises(ModelError, match=r"The card of the model .* is broken") as told:
        Classifier(model)
    assert is_a_sentence(told.value)


def is_a_sentence(error: MemesError) -> bool:
    text = str(error)
    return text[0].isupper() and text.endswith(".") and "\n" not in text


def change_card(model: Path, **changed: Any) -> None:
    card = json.loads((model / "card.json").read_text())
    (model / "card.json").write_text(json.dumps({**card, **changed}))


def replace_model(model: Path, content: bytes) -> None:
    (model / "model.tflite").write_bytes(content)
    change_card(model, sha256=hashlib.sha256(content).hexdigest())
