"""The phone model in TensorFlow Lite 2.6, an old runtime of Android, run on the JVM."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

MODEL = Path(__file__).parents[1] / "src/memesdetection/models/phone/model.tflite"
PROJECT = Path(__file__).parent / "android_runtime"
SIZE = 224
PICTURES = 8
TOLERANCE = 0.02

MISSING = [tool for tool in ("mvn", "java", "javac") if shutil.which(tool) is None]

pytestmark = [
    pytest.mark.skipif(
        (platform.system(), platform.machine()) != ("Linux", "x86_64"),
        reason="the JVM's TensorFlow Lite library is for Linux on x86_64",
    ),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]


def generated_pictures() -> np.ndarray:
    """Smooth gradients between four random colours, with more noise from picture to picture."""
    random = np.random.default_rng(0)
    corners = random.uniform(0, 255, (PICTURES, 2, 2, 3))
    ramp = np.linspace(0, 1, SIZE)
    weights = np.stack([1 - ramp, ramp])
    gradients = np.einsum("iy,jx,nijc->nyxc", weights, weights, corners)
    strength = np.linspace(0, 70, PICTURES)[:, None, None, None]
    noise = strength * random.normal(size=gradients.shape)
    return np.clip(gradients + noise, 0, 255).astype(np.uint8)


def logits_in_python(pictures: np.ndarray) -> np.ndarray:
    interpreter = Interpreter(str(MODEL), num_threads=1)
    interpreter.allocate_tensors()
    (pixels,) = interpreter.get_input_details()
    (logit,) = (out for out in interpreter.get_output_details() if [*out["shape"]] == [1, 1])
    logits = []
    for picture in pictures:
        interpreter.set_tensor(pixels["index"], picture[None])
        interpreter.invoke()
        logits.append(interpreter.get_tensor(logit["index"]).item())
    return np.array(logits)


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


def sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logits))


def test_old_android_runtime_gives_the_same_verdicts(tmp_path: Path) -> None:
    pictures = generated_pictures()
    expected = logits_in_python(pictures)
    actual = logits_on_jvm(pictures, tmp_path)
    np.testing.assert_allclose(sigmoid(actual), sigmoid(expected), rtol=0, atol=TOLERANCE)
