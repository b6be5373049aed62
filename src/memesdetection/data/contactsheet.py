"""Contact sheets: many pictures at a glance, as one JPEG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

COLUMNS = 10
THUMBNAIL = 112
_GAP = 4


def contact_sheet(paths: Sequence[Path]) -> bytes:
    """A JPEG of small pictures in rows of `COLUMNS`, in order.

    Args:
        paths: pictures that Pillow reads, at least one.
    """
    cell = THUMBNAIL + _GAP
    rows = -(-len(paths) // COLUMNS)
    width = min(len(paths), COLUMNS) * cell + _GAP
    sheet = Image.new("RGB", (width, rows * cell + _GAP), "white")
    for index, path in enumerate(paths):
        with Image.open(path) as opened:
            opened.draft("RGB", (THUMBNAIL, THUMBNAIL))
            small = opened.convert("RGB")
        small.thumbnail((THUMBNAIL, THUMBNAIL))
        row, column = divmod(index, COLUMNS)
        left = column * cell + _GAP + (THUMBNAIL - small.width) // 2
        top = row * cell + _GAP + (THUMBNAIL - small.height) // 2
        sheet.paste(small, (left, top))
    file = io.BytesIO()
    sheet.save(file, "JPEG", quality=80)
    return file.getvalue()
