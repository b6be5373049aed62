"""`memes keep`, `memes meme`, `memes unkeep`: what the user says of a picture holds."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from command import Memes

MEME, PHOTO = "IMG-20260105-WA0002.jpg", "IMG-20260105-WA0001.jpg"


def verdicts(memes: Memes, folder: Path, *options: str) -> dict[str, Any]:
    return {
        Path(one["path"]).name: (one["verdict"], one["reason"])
        for one in memes.findings(folder, *options)
    }


def test_what_is_kept_or_marked_holds_for_every_copy_until_it_is_taken_back(
    memes: Memes, pictures: Path
) -> None:
    before = verdicts(memes, pictures)
    assert (before[MEME][0], before[PHOTO][0]) == ("meme", "not_meme")
    kept = memes("keep", pictures / MEME)
    assert (kept.returncode, kept.stdout, kept.stderr) == (0, "Kept 1 picture.\n", "")
    marked = memes("meme", pictures / PHOTO)
    assert (marked.returncode, marked.stdout) == (0, "Marked as memes: 1 picture.\n")
    (pictures / "Sent").mkdir()
    (pictures / MEME).rename(pictures / "Sent/renamed.jpg")
    shutil.copyfile(pictures / "Sent/renamed.jpg", pictures / "copy.png")
    shutil.copyfile(pictures / PHOTO, pictures / "Sent/photo copy.jpg")
    for options in ((), ("--no-cache",)):
        now = verdicts(memes, pictures, *options)
        assert now["renamed.jpg"] == now["copy.png"] == ("not_meme", "You kept this picture.")
        assert now[PHOTO] == now["photo copy.jpg"] == ("meme", "You marked this picture as a meme.")
    others = {*before} - {MEME, PHOTO}
    assert {name: now[name] for name in others} == {name: before[name] for name in others}
    forgotten = memes("unkeep", pictures / "copy.png", pictures / "Sent/photo copy.jpg")
    assert (forgotten.returncode, forgotten.stdout) == (0, "Forgot what you said of 2 pictures.\n")
    after = verdicts(memes, pictures)
    assert after["renamed.jpg"] == before[MEME]
    assert after[PHOTO] == before[PHOTO]


def test_the_last_word_holds(memes: Memes, pictures: Path) -> None:
    for command, verdict in (("meme", "meme"), ("keep", "not_meme"), ("meme", "meme")):
        assert memes(command, pictures / PHOTO).returncode == 0
        assert verdicts(memes, pictures)[PHOTO][0] == verdict


@pytest.mark.parametrize("command", ["keep", "meme", "unkeep"])
def test_what_cannot_be_marked_is_told_and_the_rest_goes_on(
    memes: Memes, pictures: Path, command: str
) -> None:
    (pictures / "notes.txt").write_text("no picture")
    done = memes(command, pictures / "missing.jpg", pictures / "notes.txt", pictures / MEME)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"{pictures}/missing.jpg: It is not there (any more).",
        f"{pictures}/notes.txt: It is not a picture of a known format.",
    ]
    assert done.stdout.endswith("1 picture.\n")


def test_marks_outlive_the_scans_verdicts(memes: Memes, pictures: Path, data_folder: Path) -> None:
    memes("keep", pictures / MEME)
    verdicts(memes, pictures)
    (data_folder / "verdicts.sqlite").unlink()
    assert verdicts(memes, pictures)[MEME][0] == "not_meme"


def test_damaged_marks_are_told_before_anything_is_cleaned(
    memes: Memes, pictures: Path, data_folder: Path
) -> None:
    memes("keep", pictures / MEME)
    os.truncate(data_folder / "marks.sqlite", 50)
    for command in (("scan", pictures), ("clean", pictures, "--yes")):
        told = memes(*command)
        assert told.returncode == 1
        (sentence,) = told.stderr.splitlines()
        assert sentence.startswith("memes: The pictures that you kept or marked in ")
    assert len([*pictures.iterdir()]) == 13


def test_marks_of_another_program_are_left_alone(
    memes: Memes, pictures: Path, data_folder: Path
) -> None:
    data_folder.mkdir()
    with closing(sqlite3.connect(data_folder / "marks.sqlite")) as connection:
        connection.executescript("CREATE TABLE notes (text);")
    told = memes("keep", pictures / MEME)
    assert told.returncode == 1
    assert "is a database of another program" in told.stderr
