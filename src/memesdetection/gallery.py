"""The gallery scan: verdicts for all pictures of a phone's folder, side by side and remembered."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Generator, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from . import pictures
from .classifier import Classifier, Verdict
from .errors import DamagedPicture, NotAPicture, PictureError
from .marks import REASONS
from .pictures import FoundFile
from .store import Content, Store

_COMMIT_EVERY = 32
# Findings come in the order of the files; the queue keeps the cores busy behind a slow file.
_QUEUED_PER_WORKER = 16


@dataclass(frozen=True)
class Finding:
    """What a scan found out about one file; the fields are those of the JSON output.

    Attributes:
        path: as found below the folder that was named.
        verdict: `meme`, `unsure` or `not_meme`; None where there is no picture to judge.
        probability: of being a meme, 0-1, or None likewise.
        reason: one sentence on the verdict, or None likewise.
        bytes: size of the file.
        width: pixels of the upright picture, or None.
        height: likewise.
        format: one of `pictures.FORMATS`, or None.
        sha256: hexadecimal digest of the content, or None where it was not read.
        model: the model that judged, with the start of its file's digest.
        error: one sentence that says why the picture could not be judged, or None.
    """

    path: str
    verdict: Verdict | None
    probability: float | None
    reason: str | None
    bytes: int
    width: int | None
    height: int | None
    format: str | None
    sha256: str | None
    model: str
    error: str | None

    @property
    def is_picture(self) -> bool:
        """False for a file of another sort, such as a video or a voice message."""
        return self.verdict is not None or self.error is not None


def scan(
    files: Iterable[FoundFile],
    classifier: Classifier,
    store: Store | None = None,
    workers: int | None = None,
    marks: Mapping[str, Verdict] | None = None,
) -> Generator[Finding, None, None]:
    """Yield a finding for each file, in their order.

    What the store knows is not worked out again; what is new is recorded there, also when the
    caller stops early or is interrupted.

    Args:
        files: what `pictures.find` yields.
        classifier: judges; one model is loaded for each worker.
        store: remembers; None to judge all anew.
        workers: threads; by default as many as there are cores for this process.
        marks: the user's own verdicts by SHA-256, which go before the model's.

    Raises:
        ModelError: the model file is broken.
        StoreError: the database failed.
    """
    workers, marks = workers or available_cores(), marks or {}
    waiting: deque[tuple[FoundFile, Future[Content] | Content]] = deque()
    recorded = 0

    def finish(file: FoundFile, outcome: Future[Content] | Content) -> Finding:
        nonlocal recorded
        if isinstance(outcome, Content):
            return _finding(file, outcome, classifier, marks)
        try:
            content = outcome.result()
        except PictureError as error:
            return _finding(file, Content(None, error=str(error)), classifier, marks)
        if store is not None:
            store.record(file, content, classifier.identity)
            recorded += 1
            if recorded % _COMMIT_EVERY == 0:
                store.commit()
        return _finding(file, content, classifier, marks)

    with ThreadPoolExecutor(workers, thread_name_prefix="judge") as pool:
        try:
            for file in files:
                known = None
                if file.error is not None:
                    known = Content(None, error=file.error)
                elif store is not None:
                    known = store.known_file(file, classifier.identity)
                if known is not None and known.is_complete:
                    waiting.append((file, known))
                else:
                    waiting.append((file, pool.submit(_examine, file, classifier, store)))
                while waiting and (
                    isinstance(waiting[0][1], Content)
                    or len(waiting) > workers * _QUEUED_PER_WORKER
                ):
                    yield finish(*waiting.popleft())
            while waiting:
                yield finish(*waiting.popleft())
        finally:
            pool.shutdown(cancel_futures=True)
            if store is not None:
                store.commit()


def available_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _examine(file: FoundFile, classifier: Classifier, store: Store | None) -> Content:
    """Read a file and judge its content, unless the store knows that content by another name.

    Raises:
        UnreadableFile, HugePicture: not recorded; there may be permission or memory next time.
    """
    if not pictures.looks_like_picture(file.path):
        return Content(None)
    content = pictures.read(file.path)
    digest = hashlib.sha256(content).hexdigest()
    known = store.known_content(digest, classifier.identity) if store else None
    if known is not None and known.is_complete:
        return known
    try:
        picture = classifier.decode(content)
    except (NotAPicture, DamagedPicture) as error:
        return Content(digest, error=str(error))
    return Content(
        digest,
        picture.width,
        picture.height,
        picture.format,
        picture.from_camera,
        probability=classifier.run(picture).probability,
    )


def _finding(
    file: FoundFile, content: Content, classifier: Classifier, marks: Mapping[str, Verdict]
) -> Finding:
    verdict, reason = None, None
    if content.probability is not None:
        judgement = classifier.thresholds.judge(content.probability, content.from_camera)
        verdict, reason = judgement.verdict, judgement.reason
        if content.sha256 is not None and content.sha256 in marks:
            verdict = marks[content.sha256]
            reason = REASONS[verdict]
    return Finding(
        path=file.path,
        verdict=verdict,
        probability=content.probability,
        reason=reason,
        bytes=file.bytes,
        width=content.width,
        height=content.height,
        format=content.format,
        sha256=content.sha256,
        model=classifier.identity,
        error=content.error,
    )
