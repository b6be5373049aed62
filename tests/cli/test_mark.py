"""`memes keep`, `meme`, `unkeep`, `forget`, `corrections`: what the user says holds."""

from __future__ import annotations

import base64
import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from command import Memes, answer

MEME, PHOTO = "IMG-20260105-WA0002.jpg", "IMG-20260105-WA0001.jpg"
ALIKE = "IMG-20260114-WA0001.webp"


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
    for name in {*before} - {MEME, PHOTO}:
        assert now[name] == before[name] or now[name][1].startswith("Like 1 picture you kept")
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


def test_forget_asks_and_then_the_models_verdicts_hold(memes: Memes, pictures: Path) -> None:
    assert memes("forget").stdout == "There is nothing to forget.\n"
    before = verdicts(memes, pictures)
    memes("keep", pictures / MEME, pictures / ALIKE)
    marked = verdicts(memes, pictures)
    refused = memes("forget")
    assert refused.returncode == 2
    assert refused.stderr == "memes: There is no terminal to ask on. Add --yes to forget all.\n"
    status, shown = answer(memes, "forget", answers="n\n")
    assert (status, "Forget what you said of 2 pictures?" in shown) == (1, True)
    assert verdicts(memes, pictures) == marked != before
    assert answer(memes, "forget", answers="y\n")[0] == 0
    assert verdicts(memes, pictures) == before
    memes("keep", pictures / MEME)
    assert memes("forget", "--yes").stdout == "Forgot what you said of 1 picture.\n"
    assert verdicts(memes, pictures) == before


def test_corrections_work_on_another_computer_without_the_pictures(
    memes: Memes, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "corrections.json"
    memes("keep", pictures / MEME)
    memes("meme", pictures / PHOTO)
    done = memes("corrections", "export", file)
    assert (done.returncode, done.stderr) == (0, "Wrote what you said of 2 pictures.\n")
    assert MEME not in file.read_text()
    here = verdicts(memes, pictures)
    (pictures / MEME).unlink()
    monkeypatch.setenv("MEMES_DATA", str(tmp_path / "elsewhere"))
    assert verdicts(memes, pictures)[ALIKE][0] == "meme"
    taken = memes("corrections", "import", file)
    assert taken.stdout == "Took over what was said of 2 pictures, of 2 in the file.\n"
    del here[MEME]
    assert verdicts(memes, pictures) == here
    assert "of 0 pictures, of 2" in memes("corrections", "import", file).stdout
    printed = memes("corrections", "export", "-").stdout
    assert json.loads(printed) == json.loads(file.read_text())


def test_of_two_verdicts_on_a_picture_the_later_holds(
    memes: Memes, pictures: Path, tmp_path: Path
) -> None:
    file = tmp_path / "corrections.json"
    memes("keep", pictures / MEME)
    memes("corrections", "export", file)
    memes("meme", pictures / MEME)
    memes("corrections", "import", file)
    assert verdicts(memes, pictures)[MEME][1] == "You marked this picture as a meme."
    memes("corrections", "export", file)
    memes("forget", "--yes")
    memes("corrections", "import", file)
    assert verdicts(memes, pictures)[MEME][1] == "You marked this picture as a meme."


def test_a_file_that_holds_no_corrections_changes_nothing(
    memes: Memes, pictures: Path, tmp_path: Path
) -> None:
    file = tmp_path / "corrections.json"
    memes("keep", pictures / MEME)
    memes("corrections", "export", file)
    whole = json.loads(file.read_text())
    (row,) = whole["corrections"]
    (lesson,) = row["lessons"]
    infinite = base64.b64encode(bytes.fromhex("007c") * 1280).decode()
    memes("forget", "--yes")
    for damaged, told in (
        ("", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ("[]", "memes corrections export writes one"),
        ({**whole, "version": 2}, "is of another version"),
        ({**whole, "corrections": {}}, "has no list"),
        ({**whole, "corrections": [row, {}]}, "Correction 2 of"),
        ({**whole, "corrections": [{**row, "sha256": "ab"}]}, "the sha256 is none"),
        ({**whole, "corrections": [{**row, "verdict": "unsure"}]}, "neither meme nor not_meme"),
        ({**whole, "corrections": [{**row, "time": "now"}]}, "Correction 1 of"),
        (
            {**whole, "corrections": [{**row, "lessons": [{**lesson, "probability": 2}]}]},
            "not within 0-1",
        ),
        (
            {**whole, "corrections": [{**row, "lessons": [{**lesson, "embedding": infinite}]}]},
            "no number",
        ),
    ):
        file.write_text(damaged if isinstance(damaged, str) else json.dumps(damaged))
        refused = memes("corrections", "import", file)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert told in refused.stderr
        assert len(refused.stderr.splitlines()) == 1
    assert memes("forget", "--yes").stdout == "There is nothing to forget.\n"


def test_an_embedding_of_another_size_is_left_out(
    memes: Memes, pictures: Path, tmp_path: Path
) -> None:
    file = tmp_path / "corrections.json"
    memes("keep", pictures / MEME)
    memes("corrections", "export", file)
    whole = json.loads(file.read_text())
    whole["corrections"][0]["lessons"][0]["embedding"] = "AAAAAA=="
    file.write_text(json.dumps(whole))
    memes("forget", "--yes")
    memes("corrections", "import", file)
    now = verdicts(memes, pictures)
    assert (now[MEME][0], now[ALIKE][0]) == ("not_meme", "meme")
