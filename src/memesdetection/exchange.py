"""Exchange: corrections as a JSON file, so that they work on another computer.

It holds no picture and no path: of each marked content its SHA-256, the mark with its time, and
what each model made of it.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .errors import UsageError
from .marks import Correction, Lesson

_FORMAT, _VERSION = "memes corrections", 1


def to_json(corrections: Iterable[Correction]) -> str:
    """Corrections as the text of a file."""
    rows = [
        {
            "sha256": one.sha256,
            "verdict": one.mark,
            "time": one.time,
            "lessons": [
                {
                    "model": lesson.model,
                    "probability": lesson.probability,
                    "embedding": base64.b64encode(lesson.embedding).decode(),
                }
                for lesson in one.lessons
            ],
        }
        for one in corrections
    ]
    return json.dumps({"format": _FORMAT, "version": _VERSION, "corrections": rows}) + "\n"


def read(file: Path) -> list[Correction]:
    """Read a file of corrections.

    Raises:
        UsageError: it cannot be read, or is no such file, whole and of this version.
    """
    try:
        written = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"The corrections {file} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is no file of corrections: it is not JSON.") from error
    if not isinstance(written, dict) or written.get("format") != _FORMAT:
        raise UsageError(f"{file} is no file of corrections; memes corrections export writes one.")
    if written.get("version") != _VERSION:
        raise UsageError(f"{file} is of another version of this program. Update the older one.")
    rows = written.get("corrections")
    if not isinstance(rows, list):
        raise UsageError(f"{file} is damaged: it has no list of corrections.")
    corrections = []
    for number, row in enumerate(rows, start=1):
        try:
            corrections.append(_correction(row))
        except (ValueError, LookupError, TypeError, OverflowError) as error:
            raise UsageError(f"Correction {number} of {file} is damaged: {error}.") from error
    return corrections


def _correction(row: Any) -> Correction:
    digest, mark = bytes.fromhex(row["sha256"]).hex(), row["verdict"]
    if len(digest) != 64:
        raise ValueError("the sha256 is none")
    if mark not in ("meme", "not_meme"):
        raise ValueError("the verdict is neither meme nor not_meme")
    lessons = tuple(_lesson(digest, each) for each in row["lessons"])
    return Correction(digest, mark, _number(row["time"], 0, 1e11), lessons)


def _lesson(digest: str, row: Any) -> Lesson:
    import numpy as np

    model, embedding = row["model"], base64.b64decode(row["embedding"], validate=True)
    if not isinstance(model, str) or not model.isascii():
        raise ValueError("the model is none")
    if not np.isfinite(np.frombuffer(embedding, "<f2")).all():
        raise ValueError("the embedding holds what is no number")
    return Lesson(digest, model, _number(row["probability"], 0, 1), embedding)


def _number(value: Any, low: float, high: float) -> float:
    number = float(value)
    if not (math.isfinite(number) and low <= number <= high):
        raise ValueError(f"{value!r} is not within {low:g}-{high:g}")
    return number
