"""The classifier: a LiteRT model with its card, and the verdict that follows from a probability."""

from __future__ import annotations

import hashlib
import json
import math
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from . import pictures
from .errors import ModelError, UsageError

if TYPE_CHECKING:
    import numpy as np

Verdict = Literal["meme", "unsure", "not_meme"]

MODELS_FOLDER = Path(__file__).parent / "models"
DEFAULT_MODEL = "phone"

_loading = threading.Lock()


@dataclass(frozen=True)
class Judgement:
    """What is thought of one picture.

    Attributes:
        verdict: `meme`, `unsure` or `not_meme`.
        probability: of being a meme, 0-1, calibrated on the model's val split.
        reason: one sentence for the user that says why the verdict is what it is.
    """

    verdict: Verdict
    probability: float
    reason: str


@dataclass(frozen=True)
class Outputs:
    """What the model puts out for one picture; for an animation the mean over its frames.

    Attributes:
        logit: of being a meme.
        embedding: float32 [channels], mean of the last feature map.
        heat_map: float32 [h, w], the logit that each place alone would give; its mean is `logit`.
    """

    logit: float
    embedding: np.ndarray
    heat_map: np.ndarray

    @property
    def probability(self) -> float:
        return sigmoid(self.logit)

    @property
    def kept_embedding(self) -> bytes:
        """The embedding as databases keep it: float16 [channels], little-endian."""
        return self.embedding.astype("<f2").tobytes()


@dataclass(frozen=True)
class Thresholds:
    """From a probability to a verdict.

    Attributes:
        meme: lowest probability of verdict `meme`.
        unsure: lowest probability of verdict `unsure`; at most `meme`.
    """

    meme: float
    unsure: float

    def judge(self, probability: float, from_camera: bool) -> Judgement:
        """Return the verdict on a picture with its reason.

        Args:
            probability: of being a meme, 0-1.
            from_camera: EXIF names a camera and an exposure; such a photo is never more than
                `unsure`, because a personal picture called a meme costs most.
        """
        shown = percent(probability)
        if probability < self.unsure:
            reason = f"Does not look like a meme ({shown}, under {percent(self.unsure)})."
            return Judgement("not_meme", probability, reason)
        if probability < self.meme:
            reason = f"May be a meme ({shown}, under {percent(self.meme)}): look at it yourself."
            return Judgement("unsure", probability, reason)
        if from_camera:
            reason = f"Looks like a meme ({shown}), but a camera took it: look at it yourself."
            return Judgement("unsure", probability, reason)
        reason = f"Looks like a meme ({shown}, {percent(self.meme)} or more)."
        return Judgement("meme", probability, reason)


