"""Verdicts on the pictures of a request."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from flask import g

from ..classifier import shipped_models
from ..errors import Busy, JudgeLost, MemesError, NotAPicture, PictureError, UsageError
from ..pictures import FORMATS, sniff
from .state import state
from .uploads import Upload


def judge_all(
    uploads: list[Upload],
    model: str | None = None,
    heat_map: bool = False,
    embedding: bool = False,
) -> Iterator[tuple[Upload, dict[str, Any] | MemesError]]:
    """Yield each picture of a request with what `Judges.judge` says, or why it cannot be judged.

    The pictures of a request are judged one after the other, so that a large request leaves room
    for others.

    Args:
        uploads: the pictures.
        model: name of a model that ships; by default the one of the settings.
        heat_map: whether to draw one for each.
        embedding: whether to return it for each.

    Raises:
        Busy: nothing was judged, as too many other requests are waiting.
        ModelError: the model is broken.
        UsageError: there is no such model.
    """
    settings, judges, metrics = state().settings, state().judges, state().metrics
    model = settings.model if model is None else model
    if model not in shipped_models():
        raise UsageError(f"There is no such model; choose one of {', '.join(shipped_models())}.")
    g.pictures = len(uploads)
    outcome: dict[str, Any] | MemesError
    with judges.place():
        until = time.monotonic() + settings.max_request_seconds
        for number, upload in enumerate(uploads):
            try:
                content = _picture(upload)
                outcome = judges.judge(content, model, heat_map, embedding, until)
                metrics.judge_seconds.labels(model).observe(outcome["milliseconds"] / 1000)
                metrics.pictures.labels(model, outcome["verdict"]).inc()
            except (PictureError, Busy, JudgeLost) as error:
                if number == 0 and isinstance(error, Busy):
                    raise
                metrics.pictures.labels(model, type(error).__name__).inc()
                outcome = error
            yield upload, outcome


def _picture(upload: Upload) -> bytes:
    """The content of an upload, if it starts like a picture: no judge is asked for another."""
    content = upload.content
    if content and sniff(content) is None:
        raise NotAPicture(f"This is not a picture; {', '.join(FORMATS)} are read.")
    return content
