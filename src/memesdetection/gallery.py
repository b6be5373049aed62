"""The gallery scan: verdicts for all pictures of a phone's folder, side by side and remembered."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Generator, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice

from . import pictures
from .classifier import Classifier, Judgement, Thresholds, Verdict
from .errors import DamagedPicture, NotAPicture, PictureError
from .likeness import Influence, Likeness
from .marks import REASONS
from .pictures import FoundFile
from .store import Content, Store

_COMMIT_EVERY = 32
# Findings come in the order of the files; the queue keeps the cores busy behind a slow file.
_QUEUED_PER_WORKER = 16
# Compared with the corrections together, which is faster than one by one.
_LOOKED_UP_TOGETHER = 256


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
    likeness: Likeness | None = None,
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
        likeness: to what the user corrected, which may change the model's verdict.

    Raises:
        ModelError: the model file is broken.
        StoreError: the database failed.
    """
    workers, marks = workers or available_cores(), marks or {}
    waiting: deque[tuple[FoundFile, Future[Content] | _Known]] = deque()
    recorded = 0

    def finish(file: FoundFile, outcome: Future[Content] | _Known) -> Finding:
        nonlocal recorded
        if isinstance(outcome, _Known):
            return _finding(file, outcome.content, classifier, marks, outcome.influence)
        try:
            content = outcome.result()
        except PictureError as error:
            return _finding(file, Content(None, error=str(error)), classifier, marks)
        if store is not None:
            store.record(file, content, classifier.identity)
            recorded += 1
            if recorded % _COMMIT_EVERY == 0:
                store.commit()
        influence = None
        if likeness is not None and content.embedding is not None:
            (influence,) = likeness.influences([content.embedding])
        return _finding(file, content, classifier, marks, influence)

    with ThreadPoolExecutor(workers, thread_name_prefix="judge") as pool:
        try:
            for file, known in _looked_up(files, classifier, store, likeness):
                waiting.append(
                    (file, known or pool.submit(_examine, file, classifier, store, likeness))
                )
                while waiting and (
                    isinstance(waiting[0][1], _Known) or len(waiting) > workers * _QUEUED_PER_WORKER
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


def judgement(
    sha256: str | None,
    probability: float,
    from_camera: bool,
    thresholds: Thresholds,
    marks: Mapping[str, Verdict],
    influence: Influence | None = None,
) -> Judgement:
    """The verdict on a picture with its reason: the user's own, or else the model's.

    Args:
        sha256: of its content, hexadecimal.
        probability: of being a meme by the model, 0-1.
        from_camera: as for `Thresholds.judge`.
        thresholds: the model's.
        marks: the user's own verdicts by SHA-256.
        influence: what corrections of other pictures do to this one.
    """
    if sha256 is not None and sha256 in marks:
        verdict = marks[sha256]
        return Judgement(verdict, probability, REASONS[verdict])
    if influence is not None:
        return influence.judge(probability, from_camera, thresholds)
    return thresholds.judge(probability, from_camera)


@dataclass(frozen=True)
class _Known:
    """A content that need not be read again, and what corrections do to it."""

    content: Content
    influence: Influence | None = None


def _looked_up(
    files: Iterable[FoundFile],
    classifier: Classifier,
    store: Store | None,
    likeness: Likeness | None,
) -> Generator[tuple[FoundFile, _Known | None], None, None]:
    """Yield each file with all that is asked of it, or None where it must be examined."""
    rest = iter(files)
    while some := list(islice(rest, _LOOKED_UP_TOGETHER)):
        contents = [_remembered(file, classifier, store) for file in some]
        influences: dict[str, Influence] = {}
        if likeness is not None and store is not None:
            digests = [one.sha256 for one in contents if one is not None and one.sha256 is not None]
            embeddings = store.embeddings(digests, classifier.identity)
            found = likeness.influences([*embeddings.values()])
            influences = dict(zip(embeddings, found, strict=True))
        for file, content in zip(some, contents, strict=True):
            if content is None:
                yield file, None
                continue
            influence = influences.get(content.sha256 or "")
            lacks = likeness is not None and content.probability is not None and influence is None
            yield file, None if lacks else _Known(content, influence)


def _remembered(file: FoundFile, classifier: Classifier, store: Store | None) -> Content | None:
    if file.error is not None:
        return Content(None, error=file.error)
    known = store.known_file(file, classifier.identity) if store is not None else None
    return known if known is not None and known.is_complete else None


def _examine(
    file: FoundFile, classifier: Classifier, store: Store | None, likeness: Likeness | None
) -> Content:
    """Read a file and judge its content, unless the store knows that content by another name.

    Raises:
        UnreadableFile, HugePicture: not recorded; there may be permission or memory next time.
    """
    if not pictures.looks_like_picture(file.path):
        return Content(None)
    content = pictures.read(file.path)
    digest = hashlib.sha256(content).hexdigest()
    known = store.known_content(digest, classifier.identity) if store else None
    if known is not None and known.is_complete and store is not None:
        if likeness is None or known.probability is None:
            return known
        if embedding := store.embeddings([digest], classifier.identity).get(digest):
            return replace(known, embedding=embedding)
    try:
        picture = classifier.decode(content)
    except (NotAPicture, DamagedPicture) as error:
        return Content(digest, error=str(error))
    outputs = classifier.run(picture)
    return Content(
        digest,
        picture.width,
        picture.height,
        picture.format,
        picture.from_camera,
        probability=outputs.probability,
        embedding=outputs.kept_embedding,
    )


def _finding(
    file: FoundFile,
    content: Content,
    classifier: Classifier,
    marks: Mapping[str, Verdict],
    influence: Influence | None = None,
) -> Finding:
    judged = None
    if content.probability is not None:
        judged = judgement(
            content.sha256,
            content.probability,
            content.from_camera,
            classifier.thresholds,
            marks,
            influence,
        )
    return Finding(
        path=file.path,
        verdict=judged.verdict if judged else None,
        probability=content.probability,
        reason=judged.reason if judged else None,
        bytes=file.bytes,
        width=content.width,
        height=content.height,
        format=content.format,
        sha256=content.sha256,
        model=classifier.identity,
        error=content.error,
    )
