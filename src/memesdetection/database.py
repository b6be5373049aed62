"""A SQLite database of this program: opened, marked as its own, and what goes wrong as a sentence.

Each commit is atomic, and several programs may use one database at a time.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Literal, TypeVar

from .errors import DamagedStore, NewerStore, StoreError

_PATIENCE = 30
"""Seconds to wait for another program that is writing."""

_Self = TypeVar("_Self", bound="Database")


class Database:
    """An open database. Use it as a context manager; safe to share between threads.

    A subclass says what it holds and what helps where it cannot be used.
    """

    APPLICATION_ID: ClassVar[int]
    """Marks a file as this database, four letters in ASCII."""

    SCHEMA_VERSION: ClassVar[int]

    SCHEMA: ClassVar[str]
    """Statements that make what is missing, in an empty file or one of an older version."""

    SYNCHRONOUS: ClassVar[Literal["NORMAL", "FULL"]]
    """With NORMAL a crash of the machine may cost the last commits, but never the database."""

    HOLDS: ClassVar[str]
    """What is in it, such as `verdicts`."""

    WITHOUT: ClassVar[str]
    """How to go without it, as the end of a sentence: `, or do this`; may be empty."""

    IF_LOST: ClassVar[str]
    """One sentence that says what to do with a file that cannot be used."""

    def __init__(self, path: Path) -> None:
        """Open the database at a path, making it and its folder where they are missing.

        Raises:
            DamagedStore: the file is not a sound SQLite database, or not this one.
            NewerStore: a newer version of the program wrote it.
            StoreError: it cannot be opened, read or written.
        """
        self.path = path
        self._lock = threading.Lock()
        with self._translated():
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError(
                    f"The folder {path.parent} for the {self.HOLDS} cannot be made"
                    f" ({error.strerror}). Set its permissions right{self.WITHOUT}."
                ) from error
            self._connection = sqlite3.connect(
                path, timeout=_PATIENCE, check_same_thread=False, isolation_level=None
            )
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._translated():
            yield self._connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; what is written is there when this ends."""
        with self._lock, self._translated(), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            yield self._connection

    def _prepare(self) -> None:
        connection = self._connection
        # Tables first: another program may make them now, and marks the database with them.
        tables, application, version = (
            connection.execute(query).fetchone()[0]
            for query in (
                "SELECT count(*) FROM sqlite_master",
                "PRAGMA application_id",
                "PRAGMA user_version",
            )
        )
        if tables and application != self.APPLICATION_ID:
            raise DamagedStore(f"{self.path} is a database of another program. {self.IF_LOST}")
        if version > self.SCHEMA_VERSION:
            raise NewerStore(
                f"The {self.HOLDS} in {self.path} were kept by a newer version of this program."
                f" Update the program{self.WITHOUT}."
            )
        self._set_journal()
        connection.execute(f"PRAGMA synchronous = {self.SYNCHRONOUS}")
        if version < self.SCHEMA_VERSION:
            # Two programs may come here at once; the second finds the tables made.
            connection.executescript(
                f"BEGIN IMMEDIATE; {self.SCHEMA}"
                f" PRAGMA application_id = {self.APPLICATION_ID};"
                f" PRAGMA user_version = {self.SCHEMA_VERSION}; COMMIT;"
            )

    def _set_journal(self) -> None:
        """Write ahead; of several first uses at once SQLite turns all but one away unwaited."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise StoreError(
                f"The {self.HOLDS} in {self.path} cannot be read or kept: {error}."
                f" Make room or set the permissions right{self.WITHOUT}."
            ) from error
        except sqlite3.DatabaseError as error:
            raise DamagedStore(
                f"The {self.HOLDS} in {self.path} are damaged: {error}. {self.IF_LOST}"
            ) from error


def data_folder() -> Path:
    """The user's data folder for this program; `MEMES_DATA` names another."""
    if folder := os.environ.get("MEMES_DATA"):
        return Path(folder)
    import platformdirs

    return platformdirs.user_data_path("memes", appauthor=False)
