"""The comparison of runs: the table and the plot, and runs that cannot be compared."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from finished import finished_run, unfinished_run

from memesdetection.classifier import MODELS_FOLDER
from memesdetection.errors import ModelError, UsageError
from memesdetection.training.compare import Run, page, plot, read_runs, timed

EXPORTED = (
    "exported as",
    "MB",
    "ms",
    "exported: log loss, test",
    "exported: accuracy in %, test",
    "exported: AUC, test",
)


def table(runs: list[Run]) -> list[dict[str, str]]:
    """The rows of the page's table."""
    lines = [line for line in shown(runs).splitlines() if line.startswith("| ")]
    header, _, *rows = ([cell.strip() for cell in line[2:-2].split(" | ")] for line in lines)
    return [dict(zip(header, row, strict=True)) for row in rows]


def shown(runs: list[Run]) -> str:
    return page(runs, "memes compare", "results.svg")


@pytest.fixture
def three(tmp_path: Path) -> list[Run]:
    """Runs of which the best by AUC on val is exported."""
    finished_run(tmp_path / "middle", auc=0.95, log_loss=0.21)
    finished_run(tmp_path / "worst", auc=0.91, log_loss=0.30, seconds=90.0)
    finished_run(tmp_path / "best", auc=0.97, log_loss=0.24, exported=True, parameters=3_400_000)
    runs, _ = read_runs([tmp_path / name for name in ("middle", "worst", "best")])
    return runs


def test_a_row_holds_the_figures_of_a_run(three: list[Run]) -> None:
    assert table(three)[2] == {
        "run": "worst",
        "backbone": "resnet50",
        "starting weights": "ImageNet",
        "log loss, train / val / test": "0.200 / 0.300 / 0.290",
        "accuracy in %, train / val / test": "88.0 / 86.0 / 87.0",
        "AUC, val / test": "0.9100 / 0.9200",
        "recall at 1 % FPR in %, val / test": "66.0 / 67.0",
        "recall at 0.2 % FPR in %, val / test": "46.0 / 47.0",
        "parameters in millions": "23.59",
        "epochs, at most": "3.0",
        "minutes trained": "1.5",
        **dict.fromkeys(EXPORTED, "-"),
    }


def test_rows_are_sorted_by_auc_on_val(three: list[Run]) -> None:
    assert [row["run"] for row in table(three)] == ["best", "middle", "worst", "reference work"]


def test_the_best_of_each_column_is_bold(three: list[Run]) -> None:
    best, middle, worst, _ = table(three)
    assert middle["log loss, train / val / test"] == "**0.110** / **0.210** / **0.200**"
    assert best["log loss, train / val / test"] == "0.140 / 0.240 / 0.230"
    assert best["AUC, val / test"] == "**0.9700** / **0.9800**"
    assert best["parameters in millions"] == "**3.40**"
    assert "**" not in "".join(worst.values())


def test_one_run_alone_is_not_the_best(tmp_path: Path) -> None:
    runs, _ = read_runs([finished_run(tmp_path / "only")])
    assert not any("**" in cell for cell in table(runs)[0].values())


def test_the_reference_stands_beside_the_runs_as_published(three: list[Run]) -> None:
    reference = table(three)[-1]
    assert reference["backbone"] == "VGG19"
    assert reference["log loss, train / val / test"] == "0.124 / 0.250 / 0.259"
    assert reference["accuracy in %, train / val / test"] == "99.9 / 97.5 / 97.4"
    assert reference["AUC, val / test"] == "-"
    assert "on its own 22,204 pictures" in shown(three)


