"""Near duplicates: copies that were saved again are found, other pictures are not."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from memesdetection import Classifier, pictures
from memesdetection.data.duplicates import near_duplicates
from memesdetection.looks import perceptual_hash


def saved_again(image: Image.Image, quality: int = 40) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()


@pytest.fixture(scope="module")
def originals(samples: Path) -> list[Image.Image]:
    return [pictures.decode_whole(path.read_bytes()) for path in sorted(samples.glob("IMG-*"))]


@pytest.mark.parametrize("change", ["quality", "size", "brightness"])
def test_changed_copies_are_found_and_nothing_else(
    originals: list[Image.Image], change: str
) -> None:
    copies = []
    for image in originals:
        image.thumbnail((288, 288))
        if change == "quality":
            copies.append(saved_again(image))
        elif change == "size":
            copies.append(saved_again(image.resize((image.width * 2, image.height * 2)), 90))
        else:
            copies.append(saved_again(ImageEnhance.Brightness(image).enhance(1.1), 90))
    contents = [*(saved_again(image, 95) for image in originals), *copies]
    classifier = Classifier()
    hashes = [perceptual_hash(pictures.decode_whole(content)) for content in contents]
    embeddings = [classifier.run(classifier.decode(content)).embedding for content in contents]
    found = near_duplicates(np.array(hashes, dtype=np.uint64), np.stack(embeddings))
    count = len(originals)
    assert [tuple(pair) for pair in found] == [(i, i + count) for i in range(count)]


def test_all_pairs_of_alike_hashes_are_found() -> None:
    random = np.random.default_rng(3)
    hashes = random.integers(0, 2**64, 3000, dtype=np.uint64)
    hashes[2000:] = hashes[:1000]
    for bit in range(6):
        hashes[2000:] ^= random.integers(0, 2, 1000, dtype=np.uint64) << np.uint64(9 * bit)
    embeddings = np.ones((3000, 4))
    found = {tuple(pair) for pair in near_duplicates(hashes, embeddings).tolist()}
    assert {(i, i + 2000) for i in range(1000)} <= found
    for first, second in found:
        assert (int(hashes[first]) ^ int(hashes[second])).bit_count() <= 6


def test_alike_hashes_without_alike_embeddings_are_no_copies() -> None:
    hashes = np.zeros(3, dtype=np.uint64)
    embeddings = np.array([[1.0, 0, 0], [0, 1, 0], [1, 0.1, 0]])
    assert near_duplicates(hashes, embeddings).tolist() == [[0, 2]]


def test_of_no_pictures_there_are_no_pairs() -> None:
    assert near_duplicates(np.zeros(0, dtype=np.uint64), np.zeros((0, 4))).shape == (0, 2)
