"""What a user gets wrong about a training is told in one sentence, before anything is trained."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from command import Memes
from tiny import history, options, picture, tiny

from memesdetection.cli.app import app
from memesdetection.errors import UsageError
from memesdetection.training.screen import Screen
from memesdetection.training.train import train

# Keras's own, of NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def told(*arguments: str | Path) -> str:
    """What a command answers to a wrong usage, exit code 2."""
    with pytest.raises(UsageError) as raised:
        app([str(argument) for argument in arguments], standalone_mode=False)
    return str(raised.value)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (["nonsense"], "'nonsense' sets nothing; write it as FIELD=VALUE."),
        (["nothing=1"], "the configuration has no field 'nothing'; the fields are backbone, "),
        (["dropout=1.5"], "dropout in the configuration: Input should be less than 1."),
        (["epochs=many"], "epochs in the configuration: Input should be a valid number"),
        (["batch_size=0"], "batch_size in the configuration: Input should be greater than or"),
        (["optimizer=lion"], "optimizer in the configuration: Input should be 'adam', "),
        (["backbone=alexnet"], "There is no backbone 'alexnet'; choose one of vgg16, vgg19, "),
        (["frozen_to=nowhere"], "mobilenet_v2 has no layer 'nowhere' to freeze to; it has "),
        (
            ["frozen_to=", "cache_frozen=true"],
            "cache_frozen needs frozen_to, the last layer that is frozen.",
        ),
        (
            ["frozen_to=block_12_expand_relu", "cache_frozen=true"],
            "A connection of mobilenet_v2 goes past block_12_expand_relu, ",
        ),
        (["train_pictures=1"], "train_pictures = 1 leaves pictures of one label only; "),
    ],
)
def test_a_wrong_configuration_is_told_and_leaves_no_run(
    changes: list[str], sentence: str, data: Path, weights: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    sets = [f"--set={change}" for change in changes]
    arguments = ("--data", data, "--weights", weights, "--run", run, "--cache", tmp_path / "cache")
    assert sentence in told("train", *arguments, *options(tiny()), *sets)
    # The right configuration may then have this name.
    assert not (run / "run.json").exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read; name a TOML file."),
        (b"backbone = ", "is no valid TOML: "),
        (b"\xff\xfe", "cannot be read; name a TOML file."),
        (b"size = 601", "config.toml: Input should be less than or equal to 600."),
        (b"[base]", "config.toml has no field 'base'; the fields are backbone, "),
    ],
)
def test_a_wrong_file_is_told(content: bytes | None, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    if content is not None:
        file.write_bytes(content)
    assert sentence in told("train", file, "--data", tmp_path, "--weights", tmp_path)


def test_missing_data_and_weights_are_told(data: Path, weights: Path, tmp_path: Path) -> None:
    missing = told("train", "--data", tmp_path / "nowhere", "--weights", weights)
    assert missing.startswith(f"There is no {tmp_path / 'nowhere/index.csv'}; ")
    run = ("--run", tmp_path / "run")
    missing = told("train", "--data", data, "--weights", tmp_path, *run, *options(tiny()))
    assert missing.startswith("The weights of mobilenet_v2 are not at ")


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_a_split_needs_both_labels(split: str, own_data: Path, weights: Path) -> None:
    change_index(own_data, lambda row: row["split"] != split or row["label"] == "meme")
    answer = told("train", "--data", own_data, "--weights", weights)
    assert answer == f"The split {split} of {own_data / 'index.csv'} needs pictures of both labels."


def change_index(data: Path, kept: Callable[[dict[str, str]], bool]) -> None:
    with open(data / "index.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    with open(data / "index.csv", "w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(row for row in rows if kept(row))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"dropout": 0.25}, "was begun with dropout = 0.2 and not 0.25; "),
        ({"backbone": "vgg16"}, "was begun with backbone = 'mobilenet_v2' and not 'vgg16'; "),
    ],
)
def test_a_run_is_not_gone_on_with_by_another_configuration(
    fields: dict[str, object], sentence: str, run: Path, data: Path, weights: Path
) -> None:
    arguments = ("train", "--data", data, "--weights", weights, "--run", run)
    assert sentence in told(*arguments, *options(tiny(**fields)))


def test_a_run_is_not_gone_on_with_by_other_data(run: Path, own_data: Path, weights: Path) -> None:
    change_index(own_data, lambda row: not row["path"].endswith("/0.webp"))
    arguments = ("train", "--data", own_data, "--weights", weights, "--run", run)
    assert "was begun with other data or corrections; " in told(*arguments, *options(tiny()))


@pytest.mark.parametrize("wrong", ["data", "frozen_to"])
def test_the_command_ends_with_one_sentence_and_exit_code_2(
    wrong: str, data: Path, weights: Path, tmp_path: Path
) -> None:
    failed = Memes()(
        *("train", "--data", tmp_path if wrong == "data" else data, "--weights", weights),
        *("--run", tmp_path / "run", "--cache", tmp_path / "cache"),
        *options(tiny(frozen_to="nowhere")),
        env=None,
    )
    assert failed.returncode == 2
    assert failed.stdout == ""
    assert "Traceback" not in failed.stderr
    sentence = {"data": "There is no ", "frozen_to": "mobilenet_v2 has no layer "}[wrong]
    assert failed.stderr.splitlines()[-1].startswith(f"memes: {sentence}")


def test_unreadable_pictures_are_named_and_left_out(
    own_data: Path, weights: Path, tmp_path: Path
) -> None:
    cut, gone, other = (picture(own_data, i) for i in (0, 2, 3))
    cut.write_bytes(cut.read_bytes()[:100])
    gone.unlink()
    other.write_bytes(b"no picture")
    lines: list[str] = []
    screen = Screen(tell=lines.append)
    train(own_data, weights, tmp_path / "run", tiny(), tmp_path / "cache", screen=screen)
    left_out = [line for line in lines if line.endswith("It is left out.")]
    assert [line.split(":")[0] for line in left_out] == [str(path) for path in (cut, gone, other)]
    metrics = json.loads((tmp_path / "run/metrics.json").read_text())
    assert [metrics[split]["pictures"] for split in ("train", "val", "test")] == [17, 8, 8]


def test_data_without_any_readable_picture_are_told(
    own_data: Path, weights: Path, tmp_path: Path
) -> None:
    for file in own_data.glob("*/*/*.webp"):
        file.write_bytes(b"no picture")
    arguments = ("train", "--data", own_data, "--weights", weights, "--run", tmp_path / "run")
    answer = told(*arguments, "--cache", tmp_path / "cache", *options(tiny()))
    assert answer == "None of the labelled pictures could be read."


def test_a_part_of_a_pass_is_at_least_one_step(data: Path, weights: Path, tmp_path: Path) -> None:
    config = tiny(epochs=0.2, evaluate_steps=0)
    train(data, weights, tmp_path / "run", config, tmp_path / "cache")
    assert [row["step"] for row in history(tmp_path / "run")] == [1]
