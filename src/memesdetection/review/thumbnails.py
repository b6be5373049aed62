"""Thumbnails: small JPEG of pictures, made when they are asked for and kept in a bounded memory.

They are not kept on the disk: a picture in the trash should leave no copy behind.
"""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from collections.abc import Callable

from ..gallery import available_cores
from ..pictures import decode_small

_QUALITY = 80


class Thumbnails:
    """Thumbnails by content; threads may share it."""

    def __init__(self, side: int, most_bytes: int) -> None:
        """Keep none yet.

        Args:
            side: the most pixels in width and height.
            most_bytes: that are kept; what was not used for longest goes first.
        """
        self._side, self._most_bytes = side, most_bytes
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0
        self._changing = threading.Lock()
        # A decoded picture takes memory, so that no more are decoded at a time than is of use.
        self._decoding = threading.Semaphore(available_cores())

    def known(self, sha256: str) -> bytes | None:
        """The thumbnail of a content if it is kept, or None."""
        with self._changing:
            if sha256 in self._kept:
                self._kept.move_to_end(sha256)
            return self._kept.get(sha256)

    def make(self, sha256: str, read: Callable[[], bytes]) -> bytes:
        """The thumbnail of a content: JPEG, without EXIF.

        Args:
            sha256: of the content.
            read: gives the content, when it is this one's turn; what it raises is passed on.

        Raises:
            PictureError: it cannot be decoded.
        """
        with self._decoding:
            thumbnail = encoded(read(), self._side)
        with self._changing:
            if sha256 not in self._kept:
                self._kept[sha256] = thumbnail
                self._bytes += len(thumbnail)
            while self._bytes > self._most_bytes:
                self._bytes -= len(self._kept.popitem(last=False)[1])
        return thumbnail


def encoded(content: bytes, side: int) -> bytes:
    """A picture as JPEG to look at: nothing of the file but its pixels.

    Args:
        content: the whole file.
        side: the most pixels in width and height.

    Raises:
        PictureError: it cannot be decoded.
    """
    file = io.BytesIO()
    decode_small(content, side).save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
