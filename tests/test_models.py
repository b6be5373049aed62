"""The models that ship: size, what their cards claim, and verdicts that hang on no decoder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from benchmarks.decoders import BY_THE_CONTRACT, contents_of, probability_differences

from memesdetection import Classifier, evaluation
from memesdetection.classifier import MODELS_FOLDER, shipped_models
from memesdetection.labels import PHOTO_KINDS, read_labels


@pytest.mark.parametrize("name", shipped_models())
def test_a_shipped_model_has_its_files_and_keeps_its_contract(name: str) -> None:
    classifier = Classifier(name)
    picture = classifier.decode(Path(__file__).parents[1] / "samples/IMG-20260105-WA0001.jpg")
    outputs = classifier.run(picture)
    shapes = classifier.card["outputs"]
    assert [1, *outputs.embedding.shape] == shapes["embedding"]["shape"]
    assert [1, *outputs.heat_map.shape, 1] == shapes["heat_map"]["shape"]
    assert outputs.heat_map.mean() == pytest.approx(outputs.logit, abs=1e-3)
    assert classifier.card["run"]["commit"]
    assert classifier.card["sha256"] in (MODELS_FOLDER / name / "card.md").read_text()


def test_the_phone_model_is_small_and_lost_little_by_quantisation() -> None:
    card = Classifier("phone").card
    assert (MODELS_FOLDER / "phone/model.tflite").stat().st_size <= 5e6
    roc_auc = {row["variant"]: row["roc_auc"] for row in card["variants"]}
    assert abs(roc_auc["int8"] - roc_auc["float32"]) <= 0.002


def test_the_phone_model_offers_steps_of_strictness() -> None:
    card = Classifier("phone").card
    careful, normal, eager = card["strictness"]
    assert normal["thresholds"] == card["thresholds"]
    assert normal["recall"] == card["calibration"]["reached"]["recall"]
    for stricter, looser in ((careful, normal), (normal, eager)):
        assert stricter["thresholds"]["meme"] > looser["thresholds"]["meme"]
        assert stricter["recall"]["rate"] < looser["recall"]["rate"]
        for rate in ("false_alarms_among_personal", "false_alarms"):
            assert stricter[rate]["rate"] < looser[rate]["rate"]
    page = (MODELS_FOLDER / "phone/card.md").read_text()
    assert f"| careful | {careful['thresholds']['meme']:.4f} |" in page


@pytest.mark.parametrize("name", shipped_models())
def test_a_model_is_small_enough_to_ship(name: str) -> None:
    assert (MODELS_FOLDER / name / "model.tflite").stat().st_size <= 25e6


def test_no_sample_is_misjudged() -> None:
    classifier = Classifier()
    for example in read_labels(Path(__file__).parents[1] / "samples/labels.csv"):
        assert classifier.judge(example.path).verdict in (example.label, "unsure"), example


def test_evaluate_measures_what_the_card_claims_on_test(
    shared: Path, memes: Callable[..., object], tmp_path: Path
) -> None:
    table, report = shared / "data/index.csv", tmp_path / "report.json"
    memes("evaluate", str(table), "--split", "test", "--json", str(report))
    measured = json.loads(report.read_text())
    claimed = Classifier().card["metrics"]["test"]
    for figure, value in claimed.items():
        if isinstance(value, float):
            # Another processor or version of Pillow may round a pixel differently.
            assert measured[figure] == pytest.approx(value, abs=0.005), figure
    for group in ("by_kind", "by_language"):
        assert measured[group].keys() == claimed[group].keys()
        for name, rates in claimed[group].items():
            for rate, proportions in rates.items():
                called, claim = (
                    at["at_threshold"]["called"]
                    for at in (measured[group][name][rate], proportions)
                )
                assert abs(called - claim) <= 2, (name, rate)


def test_on_the_gallery_memes_are_found_and_no_photo_is_called_one(gallery: Path) -> None:
    examples = read_labels(gallery / "labels.csv")
    scored = evaluation.scores(examples, evaluation.judge_all(examples, Classifier()))
    report = evaluation.report(scored, Classifier().thresholds.meme)
    overall = report["overall"]
    assert overall["false_alarm_rate"]["at_threshold"]["called"] <= 2
    for kind in PHOTO_KINDS:
        rates = report["by_kind"].get(kind, {}).get("false_alarm_rate", {})
        assert not rates or rates["at_threshold"]["called"] == 0, kind
    assert overall["recall"]["at_threshold"]["rate"] >= 0.5
    assert overall["recall"]["meme_or_unsure"]["rate"] >= 0.9


@pytest.mark.parametrize("name", [name for name in BY_THE_CONTRACT if "in use" not in name])
def test_another_decoder_gives_the_same_probability(gallery: Path, name: str) -> None:
    contents = contents_of(gallery / "WhatsApp Images")
    differences = probability_differences(contents, BY_THE_CONTRACT[name])
    assert len(differences) == 240
    assert np.mean(differences <= 0.02) >= 0.99
