"""Cleaning: originals to small upright JPEGs, on all cores, remembered so that it can go on."""

from __future__ import annotations

import hashlib
import io
import multiprocessing
import os
import shutil
import signal
import sqlite3
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from .. import pictures
from ..classifier import Classifier
from ..errors import MemesError, OutputError, PictureError
from ..gallery import available_cores
from ..looks import perceptual_hash

ID_DIGITS = 14
"""Hexadecimal digits of the original's SHA-1 that name a picture."""

_COMMIT_EVERY = 64
_QUEUED_PER_WORKER = 8


@dataclass(frozen=True)
class Cleaning:
    """How pictures are cleaned.

    Attributes:
        side: longest side of a cleaned picture in pixels; smaller ones stay as they are.
        quality: of its JPEG, 1-95.
        min_side: shortest side of an original that is not dropped as tiny, in pixels.
        model: the shipped model, or a model's folder, whose embeddings compare pictures.
    """

    side: int = 288
    quality: int = 90
    min_side: int = 64
    model: str = "phone"


@dataclass(frozen=True)
class Cleaned:
    """What cleaning found out about one original.

    Attributes:
        sha1: of the original content, hexadecimal; empty where it cannot be read.
        width: pixels of the upright original; 0 where it is no sound picture.
        height: likewise.
        format: of the original, one of `pictures.FORMATS`.
        size: bytes of the original.
        error: one sentence on an original that is dropped, or None.
        hash: perceptual hash, 64 bits.
        embedding: float16 [channels] as bytes.
    """

    sha1: str
    width: int = 0
    height: int = 0
    format: str = ""
    size: int = 0
    error: str | None = None
    hash: int = 0
    embedding: bytes = b""

    @property
    def id(self) -> str:
        return self.sha1[:ID_DIGITS]


class Workshop:
    """A folder of cleaned pictures, with a database of what is known of their originals.

    It serves one way of cleaning: when that or the model changes, it is emptied.
    """

    def __init__(self, folder: Path, how: Cleaning) -> None:
        """Open the folder, or make it.

        Raises:
            OutputError: the disk does not take it.
            ModelError, UsageError: the model cannot be used.
        """
        self.folder = folder
        self.how = how
        # What else decides how a cleaned picture looks.
        settings = repr((asdict(how), pictures.DECODER_VERSION, Classifier(how.model).identity))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with _told(folder), closing(self._connect()) as connection:
                known = connection.execute("SELECT settings FROM settings").fetchone()
            if known is not None and known[0] != settings:
                shutil.rmtree(folder)
                folder.mkdir()
            with _told(folder), closing(self._connect()) as connection, connection:
                connection.execute("INSERT OR IGNORE INTO settings VALUES (1, ?)", [settings])
        except OSError as error:
            raise OutputError(f"{folder} cannot be written: {error.strerror}.") from error

    def path(self, cleaned: Cleaned) -> Path:
        """Where a cleaned picture is."""
        return _path(self.folder, cleaned.sha1)

    def clean(
        self, originals: Sequence[Path], workers: int | None = None
    ) -> Generator[tuple[Path, Cleaned], None, None]:
        """Clean originals side by side and yield what was found out, in order.

        What was cleaned before, and whose original has the same size and time, is not cleaned
        again, also when the last run was interrupted or killed.

        Args:
            originals: paths; one may be missing or no picture.
            workers: processes; by default as many as there are cores for this process.

        Raises:
            OutputError: the disk does not take it.
            ModelError: the model file is broken.
        """
        with _told(self.folder), closing(self._connect()) as connection:
            waiting: deque[tuple[Path, Cleaned | Future[Cleaned], str]] = deque()
            workers = workers or available_cores()
            with _pool(workers, self.folder, self.how) as pool:
                recorded = 0
                try:
                    for path in originals:
                        key = _key(path)
                        known = self._known(connection, path, key)
                        waiting.append((path, known or pool.submit(_clean_one, path), key))
                        while len(waiting) > workers * _QUEUED_PER_WORKER or (
                            waiting and isinstance(waiting[0][1], Cleaned)
                        ):
                            yield _finish(connection, waiting.popleft())
                            recorded += 1
                            if recorded % _COMMIT_EVERY == 0:
                                connection.commit()
                    while waiting:
                        yield _finish(connection, waiting.popleft())
                except BrokenProcessPool as error:
                    raise MemesError(
                        "A process that cleans pictures was ended, perhaps for lack of memory;"
                        " run the same command again, with fewer processes (--jobs)."
                    ) from error
                finally:
                    connection.commit()
                    pool.shutdown(cancel_futures=True)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.folder / "known.sqlite", timeout=30)
        connection.execute(
            "CREATE TABLE IF NOT EXISTS settings (id INTEGER PRIMARY KEY, settings TEXT)"
        )
        connection.execute(
            "CREATE TABLE IF NOT EXISTS cleaned (path TEXT PRIMARY KEY, key TEXT, sha1 TEXT,"
            " width INTEGER, height INTEGER, format TEXT, size INTEGER, error TEXT, hash TEXT,"
            " embedding BLOB)"
        )
        return connection

    def _known(self, connection: sqlite3.Connection, path: Path, key: str) -> Cleaned | None:
        row = connection.execute(
            "SELECT sha1, width, height, format, size, error, hash, embedding FROM cleaned"
            " WHERE path = ? AND key = ?",
            [os.fspath(path), key],
        ).fetchone()
        if row is None:
            return None
        sha1, width, height, picture_format, size, error, digits, embedding = row
        cleaned = Cleaned(
            sha1, width, height, picture_format, size, error, int(digits, 16), embedding
        )
        return cleaned if cleaned.error or self.path(cleaned).is_file() else None


