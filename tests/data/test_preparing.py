"""Preparing real pictures: what is cleaned, kept, dropped and told, and going on after a kill."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import signal
import sqlite3
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import Memes
from making import WHITE, animated, close, corners, encoded, quadrants, turned
from PIL import Image

SMALL = ("--min-side", "20")


def rows_of(table: Path) -> list[dict[str, str]]:
    with open(table, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_raw(folder: Path, rows: list[tuple[str, bytes, dict[str, str]]]) -> Path:
    """A raw folder with these files; each row has the name, the content and other columns."""
    folder.mkdir(exist_ok=True)
    columns = "path label split kind language source commit license original".split()
    with open(folder / "pictures.csv", "w", newline="") as file:
        table = csv.DictWriter(file, columns)
        table.writeheader()
        for name, content, values in rows:
            (folder / name).write_bytes(content)
            table.writerow({"path": name, "label": "not_meme", "source": name, **values})
    return folder


def noise(seed: int, width: int = 120, height: int = 90) -> Image.Image:
    """A picture of its own: large blocks of random colours."""
    random = np.random.default_rng(seed)
    blocks = random.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(blocks).resize((width, height), Image.Resampling.BICUBIC)


def prepared(memes: Memes, raw: Path, *options: str) -> Path:
    output = raw.parent / "output"
    ran = memes("data", "prepare", raw, "--output", output, *options)
    assert (ran.returncode, ran.stderr) == (0, "")
    return output


def test_pictures_come_out_upright_small_rgb_and_still(memes: Memes, tmp_path: Path) -> None:
    see_through = noise(5).convert("RGBA")
    see_through.paste((0, 0, 0, 0), (0, 0, 60, 45))
    raw = write_raw(
        tmp_path / "raw",
        [
            ("turned.jpg", turned("JPEG", 6, quality=95), {}),
            ("large.png", encoded(noise(1, 1200, 600), "PNG"), {}),
            ("clear.png", encoded(see_through, "PNG"), {"label": "meme"}),
            ("moving.gif", animated("GIF", [40, 220]), {"label": "meme"}),
        ],
    )
    output = prepared(memes, raw, "--val", "0", "--test", "0", "--balance", "0")
    rows = {row["original"]: row for row in rows_of(output / "index.csv")}
    assert rows.keys() == {"turned.jpg", "large.png", "clear.png", "moving.gif"}
    images = {}
    for name, row in rows.items():
        sha1 = hashlib.sha1((raw / name).read_bytes()).hexdigest()
        assert row["path"] == f"train/{row['label']}/{sha1[:14]}.jpg"
        assert int(row["bytes"]) == (raw / name).stat().st_size
        with Image.open(output / row["path"]) as images[name]:
            images[name].load()
        assert (images[name].format, images[name].mode) == ("JPEG", "RGB")
    colours = corners(quadrants())
    assert close(corners(images["turned.jpg"]), tuple(colours), 30)
    assert images["large.png"].size == (288, 144)
    assert (rows["large.png"]["width"], rows["large.png"]["format"]) == ("1200", "PNG")
    assert close(corners(images["clear.png"])[:1], (WHITE,))
    assert close(corners(images["moving.gif"])[:1], ((40, 40, 40),))


def test_the_index_has_the_columns_that_training_knows(memes: Memes, tmp_path: Path) -> None:
    values = {
        "label": "meme",
        "split": "val",
        "kind": "macro",
        "language": "en,hi",
        "source": "owner/it",
        "commit": "0123",
        "license": "CC0-1.0",
        "original": "memes/a.jpg",
    }
    raw = write_raw(tmp_path / "raw", [("a.jpg", encoded(noise(1)), values)])
    output = prepared(memes, raw)
    assert (output / "index.csv").read_text().splitlines()[0] == (
        "path,label,split,kind,language,source,commit,license,original,width,height,format,bytes"
    )
    (row,) = rows_of(output / "index.csv")
    size = (raw / "a.jpg").stat().st_size
    assert row == {
        "path": row["path"],
        **values,
        "width": "120",
        "height": "90",
        "format": "JPEG",
        "bytes": str(size),
    }
    assert (output / row["path"]).is_file()


def test_what_is_dropped_is_told_with_its_reason(memes: Memes, tmp_path: Path) -> None:
    picture = noise(1)
    both = noise(2)
    raw = write_raw(
        tmp_path / "raw",
        [
            ("broken.jpg", encoded(noise(3))[:400], {}),
            ("text.jpg", b"no picture", {}),
            ("tiny.png", encoded(noise(4, 60, 19), "PNG"), {}),
            ("train.jpg", encoded(picture, quality=95), {"split": "train"}),
            ("again.jpg", encoded(picture, quality=95), {"split": "train"}),
            ("test.jpg", encoded(picture, quality=60), {"split": "test"}),
            ("meme.jpg", encoded(both), {"label": "meme", "split": "train"}),
            ("photo.png", encoded(both, "PNG"), {"split": "val"}),
            ("good.jpg", encoded(noise(6)), {"split": "train"}),
        ],
    )
    with (raw / "pictures.csv").open("a") as file:
        file.write("missing.jpg,meme,,,,missing,,,\n")
    output = prepared(memes, raw, *SMALL)
    kept = {row["original"] for row in rows_of(output / "index.csv")}
    assert kept == {"test.jpg", "good.jpg"}
    dropped = {
        row["path"]: (row["reason"], row["detail"]) for row in rows_of(output / "dropped.csv")
    }
    assert dropped == {
        "broken.jpg": ("unreadable", "The picture is truncated or corrupt."),
        "text.jpg": ("unreadable", "The content is not a picture of a known format."),
        "missing.jpg": ("unreadable", "It is not there (any more)."),
        "tiny.png": ("tiny", "A side is shorter than 20 pixels."),
        "train.jpg": ("near duplicate across splits", "test.jpg"),
        "again.jpg": ("near duplicate across splits", "test.jpg"),
        "meme.jpg": ("copy under both labels", "photo.png"),
        "photo.png": ("copy under both labels", "meme.jpg"),
    }
    card = json.loads((output / "card.json").read_text())
    assert card["dropped"] == Counter(reason for reason, _ in dropped.values())


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """40 pictures of 8 sources."""
    rows = [
        (
            f"{i}.jpg",
            encoded(noise(i, 400, 300)),
            {
                "label": ("meme", "not_meme")[i % 2],
                "kind": ("macro", "people")[i % 2],
                "source": f"s{i % 8}",
                "license": ("MIT", "")[i % 2],
                "language": ("en,hi", "")[i % 2],
            },
        )
        for i in range(40)
    ]
    return write_raw(tmp_path / "raw", rows)


def contents(output: Path) -> dict[str, bytes]:
    """All that was written but for the workshop."""
    files = (path for path in output.rglob("*") if path.is_file())
    named = {path.relative_to(output).as_posix(): path for path in files}
    return {name: path.read_bytes() for name, path in named.items() if name[:5] != ".work"}


def test_the_result_is_the_same_by_any_number_of_processes(
    memes: Memes, many: Path, tmp_path: Path
) -> None:
    results = []
    for jobs in ("1", "3"):
        output = tmp_path / f"output{jobs}"
        options = ("--output", output, "--seed", "7", "--jobs", jobs)
        assert memes("data", "prepare", many, *options).returncode == 0
        results.append(contents(output))
    assert results[0] == results[1]
    assert len([name for name in results[0] if name.startswith("train/")]) > 10


def cleaned_in(output: Path) -> int:
    database = output / ".work/known.sqlite"
    if not database.exists():
        return 0
    with closing(sqlite3.connect(database, timeout=30)) as connection:
        found = connection.execute("SELECT * FROM sqlite_master WHERE name = 'cleaned'").fetchone()
        return connection.execute("SELECT count(*) FROM cleaned").fetchone()[0] if found else 0


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT])
def test_what_was_cleaned_before_an_interruption_is_not_cleaned_again(
    memes: Memes, tmp_path: Path, ending: signal.Signals
) -> None:
    rows: list[tuple[str, bytes, dict[str, str]]] = [
        (f"{i}.jpg", encoded(noise(i, 700, 500)), {"label": ("meme", "not_meme")[i % 2]})
        for i in range(400)
    ]
    raw, output = write_raw(tmp_path / "raw", rows), tmp_path / "output"
    command = ("data", "prepare", raw, "--output", output, "--jobs", "2")
    with memes.start(*command) as running:
        while cleaned_in(output) == 0:
            assert running.poll() is None
            time.sleep(0.01)
        running.send_signal(ending)
        running.wait(30)
        assert "Traceback" not in running.stderr.read()
    done = cleaned_in(output)
    assert 0 < done < 400
    assert not (output / "index.csv").exists()
    with closing(sqlite3.connect(output / ".work/known.sqlite")) as connection:
        sha1s = [row[0] for row in connection.execute("SELECT sha1 FROM cleaned")]
    written = {sha1: written_at(output, sha1) for sha1 in sha1s}
    assert memes(*command).returncode == 0
    assert {sha1: written_at(output, sha1) for sha1 in sha1s} == written
    assert cleaned_in(output) == 400


def written_at(output: Path, sha1: str) -> int:
    return os.stat(output / f".work/{sha1[:2]}/{sha1}.jpg").st_mtime_ns


def test_no_process_stays_behind_when_the_first_is_killed(memes: Memes, many: Path) -> None:
    output = many.parent / "output"
    with memes.start(
        "data", "prepare", many, "--output", output, "--jobs", "2", start_new_session=True
    ) as running:
        while not list(output.glob(".work/*/*.jpg")):
            assert running.poll() is None
            time.sleep(0.01)
        group = running.pid
        running.kill()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("a process is still there")


def test_another_size_or_choice_replaces_the_earlier_result(memes: Memes, many: Path) -> None:
    output = prepared(memes, many, "--seed", "1")
    earlier = contents(output)
    assert (
        memes(
            "data", "prepare", many, "--output", output, "--side", "100", "--per-source", "2"
        ).returncode
        == 0
    )
    rows = rows_of(output / "index.csv")
    assert max(Counter(row["source"] for row in rows).values()) == 2
    pictures = {name for name in contents(output) if name.split("/")[0] in ("train", "val", "test")}
    assert pictures == {row["path"] for row in rows}
    assert len(pictures) < len(earlier)
    for row in rows:
        with Image.open(output / row["path"]) as image:
            assert max(image.size) == 100


def test_the_card_tells_counts_licences_and_shows_each_kind(memes: Memes, many: Path) -> None:
    output = prepared(memes, many)
    rows = rows_of(output / "index.csv")
    card = json.loads((output / "card.json").read_text())
    assert card["pictures"] == len(rows)
    assert card["licenses"] == Counter(row["license"] or "none stated" for row in rows)
    for split, counts in card["splits"].items():
        mine = [row for row in rows if row["split"] == split]
        assert counts["labels"] == Counter(row["label"] for row in mine)
        assert counts["sources"] == len({row["source"] for row in mine})
        memes_there = counts["labels"].get("meme", 0)
        assert counts["languages"] == (
            {"en": memes_there, "hi": memes_there} if memes_there else {}
        )
    page = (output / "card.md").read_text()
    for name, kind in (("meme-macro", "macro"), ("not_meme-people", "people")):
        assert f"sheets/{name}.jpg" in page
        shown = sum(row["kind"] == kind for row in rows)
        with Image.open(output / f"sheets/{name}.jpg") as sheet:
            assert sheet.width > 10 * 100
            assert sheet.height > shown // 10 * 100
    assert "| MIT | 20 |" in page


def test_hard_links_save_the_space_of_a_second_copy(memes: Memes, many: Path) -> None:
    output = prepared(memes, many)
    for row in rows_of(output / "index.csv"):
        assert os.stat(output / row["path"]).st_nlink == 2


def test_the_tables_of_several_folders_are_taken(memes: Memes, tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    write_raw(tmp_path / "raw/a", [("1.jpg", encoded(noise(1)), {"source": ""})])
    write_raw(tmp_path / "raw/b", [("1.jpg", encoded(noise(2)), {"source": ""})])
    output = prepared(memes, tmp_path / "raw")
    assert {row["source"] for row in rows_of(output / "index.csv")} == {"a", "b"}


def no_table(raw: Path) -> None:
    (raw / "pictures.csv").unlink()


def empty_table(raw: Path) -> None:
    (raw / "pictures.csv").write_text("path,label\n")


def a_wrong_label(raw: Path) -> None:
    (raw / "pictures.csv").write_text("path,label\na.jpg,memes\n")


def a_path_outside(raw: Path) -> None:
    (raw / "pictures.csv").write_text("path,label\n../a.jpg,meme\n")


def two_splits(raw: Path) -> None:
    (raw / "pictures.csv").write_text("path,label,split\na.jpg,meme,val\nb.jpg,meme,test\n")


def nothing_readable(raw: Path) -> None:
    (raw / "pictures.csv").write_text("path,label\nnone.jpg,meme\n")


def foreign_output(raw: Path) -> None:
    (raw.parent / "output").mkdir()
    (raw.parent / "output/index.csv").write_text("path,label\n")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (no_table, "has no pictures.csv, nor has a folder in it"),
        (empty_table, "name no picture"),
        (a_wrong_label, "Row 1 of {raw}/pictures.csv has the label 'memes'"),
        (a_path_outside, "Row 1 of {raw}/pictures.csv names no picture in its folder"),
        (two_splits, "The source 'raw' has more than one split"),
        (nothing_readable, "No picture of {raw} is left; 1 are unreadable or tiny."),
        (foreign_output, "output holds something else; name a new or empty folder."),
    ],
)
def test_what_cannot_be_prepared_is_one_sentence_and_exits_with_2(
    memes: Memes, tmp_path: Path, spoil: Any, told: str
) -> None:
    raw = write_raw(tmp_path / "raw", [("a.jpg", encoded(noise(1)), {})])
    spoil(raw)
    ran = memes("data", "prepare", raw, "--output", tmp_path / "output")
    assert ran.returncode == 2
    (sentence,) = ran.stderr.splitlines()
    assert told.format(raw=raw) in sentence


def test_a_disk_that_takes_nothing_is_one_sentence(
    memes: Memes, many: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    ran = memes("data", "prepare", many, "--output", tmp_path / "file/output")
    assert ran.returncode == 1
    assert (
        ran.stderr == f"memes: {tmp_path}/file/output/.work cannot be written: Not a directory.\n"
    )
