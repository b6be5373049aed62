"""`memes clean`, `memes undo` and `memes history` as a user meets them."""

from __future__ import annotations

import os
import re
import shutil
import signal
import stat
import time
from dataclasses import replace
from pathlib import Path

import pytest
from command import Memes, answer

from memesdetection.journal import Journal, default_path


@pytest.fixture(scope="module")
def verdicts(samples: Path) -> dict[str, tuple[str, float]]:
    """What a scan says of the samples: verdict and probability by name."""
    found = Memes().findings(samples, "--no-cache")
    return {Path(one["path"]).name: (one["verdict"], one["probability"]) for one in found}


def called(verdicts: dict[str, tuple[str, float]], verdict: str) -> set[str]:
    return {name for name, (said, _) in verdicts.items() if said == verdict}


def content(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    """All files below a folder: bytes, modification time and permissions."""
    return {
        str(path.relative_to(folder)): (
            path.read_bytes(),
            path.stat().st_mtime_ns,
            stat.S_IMODE(path.stat().st_mode),
        )
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_clean_up_moves_the_memes_and_undo_puts_them_back(
    memes: Memes, pictures: Path, home_trash: Path, verdicts: dict[str, tuple[str, float]]
) -> None:
    before, memes_called = content(pictures), called(verdicts, "meme")
    cleaned = memes("clean", pictures, "--yes")
    assert (cleaned.returncode, cleaned.stderr) == (0, "")
    assert {*content(home_trash / "files")} == memes_called
    assert content(pictures) == {
        name: file for name, file in before.items() if name not in memes_called
    }
    *lines, total, moved = cleaned.stdout.splitlines()
    sizes = [int(line.split("\t")[2]) for line in lines]
    assert sizes == sorted((len(before[name][0]) for name in memes_called), reverse=True)
    size = f"{sum(sizes) / 1000:.1f} kB"
    assert total == f"{len(memes_called)} memes ({size}) in {pictures}."
    told = f"Moved {len(memes_called)} pictures ({size}) to the trash."
    assert moved == f"{told} Back again: memes undo --cleanup 1"
    undone = memes("undo")
    assert (undone.returncode, undone.stderr) == (0, "")
    assert undone.stdout == f"Put back {len(memes_called)} pictures ({size}).\n"
    assert content(pictures) == before
    assert content(home_trash) == {}
    again = memes("undo")
    assert (again.returncode, again.stderr) == (1, "memes: There is nothing to undo.\n")


def test_a_dry_run_moves_nothing(
    memes: Memes, pictures: Path, home_trash: Path, verdicts: dict[str, tuple[str, float]]
) -> None:
    before = content(pictures)
    shown = memes("clean", pictures, "--dry-run", "--include-unsure")
    assert shown.returncode == 0
    names = {Path(line.split("\t")[3]).name for line in shown.stdout.splitlines() if "\t" in line}
    assert names == called(verdicts, "meme") | called(verdicts, "unsure")
    assert content(pictures) == before
    assert not home_trash.exists()


def test_without_a_terminal_it_does_not_ask_but_refuses(memes: Memes, pictures: Path) -> None:
    before = content(pictures)
    refused = memes("clean", pictures)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("memes: There is no terminal to ask on. Add --yes")
    assert content(pictures) == before


@pytest.mark.parametrize(
    ("answers", "moved"),
    [("n\nn\n", []), ("y\nn\n", ["meme"]), ("n\ny\n", ["unsure"]), ("y\ny\n", ["meme", "unsure"])],
)
def test_it_asks_and_once_more_for_the_unsure(
    memes: Memes,
    pictures: Path,
    home_trash: Path,
    answers: str,
    moved: list[str],
) -> None:
    strict = ("--threshold", "0.995")
    found = memes.findings(pictures, *strict)
    verdicts = {Path(one["path"]).name: (one["verdict"], one["probability"]) for one in found}
    memes_called, unsure = called(verdicts, "meme"), called(verdicts, "unsure")
    code, shown = answer(memes, "clean", pictures, "--include-unsure", *strict, answers=answers)
    assert f"Move {len(memes_called)} memes to the trash?" in shown
    assert f"Move also {len(unsure)} unsure, which may be personal, to the trash?" in shown
    assert re.search(r"Verdict.*Probability.*Size.*Picture", shown)
    unfolded = re.sub(r"[\s│]", "", shown)
    assert all(name in unfolded for name in unsure)
    expected = {name for verdict in moved for name in called(verdicts, verdict)}
    assert {*content(home_trash / "files")} == expected
    assert code == (0 if moved else 1)
    assert ("Nothing was moved." in shown) == (not moved)


def test_the_unsure_are_never_moved_unasked(
    memes: Memes, pictures: Path, verdicts: dict[str, tuple[str, float]]
) -> None:
    code, shown = answer(memes, "clean", pictures, answers="y\n")
    assert code == 0
    assert shown.count("[y/N]") == 1
    left = {path.name for path in pictures.iterdir()}
    assert left == {*verdicts} - called(verdicts, "meme")


def test_options_choose_what_is_moved(
    memes: Memes, pictures: Path, verdicts: dict[str, tuple[str, float]]
) -> None:
    by_certainty = sorted(called(verdicts, "meme"), key=lambda name: -verdicts[name][1])
    certain, less_certain = by_certainty[0], by_certainty[1:]
    now = time.time()
    for name in verdicts:
        os.utime(pictures / name, (now, now))
    os.utime(pictures / certain, (now, now - 31 * 86_400))

    def chosen(*options: str) -> set[str]:
        shown = memes("clean", pictures, "--dry-run", *options)
        assert shown.returncode == 0, shown.stderr
        return {
            Path(line.split("\t")[3]).name for line in shown.stdout.splitlines() if "\t" in line
        }

    assert chosen() == {*by_certainty}
    assert chosen("--older-than", "30d") == {certain}
    assert chosen("--older-than", "5w") == set()
    assert chosen("--limit", "1") == {certain}
    assert chosen("--limit", "2") == {*by_certainty[:2]}
    assert chosen("--min-probability", str(verdicts[less_certain[0]][1])) == {*by_certainty[:2]}
    size = sorted((pictures / name).stat().st_size for name in by_certainty)[-2]
    assert len(chosen("--larger-than", str(size))) == 1
    assert chosen("--larger-than", "100k") == set()
    memes("keep", pictures / certain)
    # Of the others, those like it may be unsure now.
    assert chosen() <= {*less_certain}
    personal = min(verdicts, key=lambda name: verdicts[name][1])
    memes("meme", pictures / personal)
    assert chosen("--min-probability", "0.99999") == {personal}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["clean", "no such folder"], "does not exist"),
        (["clean", ".", "--older-than", "30 days"], "is not an age such as"),
        (["clean", ".", "--larger-than", "big"], "is not a size such as"),
        (["clean", ".", "--min-probability", "2"], "for '--min-probability'"),
        (["clean", ".", "--limit", "0"], "for '--limit'"),
        (["clean", ".", "--yes", "--to", "memes"], "memes: memes is within ., so a scan would"),
        (["undo", "--cleanup", "7"], "memes: There is no clean-up 7; memes history lists them."),
        (["undo", "--last", "--cleanup", "7"], "Name files, --last or --cleanup"),
        (["history", "7"], "memes: There is no clean-up 7"),
    ],
)
def test_wrong_usage_exits_with_2(
    memes: Memes, tmp_path: Path, options: list[str], told: str
) -> None:
    done = memes(*options, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_each_clean_up_and_each_file_can_be_undone_alone(
    memes: Memes, pictures: Path, tmp_path: Path
) -> None:
    before = content(pictures)
    shutil.copytree(pictures, pictures / "Sent")
    (pictures / "Sent").rename(tmp_path / "Sent")
    quarantine = tmp_path / "quarantine"
    assert memes("clean", pictures, "--yes").returncode == 0
    assert memes("clean", tmp_path / "Sent", "--yes", "--to", quarantine).returncode == 0
    moved = content(quarantine)
    listed = [line.split("\t") for line in memes("history").stdout.splitlines()]
    assert [(row[0], row[2], row[4], row[5], row[6]) for row in listed] == [
        ("1", str(len(moved)), "0", "trash", str(pictures)),
        ("2", str(len(moved)), "0", str(quarantine), str(tmp_path / "Sent")),
    ]
    one = min(moved)
    by_name = memes("undo", pictures / one, pictures / "never there.jpg")
    assert by_name.returncode == 1
    assert by_name.stderr == (
        f"{pictures}/never there.jpg: No clean-up moved it, or it is back already.\n"
    )
    assert (pictures / one).exists()
    assert content(quarantine) == moved
    assert memes("undo", "--cleanup", "1").returncode == 0
    assert content(pictures) == before
    files = memes("history", "1").stdout.splitlines()
    assert sorted(files) == [
        f"restored\t{pictures}/{name}\t{pictures}/{name}" for name in sorted(moved)
    ]
    assert memes("undo", "--last").returncode == 0
    assert content(tmp_path / "Sent") == before
    assert content(quarantine) == {}


@pytest.mark.parametrize("stopped", [False, True], ids=["whole", "cut off"])
def test_what_lay_on_a_drive_that_was_unplugged_is_put_back_later(
    memes: Memes, pictures: Path, tmp_path: Path, stopped: bool
) -> None:
    before, drive = content(pictures), tmp_path / "drive"
    assert memes("clean", pictures, "--yes", "--to", drive / "memes").returncode == 0
    moved = len(content(drive))
    if stopped:
        with Journal(default_path()) as journal:
            entries = [replace(entry, state="moving") for entry in journal.files(1)]
            journal.record(entries)
        Path(entries[0].destination or "").rename(entries[0].source)
    drive.rename(tmp_path / "unplugged")
    without = memes("undo")
    assert without.returncode == 1
    assert "is neither there nor" if stopped else "plug that in" in without.stderr
    (tmp_path / "unplugged").rename(drive)
    plugged_in = memes("undo", "--cleanup", "1")
    assert plugged_in.returncode == 0
    assert f"Of clean-up 1 {moved - stopped} that could not be found are there again." in (
        plugged_in.stderr
    )
    assert content(pictures) == before


def test_a_date_that_no_database_holds_is_no_hindrance(memes: Memes, pictures: Path) -> None:
    picture = next(iter(sorted(pictures.glob("*.jpg"))))
    os.utime(picture, (0, 10_400_000_000))  # the year 2299
    if picture.stat().st_mtime < 10_400_000_000:
        pytest.skip("This file system keeps no such dates.")
    before = content(pictures)
    assert memes("scan", pictures, "--quiet").returncode == 0
    assert memes("clean", pictures, "--yes", "--threshold", "0").returncode == 0
    assert content(pictures) == {}
    assert memes("undo").returncode == 0
    assert content(pictures) == before


def test_a_name_that_is_taken_is_told(memes: Memes, pictures: Path) -> None:
    memes("clean", pictures, "--yes", "--limit", "1")
    (line,) = memes("history", "1").stdout.splitlines()
    source = line.split("\t")[1]
    Path(source).write_bytes(b"new")
    undone = memes("undo")
    free = source.replace(".jpg", " (2).jpg")
    assert undone.returncode == 0
    assert undone.stderr == f"{source}: The name was taken, so it is {free} now.\n"
    assert Path(source).read_bytes() == b"new"


def test_what_could_not_be_moved_is_told(
    memes: Memes, pictures: Path, mounted: Path, verdicts: dict[str, tuple[str, float]]
) -> None:
    """No room in the quarantine."""
    before = content(pictures)
    (mounted / "filler").write_bytes(bytes(2**20 - 50_000))
    cleaned = memes("clean", pictures, "--yes", "--to", mounted / "memes")
    assert cleaned.returncode == 1
    stayed = cleaned.stderr.splitlines()
    assert stayed
    assert all(line.endswith(": It cannot be moved: No space left on device.") for line in stayed)
    moved = len(called(verdicts, "meme")) - len(stayed)
    assert f"\nMoved {moved} picture" in cleaned.stdout
    assert {**content(pictures), **content(mounted / "memes")} == before


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_a_clean_up_that_is_stopped_loses_nothing(
    memes: Memes, noise: Path, tmp_path: Path, elsewhere: Path, sent: signal.Signals
) -> None:
    """Copying to another file system takes a while; the signal comes within it."""
    folder = tmp_path / "noise"
    shutil.copytree(noise, folder, ignore=shutil.ignore_patterns("[12]*"))
    before = content(folder)
    with memes.start(
        "clean", folder, "--yes", "--threshold", "0", "--to", elsewhere / "memes"
    ) as cleaning:
        deadline = time.monotonic() + 60
        while len(content_names(elsewhere)) < 20:
            assert time.monotonic() < deadline
            assert cleaning.poll() is None, "it was over too soon"
        cleaning.send_signal(sent)
        _, told = cleaning.communicate(timeout=60)
    after = memes("history")
    assert after.returncode == 0
    if sent == signal.SIGINT:
        assert cleaning.returncode == 1
        assert told.splitlines()[-1].startswith("Stopped; no picture is lost.")
        assert after.stderr == ""
    else:
        assert re.match(
            r"Clean-up 1 was cut off; of the files in doubt: \d+ moved, \d+ not moved\.",
            after.stderr,
        )
    assert {**content(folder), **content(elsewhere / "memes")} == before
    assert len(content_names(folder)) + len(content_names(elsewhere)) == len(before)
    assert memes("undo").returncode == 0
    assert content(folder) == before


def content_names(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*.jpg") if path.is_file()]


def test_while_another_cleans_it_is_told(memes: Memes, pictures: Path) -> None:
    with Journal(default_path()) as journal, journal.alone():
        for command in (("clean", pictures, "--yes"), ("undo",)):
            refused = memes(*command)
            assert refused.returncode == 1
            assert refused.stderr == (
                "memes: Another clean-up or undo is running. Try again when it is through.\n"
            )
        shown = memes("history")
        assert (shown.returncode, shown.stdout) == (0, "No clean-ups yet.\n")
        assert shown.stderr == "A clean-up or undo is running; this is how far it is.\n"
    assert len([*pictures.iterdir()]) == 13


def test_odd_names_go_to_the_trash_and_back_and_play_no_tricks(
    memes: Memes, pictures: Path, tmp_path: Path
) -> None:
    folder = os.fsencode(tmp_path / "odd")
    os.mkdir(folder)
    for name in (b"\x1b[31mred.jpg", b"line\nbreak.jpg", b"\xff\xfe.jpg", b"[bold]%41.jpg"):
        shutil.copyfile(pictures / "IMG-20260105-WA0002.jpg", os.path.join(folder, name))
    before = {*os.listdir(folder)}
    cleaned = memes("clean", folder, "--yes")
    assert cleaned.returncode == 0, cleaned.stderr
    assert os.listdir(folder) == []
    assert "\x1b" not in cleaned.stdout
    assert "\x1b" not in memes("history", "1").stdout
    assert memes("undo").returncode == 0
    assert {*os.listdir(folder)} == before