def _finish(
    connection: sqlite3.Connection, waiting: tuple[Path, Cleaned | Future[Cleaned], str]
) -> tuple[Path, Cleaned]:
    path, outcome, key = waiting
    if isinstance(outcome, Cleaned):
        return path, outcome
    cleaned = outcome.result()
    # What could not be read may be readable next time.
    if cleaned.sha1:
        values = (*asdict(cleaned).values(),)
        connection.execute(
            "INSERT OR REPLACE INTO cleaned VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [os.fspath(path), key, *values[:6], f"{cleaned.hash:016x}", cleaned.embedding],
        )
    return path, cleaned


def _pool(workers: int, folder: Path, how: Cleaning) -> ProcessPoolExecutor:
    # A fork would copy this process's threads' locks in whatever state they are.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, context, _start_worker, (folder, how))


_worker: tuple[Path, Cleaning, Classifier]


def _start_worker(folder: Path, how: Cleaning) -> None:
    global _worker
    # Ctrl-C reaches all processes; the first one decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _worker = (folder, how, Classifier(how.model))


def _end_with_parent() -> None:
    """Do not outlive a parent that was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _clean_one(path: Path) -> Cleaned:
    folder, how, classifier = _worker
    return clean(path, folder, how, classifier)


def clean(path: Path, folder: Path, how: Cleaning, classifier: Classifier) -> Cleaned:
    """Clean one original and write it into the workshop's folder.

    It is made upright by EXIF, RGB with transparency on white, an animation's first frame, and
    reduced by Lanczos's filter if a side is longer than `how.side`.

    Raises:
        OutputError: the disk does not take it.
        ModelError: the model file is broken.
    """
    try:
        content = pictures.read(path)
    except PictureError as error:
        return Cleaned("", error=str(error))
    sha1 = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    try:
        image = pictures.decode_whole(content)
    except PictureError as error:
        return Cleaned(sha1, size=len(content), error=str(error))
    width, height, picture_format = image.width, image.height, str(pictures.sniff(content))
    found = Cleaned(sha1, width, height, picture_format, len(content))
    if min(width, height) < how.min_side:
        return replace(found, error=f"A side is shorter than {how.min_side} pixels.")
    image.thumbnail((how.side, how.side), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=how.quality, optimize=True)
    _write(_path(folder, sha1), file.getvalue())
    # Both are of what is trained on.
    decoded = classifier.decode(file.getvalue())
    return replace(
        found,
        hash=perceptual_hash(Image.fromarray(decoded.frames[0])),
        embedding=classifier.run(decoded).embedding.astype(np.float16).tobytes(),
    )


def _path(folder: Path, sha1: str) -> Path:
    return folder / sha1[:2] / f"{sha1}.jpg"


def _key(path: Path) -> str:
    """Changes with the file's content, as far as the file system tells."""
    try:
        status = path.stat()
    except OSError:
        return ""
    return f"{status.st_size}-{status.st_mtime_ns}"


def _write(target: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all, whoever else writes the same."""
    partial = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(exist_ok=True)
        partial.write_bytes(content)
        os.replace(partial, target)
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror}.") from error


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Turn what SQLite raises into an `OutputError`."""
    try:
        yield
    except sqlite3.Error as error:
        raise OutputError(
            f"The database in {folder} cannot be used ({error}); delete that folder to start anew."
        ) from error
