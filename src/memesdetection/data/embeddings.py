"""Embeddings of labelled pictures: a model's, or those that a file has."""

from __future__ import annotations

import zipfile
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np

from ..classifier import Classifier
from ..errors import OutputError, PictureError, UsageError
from ..gallery import available_cores
from ..labels import LabelledPicture

_QUEUED = 64


def embed(
    pictures: Sequence[LabelledPicture], classifier: Classifier
) -> Generator[np.ndarray | PictureError, None, None]:
    """Yield each picture's embedding, float32 [channels], or why it cannot be read, in order.

    Raises:
        ModelError: the model file is broken.
    """

    def one(picture: LabelledPicture) -> np.ndarray | PictureError:
        try:
            return classifier.run(classifier.decode(picture.path)).embedding
        except PictureError as error:
            return error

    pending = iter(pictures)
    with ThreadPoolExecutor(available_cores(), thread_name_prefix="embed") as pool:
        waiting = deque(pool.submit(one, picture) for picture in islice(pending, _QUEUED))
        try:
            while waiting:
                outcome = waiting.popleft().result()
                waiting.extend(pool.submit(one, picture) for picture in islice(pending, 1))
                yield outcome
        finally:
            pool.shutdown(cancel_futures=True)


def read_embeddings(file: Path, pictures: Sequence[LabelledPicture], data: Path) -> np.ndarray:
    """Read the embeddings of pictures from a NumPy file of several arrays.

    Args:
        file: `.npz` with `paths`, texts [m], relative to the data folder, with slashes, and
            `embeddings`, float [m, channels].
        pictures: n of them, each among the m.
        data: the data folder.

    Returns:
        float32 [n, channels].

    Raises:
        UsageError: the file is no such file, or lacks a picture.
    """
    try:
        with np.load(file, allow_pickle=False) as arrays:
            paths, values = arrays["paths"], arrays["embeddings"]
    except OSError as error:
        raise UsageError(f"The embeddings {file} cannot be read: {error}.") from error
    except (ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise UsageError(
            f"The embeddings {file} are no .npz file with the arrays paths and embeddings."
        ) from error
    if paths.ndim != 1 or values.ndim != 2 or len(paths) != len(values):
        raise UsageError(f"The embeddings {file} need one row for each of its paths.")
    if not np.issubdtype(values.dtype, np.floating) or not np.isfinite(values).all():
        raise UsageError(f"The embeddings {file} hold what is no number.")
    row_of = {str(path): row for row, path in enumerate(paths)}
    asked = [picture.path.relative_to(data).as_posix() for picture in pictures]
    missing = [path for path in asked if path not in row_of]
    if missing:
        raise UsageError(
            f"The embeddings {file} lack {len(missing)} pictures of train and val,"
            f" such as {missing[0]}."
        )
    return np.asarray(values[[row_of[path] for path in asked]], dtype=np.float32)


def write_embeddings(
    file: Path, pictures: Sequence[LabelledPicture], values: np.ndarray, data: Path
) -> None:
    """Write what `read_embeddings` reads.

    Args:
        file: `.npz`.
        pictures: n of them.
        values: float32 [n, channels].
        data: the data folder.

    Raises:
        OutputError: the disk does not take it.
    """
    paths = np.array([picture.path.relative_to(data).as_posix() for picture in pictures])
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as opened:
            np.savez(opened, paths=paths, embeddings=values)
    except OSError as error:
        raise OutputError(f"{file} cannot be written: {error.strerror}.") from error
