"""Calibration: the temperature and the thresholds that known scores ask for."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from memesdetection.cli.app import app
from memesdetection.errors import UsageError
from memesdetection.labels import LabelledPicture
from memesdetection.training.calibration import (
    Rates,
    calibrate,
    choose_thresholds,
    strictness,
    temperature,
)

# Keras's own, of NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def examples(memes: int, personal: int, documents: int = 0) -> list[LabelledPicture]:
    rows = [("meme", "macro")] * memes
    rows += [("not_meme", "people")] * personal + [("not_meme", "documents")] * documents
    return [
        LabelledPicture(Path(f"{i}.jpg"), label, kind=kind) for i, (label, kind) in enumerate(rows)
    ]


@pytest.mark.parametrize(
    ("personal", "allowed"), [(500, 0), (1497, 0), (2372, 1), (4968, 4), (100_000, 176)]
)
def test_with_confidence_fewer_false_alarms_are_let_through(personal: int, allowed: int) -> None:
    rates = Rates(false_alarm=0.002, confidence=0.95)
    assert rates.allowed(personal) == allowed
    assert rates.needed() == 1497
    assert Rates(false_alarm=0.002).allowed(personal) == personal // 500


@pytest.mark.parametrize("factor", [0.4, 1.0, 2.5])
def test_the_temperature_is_by_how_much_the_logits_are_too_large(factor: float) -> None:
    random = np.random.default_rng(0)
    log_odds = random.normal(0, 2, 50_000)
    labels = random.random(50_000) < 1 / (1 + np.exp(-log_odds))
    assert temperature(factor * log_odds, labels) == pytest.approx(factor, rel=0.03)


@pytest.mark.parametrize(
    ("rate", "let_through"), [(0.0, 0), (0.1, 1), (0.19, 1), (0.2, 2), (0.3, 3), (0.7, 7)]
)
def test_meme_starts_just_above_the_personal_picture_that_is_one_too_many(
    rate: float, let_through: int
) -> None:
    personal = np.array([0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5])
    memes, documents = np.linspace(0.6, 0.9, 10), np.full(10, 0.99)
    meme = choose_thresholds(
        examples(10, 10, 10), np.concatenate([memes, personal, documents]), Rates(rate, 1.0)
    ).meme
    assert np.sum(personal >= meme) == let_through
    assert meme == np.nextafter(personal[9 - let_through], 1)


@pytest.mark.parametrize(("rate", "let_through"), [(1.0, 10), (0.5, 10), (0.25, 5), (0.05, 1)])
def test_meme_keeps_other_pictures_out_too(rate: float, let_through: int) -> None:
    memes, personal, documents = np.ones(5), np.full(10, 0.1), np.linspace(0.2, 0.9, 10)
    rates = Rates(false_alarm_of_others=rate)
    meme = choose_thresholds(
        examples(5, 10, 10), np.concatenate([memes, personal, documents]), rates
    ).meme
    assert np.sum(documents >= meme) == let_through


@pytest.mark.parametrize(
    ("rate", "unsure"),
    [(0.0, 1.0), (1.0, 0.1), (0.9, 0.2), (0.8, 0.3), (0.75, 0.3), (0.7, 0.4), (0.5, 0.6)],
)
def test_unsure_starts_at_the_last_meme_that_is_needed(rate: float, unsure: float) -> None:
    memes = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    scores = np.concatenate([memes, np.full(10, 1.0)])
    assert choose_thresholds(examples(10, 10), scores, Rates(0.0, rate)).unsure == unsure


def test_unsure_is_never_above_meme() -> None:
    scores = np.array([0.8, 0.9, 0.1, 0.2])
    thresholds = choose_thresholds(examples(2, 2), scores, Rates(0.0, 1.0))
    assert thresholds.unsure == thresholds.meme == np.nextafter(0.2, 1)


def test_equal_scores_of_personal_pictures_are_let_through_all_or_none() -> None:
    scores = np.array([0.9, 0.5, 0.5, 0.5, 0.1])
    thresholds = choose_thresholds(examples(1, 4), scores, Rates(0.5, 1.0))
    assert thresholds.meme == np.nextafter(0.5, 1)


@pytest.mark.parametrize("shown", [examples(3, 0, 3), examples(0, 3, 3)])
def test_thresholds_need_memes_and_personal_pictures(shown: list[LabelledPicture]) -> None:
    with pytest.raises(UsageError, match="at least one of the kinds people, animals"):
        choose_thresholds(shown, np.linspace(0, 1, len(shown)), Rates())


def test_what_the_thresholds_come_to_is_counted_with_intervals() -> None:
    random = np.random.default_rng(0)
    logits = np.concatenate([random.normal(4, 3, 500), random.normal(-4, 3, 500)])
    found = calibrate(examples(500, 300, 200), logits, Rates(0.02, 0.9))
    assert found["log_loss"]["after"] < found["log_loss"]["before"]
    assert found["ece"]["after"] < found["ece"]["before"]
    scores = 1 / (1 + np.exp(-logits / found["temperature"]))
    reached, meme = found["reached"], found["thresholds"]["meme"]
    assert reached["false_alarms_among_personal"]["called"] == 6
    assert reached["false_alarms_among_personal"]["count"] == 300
    assert reached["false_alarms"]["called"] == np.sum(scores[500:] >= meme)
    assert reached["recall"]["rate"] == pytest.approx(np.mean(scores[:500] >= meme))
    assert reached["recall_with_unsure"]["called"] == 450
    for name in ("false_alarms_among_personal", "false_alarms", "recall", "recall_with_unsure"):
        assert 0 <= reached[name]["low"] < reached[name]["rate"] < reached[name]["high"] <= 1
    assert json.loads(json.dumps(found)) == found


def test_each_step_of_strictness_allows_its_share_of_false_alarms() -> None:
    random = np.random.default_rng(0)
    shown = examples(500, 1000, 200)
    scores = 1 / (
        1 + np.exp(-np.concatenate([random.normal(4, 3, 500), random.normal(-4, 3, 1200)]))
    )
    rates = Rates(0.004, 0.95)
    careful, normal, eager = strictness(shown, scores, rates)
    names, allowed = ("careful", "normal", "eager"), (0, 4, 20)
    for step, name, most in zip((careful, normal, eager), names, allowed, strict=True):
        assert step["name"] == name
        assert step["false_alarms_among_personal"]["called"] == most
        assert step["recall"]["called"] == np.sum(scores[:500] >= step["thresholds"]["meme"])
    chosen = choose_thresholds(shown, scores, rates)
    assert normal["thresholds"] == {"meme": chosen.meme, "unsure": chosen.unsure}
    assert careful["recall"]["rate"] < normal["recall"]["rate"] < eager["recall"]["rate"]


def test_the_command_calibrates_a_run(
    run: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rates = ("--false-alarm-rate", "0.25", "--recall-with-unsure", "0.5")
    app(["calibrate", str(run), "--data", str(data), *rates], standalone_mode=False)
    found = json.loads((run / "calibration.json").read_text())
    assert Rates(**found["rates"]) == Rates(false_alarm=0.25, recall_with_unsure=0.5)
    assert 0 < found["thresholds"]["unsure"] <= found["thresholds"]["meme"] < 1
    shown = capsys.readouterr().out
    assert f"{found['temperature']:.3f}" in shown
    assert f"{found['thresholds']['meme']:.4f}" in shown


def test_the_data_may_have_moved_since_the_training(run: Path, own_data: Path) -> None:
    moved = shutil.move(own_data, own_data.parent / "moved")
    app(["calibrate", str(run), "--data", str(moved)], standalone_mode=False)
    assert (run / "calibration.json").is_file()


def test_a_run_that_is_not_finished_cannot_be_calibrated(run: Path, data: Path) -> None:
    (run / "predictions.npz").unlink()
    with pytest.raises(UsageError, match="is not finished; train it to its end"):
        app(["calibrate", str(run), "--data", str(data)], standalone_mode=False)


def test_a_run_on_other_pictures_cannot_be_calibrated(run: Path, own_data: Path) -> None:
    index = (own_data / "index.csv").read_text()
    (own_data / "index.csv").write_text(index.replace("val/meme/2.webp", "train/meme/0.webp"))
    with pytest.raises(UsageError, match="is of other labels; name the --data"):
        app(["calibrate", str(run), "--data", str(own_data)], standalone_mode=False)
