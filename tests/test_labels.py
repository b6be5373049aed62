"""Tables of labels: what is read from them, and what is wrong with those that are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from memesdetection.errors import UsageError
from memesdetection.labels import LabelledPicture, read_labels


def table(folder: Path, content: str | bytes) -> Path:
    file = folder / "labels.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def test_every_column_is_read_and_paths_are_relative_to_the_table(tmp_path: Path) -> None:
    file = table(
        tmp_path,
        "source,path,label,split,kind,language\n"
        'there,in/a.jpg,meme,train,captioned,"en,uk"\n'
        "here,b.png,not_meme,test,people,\n",
    )
    assert read_labels(file) == [
        LabelledPicture(
            tmp_path / "in/a.jpg", "meme", "train", "captioned", language="en,uk", source="there"
        ),
        LabelledPicture(tmp_path / "b.png", "not_meme", "test", "people", source="here"),
    ]
    assert [example.is_meme for example in read_labels(file)] == [True, False]


def test_an_absolute_path_stays_as_it_is(tmp_path: Path) -> None:
    picture = tmp_path.parent / "a.jpg"
    (example,) = read_labels(table(tmp_path, f"path,label\n{picture},meme\n"))
    assert example.path == picture


def test_only_the_rows_of_a_split_are_kept(tmp_path: Path) -> None:
    file = table(tmp_path, "path,label,split\na.jpg,meme,train\nb.jpg,meme,test\n")
    assert [example.path.name for example in read_labels(file, "test")] == ["b.jpg"]


@pytest.mark.parametrize(
    "content",
    [
        b"file,label\na.jpg,meme\n",
        b"\xef\xbb\xbfpath,label\na.jpg,meme\n",
        b"path,label\r\na.jpg,meme\r\n",
        b'"path","label"\n"a.jpg","meme"',
    ],
    ids=["a column file", "a byte order mark", "line ends of Windows", "quotes"],
)
def test_tables_as_other_programs_write_them_are_read(tmp_path: Path, content: bytes) -> None:
    assert read_labels(table(tmp_path, content)) == [LabelledPicture(tmp_path / "a.jpg", "meme")]


@pytest.mark.parametrize(
    ("content", "split", "sentence"),
    [
        ("", None, "needs rows with the columns path and label"),
        ("path,label\n", None, "needs rows with the columns path and label"),
        ("path\na.jpg\n", None, "needs rows with the columns path and label"),
        ("name,label\na.jpg,meme\n", None, "needs rows with the columns path and label"),
        ("path,label\na.jpg,meme\nb.jpg,Meme\n", None, "Row 2 of .* has the label 'Meme'"),
        ("path,label\na.jpg,\n", None, "Row 1 of .* has the label ''; use meme or not_meme"),
        ("path,label\na.jpg,meme\n", "test", "has no column split"),
        ("path,label,split\na.jpg,meme,train\n", "test", "no picture of the split 'test'"),
        (b"path,label\ncaf\xe9.jpg,meme\n", None, "utf-8"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", None, "utf-8"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused_with_what_is_wrong(
    tmp_path: Path, content: str | bytes, split: str | None, sentence: str
) -> None:
    file = table(tmp_path, content)
    with pytest.raises(UsageError, match=sentence) as refused:
        read_labels(file, split)
    assert str(file) in str(refused.value)
    assert str(refused.value).endswith(".")


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gone\.csv cannot be read: No such file or directory"):
        read_labels(tmp_path / "gone.csv")


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_labels(tmp_path)
