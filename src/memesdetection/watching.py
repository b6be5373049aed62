"""Watching: the pictures that come into folders, once they are fully written.

A change that the system tells of only wakes the watch: what is new is found by walking the folders
as a scan does. So a rename, a folder that is moved in, and a change that nobody told of all count.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from . import pictures
from .pictures import FoundFile

SETTLED_SECONDS = 1.0
"""A file that keeps its size and mtime for so long is fully written."""

QUIET_SECONDS = 3.0
"""After so long without a new file, what arrived together is all there."""

POLL_SECONDS = 30.0
"""Time between two looks where the system does not tell of changes."""

UNFINISHED_SUFFIXES = frozenset(
    ".crdownload .download .filepart .opdownload .part .partial .temp .tmp".split()
)
"""Names of what browsers and phones still write; they give a file its own name in the end."""

_TICK_SECONDS = 1.0
# Waking costs little, and an answer to Ctrl-C may take as long.
_STEP_SECONDS = 0.5
# Of the time, while files keep changing in folders of very many.
_LARGEST_SHARE_SPENT_WALKING = 0.05


def arrivals(
    folders: Sequence[Path], tell: Callable[[str], None], poll: float | None = None
) -> Iterator[list[FoundFile]]:
    """Yield, for ever, the files that are new or changed, in batches; first all that are there.

    An empty list comes whenever nothing has arrived for `QUIET_SECONDS`, once after each rush.
    A folder that is not there is told of, and watched as soon as it is.

    Args:
        folders: folders to watch with all below them, as `pictures.find` walks them.
        tell: takes a sentence for the user: a folder is gone or back, or changes are not told.
        poll: seconds between two looks, in place of waiting for the system to tell of changes.
    """
    seen: dict[str, FoundFile] = {}
    pending: dict[str, FoundFile] = {}
    looked = last_arrival = -float("inf")
    pause = SETTLED_SECONDS
    changed, quiet = False, False
    for present, woken in _ticks(folders, tell, poll):
        changed |= woken
        if (changed or pending) and time.monotonic() - looked >= pause:
            changed = False
            started = time.monotonic()
            found = {file.path: file for file in pictures.find(present) if _counts(file)}
            looked = time.monotonic()
            pause = max(SETTLED_SECONDS, (looked - started) / _LARGEST_SHARE_SPENT_WALKING)
            new = {path: file for path, file in found.items() if seen.get(path) != file}
            settled = [file for path, file in new.items() if pending.get(path) == file]
            pending = {path: file for path, file in new.items() if pending.get(path) != file}
            seen = {path: file for path, file in found.items() if path not in pending}
            if settled:
                yield settled
            if settled or pending:
                last_arrival, quiet = time.monotonic(), False
        if not quiet and not pending and time.monotonic() - last_arrival >= QUIET_SECONDS:
            quiet = True
            yield []


def _counts(file: FoundFile) -> bool:
    """False for what is still written, and for what went away while it was looked at."""
    if file.error is not None:
        return os.path.lexists(file.path)
    return os.path.splitext(file.path)[1].lower() not in UNFINISHED_SUFFIXES


def _ticks(
    folders: Sequence[Path], tell: Callable[[str], None], poll: float | None
) -> Iterator[tuple[list[Path], bool]]:
    """Yield about each second the folders that are there, and whether they may have changed."""
    missing: set[Path] = set()
    while True:
        places = _places(folders)
        present = list(places)
        for folder in folders:
            if folder in places and folder in missing:
                missing.remove(folder)
                tell(f"{folder} is there again.")
            elif folder not in places and folder not in missing:
                missing.add(folder)
                tell(f"{folder} is not there.")
        # A look of its own: what came or went while nobody told of it.
        changed = True
        try:
            for told in _looks(poll) if poll or not present else _changes(present):
                yield present, changed or told
                changed = False
                if _places(folders) != places:
                    break
        except (OSError, RuntimeError, UnicodeError) as error:
            # Names that are no valid text and folders that go away end the telling: start it anew.
            if changed and "decode path" not in str(error) and _places(folders) == places:
                tell(_untold(error))
                poll = POLL_SECONDS
            time.sleep(_TICK_SECONDS)
            yield present, True


def _places(folders: Sequence[Path]) -> dict[Path, tuple[int, int]]:
    """Those folders that are there, each with what changes when another takes its place."""
    places = {}
    for folder in folders:
        with suppress(OSError):
            status = folder.stat()
            if stat.S_ISDIR(status.st_mode):
                places[folder] = (status.st_dev, status.st_ino)
    return places


def _changes(folders: list[Path]) -> Iterator[bool]:
    """Yield, at least each tick, whether the system told of a change below the folders.

    Raises:
        OSError, RuntimeError, UnicodeError: the system cannot tell, by whatever watchfiles raises.
    """
    with suppress(PermissionError):
        yield from _watch(folders, pass_over_denied=False)
    # Asked for only where a folder below may not be read: limits, too, are then passed over.
    yield from _watch(folders, pass_over_denied=True)


def _watch(folders: list[Path], pass_over_denied: bool) -> Iterator[bool]:
    from watchfiles import watch

    for changes in watch(
        *folders,
        watch_filter=None,
        step=round(1000 * _STEP_SECONDS),
        rust_timeout=round(1000 * _TICK_SECONDS),
        yield_on_timeout=True,
        force_polling=False,
        ignore_permission_denied=pass_over_denied,
    ):
        yield bool(changes)


def _looks(poll: float | None) -> Iterator[bool]:
    """Yield each tick whether it is time for a look; without an interval it never is."""
    due = time.monotonic() + (poll or float("inf"))
    while True:
        yield (now := time.monotonic()) >= due
        if now >= due and poll:
            due = now + poll
        time.sleep(_TICK_SECONDS)


def _untold(error: Exception) -> str:
    told = f"They are looked through every {POLL_SECONDS:.0f} s instead."
    if "limit" in str(error) or "Too many open files" in str(error):
        return (
            f"The system's limit of watched folders (inotify) is reached. {told} To raise it: sudo"
            " sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=1024"
        )
    return f"The system does not tell of changes in the folders ({error}). {told}"
