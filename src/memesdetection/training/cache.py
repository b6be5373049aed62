"""The cache: what every epoch needs again, computed once and mapped into memory from a file.

Decoded pictures (`Pixels`), so that the network and not decoding is the limit, and the outputs of
frozen layers (`features`), so that a VGG trains in reasonable time without a GPU. These go on where
an interrupted computation stopped. Several trainings may share the folder.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeVar

import keras
import numpy as np
from PIL import Image

from .. import pictures
from ..errors import OutputError, PictureError, UsageError
from ..labels import LabelledPicture
from .screen import SILENT, Screen

LONGEST_SIDE = 320
"""Pictures are kept at most so long, in pixels: room for crops around an input of 224 to 299."""

_LARGEST = float(np.finfo(np.float16).max)

_T = TypeVar("_T")
_U = TypeVar("_U")


class Pixels:
    """Decoded pictures, each uint8 [height, width, 3] (RGB, 0-255), from one file.

    Attributes:
        examples: the labelled pictures that could be read, in the order asked for.
        unreadable: for each other one the picture and the sentence that says why.
    """

    def __init__(
        self,
        examples: Sequence[LabelledPicture],
        size: int | None,
        folder: Path,
        screen: Screen = SILENT,
    ) -> None:
        """Decode the pictures, or find them decoded.

        Args:
            examples: what to decode.
            size: squash each to this side in pixels, exactly as a scan does; None keeps the whole
                picture, its longest side at most `LONGEST_SIDE`.
            folder: where the file is kept.
            screen: shows how far the decoding is.

        Raises:
            UsageError: no picture could be read.
            OutputError: the file cannot be written.
        """
        self.key = digest(
            "pixels", pictures.DECODER_VERSION, size, LONGEST_SIDE, *map(_identity, examples)
        )
        self._file = folder / f"pixels-{self.key}"
        if not self._file.with_suffix(".npz").exists():
            with told_errors(folder):
                self._write(examples, size, screen)
        self._map()
        self.examples = [examples[i] for i in self._read]
        if not self.examples:
            raise UsageError("None of the labelled pictures could be read.")

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, index: int) -> np.ndarray:
        height, width = self._shapes[index]
        start = self._starts[index]
        return self._bytes[start : start + height * width * 3].reshape(height, width, 3)

    def _map(self) -> None:
        table = np.load(self._file.with_suffix(".npz"))
        self._read, self._shapes = table["read"], table["shapes"]
        self.unreadable = list(zip(table["paths"].tolist(), table["errors"].tolist(), strict=True))
        sizes = self._shapes.prod(axis=1, dtype=np.int64) * 3
        self._starts = np.concatenate([[0], np.cumsum(sizes)])
        if len(self._read):  # An empty file cannot be mapped.
            self._bytes = np.memmap(self._file.with_suffix(".u8"), np.uint8, mode="r")

    def _write(self, examples: Sequence[LabelledPicture], size: int | None, screen: Screen) -> None:
        def decoded(example: LabelledPicture) -> np.ndarray | str:
            try:
                content = pictures.read(example.path)
                if size is not None:
                    return pictures.decode(content, size).frames[0]
                return np.asarray(_shrunk(pictures.decode_whole(content)))
            except PictureError as error:
                return str(error)

        self._file.parent.mkdir(parents=True, exist_ok=True)
        read, shapes, unreadable = [], [], []
        new = self._file.with_suffix(f".{os.getpid()}.new")
        # In slices: a pool's results would else pile up in memory when the disk is slow.
        with open(new, "wb") as file, ThreadPoolExecutor(os.cpu_count()) as pool:
            starts = screen.progress(
                range(0, len(examples), 256), -(-len(examples) // 256), "Decoding"
            )
            for start in starts:
                part = examples[start : start + 256]
                for i, pixels in enumerate(pool.map(decoded, part), start):
                    if isinstance(pixels, str):
                        unreadable.append((str(examples[i].path), pixels))
                        continue
                    file.write(pixels.tobytes())
                    read.append(i)
                    shapes.append(pixels.shape[:2])
        new.replace(self._file.with_suffix(".u8"))
        table = self._file.with_suffix(f".{os.getpid()}.npz")
        np.savez(
            table,
            read=np.array(read, dtype=np.int64),
            shapes=np.array(shapes, dtype=np.int32).reshape(-1, 2),
            paths=np.array([path for path, _ in unreadable], dtype=str),
            errors=np.array([error for _, error in unreadable], dtype=str),
        )
        # Last, for its presence says that all is whole.
        table.replace(self._file.with_suffix(".npz"))


def features(
    model: keras.Model,
    batch: Callable[[np.ndarray], np.ndarray],
    count: int,
    key: str,
    folder: Path,
    screen: Screen = SILENT,
    batch_size: int = 32,
) -> np.ndarray:
    """The outputs of a model for all pictures, float16 [count, ...], mapped from a file.

    Args:
        model: from uint8 [N, size, size, 3] to one output.
        batch: from indices int [N] to the model's input for these pictures.
        count: how many pictures there are.
        key: tells all that the outputs depend on, but the model and its weights.
        folder: where the file is kept; one that is only begun is gone on with.

    Raises:
        OutputError: the file cannot be written.
    """
    weights = (weight.tobytes() for weight in model.get_weights())
    name = digest(key, model.compute_dtype, *weights)
    whole, begun = folder / f"features-{name}.f16", folder / f"features-{name}.begun"
    shape = (count, *model.output.shape[1:])
    if not whole.exists():
        with told_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            with _alone(begun) as file:
                if whole.exists():  # Another training has computed them while this one waited.
                    begun.unlink(missing_ok=True)
                else:
                    _go_on(file, model, batch, count, screen, batch_size)
                    if sys.platform == "win32":
                        file.close()  # What is open cannot be renamed there.
                    begun.replace(whole)
    return np.memmap(whole, np.float16, mode="r", shape=shape)


def _go_on(
    file: BinaryIO,
    model: keras.Model,
    batch: Callable[[np.ndarray], np.ndarray],
    count: int,
    screen: Screen,
    batch_size: int,
) -> None:
    """Append the outputs that a file lacks."""
    row = 2 * int(np.prod(model.output.shape[1:]))
    # Whole batches, for the views of a batch depend on where it begins.
    done = file.tell() // row // batch_size * batch_size
    file.truncate(done * row)
    starts = range(done, count, batch_size)
    chosen = (np.arange(start, min(start + batch_size, count)) for start in starts)
    inputs = prefetched(batch, chosen)
    for _ in screen.progress(starts, len(starts), "Computing frozen layers"):
        outputs = model.predict_on_batch(next(inputs)).astype(np.float32)
        file.write(np.clip(outputs, -_LARGEST, _LARGEST).astype(np.float16).tobytes())
    file.flush()


@contextmanager
def _alone(path: Path) -> Iterator[BinaryIO]:
    """Open a file to append to it, when no other process does."""
    with open(path, "ab") as file:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0, os.SEEK_END)
        yield file


def prefetched(compute: Callable[[_T], _U], items: Iterable[_T], ahead: int = 4) -> Iterator[_U]:
    """Yield `compute(item)` of each item, in order, computed some items ahead on other threads."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        waiting: deque[Future[_U]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(compute, item))
                if len(waiting) > ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def digest(*parts: object) -> str:
    """A short name that differs when any part does; parts are bytes or printed alike each time."""
    sha256 = hashlib.sha256()
    for part in parts:
        sha256.update(part if isinstance(part, bytes) else repr(part).encode())
        sha256.update(b"\0")
    return sha256.hexdigest()[:16]


@contextmanager
def told_errors(folder: Path) -> Iterator[None]:
    """Tell a failure to write below a folder as an `OutputError`."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be written: {error.strerror or error}. Make room or name another"
            " folder and start again; it goes on from what is there."
        ) from error


def _identity(example: LabelledPicture) -> tuple[str, int, int]:
    try:
        status = example.path.stat()
    except OSError:
        return str(example.path), 0, 0
    return str(example.path), status.st_size, status.st_mtime_ns


def _shrunk(picture: Image.Image) -> Image.Image:
    if max(picture.size) > LONGEST_SIDE:
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BILINEAR)
    return picture
