"""Names of files, which may hold anything, as text that is safe to show."""

from __future__ import annotations


def printable(name: str) -> str:
    """A file name that cannot play tricks on a terminal: control characters are escaped."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in name
    )
