"""The database of verdicts: what is never judged twice, and what no accident may do to it."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from command import Memes, scores_in

from memesdetection.classifier import MODELS_FOLDER
from memesdetection.errors import StoreError
from memesdetection.pictures import FoundFile
from memesdetection.store import Content, Store

PHONE = MODELS_FOLDER / "phone"


@pytest.fixture
def database(data_folder: Path) -> Path:
    return data_folder / "verdicts.sqlite"


def by_content(findings: list[dict[str, Any]]) -> dict[str, Any]:
    return {found["sha256"]: (found["verdict"], found["probability"]) for found in findings}


def wait_for(enough: Callable[[], bool], scan: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while not enough():
        assert scan.poll() is None, "the scan was over too soon"
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_rescan_judges_nothing_anew(memes: Memes, pictures: Path, unusable_model: Path) -> None:
    (pictures / "broken.jpg").write_bytes(b"\xff\xd8\xff but no more")
    (pictures / "notes.txt").write_text("no picture")
    first = memes.findings(pictures)
    assert len(first) == 14
    assert memes.findings(pictures, "--model", unusable_model) == first


def test_what_another_decoder_saw_is_judged_anew(
    memes: Memes, pictures: Path, unusable_model: Path, database: Path
) -> None:
    memes.findings(pictures)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE decoder SET version = version - 1")
    assert memes("scan", pictures, "--model", unusable_model).returncode == 1
    assert len(memes.findings(pictures)) == 13


def test_a_database_of_the_first_schema_is_brought_up_to_date(
    memes: Memes, pictures: Path, database: Path
) -> None:
    found = memes.findings(pictures)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("DROP TABLE decoder")
        connection.execute("PRAGMA user_version = 1")
    assert memes.findings(pictures) == found


def test_what_is_not_remembered_needs_the_model(
    memes: Memes, pictures: Path, unusable_model: Path
) -> None:
    scanned = memes("scan", pictures, "--model", unusable_model)
    assert scanned.returncode == 1
    assert "is not the one of its card" in scanned.stderr
    assert len(scanned.stderr.splitlines()) == 1


def test_a_changed_file_is_judged_again(memes: Memes, pictures: Path, noise: Path) -> None:
    memes.findings(pictures)
    changed = pictures / "IMG-20260105-WA0001.jpg"
    shutil.copyfile(noise / "000.jpg", changed)
    anew = memes.findings(pictures, "--no-cache")
    assert memes.findings(pictures) == anew
    assert anew[0]["path"] == str(changed)
    assert (anew[0]["width"], anew[0]["height"]) == (64, 64)


def test_a_file_touched_but_not_changed_is_not_judged_again(
    memes: Memes, pictures: Path, unusable_model: Path
) -> None:
    first = memes.findings(pictures)
    for picture in pictures.iterdir():
        os.utime(picture)
    assert memes.findings(pictures, "--model", unusable_model) == first


@pytest.mark.parametrize("how", ["renamed", "moved", "copied", "folder renamed"])
def test_a_file_elsewhere_is_not_judged_again(
    memes: Memes, pictures: Path, unusable_model: Path, how: str
) -> None:
    first = memes.findings(pictures)
    picture = pictures / "IMG-20260105-WA0002.jpg"
    count = len(first)
    if how == "renamed":
        picture.rename(pictures / "cat.jpg")
    elif how == "moved":
        (pictures / "Sent").mkdir()
        picture.rename(pictures / "Sent" / picture.name)
    elif how == "copied":
        shutil.copyfile(picture, pictures / "copy.jpg")
        count += 1
    else:
        pictures = pictures.rename(pictures.with_name("WhatsApp Images"))
    later = memes.findings(pictures, "--model", unusable_model)
    assert len(later) == count
    assert by_content(later) == by_content(first)
    assert {found["path"] for found in later} == {str(path) for path in pictures.rglob("*.*")}


@pytest.mark.parametrize("threshold", ["0", "0.9"])
def test_another_threshold_needs_no_model(
    memes: Memes, pictures: Path, unusable_model: Path, threshold: str
) -> None:
    memes.findings(pictures)
    anew = memes.findings(pictures, "--threshold", threshold, "--no-cache")
    remembered = memes.findings(pictures, "--threshold", threshold, "--model", unusable_model)
    assert remembered == anew
    memes_called = [found for found in anew if found["verdict"] == "meme"]
    assert memes_called == [found for found in anew if found["probability"] >= float(threshold)]


def test_scores_of_two_models_are_kept_side_by_side(
    memes: Memes, pictures: Path, unusable_model: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(PHONE, other)
    card = json.loads((PHONE / "card.json").read_text())
    (other / "card.json").write_text(json.dumps({**card, "name": "other"}))
    by_phone = memes.findings(pictures)
    by_other = memes.findings(pictures, "--model", other)
    assert {found["model"] for found in by_phone} == {f"phone-{card['sha256'][:12]}"}
    assert {found["model"] for found in by_other} == {f"other-{card['sha256'][:12]}"}
    (other / "model.tflite").write_bytes(b"no model")
    assert memes.findings(pictures, "--model", unusable_model) == by_phone
    assert memes.findings(pictures, "--model", other) == by_other


def test_without_cache_nothing_is_remembered(
    memes: Memes, pictures: Path, data_folder: Path
) -> None:
    memes.findings(pictures, "--no-cache")
    assert not data_folder.exists()


def test_the_database_lies_in_the_users_data_folder(
    memes: Memes, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MEMES_DATA")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home/data"))
    memes.findings(pictures)
    (database,) = (tmp_path / "home").rglob("*.sqlite")
    assert database.parent.name == "memes"
    assert scores_in(database) == 13


def random_bytes(database: Path) -> None:
    database.write_bytes(random.Random(0).randbytes(20_000))


def truncated(database: Path) -> None:
    os.truncate(database, database.stat().st_size // 2)


def cut_within_its_header(database: Path) -> None:
    os.truncate(database, 50)


def overwritten_within(database: Path) -> None:
    size = database.stat().st_size
    with database.open("r+b") as file:
        file.seek(4096)
        file.write(random.Random(0).randbytes(size - 4096))


def of_another_program(database: Path) -> None:
    database.unlink()
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript("CREATE TABLE notes (text); INSERT INTO notes VALUES ('mine');")


def of_a_newer_version(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(f"PRAGMA user_version = {Store.SCHEMA_VERSION + 1}")


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (random_bytes, "are damaged: "),
        (truncated, "are damaged: "),
        (cut_within_its_header, "are damaged: "),
        (overwritten_within, "are damaged: "),
        (of_another_program, "is a database of another program"),
        (of_a_newer_version, "were kept by a newer version of this program"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_database_that_cannot_be_used_is_told_and_left_alone(
    memes: Memes,
    pictures: Path,
    database: Path,
    spoil: Callable[[Path], None],
    sentence: str,
) -> None:
    memes.findings(pictures)
    spoil(database)
    content = database.read_bytes()
    scanned = memes("scan", pictures)
    assert scanned.returncode == 1
    (told,) = scanned.stderr.splitlines()
    assert told.startswith("memes: ")
    assert sentence in told
    assert str(database) in told
    assert database.read_bytes() == content
    assert memes("scan", pictures, "--no-cache").returncode == 0


@pytest.mark.parametrize("obstacle", ["file for folder", "file above folder", "folder for file"])
def test_a_data_folder_that_cannot_be_used_is_told(
    memes: Memes, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, obstacle: str
) -> None:
    place = tmp_path / "place"
    if obstacle == "folder for file":
        (place / "verdicts.sqlite").mkdir(parents=True)
        monkeypatch.setenv("MEMES_DATA", str(place))
    else:
        place.write_text("a file")
        below = place if obstacle == "file for folder" else place / "a/b"
        monkeypatch.setenv("MEMES_DATA", str(below))
    scanned = memes("scan", pictures)
    assert scanned.returncode == 1
    (told,) = scanned.stderr.splitlines()
    assert told.startswith("memes: The ")
    assert "--no-cache" in told
    assert memes("scan", pictures, "--no-cache").returncode == 0


def test_a_read_only_data_folder_is_told(memes: Memes, pictures: Path, data_folder: Path) -> None:
    data_folder.mkdir()
    data_folder.chmod(0o500)
    if os.access(data_folder, os.W_OK):
        pytest.skip("this user, root perhaps, may write everywhere")
    scanned = memes("scan", pictures)
    assert scanned.returncode == 1
    assert len(scanned.stderr.splitlines()) == 1
    assert memes("scan", pictures, "--no-cache").returncode == 0


def test_a_full_disk_is_told_and_the_next_scan_goes_on(
    memes: Memes, noise: Path, database: Path, noise_judged: list[dict[str, Any]]
) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))"
    then_run = "import os, sys; os.execv(sys.argv[1], sys.argv[1:])"
    scan = memes.command("scan", noise)
    command = [sys.executable, "-c", f"{limit}; {then_run}", *scan]
    scanned = subprocess.run(command, capture_output=True, text=True)
    assert scanned.returncode == 1
    (told,) = scanned.stderr.splitlines()
    assert told.startswith(f"memes: The verdicts in {database} cannot be read or kept: ")
    assert scores_in(database) > 0
    assert memes.findings(noise) == noise_judged


def test_two_scans_at_once_both_finish(
    memes: Memes, noise: Path, database: Path, noise_judged: list[dict[str, Any]]
) -> None:
    scans = [memes.start("scan", noise, "--json", "-") for _ in range(2)]
    for scan in scans:
        output, told = scan.communicate(timeout=120)
        assert scan.returncode == 0, told
        findings = [json.loads(line) for line in output.splitlines()]
        assert findings == noise_judged
    assert scores_in(database) == len(noise_judged)


def test_a_scan_whose_reader_pauses_holds_no_other_scan_up(
    memes: Memes, noise: Path, pictures: Path, database: Path, noise_judged: list[dict[str, Any]]
) -> None:
    with memes.start("scan", noise, "--json", "-") as paused:
        # The pipe to here holds fewer lines than the scan has, so that it has to wait.
        before, now = -1, 0
        while before < now or now < 100:
            time.sleep(0.5)
            before, now = now, scores_in(database)
        assert now < len(noise_judged)
        assert memes("scan", pictures, timeout=20).returncode == 0
        output, told = paused.communicate(timeout=60)
    assert paused.returncode == 0, told
    assert len(output.splitlines()) == len(noise_judged)


def test_many_may_open_a_new_database_at_once(tmp_path: Path) -> None:
    threads_at_once, errors = 8, []

    def open_and_record(path: Path, start: threading.Barrier, number: int) -> None:
        start.wait()
        content = Content(f"{number:064x}", 1, 1, "PNG", probability=0.5)
        try:
            with Store(path) as store:
                store.record(FoundFile(f"/{number}", 1, 1), content, "model")
        except StoreError as error:
            errors.append(str(error))

    for round_ in range(10):
        path = tmp_path / f"{round_}.sqlite"
        start = threading.Barrier(threads_at_once)
        threads = [
            threading.Thread(target=open_and_record, args=(path, start, number))
            for number in range(threads_at_once)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert scores_in(path) == threads_at_once


def test_the_database_is_marked_as_this_programs(tmp_path: Path) -> None:
    path = tmp_path / "new/folder/verdicts.sqlite"
    Store(path).close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (Store.APPLICATION_ID,)
        assert connection.execute("PRAGMA user_version").fetchone() == (Store.SCHEMA_VERSION,)


@pytest.mark.parametrize("seed", range(3))
def test_a_scan_killed_anywhere_loses_nothing_that_was_kept(
    memes: Memes,
    noise: Path,
    database: Path,
    noise_judged: list[dict[str, Any]],
    noise_scan_seconds: float,
    seed: int,
) -> None:
    """Five kills at random points, the first about the start, each of a scan that goes on."""
    points = random.Random(seed)
    a_commits_time = noise_scan_seconds * 32 / len(noise_judged)
    known = 0
    for round_ in range(5):
        with memes.start("scan", noise) as scan:
            if round_ == 0:
                time.sleep(points.uniform(0, 0.6))
            else:
                wait_for(lambda kept=known: scores_in(database) > kept, scan)
                time.sleep(points.uniform(0, a_commits_time))
            scan.kill()
        assert scan.returncode == -signal.SIGKILL
        if database.exists():
            with closing(sqlite3.connect(database)) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        kept = scores_in(database)
        assert kept >= known
        known = kept
        if known > len(noise_judged) * 2 / 3:
            break  # what is left may be over before it is killed
    assert known > 0
    assert memes.findings(noise) == noise_judged
    assert scores_in(database) == len(noise_judged)
