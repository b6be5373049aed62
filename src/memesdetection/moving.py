"""Moving one file so that its bytes are never lost, never half there, and never over another."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import shutil
import stat
import sys
from collections.abc import Callable, Collection
from contextlib import suppress
from functools import cache

from .errors import UnmovedFile
from .pictures import modified_ns

_CHUNK = 2**20
LONGEST_NAME = 255
"""Bytes of a file's name that file systems take."""

_AT_FDCWD = -100
_RENAME_NOREPLACE = 1


def move(
    source: str,
    target: str,
    part: str,
    sha256: str,
    size: int,
    mtime_ns: int | None = None,
) -> None:
    """Move a file, if it is still the one that is meant, to a name that is free.

    On one file system that is a rename. To another the file is copied as `part`, put on the disk,
    read again and compared, renamed to `target`, and only then removed from its source.

    Args:
        source: absolute, without links in its folders.
        target: in a folder that is there.
        part: a name beside the target that nothing else uses.
        sha256: of the content that is meant, hexadecimal.
        size: of that content in bytes.
        mtime_ns: its last modification, as `modified_ns` has it; None where any will do.

    Raises:
        UnmovedFile: it stays where it is; the sentence says why.
    """
    try:
        before = check(source, sha256, size, mtime_ns)
        try:
            rename(source, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            _copy_and_remove(source, target, part, sha256, before)
            return
        # Whoever writes to a file knows no hash: what moved must be what was checked.
        if _signature(os.lstat(target)) != _signature(before):
            place = put_back(target, source)
            named = "" if place == source else f" Its name was taken, so it is {place} now."
            raise UnmovedFile(f"It changed while it was being moved; scan again.{named}")
    except OSError as error:
        raise unmoved(error) from error


def rename(source: str, target: str) -> None:
    """Rename a file at once and whole, but never over another.

    Raises:
        FileExistsError: the target's name is taken.
        OSError: as of `os.rename`; EXDEV if the target is on another file system.
    """
    if renameat2 := _renameat2():
        if not renameat2(
            _AT_FDCWD, os.fsencode(source), _AT_FDCWD, os.fsencode(target), _RENAME_NOREPLACE
        ):
            return
        number = ctypes.get_errno()
        if number not in (errno.EINVAL, errno.ENOSYS):
            raise OSError(number, os.strerror(number), source, None, target)
    # This file system, or this system, cannot do both in one step.
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), source, None, target)
    os.rename(source, target)


def put_back(source: str, target: str) -> str:
    """Rename a file to a name, or to a free one like it, and return the path.

    Raises:
        OSError: as of `rename`.
    """
    place = target
    while True:
        try:
            rename(source, place)
            return place
        except FileExistsError:
            place = free_path(target)


def free_path(path: str, taken: Collection[str] = ()) -> str:
    """The path, or one with a number behind its name, which nothing has yet.

    Args:
        path: absolute.
        taken: paths that are not to be had either.
    """
    folder, name = os.path.split(path)

    def is_taken(other: str) -> bool:
        place = os.path.join(folder, other)
        return place in taken or os.path.lexists(place)

    return os.path.join(folder, free_name(name, is_taken))


def free_name(name: str, taken: Callable[[str], bool], longest: int = LONGEST_NAME) -> str:
    """The name, or one with a number behind its stem, which is not taken.

    Args:
        name: of a file.
        taken: whether there is such a name already.
        longest: bytes that it may have; the stem is cut to fit.
    """
    stem, suffix = os.path.splitext(name)
    number = 1
    while True:
        ending = os.fsencode(suffix if number == 1 else f" ({number}){suffix}")
        cut = os.fsencode(stem)[: max(longest - len(ending), 0)]
        # A cut may leave the start of a character; file systems with UTF-8 names refuse that.
        if len(cut) < len(os.fsencode(stem)):
            cut = cut.decode("utf-8", "ignore").encode("utf-8")
        free = os.fsdecode(cut + ending)
        if not taken(free):
            return free
        number += 1


