"""The judge: a process that decodes and judges pictures for the server, one at a time.

Decoders are where a hostile picture can take endless time or memory or crash. Here that costs one
process, which holds nothing else and is replaced. Messages are JSON, so that a judge that was taken
over cannot make the server run anything.
"""

from __future__ import annotations

import base64
import io
import json
import signal
from multiprocessing.connection import Connection
from typing import Any

from .. import pictures
from ..classifier import Classifier
from ..errors import HugePicture, MemesError
from ..heatmap import overlay

# Fast, and hardly larger than the best for a photo under a heat map.
_PNG_COMPRESSION = 1


def judge_forever(connection: Connection, model: str, max_megapixels: float) -> None:
    """Answer as long as the server lives.

    The first message out is empty, or an error if the model cannot be loaded. Then there are two
    messages in for each picture, the JSON of what is asked and the content of the file; and one
    out: JSON with verdict, probability, reason, width and height, and `heat_map` (a PNG in base64)
    and `embedding` if asked for, or with `error`, the error's class, and `sentence`.

    Args:
        connection: to the server, which closes it or dies in the end.
        model: loaded at once; others of those that ship when they are asked for.
        max_megapixels: of the largest picture that is decoded.
    """
    # A signal to stop goes to all processes of a service or terminal; the server stops its judges.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    classifiers: dict[str, Classifier] = {}
    _send(connection, lambda: _loaded(classifiers, model))
    while True:
        try:
            asked = json.loads(connection.recv_bytes())
            content = connection.recv_bytes()
        except (EOFError, OSError):
            return
        _send(connection, lambda: _judged(classifiers, content, asked, max_megapixels))  # noqa: B023


def _send(connection: Connection, work: Any) -> None:
    try:
        answer = work()
    except MemesError as error:
        answer = {"error": type(error).__name__, "sentence": str(error)}
    connection.send_bytes(json.dumps(answer).encode())


def _loaded(classifiers: dict[str, Classifier], model: str) -> dict[str, Any]:
    import numpy as np

    classifier = classifiers[model] = Classifier(model)
    blank = np.zeros((1, classifier.size, classifier.size, 3), np.uint8)
    classifier.run(pictures.DecodedPicture(blank, 1, 1, "PNG", from_camera=False))
    return {}


def _judged(
    classifiers: dict[str, Classifier], content: bytes, asked: dict[str, Any], max_megapixels: float
) -> dict[str, Any]:
    _refuse_huge(content, max_megapixels)
    model = asked["model"]
    classifier = classifiers.get(model) or classifiers.setdefault(model, Classifier(model))
    picture = classifier.decode(content)
    outputs = classifier.run(picture)
    judgement = classifier.thresholds.judge(outputs.probability, picture.from_camera)
    answer = {**vars(judgement), "width": picture.width, "height": picture.height}
    if asked["heat_map"]:
        file = io.BytesIO()
        shown = overlay(pictures.decode_whole(content), outputs.heat_map)
        shown.save(file, "PNG", compress_level=_PNG_COMPRESSION)
        answer["heat_map"] = base64.b64encode(file.getvalue()).decode()
    if asked["embedding"]:
        answer["embedding"] = outputs.embedding.tolist()
    return answer


def _refuse_huge(content: bytes, max_megapixels: float) -> None:
    width, height = pictures.dimensions(content)
    megapixels = width * height / 1e6
    if megapixels > max_megapixels:
        raise HugePicture(
            f"The picture has {megapixels:.0f} megapixels; up to {max_megapixels:g} are judged"
            " here."
        )
