"""Drawing pictures by the real browser: how many, what the table says, and going on."""

from __future__ import annotations

import csv
import os
import shutil
from pathlib import Path
from random import Random

import pytest
from chromium import BROWSERS
from command import Memes
from PIL import Image

from memesdetection.data import drawing
from memesdetection.data.templates import TEMPLATES, Template
from memesdetection.labels import read_labels


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight pictures, drawn once; not to be changed."""
    if not any(map(shutil.which, BROWSERS)):
        pytest.skip(f"none of {', '.join(BROWSERS)} is there")
    folder = tmp_path_factory.mktemp("drawing") / "drawn"
    ended = Memes()("data", "draw", folder, "--count", "8", "--seed", "3")
    assert ended.returncode == 0, ended.stderr
    assert "8 pictures" in ended.stdout
    return folder


def rows_of(folder: Path) -> list[dict[str, str]]:
    with open(folder / "index.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def told_of(folder: Path) -> list[dict[str, str]]:
    """The rows but for the size of the files: a gradient comes out by where it is on the page."""
    return [{**row, "bytes": ""} for row in rows_of(folder)]


def test_as_many_labelled_pictures_as_asked_for_are_there(drawn: Path) -> None:
    pictures = read_labels(drawn / "index.csv", "train")
    assert len({picture.path for picture in pictures}) == 8
    assert {picture.label for picture in pictures} == {"meme", "not_meme"}
    for picture in pictures:
        assert picture.source.startswith("drawn/")
        with Image.open(picture.path) as opened:
            assert max(opened.size) == 320
            # An empty card has one colour, or hardly more.
            assert len(set(opened.convert("L").tobytes())) > 20
    for row in rows_of(drawn):
        assert row["license"] == "CC0-1.0"
        assert int(row["bytes"]) == (drawn / row["path"]).stat().st_size


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_a_template_can_be_drawn_in_each_of_its_languages(template: Template) -> None:
    words = drawing.all_words()
    speaking = drawing.speakers(template, words)
    assert "en" in speaking
    card = drawing.environment().get_template("card.html")
    for language in speaking:
        for seed in range(3):
            random = Random(f"{seed}{language}")
            width, height = random.choice(template.shapes)
            pencil = drawing.Pencil(random, words, language, [])
            # A name or a list of words that is missing is an error.
            assert card.render(draw=pencil, template=template, width=width, height=height)


def test_going_on_after_a_stop_gives_the_table_of_one_run(
    drawn: Path, memes: Memes, tmp_path: Path
) -> None:
    stopped = tmp_path / "stopped"
    shutil.copytree(drawn, stopped)
    table = (stopped / "index.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (stopped / "index.csv").write_text("".join(table[:4]), encoding="utf-8")
    first, *_, last = (stopped / row["path"] for row in rows_of(drawn))
    before = first.stat().st_mtime_ns
    last.unlink()
    ended = memes("data", "draw", stopped, "--count", "8", "--seed", "3")
    assert ended.returncode == 0, ended.stderr
    assert told_of(stopped) == told_of(drawn)
    assert first.stat().st_mtime_ns == before
    assert last.is_file()


def test_a_folder_with_something_else_is_left_alone(
    drawn: Path, memes: Memes, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("Dear Ann")
    for folder in (tmp_path / "mine", drawn):
        ended = memes("data", "draw", folder, "--count", "4", "--seed", "4")
        assert ended.returncode != 0
        assert "holds something else; name a new or empty folder" in " ".join(ended.stderr.split())
    assert os.listdir(tmp_path / "mine") == ["letter.txt"]


def test_photos_of_train_only_are_put_into_pictures_and_told(
    drawn: Path, memes: Memes, tmp_path: Path
) -> None:
    data = tmp_path / "data set"
    data.mkdir()
    columns = "path label split kind license"
    table = [columns.replace(" ", ","), "red.png,not_meme,train,food,MIT"]
    Image.new("RGB", (90, 90), (250, 0, 0)).save(data / "red.png")
    # Whatever took this one would fail: it is not there.
    table.append("gone.png,not_meme,test,food,GPL")
    (data / "index.csv").write_text("\n".join(table))
    ended = memes("data", "draw", tmp_path / "new", "--count", "16", "--photos", data)
    assert ended.returncode == 0, ended.stderr
    licenses = {row["license"] for row in rows_of(tmp_path / "new")}
    assert licenses == {"CC0-1.0", "CC0-1.0; photos: MIT"}


def test_without_a_browser_one_sentence_says_what_to_install(memes: Memes, tmp_path: Path) -> None:
    ended = memes(
        *("data", "draw", tmp_path / "new", "--count", "4"),
        env={**os.environ, "PATH": str(tmp_path)},
    )
    assert ended.returncode != 0
    assert "Drawing needs Chromium; install it" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "new").exists()
