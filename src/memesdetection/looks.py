"""Looks: what a picture looks like, in a kilobyte, to find the same picture saved in other ways."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from .database import Database, data_folder

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

SIDE = 32
"""Pixels in width and height of a look."""

MOST_BITS = 4
"""Hashes of the same picture differ in at most so many bits of 64."""

MOST_DIFFERENCE = 4.0
"""And their looks by at most so much a pixel, of 0-255: the hash alone takes texts for alike."""

MOST_DIFFERENCE_ANYWHERE = 12
"""And by at most so much at any pixel: a receipt may differ from another in one number alone."""

_FREQUENCIES = 8


def look(image: Image.Image) -> np.ndarray:
    """The picture's luminance, squashed to a square.

    Returns:
        uint8 [32, 32].
    """
    import numpy as np
    from PIL import Image

    return np.asarray(image.convert("L").resize((SIDE, SIDE), Image.Resampling.BILINEAR))


def perceptual_hash(image: Image.Image) -> int:
    """The picture's 64 lowest frequencies, each as whether it is above their median.

    The DCT hash of Zauner, "Implementation and benchmarking of perceptual image hash functions",
    2010, section 3.2.2, on 32 x 32 pixels of luminance.

    Returns:
        64 bits, 0 to 2^64 - 1; alike pictures differ in few bits.
    """
    return hash_of(look(image))


def hash_of(luminance: np.ndarray) -> int:
    """The `perceptual_hash` of a look.

    Args:
        luminance: uint8 [32, 32], of `look`.
    """
    import numpy as np

    cosines = _cosines()
    # The mean brightness (0, 0) and what is only on an axis say little.
    low = (cosines @ luminance.astype(np.float64) @ cosines.T).ravel()
    return int.from_bytes(np.packbits(low > np.median(low)).tobytes(), "big")


class Stacks:
    """Pictures that look the same, stacked: each gets the number of its stack."""

    def __init__(self) -> None:
        """Begin with none."""
        import numpy as np

        self._hashes = np.empty(0, dtype=np.uint64)
        self._looks = np.empty((0, SIDE, SIDE), dtype=np.uint8)
        self._count = 0

    def put(self, luminance: np.ndarray) -> int:
        """Put a picture onto the stack whose first picture looks most like it, or on a new one.

        Args:
            luminance: uint8 [32, 32], of `look`.

        Returns:
            The stack's number, from 0 on.
        """
        import numpy as np

        own = np.uint64(hash_of(luminance))
        alike = np.flatnonzero(np.bitwise_count(self._hashes[: self._count] ^ own) <= MOST_BITS)
        if len(alike):
            differences = np.abs(self._looks[alike].astype(np.int16) - luminance)
            means = differences.mean(axis=(1, 2))
            means[differences.max(axis=(1, 2)) > MOST_DIFFERENCE_ANYWHERE] = np.inf
            if means.min() <= MOST_DIFFERENCE:
                return int(alike[means.argmin()])
        if self._count == len(self._hashes):
            room = max(256, self._count)
            self._hashes = np.concatenate([self._hashes, np.empty(room, self._hashes.dtype)])
            self._looks = np.concatenate([self._looks, np.empty((room, SIDE, SIDE), np.uint8)])
        self._hashes[self._count], self._looks[self._count] = own, luminance
        self._count += 1
        return self._count - 1


class Looks(Database):
    """An open database of looks by content. Use it as a context manager; threads may share it."""

    APPLICATION_ID = 0x4C4F4F4B  # "LOOK"
    SCHEMA_VERSION = 1
    SCHEMA = """
CREATE TABLE IF NOT EXISTS looks (
    sha256 BLOB PRIMARY KEY,
    luminance BLOB NOT NULL          -- 32 x 32 bytes, row by row
) WITHOUT ROWID;
"""
    SYNCHRONOUS = "NORMAL"
    HOLDS = "looks of pictures"
    WITHOUT = ""
    IF_LOST = "Move that file away; it holds nothing that is not worked out again."

    def put(self, looks: Iterable[tuple[str, np.ndarray]]) -> None:
        """Remember looks.

        Args:
            looks: SHA-256 of a content, hexadecimal, and uint8 [32, 32] of `look`.

        Raises:
            StoreError: they cannot be kept.
        """
        with self._writing() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO looks VALUES (?, ?)",
                [(bytes.fromhex(digest), luminance.tobytes()) for digest, luminance in looks],
            )

    def of(self, sha256: str) -> np.ndarray | None:
        """The look of a content, or None if it is not known.

        Raises:
            StoreError: it cannot be read.
        """
        import numpy as np

        with self._reading() as connection:
            row = connection.execute(
                "SELECT luminance FROM looks WHERE sha256 = ?", (bytes.fromhex(sha256),)
            ).fetchone()
        return np.frombuffer(row[0], np.uint8).reshape(SIDE, SIDE) if row else None


def default_path() -> Path:
    """The database in the user's data folder."""
    return data_folder() / "looks.sqlite"


@cache
def _cosines() -> np.ndarray:
    """The rows 1 to 8 of the discrete cosine transform: float64 [8, 32]."""
    import numpy as np

    frequencies = np.arange(1, _FREQUENCIES + 1)[:, None]
    return np.cos(np.pi * frequencies * (2 * np.arange(SIDE) + 1) / (2 * SIDE))
