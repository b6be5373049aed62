"""The export: every variant is the model that was trained, and a scan can use it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from command import Memes
from tiny import picture, tiny

from memesdetection import Classifier
from memesdetection.cli.app import app
from memesdetection.errors import UsageError
from memesdetection.training.calibration import Rates
from memesdetection.training.export import Variant, export
from memesdetection.training.run import best_model
from memesdetection.training.train import train

# Keras's own, of NumPy 2.
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    # TensorFlow's own, of its converter.
    pytest.mark.filterwarnings(r"ignore:\s*Warning. tf.lite.Interpreter is deprecated:UserWarning"),
]


@pytest.fixture(scope="module")
def calibrated(finished: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The finished run, calibrated by rates of the user's own."""
    folder = shutil.copytree(finished, tmp_path_factory.mktemp("calibrated") / "finished")
    rates = ("--false-alarm-rate", "0.25", "--recall-with-unsure", "0.5")
    app(["calibrate", str(folder), "--data", str(data), *rates], standalone_mode=False)
    return folder


@pytest.fixture(scope="module")
def model(calibrated: Path, data: Path) -> Path:
    """What the command makes of it, in 8 bits, with the other variants measured."""
    cache = calibrated.parent / "cache"
    exported = Memes()(
        *("export", calibrated, "--data", data, "--cache", cache, "--compare"), env=None
    )
    assert exported.returncode == 0, exported.stderr
    assert "Traceback" not in exported.stderr
    return calibrated / "model"


def check_parity(run: Path, model: Path, data: Path, tolerance: float) -> None:
    """The exported model gives what the Keras model gives, divided by the temperature."""
    trained, classifier = best_model(run), Classifier(model)
    divisor = classifier.card["calibration"]["temperature"]
    decoded = [classifier.decode(picture(data, i)) for i in range(8)]
    logits = trained.predict_on_batch(np.concatenate([d.frames for d in decoded]))[:, 0] / divisor
    assert np.ptp(logits) > 1
    close = tolerance * float(np.ptp(logits))
    for each, logit in zip(decoded, logits, strict=True):
        outputs = classifier.run(each)
        assert outputs.logit == pytest.approx(logit, abs=close)
        assert outputs.heat_map.mean() == pytest.approx(outputs.logit, abs=close)
        assert outputs.heat_map.shape == (2, 2)
        assert outputs.embedding.shape == (1280,)


def test_the_exported_model_is_what_was_trained(calibrated: Path, model: Path, data: Path) -> None:
    check_parity(calibrated, model, data, tolerance=0.05)


@pytest.mark.parametrize(
    ("variant", "tolerance"), [("float32", 1e-4), ("float16", 0.01), ("dynamic", 0.05)]
)
def test_each_variant_is_what_was_trained(
    variant: Variant, tolerance: float, calibrated: Path, data: Path, tmp_path: Path
) -> None:
    card = export(calibrated, data, tmp_path / variant, tmp_path / "cache", variant)
    assert (card["name"], card["variant"]) == (variant, variant)
    check_parity(calibrated, tmp_path / variant, data, tolerance)


def test_a_model_with_top_layers_is_what_was_trained(
    data: Path, weights: Path, tmp_path: Path
) -> None:
    run, cache = tmp_path / "run", tmp_path / "cache"
    train(data, weights, run, tiny(top_layers=(16, 8)), cache)
    # A top layer multiplies what 8 bits round.
    variants: list[tuple[Variant, float]] = [("int8", 0.1), ("float32", 1e-4)]
    for variant, tolerance in variants:
        export(run, data, tmp_path / variant, cache, variant)
        check_parity(run, tmp_path / variant, data, tolerance)


