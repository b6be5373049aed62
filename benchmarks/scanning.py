"""Scanning: against the reference pipeline, against the cores' limit, again, and in memory."""

from __future__ import annotations

import io
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image

from memesdetection import gallery, pictures
from memesdetection.classifier import Classifier

from .figures import Figure, Run, run

MANY, FEW = 10_000, 1_000


def measure(folder: Path, contents: list[bytes]) -> list[Figure]:
    """Figures of the gallery in `folder`, with these contents, and of many files made from it."""
    reference = _reference_seconds(contents)
    command = median(_scan(folder, "--no-cache").seconds for _ in range(3))
    limit, reached = _rates(folder, contents)
    with tempfile.TemporaryDirectory() as made:
        few, many = _made_files(contents, Path(made))
        # The peak hangs on which large pictures meet; many files meet in all ways, few need tries.
        peak_of_few = max(_scan(few, "--no-cache").peak_memory for _ in range(5))
        cache = {"MEMES_DATA": str(Path(made) / "data")}
        first = _scan(many, **cache)
        again = median(_scan(many, **cache).seconds for _ in range(3))
    count = len(contents)
    return [
        Figure("Reference: full decode, Keras VGG19, one by one", count / reference, "pictures/s"),
        Figure("`memes scan`, start included", count / command, "pictures/s"),
        Figure("`memes scan` against the reference", reference / command, "x", at_least=10),
        Figure("Limit: cores / CPU time of decoding and inference", limit, "pictures/s"),
        Figure("Scan against that limit", 100 * reached / limit, "%", at_least=85),
        Figure(f"First scan of {MANY} files", MANY / first.seconds, "pictures/s"),
        Figure("The same again, unchanged", MANY / again, "pictures/s"),
        Figure("Again against first", first.seconds / again, "x", at_least=100),
        Figure(
            "Peak memory, gallery", _scan(folder, "--no-cache").peak_memory / 1e6, "MB", at_most=500
        ),
        Figure(f"Peak memory, {FEW} files", peak_of_few / 1e6, "MB"),
        Figure(f"Peak memory, {MANY} files", first.peak_memory / 1e6, "MB"),
        Figure(
            f"Peak memory, {MANY} against {FEW} files",
            first.peak_memory / peak_of_few,
            "x",
            at_most=1.15,
        ),
    ]


def _scan(folder: Path, *options: str, **environment: str) -> Run:
    command = [sys.executable, "-m", "memesdetection", "scan", str(folder), "--quiet", *options]
    return run(command, **environment)


def _reference_seconds(contents: list[bytes]) -> float:
    """The reference pipeline; its speed does not depend on what VGG19's weights are."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    model = keras.applications.VGG19(weights=None, classes=2)

    def judge(content: bytes) -> None:
        picture = Image.open(io.BytesIO(content)).convert("RGB").resize((224, 224))
        pixels = keras.applications.vgg19.preprocess_input(np.asarray(picture, np.float32)[None])
        model.predict(pixels, verbose=0)

    judge(contents[0])
    started = time.perf_counter()
    for content in contents:
        judge(content)
    return time.perf_counter() - started


def _rates(folder: Path, contents: list[bytes]) -> tuple[float, float]:
    """The limit that decoding and inference set, and what a scan reaches, in pictures a second.

    Of several rounds, each measuring both, the one with the median ratio: the machine's own speed
    drifts by more than what is measured.
    """
    classifier = Classifier()
    decoded = [classifier.decode(content) for content in contents]
    classifier.run(decoded[0])
    files = list(pictures.find([folder]))
    rounds = []
    for _ in range(7):
        started = time.process_time()
        for content in contents:
            classifier.run(classifier.decode(content))
        limit = gallery.available_cores() * len(contents) / (time.process_time() - started)
        started = time.perf_counter()
        for _finding in gallery.scan(files, classifier):
            pass
        rounds.append((limit, len(files) / (time.perf_counter() - started)))
    return sorted(rounds, key=lambda rates: rates[1] / rates[0])[len(rounds) // 2]


def _made_files(contents: list[bytes], folder: Path) -> tuple[Path, Path]:
    """Folders of few and many files: the contents in turn, made unique by a trailing number."""
    made = []
    for count in (FEW, MANY):
        target = folder / str(count)
        target.mkdir()
        for i in range(count):
            unique = contents[i % len(contents)] + i.to_bytes(4, "big")
            (target / f"IMG-{i:05}.jpg").write_bytes(unique)
        made.append(target)
    return made[0], made[1]
