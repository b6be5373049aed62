"""What pages of HTML share: templates in which nothing of a user's is markup, small pictures."""

from __future__ import annotations

import base64
import io
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from . import pictures
from .errors import PictureError
from .names import printable

FOLDER = Path(__file__).parent


def templates() -> Environment:
    """The templates beside this module; values come escaped, and control characters are shown."""
    return Environment(
        loader=FileSystemLoader(FOLDER, encoding="utf-8"),
        autoescape=True,
        finalize=lambda value: printable(value) if type(value) is str else value,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def thumbnail(path: str | Path, side: int) -> str | None:
    """A small JPEG in base64 without metadata, or None where the picture cannot be read any more.

    Args:
        path: of the picture.
        side: pixels of the longer side at most.
    """
    try:
        small = pictures.thumbnail(pictures.read(path), side)
    except PictureError:
        return None
    content = io.BytesIO()
    small.save(content, "JPEG", quality=75)
    return base64.b64encode(content.getvalue()).decode()
