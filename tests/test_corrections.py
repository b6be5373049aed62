"""Corrections: what a person decided changes labels of train and val, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from memesdetection.corrections import AMBIGUOUS, corrected, read_corrections
from memesdetection.errors import UsageError
from memesdetection.labels import read_labels

SHIPPED = Path(__file__).parents[1] / "configs/corrections.csv"

INDEX = """path,label,split,source
train/meme/a.jpg,meme,train,one
train/meme/b.jpg,meme,train,one
val/not_meme/c.jpg,not_meme,val,two
test/meme/d.jpg,meme,test,three
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/index.csv").write_text(INDEX)
    return tmp_path / "data"


def corrections(data: Path, rows: str, head: str = "path,label,reason") -> Path:
    table = data.parent / "corrections.csv"
    table.write_text(f"{head}\n{rows}", encoding="utf-8")
    return table


def labels(data: Path, table: Path, split: str | None = None) -> dict[str, str]:
    examples = read_labels(data / "index.csv", split)
    return {one.path.name: one.label for one in corrected(examples, table, data)}


def test_labels_of_train_and_val_change_and_ambiguous_pictures_go(data: Path) -> None:
    table = corrections(
        data,
        "train/meme/a.jpg,not_meme,a photo\ntrain/meme/b.jpg,ambiguous,\n"
        "val/not_meme/c.jpg,meme,\n",
    )
    assert labels(data, table) == {"a.jpg": "not_meme", "c.jpg": "meme", "d.jpg": "meme"}
    assert labels(data, table, "train") == {"a.jpg": "not_meme"}
    assert labels(data, table, "val") == {"c.jpg": "meme"}


def test_all_else_of_a_picture_stays(data: Path) -> None:
    table = corrections(data, "train/meme/a.jpg,not_meme,\n")
    examples = read_labels(data / "index.csv")
    first, *rest = corrected(examples, table, data)
    assert (first.path, first.split, first.source) == (examples[0].path, "train", "one")
    assert rest == examples[1:]


def test_proposals_that_nobody_edited_change_nothing(data: Path) -> None:
    table = corrections(
        data,
        'train/meme/a.jpg,meme,"proposed: not_meme",0.012,macro,one\n',
        "path,label,reason,probability,kind,source",
    )
    examples = read_labels(data / "index.csv")
    assert corrected(examples, table, data) == examples


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("train/meme/a.jpg,meme,\ntest/meme/d.jpg,not_meme,\n", "Row 2 of {} names a picture of t"),
        ("train/meme/x.jpg,meme,\n", "Row 1 of {} names 'train/meme/x.jpg', which is not in the i"),
        ("a.jpg,meme,\n", "Row 1 of {} names 'a.jpg', which is not in the index"),
        ("train/meme/a.jpg,maybe,\n", "Row 1 of {} has the label 'maybe'; use meme, not_meme or a"),
        ("train/meme/a.jpg,,\n", "Row 1 of {} has the label ''"),
        ("train/meme/a.jpg,meme,\ntrain/meme/a.jpg,not_meme,\n", "Row 2 of {} names train/meme/a"),
    ],
)
def test_a_row_that_cannot_be_applied_is_named(data: Path, rows: str, told: str) -> None:
    table = corrections(data, rows)
    with pytest.raises(UsageError, match=re.escape(told.format(table))):
        labels(data, table)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"file,what\na,b\n", "need the columns path and label"),
        (b"", "need the columns path and label"),
        (b"\xff\xfe\x00\xd8", "are not CSV in UTF-8"),
    ],
)
def test_a_table_that_is_none_is_told(data: Path, content: bytes, told: str) -> None:
    table = data.parent / "corrections.csv"
    table.write_bytes(content)
    with pytest.raises(UsageError, match=told):
        labels(data, table)


def test_a_table_that_is_not_there_is_told(data: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file or directory"):
        labels(data, data.parent / "corrections.csv")


def test_a_table_without_rows_changes_nothing(data: Path) -> None:
    examples = read_labels(data / "index.csv")
    assert corrected(examples, corrections(data, ""), data) == examples


def test_the_shipped_corrections_are_sorted_and_of_train_and_val() -> None:
    paths = [one.path for one in read_corrections(SHIPPED)]
    assert paths == sorted(paths)
    assert {path.split("/")[0] for path in paths} == {"train", "val"}
    assert all(one.reason for one in read_corrections(SHIPPED))


def test_each_shipped_correction_changes_its_picture(shared: Path) -> None:
    data = shared / "data"
    examples = read_labels(data / "index.csv")
    after = {one.path: one.label for one in corrected(examples, SHIPPED, data)}
    changed = {
        one.path.relative_to(data).as_posix(): after.get(one.path, AMBIGUOUS)
        for one in examples
        if after.get(one.path) != one.label
    }
    assert changed == {one.path: one.label for one in read_corrections(SHIPPED)}
