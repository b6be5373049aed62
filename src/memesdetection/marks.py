"""Marks: the verdicts that the user gave, by content, so that they hold for every copy.

They are kept apart from the scan's verdicts: those can be worked out again, these cannot. Beside a
mark stand the lessons on it: what each model makes of the picture, which is how pictures like it
are known, also when it is gone.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .classifier import Verdict
from .database import Database, data_folder

Mark = Literal["meme", "not_meme"]

REASONS: dict[Verdict, str] = {
    "not_meme": "You kept this picture.",
    "meme": "You marked this picture as a meme.",
}


@dataclass(frozen=True)
class Lesson:
    """What a model makes of a content that the user marked.

    Attributes:
        sha256: of the content, hexadecimal.
        model: identity of the model.
        probability: of being a meme, 0-1.
        embedding: float16 [channels], little-endian.
    """

    sha256: str
    model: str
    probability: float
    embedding: bytes


@dataclass(frozen=True)
class Correction:
    """A mark with all its lessons: what one computer hands to another.

    Attributes:
        sha256: of the content, hexadecimal.
        mark: the user's verdict.
        time: when it was given, in seconds since 1970.
        lessons: one for each model that saw the content; may be empty.
    """

    sha256: str
    mark: Mark
    time: float
    lessons: tuple[Lesson, ...] = ()


class Marks(Database):
    """An open database of marks. Use it as a context manager; safe to share between threads."""

    APPLICATION_ID = 0x4D41524B  # "MARK"
    SCHEMA_VERSION = 2
    SCHEMA = """
CREATE TABLE IF NOT EXISTS marks (
    sha256 BLOB PRIMARY KEY,
    verdict TEXT NOT NULL,
    time REAL NOT NULL               -- seconds since 1970
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lessons (
    sha256 BLOB NOT NULL,
    model TEXT NOT NULL,
    probability REAL NOT NULL,
    embedding BLOB NOT NULL,         -- float16 [channels], little-endian
    PRIMARY KEY (sha256, model)
);
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

    def teach(self, lessons: Iterable[Lesson]) -> None:
        """Keep what models make of marked contents; of contents without a mark nothing is kept.

        Raises:
            StoreError: it cannot be kept.
        """
        with self._writing() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO lessons SELECT sha256, ?, ?, ? FROM marks WHERE sha256 = ?",
                [
                    (one.model, one.probability, one.embedding, bytes.fromhex(one.sha256))
                    for one in lessons
                ],
            )

    def merge(self, corrections: Iterable[Correction]) -> int:
        """Take over corrections; of two verdicts on a content the later holds.

        Returns:
            How many marks are new or other than before.

        Raises:
            StoreError: they cannot be kept.
        """
        changed = 0
        with self._writing() as connection:
            for one in corrections:
                digest = bytes.fromhex(one.sha256)
                before = connection.execute(
                    "SELECT verdict, time FROM marks WHERE sha256 = ?", (digest,)
                ).fetchone()
                if before is None or before[1] < one.time:
                    changed += before is None or before[0] != one.mark
                    connection.execute(
                        "INSERT OR REPLACE INTO marks VALUES (?, ?, ?)",
                        (digest, one.mark, one.time),
                    )
                connection.executemany(
                    "INSERT OR IGNORE INTO lessons VALUES (?, ?, ?, ?)",
                    [
                        (digest, each.model, each.probability, each.embedding)
                        for each in one.lessons
                    ],
                )
        return changed

    def remove(self, digests: Iterable[str]) -> None:
        """Forget the user's verdict on contents, where there is one.

        Raises:
            StoreError: it cannot be kept.
        """
        gone = [(bytes.fromhex(digest),) for digest in digests]
        with self._writing() as connection:
            for table in ("marks", "lessons"):
                connection.executemany(f"DELETE FROM {table} WHERE sha256 = ?", gone)

    def clear(self) -> None:
        """Forget all.

        Raises:
            StoreError: it cannot be done.
        """
        with self._writing() as connection:
            for table in ("marks", "lessons"):
                connection.execute(f"DELETE FROM {table}")

    def all(self) -> dict[str, Verdict]:
        """The user's verdicts by SHA-256, hexadecimal.

        Raises:
            StoreError: they cannot be read.
        """
        with self._reading() as connection:
            rows = connection.execute("SELECT sha256, verdict FROM marks").fetchall()
        return {digest.hex(): verdict for digest, verdict in rows}

    def lessons(self, model: str) -> list[Lesson]:
        """What a model makes of the contents that it saw.

        Raises:
            StoreError: they cannot be read.
        """
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT sha256, probability, embedding FROM lessons WHERE model = ?", (model,)
            ).fetchall()
        return [Lesson(digest.hex(), model, *rest) for digest, *rest in rows]

    def corrections(self) -> list[Correction]:
        """All marks with all lessons, the oldest first.

        Raises:
            StoreError: they cannot be read.
        """
        with self._reading() as connection:
            marks = connection.execute(
                "SELECT sha256, verdict, time FROM marks ORDER BY time, sha256"
            ).fetchall()
            lessons = connection.execute(
                "SELECT sha256, model, probability, embedding FROM lessons ORDER BY model"
            ).fetchall()
        of: dict[bytes, list[Lesson]] = {}
        for digest, *rest in lessons:
            of.setdefault(digest, []).append(Lesson(digest.hex(), *rest))
        return [
            Correction(digest.hex(), verdict, when, tuple(of.get(digest, ())))
            for digest, verdict, when in marks
        ]


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
