"""Where a clean-up puts files: the system's trash, or a quarantine folder.

On Linux this is the trash of the FreeDesktop specification 1.0, from which any file manager
restores. Send2Trash serves other systems only: it does not say where it put a file, which the
journal must know before the file moves and an undo after.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import time
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from .errors import CleaningError
from .moving import free_name

_SUFFIX = ".trashinfo"
# Only `info` needs the longer name, but both must be alike.
_LONGEST_NAME = 255 - len(_SUFFIX)


class Place(Protocol):
    """Somewhere that files can be put and found again."""

    def choose(self, source: str) -> tuple[str | None, str | None]:
        """A free destination for a file, and the `info` of it; the next call gives another.

        Both are None where the system's own trash is used.

        Args:
            source: absolute, without links in its folders.

        Raises:
            CleaningError: there is no such place.
        """


class Quarantine:
    """A folder in which files keep their paths relative to the folder that is cleaned."""

    def __init__(self, folder: str, cleaned: str) -> None:
        """Take up a folder, which need not be there yet.

        Args:
            folder: absolute, without links in it.
            cleaned: the folder that is cleaned, likewise.
        """
        self._folder, self._cleaned = folder, cleaned
        self._taken: dict[str, set[str]] = {}

    def choose(self, source: str) -> tuple[str | None, str | None]:
        relative, name = os.path.split(os.path.relpath(source, self._cleaned))
        folder = os.path.realpath(os.path.join(self._folder, relative))
        if folder not in self._taken:
            self._taken[folder] = _names_in(folder)
        return os.path.join(folder, _take(name, self._taken[folder])), None


class FreeDesktopTrash:
    """The trash of this user on Linux: in the home, or on each other file system its own."""

    def __init__(self) -> None:
        """Look for nothing yet."""
        self._home = os.path.realpath(_home_trash())
        self._trash_of_device: dict[int, str] = {}
        self._taken: dict[str, set[str]] = {}

    def choose(self, source: str) -> tuple[str | None, str | None]:
        trash = self._for(os.path.dirname(source))
        if trash not in self._taken:
            info = (name.removesuffix(_SUFFIX) for name in _names_in(os.path.join(trash, "info")))
            self._taken[trash] = _names_in(os.path.join(trash, "files")) | {*info}
        name = _take(os.path.basename(source), self._taken[trash], _LONGEST_NAME)
        return (
            os.path.join(trash, "files", name),
            os.path.join(trash, "info", name + _SUFFIX),
        )

    def _for(self, folder: str) -> str:
        """The trash for a folder, made where it is missing."""
        try:
            device = os.stat(folder).st_dev
        except OSError:
            # Whoever moves the file will say so.
            return self._home
        if device not in self._trash_of_device:
            home = self._made_home()
            # The home's trash takes files from everywhere, but has to copy them.
            self._trash_of_device[device] = (
                home if os.stat(home).st_dev == device else _trash_at(_top(folder, device)) or home
            )
        return self._trash_of_device[device]

    def _made_home(self) -> str:
        try:
            _make(self._home)
        except OSError as error:
            raise CleaningError(
                f"The trash {self._home} cannot be made ({error.strerror})."
                " Set its permissions right, or move to a folder by --to."
            ) from error
        return self._home


class SystemTrash:
    """The trash of macOS and Windows."""

    def choose(self, source: str) -> tuple[str | None, str | None]:
        return None, None


def system_trash() -> Place:
    """The trash of this system."""
    return SystemTrash() if sys.platform in ("darwin", "win32") else FreeDesktopTrash()


def send_to_system_trash(path: str) -> None:
    """Put a file into the trash of macOS or Windows.

    Raises:
        OSError: it stays where it is.
    """
    from send2trash import send2trash

    send2trash(path)


def write_info(info: str, source: str, when: float) -> None:
    """Claim a name in a trash by writing where the file of that name comes from.

    Args:
        info: as `Place.choose` gives it.
        source: the file's place, absolute and without links in its folders.
        when: seconds since 1970.

    Raises:
        FileExistsError: the name was taken.
        OSError: it cannot be written, and is not there.
    """
    deleted = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(when))
    text = f"[Trash Info]\n{_path_line(info, source)}\nDeletionDate={deleted}\n".encode("ascii")
    with open(info, "xb", buffering=0) as file:
        try:
            if file.write(text) < len(text):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            os.unlink(info)
            raise


def remove_info(info: str, source: str) -> None:
    """Free a name in a trash, if it is a file from this place that has it; else do nothing."""
    with contextlib.suppress(OSError, UnicodeError):
        text = Path(info).read_text(encoding="ascii")
        # A kill may leave it empty.
        if not text or _path_line(info, source) in text.splitlines():
            os.unlink(info)


def is_in_trash(path: str) -> bool:
    """Whether a path is within this user's trash.

    Args:
        path: absolute, without links in its folders.
    """
    home = os.path.realpath(_home_trash())
    return Path(path).is_relative_to(home) or any(
        part.startswith(".Trash") for part in Path(path).parts
    )


def _path_line(info: str, source: str) -> str:
    """The line that names the source: relative to the top of a file system in its own trash."""
    trash = os.path.dirname(os.path.dirname(info))
    above, name = os.path.split(trash)
    if name.startswith(".Trash-"):
        source = os.path.relpath(source, above)
    elif os.path.basename(above) == ".Trash":
        source = os.path.relpath(source, os.path.dirname(above))
    return f"Path={quote(os.fsencode(source))}"


def _home_trash() -> str:
    data = os.environ.get("XDG_DATA_HOME", "")
    # The specification passes over a relative path.
    if not os.path.isabs(data):
        data = os.path.expanduser("~/.local/share")
    return os.path.join(data, "Trash")


def _top(folder: str, device: int) -> str:
    """The highest folder above one that is on the same file system."""
    while (above := os.path.dirname(folder)) != folder and os.stat(above).st_dev == device:
        folder = above
    return folder


def _trash_at(top: str) -> str | None:
    """The user's trash at the top of a file system, or None where there can be none."""
    user = os.getuid()
    shared = os.path.join(top, ".Trash")
    with contextlib.suppress(OSError):
        status = os.lstat(shared)
        # Without the sticky bit others could put their own folder there.
        if stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX:
            return _own(os.path.join(shared, str(user)), user)
    with contextlib.suppress(OSError):
        return _own(os.path.join(top, f".Trash-{user}"), user)
    return None


def _own(trash: str, user: int) -> str:
    """Make a trash, which must be a folder of the user's own and no link.

    Raises:
        OSError: it is not, or cannot be made.
    """
    with contextlib.suppress(FileExistsError):
        os.mkdir(trash, 0o700)
    status = os.lstat(trash)
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != user:
        raise NotADirectoryError(trash)
    _make(trash)
    return trash


def _make(trash: str) -> None:
    for folder in (trash, os.path.join(trash, "files"), os.path.join(trash, "info")):
        os.makedirs(folder, 0o700, exist_ok=True)


def _names_in(folder: str) -> set[str]:
    try:
        return {*os.listdir(folder)}
    except OSError:
        return set()


def _take(name: str, taken: set[str], longest: int = 255) -> str:
    free = free_name(name, taken.__contains__, longest)
    taken.add(free)
    return free
