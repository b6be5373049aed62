"""Looks: the same picture saved in other ways is stacked, other pictures are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from making import encoded, quadrants
from PIL import Image, ImageDraw

from memesdetection import pictures
from memesdetection.errors import DamagedStore
from memesdetection.looks import Looks, Stacks, look

MEME = "IMG-20260105-WA0002.jpg"


def look_of(image: Image.Image, **options: int) -> np.ndarray:
    return look(pictures.decode_small(encoded(image, **options), 128))


def test_copies_saved_again_share_a_stack_and_no_other_picture_does(samples: Path) -> None:
    stacks = Stacks()
    files = sorted(samples.glob("IMG-*"))
    numbers = {
        file.name: stacks.put(look(pictures.decode_small(file.read_bytes(), 128))) for file in files
    }
    assert len(set(numbers.values())) == len(files)
    whole = pictures.decode_whole((samples / MEME).read_bytes())
    half = whole.resize((whole.width // 2, whole.height // 2))
    for copy in (look_of(whole, quality=30), look_of(half, quality=70)):
        assert stacks.put(copy) == numbers[MEME]
    mirrored = whole.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert stacks.put(look_of(mirrored)) not in numbers.values()


def test_plain_pictures_of_other_brightness_are_not_the_same() -> None:
    stacks = Stacks()
    greys = [Image.new("RGB", (64, 64), (level, level, level)) for level in (0, 100, 200, 100)]
    assert [stacks.put(look_of(grey)) for grey in greys] == [0, 1, 2, 1]


def test_receipts_that_differ_in_a_few_words_are_not_the_same() -> None:
    stacks = Stacks()
    receipts = []
    for name in ("Anna Weber 12.40", "City Court 950.00"):
        receipt = Image.new("RGB", (1080, 1920), "white")
        draw = ImageDraw.Draw(receipt)
        draw.rectangle((0, 0, 1080, 170), fill=(20, 60, 160))
        draw.ellipse((440, 260, 640, 460), fill=(40, 160, 80))
        draw.text((60, 620), name, fill="black", font_size=90)
        draw.rectangle((60, 1640, 1020, 1780), fill=(20, 60, 160))
        receipts.append(receipt)
    assert [stacks.put(look_of(receipt)) for receipt in receipts] == [0, 1]
    assert [stacks.put(look_of(receipt, quality=60)) for receipt in receipts] == [0, 1]


def test_looks_are_remembered(tmp_path: Path) -> None:
    database, own = tmp_path / "data/looks.sqlite", look_of(quadrants())
    with Looks(database) as looks:
        assert looks.of("ab" * 32) is None
        looks.put([("ab" * 32, own)])
    with Looks(database) as looks:
        assert np.array_equal(looks.of("ab" * 32), own)
    database.write_bytes(b"no database" * 100)
    with pytest.raises(DamagedStore, match="worked out again"), Looks(database):
        pass