def test_an_exported_model_adds_its_size_time_and_figures(three: list[Run]) -> None:
    card = json.loads((MODELS_FOLDER / "phone/card.json").read_text())
    test = card["metrics"]["test"]
    measured = timed(three)
    row = table(measured)[0]
    assert row["exported as"] == "int8"
    assert row["MB"] == f"{card['bytes'] / 1e6:.2f}"
    assert float(row["ms"]) > 0
    assert row["exported: log loss, test"] == f"{test['log_loss']:.3f}"
    assert row["exported: accuracy in %, test"] == f"{100 * test['accuracy']:.1f}"
    assert row["exported: AUC, test"] == f"{test['roc_auc']:.4f}"
    assert [run.milliseconds is None for run in measured] == [False, True, True]


def test_a_run_without_an_exported_model_has_dashes_and_a_word_on_it(three: list[Run]) -> None:
    rows = table(timed(three))
    assert {rows[1][column] for column in EXPORTED} == {"-"}
    assert "`memes export`" in shown(three)
    assert "memes export" not in shown(three[:1])


def test_the_same_model_takes_the_same_time(tmp_path: Path) -> None:
    runs, _ = read_runs([finished_run(tmp_path / name, exported=True) for name in ("a", "b")])
    first, second = (run.milliseconds for run in timed(runs))
    assert first is not None
    assert second is not None
    assert first / second == pytest.approx(1, abs=0.5)


def test_the_page_says_what_was_measured_where_and_by_which_command(three: list[Run]) -> None:
    text = page(three, "memes compare runs/a runs/b", "results.svg")
    assert "Written by `memes compare runs/a runs/b`." in text
    assert "2000 pictures drawn from train, 1731 of val and 2662 of test" in text
    assert "`index_sha256 300f005af5d4`" in text
    assert re.search(r"on one core of .+ with \d+ cores", text)
    assert "](<results.svg>)" in text


def test_other_starting_weights_are_marked_and_told(tmp_path: Path) -> None:
    for name, auc, source in (
        ("own", 0.96, None),
        ("copied", 0.95, "VGG16's, not VGG19's own"),
        ("again", 0.94, "VGG16's, not VGG19's own"),
        ("tuned", 0.93, "of nsfwjs; MIT"),
    ):
        options = {} if source is None else {"weights_source": source}
        finished_run(tmp_path / name, auc=auc, **options)
    runs, _ = read_runs(sorted(tmp_path.iterdir()))
    rows = table(runs)
    names = ["own", "copied<sup>1</sup>", "again<sup>1</sup>", "tuned<sup>2</sup>"]
    assert [row["run"] for row in rows[:-1]] == names
    assert [row["starting weights"] for row in rows[:-1]] == ["ImageNet", *["other"] * 3]
    assert shown(runs).splitlines()[-2:] == [
        "- <sup>1</sup> Starting weights: VGG16's, not VGG19's own.",
        "- <sup>2</sup> Starting weights: of nsfwjs; MIT.",
    ]


def test_names_are_no_markup(tmp_path: Path) -> None:
    runs, _ = read_runs([finished_run(tmp_path / "a|b<i>*c*\x1b")])
    (line,) = [line for line in shown(runs).splitlines() if "resnet50" in line]
    assert line.startswith(r"| a\|b\<i\>\*c\*\\x1b | resnet50 |")


def test_the_plot_names_the_exported_runs(three: list[Run], tmp_path: Path) -> None:
    finished_run(tmp_path / "_a$b$<c>", auc=0.9, exported=True)
    runs, _ = read_runs([tmp_path / name for name in ("middle", "best", "_a$b$<c>")])
    measured = timed(runs)
    drawn = plot(measured)
    assert drawn == plot(measured)
    svg = ElementTree.fromstring(drawn or "")
    texts = {e.text for e in svg.iter("{http://www.w3.org/2000/svg}text")}
    assert {"1. best", "2. _a$b$<c>", "AUC on test"} <= texts
    assert not any("middle" in (text or "") for text in texts)


def test_without_an_exported_run_there_is_no_plot(three: list[Run]) -> None:
    assert plot(three[1:]) is None
    assert "svg" not in shown(three[1:])


