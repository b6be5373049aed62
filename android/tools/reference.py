"""What Python makes of pictures, for the app's tests to compare with.

    python android/tools/reference.py fixtures > android/app/src/test/resources/python.json
    python android/tools/reference.py judge FOLDER     findings on a folder's files, as JSON
    python android/tools/reference.py odd FOLDER       make odd pictures there

Run it by the Python of the project's .venv; PYTHONPATH=src where the package is not installed.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from PIL import Image, ImageCms

from memesdetection import Classifier
from memesdetection.classifier import Thresholds, sigmoid
from memesdetection.errors import PictureError
from memesdetection.heatmap import overlay
from memesdetection.likeness import Influence, Likeness
from memesdetection.marks import Lesson

SAMPLES = Path(__file__).parents[2] / "samples"

ORIENTATION, MAKE, EXIF_IFD, EXPOSURE_TIME = 0x0112, 0x010F, 0x8769, 0x829A
CHANNELS = 16
THRESHOLDS = Thresholds(meme=0.9, unsure=0.3)


class Judge:
    """Judges by the shipped model, twice.

    `probability` is by the kernels that Python and phones use (XNNPACK); `plain` by those that
    TensorFlow Lite on the JVM has. Both round 8-bit sums in their own way, so that probabilities
    differ by up to 0.08 on equal pixels; decoders are compared by equal kernels.
    """

    def __init__(self) -> None:
        self.classifier = Classifier()
        interpreter = Interpreter(
            str(self.classifier.folder / "model.tflite"),
            num_threads=1,
            experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        )
        interpreter.allocate_tensors()
        self.plain = interpreter.get_signature_runner()

    def finding(self, path: Path) -> dict[str, Any]:
        try:
            picture = self.classifier.decode(path)
        except PictureError as error:
            return {"error": type(error).__name__}
        outputs = self.classifier.run(picture)
        plain = np.mean([self.plain(pixels=frame[None])["logit"][0, 0] for frame in picture.frames])
        return {
            "probability": outputs.probability,
            "plain": sigmoid(float(plain)),
            "camera": picture.from_camera,
            "width": picture.width,
            "height": picture.height,
            "format": picture.format,
            "frames": len(picture.frames),
        }

    def findings(self, folder: Path) -> dict[str, Any]:
        """By name, all files of a folder, those beside pictures left out."""
        beside = (".md", ".csv", ".py")
        paths = sorted(path for path in folder.iterdir() if path.is_file())
        return {path.name: self.finding(path) for path in paths if path.suffix not in beside}


def noise(count: int, seed: int) -> np.ndarray:
    """Uint8 [count] that the tests in Kotlin make in the same way."""
    values = np.empty(count, np.uint8)
    state = seed
    for i in range(count):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        values[i] = state >> 16 & 255
    return values


def digest(array: np.ndarray) -> str:
    return hashlib.sha256(array.tobytes()).hexdigest()


def resized() -> Iterator[dict[str, Any]]:
    shapes = ((7, 5, 8), (300, 200, 64), (64, 64, 64), (65, 640, 64), (500, 31, 32), (129, 257, 32))
    for width, height, size in shapes:
        pixels = noise(width * height * 3, width).reshape(height, width, 3)
        square = Image.fromarray(pixels).resize((size, size), Image.Resampling.BILINEAR)
        yield {
            "width": width,
            "height": height,
            "size": size,
            "sha256": digest(np.asarray(square)),
        }


def reasons() -> Iterator[dict[str, Any]]:
    influences = [Influence(), Influence(-1.5, 1, 0), Influence(-9.0, 3, 0)]
    influences += [Influence(2.5, 0, 1), Influence(9.0, 0, 4)]
    for probability in (0.0, 0.12345, 0.2999, 0.3, 0.5, 0.8999, 0.9, 0.9996, 1.0):
        for camera in (False, True):
            for influence in influences:
                judged = influence.judge(probability, camera, THRESHOLDS)
                yield {
                    "probability": probability,
                    "camera": camera,
                    "shift": influence.shift,
                    "kept": influence.kept,
                    "marked": influence.marked,
                    "verdict": judged.verdict,
                    "reason": judged.reason,
                }


def likeness() -> dict[str, Any]:
    """Corrections and what they do to pictures, on made-up embeddings."""
    embeddings = (noise(40 * CHANNELS, 3).astype("<f2") / 32 - 1).reshape(40, CHANNELS)
    marks: dict[str, Any] = {str(i): ("meme", "not_meme")[i % 2] for i in range(20)}
    lessons = [
        Lesson(str(i), "phone", (0.1, 0.95, 0.6)[i % 3], embeddings[i].tobytes()) for i in range(22)
    ]
    learned = Likeness(lessons, marks, THRESHOLDS)
    pictures = [one.tobytes() for one in embeddings[20:]]
    return {
        "lessons": [
            {"probability": one.probability, "embedding": one.embedding.hex()} for one in lessons
        ],
        "marks": marks,
        "pictures": [
            {"embedding": picture.hex(), **vars(influence)}
            for picture, influence in zip(pictures, learned.influences(pictures), strict=True)
        ],
    }


def laid_over() -> dict[str, Any]:
    """The heat map over a made-up picture."""
    heat_map = noise(49, 5).reshape(7, 7).astype(np.float32) / 16 - 4
    picture = Image.fromarray(noise(60 * 90 * 3, 7).reshape(60, 90, 3))
    return {"width": 90, "height": 60, "sha256": digest(np.asarray(overlay(picture, heat_map)))}


def fixtures() -> dict[str, Any]:
    return {
        "samples": Judge().findings(SAMPLES),
        "resized": [*resized()],
        "reasons": [*reasons()],
        "likeness": likeness(),
        "overlay": laid_over(),
    }


def make_odd(folder: Path) -> None:
    """Pictures that are unusual, broken or none, mostly made of the samples."""
    folder.mkdir(parents=True, exist_ok=True)
    meme = Image.open(SAMPLES / "IMG-20260105-WA0002.jpg").convert("RGB")
    photo = Image.open(SAMPLES / "IMG-20260105-WA0001.jpg").convert("RGB")
    frames = [photo.resize((320, 240)), meme.resize((320, 240)), meme.resize((320, 240))]

    def saved(name: str, image: Image.Image, **options: Any) -> bytes:
        file = io.BytesIO()
        image.save(file, **options)
        (folder / name).write_bytes(file.getvalue())
        return file.getvalue()

    jpeg = saved("plain.jpg", meme, format="JPEG", quality=90)
    png = saved("plain.png", meme, format="PNG")
    webp = saved("plain.webp", meme, format="WEBP", quality=85)
    gif = saved("plain.gif", meme, format="GIF")
    bmp = saved("plain.bmp", meme, format="BMP")
    (folder / "no-suffix").write_bytes(jpeg)
    (folder / "wrong-suffix.png").write_bytes(jpeg)
    saved("progressive.jpg", meme, format="JPEG", progressive=True)
    saved("cmyk.jpg", meme.convert("CMYK"), format="JPEG")
    saved("grey.jpg", photo.convert("L"), format="JPEG")
    saved("grey.png", photo.convert("L"), format="PNG")
    saved("bilevel.png", meme.convert("1"), format="PNG")
    saved("palette.png", meme.quantize(64), format="PNG")
    saved("grey-alpha.png", photo.convert("LA"), format="PNG")
    transparent = meme.convert("RGBA")
    transparent.putalpha(Image.linear_gradient("L").resize(meme.size))
    saved("transparent.png", transparent, format="PNG")
    saved("transparent.webp", transparent, format="WEBP", lossless=True)
    saved("tiny.png", meme.resize((3, 2)), format="PNG")
    saved("long.png", meme.resize((90, 3000)), format="PNG")
    saved("wide.jpg", photo.resize((3000, 260)), format="JPEG")
    saved("large.jpg", photo.resize((4000, 3000)), format="JPEG")
    saved("large.png", photo.resize((2400, 1800)), format="PNG")
    sixteen = (np.asarray(photo.convert("L"), np.uint16) << 8) | 0x5A
    saved("sixteen-bits.png", Image.fromarray(sixteen), format="PNG")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    saved("strange-profile.jpg", meme, format="JPEG", icc_profile=profile)
    saved("wide-gamut.jpg", photo, format="JPEG", icc_profile=wide_gamut())
    for orientation in range(2, 9):
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        saved(f"turned-{orientation}.jpg", meme, format="JPEG", exif=exif)
    exif = Image.Exif()
    exif[MAKE] = "Camera Works"
    exif.get_ifd(EXIF_IFD)[EXPOSURE_TIME] = 1 / 60
    saved("by-camera.jpg", meme, format="JPEG", exif=exif)
    more = {"save_all": True, "append_images": frames[1:], "duration": 100}
    saved("animated.gif", frames[0], format="GIF", **more)
    saved("animated.webp", frames[0], format="WEBP", **more)
    rotated = [meme.rotate(5 * i).quantize(64) for i in range(9)]
    saved("turning.gif", rotated[0], format="GIF", save_all=True, append_images=rotated[1:])
    holes = [transparent.resize((200, 150)).rotate(30 * i) for i in range(5)]
    for disposal in (1, 2, 3):
        more = {"save_all": True, "append_images": holes[1:], "disposal": disposal}
        saved(f"holes-{disposal}.gif", holes[0], format="GIF", **more)
    saved("interlaced.gif", meme, format="GIF", interlace=True)
    (folder / "cut-at-the-end.gif").write_bytes((folder / "turning.gif").read_bytes()[:-2000])
    saved("scan.tif", photo, format="TIFF")

    for name, content in (("jpg", jpeg), ("png", png), ("webp", webp), ("gif", gif), ("bmp", bmp)):
        (folder / f"cut.{name}").write_bytes(content[: len(content) // 2])
        (folder / f"header-only.{name}").write_bytes(content[:40])
    middle = len(png) // 2
    (folder / "flipped-bits.png").write_bytes(
        png[:middle] + bytes([png[middle] ^ 0xFF]) + png[middle + 1 :]
    )
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "text.jpg").write_bytes(b"no picture at all\n" * 20)
    (folder / "bomb.png").write_bytes(bomb(60_000, 60_000))


def wide_gamut() -> bytes:
    """A colour profile of an RGB space with other primaries than sRGB: its columns turned about."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    tags = {
        bytes(profile[at : at + 4]): at + 4
        for at in range(132, 132 + 12 * struct.unpack_from(">I", profile, 128)[0], 12)
    }
    places = [struct.unpack_from(">I", profile, tags[name])[0] for name in (b"rXYZ", b"gXYZ")]
    red, green = (bytes(profile[place : place + 20]) for place in places)
    for place, column in zip(places, (green, red), strict=True):
        profile[place : place + 20] = column
    return bytes(profile)


def bomb(width: int, height: int) -> bytes:
    """A small PNG that claims many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(100_000))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", header), chunk(b"IDAT", pixels), chunk(b"IEND", b""))
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("fixtures", "judge", "odd"))
    parser.add_argument("folder", nargs="?", type=Path)
    asked = parser.parse_args()
    if asked.what == "fixtures":
        json.dump(fixtures(), sys.stdout, indent=1)
        print()
    elif asked.folder is None:
        parser.error("name a folder")
    elif asked.what == "odd":
        make_odd(asked.folder)
    else:
        json.dump(Judge().findings(asked.folder), sys.stdout, indent=1)
        print()


if __name__ == "__main__":
    main()
