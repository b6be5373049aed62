"""Several runs as one: it answers the mean of their logits, and ships like any other."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tiny import picture, tiny

from memesdetection import Classifier
from memesdetection.cli.app import app
from memesdetection.errors import UsageError
from memesdetection.training.export import export
from memesdetection.training.run import best_model
from memesdetection.training.train import train

# Keras's own, of NumPy 2.
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    # TensorFlow's own, of its converter.
    pytest.mark.filterwarnings(r"ignore:\s*Warning. tf.lite.Interpreter is deprecated:UserWarning"),
]


@pytest.fixture(scope="module")
def other(data: Path, weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that differs from `finished`."""
    folder = tmp_path_factory.mktemp("other")
    train(data, weights, folder / "other", tiny(seed=5, epochs=2.0), folder / "cache")
    return folder / "other"


def join(run: Path, data: Path, *members: Path, corrections: Path | None = None) -> None:
    given = ["--data", data, "--run", run, *(["--corrections", corrections] if corrections else [])]
    app(["ensemble", *map(str, (*members, *given))], standalone_mode=False)


def test_the_ensemble_answers_the_mean_and_is_exported(
    finished: Path, other: Path, data: Path, tmp_path: Path
) -> None:
    run = tmp_path / "both"
    join(run, data, finished, other)
    pixels = np.concatenate([Classifier().decode(picture(data, i)).frames for i in range(8)])
    pixels = pixels[:, :64, :64]
    first, second, both = (
        best_model(folder).predict_on_batch(pixels) for folder in (finished, other, run)
    )
    assert np.abs(first - second).max() > 0.1
    assert both == pytest.approx((first + second) / 2, abs=1e-3)

    card = export(run, data, None, tmp_path / "cache", "float32")
    classifier = Classifier(run / "model")
    decoded = classifier.decode(picture(data, 0))
    outputs = classifier.run(decoded)
    assert outputs.embedding.shape == (2560,)
    logit = float(best_model(run).predict_on_batch(decoded.frames)[0, 0])
    assert outputs.logit == pytest.approx(logit / card["calibration"]["temperature"], abs=1e-2)
    assert outputs.heat_map.mean() == pytest.approx(outputs.logit, abs=1e-3)
    page = (run / "model/card.md").read_text()
    assert "- finished: `memes train`" in page
    assert "- other: `memes train`" in page
    assert "mobilenet_v2 + mobilenet_v2" in page


def test_runs_that_cannot_be_joined_are_told(
    finished: Path, run: Path, other: Path, data: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="needs two runs or more"):
        join(tmp_path / "joined", data, finished)
    with pytest.raises(UsageError, match="There is a run in "):
        join(run, data, finished, other)
    corrections = tmp_path / "corrections.csv"
    corrections.write_text("path,label,reason\n")
    with pytest.raises(UsageError, match="finished is of other labels; name the --data and"):
        join(tmp_path / "joined", data, finished, other, corrections=corrections)
    described = json.loads((run / "run.json").read_text())
    described["data"] = {"index_sha256": "0"}
    (run / "run.json").write_text(json.dumps(described))
    with pytest.raises(UsageError, match="of different data"):
        join(tmp_path / "joined", data, run, other)
    assert not (tmp_path / "joined").exists()
