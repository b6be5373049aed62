"""The journal: which file a clean-up moves where, on disk before it moves, and what became of it.

It has a database of its own: the scan's verdicts may be thrown away at any time, this must not be.
A file's state is one of

    moving      at its source, unless at its destination already
    moved       at its destination
    stayed      at its source; `reason` says why
    undoing     at its destination, unless put back already
    restored    put back
    gone        when last looked for, neither at its source nor at its destination

A run that ends in the middle leaves `moving` and `undoing`; `cleaning.settle` finds out about them.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .database import Database, data_folder
from .errors import AlreadyCleaning, StoreError

State = Literal["moving", "moved", "stayed", "undoing", "restored", "gone"]


@dataclass(frozen=True)
class Intent:
    """A file that is to be moved.

    Attributes:
        source: where it is, absolute and without links in its folders.
        destination: where it is to go, likewise; None where the system's trash does not tell.
        info: the file in the trash that names the source, or None.
        bytes: size of what was judged.
        mtime_ns: last modification of what was judged, in nanoseconds since 1970.
        mode: permission bits.
        sha256: of what was judged, hexadecimal.
    """

    source: str
    destination: str | None
    info: str | None
    bytes: int
    mtime_ns: int
    mode: int
    sha256: str


@dataclass(frozen=True)
class Entry(Intent):
    """A file in the journal.

    Attributes:
        id: its number in the journal.
        cleanup: number of the clean-up.
        time: when that began, in seconds since 1970.
        state: as above.
        back: where an undo puts it; None before one.
        reason: one sentence on why it did not go as asked for, or None.
    """

    id: int
    cleanup: int
    time: float
    state: State
    back: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Cleanup:
    """A clean-up in the journal.

    Attributes:
        number: counts from 1.
        time: when it began, in seconds since 1970.
        folder: which was cleaned.
        quarantine: where files went; None for the trash.
        states: how many files are in each state.
        bytes: of the files that are `moved`.
    """

    number: int
    time: float
    folder: str
    quarantine: str | None
    states: dict[State, int]
    bytes: int


class Journal(Database):
    """An open journal. Use it as a context manager; safe to share between threads."""

    APPLICATION_ID = 0x4A524E4C  # "JRNL"
    SCHEMA_VERSION = 1
    SCHEMA = """
