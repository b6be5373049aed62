"""`memes why`: the verdict of one picture and its heat map."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from command import Memes
from PIL import Image

from memesdetection.classifier import Classifier, percent


@pytest.fixture
def picture(pictures: Path) -> Path:
    return pictures / "IMG-20260105-WA0002.jpg"


@pytest.mark.parametrize("name", ["IMG-20260105-WA0002.jpg", "IMG-20260114-WA0001.webp"])
def test_the_verdict_is_told_with_probability_reason_and_place(
    memes: Memes, pictures: Path, tmp_path: Path, name: str
) -> None:
    told = memes("why", pictures / name, cwd=tmp_path)
    assert (told.returncode, told.stderr) == (0, "")
    judgement = Classifier().judge(pictures / name)
    shown = Path(name).stem + ".why.png"
    assert told.stdout.splitlines() == [
        f"{judgement.verdict}, {percent(judgement.probability)}: {pictures / name}",
        judgement.reason,
        f"Where: {shown}",
    ]
    with Image.open(pictures / name) as original, Image.open(tmp_path / shown) as laid_over:
        assert laid_over.format == "PNG"
        assert laid_over.size == original.size
        assert np.any(np.asarray(laid_over) != np.asarray(original.convert("RGB")))


def test_scan_and_why_agree(memes: Memes, picture: Path, tmp_path: Path) -> None:
    (found,) = memes.findings(picture)
    told = memes("why", picture, cwd=tmp_path).stdout
    assert told.startswith(f"{found['verdict']}, {percent(found['probability'])}: ")
    assert found["reason"] in told


def test_a_large_picture_keeps_its_shape_and_upright(memes: Memes, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter when taken
    Image.new("RGB", (3000, 1500), "teal").save(tmp_path / "large.jpg", exif=exif)
    assert memes("why", "large.jpg", cwd=tmp_path).returncode == 0
    with Image.open(tmp_path / "large.why.png") as laid_over:
        width, height = laid_over.size
    assert height == 2 * width
    assert height <= 1500


def test_an_output_that_is_there_is_replaced_only_by_force(
    memes: Memes, picture: Path, tmp_path: Path
) -> None:
    output = tmp_path / "where.png"
    output.write_text("precious")
    refused = memes("why", picture, "-o", output)
    assert refused.returncode == 1
    assert refused.stderr == (
        f"memes: {output} is there already; name another with -o, or use --force.\n"
    )
    assert output.read_text() == "precious"
    assert memes("why", picture, "-o", output, "--force").returncode == 0
    with Image.open(output) as laid_over:
        assert laid_over.format == "PNG"


def test_a_picture_of_the_user_is_replaced_not_even_by_force(
    memes: Memes, picture: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copy(picture.with_name("IMG-20260105-WA0001.jpg"), tmp_path / "other.png"))
    before = other.read_bytes()
    refused = memes("why", picture, "-o", other, "--force")
    assert refused.returncode == 2
    assert refused.stderr == f"memes: {other} is a picture of yours; name another file with -o.\n"
    assert other.read_bytes() == before
    heat_map = tmp_path / "heat map.png"
    for _ in range(2):
        assert memes("why", picture, "-o", heat_map, "--force").returncode == 0


def test_a_name_as_long_as_may_be_has_a_heat_map(
    memes: Memes, picture: Path, tmp_path: Path
) -> None:
    shutil.copy(picture, tmp_path / f"{'語' * 83}.jpg")
    assert memes("why", f"{'語' * 83}.jpg", cwd=tmp_path).returncode == 0
    (shown,) = tmp_path.glob("*.why.png")
    assert len(os.fsencode(shown.name)) <= 255


def test_the_picture_itself_is_never_replaced(memes: Memes, picture: Path, tmp_path: Path) -> None:
    mine = Path(shutil.copy(picture, tmp_path / "mine.png"))
    told = memes("why", mine, "-o", mine, "--force")
    assert told.returncode == 2
    assert "is the picture itself" in told.stderr
    assert mine.read_bytes() == picture.read_bytes()


@pytest.mark.parametrize(
    "content", [b"", b"no picture", b"\xff\xd8\xff\xe0 cut"], ids=["empty", "text", "cut"]
)
def test_a_broken_picture_is_one_sentence(memes: Memes, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.jpg").write_bytes(content)
    told = memes("why", "broken.jpg", cwd=tmp_path)
    assert (told.returncode, told.stdout) == (1, "")
    assert re.fullmatch(r"memes: The [a-z ]+\.\n", told.stderr)
    assert not (tmp_path / "broken.why.png").exists()


@pytest.mark.parametrize("target", ["no/such/folder/a.png", "/dev/full"])
def test_an_output_that_cannot_be_written_is_one_sentence(
    memes: Memes, picture: Path, tmp_path: Path, target: str
) -> None:
    told = memes("why", picture, "-o", target, "--force", cwd=tmp_path)
    assert told.returncode == 1
    (sentence,) = told.stderr.splitlines()
    assert sentence.startswith(f"memes: {target} cannot be written: ")


@pytest.mark.parametrize("argument", ["no such file.jpg", "."])
def test_why_needs_a_file(memes: Memes, tmp_path: Path, argument: str) -> None:
    told = memes("why", argument, cwd=tmp_path)
    assert told.returncode == 2
    assert "Traceback" not in told.stderr


def test_odd_names_are_printed_harmlessly(memes: Memes, picture: Path, tmp_path: Path) -> None:
    odd = shutil.copy(picture, tmp_path / "\x1b[31mred\n.jpg")
    told = memes("why", odd, cwd=tmp_path)
    assert told.returncode == 0
    assert len(told.stdout.splitlines()) == 3
    assert "\x1b" not in told.stdout
    assert (tmp_path / "\x1b[31mred\n.why.png").is_file()
