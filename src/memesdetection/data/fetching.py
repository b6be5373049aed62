"""Fetching: each source of a manifest to a raw folder, checked, unpacked, and not twice."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import OutputError, SourceError
from . import packages
from .downloading import client, download
from .raw import TABLE, RawPicture, write_table
from .sources import Source
from .unpacking import missing_pins, unpack

ARCHIVES = "archives"
LOCK = "lock.json"

_FINGERPRINT = ".fetched"

OnBytes = Callable[[Source, int, "int | None"], None]
"""Is told of a source the bytes that are there, and all that there will be if known."""


@dataclass(frozen=True)
class Fetched:
    """What became of one source.

    Attributes:
        source: which.
        pictures: how many there are now.
        missing: how many pictures that the manifest pins are not in the archive.
        error: one sentence on a source that is not to be had, or None.
    """

    source: Source
    pictures: int = 0
    missing: int = 0
    error: str | None = None

    @property
    def is_whole(self) -> bool:
        return self.error is None and not self.missing


class Lock:
    """The hashes of archives as they were at their first download (trust on first use).

    GitHub makes archives on request and does not tell their hash; the file beside the archives
    holds it from the first download on. Threads may share it.
    """

    def __init__(self, file: Path) -> None:
        """Read the lock file, which may not be there yet.

        Raises:
            OutputError: it is broken.
        """
        self._file = file
        self._changing = threading.Lock()
        try:
            self._entries: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            self._entries = {}
        except (OSError, ValueError) as error:
            raise OutputError(f"The lock file {file} is broken; restore or delete it.") from error

    def sha256(self, source: Source) -> str:
        """The hash of a source's archive in this version, or an empty text."""
        entry = self._entries.get(source.name, {})
        return entry["sha256"] if entry.get("version") == source.version else ""

    def record(self, source: Source, sha256: str, size: int) -> None:
        """Keep the hash of a first download.

        Raises:
            OutputError: the file cannot be written.
        """
        with self._changing:
            self._entries[source.name] = {
                "version": source.version,
                "sha256": sha256,
                "bytes": size,
            }
            content = json.dumps(self._entries, indent=2, sort_keys=True) + "\n"
            _write_whole(self._file, content)


def fetch(
    sources: Sequence[Source],
    raw: Path,
    jobs: int = 4,
    keep_archives: bool = False,
    on_bytes: OnBytes = lambda source, done, total: None,
) -> Generator[Fetched, None, None]:
    """Fetch sources side by side, and yield what became of each as it is done.

    A source whose pictures are there already is not fetched again; a download that was cut goes on.
    Closing the generator ends what is running.

    Args:
        sources: of a manifest.
        raw: the folder that gets a folder of pictures with a `pictures.csv` for each source.
        jobs: sources at a time.
        keep_archives: leave the archives in `raw/archives` when their pictures are there.
        on_bytes: is told of the downloads' progress, from several threads.

    Raises:
        OutputError: the disk does not take it.
    """
    archives = raw / ARCHIVES
    try:
        archives.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{archives} cannot be made: {error.strerror}.") from error
    lock = Lock(archives / LOCK)
    stopped = threading.Event()
    with client() as http, ThreadPoolExecutor(jobs, thread_name_prefix="fetch") as pool:

        def one(source: Source) -> Fetched:
            def bytes_of_it(done: int, total: int | None) -> None:
                on_bytes(source, done, total)

            def get(archive: Path) -> None:
                if source.registry:
                    packages.get(source, archive)
                else:
                    download(http, source.address, archive, bytes_of_it, stopped)

            try:
                return _fetch(source, raw, lock, get, keep_archives)
            except SourceError as error:
                return Fetched(source, error=str(error))

        try:
            futures = [pool.submit(one, source) for source in sources]
            for future in as_completed(futures):
                yield future.result()
        finally:
            stopped.set()
            pool.shutdown(cancel_futures=True)


def _fetch(
    source: Source, raw: Path, lock: Lock, get: Callable[[Path], None], keep_archives: bool
) -> Fetched:
    folder = raw / source.folder
    known = _known(source, folder)
    if known is not None:
        return known
    archive = raw / ARCHIVES / source.archive
    if not archive.exists():
        get(archive)
    sha256 = _checked(source, archive, lock)
    try:
        fetched = _unpack(source, archive, folder)
    except SourceError:
        archive.unlink()
        raise
    if not (source.sha256 or lock.sha256(source)):
        lock.record(source, sha256, archive.stat().st_size)
    if not keep_archives:
        archive.unlink()
    return fetched


def _checked(source: Source, archive: Path, lock: Lock) -> str:
    """The archive's hash, which is the manifest's or else the lock's if they have one."""
    with archive.open("rb") as file:
        sha256 = _sha256(file)
    expected, by = source.sha256, "the manifest"
    if not expected:
        expected, by = lock.sha256(source), "the first download"
    if expected and sha256 != expected:
        archive.unlink()
        raise SourceError(
            f"Its archive is not that of {by} (SHA-256 {sha256}, not {expected}):"
            " it was changed or damaged on its way, and is not used."
        )
    return sha256


def _unpack(source: Source, archive: Path, folder: Path) -> Fetched:
    """Unpack beside the folder and put it in place when it is whole."""
    partial = folder.with_name(f".{folder.name}.partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
    except OSError as error:
        raise OutputError(f"{partial} cannot be made: {error.strerror}.") from error
    try:
        unpacked = unpack(archive, source, partial)
        if not unpacked:
            raise SourceError("Its archive has none of the manifest's pictures.")
        write_table(
            partial,
            (
                RawPicture(
                    path=f"{folder.name}/{picture.name}",
                    label=picture.rule.label,
                    split=source.split,
                    kind=picture.rule.kind,
                    language=picture.rule.language,
                    source=source.name,
                    commit=source.version,
                    license=source.license,
                    original=picture.original,
                )
                for picture in sorted(unpacked, key=lambda one: one.name)
            ),
        )
        fetched = Fetched(source, len(unpacked), missing_pins(source, unpacked))
        known = {"of": _fingerprint(source), "pictures": fetched.pictures}
        _write_whole(
            partial / _FINGERPRINT, json.dumps({**known, "missing": fetched.missing}) + "\n"
        )
        shutil.rmtree(folder, ignore_errors=True)
        try:
            partial.replace(folder)
        except OSError as error:
            raise OutputError(f"{folder} cannot be written: {error.strerror}.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return fetched


def _known(source: Source, folder: Path) -> Fetched | None:
    """What was fetched earlier by the same entry of the manifest, or None."""
    try:
        known = json.loads((folder / _FINGERPRINT).read_text(encoding="utf-8"))
        if known["of"] == _fingerprint(source) and (folder / TABLE).is_file():
            return Fetched(source, known["pictures"], known["missing"])
    except (OSError, ValueError, LookupError):
        pass
    return None


def _fingerprint(source: Source) -> str:
    """Changes with whatever in the manifest decides which pictures there are and what they are."""
    rules = [
        [rule.label, rule.kind, rule.language, rule.files, sorted(rule.pins)]
        for rule in source.rules
    ]
    said = [source.name, source.version, source.license, source.split, source.top_folders, rules]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _sha256(file: Any) -> str:
    digest = hashlib.sha256()
    while block := file.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def _write_whole(file: Path, content: str) -> None:
    """Write a small file so that it is there whole or not at all."""
    partial = file.with_name(file.name + ".partial")
    try:
        partial.write_text(content, encoding="utf-8")
        os.replace(partial, file)
    except OSError as error:
        raise OutputError(f"{file} cannot be written: {error.strerror}.") from error
