"""The store: a SQLite database that remembers which file has which content and what it scored.

path, size and mtime lead to a content hash, the hash to facts, scores and embeddings. So an
unchanged file is not read again, a renamed or copied one is read but not judged again, and another
threshold or correction needs no model at all. Each commit is atomic: killed at any moment, the next
scan goes on from there.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .database import Database, data_folder
from .pictures import DECODER_VERSION, FoundFile

_ASKED_AT_ONCE = 500

_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
    path BLOB PRIMARY KEY,           -- absolute, as the file system's bytes
    bytes INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    sha256 BLOB                      -- NULL: not a picture, told by its first bytes
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pictures (
    sha256 BLOB PRIMARY KEY,
    width INTEGER, height INTEGER, format TEXT, from_camera INTEGER,
    error TEXT                       -- why it cannot be decoded; then the rest is NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS scores (
    sha256 BLOB NOT NULL,
    model TEXT NOT NULL,
    probability REAL NOT NULL,
    PRIMARY KEY (sha256, model)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS embeddings (
    sha256 BLOB NOT NULL,
    model TEXT NOT NULL,
    embedding BLOB NOT NULL,         -- float16 [channels], little-endian; none beside old scores
    PRIMARY KEY (sha256, model)
);
CREATE TABLE IF NOT EXISTS decoder (
    version INTEGER PRIMARY KEY      -- one row: what decoded all of the above
);
"""


@dataclass(frozen=True)
class Content:
    """What is known of a file's content.

    Attributes:
        sha256: hexadecimal digest; None for a file that does not start like a picture.
        width: pixels of the upright picture; None where it is no picture or cannot be decoded.
        height: likewise.
        format: one of `pictures.FORMATS`, or None likewise.
        from_camera: EXIF names a camera and an exposure.
        error: the sentence that says why it cannot be decoded, or None.
        probability: of being a meme by the model asked for, 0-1; None if not judged.
        embedding: by that model, float16 [channels], little-endian; None where it was not judged
            just now: what is remembered comes from `Store.embeddings`.
    """

    sha256: str | None
    width: int | None = None
    height: int | None = None
    format: str | None = None
    from_camera: bool = False
    error: str | None = None
    probability: float | None = None
    embedding: bytes | None = None

    @property
    def is_complete(self) -> bool:
        """Nothing is left to be found out by reading the file again."""
        return self.sha256 is None or self.error is not None or self.probability is not None


