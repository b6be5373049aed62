"""`memes evaluate`: figures on labelled pictures, and what it cannot evaluate."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from command import Memes

from memesdetection.classifier import Classifier

FIGURES = (
    "accuracy",
    "log_loss",
    "roc_auc",
    "average_precision",
    "recall_at_fpr_0.01",
    "recall_at_fpr_0.002",
    "ece",
    "threshold",
)


@pytest.fixture
def table(samples: Path, pictures: Path) -> Path:
    """The samples' labels beside copies of the samples."""
    return Path(shutil.copy(samples / "labels.csv", pictures))


def add_column(table: Path, name: str, values: list[str]) -> None:
    with open(table, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with open(table, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*(key for key in rows[0] if key != name), name])
        writer.writeheader()
        for row, value in zip(rows, values, strict=True):
            writer.writerow({**row, name: value})


def test_all_figures_come_as_one_json_object(memes: Memes, table: Path) -> None:
    evaluated = memes("evaluate", table, "--json", "-")
    assert (evaluated.returncode, evaluated.stderr) == (0, "")
    report = json.loads(evaluated.stdout)
    assert (report["pictures"], report["memes"], report["unreadable"]) == (13, 6, 0)
    for figure in FIGURES:
        assert isinstance(report[figure], float)
        assert report[figure] >= 0
        assert figure == "log_loss" or report[figure] <= 1
    assert report["threshold"] == Classifier().thresholds.meme
    with open(table, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert report["by_kind"].keys() == {row["kind"] for row in rows}
    assert report["by_language"].keys() == {"en", "es"}
    assert report["overall"]["recall"]["at_0.5"]["count"] == 6
    assert report["overall"]["false_alarm_rate"]["at_0.5"]["count"] == 7


def test_the_figures_are_those_of_the_verdicts_of_a_scan(memes: Memes, table: Path) -> None:
    with open(table, encoding="utf-8", newline="") as file:
        label_of = {row["path"]: row["label"] for row in csv.DictReader(file)}
    found = {Path(one["path"]).name: one for one in memes.findings(table.parent)}
    report = json.loads(memes("evaluate", table, "--json", "-").stdout)
    right = [(found[name]["probability"] >= 0.5) == (label_of[name] == "meme") for name in found]
    assert report["accuracy"] == pytest.approx(sum(right) / 13)
    for rate, label in (("recall", "meme"), ("false_alarm_rate", "not_meme")):
        called = [n for n in found if found[n]["verdict"] == "meme" and label_of[n] == label]
        assert report["overall"][rate]["at_threshold"]["called"] == len(called)


def test_a_threshold_of_the_users_own_counts(memes: Memes, table: Path) -> None:
    report = json.loads(memes("evaluate", table, "--json", "-", "--threshold", "0").stdout)
    assert report["threshold"] == 0
    assert report["overall"]["recall"]["at_threshold"]["rate"] == 1
    assert report["overall"]["false_alarm_rate"]["at_threshold"]["rate"] == 1


def test_tables_are_printed_and_figures_go_to_a_file(
    memes: Memes, table: Path, tmp_path: Path
) -> None:
    evaluated = memes("evaluate", table, "--json", tmp_path / "report.json")
    assert evaluated.returncode == 0
    report = json.loads((tmp_path / "report.json").read_text())
    assert "13 pictures, 6 memes" in evaluated.stdout
    for figure in FIGURES:
        assert f"{report[figure]:.4f}" in evaluated.stdout
    for group in ("all", "documents", "macro", "es"):
        assert f" {group} " in evaluated.stdout


def test_any_kind_can_be_printed(memes: Memes, table: Path) -> None:
    add_column(table, "kind", ["[/]", "\x1b[31mred\n"] + ["[bold]"] * 11)
    evaluated = memes("evaluate", table)
    assert (evaluated.returncode, evaluated.stderr) == (0, "")
    for shown in ("[/]", r"\x1b[31mred\n", "[bold]"):
        assert f" {shown} " in evaluated.stdout


def test_only_the_rows_of_a_split_are_measured(memes: Memes, table: Path) -> None:
    add_column(table, "split", ["val"] * 5 + ["test"] * 8)
    report = json.loads(memes("evaluate", table, "--split", "val", "--json", "-").stdout)
    assert (report["pictures"], report["memes"]) == (5, 2)


def test_unreadable_pictures_are_told_and_counted(memes: Memes, table: Path) -> None:
    pictures = table.parent
    (pictures / "IMG-20260105-WA0001.jpg").write_bytes(b"no picture")
    (pictures / "IMG-20260105-WA0002.jpg").unlink()
    (pictures / "notes.txt").write_text("no picture")
    with table.open("a", encoding="utf-8") as file:
        file.write("notes.txt,not_meme,documents,\n")
    evaluated = memes("evaluate", table, "--json", "-")
    assert evaluated.returncode == 0
    assert evaluated.stderr.splitlines() == [
        f"{pictures}/IMG-20260105-WA0001.jpg: The content is not a picture of a known format.",
        f"{pictures}/IMG-20260105-WA0002.jpg: It is not there (any more).",
        f"{pictures}/notes.txt: This is not a picture.",
    ]
    report = json.loads(evaluated.stdout)
    assert (report["pictures"], report["unreadable"]) == (11, 3)


def no_columns(table: Path) -> None:
    table.write_text("name,what\na.jpg,meme\n")


def empty(table: Path) -> None:
    table.write_text("")


def one_label(table: Path) -> None:
    table.write_text(table.read_text().replace("not_meme", "meme"))


def an_unknown_label(table: Path) -> None:
    table.write_text(table.read_text().replace("not_meme", "maybe"))


def binary(table: Path) -> None:
    table.write_bytes(b"\xff\xfe\x00\xd8")


def as_it_is(table: Path) -> None:
    pass


@pytest.mark.parametrize(
    ("spoil", "options", "told"),
    [
        (no_columns, [], "needs rows with the columns path and label"),
        (empty, [], "needs rows with the columns path and label"),
        (one_label, [], "needs readable pictures of both labels, meme and not_meme"),
        (an_unknown_label, [], "has the label 'maybe'; use meme or not_meme"),
        (binary, [], "is not CSV in UTF-8"),
        (as_it_is, ["--split", "val"], "has no column split"),
        (as_it_is, ["--threshold", "1.5"], "is not a probability"),
    ],
)
def test_what_cannot_be_evaluated_is_one_sentence_and_exits_with_2(
    memes: Memes, table: Path, spoil: Any, options: list[str], told: str
) -> None:
    spoil(table)
    evaluated = memes("evaluate", table, *options)
    assert (evaluated.returncode, evaluated.stdout) == (2, "")
    (sentence,) = evaluated.stderr.splitlines()
    assert sentence.startswith("memes: ")
    assert told in sentence


def test_an_unknown_split_is_one_sentence_and_exits_with_2(memes: Memes, table: Path) -> None:
    add_column(table, "split", ["test"] * 13)
    evaluated = memes("evaluate", table, "--split", "val")
    assert evaluated.returncode == 2
    assert evaluated.stderr.endswith("has no picture of the split 'val'.\n")


def test_a_report_that_cannot_be_written_is_one_sentence(memes: Memes, table: Path) -> None:
    evaluated = memes("evaluate", table, "--json", "/dev/full")
    assert evaluated.returncode == 1
    assert evaluated.stderr == "memes: /dev/full cannot be written: No space left on device.\n"


def test_a_report_is_written_beside_the_tables(memes: Memes, table: Path, tmp_path: Path) -> None:
    page, figures = tmp_path / "report.html", tmp_path / "report.json"
    # At so high a threshold some memes are missed.
    evaluated = memes("evaluate", table, "--threshold", "0.99", "--report", page, "--json", figures)
    assert (evaluated.returncode, evaluated.stderr) == (0, "")
    assert evaluated.stdout == memes("evaluate", table, "--threshold", "0.99").stdout
    html, report = page.read_text(encoding="utf-8"), json.loads(figures.read_text())
    assert html.startswith("<!DOCTYPE html>")
    assert page.stat().st_size < 5e6
    for figure in FIGURES:
        assert f"<td>{report[figure]:.4f}</td>" in html
    assert "13 pictures of labels.csv" in html
    missed = report["overall"]["recall"]["at_threshold"]
    alarms = report["overall"]["false_alarm_rate"]["meme_or_unsure"]
    shown = missed["count"] - missed["called"] + alarms["called"]
    assert shown > 0
    assert html.count("<figcaption>") == html.count("data:image/jpeg;base64,") == shown


def test_a_report_of_one_split_says_so(memes: Memes, table: Path) -> None:
    add_column(table, "split", ["val"] * 5 + ["test"] * 8)
    page = memes("evaluate", table, "--split", "val", "--report", "-").stdout
    assert "5 pictures of labels.csv, split val:" in page
    assert page.startswith("<!DOCTYPE html>")
    assert page.endswith("</html>\n")


def test_only_one_of_two_results_can_be_printed(memes: Memes, table: Path) -> None:
    evaluated = memes("evaluate", table, "--report", "-", "--json", "-")
    assert (evaluated.returncode, evaluated.stdout) == (2, "")
    assert evaluated.stderr == (
        "memes: --json and --report need a file each; only one of them can be printed.\n"
    )


def test_a_report_never_replaces_what_was_evaluated(memes: Memes, table: Path) -> None:
    picture = table.parent / "IMG-20260105-WA0001.jpg"
    before = table.read_bytes(), picture.read_bytes()
    for option in ("--report", "--json"):
        on_labels = memes("evaluate", table, option, table)
        assert on_labels.returncode == 2
        assert on_labels.stderr == f"memes: {table} is a table of labels; name another file.\n"
    on_picture = memes("evaluate", table, "--report", picture)
    assert on_picture.returncode == 2
    assert on_picture.stderr.endswith("is a picture; name another file for the results.\n")
    assert (table.read_bytes(), picture.read_bytes()) == before


def test_a_page_that_cannot_be_written_is_one_sentence(memes: Memes, table: Path) -> None:
    evaluated = memes("evaluate", table, "--report", "/dev/full")
    assert evaluated.returncode == 1
    assert evaluated.stderr == "memes: /dev/full cannot be written: No space left on device.\n"


def without(memes: Memes, package: str, *arguments: object) -> Any:
    """Run the command where a package is not installed."""
    code = f"import sys; sys.modules[{package!r}] = None; sys.argv[0] = 'memes'"
    memes.command = lambda *arguments: [  # type: ignore[method-assign]
        *(sys.executable, "-c", f"{code}; from memesdetection.cli import main; main()"),
        *arguments,
    ]
    return memes(*map(str, arguments))


def test_a_report_without_its_extra_says_what_to_install(memes: Memes, table: Path) -> None:
    evaluated = without(memes, "matplotlib", "evaluate", table, "--report", "-")
    assert (evaluated.returncode, evaluated.stdout) == (2, "")
    (sentence,) = evaluated.stderr.splitlines()
    assert sentence.endswith("install them by: pip install '.[evaluate]'")
    assert without(memes, "matplotlib", "evaluate", table).returncode == 0


def test_without_its_extra_it_says_what_to_install(memes: Memes, table: Path) -> None:
    evaluated = without(memes, "sklearn", "evaluate", table)
    assert evaluated.returncode == 2
    assert evaluated.stderr == (
        "memes: The evaluation of a model needs more packages;"
        " in the project's folder, install them by: pip install '.[evaluate]'\n"
    )
