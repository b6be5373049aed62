"""Marks: the verdicts that the user gave, by content, so that they hold for every copy.

They are kept apart from the scan's verdicts: those can be worked out again, these cannot.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from .classifier import Verdict
from .database import Database, data_folder

Mark = Literal["meme", "not_meme"]

REASONS: dict[Verdict, str] = {
    "not_meme": "You kept this picture.",
    "meme": "You marked this picture as a meme.",
}


class Marks(Database):
    """An open database of marks. Use it as a context manager; safe to share between threads."""

    APPLICATION_ID = 0x4D41524B  # "MARK"
    SCHEMA_VERSION = 1
    SCHEMA = """
CREATE TABLE IF NOT EXISTS marks (
    sha256 BLOB PRIMARY KEY,
    verdict TEXT NOT NULL,
    time REAL NOT NULL               -- seconds since 1970
) WITHOUT ROWID;
"""
    SYNCHRONOUS = "FULL"
    HOLDS = "pictures that you kept or marked"
    WITHOUT = ""
    IF_LOST = "Move that file away; what you kept or marked must then be said anew."

    def put(self, digests: Iterable[str], mark: Mark) -> None:
        """Keep the user's verdict on contents, in place of an earlier one.

        Args:
            digests: SHA-256 of each content, hexadecimal.
            mark: the verdict.

        Raises:
            StoreError: it cannot be kept.
        """
        now = time.time()
        with self._writing() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO marks VALUES (?, ?, ?)",
                [(bytes.fromhex(digest), mark, now) for digest in digests],
            )

    def remove(self, digests: Iterable[str]) -> None:
        """Forget the user's verdict on contents, where there is one.

        Raises:
            StoreError: it cannot be kept.
        """
        with self._writing() as connection:
            connection.executemany(
                "DELETE FROM marks WHERE sha256 = ?",
                [(bytes.fromhex(digest),) for digest in digests],
            )

    def all(self) -> dict[str, Verdict]:
        """The user's verdicts by SHA-256, hexadecimal.

        Raises:
            StoreError: they cannot be read.
        """
        with self._reading() as connection:
            rows = connection.execute("SELECT sha256, verdict FROM marks").fetchall()
        return {digest.hex(): verdict for digest, verdict in rows}


def default_path() -> Path:
    """The database in the user's data folder."""
    return data_folder() / "marks.sqlite"


def read_marks() -> dict[str, Verdict]:
    """The user's verdicts by SHA-256, hexadecimal; where there are none, no database is made.

    Raises:
        StoreError: they cannot be read.
    """
    path = default_path()
    if not path.exists():
        return {}
    with Marks(path) as marks:
        return marks.all()