class Store(Database):
    """An open database of verdicts. Use it as a context manager; safe to share between threads."""

    APPLICATION_ID = 0x4D454D45  # "MEME"
    SCHEMA_VERSION = 3
    SCHEMA = _SCHEMA
    SYNCHRONOUS = "NORMAL"
    HOLDS = "verdicts"
    WITHOUT = ", or scan with --no-cache"
    IF_LOST = (
        "Move that file away and scan again;"
        " it holds nothing but verdicts, and no picture is touched."
    )

    def __init__(self, path: Path) -> None:
        """Open the database at a path, making it and its folder where they are missing.

        Raises:
            DamagedStore: the file is not a sound SQLite database, or not of this program.
            NewerStore: a newer version of the program wrote it.
            StoreError: it cannot be opened, read or written.
        """
        self._unsaved: list[tuple[FoundFile, Content, str]] = []
        super().__init__(path)

    def close(self) -> None:
        """Keep what was recorded and close the database."""
        try:
            self.commit()
        finally:
            super().close()

    def commit(self) -> None:
        """Keep what was recorded so far, whatever happens next."""
        with self._lock, self._translated():
            unsaved, self._unsaved = self._unsaved, []
            if not unsaved:
                return
            # One short transaction, so that another scan never waits for this one's pictures.
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                for file, content, model in unsaved:
                    self._insert(file, content, model)

    def known_file(self, file: FoundFile, model: str) -> Content | None:
        """What is known of a file that still has the path, size and mtime that were recorded."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT f.sha256, width, height, format, from_camera, error, probability"
                " FROM files f LEFT JOIN pictures p ON p.sha256 = f.sha256"
                " LEFT JOIN scores s ON s.sha256 = f.sha256 AND s.model = ?"
                " WHERE path = ? AND bytes = ? AND mtime_ns = ?",
                (model, _key(file.path), file.bytes, file.mtime_ns),
            ).fetchone()
        return _content(row) if row else None

    def known_content(self, sha256: str, model: str) -> Content | None:
        """What is known of a content, whichever file holds it."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT p.sha256, width, height, format, from_camera, error, probability"
                " FROM pictures p LEFT JOIN scores s ON s.sha256 = p.sha256 AND s.model = ?"
                " WHERE p.sha256 = ?",
                (model, bytes.fromhex(sha256)),
            ).fetchone()
        return _content(row) if row else None

    def embeddings(self, digests: Sequence[str], model: str) -> dict[str, bytes]:
        """Embeddings by SHA-256, each float16 [channels], little-endian, where there is one."""
        found = {}
        for start in range(0, len(digests), _ASKED_AT_ONCE):
            asked = [bytes.fromhex(digest) for digest in digests[start : start + _ASKED_AT_ONCE]]
            with self._reading() as connection:
                rows = connection.execute(
                    "SELECT sha256, embedding FROM embeddings WHERE model = ?"
                    f" AND sha256 IN ({', '.join('?' * len(asked))})",
                    (model, *asked),
                ).fetchall()
            found.update({digest.hex(): embedding for digest, embedding in rows})
        return found

    def paths(self, sha256: str) -> list[str]:
        """Where files with a content were when they were last seen, absolute."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT path FROM files WHERE sha256 = ?", (bytes.fromhex(sha256),)
            ).fetchall()
        return [os.fsdecode(path) for (path,) in rows]

    def record(self, file: FoundFile, content: Content, model: str) -> None:
        """Remember a file's content; known, and kept for good, from the next `commit` on."""
        with self._lock:
            self._unsaved.append((file, content, model))

    def _insert(self, file: FoundFile, content: Content, model: str) -> None:
        digest = bytes.fromhex(content.sha256) if content.sha256 else None
        self._connection.execute(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)",
            (_key(file.path), file.bytes, file.mtime_ns, digest),
        )
        if digest is None:
            return
        self._connection.execute(
            "INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?, ?, ?)",
            (
                digest,
                content.width,
                content.height,
                content.format,
                content.from_camera,
                content.error,
            ),
        )
        if content.probability is not None:
            self._connection.execute(
                "INSERT OR REPLACE INTO scores VALUES (?, ?, ?)",
                (digest, model, content.probability),
            )
        if content.embedding is not None:
            self._connection.execute(
                "INSERT OR REPLACE INTO embeddings VALUES (?, ?, ?)",
                (digest, model, content.embedding),
            )

    def _prepare(self) -> None:
        super()._prepare()
        self._forget_other_decoders()

    def _forget_other_decoders(self) -> None:
        """Start anew where another version of the decoder saw other pixels, or failed."""
        if self._is_of_this_decoder():
            return
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            # Two scans may come here at once; the second finds it done.
            if self._is_of_this_decoder():
                return
            for table in ("files", "pictures", "scores", "embeddings", "decoder"):
                self._connection.execute(f"DELETE FROM {table}")
            self._connection.execute("INSERT INTO decoder VALUES (?)", (DECODER_VERSION,))

    def _is_of_this_decoder(self) -> bool:
        versions = self._connection.execute("SELECT version FROM decoder").fetchall()
        return bool(versions == [(DECODER_VERSION,)])


def default_path() -> Path:
    """The database in the user's data folder."""
    return data_folder() / "verdicts.sqlite"


def _key(path: str) -> bytes:
    return os.fsencode(os.path.abspath(path))


def _content(row: tuple[bytes | None, int, int, str, int, str, float]) -> Content:
    digest, width, height, picture_format, from_camera, error, probability = row
    return Content(
        digest.hex() if digest else None,
        width,
        height,
        picture_format,
        bool(from_camera),
        error,
        probability,
    )
