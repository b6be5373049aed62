"""Learning: what a correction changes of pictures that are alike, and what it never does."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import Memes
from PIL import Image

from memesdetection import gallery, store
from memesdetection.classifier import MODELS_FOLDER, Classifier, Verdict
from memesdetection.gallery import Finding
from memesdetection.labels import read_labels
from memesdetection.learning import learn
from memesdetection.likeness import Influence
from memesdetection.marks import Marks, default_path, read_marks
from memesdetection.pictures import find
from memesdetection.store import Store

MEME, ALIKE = "IMG-20260105-WA0002.jpg", "IMG-20260114-WA0001.webp"
PHOTO = "IMG-20260105-WA0001.jpg"
LEVELS = ("not_meme", "unsure", "meme")


def verdicts(memes: Memes, folder: Path, *options: str | Path) -> dict[str, tuple[str, str]]:
    return {
        Path(one["path"]).name: (one["verdict"], one["reason"])
        for one in memes.findings(folder, *options)
    }


def other_model(folder: Path) -> Path:
    """The phone model under another name, so that nothing of it is known yet."""
    shutil.copytree(MODELS_FOLDER / "phone", folder)
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**card, "name": "other"}))
    return folder


def test_a_kept_picture_lowers_those_like_it_without_judging_anew(
    memes: Memes, pictures: Path, unusable_model: Path, tmp_path: Path
) -> None:
    before = verdicts(memes, pictures)
    memes("keep", pictures / MEME)
    now = verdicts(memes, pictures, "--model", unusable_model)
    assert before[ALIKE][0] == "meme"
    verdict, reason = now[ALIKE]
    assert verdict == "unsure"
    assert reason.startswith("Like 1 picture you kept, though it looks like a meme (9")
    assert reason.endswith("%): look at it yourself.")
    assert {name: said for name, said in now.items() if said[0] == "not_meme"} == {
        MEME: ("not_meme", "You kept this picture."),
        **{name: said for name, said in before.items() if said[0] == "not_meme"},
    }
    assert reason in memes("why", pictures / ALIKE, cwd=tmp_path).stdout
    assert ALIKE not in memes("clean", pictures, "--dry-run").stdout
    memes("unkeep", pictures / MEME)
    assert verdicts(memes, pictures) == before


def test_a_marked_picture_raises_those_like_it_to_unsure_and_no_further(
    memes: Memes, pictures: Path
) -> None:
    for number, quality in enumerate((30, 60, 80)):
        with Image.open(pictures / PHOTO) as photo:
            photo.save(pictures / f"again{number}.jpg", quality=quality)
    assert verdicts(memes, pictures)["again0.jpg"][0] == "not_meme"
    memes("meme", pictures / PHOTO, pictures / "again1.jpg", pictures / "again2.jpg")
    verdict, reason = verdicts(memes, pictures)["again0.jpg"]
    assert verdict == "unsure"
    assert reason.startswith("Like 3 pictures you marked as memes, though it does not look like")


def test_what_the_model_knew_teaches_nothing(memes: Memes, pictures: Path) -> None:
    before = verdicts(memes, pictures)
    photos = [name for name, (verdict, _) in before.items() if verdict == "not_meme"]
    assert memes("keep", *(pictures / name for name in photos)).returncode == 0
    assert memes("meme", pictures / MEME).returncode == 0
    now = verdicts(memes, pictures)
    assert {name for name in now if now[name] != before[name]} == {MEME, *photos}


@pytest.mark.parametrize("from_camera", [False, True])
def test_no_correction_ever_makes_a_meme_or_turns_the_wrong_way(from_camera: bool) -> None:
    """So false alarms cannot rise, on val or anywhere."""
    thresholds = Classifier().thresholds
    near = [bound + step for bound in vars(thresholds).values() for step in (-1e-9, 0, 1e-9)]
    probabilities = [0, 1, *near, *np.linspace(0, 1, 101).tolist()]
    for probability, shift in product(probabilities, (-99, -5, -1, -1e-6, 0, 1e-6, 1, 5, 99)):
        own = thresholds.judge(probability, from_camera)
        now = Influence(shift, 1, 1).judge(probability, from_camera, thresholds)
        assert now.probability == own.probability
        if now != own:
            rose = LEVELS.index(now.verdict) - LEVELS.index(own.verdict)
            assert rose * shift > 0
            assert "Like 1 picture you" in now.reason
            assert shift < 0 or now.verdict == "unsure"


class Gallery:
    """Pictures that are scanned in this process, with one store."""

    def __init__(self, folder: Path, classifier: Classifier) -> None:
        self.files, self.classifier = list(find([folder])), classifier

    def scan(self) -> list[Finding]:
        with Store(store.default_path()) as kept:
            likeness = learn(self.classifier, kept)
            return list(
                gallery.scan(
                    self.files, self.classifier, kept, marks=read_marks(), likeness=likeness
                )
            )

    def mark(self, findings: Sequence[Finding], mark: Any) -> None:
        with Marks(default_path()) as marks:
            marks.put([str(one.sha256) for one in findings], mark)


def test_five_corrections_fix_half_of_their_like(shared: Path, tmp_path: Path) -> None:
    """Screenshots of one program, of val; docs/learning.md has those of test."""
    folder = tmp_path / "screenshots"
    folder.mkdir()
    for one in read_labels(shared / "data/index.csv", "val"):
        if one.source == "debian:gimp-help-en":
            shutil.copy(one.path, folder)
    screenshots = Gallery(folder, Classifier())
    wrong = [one for one in screenshots.scan() if one.verdict != "not_meme"]
    assert len(wrong) >= 9
    screenshots.mark(wrong[::2][:5], "not_meme")
    rest = {one.path for one in wrong} - {one.path for one in wrong[::2][:5]}
    fixed = [one for one in screenshots.scan() if one.path in rest and one.verdict == "not_meme"]
    assert len(fixed) >= len(rest) / 2


def test_all_memes_marked_make_no_false_alarm_and_all_photos_kept_hide_no_meme(
    gallery: Path,
) -> None:
    folder = Gallery(gallery / "WhatsApp Images", Classifier())
    is_meme = {one.path: one.is_meme for one in read_labels(gallery / "labels.csv")}
    before = folder.scan()

    def called(findings: Sequence[Finding], verdict: Verdict, memes: bool) -> set[str]:
        return {
            one.path
            for one in findings
            if one.verdict == verdict and is_meme[Path(one.path)] == memes
        }

    folder.mark([one for one in before if is_meme[Path(one.path)]], "meme")
    assert called(folder.scan(), "meme", memes=False) <= called(before, "meme", memes=False)
    with Marks(default_path()) as marks:
        marks.clear()
    photos = [one for one in before if one.verdict == "not_meme" and not is_meme[Path(one.path)]]
    assert len(photos) > 100
    folder.mark(photos, "not_meme")
    assert called(folder.scan(), "meme", memes=True) == called(before, "meme", memes=True)


def test_another_model_learns_from_the_file_while_it_is_there(
    memes: Memes, pictures: Path, tmp_path: Path, data_folder: Path
) -> None:
    other = other_model(tmp_path / "other")
    memes.findings(pictures)
    memes("keep", pictures / MEME)
    assert verdicts(memes, pictures, "--model", other)[ALIKE][0] == "unsure"
    (pictures / MEME).unlink()
    assert verdicts(memes, pictures, "--model", other)[ALIKE][0] == "unsure"
    with closing(sqlite3.connect(data_folder / "marks.sqlite")) as connection, connection:
        connection.execute("DELETE FROM lessons WHERE model LIKE 'other-%'")
    with closing(sqlite3.connect(data_folder / "verdicts.sqlite")) as connection, connection:
        connection.execute("DELETE FROM embeddings")
    assert verdicts(memes, pictures, "--model", other)[ALIKE][0] == "meme"
    assert verdicts(memes, pictures)[ALIKE][0] == "unsure"


def test_databases_without_embeddings_are_completed(
    memes: Memes, pictures: Path, data_folder: Path
) -> None:
    memes.findings(pictures)
    memes("keep", pictures / MEME)
    with closing(sqlite3.connect(data_folder / "verdicts.sqlite")) as connection, connection:
        connection.execute("DROP TABLE embeddings")
        connection.execute("PRAGMA user_version = 2")
    with closing(sqlite3.connect(data_folder / "marks.sqlite")) as connection, connection:
        connection.execute("DROP TABLE lessons")
        connection.execute("PRAGMA user_version = 1")
    assert verdicts(memes, pictures)[ALIKE][0] == "unsure"
    assert verdicts(memes, pictures, "--no-cache")[ALIKE][0] == "unsure"