class Classifier:
    """Tells memes from other pictures.

        from memesdetection import Classifier
        Classifier().judge("a.jpg")

    The model file is loaded at the first picture, once in each thread that uses the classifier, so
    that threads judge side by side.
    """

    def __init__(self, model: str | Path = DEFAULT_MODEL, threshold: float | None = None) -> None:
        """Take up a model.

        Args:
            model: the name of a model that ships, or a folder with `model.tflite` and `card.json`.
            threshold: lowest probability of verdict `meme`, in place of the card's.

        Raises:
            ModelError: the model's card is broken.
            UsageError: there is no such model, or the threshold is not within 0-1.
        """
        self.folder = MODELS_FOLDER / model if model in shipped_models() else Path(model)
        self.card = _read_card(self.folder, str(model))
        self.name: str = self.card["name"]
        self.identity: str = f"{self.name}-{self.card['sha256'][:12]}"
        self.thresholds = _thresholds(self.card, threshold)
        self._local = threading.local()

    @property
    def size(self) -> int:
        """Side of the square input in pixels."""
        return int(self.card["input"]["shape"][1])

    @property
    def channels(self) -> int:
        """Length of an embedding."""
        return int(self.card["outputs"]["embedding"]["shape"][1])

    def judge(self, picture: str | Path | bytes) -> Judgement:
        """Judge one picture, given as a path or as the content of a file.

        Raises:
            PictureError: the picture cannot be read; the subclass and the sentence say why.
            ModelError: the model file is broken.
        """
        decoded = self.decode(picture)
        return self.thresholds.judge(self.run(decoded).probability, decoded.from_camera)

    def decode(self, picture: str | Path | bytes) -> pictures.DecodedPicture:
        """Decode a picture, given as a path or as the content of a file, to what `run` takes.

        Raises:
            PictureError: the picture cannot be read.
        """
        content = picture if isinstance(picture, bytes) else pictures.read(picture)
        return pictures.decode(content, self.size)

    def run(self, picture: pictures.DecodedPicture) -> Outputs:
        """Run the model on a decoded picture.

        Raises:
            ModelError: the model file is broken.
        """
        if not hasattr(self._local, "runner"):
            self._local.runner = self._load()
        frames = [self._local.runner(pixels=frame[None]) for frame in picture.frames]
        logit, embedding, heat_map = (
            sum(frame[name][0] for frame in frames) / len(frames)
            for name in ("logit", "embedding", "heat_map")
        )
        return Outputs(float(logit[0]), embedding, heat_map[:, :, 0])

    def _load(self) -> Any:
        from ai_edge_litert.interpreter import Interpreter

        with silenced_stderr():
            try:
                # One thread each: pictures are judged side by side, which scales better.
                interpreter = Interpreter(model_content=self._content, num_threads=1)
                interpreter.allocate_tensors()
                runner = interpreter.get_signature_runner()
                _check_signature(runner, self.size)
                return runner
            except (ValueError, RuntimeError) as error:
                reason = " ".join(str(error).split()).rstrip(".")
                raise ModelError(
                    f"The model file in {self.folder} cannot be loaded: {reason}."
                ) from error

    @cached_property
    def _content(self) -> bytes:
        file = self.folder / "model.tflite"
        try:
            content = file.read_bytes()
        except OSError as error:
            raise ModelError(
                f"The model file {file} cannot be read ({error.strerror})."
                " Install the program again."
            ) from error
        if hashlib.sha256(content).hexdigest() != self.card["sha256"]:
            raise ModelError(
                f"The model file {file} is not the one of its card. Install the program again."
            )
        return content


def shipped_models() -> list[str]:
    """Names of the models that ship with the program."""
    return sorted(card.parent.name for card in MODELS_FOLDER.glob("*/card.json"))


def sigmoid(logit: float) -> float:
    """The probability, 0-1, that a logit stands for."""
    # Either form is exact; each is used where its exponential cannot overflow.
    if logit >= 0:
        return 1 / (1 + math.exp(-logit))
    return math.exp(logit) / (1 + math.exp(logit))


def percent(share: float) -> str:
    """A share of 0-1 as a person reads it; never rounded up to certainty."""
    return f"{math.floor(share * 1000) / 10:.1f} %"


def _read_card(folder: Path, asked: str) -> dict[str, Any]:
    try:
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        texts = (card["name"], card["sha256"])
        numbers = (
            card["input"]["shape"][1],
            card["outputs"]["embedding"]["shape"][1],
            *(card["thresholds"][verdict] for verdict in ("meme", "unsure")),
        )
        if not all(isinstance(text, str) for text in texts):
            raise TypeError("name and sha256 are texts")
        if not all(isinstance(number, (int, float)) for number in numbers):
            raise TypeError("the shapes and the thresholds are numbers")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(
            f"There is no model {asked!r}; choose one of {', '.join(shipped_models())},"
            " or a folder with model.tflite and card.json."
        ) from error
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ModelError(
            f"The card of the model {asked!r} is broken ({error}). Install the program again."
        ) from error
    return card


def _check_signature(runner: Any, size: int) -> None:
    shapes = {name: [*tensor["shape"]] for name, tensor in runner.get_input_details().items()}
    outputs = runner.get_output_details().keys()
    if shapes != {"pixels": [1, size, size, 3]} or outputs != {"logit", "embedding", "heat_map"}:
        raise ValueError("its inputs or outputs are not those of this program")


def _thresholds(card: dict[str, Any], threshold: float | None) -> Thresholds:
    if threshold is None:
        return Thresholds(meme=card["thresholds"]["meme"], unsure=card["thresholds"]["unsure"])
    if not 0 <= threshold <= 1:
        raise UsageError(f"The threshold {threshold} is not a probability; give one within 0-1.")
    return Thresholds(meme=threshold, unsure=min(threshold, card["thresholds"]["unsure"]))


@contextmanager
def silenced_stderr() -> Iterator[None]:
    """Drop what native code writes to standard error: libraries announce themselves there."""
    with _loading, open(os.devnull, "wb") as nowhere:
        kept = os.dup(2)
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