CREATE TABLE IF NOT EXISTS cleanups (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    time REAL NOT NULL,              -- seconds since 1970
    folder BLOB NOT NULL,            -- paths are the file system's bytes
    quarantine BLOB                  -- NULL: the trash
);
CREATE TABLE IF NOT EXISTS files (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    cleanup INTEGER NOT NULL REFERENCES cleanups,
    source BLOB NOT NULL,
    destination BLOB,
    info BLOB,
    bytes INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    mode INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    state TEXT NOT NULL,
    back BLOB,
    reason TEXT
);
CREATE INDEX IF NOT EXISTS files_of_cleanup ON files (cleanup, state);
CREATE INDEX IF NOT EXISTS files_by_source ON files (source);
CREATE INDEX IF NOT EXISTS files_unsettled ON files (id) WHERE state IN ('moving', 'undoing');
"""
    # An intent that a crash of the machine forgets would leave a file that nobody knows about.
    SYNCHRONOUS = "FULL"
    HOLDS = "clean-ups"
    WITHOUT = ""
    IF_LOST = (
        "Move that file away; what was moved to the trash or to a quarantine is still there, but"
        " undo no longer knows of it."
    )

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other clean-ups and undos out meanwhile.

        Raises:
            AlreadyCleaning: another is running.
            StoreError: the lock cannot be made.
        """
        # SQLite's lock works everywhere and goes with the process, however that ends.
        lock = self.path.with_suffix(".lock")
        try:
            with closing(sqlite3.connect(lock, timeout=0, isolation_level=None)) as connection:
                connection.execute("BEGIN EXCLUSIVE")
                yield
        except sqlite3.Error as error:
            if "locked" in str(error):
                raise AlreadyCleaning(
                    "Another clean-up or undo is running. Try again when it is through."
                ) from error
            raise StoreError(
                f"The lock {lock} cannot be had: {error}. Make room or set the permissions right."
            ) from error

    def begin(self, folder: str, quarantine: str | None, intents: Sequence[Intent]) -> list[Entry]:
        """Write down a clean-up before any of its files moves; on disk when this returns.

        Raises:
            StoreError: it cannot be kept; then nothing may be moved.
        """
        now = time.time()
        entries = []
        with self._writing() as connection:
            number = connection.execute(
                "INSERT INTO cleanups (time, folder, quarantine) VALUES (?, ?, ?)",
                (now, os.fsencode(folder), _encoded(quarantine)),
            ).lastrowid
            assert number is not None
            for intent in intents:
                row = connection.execute(
                    "INSERT INTO files (cleanup, source, destination, info, bytes, mtime_ns, mode,"
                    " sha256, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'moving')",
                    (
                        number,
                        os.fsencode(intent.source),
                        _encoded(intent.destination),
                        _encoded(intent.info),
                        intent.bytes,
                        intent.mtime_ns,
                        intent.mode,
                        bytes.fromhex(intent.sha256),
                    ),
                ).lastrowid
                assert row is not None
                entries.append(
                    Entry(**vars(intent), id=row, cleanup=number, time=now, state="moving")
                )
        return entries

    def intend(self, entries: Iterable[Entry]) -> None:
        """Keep what is going to happen to files, as `record` does; on disk when this returns.

        Raises:
            StoreError: it cannot be kept; then nothing may be moved.
        """
        self._update(entries)

    def record(self, entries: Iterable[Entry]) -> None:
        """Keep the state, `back` and reason of files.

        A crash of the machine may cost it; `unsettled` has these files then.

        Raises:
            StoreError: it cannot be kept.
        """
        with self._synchronous("NORMAL"):
            self._update(entries)

    def _update(self, entries: Iterable[Entry]) -> None:
        with self._writing() as connection:
            connection.executemany(
                "UPDATE files SET state = ?, back = ?, reason = ? WHERE id = ?",
                [(one.state, _encoded(one.back), one.reason, one.id) for one in entries],
            )

    @contextmanager
    def _synchronous(self, how: str) -> Iterator[None]:
        with self._reading() as connection:
            connection.execute(f"PRAGMA synchronous = {how}")
        try:
            yield
        finally:
            with self._reading() as connection:
                connection.execute(f"PRAGMA synchronous = {self.SYNCHRONOUS}")

    def unsettled(self) -> list[Entry]:
        """The files that a clean-up or undo left in the middle, or is just about to move.

        Raises:
            StoreError: the journal cannot be read.
        """
        return self._entries("state IN ('moving', 'undoing')")

    def gone(self) -> list[Entry]:
        """The files that were nowhere when last looked for.

        Raises:
            StoreError: the journal cannot be read.
        """
        return self._entries("state = 'gone'")

    def files(self, cleanup: int, state: State | None = None) -> list[Entry]:
        """The files of a clean-up, in the order of their moves.

        Args:
            cleanup: its number; one that is not there has no files.
            state: only those in this state.

        Raises:
            StoreError: the journal cannot be read.
        """
        if state is None:
            return self._entries("cleanup = ?", cleanup)
        return self._entries("cleanup = ? AND state = ?", cleanup, state)

    def last_moved_from(self, source: str) -> Entry | None:
        """The file last moved from a place and not put back, or None.

        Args:
            source: absolute, without links in its folders.

        Raises:
            StoreError: the journal cannot be read.
        """
        found = self._entries("source = ? AND state = 'moved'", os.fsencode(source))
        return found[-1] if found else None

    def cleanups(self) -> list[Cleanup]:
        """All clean-ups, the oldest first.

        Raises:
            StoreError: the journal cannot be read.
        """
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT number, time, folder, quarantine FROM cleanups ORDER BY number"
            ).fetchall()
            counts = connection.execute(
                "SELECT cleanup, state, count(*), sum(bytes) FROM files GROUP BY cleanup, state"
            ).fetchall()
        states: dict[int, dict[State, int]] = {row[0]: {} for row in rows}
        moved: dict[int, int] = {}
        for number, state, count, size in counts:
            states[number][state] = count
            if state == "moved":
                moved[number] = size
        return [
            Cleanup(
                number,
                when,
                os.fsdecode(folder),
                _decoded(quarantine),
                states[number],
                moved.get(number, 0),
            )
            for number, when, folder, quarantine in rows
        ]

    def _entries(self, condition: str, *values: Any) -> list[Entry]:
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT source, destination, info, bytes, mtime_ns, mode, sha256, id, cleanup,"
                " (SELECT time FROM cleanups WHERE number = cleanup), state, back, reason"
                f" FROM files WHERE {condition} ORDER BY id",
                values,
            ).fetchall()
        return [
            Entry(
                os.fsdecode(source),
                _decoded(destination),
                _decoded(info),
                size,
                mtime_ns,
                mode,
                sha256.hex(),
                number,
                cleanup,
                when,
                state,
                _decoded(back),
                reason,
            )
            for (
                source,
                destination,
                info,
                size,
                mtime_ns,
                mode,
                sha256,
                number,
                cleanup,
                when,
                state,
                back,
                reason,
            ) in rows
        ]


def default_path() -> Path:
    """The database in the user's data folder."""
    return data_folder() / "cleanups.sqlite"


def _encoded(path: str | None) -> bytes | None:
    return None if path is None else os.fsencode(path)


def _decoded(path: bytes | None) -> str | None:
    return None if path is None else os.fsdecode(path)