def test_an_unfinished_run_is_left_out_and_named(tmp_path: Path) -> None:
    finished_run(tmp_path / "a")
    unfinished_run(tmp_path / "b")
    runs, unfinished = read_runs([tmp_path / "a", tmp_path / "b"])
    assert [run.name for run in runs] == ["a"]
    assert unfinished == ["b"]


def test_a_folder_named_twice_is_one_run(tmp_path: Path) -> None:
    folder = finished_run(tmp_path / "a")
    runs, _ = read_runs([folder, folder / "../a"])
    assert [run.name for run in runs] == ["a"]


def test_runs_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    folders = [finished_run(tmp_path / place / "vgg") for place in ("one", "two")]
    runs, _ = read_runs([*folders, finished_run(tmp_path / "lite")])
    assert {run.name for run in runs} == {str(folders[0]), str(folders[1]), "lite"}


@pytest.mark.parametrize(
    "data",
    [
        {"index_sha256": "ff" * 32},
        {"index_sha256": "300f005af5d4" + "0" * 52, "corrections_sha256": "ee" * 32},
    ],
)
def test_runs_of_different_data_are_refused(tmp_path: Path, data: dict[str, str]) -> None:
    folders = [
        finished_run(tmp_path / "a"),
        finished_run(tmp_path / "b"),
        finished_run(tmp_path / "other", data=data),
    ]
    with pytest.raises(UsageError, match=r"different data \(a, b of .*; other of .*\)") as refused:
        read_runs(folders)
    assert all(digest[:12] in str(refused.value) for digest in data.values())


def no_run(folder: Path) -> None:
    (folder / "run.json").unlink()


def no_json(folder: Path) -> None:
    (folder / "run.json").write_text("{")


def a_list(folder: Path) -> None:
    (folder / "run.json").write_text("[]")


def no_seconds(folder: Path) -> None:
    run = json.loads((folder / "run.json").read_text())
    del run["seconds"]
    (folder / "run.json").write_text(json.dumps(run))


def no_test(folder: Path) -> None:
    metrics = json.loads((folder / "metrics.json").read_text())
    del metrics["test"]
    (folder / "metrics.json").write_text(json.dumps(metrics))


def null_figures(folder: Path) -> None:
    metrics = json.loads((folder / "metrics.json").read_text())
    metrics["val"]["roc_auc"] = None
    (folder / "metrics.json").write_text(json.dumps(metrics))


def unfinished(folder: Path) -> None:
    (folder / "metrics.json").unlink()


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (no_run, "None of the runs is finished"),
        (no_json, r"run .*a is broken .*; train it again"),
        (a_list, r"run .*a is broken .*; train it again"),
        (no_seconds, r"run .*a is broken .*seconds.*; train it again"),
        (no_test, r"run .*a is broken .*test.*; train it again"),
        (null_figures, r"run .*a is broken .*; train it again"),
        (unfinished, "None of the runs is finished"),
    ],
)
def test_what_is_no_run_is_told_in_a_sentence(
    tmp_path: Path, spoil: Callable[[Path], None], told: str
) -> None:
    folder = finished_run(tmp_path / "a")
    spoil(folder)
    with pytest.raises(UsageError, match=told):
        read_runs([folder])


def another_file(model: Path) -> None:
    (model / "model.tflite").write_bytes(b"no model")


def no_card(model: Path) -> None:
    (model / "card.json").write_text("{")


def no_metrics(model: Path) -> None:
    card = json.loads((model / "card.json").read_text())
    del card["metrics"]
    (model / "card.json").write_text(json.dumps(card))


@pytest.mark.parametrize("spoil", [another_file, no_card, no_metrics])
def test_a_broken_exported_model_is_told_in_a_sentence(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    folder = finished_run(tmp_path / "a", exported=True)
    spoil(folder / "model")
    with pytest.raises(ModelError, match=r"a/model is broken; write it again by memes export"):
        read_runs([folder])