def make_folder(folder: str) -> None:
    """Make a folder, and those that it is in, unless it is there.

    Raises:
        OSError: it cannot be made.
        UnmovedFile: something else has its name.
    """
    try:
        os.makedirs(folder, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise UnmovedFile(f"There is no folder {folder}, and a file is in its way.") from None


def holds(path: str, sha256: str, size: int) -> bool:
    """Whether a regular file is there with this content; False also if it cannot be read."""
    try:
        check(path, sha256, size, None)
    except (OSError, UnmovedFile):
        return False
    return True


def unmoved(error: OSError) -> UnmovedFile:
    """The sentence for the user on why a file was not moved."""
    if isinstance(error, FileNotFoundError):
        return UnmovedFile("It is not there (any more).")
    if isinstance(error, FileExistsError):
        return UnmovedFile("The name that it was to have was taken just now; try again.")
    if error.errno == errno.ELOOP:
        return UnmovedFile("It is a link now.")
    return UnmovedFile(f"It cannot be moved: {error.strerror or error}.")


def check(path: str, sha256: str, size: int, mtime_ns: int | None) -> os.stat_result:
    """Make sure that a file is the one that is meant, and return its status.

    Args:
        path: absolute.
        sha256: of the content that is meant, hexadecimal.
        size: of that content in bytes.
        mtime_ns: its last modification, as `modified_ns` has it; None where any will do.

    Raises:
        OSError: it cannot be read.
        UnmovedFile: it is another, or reached through a link.
    """
    check_folder(os.path.dirname(path))
    # A pipe with that name must not hold the program up.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with open(os.open(path, flags | getattr(os, "O_BINARY", 0)), "rb", buffering=0) as file:
        status = os.fstat(file.fileno())
        if (
            not stat.S_ISREG(status.st_mode)
            or status.st_size != size
            or (mtime_ns is not None and modified_ns(status) != mtime_ns)
            or _digest(file.read, size) != sha256
            # Nothing was written meanwhile.
            or _signature(os.fstat(file.fileno())) != _signature(status)
        ):
            raise UnmovedFile("It is not what was judged (any more); scan again.")
    return status


def check_folder(folder: str) -> None:
    """Make sure that an absolute path leads through no link.

    Raises:
        UnmovedFile: it does.
    """
    if os.path.realpath(folder) != folder:
        raise UnmovedFile("A folder on its path is a link now.")


def _digest(read: Callable[[int], bytes], size: int) -> str:
    digest = hashlib.sha256()
    while chunk := read(min(size + 1, _CHUNK)):
        digest.update(chunk)
    return digest.hexdigest()


def _signature(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _copy_and_remove(
    source: str, target: str, part: str, sha256: str, before: os.stat_result
) -> None:
    """Move to another file system; in whatever way it fails, the source is as it was.

    Raises:
        OSError: a step failed.
        UnmovedFile: the source changed meanwhile.
    """
    try:
        with open(source, "rb") as original, open(part, "xb") as copy:
            shutil.copyfileobj(original, copy, _CHUNK)
            copy.flush()
            os.fsync(copy.fileno())
        shutil.copystat(source, part)
        if not holds(part, sha256, before.st_size):
            raise UnmovedFile("It changed while it was being moved, or its copy is broken.")
        rename(part, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(part)
        raise
    try:
        _sync_folder(os.path.dirname(target))
        if _signature(os.lstat(source)) != _signature(before):
            raise UnmovedFile("It changed while it was being moved; scan again.")
        os.unlink(source)
    except (OSError, UnmovedFile):
        os.unlink(target)
        raise


def _sync_folder(folder: str) -> None:
    """Put the names in a folder on the disk, where the system can."""
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            # Some file systems cannot; a broken disk says otherwise.
            if error.errno not in (errno.EINVAL, errno.ENOTSUP):
                raise
        finally:
            os.close(descriptor)


@cache
def _renameat2() -> Callable[..., int] | None:
    """Linux' rename that replaces nothing; Python has none."""
    if sys.platform != "linux":
        return None
    return getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
