"""The search: it goes on where it stopped, and leaves configurations that a training takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tiny import FIELDS

from memesdetection.cli.app import app
from memesdetection.errors import UsageError
from memesdetection.training.config import read_config

# Keras's own, of NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

AXES = """
[search]
top_layers = [[], [8]]
dropout = { low = 0.0, high = 0.5 }
learning_rate = { low = 1e-4, high = 1e-2, log = true }
"""


def tune(space: Path, data: Path, weights: Path, trials: int) -> None:
    folders = ["--data", data, "--weights", weights, "--study", space.parent / "study"]
    arguments = ["tune", space, *folders, "--cache", space.parent / "cache", "--trials", trials]
    app([str(argument) for argument in arguments], standalone_mode=False)


def test_a_search_goes_on_and_leaves_its_best_configurations(
    data: Path, weights: Path, tmp_path: Path
) -> None:
    space, study = tmp_path / "space.toml", tmp_path / "study"
    fields = FIELDS | {"epochs": 2.0, "evaluate_steps": 0, "head_epochs": 0}
    base = [f"{name} = {json.dumps(value)}" for name, value in fields.items()]
    space.write_text("\n".join(["[base]", *base]) + AXES)
    tune(space, data, weights, 1)
    tune(space, data, weights, 3)
    rows = [line for line in (study / "trials.md").read_text().splitlines() if "complete" in line]
    assert len(rows) == 3
    assert len({row.split("|", 3)[3] for row in rows}) == 3
    losses = [float(row.split("|")[2]) for row in rows]
    assert losses == sorted(losses)
    best = read_config(study / "best-1.toml", [])
    assert best.backbone == "mobilenet_v2"
    assert 1e-4 <= best.learning_rate <= 1e-2
    assert f"{losses[0]:.4f}" in (study / "best-1.toml").read_text()
    page = (study / "search.html").read_text()
    for axis in ("dropout", "learning_rate", "top_layers"):
        assert axis in page
    # What a trial learned can be read, but its weights would fill the disk.
    assert (study / "trial-0000/history.csv").is_file()
    assert not list(study.glob("trial-*/*.keras"))


@pytest.mark.parametrize(
    ("axis", "told"),
    [
        ('backbone = ["alexnet"]', "alexnet"),
        ("dropout = 0.2", "dropout in .* needs a list of choices, or low and high"),
        ("dropout = []", "dropout in .* needs a list of choices, or low and high"),
        ("dropout = { low = 0.5, high = 0.1 }", "dropout in .* low at most as large as high"),
    ],
)
def test_a_wrong_space_is_told(
    data: Path, weights: Path, tmp_path: Path, axis: str, told: str
) -> None:
    space = tmp_path / "space.toml"
    space.write_text(f"[base]\n[search]\n{axis}\n")
    with pytest.raises(UsageError, match=told):
        tune(space, data, weights, 1)
