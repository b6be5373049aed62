"""The phone model in TensorFlow Lite 2.6, an old runtime of Android, run on the JVM."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from memesdetection import Classifier
from memesdetection.classifier import sigmoid

MODEL = Path(__file__).parents[1] / "src/memesdetection/models/phone/model.tflite"
PROJECT = Path(__file__).parent / "android_runtime"

MISSING = [tool for tool in ("mvn", "java", "javac") if shutil.which(tool) is None]

pytestmark = [
    pytest.mark.skipif(
        (platform.system(), platform.machine()) != ("Linux", "x86_64"),
        reason="the JVM's TensorFlow Lite library is for Linux on x86_64",
    ),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]


def logits_on_jvm(pictures: np.ndarray, folder: Path) -> np.ndarray:
    build = folder / "target"
    maven = ["mvn", "-q", "-B", "package", f"-DbuildDirectory={build}"]
    subprocess.run(maven, cwd=PROJECT, check=True)
    pixels = folder / "pixels.raw"
    pictures.tofile(pixels)
    class_path = os.pathsep.join([str(build / "classes"), str(build / "classes.jar")])
    library_path = f"-Djava.library.path={build / 'native/lib'}"
    judged = subprocess.run(
        ["java", library_path, "-cp", class_path, "Judge", str(MODEL), str(pixels)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return np.array([float(line) for line in judged.stdout.splitlines()])


def test_old_android_runtime_gives_the_same_verdicts(samples: Path, tmp_path: Path) -> None:
    classifier = Classifier("phone")
    decoded = [classifier.decode(picture) for picture in sorted(samples.glob("IMG-*"))]
    frames = np.concatenate([picture.frames for picture in decoded])
    here = np.array([classifier.run(picture).logit for picture in decoded])
    assert here.min() < -2 < 2 < here.max()  # else the comparison would say little
    there = logits_on_jvm(frames, tmp_path)
    # Its kernels round 8-bit sums in another way, which moves a logit by a tenth or two.
    np.testing.assert_allclose(there, here, rtol=0, atol=0.25)
    probabilities = ([sigmoid(logit) for logit in logits] for logits in (here, there))
    np.testing.assert_allclose(*probabilities, rtol=0, atol=0.02)
