"""Notifications on the desktop, by the system's own `notify-send`."""

from __future__ import annotations

import html
import shutil
import subprocess
from contextlib import suppress

from .names import printable

_PROGRAM = "notify-send"
_PATIENCE = 10


def can_notify() -> bool:
    """Whether the program that shows notifications is there."""
    return shutil.which(_PROGRAM) is not None


def notify(title: str, lines: list[str]) -> None:
    """Show a notification; where no desktop takes it, nothing happens.

    Args:
        title: one line.
        lines: below it; nothing in them is taken for markup.
    """
    body = "\n".join(html.escape(printable(line)) for line in lines)
    command = [_PROGRAM, "--app-name=memes", "--icon=image-x-generic", "--", title, body]
    with suppress(OSError, subprocess.SubprocessError):
        subprocess.run(
            command,
            timeout=_PATIENCE,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