def test_the_card_tells_contract_data_thresholds_and_figures(
    model: Path, calibrated: Path, data: Path
) -> None:
    card = json.loads((model / "card.json").read_text())
    assert card["variant"] == "int8"
    assert card["bytes"] == (model / "model.tflite").stat().st_size
    assert card["input"]["shape"] == [1, 64, 64, 3]
    assert card["outputs"]["embedding"]["shape"] == [1, 1280]
    assert card["data"]["train"]["memes"] + card["data"]["train"]["not_memes"] == 18
    assert 0 < card["thresholds"]["unsure"] <= card["thresholds"]["meme"] < 1
    steps = {step["name"]: step["thresholds"] for step in card["strictness"]}
    assert steps["normal"] == card["thresholds"]
    assert steps["careful"]["meme"] >= steps["normal"]["meme"] >= steps["eager"]["meme"]
    assert set(card["metrics"]["test"]["by_kind"]) == {"macro", "comic", "people", "documents"}
    assert card["run"] == json.loads((calibrated / "run.json").read_text())
    page = (model / "card.md").read_text()
    for told in (
        card["sha256"],
        "| eager |",
        "CC0-1.0",
        card["run"]["weights_source"],
        "dropout 0.2",
    ):
        assert told in page


def test_a_model_is_named_as_its_run(model: Path) -> None:
    assert json.loads((model / "card.json").read_text())["name"] == "finished"


def test_temperature_and_rates_are_those_of_the_calibration(model: Path, calibrated: Path) -> None:
    card = json.loads((model / "card.json").read_text())
    found = json.loads((calibrated / "calibration.json").read_text())
    assert card["calibration"]["temperature"] == found["temperature"]
    assert Rates(**card["calibration"]["rates"]) == Rates(0.25, 0.5)
    assert card["calibration"]["reached"]["recall_with_unsure"]["rate"] >= 0.5
    assert card["calibration"]["reached"]["false_alarms_among_personal"]["rate"] <= 0.25


def test_variants_are_compared_by_size_and_by_how_near_they_are(model: Path) -> None:
    card = json.loads((model / "card.json").read_text())
    rows = {row["variant"]: row for row in card["variants"]}
    assert set(rows) == {"int8", "dynamic", "float16", "float32"}
    sizes = [rows[name]["bytes"] for name in ("float32", "float16", "int8")]
    assert sizes[0] > 1.8 * sizes[1]
    assert sizes[1] > 1.5 * sizes[2]
    assert rows["int8"]["bytes"] == card["bytes"]
    for name, largest in (("float32", 1e-4), ("float16", 0.01), ("dynamic", 0.1), ("int8", 0.1)):
        assert rows[name]["mean_difference"] <= rows[name]["largest_difference"] < largest
        assert rows[name]["milliseconds"] > 0
        assert f"| {name} | {rows[name]['bytes'] / 1e6:.2f} |" in (model / "card.md").read_text()


def test_a_scan_judges_by_the_exported_model(memes: Memes, model: Path, data: Path) -> None:
    found = memes.findings(data, "--model", model)
    classifier = Classifier(model)
    assert len(found) == 36
    assert {finding["model"] for finding in found} == {classifier.identity}
    for finding in found[:4]:
        judged = classifier.judge(finding["path"])
        assert (finding["verdict"], finding["probability"]) == (judged.verdict, judged.probability)
    why = memes("why", picture(data, 0), "--model", model, "--output", model.parent / "why.png")
    assert why.returncode == 0, why.stderr
    assert (model.parent / "why.png").is_file()


def test_a_run_that_is_not_calibrated_is_by_the_default_rates(
    run: Path, data: Path, tmp_path: Path
) -> None:
    card = export(run, data, None, tmp_path / "cache", "float32")
    assert card["calibration"]["rates"] == Rates().__dict__
    assert (run / "model/model.tflite").is_file()


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("run.json", "is no folder that memes train wrote."),
        ("best.keras", "has no best.keras; train it first."),
        ("predictions.npz", "is not finished; train it to its end."),
    ],
)
def test_a_run_that_is_not_whole_is_not_exported(
    missing: str, sentence: str, run: Path, data: Path
) -> None:
    (run / missing).unlink()
    with pytest.raises(UsageError) as raised:
        app(["export", str(run), "--data", str(data)], standalone_mode=False)
    assert sentence in str(raised.value)
    assert not (run / "model").exists()


def test_a_broken_calibration_is_told(run: Path, data: Path) -> None:
    (run / "calibration.json").write_text("{")
    with pytest.raises(UsageError, match=r"calibration\.json is broken; delete it"):
        app(["export", str(run), "--data", str(data)], standalone_mode=False)
